//! Where sentences begin and end.

use crate::view::View;

/// A sentence of a view, as indices into the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Index of the first character.
    pub start: usize,
    /// Index after the last character, its full stop included.
    pub end: usize,
}

/// The sentences of a view in order, without surrounding spaces; empty ones
/// are left out.
pub fn sentences(view: &View) -> Vec<Sentence> {
    let chars = view.chars();
    let mut found = Vec::new();
    let mut start = 0;
    for (index, c) in chars.iter().enumerate() {
        let next = chars.get(index + 1);
        let ends = match c {
            '。' | '!' | '?' | ';' | '\n' | '…' => true,
            // A dot within a number or an address ends nothing.
            '.' => next.is_none_or(|next| *next == ' ' || *next == '\n'),
            _ => false,
        };
        if ends {
            push(chars, start, index + 1, &mut found);
            start = index + 1;
        }
    }
    push(chars, start, chars.len(), &mut found);
    found
}

/// The parts of `sentence`, each of as many of its clauses as stay within
/// `most` characters; the sentence itself if it is no longer. A clause that is
/// longer than that is not cut. With 0, each clause by itself.
pub fn clauses(view: &View, sentence: Sentence, most: usize) -> Vec<Sentence> {
    if sentence.end - sentence.start <= most {
        return vec![sentence];
    }
    let chars = view.chars();
    let mut found = Vec::new();
    let (mut start, mut last) = (sentence.start, sentence.start);
    for index in sentence.start..sentence.end {
        // Who writes no commas puts spaces; between Latin words they say nothing.
        let apart = |at: Option<&char>| at.is_some_and(|c| !c.is_ascii());
        let ends = match chars[index] {
            ',' => true,
            ' ' => apart(chars.get(index + 1)) && apart(chars.get(index.wrapping_sub(1))),
            _ => index + 1 == sentence.end,
        };
        if ends {
            if index + 1 - start > most && last > start {
                push(chars, start, last, &mut found);
                start = last;
            }
            last = index + 1;
        }
    }
    push(chars, start, sentence.end, &mut found);
    found
}

fn push(chars: &[char], mut start: usize, mut end: usize, found: &mut Vec<Sentence>) {
    let blank = |index: usize| chars[index] == ' ' || chars[index] == '\n';
    while start < end && blank(start) {
        start += 1;
    }
    while start < end && blank(end - 1) {
        end -= 1;
    }
    if chars[start..end].iter().any(|c| c.is_alphanumeric()) {
        found.push(Sentence { start, end });
    }
}

/// The sentence of `sentences` that the view's character `index` belongs to.
pub fn sentence_at(sentences: &[Sentence], index: usize) -> Option<Sentence> {
    let after = sentences.partition_point(|sentence| sentence.start <= index);
    let sentence = *sentences.get(after.checked_sub(1)?)?;
    (index < sentence.end).then_some(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_at_full_stops_and_line_breaks() {
        let view = View::new("路灯坏了。 谁来修？\n\n3.5 米高, see a.b. Thanks!。。");
        let all = sentences(&view);
        let texts: Vec<String> = all
            .iter()
            .map(|s| view.chars()[s.start..s.end].iter().collect())
            .collect();
        assert_eq!(
            texts,
            ["路灯坏了。", "谁来修?", "3.5 米高, see a.b.", "thanks!"]
        );
        assert_eq!(sentence_at(&all, 1), Some(all[0]));
        assert_eq!(sentence_at(&all, 5), None);
        assert_eq!(sentence_at(&[], 5), None);
    }

    #[test]
    fn a_long_sentence_falls_into_clauses() {
        let parts = |text: &str, most: usize| -> Vec<String> {
            let view = View::new(text);
            let whole = sentences(&view)[0];
            clauses(&view, whole, most)
                .iter()
                .map(|s| view.chars()[s.start..s.end].iter().collect())
                .collect()
        };
        let text = "路灯坏了，没有人修，天黑以后看不见路 请来看看。";
        assert_eq!(
            parts(text, 40),
            ["路灯坏了,没有人修,天黑以后看不见路 请来看看。"]
        );
        assert_eq!(
            parts(text, 10),
            ["路灯坏了,没有人修,", "天黑以后看不见路", "请来看看。"]
        );
        // What has no comma stays whole, and so do Latin words.
        assert_eq!(
            parts("没有逗号的一句话，短", 3),
            ["没有逗号的一句话,", "短"]
        );
        assert_eq!(parts("the lamp is broken", 6), ["the lamp is broken"]);
        assert_eq!(parts("路灯，坏了， 来。", 0), ["路灯,", "坏了,", "来。"]);
    }
}

//! What full-text search sees: terms that SQLite's FTS5 and PostgreSQL's
//! `tsvector` take as they are.

use crate::view::{fold, is_alphanumeric, is_han};

/// Longest term in characters; a longer word is cut into several.
const LONGEST: usize = 64;

/// The terms of a text in order, with repetitions: letters and digits of
/// scripts with spaces as whole words, Han characters, kana and Hangul as
/// overlapping pairs, one such character alone as itself. Everything is
/// folded, so no term holds a space, a quote or an operator.
pub fn search_terms(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    terms(text, |term| found.push(term.iter().collect()));
    found
}

/// The phrases of a query, one for each of its words as set off by spaces and
/// punctuation: the terms of a phrase stand one behind the other in texts
/// that match. A phrase of one CJK character is found by prefix only, for
/// texts hold it in pairs.
pub fn query_terms(query: &str) -> Vec<Vec<String>> {
    query
        .split(|c: char| fold(c).is_some_and(|c| !is_alphanumeric(c)))
        .map(search_terms)
        .filter(|phrase| !phrase.is_empty())
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Script {
    Words,
    Pairs,
    Hangul,
    None,
}

fn script(c: char) -> Script {
    match c {
        _ if is_han(c) => Script::Pairs,
        _ if !c.is_alphanumeric() => Script::None,
        '々'
        | '〇'
        | '\u{3041}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{ff66}'..='\u{ff9f}' => Script::Pairs,
        '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            Script::Pairs
        }
        '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}' => {
            Script::Hangul
        }
        _ => Script::Words,
    }
}

/// Hands each term of [`search_terms`] to `take`, without allocating for it.
pub fn terms(text: &str, mut take: impl FnMut(&[char])) {
    let mut run: Vec<char> = Vec::new();
    let mut kind = Script::None;
    for c in text.chars().filter_map(fold) {
        let next = script(c);
        if next != kind {
            flush(kind, &run, &mut take);
            run.clear();
            kind = next;
        }
        run.push(c);
    }
    flush(kind, &run, &mut take);
}

fn flush(kind: Script, run: &[char], take: &mut impl FnMut(&[char])) {
    match (kind, run.len()) {
        (Script::None, _) | (_, 0) => {}
        (Script::Words, _) => run.chunks(LONGEST).for_each(take),
        (_, 1) => take(run),
        _ => run.windows(2).for_each(take),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_and_words() {
        assert_eq!(search_terms("户口迁移"), ["户口", "口迁", "迁移"]);
        assert_eq!(search_terms("Ｂ超怎么做？"), ["b", "超怎", "怎么", "么做"]);
        assert_eq!(
            search_terms("住在A3区 2026年"),
            ["住在", "a3", "区", "2026", "年"]
        );
        assert_eq!(
            search_terms("ゴミ収集 쓰레기 Мусор"),
            ["ゴミ", "ミ収", "収集", "쓰레", "레기", "мусор"]
        );
        // Marks and signs among the kana are no letters.
        assert_eq!(search_terms("ガ\u{3099}゠゛ス"), ["ガ", "ス"]);
        assert_eq!(search_terms("…\u{301}\u{200d}"), Vec::<String>::new());
    }

    #[test]
    fn a_query_word_is_a_phrase() {
        assert_eq!(
            query_terms("户口 迁移、A3区"),
            [vec!["户口"], vec!["迁移"], vec!["a3", "区"]]
        );
        assert_eq!(query_terms("\" OR 1=1 --"), [["or"], ["1"], ["1"]]);
        assert!(query_terms("  。").is_empty());
    }

    proptest! {
        #[test]
        fn terms_are_safe_to_quote(text in any::<String>()) {
            for term in search_terms(&text) {
                prop_assert!(!term.is_empty() && term.chars().count() <= LONGEST);
                prop_assert!(term.chars().all(char::is_alphanumeric));
            }
        }

        #[test]
        fn a_part_of_a_han_text_is_found_in_it(text in "[一-龥]{2,12}", from in 0usize..11, len in 2usize..6) {
            let part: String = text.chars().skip(from).take(len).collect();
            prop_assume!(part.chars().count() >= 2);
            let whole = search_terms(&text);
            let phrase = &query_terms(&part)[0];
            prop_assert!(whole.windows(phrase.len()).any(|terms| terms == phrase.as_slice()));
        }
    }
}

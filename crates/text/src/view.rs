//! A text folded for matching, with the way back to the original.

use crate::tidy::invisible;

/// A text folded character by character, each of which knows where it stood.
///
/// Folding makes equal what citizens mean to be equal: full-width and circled
/// digits, letters in capitals or with accents, every dash, dot and space. A
/// character of the original gives one character of the view or none.
#[derive(Clone, Debug, Default)]
pub struct View {
    chars: Vec<char>,
    at: Vec<u32>,
}

impl View {
    /// The text folded, without invisible characters.
    pub fn new(text: &str) -> Self {
        Self::filtered(text, |_| true)
    }

    /// The text folded, with nothing left but letters and digits: the form in
    /// which spacing and punctuation cannot hide a value.
    pub fn tight(text: &str) -> Self {
        Self::filtered(text, is_alphanumeric)
    }

    fn filtered(text: &str, keep: impl Fn(char) -> bool) -> Self {
        let mut view = Self::default();
        for (at, c) in (0..).zip(text.chars()) {
            if let Some(c) = fold(c).filter(|c| keep(*c)) {
                view.chars.push(c);
                view.at.push(at);
            }
        }
        view
    }

    /// The folded characters.
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Index in the original of the view's character `index`; of its end, if
    /// the view has no such character.
    pub fn original(&self, index: usize) -> u32 {
        match self.at.get(index) {
            Some(at) => *at,
            None => self.at.last().map_or(0, |at| at + 1),
        }
    }

    /// The stretch of the original that `start..end` of the view came from:
    /// from its first character to behind its last.
    pub fn span(&self, start: usize, end: usize) -> (u32, u32) {
        let first = self.original(start);
        match end.checked_sub(1) {
            Some(last) if end > start => (first, self.original(last) + 1),
            _ => (first, first),
        }
    }

    /// Whether a Latin word or a number starts or ends before `index`.
    pub(crate) fn is_edge(&self, index: usize) -> bool {
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let before = index
            .checked_sub(1)
            .and_then(|before| self.chars.get(before));
        !(word(before) && word(self.chars.get(index)))
    }
}

/// Base letters of U+00C0 to U+017F, `.` where there is none.
const LATIN: &str = "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll\
lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// Whether `c` is one of the Chinese characters that nearly every text is made
/// of (CJK Unified Ideographs). They fold to themselves and are letters; the
/// tables of Unicode, which say so too, take several times longer.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// As [`char::is_alphanumeric`], at once for Chinese characters.
pub fn is_alphanumeric(c: char) -> bool {
    is_han(c) || c.is_alphanumeric()
}

/// Folds one character; `None` for those that cannot be seen.
pub fn fold(c: char) -> Option<char> {
    let digit = |zero: u32| char::from_digit((c as u32 - zero) % 10, 10);
    Some(match c {
        _ if is_han(c) => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '\n' | '\u{20}'..='\u{7e}' => c,
        '\t' | '\r' => ' ',
        '\u{c0}'..='\u{17f}' => match LATIN.as_bytes().get(c as usize - 0xc0) {
            Some(b'.') | None => c,
            Some(base) => char::from(*base),
        },
        // Combining accents, as the accents of precomposed letters go too.
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => return None,
        '\u{660}'..='\u{669}' => digit(0x660)?,
        '\u{6f0}'..='\u{6f9}' => digit(0x6f0)?,
        '\u{1d7ce}'..='\u{1d7ff}' => digit(0x1d7ce)?,
        '①'..='⑨' => digit('①' as u32 - 1)?,
        '❶'..='❾' => digit('❶' as u32 - 1)?,
        '⓪' => '0',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0)?.to_ascii_lowercase(),
        '‐'..='―' | '−' | '﹣' | '➖' => '-',
        '·' | '•' | '‧' | '∙' | '⋅' | '・' | '･' | '●' => '·',
        _ if invisible(c) => return None,
        _ if c.is_whitespace() => ' ',
        _ if c.is_ascii() => c,
        _ => c.to_lowercase().next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        View::new(text).chars().iter().collect()
    }

    #[test]
    fn folds_what_means_the_same() {
        assert_eq!(folded("１３８－①②❸　Ａｂ＠"), "138-123 ab@");
        assert_eq!(folded("José JOSE\u{301} Ÿ ß ÷ ž"), "jose jose y s ÷ z");
        assert_eq!(folded("浙B・1\u{200b}2—3"), "浙b·12-3");
        let tight: String = View::tight("+86 138-0000（1234）").chars().iter().collect();
        assert_eq!(tight, "8613800001234");
    }

    #[test]
    fn chinese_characters_are_letters_without_case() {
        for c in '\u{4e00}'..='\u{9fff}' {
            assert!(is_han(c) && c.is_alphanumeric() && !c.is_whitespace() && !invisible(c));
            assert!(c.to_lowercase().eq([c]), "{c}");
        }
    }

    #[test]
    fn leads_back_to_the_original() {
        let view = View::new("\u{feff}电\u{200b}话１");
        assert_eq!(view.chars(), ['电', '话', '1']);
        assert_eq!(view.span(0, 2), (1, 4));
        assert_eq!(view.span(2, 3), (4, 5));
        assert_eq!(view.span(3, 3), (5, 5));
    }

    proptest! {
        #[test]
        fn spans_stay_inside(text in any::<String>(), a in 0usize..40, b in 0usize..40) {
            let view = View::new(&text);
            let (start, end) = view.span(a.min(view.chars().len()), b.min(view.chars().len()));
            prop_assert!(start <= end && end as usize <= text.chars().count());
        }
    }
}

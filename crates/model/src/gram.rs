//! What the model sees of a text: single characters and pairs of neighbours.

use text::View;

/// What stands for the name of an anonymised or numbered place (`A3区`).
const PLACE: char = '#';
/// What stands for a number.
const NUMBER: char = '0';
/// The most characters of an anonymised place before its 市, 区 or 县.
const PLACE_LETTERS: usize = 4;

/// A character or a pair, with where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gram {
    /// First character.
    pub first: char,
    /// Second character of a pair.
    pub second: Option<char>,
    /// Index in the original of its first character.
    pub start: u32,
    /// Index in the original after its last character.
    pub end: u32,
}

/// The grams of one text, in order.
///
/// Texts are folded; numbers count as one character, names of places that
/// are letters and digits likewise, and no pair reaches over punctuation or
/// a space.
#[derive(Clone, Debug, Default)]
pub struct Grams {
    units: Vec<Unit>,
    /// Letters and digits of the text.
    letters: usize,
    /// Han characters among them.
    han: usize,
}

#[derive(Clone, Copy, Debug)]
struct Unit {
    c: char,
    start: u32,
    end: u32,
    /// Whether it stands right behind the one before.
    joined: bool,
}

impl Grams {
    /// Reads `text`.
    pub fn new(text: &str) -> Self {
        Self::of(&View::new(text))
    }

    /// Reads a text that is folded already.
    pub fn of(view: &View) -> Self {
        let chars = view.chars();
        let mut grams = Self::default();
        grams.units.reserve(chars.len());
        let mut joined = false;
        let mut at = 0;
        while let Some(c) = chars.get(at) {
            if !text::is_alphanumeric(*c) {
                joined = false;
                at += 1;
                continue;
            }
            let (unit, length) = match c {
                'a'..='z' if place(&chars[at..]).is_some() => {
                    (PLACE, place(&chars[at..]).unwrap_or(1))
                }
                '0'..='9' => (NUMBER, run(&chars[at..], |c| c.is_ascii_digit())),
                _ => (*c, 1),
            };
            grams.letters += length;
            grams.han += usize::from(is_han(unit));
            let (start, end) = view.span(at, at + length);
            grams.units.push(Unit {
                c: unit,
                start,
                end,
                joined,
            });
            joined = true;
            at += length;
        }
        grams
    }

    /// How many letters and digits the text has.
    pub fn letters(&self) -> usize {
        self.letters
    }

    /// How many of them are Han characters.
    pub fn han(&self) -> usize {
        self.han
    }

    /// How many pairs it has.
    pub fn pairs(&self) -> usize {
        self.units.iter().skip(1).filter(|unit| unit.joined).count()
    }

    /// The grams: each character, and behind it the pair that it ends.
    pub fn iter(&self) -> impl Iterator<Item = Gram> + '_ {
        self.units.iter().enumerate().flat_map(|(at, unit)| {
            let single = Gram {
                first: unit.c,
                second: None,
                start: unit.start,
                end: unit.end,
            };
            let pair = at
                .checked_sub(1)
                .filter(|_| unit.joined)
                .map(|before| Gram {
                    first: self.units[before].c,
                    second: Some(unit.c),
                    start: self.units[before].start,
                    end: unit.end,
                });
            [Some(single), pair].into_iter().flatten()
        })
    }
}

/// The length of the place's name that `chars` begin with: one letter and at
/// most three digits before 市, 区 or 县.
fn place(chars: &[char]) -> Option<usize> {
    let length = 1 + run(&chars[1..], |c| c.is_ascii_digit());
    (length <= PLACE_LETTERS && matches!(chars.get(length), Some('市' | '区' | '县')))
        .then_some(length)
}

fn run(chars: &[char], of: impl Fn(char) -> bool) -> usize {
    chars.iter().take_while(|c| of(**c)).count()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        Grams::new(text)
            .iter()
            .map(|gram| std::iter::once(gram.first).chain(gram.second).collect())
            .collect()
    }

    #[test]
    fn numbers_and_places_are_one_each() {
        assert_eq!(
            shown("Ａ３区１２０元"),
            ["#", "区", "#区", "0", "区0", "元", "0元"]
        );
        assert_eq!(shown("ab3区"), ["a", "#", "a#", "区", "#区"]);
        assert_eq!(shown("物业，费"), ["物", "业", "物业", "费"]);
        assert_eq!(shown(" 。!"), [] as [String; 0]);
    }

    #[test]
    fn grams_know_where_they_stand() {
        let grams: Vec<Gram> = Grams::new("在\u{200b}A12县，路").iter().collect();
        let spans: Vec<(u32, u32)> = grams.iter().map(|gram| (gram.start, gram.end)).collect();
        assert_eq!(spans, [(0, 1), (2, 5), (0, 5), (5, 6), (2, 6), (7, 8)]);
    }

    proptest! {
        #[test]
        fn spans_stay_inside(text in any::<String>()) {
            let length = text.chars().count() as u32;
            for gram in Grams::new(&text).iter() {
                prop_assert!(gram.start < gram.end && gram.end <= length);
            }
        }
    }
}

//! Looking for many phrases at once.

use crate::view::{View, fold};

/// The form in which a phrase stands in the table of [`Phrases`].
pub fn fold_phrase(phrase: &str) -> String {
    phrase
        .chars()
        .filter_map(fold)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A table of phrases, each with what it stands for.
///
/// It needs no preparation at run time: tables are generated sorted when a
/// handler is built, and phrases with the same first character are neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Phrases<'t, T> {
    table: &'t [(&'t str, T)],
}

/// A phrase found in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'t, T> {
    /// Index of its first character in the view.
    pub start: usize,
    /// Index after its last character in the view.
    pub end: usize,
    /// The phrase as it stands in the table.
    pub phrase: &'t str,
    /// What it stands for.
    pub value: &'t T,
}

impl<'t, T> Phrases<'t, T> {
    /// A table whose phrases are folded (see [`fold_phrase`]), not empty and
    /// sorted by `str`'s order; a phrase may occur several times. A table
    /// that is not sorted does not find everything.
    pub const fn new(table: &'t [(&'t str, T)]) -> Self {
        Self { table }
    }

    /// Every occurrence of every phrase, by start and then by length: phrases
    /// that stand in the same place begin alike, and so the table's order is
    /// that of their length. A phrase of Latin letters counts as whole words
    /// only.
    pub fn all(&self, view: &View) -> Vec<Hit<'t, T>> {
        let chars = view.chars();
        let mut hits = Vec::new();
        for start in 0..chars.len() {
            if !view.is_edge(start) {
                continue;
            }
            // What begins with the characters from `start` to `end`, which are the first `bytes` of each.
            let (mut rest, mut bytes) = (self.table, 0);
            for (end, c) in (start + 1..).zip(&chars[start..]) {
                rest = follow(rest, bytes, *c);
                bytes += c.len_utf8();
                // The shortest stands first.
                let whole = rest.partition_point(|(phrase, _)| phrase.len() == bytes);
                if view.is_edge(end) {
                    hits.extend(rest[..whole].iter().map(|(phrase, value)| Hit {
                        start,
                        end,
                        phrase,
                        value,
                    }));
                }
                rest = &rest[whole..];
                if rest.is_empty() {
                    break;
                }
            }
        }
        hits
    }

    /// The occurrences of [`Phrases::all`] that do not lie within a longer
    /// one: where `医疗保险` stands, `保险` alone does not.
    pub fn longest(&self, view: &View) -> Vec<Hit<'t, T>> {
        let all = self.all(view);
        let mut kept: Vec<Hit<'t, T>> = Vec::with_capacity(all.len());
        for hit in all {
            // Starts never decrease, so only later hits of the same start can be longer.
            while kept
                .last()
                .is_some_and(|last| last.start == hit.start && last.end < hit.end)
            {
                kept.pop();
            }
            let reach = kept.last().map_or(0, |last| last.end);
            let twin = kept
                .last()
                .is_some_and(|last| (last.start, last.end) == (hit.start, hit.end));
            if hit.end > reach || twin {
                kept.push(hit);
            }
        }
        kept
    }
}

/// Those of `table`, all of which are longer than `bytes` and alike up to there, that go on with `c`.
fn follow<'t, T>(table: &'t [(&'t str, T)], bytes: usize, c: char) -> &'t [(&'t str, T)] {
    let next = |phrase: &str| phrase[bytes..].chars().next().cmp(&Some(c));
    let from = table.partition_point(|(phrase, _)| next(phrase).is_lt());
    let to = table[from..].partition_point(|(phrase, _)| next(phrase).is_eq());
    &table[from..from + to]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TABLE: &[(&str, u8)] = &[
        ("gas", 1),
        ("gas leak", 2),
        ("保险", 3),
        ("医疗", 4),
        ("医疗保险", 5),
        ("医疗保险", 6),
    ];

    fn found(hits: Vec<Hit<'_, u8>>) -> Vec<(usize, usize, u8)> {
        hits.iter()
            .map(|hit| (hit.start, hit.end, *hit.value))
            .collect()
    }

    #[test]
    fn finds_all_or_the_longest() {
        let table = Phrases::new(TABLE);
        let view = View::new("医疗保险和保险");
        assert_eq!(
            found(table.all(&view)),
            [(0, 2, 4), (0, 4, 5), (0, 4, 6), (2, 4, 3), (5, 7, 3)]
        );
        assert_eq!(
            found(table.longest(&view)),
            [(0, 4, 5), (0, 4, 6), (5, 7, 3)]
        );
    }

    proptest! {
        #[test]
        fn finds_what_stands_there(words in proptest::collection::btree_set("[ab火水é]{1,3}", 0..20), text in "[ab火水é ]{0,30}") {
            let table: Vec<(&str, ())> = words.iter().map(|word| (word.as_str(), ())).collect();
            let view = View::new(&text);
            let mut expected = Vec::new();
            for start in 0..view.chars().len() {
                for end in start + 1..=view.chars().len() {
                    let part: String = view.chars()[start..end].iter().collect();
                    if words.contains(&part) && view.is_edge(start) && view.is_edge(end) {
                        expected.push((start, end));
                    }
                }
            }
            let hits = Phrases::new(&table).all(&view);
            prop_assert_eq!(hits.iter().map(|hit| (hit.start, hit.end)).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn takes_latin_words_whole() {
        let table = Phrases::new(TABLE);
        assert_eq!(
            found(table.longest(&View::new("A Gas Leak!"))),
            [(2, 10, 2)]
        );
        assert_eq!(found(table.all(&View::new("gasoline, Vegas"))), []);
        assert_eq!(found(table.all(&View::new(""))), []);
    }
}

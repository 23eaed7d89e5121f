//! What speaks for which category.

use std::collections::{BTreeMap, BTreeSet};

use text::{Phrases, View};

use crate::tables::{CATEGORIES, KEYWORDS, top};
use crate::{Field, Span};

/// A word in the subject counts as much as two in the body.
const SUBJECT: u32 = 2;

/// A keyword with where it stands first.
struct Word {
    phrase: &'static str,
    category: u16,
    /// Weight in hundredths, by the field that it stands in.
    weight: u32,
    span: Option<Span>,
}

/// The keywords found in an inquiry.
pub(crate) struct Evidence {
    words: Vec<Word>,
}

impl Evidence {
    /// Looks for keywords in subject, body and supplements. A word counts
    /// once in each, however often it is said.
    pub fn gather(texts: &[(Field, View)]) -> Self {
        let mut words: Vec<Word> = Vec::new();
        for (field, view) in texts {
            let mut hits = Phrases::new(KEYWORDS).longest(view);
            // The same word of the same category again adds nothing.
            hits.sort_unstable_by(|a, b| {
                (a.phrase, a.value.0, a.start).cmp(&(b.phrase, b.value.0, b.start))
            });
            hits.dedup_by(|a, b| (a.phrase, a.value.0) == (b.phrase, b.value.0));
            let factor = if *field == Field::Subject { SUBJECT } else { 1 };
            words.extend(hits.into_iter().map(|hit| {
                let (start, end) = view.span(hit.start, hit.end);
                // Supplements are several texts, which a span cannot tell apart.
                let span = (*field != Field::Supplement).then_some(Span {
                    field: *field,
                    start,
                    end,
                });
                let (category, weight) = *hit.value;
                Word {
                    phrase: hit.phrase,
                    category,
                    weight: u32::from(weight) * factor,
                    span,
                }
            }));
        }
        // Neither does a word that one supplement repeats after another.
        words.sort_unstable_by_key(|word| {
            word.span
                .map_or((2, 0), |span| (span.field as u8, span.start))
        });
        let mut said = BTreeSet::new();
        words.retain(|word| said.insert((word.phrase, word.category)) || word.span.is_some());
        Self { words }
    }

    /// Where the words stand that speak for `category` or, if it is of the
    /// first level, for those below it.
    pub fn spans(&self, category: u16) -> Vec<Span> {
        let first_level = CATEGORIES[usize::from(category)].1.is_none();
        let mut spans: Vec<Span> = self
            .words
            .iter()
            .filter(|word| {
                word.category == category || (first_level && top(word.category) == category)
            })
            .filter_map(|word| word.span)
            .collect();
        spans.sort_unstable_by_key(|span| (span.field as u8, span.start, span.end));
        spans.dedup();
        spans
    }
}

/// Scores in hundredths of a weight, best first.
pub(crate) struct Scores {
    /// Categories of the first level, with all that speaks for those below.
    pub tops: Vec<(u16, u32)>,
    children: Vec<(u16, u32)>,
}

impl Scores {
    /// Adds up what was found.
    pub fn add_up(evidence: &Evidence) -> Self {
        let mut all = vec![0u32; CATEGORIES.len()];
        let mut tops = vec![0u32; CATEGORIES.len()];
        // The same word in the same place may stand for several sisters; to
        // their parent it speaks once, with its greatest weight.
        let mut best = BTreeMap::new();
        for word in &evidence.words {
            let index = usize::from(word.category);
            all[index] = all[index].saturating_add(word.weight);
            let place = word.span.map(|span| (span.field as u8, span.start));
            let weight = best
                .entry((word.phrase, place, top(word.category)))
                .or_insert(0);
            *weight = word.weight.max(*weight);
        }
        for ((_, _, top), weight) in best {
            let index = usize::from(top);
            tops[index] = tops[index].saturating_add(weight);
        }
        let ranked = |scores: Vec<u32>, first_level: bool| {
            let mut ranked: Vec<(u16, u32)> = (0..)
                .zip(scores)
                .filter(|(category, score)| {
                    *score > 0 && CATEGORIES[usize::from(*category)].1.is_none() == first_level
                })
                .collect();
            ranked.sort_unstable_by_key(|(category, score)| (std::cmp::Reverse(*score), *category));
            ranked
        };
        Self {
            tops: ranked(tops, true),
            children: ranked(all, false),
        }
    }

    /// The categories below `top` that anything speaks for, best first.
    pub fn below(&self, of: u16) -> Vec<(u16, u32)> {
        self.children
            .iter()
            .copied()
            .filter(|(category, _)| top(*category) == of)
            .collect()
    }
}

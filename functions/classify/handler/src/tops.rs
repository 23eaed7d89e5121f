//! The categories of the first level: what the model has learned, and what
//! only keywords find.

use crate::confidence;
use crate::learned::Learned;
use crate::score::Scores;
use crate::tables::LABELLED;

/// When keywords go before the model: when their confidence, less so many
/// tenths of the model's, is at least so much, in ten-thousandths.
struct Rule {
    tenths: i32,
    least: i32,
}

/// For categories that the model has not learned, and so cannot know of: it is
/// sure of another one whenever a message only touches that (who wants to move
/// a household registration has bought a flat).
const UNLEARNED: Rule = Rule {
    tenths: 2,
    least: 6_600,
};
/// For those that it has learned, where it is right far more often than
/// keywords: only the strongest go before it.
const LEARNED: Rule = Rule {
    tenths: 5,
    least: 7_000,
};

/// What becomes of the odds of the model's first category when keywords say
/// the same and when they say another that it has learned, in hundredths:
/// among messages of equal confidence these were the odds of being right
/// against those of all, in predictions of rows that were not learned from.
const AGREED: u32 = 140;
const CONTRADICTED: u32 = 50;

impl Rule {
    fn decides(&self, words: u16, model: u16) -> bool {
        i32::from(words) - self.tenths * i32::from(model) / 10 >= self.least
    }
}

/// The categories of the first level, best first, each with how sure it is in
/// ten-thousandths.
pub(crate) struct Tops {
    pub all: Vec<(u16, u16)>,
}

impl Tops {
    /// Decides between model and keywords.
    pub fn decide(learned: &Learned, scores: &Scores) -> Self {
        let tops = learned.tops();
        let words = by_words(scores);
        if learned.says_little() && !words.is_empty() {
            return Self { all: words };
        }
        let (Some((word, sure)), Some((first, model))) =
            (words.first().copied(), tops.first().copied())
        else {
            return Self {
                all: if tops.is_empty() { words } else { tops },
            };
        };
        let known = LABELLED.contains(&Some(word));
        let rule = if known { LEARNED } else { UNLEARNED };
        let all = if word == first {
            shift(tops, odds(model, AGREED))
        } else if rule.decides(sure, model) {
            let others = tops.into_iter().filter(|(top, _)| *top != word);
            let mut all = vec![(word, 0)];
            all.extend(others);
            shift(all, sure)
        } else if known {
            shift(tops, odds(model, CONTRADICTED))
        } else {
            // A person who looks at the list should find it there.
            let rest = sure.min(10_000 - model).min(model);
            let mut all = tops;
            all.push((word, rest));
            all
        };
        Self { all: in_order(all) }
    }
}

/// `sure` with its odds multiplied by `hundredths`.
fn odds(sure: u16, hundredths: u32) -> u16 {
    let (right, wrong) = (
        u32::from(sure) * hundredths,
        (10_000 - u32::from(sure)) * 100,
    );
    (u64::from(right) * 10_000 / u64::from((right + wrong).max(1))) as u16
}

/// Gives the first of `all` the confidence `sure`, and the others, in their
/// proportions, what it leaves.
fn shift(mut all: Vec<(u16, u16)>, sure: u16) -> Vec<(u16, u16)> {
    let rest: u32 = all[1..].iter().map(|(_, sure)| u32::from(*sure)).sum();
    for (_, other) in &mut all[1..] {
        let part = u32::from(10_000 - sure) * u32::from(*other) / rest.max(1);
        *other = part.min(u32::from(sure)) as u16;
    }
    all[0].1 = sure;
    all
}

/// Best first; the order of equals stays.
fn in_order(mut all: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    all.sort_by_key(|(_, sure)| std::cmp::Reverse(*sure));
    all
}

/// What keywords alone say.
fn by_words(scores: &Scores) -> Vec<(u16, u16)> {
    let Some((_, first)) = scores.tops.first().copied() else {
        return Vec::new();
    };
    let second = scores.tops.get(1).map_or(0, |(_, score)| *score);
    let sure = confidence::of_top(first, second);
    let mut all: Vec<(u16, u16)> = scores
        .tops
        .iter()
        .map(|(top, score)| (*top, (*score).min(u32::from(u16::MAX)) as u16))
        .collect();
    all[0].1 = sure;
    shift(all, sure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_move_confidence() {
        assert_eq!(odds(5_000, 100), 5_000);
        assert!(odds(8_000, AGREED) > 8_000 && odds(8_000, CONTRADICTED) < 8_000);
        assert_eq!((odds(0, AGREED), odds(10_000, CONTRADICTED)), (0, 10_000));
    }

    #[test]
    fn the_others_share_what_is_left() {
        assert_eq!(
            shift(vec![(3, 0), (1, 6_000), (2, 2_000)], 6_000),
            [(3, 6_000), (1, 3_000), (2, 1_000)]
        );
        assert_eq!(shift(vec![(3, 0)], 9_000), [(3, 9_000)]);
    }

    #[test]
    fn keywords_go_first_where_the_model_cannot_know() {
        assert!(UNLEARNED.decides(9_600, 3_300) && !UNLEARNED.decides(7_500, 9_000));
        assert!(!LEARNED.decides(8_000, 3_000) && LEARNED.decides(9_000, 3_000));
    }
}

//! The default handler of the stage classify: what a case is about.
//!
//! A trained model says which of the categories that it has learned a message
//! belongs to, and how sure that is. The keywords of the district's categories
//! say which of those below it, and find the categories that there was nothing
//! to learn from.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "classify-handler",
        additional_derives: [PartialEq],
    });
}

mod confidence;
mod learned;
mod score;
mod tables;
mod tops;

pub use bindings::exports::wenzheng::handlers::classify::{
    Abstention, Classification, RankedCategory,
};
pub use bindings::wenzheng::handlers::types::{
    About, CaseKind, Error, Field, Inquiry, Span, Urgency,
};

use learned::Learned;
use model::Grams;
use score::{Evidence, Scores};
use text::{Language, View};
use tops::Tops;

/// At most as many categories are ranked.
const RANKED: usize = 5;
/// At most as many words are shown for a category.
const SHOWN: usize = 12;
/// Characters of all texts together. The limits of the platform let less
/// through; what is longer is no message of a citizen.
const LONGEST: usize = 65_536;

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-classify".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Classifies `inquiry`; leaves it to a person when the best confidence is
/// below `threshold`, in ten-thousandths.
///
/// A category of the second level is decided where it stands out among its
/// sisters, else the one above it: so nothing but the first level is decided
/// with a threshold of 10,000.
pub fn classify(inquiry: &Inquiry, threshold: u16) -> Classification {
    if too_long(inquiry) {
        return abstain(Abstention::UnusualText);
    }
    let texts = read(inquiry);
    let grams: Vec<Grams> = texts.iter().map(|(_, view)| Grams::of(view)).collect();
    if grams.iter().all(|grams| grams.letters() == 0) {
        return abstain(Abstention::NoText);
    }
    if foreign(inquiry, &grams) {
        return abstain(Abstention::UnknownLanguage);
    }
    let evidence = Evidence::gather(&texts);
    let scores = Scores::add_up(&evidence);
    let learned = Learned::judge(&grams);
    if scores.tops.is_empty() && !learned.knows_enough() {
        return abstain(Abstention::NoEvidence);
    }
    if learned.is_strange() {
        return abstain(Abstention::UnusualText);
    }
    let tops = Tops::decide(&learned, &scores);
    let ranked = rank(&tops, &scores, &evidence, &learned, threshold);
    let sure = ranked
        .first()
        .is_some_and(|first| first.confidence >= threshold);
    Classification {
        ranked,
        abstained: (!sure).then_some(Abstention::BelowThreshold),
    }
}

fn abstain(reason: Abstention) -> Classification {
    Classification {
        ranked: Vec::new(),
        abstained: Some(reason),
    }
}

/// A text of `n` bytes has at least a quarter as many characters, so most
/// texts need not be counted.
fn too_long(inquiry: &Inquiry) -> bool {
    let texts = || {
        [&inquiry.subject, &inquiry.body]
            .into_iter()
            .chain(&inquiry.supplements)
    };
    texts().map(String::len).sum::<usize>() > LONGEST
        && texts().map(|text| text.chars().count()).sum::<usize>() > LONGEST
}

/// Subject, body and supplements, folded; a supplement that says the same as
/// an earlier one says nothing more.
fn read(inquiry: &Inquiry) -> Vec<(Field, View)> {
    let supplements = inquiry
        .supplements
        .iter()
        .enumerate()
        .filter(|(at, text)| !inquiry.supplements[..*at].contains(text))
        .map(|(_, text)| (Field::Supplement, text));
    [
        (Field::Subject, &inquiry.subject),
        (Field::Body, &inquiry.body),
    ]
    .into_iter()
    .chain(supplements)
    .map(|(field, text)| (field, View::new(text)))
    .collect()
}

/// Whether subject and body are in a language that neither model nor keywords
/// know. Where most letters are Han, only kana could make it another one.
fn foreign(inquiry: &Inquiry, grams: &[Grams]) -> bool {
    let (letters, han) = grams.iter().fold((0, 0), |(letters, han), grams| {
        (letters + grams.letters(), han + grams.han())
    });
    if 10 * han >= 9 * letters {
        return false;
    }
    let sample = format!("{}\n{}", inquiry.subject, inquiry.body);
    !matches!(
        text::language(&sample),
        Language::Chinese | Language::Undetermined
    )
}

fn rank(
    tops: &Tops,
    scores: &Scores,
    evidence: &Evidence,
    learned: &Learned,
    threshold: u16,
) -> Vec<RankedCategory> {
    let mut ranked: Vec<(u16, u16)> = Vec::new();
    let second = tops.all.get(1).map_or(0, |(_, sure)| *sure);
    for (place, (top, sure)) in tops.all.iter().copied().enumerate() {
        let below = scores.below(top);
        let share = |place: usize| {
            let rival = if place == 0 {
                below.get(1)
            } else {
                below.first()
            }
            .map_or(0, |(_, score)| *score);
            confidence::of_child(sure, below[place].1, rival)
        };
        match below.first() {
            None => ranked.push((top, sure)),
            Some((child, _)) => {
                let own = share(0);
                // The parent stands where the child cannot be decided, or
                // would come behind a category that is less likely than the parent.
                if place == 0 && (own < threshold || own <= second) {
                    ranked.push((top, sure));
                }
                ranked.push((*child, own));
                if place == 0 && below.len() > 1 {
                    ranked.push((below[1].0, share(1).min(own)));
                }
            }
        }
    }
    ranked.sort_by_key(|(category, confidence)| (std::cmp::Reverse(*confidence), *category));
    ranked.truncate(RANKED);
    ranked
        .into_iter()
        .enumerate()
        .map(|(place, (category, confidence))| RankedCategory {
            category: tables::CATEGORIES[usize::from(category)].0.into(),
            confidence,
            evidence: spans(category, place, evidence, learned),
        })
        .collect()
}

/// The citizen's words for `category`: its keywords, and for the first of the
/// list what the model went by.
fn spans(category: u16, place: usize, evidence: &Evidence, learned: &Learned) -> Vec<Span> {
    let mut spans = evidence.spans(category);
    spans.truncate(SHOWN);
    if place == 0 && !learned.says_little() {
        spans.extend(learned.spans(tables::top(category), SHOWN - spans.len()));
    }
    spans.sort_unstable_by_key(|span| (span.field as u8, span.start, span.end));
    spans.dedup_by(|next, before| {
        let inside = next.field == before.field && next.start < before.end;
        if inside {
            before.end = before.end.max(next.end);
        }
        inside
    });
    spans
}

#[cfg(target_arch = "wasm32")]
mod component {
    use super::{About, Classification, Error, Inquiry, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::classify::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn classify_inquiry(inquiry: Inquiry, threshold: u16) -> Result<Classification, Error> {
            Ok(super::classify(&inquiry, threshold))
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests;

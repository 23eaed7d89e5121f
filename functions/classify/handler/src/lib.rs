//! The default handler of the stage classify: what a case is about, by the
//! keywords of the district's categories.

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
mod score;
mod tables;

pub use bindings::exports::wenzheng::handlers::classify::{
    Abstention, Classification, RankedCategory,
};
pub use bindings::wenzheng::handlers::types::{
    About, CaseKind, Error, Field, Inquiry, Span, Urgency,
};

use score::{Evidence, Scores};
use text::Language;

/// At most as many categories are ranked.
const RANKED: usize = 5;
/// At most as many words are shown for a category.
const SHOWN: usize = 12;

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
/// sisters, else the one above it.
pub fn classify(inquiry: &Inquiry, threshold: u16) -> Classification {
    let evidence = Evidence::gather(inquiry);
    if evidence.letters == 0 {
        return abstain(Abstention::NoText);
    }
    let scores = Scores::add_up(&evidence);
    if scores.tops.is_empty() {
        let known = matches!(
            text::language(&evidence.sample),
            Language::Chinese | Language::Undetermined
        );
        return abstain(if known {
            Abstention::NoEvidence
        } else {
            Abstention::UnknownLanguage
        });
    }
    let ranked = rank(&scores, &evidence, threshold);
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

fn rank(scores: &Scores, evidence: &Evidence, threshold: u16) -> Vec<RankedCategory> {
    let mut ranked: Vec<(u16, u16)> = Vec::new();
    let sure = confidence::of_top(scores.tops[0].1, scores.tops.get(1).map_or(0, |top| top.1));
    let others: u32 = scores.tops[1..].iter().map(|(_, score)| score).sum();
    for (place, (top, score)) in scores.tops.iter().enumerate() {
        let sure = match place {
            0 => sure,
            // What the first does not have is for the others, by their scores.
            _ => (u32::from(10_000 - sure) * score / others.max(1)).min(u32::from(sure)) as u16,
        };
        let below = scores.below(*top);
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
            None => ranked.push((*top, sure)),
            Some((child, _)) => {
                let own = share(0);
                // The parent stands where it can be decided and the child cannot.
                if place == 0 && own < threshold && sure >= threshold {
                    ranked.push((*top, sure));
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
        .map(|(category, confidence)| RankedCategory {
            category: tables::CATEGORIES[usize::from(category)].0.into(),
            confidence,
            evidence: evidence.spans(category, SHOWN),
        })
        .collect()
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

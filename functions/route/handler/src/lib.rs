//! The default handler of the stage route: whose a case is, out of the
//! responsibility list, the place, the citizen's words, and a model that has
//! learned from answered messages which family of bodies such words are for.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "route-handler",
        additional_derives: [PartialEq],
    });
}

mod confidence;
mod learned;
mod score;

pub use bindings::exports::wenzheng::handlers::route::{
    Candidate, RankedDepartment, Responsibility, Routing,
};
pub use bindings::wenzheng::handlers::types::{About, CaseKind, Error, Inquiry, Urgency};

use score::{Score, Words};

/// At most as many departments are ranked, and take part beside the first.
const RANKED: usize = 3;

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-route".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Routes `inquiry` to one of `candidates`, and leaves it to a person when
/// the confidence is below `threshold`, in ten-thousandths, or when neither
/// the category nor a duty speaks for the first: a model, a place or a name
/// alone decides nothing.
pub fn route(inquiry: &Inquiry, candidates: &[Candidate], threshold: u16) -> Routing {
    let words = Words::of(inquiry);
    let mut scores: Vec<Score<'_>> = candidates
        .iter()
        .filter_map(|candidate| Score::of(candidate, inquiry, &words))
        .collect();
    learned::add(&mut scores, &words);
    scores.retain(|score| score.points > 0);
    scores.sort_by(|a, b| {
        b.points
            .cmp(&a.points)
            .then(a.candidate.department.cmp(&b.candidate.department))
    });
    let Some(first) = scores.first() else {
        return Routing {
            ranked: vec![],
            co_handling: vec![],
            person_decides: true,
        };
    };
    let second = scores.get(1).map_or(0, |score| score.points);
    let sure = confidence::of(first.points, second);
    let grounds = first.matter > 0;
    let co_handling = scores[1..]
        .iter()
        .filter(|score| score.takes_part)
        .take(RANKED)
        .map(|score| score.candidate.department.clone())
        .collect();
    let rest: u32 = scores[1..].iter().map(|score| score.points).sum();
    let ranked = scores
        .iter()
        .take(RANKED)
        .enumerate()
        .map(|(place, score)| RankedDepartment {
            department: score.candidate.department.clone(),
            confidence: match place {
                0 => sure,
                _ => (u32::from(10_000 - sure) * score.points / rest.max(1)).min(u32::from(sure))
                    as u16,
            },
            responsibility: score.responsibility.map(|entry| entry.id.clone()),
            reasons: score.reasons.clone(),
        })
        .collect();
    Routing {
        ranked,
        co_handling,
        person_decides: sure < threshold || !grounds,
    }
}

#[cfg(target_arch = "wasm32")]
mod component {
    use super::{About, Candidate, Error, Inquiry, Routing, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::route::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn route_inquiry(
            inquiry: Inquiry,
            candidates: Vec<Candidate>,
            threshold: u16,
        ) -> Result<Routing, Error> {
            Ok(super::route(&inquiry, &candidates, threshold))
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests;

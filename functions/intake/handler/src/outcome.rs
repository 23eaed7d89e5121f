//! The six lawful reasons not to dispatch a message.
//!
//! A citizen who is wrongly refused is worse off than a department with one
//! case too many. So one phrase somewhere in a long message proposes nothing:
//! it takes several, or one that the whole message is about, and for some
//! reasons a second ground of its own.

use std::collections::BTreeSet;

use text::Phrases;

use crate::tables::{OUTCOME_PHRASES, PLACES};
use crate::{Field, NoDispatch, NoDispatchReason, Signal, Span, Texts, Urgency};

/// A message of at most as many characters is about the phrase that it holds.
const BRIEF: usize = 60;
/// At most as many phrases are shown.
const SHOWN: usize = 12;
/// From here on a message is likely to be spam, in ten-thousandths.
const SPAM: u16 = 4000;

/// Evidence for one reason.
struct Case {
    reason: NoDispatchReason,
    phrases: BTreeSet<&'static str>,
    points: usize,
    evidence: Vec<Span>,
}

/// The reason with the most evidence, if that is enough.
pub(crate) fn propose(texts: &Texts<'_>, signals: &[Signal], spam: u16) -> Option<NoDispatch> {
    let mut cases: Vec<Case> = Vec::new();
    for (field, view) in texts.views() {
        for hit in Phrases::new(OUTCOME_PHRASES).longest(view) {
            let index = cases
                .iter()
                .position(|case| case.reason == *hit.value)
                .unwrap_or_else(|| {
                    let case = Case {
                        reason: *hit.value,
                        phrases: BTreeSet::new(),
                        points: 0,
                        evidence: vec![],
                    };
                    cases.push(case);
                    cases.len() - 1
                });
            let case = &mut cases[index];
            if case.phrases.insert(hit.phrase) {
                case.points += if field == Field::Subject { 2 } else { 1 };
            }
            let (start, end) = view.span(hit.start, hit.end);
            if case.evidence.len() < SHOWN {
                case.evidence.push(Span { field, start, end });
            }
        }
    }
    let brief = texts.length() <= BRIEF;
    let emergency = signals
        .iter()
        .any(|signal| signal.urgency == Urgency::Emergency);
    for case in &mut cases {
        case.points += usize::from(brief);
    }
    cases.retain(|case| {
        let ground = match case.reason {
            NoDispatchReason::EmergencyLine => emergency,
            NoDispatchReason::OutOfScope => texts.message.division.is_none() && !local(texts),
            NoDispatchReason::NoNewFacts => brief,
            NoDispatchReason::Unlawful => spam >= SPAM || case.phrases.len() > 1,
            NoDispatchReason::LegalRoute | NoDispatchReason::SecretOrPrivacy => true,
        };
        ground && case.points >= 2
    });
    // Of equals the first found stands.
    let best = cases.into_iter().rev().max_by_key(|case| case.points)?;
    let confidence = match best.points {
        2 => 6500,
        3 => 7500,
        _ => 8500,
    };
    Some(NoDispatch {
        reason: best.reason,
        confidence,
        evidence: best.evidence,
    })
}

/// Whether the message names a place of the district, and so is not all about
/// another.
fn local(texts: &Texts<'_>) -> bool {
    texts
        .views()
        .iter()
        .any(|(_, view)| !Phrases::new(PLACES).all(view).is_empty())
}

//! What may happen to a case before it is anybody's, and in an emergency.

use case::event::NoDispatchReason;
use case::{Action, Case, EventData, Family, State};
use serde::Deserialize;
use store::intake;
use web::step::{self, Step};
use web::text::{self, Reasoned};
use web::{Context, Problem, Reply};

/// Takes one of the actions of this stage.
pub async fn take(context: &Context, number: &str, action: Action) -> Result<Reply, Problem> {
    match action {
        Action::Admit => {
            step::plain(
                context,
                number,
                action,
                EventData::Admitted,
                Some("classify"),
            )
            .await
        }
        Action::Withdraw => step::plain(context, number, action, EventData::Withdrawn, None).await,
        Action::Decline => step::reasoned(context, number, action, EventData::Declined).await,
        Action::DeclareEmergency => {
            step::reasoned(context, number, action, EventData::EmergencyDeclared).await
        }
        Action::EndEmergency => {
            step::reasoned(context, number, action, EventData::EmergencyEnded).await
        }
        Action::Unmerge => unmerge(context, number).await,
        Action::Explain => explain(context, number).await,
        Action::Merge => merge(context, number).await,
        _ => Err(Problem::not_found()),
    }
}

/// One of the six outcomes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explanation {
    reason: NoDispatchReason,
    sequence: Option<u32>,
}

async fn explain(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Explanation = context.json()?;
    step::take(
        context,
        number,
        Action::Explain,
        input.sequence,
        async |_, _| {
            Ok(Step::event(EventData::Explained {
                reason: input.reason,
            }))
        },
    )
    .await
}

/// The case in which this one goes on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merger {
    into: String,
    sequence: Option<u32>,
}

async fn merge(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Merger = context.json()?;
    let into = input.into;
    step::take_holding(
        context,
        number,
        Action::Merge,
        input.sequence,
        async |database, scene| {
            if into == scene.case.number {
                return Err(Problem::invalid("into", "self"));
            }
            if into.chars().any(char::is_control) {
                return Err(Problem::invalid("into", "control-character"));
            }
            // Held until the end of the transaction: two cases merged into each other would both be lost.
            match intake::hold_state(database, &into).await? {
                None => Err(Problem::invalid("into", "unknown-value")),
                Some(state) if state.family() != Family::Open => {
                    Err(Problem::invalid("into", "not-open"))
                }
                Some(_) => Ok(Step::event(EventData::Merged { into })),
            }
        },
    )
    .await
}

async fn unmerge(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Reasoned = context.json()?;
    step::take(
        context,
        number,
        Action::Unmerge,
        input.sequence,
        async |_, scene| {
            let mut step = Step::with_document(
                EventData::Unmerged,
                text::reason(scene.rules, &input.reason)?,
            );
            step.next = next_after_unmerge(scene.case);
            Ok(step)
        },
    )
    .await
}

/// The stage whose job was dropped when the case was merged.
fn next_after_unmerge(case: &Case) -> Option<&'static str> {
    match case.merged.as_ref()?.from {
        State::Received if case.held.is_none() => Some("classify"),
        State::Classified if !case.disputed => Some("route"),
        State::Assigned if case.draft.is_none() => Some("answer"),
        _ => None,
    }
}

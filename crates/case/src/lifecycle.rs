//! The life-cycle of a case as one table.
//!
//! [`TABLE`] is the only place that says which action leads from which state
//! to which, who may take it, at which address and what it does to the clock.
//! The functions ask it before they act, `GET /api/lifecycle.json` shows it,
//! and the state matrix in `tests/` tries every pair of it.

use serde::Serialize;

use crate::actor::{Party, Role};
use crate::state::State;

use State::*;

/// Something that can be done to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the table below says what each one means")]
pub enum Action {
    Admit,
    Decline,
    Explain,
    Withdraw,
    Merge,
    Unmerge,
    DeclareEmergency,
    EndEmergency,
    Classify,
    Assign,
    Transfer,
    Return,
    Adjudicate,
    CoHandle,
    Accept,
    Ask,
    Reply,
    Supplement,
    Resume,
    Answer,
    RequestExtension,
    GrantExtension,
    RefuseExtension,
    Supervise,
    Approve,
    SendBack,
    FollowUp,
    Publish,
    Retract,
    Rate,
    CloseSolved,
    CloseUnsolved,
    Reopen,
    Reconsider,
}

/// Where an action leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The state stays as it is.
    Same,
    /// The state that the case had before it was merged.
    BeforeMerge,
    /// Published, or what the survey handler judges: closed-solved,
    /// closed-unsolved, handling (reopened) or rated (a call decides).
    Judged,
    /// Always this state.
    #[serde(untagged)]
    State(State),
}

/// What an action does to the clock of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockEffect {
    /// Nothing.
    None,
    /// It stands still from now on.
    Stop,
    /// It runs again.
    Run,
    /// It has reached its end.
    End,
    /// It starts anew, with a new deadline.
    Restart,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Transition {
    /// What is done.
    pub action: Action,
    /// Its name in JSON.
    pub name: &'static str,
    /// The last segment of its address below `/api/cases/{number}/`.
    pub resource: &'static str,
    /// The stage whose function takes it.
    pub stage: &'static str,
    /// The states from which it can be taken.
    pub from: &'static [State],
    /// Where it leads.
    pub to: Target,
    /// Who may take it.
    pub parties: &'static [Party],
    /// What it does to the clock of the answer.
    pub clock: ClockEffect,
    /// An officer may take it for cases of their own department only.
    pub own_department: bool,
    /// It needs a reason in words.
    pub reason: bool,
}

const OPEN: &[State] = &[
    Received,
    Classified,
    Assigned,
    Handling,
    WaitingCitizen,
    Answered,
    Reviewed,
];
const BEFORE_ANSWER: &[State] = &[Received, Classified, Assigned, Handling, WaitingCitizen];
const OPERATOR: Party = Party::Staff(Role::Operator);
const OFFICER: Party = Party::Staff(Role::Officer);
const REVIEWER: Party = Party::Staff(Role::Reviewer);
const SUPERVISOR: Party = Party::Staff(Role::Supervisor);
const LEADER: Party = Party::Staff(Role::Leader);
const DUTY: Party = Party::Staff(Role::Duty);
const CENTRE: &[Party] = &[OPERATOR, DUTY, SUPERVISOR];

macro_rules! row {
    ($action:ident $name:literal $resource:literal $stage:literal $from:expr, $to:expr, $parties:expr, $clock:ident $(, $flag:ident)*) => {
        Transition {
            action: Action::$action,
            name: $name,
            resource: $resource,
            stage: $stage,
            from: $from,
            to: $to,
            parties: $parties,
            clock: ClockEffect::$clock,
            own_department: row!(@own $($flag)*),
            reason: row!(@reason $($flag)*),
        }
    };
    (@own own $($rest:ident)*) => { true };
    (@own $other:ident $($rest:ident)*) => { row!(@own $($rest)*) };
    (@own) => { false };
    (@reason reason $($rest:ident)*) => { true };
    (@reason $other:ident $($rest:ident)*) => { row!(@reason $($rest)*) };
    (@reason) => { false };
}

/// The life-cycle. Taking a case in is not a row: it makes the case, in
/// state `received`.
#[rustfmt::skip]
pub const TABLE: &[Transition] = &[
    // Held at intake (proposed no-dispatch outcome or spam): a person lets it through.
    row!(Admit "admit" "admission" "intake" &[Received], Target::Same, CENTRE, None),
    row!(Decline "decline" "decline" "intake" &[Received, Classified], Target::State(Declined), CENTRE, End, reason),
    row!(Explain "explain" "explanation" "intake" &[Received, Classified], Target::State(Explained), CENTRE, End),
    row!(Withdraw "withdraw" "withdrawal" "intake" OPEN, Target::State(Withdrawn), &[Party::Citizen], End),
    row!(Merge "merge" "merger" "intake" BEFORE_ANSWER, Target::State(Merged), CENTRE, Stop),
    row!(Unmerge "unmerge" "unmerger" "intake" &[Merged], Target::BeforeMerge, CENTRE, Run, reason),
    row!(DeclareEmergency "declare-emergency" "emergency" "intake" OPEN, Target::Same, &[OPERATOR, DUTY, LEADER], None, reason),
    row!(EndEmergency "end-emergency" "emergency-end" "intake" OPEN, Target::Same, &[DUTY, LEADER], None, reason),

    row!(Classify "classify" "classification" "classify" &[Received, Classified], Target::State(Classified), &[Party::System, OPERATOR, DUTY, SUPERVISOR], None),

    row!(Assign "assign" "assignment" "route" &[Classified], Target::State(Assigned), &[Party::System, OPERATOR, DUTY, SUPERVISOR], None),
    row!(Transfer "transfer" "transfer" "route" &[Assigned, Handling], Target::State(Assigned), CENTRE, None, reason),
    // 退单: once for each department; the centre then adjudicates with binding effect.
    row!(Return "return" "return" "route" &[Assigned], Target::State(Classified), &[OFFICER], None, own, reason),
    row!(Adjudicate "adjudicate" "adjudication" "route" &[Classified], Target::State(Assigned), CENTRE, None, reason),
    row!(CoHandle "co-handle" "co-handling" "route" &[Assigned, Handling], Target::Same, CENTRE, None, reason),

    row!(Accept "accept" "acceptance" "answer" &[Assigned], Target::State(Handling), &[OFFICER, OPERATOR], None, own),
    row!(Ask "ask" "question" "answer" &[Assigned, Handling], Target::State(WaitingCitizen), &[OFFICER, OPERATOR], Stop, own),
    row!(Reply "reply" "reply" "answer" &[WaitingCitizen], Target::State(Handling), &[Party::Citizen, OPERATOR, DUTY], Run),
    row!(Supplement "supplement" "supplement" "answer" &[Received, Classified, Assigned, Handling], Target::Same, &[Party::Citizen, OPERATOR, DUTY], None),
    row!(Resume "resume" "resumption" "answer" &[WaitingCitizen], Target::State(Handling), &[OFFICER, OPERATOR, SUPERVISOR], Run, own, reason),
    row!(Answer "answer" "answer" "answer" &[Assigned, Handling], Target::State(Answered), &[OFFICER, OPERATOR], None, own),
    row!(RequestExtension "request-extension" "extension-request" "answer" &[Assigned, Handling], Target::Same, &[OFFICER, OPERATOR], None, own, reason),
    row!(GrantExtension "grant-extension" "extension-grant" "answer" &[Assigned, Handling], Target::Same, &[SUPERVISOR, LEADER], None),
    row!(RefuseExtension "refuse-extension" "extension-refusal" "answer" &[Assigned, Handling], Target::Same, &[SUPERVISOR, LEADER], None, reason),
    row!(Supervise "supervise" "supervision" "answer" OPEN, Target::Same, &[SUPERVISOR, LEADER], None, reason),

    row!(Approve "approve" "approval" "review" &[Answered], Target::State(Reviewed), &[REVIEWER], None),
    row!(SendBack "send-back" "send-back" "review" &[Answered], Target::State(Handling), &[REVIEWER], None, reason),

    // What the department's handler planned when the answer was approved.
    row!(FollowUp "follow-up" "follow-up" "review" &[Published, Rated, ClosedSolved, ClosedUnsolved], Target::Same, &[OFFICER, OPERATOR], None, own, reason),

    row!(Publish "publish" "publication" "publish" &[Reviewed], Target::State(Published), &[Party::System], End),
    row!(Retract "retract" "retraction" "publish" &[Published, Rated, ClosedSolved, ClosedUnsolved], Target::Same, &[REVIEWER, SUPERVISOR, LEADER], None, reason),

    row!(Rate "rate" "rating" "survey" &[Published], Target::Judged, &[Party::Citizen, OPERATOR, DUTY], None),
    row!(CloseSolved "close-solved" "closure-solved" "survey" &[Rated], Target::State(ClosedSolved), CENTRE, None, reason),
    row!(CloseUnsolved "close-unsolved" "closure-unsolved" "survey" &[Rated], Target::State(ClosedUnsolved), CENTRE, None, reason),
    row!(Reopen "reopen" "reopening" "survey" &[Rated, ClosedSolved, ClosedUnsolved], Target::State(Handling), &[Party::Citizen, OPERATOR, DUTY, SUPERVISOR], Restart, reason),
    row!(Reconsider "reconsider" "reconsideration" "survey" &[Declined, Explained], Target::State(Received), &[SUPERVISOR, LEADER], Restart, reason),
];

impl Action {
    /// The row of the table for this action.
    pub fn transition(self) -> &'static Transition {
        TABLE
            .iter()
            .find(|row| row.action == self)
            .expect("the table has a row for every action: held by a test")
    }

    /// The action that is taken at `resource`.
    pub fn from_resource(resource: &str) -> Option<Action> {
        TABLE
            .iter()
            .find(|row| row.resource == resource)
            .map(|row| row.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_reached_and_left_or_is_final() {
        for state in State::ALL {
            let reached = state == Received
                || TABLE.iter().any(|row| match row.to {
                    Target::State(to) => to == state,
                    Target::Judged => {
                        matches!(state, Rated | ClosedSolved | ClosedUnsolved | Handling)
                    }
                    Target::Same | Target::BeforeMerge => false,
                });
            assert!(reached, "{state:?} cannot be reached");
            let left = TABLE
                .iter()
                .any(|row| row.from.contains(&state) && row.to != Target::Same);
            assert!(left || state == Withdrawn, "{state:?} has no way on");
        }
    }

    #[test]
    fn names_and_resources_are_unique_and_every_action_has_a_row() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(
                row.action as usize, index,
                "the rows stand in the order of the actions"
            );
            for other in &TABLE[index + 1..] {
                assert_ne!(row.name, other.name);
                assert_ne!(row.resource, other.resource);
            }
            assert!(!row.from.is_empty() && !row.parties.is_empty());
            assert_eq!(serde_json::to_value(row.action).unwrap(), row.name);
        }
        assert_eq!(TABLE.len(), Action::Reconsider as usize + 1);
    }
}

//! The life-cycle table as a test expects it to be kept.

use anyhow::Result;
use case::lifecycle::{Target, Transition};
use case::{Action, Party, Role, State};
use serde_json::{Value as Json, json};

use crate::cases::{Driver, POLICE, Submitted, answer};
use crate::platform::{Caller, Platform, Reply, Staff};

/// Everybody who may knock: the citizen, and one member of staff of each role.
pub struct Cast {
    staff: Vec<(Role, Staff)>,
}

impl Cast {
    /// Makes the accounts.
    pub async fn new(platform: &Platform) -> Result<Cast> {
        let mut staff = Vec::new();
        for role in Role::ALL {
            let department = (role == Role::Officer).then_some(POLICE);
            // Reviewers differ from the driver's, so that nobody reviews twice.
            staff.push((role, platform.staff(role, department, 7).await?));
        }
        Ok(Cast { staff })
    }

    /// What they are for the table.
    pub fn parties(&self) -> Vec<Party> {
        std::iter::once(Party::Citizen)
            .chain(self.staff.iter().map(|(role, _)| Party::Staff(*role)))
            .collect()
    }

    /// How the party knocks in the matter of `case`.
    pub fn caller<'a>(&'a self, party: Party, case: &'a Submitted) -> Caller<'a> {
        match party {
            Party::Staff(role) => match self.staff.iter().find(|(other, _)| *other == role) {
                Some((_, staff)) => Caller::Staff(staff),
                None => Caller::Anyone,
            },
            _ => Caller::Citizen(&case.code),
        }
    }
}

/// A body that is right for the action.
pub fn body(row: &Transition, other: &str) -> Json {
    match row.action {
        Action::Explain => json!({ "reason": "legal-route" }),
        Action::Merge => json!({ "into": other }),
        Action::Classify => json!({ "category": "civil.community" }),
        Action::Assign => json!({ "department": POLICE }),
        Action::Transfer | Action::Adjudicate | Action::CoHandle => {
            json!({ "department": "housing-construction", "reason": "测试" })
        }
        Action::Return => json!({ "reason": "不属本单位职责", "basis": "责任清单" }),
        Action::Ask | Action::Reply | Action::Supplement => json!({ "text": "测试" }),
        Action::Answer => answer(),
        Action::RequestExtension => json!({ "working_days": 1, "reason": "需现场核实" }),
        Action::Rate => json!({ "grade": "satisfied", "solved": true }),
        _ if row.reason => json!({ "reason": "测试" }),
        _ => json!({}),
    }
}

/// What the table, and the rules beside it, say of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// 403.
    Role,
    /// 403 with this code.
    OtherDepartment,
    /// 409 with this code.
    Conflict(&'static str),
    /// 200, and the state after it; none where it depends on a judgement.
    Done(Option<State>),
}

/// What is to be expected when `party` takes `row` on a case in `state`.
pub fn expected(row: &Transition, state: State, party: Party) -> Expected {
    if !row.parties.contains(&party) {
        return Expected::Role;
    }
    // Every case of the matrix that is with a department is with the police, not with the centre.
    let led = !matches!(
        state,
        State::Received | State::Classified | State::Declined | State::Explained | State::Merged
    );
    if row.own_department
        && led
        && party == Party::Staff(Role::Operator)
        && row.action != Action::Answer
    {
        return Expected::OtherDepartment;
    }
    if !row.from.contains(&state) {
        return Expected::Conflict("state");
    }
    match row.action {
        Action::Admit => Expected::Conflict("not-held"),
        // No case of the matrix is an emergency.
        Action::EndEmergency => Expected::Conflict("not-emergency"),
        Action::Adjudicate => Expected::Conflict("not-disputed"),
        Action::GrantExtension | Action::RefuseExtension => {
            Expected::Conflict("no-extension-pending")
        }
        // No handler of a department has planned one.
        Action::FollowUp => Expected::Conflict("no-follow-up"),
        Action::Retract => Expected::Conflict("not-public"),
        Action::Unmerge => Expected::Done(Some(State::Received)),
        Action::Rate => Expected::Done(Some(State::ClosedSolved)),
        _ => Expected::Done(match row.to {
            Target::Same => Some(state),
            Target::State(to) => Some(to),
            Target::BeforeMerge | Target::Judged => None,
        }),
    }
}

/// An operator may answer where the knowledge base is sure enough of its
/// draft; whether it is depends on the articles, so both are lawful.
pub fn depends_on_draft(row: &Transition, party: Party) -> bool {
    row.action == Action::Answer && party == Party::Staff(Role::Operator)
}

/// Takes `row` on `case` as `party`.
pub async fn attempt(
    driver: &Driver<'_>,
    cast: &Cast,
    row: &Transition,
    party: Party,
    case: &Submitted,
    other: &str,
) -> Result<Reply> {
    driver
        .try_act(
            cast.caller(party, case),
            &case.number,
            row.resource,
            &body(row, other),
        )
        .await
}

/// Whether `reply` refuses in the way that was expected.
pub fn refused_as(reply: &Reply, expected: &Expected) -> bool {
    match expected {
        Expected::Role => reply.status == 403 && reply.problem() == "forbidden",
        Expected::OtherDepartment => reply.status == 403 && reply.problem() == "other-department",
        Expected::Conflict(code) => reply.status == 409 && reply.problem() == *code,
        Expected::Done(_) => false,
    }
}

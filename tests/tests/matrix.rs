//! The state matrix: every state, every action and every role, through the
//! HTTP interface, allowed or refused as the life-cycle table says.
//!
//! `reviewed` cannot be held from outside (the pipeline publishes at once);
//! `outage.rs` holds it by taking the publish stage away.

use anyhow::{Result, ensure};
use case::lifecycle::{TABLE, Target, Transition};
use case::{Action, Party, Role, State};
use serde_json::{Value as Json, json};
use wenzheng_tests::cases::{POLICE, answer};
use wenzheng_tests::{Caller, Driver, Platform, Reply, Staff, Submitted};

/// The states that a test can hold a case in.
const HELD: [State; 14] = [
    State::Received,
    State::Classified,
    State::Assigned,
    State::Handling,
    State::WaitingCitizen,
    State::Answered,
    State::Published,
    State::Rated,
    State::ClosedSolved,
    State::Declined,
    State::Withdrawn,
    State::Merged,
    State::ClosedUnsolved,
    State::Explained,
];

/// Cases that are tried at the same time.
const AT_ONCE: usize = 6;

/// Everybody who may knock: the citizen, and one member of staff of each role.
struct Cast {
    staff: Vec<(Role, Staff)>,
}

impl Cast {
    async fn new(platform: &Platform) -> Result<Cast> {
        let mut staff = Vec::new();
        for role in Role::ALL {
            let department = (role == Role::Officer).then_some(POLICE);
            // Reviewers differ from the driver's, so that nobody reviews twice.
            staff.push((role, platform.staff(role, department, 7).await?));
        }
        Ok(Cast { staff })
    }

    fn parties(&self) -> Vec<Party> {
        std::iter::once(Party::Citizen).chain(self.staff.iter().map(|(role, _)| Party::Staff(*role))).collect()
    }

    fn caller<'a>(&'a self, party: Party, case: &'a Submitted) -> Caller<'a> {
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
fn body(row: &Transition, other: &str) -> Json {
    match row.action {
        Action::Explain => json!({ "reason": "legal-route" }),
        Action::Merge => json!({ "into": other }),
        Action::Classify => json!({ "category": "party-affairs.other" }),
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
#[derive(Debug, PartialEq)]
enum Expected {
    /// 403.
    Role,
    /// 403 with this code.
    OtherDepartment,
    /// 409 with this code.
    Conflict(&'static str),
    /// 200, and the state after it; none where it depends on a judgement.
    Done(Option<State>),
}

fn expected(row: &Transition, state: State, party: Party) -> Expected {
    if !row.parties.contains(&party) {
        return Expected::Role;
    }
    // Every case of the matrix that is with a department is with the police, not with the centre.
    let led = !matches!(state, State::Received | State::Classified | State::Declined | State::Explained | State::Merged);
    if row.own_department && led && party == Party::Staff(Role::Operator) && row.action != Action::Answer {
        return Expected::OtherDepartment;
    }
    if !row.from.contains(&state) {
        return Expected::Conflict("state");
    }
    match row.action {
        Action::Admit => Expected::Conflict("not-held"),
        Action::Adjudicate => Expected::Conflict("not-disputed"),
        Action::GrantExtension | Action::RefuseExtension => Expected::Conflict("no-extension-pending"),
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
fn depends_on_draft(row: &Transition, party: Party) -> bool {
    row.action == Action::Answer && party == Party::Staff(Role::Operator)
}

async fn attempt(driver: &Driver<'_>, cast: &Cast, row: &Transition, party: Party, case: &Submitted, other: &str) -> Result<Reply> {
    driver.try_act(cast.caller(party, case), &case.number, row.resource, &body(row, other)).await
}

fn refused_as(reply: &Reply, expected: &Expected) -> bool {
    match expected {
        Expected::Role => reply.status == 403 && reply.problem() == "forbidden",
        Expected::OtherDepartment => reply.status == 403 && reply.problem() == "other-department",
        Expected::Conflict(code) => reply.status == 409 && reply.problem() == *code,
        Expected::Done(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_table_refuses_is_refused_and_changes_nothing() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let cast = Cast::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    for state in HELD {
        let case = driver.in_state(state, false).await?;
        let before = driver.view(&case.number).await?["sequence"].clone();
        let mut tried = 0;
        for row in TABLE {
            for party in cast.parties() {
                let expected = expected(row, state, party);
                if matches!(expected, Expected::Done(_)) || depends_on_draft(row, party) {
                    continue;
                }
                let reply = attempt(&driver, &cast, row, party, &case, &other.number).await?;
                ensure!(
                    refused_as(&reply, &expected),
                    "{} in {} by {party:?}: expected {expected:?}, got {} {}",
                    row.name,
                    state.name(),
                    reply.status,
                    reply.text
                );
                tried += 1;
            }
            let nobody = driver.try_act(Caller::Anyone, &case.number, row.resource, &body(row, &other.number)).await?;
            ensure!(nobody.status == 401, "{} in {} by nobody: {}", row.name, state.name(), nobody.status);
        }
        ensure!(tried > TABLE.len(), "hardly anything was refused in {}", state.name());
        let after = driver.view(&case.number).await?;
        ensure!(after["state"] == state.name(), "{} has become {}", state.name(), after["state"]);
        ensure!(after["sequence"] == before, "a refused action left an event in {}", state.name());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_table_allows_leads_where_it_says() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let cast = Cast::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let mut allowed = Vec::new();
    for state in HELD {
        for row in TABLE {
            for party in cast.parties() {
                if let Expected::Done(to) = expected(row, state, party)
                    && !depends_on_draft(row, party)
                {
                    allowed.push((state, row, party, to));
                }
            }
        }
    }
    ensure!(allowed.len() > 100, "the table allows only {} things", allowed.len());
    for group in allowed.chunks(AT_ONCE) {
        let attempts = group.iter().map(|&(state, row, party, to)| {
            let (driver, cast, other) = (&driver, &cast, &other.number);
            async move {
                let case = driver.in_state(state, false).await?;
                let reply = attempt(driver, cast, row, party, &case, other).await?;
                ensure!(
                    reply.status == 200,
                    "{} in {} by {party:?}: {} {}",
                    row.name,
                    state.name(),
                    reply.status,
                    reply.text
                );
                let now = reply.json()["state"].clone();
                ensure!(
                    to.is_none_or(|to| now == to.name()),
                    "{} in {} by {party:?} led to {now}, not to {to:?}",
                    row.name,
                    state.name()
                );
                Ok(())
            }
        });
        for result in join_all(attempts).await {
            result?;
        }
    }
    Ok(())
}

async fn join_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    let mut results = Vec::with_capacity(running.len());
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(result) => {
                results.push(result);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    results
}

#[tokio::test]
async fn a_department_returns_once_and_the_centre_decides() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Assigned, false).await?;
    let officer = Caller::Staff(&driver.officer);
    let operator = Caller::Staff(&driver.operator);
    let back = json!({ "reason": "不属本单位职责", "basis": "责任清单", "suggested": "housing-construction" });
    driver.act(officer, &case.number, "return", &back).await?;
    let assign = json!({ "department": POLICE });
    let refused = driver.try_act(operator, &case.number, "assignment", &assign).await?.expect(409)?;
    assert_eq!(refused.problem(), "must-be-adjudicated");
    let decision = json!({ "department": POLICE, "reason": "户籍归公安" });
    driver.act(operator, &case.number, "adjudication", &decision).await?;
    let again = driver.try_act(officer, &case.number, "return", &back).await?.expect(409)?;
    assert_eq!(again.problem(), "returned-before");
    Ok(())
}

#[tokio::test]
async fn an_extension_is_asked_for_and_granted_within_the_rule() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Handling, false).await?;
    let officer = Caller::Staff(&driver.officer);
    let supervisor = Caller::Staff(&driver.supervisor);
    let due = driver.view(&case.number).await?["due_at"].clone();
    let request = |days: u32| json!({ "working_days": days, "reason": "需现场核实" });
    driver.try_act(officer, &case.number, "extension-request", &request(61)).await?.expect(422)?;
    driver.act(officer, &case.number, "extension-request", &request(2)).await?;
    let twice = driver.try_act(officer, &case.number, "extension-request", &request(2)).await?.expect(409)?;
    assert_eq!(twice.problem(), "extension-pending");
    driver.try_act(supervisor, &case.number, "extension-grant", &json!({ "working_days": 3 })).await?.expect(422)?;
    driver.act(supervisor, &case.number, "extension-grant", &json!({})).await?;
    let later = driver.view(&case.number).await?["due_at"].clone();
    assert!(later.as_str() > due.as_str(), "{later} is not after {due}");
    Ok(())
}

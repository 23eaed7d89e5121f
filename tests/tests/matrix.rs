//! The state matrix: every state, every action and every role, through the
//! HTTP interface, allowed or refused as the life-cycle table says.
//!
//! `reviewed` cannot be held from outside (the pipeline publishes at once);
//! `outage.rs` holds it by taking the publish stage away.

use anyhow::{Result, ensure};
use case::lifecycle::TABLE;
use case::{Action, Party, Role, State};
use futures::future::join_all;
use serde_json::json;
use wenzheng_tests::cases::POLICE;
use wenzheng_tests::table::{
    Cast, Expected, attempt, body, depends_on_draft, expected, refused_as,
};
use wenzheng_tests::{Caller, Driver, Platform};

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
            let nobody = driver
                .try_act(
                    Caller::Anyone,
                    &case.number,
                    row.resource,
                    &body(row, &other.number),
                )
                .await?;
            ensure!(
                nobody.status == 401,
                "{} in {} by nobody: {}",
                row.name,
                state.name(),
                nobody.status
            );
        }
        ensure!(
            tried > TABLE.len(),
            "hardly anything was refused in {}",
            state.name()
        );
        let after = driver.view(&case.number).await?;
        ensure!(
            after["state"] == state.name(),
            "{} has become {}",
            state.name(),
            after["state"]
        );
        ensure!(
            after["sequence"] == before,
            "a refused action left an event in {}",
            state.name()
        );
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
    ensure!(
        allowed.len() > 100,
        "the table allows only {} things",
        allowed.len()
    );
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
    let refused = driver
        .try_act(operator, &case.number, "assignment", &assign)
        .await?
        .expect(409)?;
    assert_eq!(refused.problem(), "must-be-adjudicated");
    let decision = json!({ "department": POLICE, "reason": "户籍归公安" });
    driver
        .act(operator, &case.number, "adjudication", &decision)
        .await?;
    let again = driver
        .try_act(officer, &case.number, "return", &back)
        .await?
        .expect(409)?;
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
    driver
        .try_act(officer, &case.number, "extension-request", &request(61))
        .await?
        .expect(422)?;
    driver
        .act(officer, &case.number, "extension-request", &request(2))
        .await?;
    let twice = driver
        .try_act(officer, &case.number, "extension-request", &request(2))
        .await?
        .expect(409)?;
    assert_eq!(twice.problem(), "extension-pending");
    driver
        .try_act(
            supervisor,
            &case.number,
            "extension-grant",
            &json!({ "working_days": 3 }),
        )
        .await?
        .expect(422)?;
    driver
        .act(supervisor, &case.number, "extension-grant", &json!({}))
        .await?;
    let later = driver.view(&case.number).await?["due_at"].clone();
    assert!(later.as_str() > due.as_str(), "{later} is not after {due}");
    Ok(())
}

/// In every state that allows it: declared once, ended once, and offered only where it is not refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_is_declared_once_and_ended_once() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let cast = Cast::new(&platform).await?;
    let (declare, end) = (
        Action::DeclareEmergency.transition(),
        Action::EndEmergency.transition(),
    );
    let mut tried = 0;
    for state in HELD {
        if !declare.from.contains(&state) {
            continue;
        }
        let case = driver.in_state(state, false).await?;
        let duty = cast.caller(Party::Staff(Role::Duty), &case);
        let offered = async || -> Result<Vec<String>> {
            let path = format!("/api/desk/cases/{}", case.number);
            let view = platform.get(duty, &path).await?.expect(200)?.json();
            let actions = view["actions"].as_array().cloned().unwrap_or_default();
            Ok(actions
                .iter()
                .filter_map(|action| action["action"].as_str())
                .filter(|name| [declare.name, end.name].contains(name))
                .map(str::to_owned)
                .collect())
        };
        for (row, opposite, urgency, code) in [
            (declare, end, "emergency", "already-emergency"),
            (end, declare, "normal", "not-emergency"),
        ] {
            ensure!(offered().await? == [row.name], "in {}", state.name());
            driver
                .act(duty, &case.number, row.resource, &body(row, ""))
                .await?;
            let view = driver.view(&case.number).await?;
            ensure!(view["urgency"] == urgency && view["state"] == state.name());
            ensure!(offered().await? == [opposite.name], "in {}", state.name());
            for party in row.parties {
                let reply = attempt(&driver, &cast, row, *party, &case, "").await?;
                ensure!(
                    refused_as(&reply, &Expected::Conflict(code)),
                    "{} again in {} by {party:?}: {} {}",
                    row.name,
                    state.name(),
                    reply.status,
                    reply.text
                );
                tried += 1;
            }
            let after = driver.view(&case.number).await?;
            ensure!(
                after["sequence"] == view["sequence"],
                "a refused action left an event in {}",
                state.name()
            );
        }
    }
    ensure!(tried >= 6 * 5, "only {tried} were tried");
    Ok(())
}

/// Whoever watches is told of a new emergency, and of nothing where nothing is new.
#[tokio::test]
async fn an_open_desk_is_told_of_emergencies() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let cast = Cast::new(&platform).await?;
    let case = driver.in_state(State::Handling, false).await?;
    let duty = cast.caller(Party::Staff(Role::Duty), &case);
    let reason = json!({ "reason": "来电说有人被困" });
    driver.act(duty, &case.number, "emergency", &reason).await?;
    let path = "/api/desk/emergencies";
    // Other tests have emergencies too, so that the newest may be another a moment later.
    let found = platform
        .eventually("the emergency", async || {
            let found = platform.get(duty, path).await?.expect(200)?.json();
            if found["newest"]["number"] == case.number.as_str() {
                return Ok(Some(found));
            }
            driver
                .act(duty, &case.number, "emergency-end", &reason)
                .await?;
            driver.act(duty, &case.number, "emergency", &reason).await?;
            Ok(None)
        })
        .await?;
    ensure!(found["count"].as_i64() >= Some(1));
    for (role, status) in [
        (Role::Operator, 200),
        (Role::Duty, 200),
        (Role::Officer, 403),
        (Role::Reviewer, 403),
        (Role::Supervisor, 403),
        (Role::Leader, 403),
        (Role::Reporter, 403),
        (Role::Admin, 403),
    ] {
        let caller = cast.caller(Party::Staff(role), &case);
        platform.get(caller, path).await?.expect(status)?;
    }
    platform.get(Caller::Anyone, path).await?.expect(401)?;
    Ok(())
}

/// What was urgent before it was an emergency is urgent afterwards.
#[tokio::test]
async fn an_urgent_case_stays_urgent() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let cast = Cast::new(&platform).await?;
    let text = format!(
        "整个小区从昨天晚上开始停水，到现在还没有来水。（{}）",
        wenzheng_tests::platform::unique()
    );
    let case = driver
        .submit(&json!({ "subject": "小区停水", "body": text }))
        .await?;
    let urgency = async || -> Result<_> { Ok(driver.view(&case.number).await?["urgency"].clone()) };
    ensure!(urgency().await? == "urgent");
    let duty = cast.caller(Party::Staff(Role::Duty), &case);
    let reason = json!({ "reason": "医院也停水" });
    let refused = driver
        .try_act(duty, &case.number, "emergency-end", &reason)
        .await?
        .expect(409)?;
    ensure!(refused.problem() == "not-emergency");
    ensure!(urgency().await? == "urgent");
    driver.act(duty, &case.number, "emergency", &reason).await?;
    ensure!(urgency().await? == "emergency");
    driver
        .act(duty, &case.number, "emergency-end", &reason)
        .await?;
    ensure!(urgency().await? == "urgent");
    Ok(())
}

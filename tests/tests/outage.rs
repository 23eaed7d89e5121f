//! Stages that are away, broken, or break down: what they owe waits, and
//! nobody else notices.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use case::lifecycle::TABLE;
use case::{Role, State};
use serde_json::json;
use wenzheng_tests::cases::answer;
use wenzheng_tests::runner::IMPATIENT;
use wenzheng_tests::table::{
    Cast, Expected, attempt, body, depends_on_draft, expected, refused_as,
};
use wenzheng_tests::trap::trapping;
use wenzheng_tests::{Caller, Driver, Platform, Runner, Submitted};

/// How long a case is watched to say that it waits.
const A_WHILE: Duration = Duration::from_secs(3);

/// Cases that wait for a stage at the same time.
const WAITING: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_wait_for_a_stage_that_is_away_and_go_on() -> Result<()> {
    let Some(mut runner) = Runner::prepare("outage-away", IMPATIENT).await? else {
        return Ok(());
    };
    let classify = runner.remove("classify")?;
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;

    let cases = submit(&driver, WAITING).await?;
    stays(&driver, &cases, State::Received).await?;
    let away = driver
        .try_act(
            Caller::Staff(&driver.operator),
            &cases[0].number,
            "classification",
            &json!({ "category": "civil.community" }),
        )
        .await?
        .expect(503)?;
    ensure!(
        away.headers
            .get("content-type")
            .is_some_and(|kind| kind.starts_with("application/problem+json")),
        "{away:?}"
    );
    // Everything else is there.
    driver
        .act(
            Caller::Citizen(&cases[0].code),
            &cases[0].number,
            "supplement",
            &json!({ "text": "补充一点" }),
        )
        .await?;
    let mine = format!("/api/cases/{}", cases[0].number);
    platform
        .get(Caller::Citizen(&cases[0].code), &mine)
        .await?
        .expect(200)?;
    platform
        .get(Caller::Anyone, "/api/publications")
        .await?
        .expect(200)?;

    // Back without a restart.
    runner.put("classify", &classify)?;
    for case in &cases {
        driver.assigned(case).await?;
    }

    // Overwritten by something that is no component, while the platform runs: the version before goes on.
    let log = runner.log_length();
    runner.put("classify", b"this is not a component")?;
    runner.logged(log, "not reloaded").await?;
    for case in &submit(&driver, WAITING).await? {
        driver.assigned(case).await?;
    }
    let log = runner.log_length();
    runner.put("classify", &classify)?;
    runner.logged(log, "reloaded").await?;

    // Away at a restart, with cases under way; back at the next one.
    runner.kill()?;
    let route = runner.remove("route")?;
    runner.start().await?;
    let cases = submit(&driver, WAITING).await?;
    for case in &cases {
        driver.until_state(&case.number, State::Classified).await?;
    }
    stays(&driver, &cases, State::Classified).await?;
    runner.kill()?;
    runner.put("route", &route)?;
    runner.start().await?;
    for case in &cases {
        driver.assigned(case).await?;
    }
    println!("{}", runner.verify()?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_table_says_of_a_reviewed_case_holds() -> Result<()> {
    let Some(mut runner) = Runner::prepare("outage-reviewed", IMPATIENT).await? else {
        return Ok(());
    };
    let publish = runner.remove("publish")?;
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;
    let cast = Cast::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;

    let case = reviewed(&driver).await?;
    let before = driver.view(&case.number).await?["sequence"].clone();
    let mut allowed = Vec::new();
    for row in TABLE {
        for party in cast.parties() {
            let expected = expected(row, State::Reviewed, party);
            if let Expected::Done(to) = expected {
                allowed.push((row, party, to));
                continue;
            }
            if depends_on_draft(row, party) {
                continue;
            }
            let reply = attempt(&driver, &cast, row, party, &case, &other.number).await?;
            let away = row.stage == "publish" && reply.status == 503;
            ensure!(
                away || refused_as(&reply, &expected),
                "{} by {party:?}: expected {expected:?}, got {reply:?}",
                row.name
            );
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
            [401, 503].contains(&nobody.status),
            "{} by nobody: {nobody:?}",
            row.name
        );
    }
    let after = driver.view(&case.number).await?;
    ensure!(
        after["state"] == "reviewed" && after["sequence"] == before,
        "refused actions changed the case: {after}"
    );
    ensure!(
        !allowed.is_empty(),
        "the table allows nothing in the state reviewed"
    );
    for (row, party, to) in allowed {
        let case = reviewed(&driver).await?;
        let reply = attempt(&driver, &cast, row, party, &case, &other.number).await?;
        ensure!(reply.status == 200, "{} by {party:?}: {reply:?}", row.name);
        let now = reply.json()["state"].clone();
        ensure!(
            to.is_none_or(|to| now == to.name()),
            "{} by {party:?} led to {now}, not to {to:?}",
            row.name
        );
    }

    runner.put("publish", &publish)?;
    driver.until_state(&case.number, State::Published).await?;
    println!("{}", runner.verify()?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stage_that_breaks_down_is_tried_again_and_set_aside_and_revived() -> Result<()> {
    let mut rules = IMPATIENT.to_vec();
    rules.push(("policy.toml", "[jobs]", "max_attempts", "3"));
    let Some(mut runner) = Runner::prepare("outage-trap", &rules).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;
    let elsewhere = driver.in_state(State::Handling, true).await?;

    let handler = std::fs::read(runner.component("classify-handler"))?;
    let log = runner.log_length();
    runner.put("classify-handler", &trapping("classify-handler")?)?;
    runner.logged(log, "reloaded").await?;

    let cases = submit(&driver, WAITING).await?;
    let mut tried = 0;
    for case in &cases {
        let letter = platform
            .eventually(&format!("{} is a dead letter", case.number), async || {
                dead_letter(&driver, case).await
            })
            .await?;
        ensure!(
            letter["stage"] == "classify" && letter["attempts"].as_u64() >= Some(3),
            "{letter}"
        );
        tried += letter["attempts"].as_u64().unwrap_or_default();
        let view = driver.view(&case.number).await?;
        ensure!(view["state"] == "received", "nothing was decided: {view}");
    }
    // A person can decide what the stage cannot, and the other stages know nothing of it.
    driver
        .act(
            Caller::Staff(&driver.officer),
            &elsewhere.number,
            "answer",
            &answer(),
        )
        .await?;
    driver
        .act(
            Caller::Staff(&driver.reviewer),
            &elsewhere.number,
            "approval",
            &json!({}),
        )
        .await?;
    driver
        .until_state(&elsewhere.number, State::Published)
        .await?;
    let wrong = platform.staff(Role::Officer, Some("education"), 0).await?;
    platform
        .get(Caller::Staff(&wrong), "/api/desk/dead-letters")
        .await?
        .expect(403)?;
    platform
        .get(Caller::Anyone, "/api/desk/dead-letters")
        .await?
        .expect(401)?;

    let log = runner.log_length();
    runner.put("classify-handler", &handler)?;
    runner.logged(log, "reloaded").await?;
    stays(&driver, &cases, State::Received).await?;
    for case in &cases {
        let path = format!("/api/desk/dead-letters/classify/{}", case.number);
        let reply = platform
            .post(Caller::Staff(&driver.supervisor), &path, &json!({}))
            .await?;
        ensure!((200..300).contains(&reply.status), "{reply:?}");
        driver.assigned(case).await?;
        ensure!(
            dead_letter(&driver, case).await?.is_none(),
            "it is a dead letter still"
        );
        let again = platform
            .post(Caller::Staff(&driver.supervisor), &path, &json!({}))
            .await?;
        ensure!(again.status == 404, "revived twice: {again:?}");
    }
    println!(
        "{} cases tried {tried} times in vain, set aside, revived; {}",
        cases.len(),
        runner.verify()?
    );
    Ok(())
}

async fn submit(driver: &Driver<'_>, count: usize) -> Result<Vec<Submitted>> {
    let mut cases = Vec::with_capacity(count);
    for _ in 0..count {
        cases.push(driver.submit(&driver.household(false)).await?);
    }
    Ok(cases)
}

/// Watches for a while that the cases stay in `state`.
async fn stays(driver: &Driver<'_>, cases: &[Submitted], state: State) -> Result<()> {
    let begin = Instant::now();
    while begin.elapsed() < A_WHILE {
        for case in cases {
            let view = driver.view(&case.number).await?;
            ensure!(
                view["state"] == state.name(),
                "{} is {}",
                case.number,
                view["state"]
            );
        }
        driver.platform.sweep().await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

/// A case that is approved and cannot be published.
async fn reviewed(driver: &Driver<'_>) -> Result<Submitted> {
    let case = driver.in_state(State::Answered, false).await?;
    let reply = driver
        .act(
            Caller::Staff(&driver.reviewer),
            &case.number,
            "approval",
            &json!({}),
        )
        .await?;
    ensure!(reply["state"] == "reviewed", "{reply}");
    Ok(case)
}

async fn dead_letter(driver: &Driver<'_>, case: &Submitted) -> Result<Option<serde_json::Value>> {
    let platform: &Platform = driver.platform;
    let list = platform
        .get(Caller::Staff(&driver.supervisor), "/api/desk/dead-letters")
        .await?
        .expect(200)?
        .json();
    let items = list["items"]
        .as_array()
        .context("no list of dead letters")?;
    Ok(items
        .iter()
        .find(|letter| letter["number"] == case.number.as_str())
        .cloned())
}

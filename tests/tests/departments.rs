//! A department publishes its handler on a running platform: it decides the next case, every decision of that case can
//! be taken again, and a backtest of the same release changes nothing.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use case::State;
use serde_json::{Value as Json, json};
use wenzheng_tests::cases::{POLICE, Submitted, answer, kinds};
use wenzheng_tests::platform::unique;
use wenzheng_tests::{Caller, Driver, Runner};

/// The sample, in Rust.
fn sample() -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the repository")?;
    Ok(root
        .join("departments/public-security")
        .display()
        .to_string())
}

/// What the sample wants done thirty days after its answer to [`question`].
const TASK: &str = "回访：户口迁入是否已经办结";

/// Runs a command that has to succeed.
fn done(runner: &Runner, arguments: &[&str]) -> Result<String> {
    let (success, text) = runner.handler(arguments)?;
    ensure!(success, "wenzheng handler {}: {text}", arguments.join(" "));
    Ok(text)
}

/// A question that the household window's own table answers, in words of its own each time.
fn question() -> Json {
    json!({
        "subject": "户口迁入需要什么材料",
        "body": format!("我的户口在安徽，今年在鄞州买房了，请问怎么办理户口迁入？（{}）", unique()),
        "kind": "consultation",
        "contact": { "name": "测试", "phone": "13800000000" },
        "consent": { "publish": true },
    })
}

#[tokio::test]
async fn what_a_department_publishes_decides_and_can_be_taken_again() -> Result<()> {
    let Some(mut runner) = Runner::prepare("departments", &[]).await? else {
        return Ok(());
    };
    let sample = sample()?;
    done(&runner, &["build", &sample])?;
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;

    // Nobody's key publishes nothing, and neither does that of another department.
    let key = done(&runner, &["key", "new", "police.key"])?;
    let (published, _) = runner.handler(&["publish", &sample, "--key", "police.key"])?;
    ensure!(!published, "an unknown key has published");
    done(
        &runner,
        &["key", "add", POLICE, key.trim(), "--holder", "张警官"],
    )?;
    let from = runner.log_length();
    // Beside the platform: it finds compiled what the gate has tried.
    let publish = ["publish", &sample, "--key", "police.key"];
    done(&runner, &[&publish[..], &["--state-dir", "state"]].concat())?;
    runner.logged(from, "handlers changed").await?;

    let case = driver.submit(&question()).await?;
    driver.assigned(&case).await?;
    let view = driver
        .until(&case.number, "drafted", |view| {
            kinds(view).contains(&"drafted".to_owned())
        })
        .await?;
    let drafted = view["events"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|event| event["kind"] == "drafted")
        .cloned()
        .unwrap_or_default();
    assert_eq!(
        drafted["judgement"]["handler"], "public-security-household",
        "{view}"
    );
    let officer = Caller::Staff(&driver.officer);
    driver
        .act(officer, &case.number, "acceptance", &json!({}))
        .await?;
    driver
        .act(officer, &case.number, "answer", &answer())
        .await?;
    driver
        .until(&case.number, "examined", |view| {
            kinds(view).contains(&"examined".to_owned())
        })
        .await?;

    followed_up(&driver, &case).await?;
    let quick = approved_at_once(&driver).await?;

    for case in [&case, &quick] {
        replayed(&runner, &driver, case).await?;
    }
    let report: Json = serde_json::from_str(&done(&runner, &["backtest", &sample, "--json"])?)?;
    assert_eq!(report["cases"], 2, "{report:#}");
    assert_eq!(report["totals"]["unaffected"], 2, "{report:#}");
    assert_eq!(report["affected"], json!([]), "{report:#}");

    // Taken back: the default decides the next case, and the past is what it was.
    let from = runner.log_length();
    done(&runner, &["disable", POLICE, "--key", "police.key"])?;
    runner.logged(from, "handlers changed").await?;
    done(&runner, &["replay", &case.number])?;
    let report: Json = serde_json::from_str(&done(&runner, &["backtest", &sample, "--json"])?)?;
    assert_eq!(report["current"], Json::Null);
    assert_eq!(
        report["totals"]["decisions_flipped"], 2,
        "the default proposes nothing: {report:#}"
    );
    // What the citizen wrote is in no report unless it is asked for.
    assert!(!report.to_string().contains("安徽"), "{report:#}");
    runner.verify()?;
    Ok(())
}

/// What the department's handler wants done after the answer is in force with the approval, has its day with the
/// publication, and is done once.
async fn followed_up(driver: &Driver<'_>, case: &Submitted) -> Result<()> {
    let number = case.number.as_str();
    let officer = Caller::Staff(&driver.officer);
    let reviewer = Caller::Staff(&driver.reviewer);
    let supervisor = Caller::Staff(&driver.supervisor);
    driver.act(reviewer, number, "approval", &json!({})).await?;
    let view = driver.until_state(number, State::Published).await?;
    assert_eq!(view["follow_up"]["task"], TASK);
    assert_eq!(view["follow_up"]["after_days"], 30);
    let due = &view["follow_up"]["due_at"];
    assert!(due.as_str() > view["published_at"].as_str(), "{view}");
    for (by, query) in [
        (officer, ""),
        (supervisor, ""),
        (supervisor, "?department=public-security"),
    ] {
        let list = listed(driver, by, query).await?;
        assert_eq!(list.len(), 1, "{query}: {list:?}");
        assert_eq!(list[0]["number"], number);
        assert_eq!(list[0]["follow_up"]["due_at"], *due);
        assert_eq!(list[0]["follow_up"]["task"], TASK);
    }
    let elsewhere = listed(driver, supervisor, "?department=housing-construction").await?;
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    let refused = driver.platform.get(reviewer, "/api/desk/follow-ups");
    refused.await?.expect(403)?;
    // What goes on inside is not the citizen's to read.
    let path = format!("/api/cases/{number}");
    let own = driver.platform.get(Caller::Citizen(&case.code), &path);
    let own = own.await?.expect(200)?;
    assert!(!own.text.contains("回访"), "{}", own.text);

    let outcome = json!({ "reason": "电话回访，户口已经迁入。" });
    driver.act(officer, number, "follow-up", &outcome).await?;
    assert!(listed(driver, officer, "").await?.is_empty());
    let again = driver.try_act(officer, number, "follow-up", &outcome);
    assert_eq!(again.await?.expect(409)?.problem(), "no-follow-up");
    let view = driver.view(number).await?;
    assert_eq!(view["state"], "published");
    let kinds = kinds(&view);
    assert!(kinds.ends_with(&["followed-up".to_owned()]), "{kinds:?}");
    Ok(())
}

/// A case whose reviewer may have been faster than the stage that plans what is done after the answer: it is planned
/// all the same, and once.
async fn approved_at_once(driver: &Driver<'_>) -> Result<Submitted> {
    let officer = Caller::Staff(&driver.officer);
    let case = driver.submit(&question()).await?;
    driver.assigned(&case).await?;
    for (by, action, body) in [
        (officer, "acceptance", json!({})),
        (officer, "answer", answer()),
        (Caller::Staff(&driver.reviewer), "approval", json!({})),
    ] {
        driver.act(by, &case.number, action, &body).await?;
    }
    let view = driver
        .until(&case.number, "planned", |view| {
            !view["follow_up"]["due_at"].is_null()
        })
        .await?;
    assert_eq!(view["follow_up"]["task"], TASK);
    let kinds = kinds(&view);
    let planned = kinds.iter().filter(|kind| *kind == "follow-up-planned");
    assert_eq!(planned.count(), 1, "{kinds:?}");
    assert_eq!(listed(driver, officer, "").await?.len(), 1);
    Ok(case)
}

/// What is to be done after answers, as the desk lists it.
async fn listed(driver: &Driver<'_>, by: Caller<'_>, query: &str) -> Result<Vec<Json>> {
    let path = format!("/api/desk/follow-ups{query}");
    let list = driver.platform.get(by, &path).await?.expect(200)?.json();
    Ok(list["items"].as_array().cloned().unwrap_or_default())
}

/// Every decision again: the same, by the default handlers and by the department's.
async fn replayed(runner: &Runner, driver: &Driver<'_>, case: &Submitted) -> Result<()> {
    let kinds = kinds(&driver.view(&case.number).await?);
    let report = done(runner, &["replay", &case.number, "--json"])?;
    let report: Json = serde_json::from_str(&report)?;
    let decisions = report["decisions"].as_array().cloned().unwrap_or_default();
    for (kind, handler) in [
        ("classified", "wenzheng-classify"),
        ("assigned", "wenzheng-route"),
        ("drafted", "public-security-household"),
        ("examined", "wenzheng-review"),
        ("examined", "public-security-household"),
        ("follow-up-planned", "public-security-household"),
    ] {
        // A reviewer may have been faster than the examination.
        let Some(index) = kinds.iter().position(|other| other == kind) else {
            assert_eq!(kind, "examined", "{kinds:?}");
            continue;
        };
        let again = decisions
            .iter()
            .find(|again| again["event"] == index + 1 && again["handler"] == handler)
            .with_context(|| format!("{kind} by {handler} is not taken again: {report:#}"))?;
        assert_eq!(again["result"], "same", "{kind}: {report:#}");
    }
    Ok(())
}

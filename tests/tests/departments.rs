//! A department publishes its handler on a running platform: it decides the next case, every decision of that case can
//! be taken again, and a backtest of the same release changes nothing.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};
use wenzheng_tests::cases::{POLICE, answer, kinds};
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

/// Runs a command that has to succeed.
fn done(runner: &Runner, arguments: &[&str]) -> Result<String> {
    let (success, text) = runner.handler(arguments)?;
    ensure!(success, "wenzheng handler {}: {text}", arguments.join(" "));
    Ok(text)
}

/// A question that the household window's own table answers.
fn question() -> Json {
    json!({
        "subject": "户口迁入需要什么材料",
        "body": "我的户口在安徽，今年在鄞州买房了，请问怎么办理户口迁入？",
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

    // Every decision again: the same, by the default handlers and by the department's.
    let report: Json = serde_json::from_str(&done(&runner, &["replay", &case.number, "--json"])?)?;
    let decisions = report["decisions"].as_array().cloned().unwrap_or_default();
    let of = |stage: &str, handler: &str| {
        decisions
            .iter()
            .find(|again| again["stage"] == stage && again["handler"] == handler)
            .map_or("none", |again| again["result"].as_str().unwrap_or("none"))
    };
    for (stage, handler) in [
        ("classify", "wenzheng-classify"),
        ("route", "wenzheng-route"),
        ("answer", "public-security-household"),
        ("review", "wenzheng-review"),
        ("review", "public-security-household"),
    ] {
        assert_eq!(of(stage, handler), "same", "{stage}: {report:#}");
    }

    let report: Json = serde_json::from_str(&done(&runner, &["backtest", &sample, "--json"])?)?;
    assert_eq!(report["cases"], 1, "{report:#}");
    assert_eq!(report["totals"]["unaffected"], 1, "{report:#}");
    assert_eq!(report["affected"], json!([]), "{report:#}");

    // Taken back: the default decides the next case, and the past is what it was.
    let from = runner.log_length();
    done(&runner, &["disable", POLICE, "--key", "police.key"])?;
    runner.logged(from, "handlers changed").await?;
    done(&runner, &["replay", &case.number])?;
    let report: Json = serde_json::from_str(&done(&runner, &["backtest", &sample, "--json"])?)?;
    assert_eq!(report["current"], Json::Null);
    assert_eq!(
        report["totals"]["decisions_flipped"], 1,
        "the default proposes nothing: {report:#}"
    );
    // What the citizen wrote is in no report unless it is asked for.
    assert!(!report.to_string().contains("安徽"), "{report:#}");
    runner.verify()?;
    Ok(())
}

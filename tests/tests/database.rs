//! The database server goes away while the platform runs: requests are refused
//! with a proper 503, nothing acknowledged is lost, and work goes on when the
//! server is back, without a restart of the platform.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use sql::testing::{SERVER_VARIABLE, Stop, TestServer};
use wenzheng_tests::load::{Load, is_refusal};
use wenzheng_tests::runner::IMPATIENT;
use wenzheng_tests::{Caller, Driver, Platform, Runner};

/// Citizens who press on at the same time.
const AT_ONCE: usize = 8;

/// How long they do with the server there, before and after.
const WITH: Duration = Duration::from_secs(2);

/// How long the server is away.
const WITHOUT: Duration = Duration::from_secs(8);

/// How long the platform may take to say that it cannot.
const PROMPT: Duration = Duration::from_secs(8);

/// How long the platform may take to answer again when the server is back.
const BACK: Duration = Duration::from_secs(10);

/// How long the rest may take at the end.
const REST: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_server_goes_away_and_comes_back() -> Result<()> {
    if std::env::var_os(SERVER_VARIABLE).is_none_or(|address| address.is_empty()) {
        // SQLite is no server: there is nothing that could go away.
        return Ok(());
    }
    let server = TestServer::private().context("this test stops and starts a server of its own")?;
    let Some(mut runner) = Runner::prepare_on("database", IMPATIENT, server).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;
    let load = Load::new(&driver);

    for stop in [Stop::Fast, Stop::Immediate, Stop::Fast] {
        let refused = load.refused().await;
        let enough = AtomicBool::new(false);
        let outage = async {
            let back = outage(&mut runner, stop, &platform, &driver).await;
            enough.store(true, Ordering::Relaxed);
            back
        };
        let ((), outage) = tokio::join!(load.press_on(AT_ONCE, &enough), outage);
        let back = outage.with_context(|| format!("{stop:?}"))?;
        load.check_new()
            .await
            .with_context(|| format!("{stop:?}"))?;
        let refused = load.refused().await - refused;
        ensure!(refused > 0, "{stop:?}: nobody noticed");
        println!(
            "{stop:?}: {refused} requests refused; an answer {} ms after the server was back",
            back.as_millis()
        );
    }

    let outcome = load.finish(REST).await?;
    println!("{outcome:?}; {}", runner.verify()?);
    ensure!(outcome.cut == 0, "requests without an answer: {outcome:?}");
    ensure!(
        outcome
            .ends
            .get("closed-solved")
            .is_some_and(|solved| *solved > 10),
        "hardly anything happened: {outcome:?}"
    );
    Ok(())
}

/// One outage with time before and after it; how long it took until an answer came from the database again.
async fn outage(
    runner: &mut Runner,
    stop: Stop,
    platform: &Platform,
    driver: &Driver<'_>,
) -> Result<Duration> {
    tokio::time::sleep(WITH).await;
    let server = runner.server().context("a server of its own")?;
    server.stop(stop)?;
    let began = Instant::now();
    away(platform, driver).await?;
    tokio::time::sleep(WITHOUT.saturating_sub(began.elapsed())).await;
    server.start_again()?;
    let back = back(platform).await?;
    tokio::time::sleep(WITH).await;
    Ok(back)
}

/// Whatever is asked for while the server is away is refused properly.
async fn away(platform: &Platform, driver: &Driver<'_>) -> Result<()> {
    let supervisor = Caller::Staff(&driver.supervisor);
    let message = driver.household(true);
    let session = json!({ "account": "nobody", "password": "nothing at all" });
    let began = Instant::now();
    let (list, figures, desk, submitted, signed_in) = tokio::join!(
        platform.get(Caller::Anyone, "/api/publications"),
        platform.get(Caller::Anyone, "/api/statistics"),
        platform.get(supervisor, "/api/desk/cases"),
        platform.post(Caller::Anyone, "/api/cases", &message),
        platform.post(Caller::Anyone, "/api/session", &session),
    );
    ensure!(
        began.elapsed() < PROMPT,
        "it took {:?} to say no",
        began.elapsed()
    );
    for reply in [list, figures, desk, submitted, signed_in] {
        let reply = reply?;
        ensure!(is_refusal(&reply), "{reply:?}");
    }
    platform.get(Caller::Anyone, "/health").await?.expect(200)?;
    Ok(())
}

/// How long it takes until a page comes that is read from the database.
async fn back(platform: &Platform) -> Result<Duration> {
    let began = Instant::now();
    loop {
        let reply = platform.get(Caller::Anyone, "/api/publications").await?;
        if reply.status == 200 {
            return Ok(began.elapsed());
        }
        ensure!(is_refusal(&reply), "{reply:?}");
        ensure!(began.elapsed() < BACK, "it does not come back: {reply:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

//! The relay: what the chain of stages did not reach, the sweep finds.
//!
//! - `POST /api/relay/sweep`: wakes every stage that has jobs ready, sets
//!   aside those that break their stage, forgets what is past its time. Safe
//!   to call at any time and as often as one likes. The runner calls it every
//!   second; on Spin an external timer does, with the variable `relay_key` as
//!   bearer token.

use std::cell::Cell;

use case::time::{HOUR, MINUTE, SECOND};
use http::{Method, StatusCode};
use serde_json::json;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use store::{accounts, counters, deliveries, jobs, likeness, submissions};
use web::rules::Rules;
use web::{Answer, BODY_LIMIT, Context, Database, Problem, Reply, chain, rules, variables};

/// The stages that work through jobs.
const STAGES: [&str; 5] = ["classify", "route", "answer", "review", "publish"];

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve("relay", BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["api", "relay", "sweep"]) => sweep(context).await,
        (_, ["api", "relay", "sweep"]) => Err(context.method_not_allowed("POST")),
        _ => Err(Problem::not_found()),
    }
}

async fn sweep(context: &Context) -> Result<Reply, Problem> {
    let key = variables::get("relay_key").await?;
    let given = context.bearer().unwrap_or_default();
    if !seal::equal(&seal::token_digest(given), &seal::token_digest(&key)) {
        return Err(Problem::unauthorized());
    }
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let now = context.now.0;
    let buried = jobs::bury(&mut database, now, rules.policy.jobs.max_attempts).await?;
    if buried > 0 {
        context.log(
            "error",
            &json!({ "event": "dead-letters", "count": buried }),
        );
    }
    let forgotten = forget(context, &mut database, &rules).await?;
    let mut woken = Vec::new();
    let mut down = Vec::new();
    for stage in STAGES {
        if jobs::any_ready(&mut database, stage, now).await? {
            let list = if chain::call(stage, &context.request).await {
                &mut woken
            } else {
                &mut down
            };
            list.push(stage);
        }
    }
    if !down.is_empty() {
        context.log("warn", &json!({ "event": "stages-down", "stages": down }));
    }
    let body = json!({ "woken": woken, "down": down, "dead": buried, "forgotten": forgotten });
    Ok(Reply::json(StatusCode::OK, &body))
}

thread_local! {
    static FORGOTTEN_AT: Cell<i64> = const { Cell::new(0) };
}

/// Forgets, at most once a minute, what is past its time: counters of floods
/// and logins, idempotency keys, ended sessions, what cases were compared by,
/// handlers that broke off while they were handed in.
async fn forget(
    context: &Context,
    database: &mut Database,
    rules: &Rules,
) -> Result<usize, Problem> {
    let now = context.now.0;
    if now - FORGOTTEN_AT.get() < MINUTE {
        return Ok(0);
    }
    FORGOTTEN_AT.set(now);
    let ago = |seconds: u64| {
        now.saturating_sub(i64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND))
    };
    let limits = &rules.limits;
    let windows = limits.flood.iter().map(|flood| flood.window_seconds);
    let logins = [limits.login.window_seconds, limits.login.lock_seconds];
    // A window counts from its start and may still be looked at as long again.
    let longest = windows
        .chain(logins)
        .max()
        .unwrap_or_default()
        .saturating_mul(2);
    let counters = counters::forget(database, ago(longest)).await?;
    let submissions = submissions::forget(database, now - submissions::KEEP).await?;
    let session = limits.session;
    let sessions = accounts::forget_sessions(
        database,
        ago(session.max_seconds),
        ago(session.idle_seconds),
    )
    .await?;
    let days = i64::from(rules.policy.likeness.days);
    let likeness = likeness::forget(database, likeness::day(now) - days).await?;
    let deliveries = deliveries::forget(database, now - HOUR).await?;
    Ok(counters + submissions + sessions + likeness + deliveries)
}

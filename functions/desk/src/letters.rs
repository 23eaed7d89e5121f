//! Jobs that failed for good.

use case::Role;
use case::time::Timestamp;
use http::StatusCode;
use serde_json::{Value as Json, json};
use store::jobs;
use web::{Context, Database, Problem, Reply, identity, rules, view};

/// Who sees that the machinery stands still.
const ROLES: [Role; 2] = [Role::Supervisor, Role::Admin];

/// Letters of a page when nothing is asked for, and at most.
const PAGE: (u32, u32) = (100, 500);

/// Stages that have jobs.
const STAGES: [&str; 5] = ["classify", "route", "answer", "review", "publish"];

/// `GET /api/desk/dead-letters`, oldest first.
pub async fn list(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    identity::require(context, &mut database, &ROLES).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let limit = context.limit_parameter("limit", PAGE.0, PAGE.1)?;
    let letters = jobs::dead_letters(&mut database, limit).await?;
    let items: Vec<Json> = letters
        .iter()
        .map(|letter| {
            json!({
                "stage": letter.stage,
                "number": letter.number,
                "attempts": letter.attempts,
                "created_at": view::time(Timestamp(letter.created_at), rules.offset),
                "error": letter.error,
            })
        })
        .collect();
    Ok(Reply::ok(&json!({ "items": items })))
}

/// `POST /api/desk/dead-letters/{stage}/{number}`: tried again at the next
/// sweep.
pub async fn revive(context: &Context, stage: &str, number: &str) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    identity::require(context, &mut database, &ROLES).await?;
    if !STAGES.contains(&stage)
        || !jobs::revive(&mut database, stage, number, context.now.0).await?
    {
        return Err(Problem::not_found());
    }
    context.log(
        "info",
        &json!({ "event": "dead-letter-revived", "job": stage, "number": number }),
    );
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

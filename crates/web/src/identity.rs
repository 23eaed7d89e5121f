//! Who makes a request.

use case::{Actor, Role};
use seal::{query_code_digest, token_digest};
use store::accounts::{self, Account, Session};
use store::contacts;

use crate::context::Context;
use crate::database::Database;
use crate::problem::Problem;
use crate::rules;

/// How stale the time of last use of a session may get, in milliseconds: it
/// spares a write for every request.
const TOUCH: i64 = 60_000;

/// The header with the citizen's secret query code. It is never in an
/// address, where logs and histories would keep it.
pub const QUERY_CODE: &str = "query-code";

/// The member of staff who is signed in; none without a token. An unknown or
/// expired token is 401, so that nobody acts as somebody less by mistake.
pub async fn staff(context: &Context, database: &mut Database) -> Result<Option<Account>, Problem> {
    let session = session(context, database).await?;
    Ok(session.map(|session| session.account))
}

/// Like [`staff`], with what is known of the session.
pub async fn session(
    context: &Context,
    database: &mut Database,
) -> Result<Option<Session>, Problem> {
    session_of(context, database, true).await
}

/// The session that the token is of. `used` says whether somebody is at work
/// with it, so that it does not end by itself for a while.
async fn session_of(
    context: &Context,
    database: &mut Database,
    used: bool,
) -> Result<Option<Session>, Problem> {
    let Some(token) = context.bearer() else {
        return Ok(None);
    };
    let digest = token_digest(token);
    let session = accounts::session(database, &digest)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let limits = rules::rules(database, context.now).await?.limits.session;
    let (now, second) = (context.now.0, 1000);
    let idle = i64::try_from(limits.idle_seconds).unwrap_or(i64::MAX / second) * second;
    let age = i64::try_from(limits.max_seconds).unwrap_or(i64::MAX / second) * second;
    if now - session.seen_at > idle || now - session.created_at > age {
        return Err(Problem::unauthorized());
    }
    if used && now - session.seen_at > TOUCH {
        accounts::touch_session(database, &digest, now).await?;
    }
    if session.account.must_change && context.stage != "identity" {
        return Err(Problem::new(http::StatusCode::FORBIDDEN, "password-change"));
    }
    Ok(Some(session))
}

/// The member of staff who is signed in and has one of `roles`: 401 or 403 else.
pub async fn require(
    context: &Context,
    database: &mut Database,
    roles: &[Role],
) -> Result<Account, Problem> {
    let account = staff(context, database)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    if roles.contains(&account.role) {
        Ok(account)
    } else {
        Err(Problem::forbidden())
    }
}

/// Like [`require`], for what a page asks by itself: a desk that was left open
/// must not stay signed in because its page goes on asking.
pub async fn require_unused(
    context: &Context,
    database: &mut Database,
    roles: &[Role],
) -> Result<Account, Problem> {
    let session = session_of(context, database, false)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    if roles.contains(&session.account.role) {
        Ok(session.account)
    } else {
        Err(Problem::forbidden())
    }
}

/// Like [`require`], for what takes a fresh proof of identity: 403 where the
/// last one is too old, as when somebody sits down at a desk left open.
pub async fn proved(
    context: &Context,
    database: &mut Database,
    roles: &[Role],
) -> Result<Account, Problem> {
    let session = session(context, database)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    if !roles.contains(&session.account.role) {
        return Err(Problem::forbidden());
    }
    let limits = rules::rules(database, context.now).await?.limits.session;
    let age = i64::try_from(limits.proof_seconds).unwrap_or(i64::MAX / 1000) * 1000;
    if context.now.0 - session.proved_at > age {
        return Err(Problem::new(http::StatusCode::FORBIDDEN, "prove-again"));
    }
    Ok(session.account)
}

/// The channel adapter whose API key came along.
pub async fn channel(
    context: &Context,
    database: &mut Database,
) -> Result<Option<String>, Problem> {
    let Some(key) = context.header("x-api-key") else {
        return Ok(None);
    };
    let channel = accounts::channel_of_key(database, &token_digest(key)).await?;
    channel.map(Some).ok_or_else(Problem::unauthorized)
}

/// Whether the citizen's query code for case `number` came along and is right.
/// A wrong code is 404, the same as a number that does not exist.
pub async fn citizen(
    context: &Context,
    database: &mut Database,
    number: &str,
) -> Result<bool, Problem> {
    let Some(code) = context.header(QUERY_CODE) else {
        return Ok(false);
    };
    let contact = contacts::load(database, number).await?;
    match contact {
        Some(contact) if seal::equal(&contact.code, &query_code_digest(number, code)) => Ok(true),
        _ => Err(Problem::not_found()),
    }
}

/// Who wants to act on case `number`: staff by their token, else the citizen
/// by the query code; 401 for nobody.
pub async fn actor(
    context: &Context,
    database: &mut Database,
    number: &str,
) -> Result<Actor, Problem> {
    if let Some(account) = staff(context, database).await? {
        return Ok(account.actor());
    }
    if citizen(context, database, number).await? {
        return Ok(Actor::Citizen);
    }
    Err(Problem::unauthorized())
}

//! Signing in and out, and one's own password.

use case::time::{SECOND, Timestamp};
use http::StatusCode;
use seal::password;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::accounts::{self, Account, Session};
use store::transaction;
use web::rules::{self, Rules};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, identity, variables};

use crate::guard::Guard;
use crate::password::{MAX, MIN, good};

/// Who signs in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    account: String,
    password: String,
}

/// Begins a session. An unknown account, a disabled one and a wrong password
/// look the same and take the same time.
pub async fn sign_in(context: &Context) -> Result<Reply, Problem> {
    let input: Credentials = context.json()?;
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "wrong-login");
    // What no account and no password can be does not reach the database.
    if input.account.len() > 64
        || input.account.chars().any(char::is_control)
        || input.password.len() > MAX
    {
        return Err(wrong());
    }
    let database = &mut Database::open().await?;
    let rules = rules::rules(database, context.now).await?;
    let keys = variables::keys().await?;
    let guard = Guard::new(context, &keys, rules.limits.login, &input.account);
    guard.check(database).await?;
    let known = accounts::load_with_password(database, &input.account)
        .await?
        .filter(|(known, _)| !known.disabled);
    let right = verify(
        &input.password,
        known.as_ref().map(|(_, hash)| hash.as_str()),
    )?;

    transaction::begin(database).await?;
    // Once more, for others may have been trying while this one was computed.
    if let Err(problem) = guard.check_alone(database).await {
        transaction::rollback(database).await;
        return Err(problem);
    }
    let Some((account, _)) = known.filter(|_| right) else {
        guard.fail(database).await?;
        transaction::commit(database).await?;
        context.log("warn", &json!({ "event": "sign-in-failed" }));
        return Err(wrong());
    };
    guard.succeed(database).await?;
    transaction::commit(database).await?;
    begin(context, database, &account, false, &rules).await
}

/// Begins a session of `account`, whose owner has just proved who they are:
/// with a password, or at the `provider`.
pub async fn begin(
    context: &Context,
    database: &mut Database,
    account: &Account,
    provider: bool,
    rules: &Rules,
) -> Result<Reply, Problem> {
    let token = seal::token().map_err(|error| Problem::internal(error.to_string()))?;
    let (key, now) = (seal::token_digest(&token), context.now.0);
    accounts::insert_session(database, &key, &account.id, provider, now).await?;
    let way = if provider { "provider" } else { "password" };
    context.log(
        "info",
        &json!({ "event": "signed-in", "account": account.id, "way": way }),
    );
    let session = accounts::session(database, &key)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let mut body = session_view(&session, rules);
    body["token"] = token.into();
    Ok(Reply::ok(&body))
}

/// Who is signed in.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let session = identity::session(context, database)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let rules = rules::rules(database, context.now).await?;
    Ok(Reply::ok(&session_view(&session, &rules)))
}

/// Ends the session.
pub async fn sign_out(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    identity::staff(context, database)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    accounts::end_session(database, &digest(context)).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The present password and the one to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Passwords {
    current: String,
    new: String,
}

/// Another password; all other sessions of the account end.
pub async fn change_password(context: &Context) -> Result<Reply, Problem> {
    let input: Passwords = context.json()?;
    let database = &mut Database::open().await?;
    let account = identity::staff(context, database)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let mut checks = Checks::default();
    if !good(&input.new, &account.id) {
        checks.add("new", "weak-password", Some(MIN));
    } else if input.new == input.current {
        checks.add("new", "unchanged", None);
    }
    checks.finish()?;
    let rules = rules::rules(database, context.now).await?;
    let keys = variables::keys().await?;
    let guard = Guard::new(context, &keys, rules.limits.login, &account.id);
    guard.check(database).await?;
    let (_, before) = accounts::load_with_password(database, &account.id)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let right = input.current.len() <= MAX && verify(&input.current, Some(&before))?;
    let after = if right { Some(hash(&input.new)?) } else { None };

    transaction::begin(database).await?;
    if let Err(problem) = guard.check_alone(database).await {
        transaction::rollback(database).await;
        return Err(problem);
    }
    let Some(after) = after else {
        guard.fail(database).await?;
        transaction::commit(database).await?;
        return Err(Problem::invalid("current", "wrong-password"));
    };
    if !accounts::replace_password(database, &account.id, &before, &after, false).await? {
        transaction::rollback(database).await;
        return Err(Problem::conflict("stale-account"));
    }
    accounts::end_sessions(database, &account.id, &digest(context)).await?;
    guard.succeed(database).await?;
    transaction::commit(database).await?;
    context.log(
        "info",
        &json!({ "event": "password-changed", "account": account.id }),
    );
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The password once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: String,
}

/// Notes that whoever uses the session knows its password.
pub async fn prove(context: &Context) -> Result<Reply, Problem> {
    let input: Proof = context.json()?;
    let database = &mut Database::open().await?;
    let account = identity::staff(context, database)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let rules = rules::rules(database, context.now).await?;
    let keys = variables::keys().await?;
    let guard = Guard::new(context, &keys, rules.limits.login, &account.id);
    guard.check(database).await?;
    let (_, stored) = accounts::load_with_password(database, &account.id)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let right = input.password.len() <= MAX && verify(&input.password, Some(&stored))?;

    transaction::begin(database).await?;
    if let Err(problem) = guard.check_alone(database).await {
        transaction::rollback(database).await;
        return Err(problem);
    }
    if !right {
        guard.fail(database).await?;
        transaction::commit(database).await?;
        context.log(
            "warn",
            &json!({ "event": "proof-failed", "account": account.id }),
        );
        return Err(Problem::invalid("password", "wrong-password"));
    }
    guard.succeed(database).await?;
    let token = digest(context);
    accounts::prove_session(database, &token, &account.id, context.now.0).await?;
    transaction::commit(database).await?;
    context.log(
        "info",
        &json!({ "event": "proved", "account": account.id, "way": "password" }),
    );
    let session = accounts::session(database, &token)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    Ok(Reply::ok(&session_view(&session, &rules)))
}

fn verify(password: &str, stored: Option<&str>) -> Result<bool, Problem> {
    password::verify(password, stored).map_err(|error| Problem::internal(error.to_string()))
}

/// The form in which `password` is stored.
pub fn hash(password: &str) -> Result<String, Problem> {
    password::hash(password).map_err(|error| Problem::internal(error.to_string()))
}

/// The digest of the session's token.
pub fn digest(context: &Context) -> seal::Hash {
    seal::token_digest(context.bearer().unwrap_or_default())
}

/// An account as its owner and administrators see it.
pub fn account_view(account: &Account) -> Json {
    json!({
        "id": account.id,
        "name": account.name,
        "role": account.role,
        "department": account.department,
        "must_change": account.must_change,
        "disabled": account.disabled,
        "link": account.link.as_ref().map(|link| json!({ "issuer": link.issuer, "subject": link.subject })),
        "revision": account.revision,
    })
}

/// A session as its owner sees it.
pub fn session_view(session: &Session, rules: &Rules) -> Json {
    let limits = rules.limits.session;
    let after = |from: i64, seconds: u64| {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX / SECOND);
        Timestamp(from)
            .plus(seconds.saturating_mul(SECOND))
            .local(rules.offset)
    };
    json!({
        "account": account_view(&session.account),
        "expires_at": after(session.created_at, limits.max_seconds),
        "idle_seconds": limits.idle_seconds,
        "proof_ends_at": after(session.proved_at, limits.proof_seconds),
    })
}

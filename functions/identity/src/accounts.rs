//! Administrators keep accounts.

use case::Role;
use http::StatusCode;
use oidc::token::SUBJECT_MAX;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use store::accounts::{self, Account, Filter, Link};
use store::console::{self, NewAccount};
use store::transaction;
use web::rules::{self, Bodies, Rules};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, identity, variables};

use crate::guard::Guard;
use crate::provider::Settings;
use crate::session::{account_view, hash};

/// Accounts on one page at most.
const PAGE: u32 = 200;

/// The administrator who makes the request, no longer with a one-time password.
async fn admin(context: &Context, database: &mut Database) -> Result<Account, Problem> {
    own_password(identity::require(context, database, &[Role::Admin]).await?)
}

/// The administrator who changes something, and has just proved who they are.
pub async fn proved_admin(context: &Context, database: &mut Database) -> Result<Account, Problem> {
    own_password(identity::proved(context, database, &[Role::Admin]).await?)
}

fn own_password(account: Account) -> Result<Account, Problem> {
    if account.must_change {
        return Err(Problem::new(StatusCode::FORBIDDEN, "password-change"));
    }
    Ok(account)
}

/// A page of accounts, by identifier: all, or those of a role, of a department,
/// or those that are disabled or are not.
pub async fn list(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    admin(context, database).await?;
    let bodies = rules::bodies(database, context.now).await?;
    let limit = context.limit_parameter("limit", PAGE, PAGE)?;
    let after = context.parameter("cursor").unwrap_or_default();
    let (role, disabled) = (context.parameter("role"), context.parameter("disabled"));
    let filter = Filter {
        role: role.and_then(Role::from_name),
        department: context.parameter("department"),
        disabled: disabled.and_then(|text| text.parse().ok()),
    };
    let mut checks = Checks::default();
    if role.is_some() && filter.role.is_none() {
        checks.add("role", "unknown-value", None);
    }
    if let Some(department) = filter.department
        && !bodies.departments.contains_key(department)
    {
        checks.add("department", "department", None);
    }
    if disabled.is_some() && filter.disabled.is_none() {
        checks.add("disabled", "unknown-value", None);
    }
    if !after.is_empty() && !is_id(after) {
        checks.add("cursor", "cursor", None);
    }
    checks.finish()?;
    let mut page = accounts::page(database, filter, after, limit + 1).await?;
    let more = page.len() > limit as usize;
    page.truncate(limit as usize);
    let next = page
        .last()
        .filter(|_| more)
        .map(|account| account.id.clone());
    let accounts: Vec<_> = page.iter().map(account_view).collect();
    Ok(Reply::ok(&json!({ "accounts": accounts, "next": next })))
}

/// One account.
pub async fn show(context: &Context, id: &str) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    admin(context, database).await?;
    let account = accounts::load(database, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    Ok(Reply::ok(&json!({ "account": account_view(&account) })))
}

/// An account to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    id: String,
    name: String,
    role: Role,
    department: Option<String>,
}

/// Makes an account; its one-time password is in the answer and nowhere else.
pub async fn create(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let admin = proved_admin(context, database).await?;
    let input: New = context.json()?;
    let rules = rules::rules(database, context.now).await?;
    let bodies = rules::bodies(database, context.now).await?;
    let mut checks = Checks::default();
    if !is_id(&input.id) {
        checks.add("id", "account-id", None);
    }
    check(
        &mut checks,
        &input.name,
        input.role,
        input.department.as_deref(),
        &rules,
        &bodies,
    );
    checks.finish()?;

    let one_time = one_time()?;
    let account = NewAccount {
        id: &input.id,
        name: input.name.trim(),
        role: input.role,
        department: input.department.as_deref(),
        password: &hash(&one_time)?,
        must_change: true,
        now: context.now.0,
    };
    transaction::begin(database).await?;
    if !console::insert_account(database, account).await? {
        transaction::rollback(database).await;
        return Err(Problem::invalid("id", "exists"));
    }
    let made = accounts::load(database, &input.id)
        .await?
        .ok_or_else(Problem::not_found)?;
    transaction::commit(database).await?;
    context.log(
        "info",
        &json!({ "event": "account-made", "account": made.id, "role": made.role, "by": admin.id }),
    );
    let body = json!({ "account": account_view(&made), "password": one_time });
    Ok(Reply::json(StatusCode::CREATED, &body))
}

/// What is to change of an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    role: Option<Role>,
    #[serde(default, deserialize_with = "present")]
    department: Option<Option<String>>,
    disabled: Option<bool>,
    #[serde(default)]
    reset_password: bool,
    /// Who the person is at the identity provider; `null` ends the link.
    #[serde(default, deserialize_with = "present")]
    subject: Option<Option<String>>,
    /// The revision of the account that the caller has seen.
    revision: Option<i64>,
}

/// Tells `null` from what is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes an account. Whoever loses a role, a department, the link or the
/// password is signed out; a new password ends the lock after failed sign-ins.
pub async fn change(context: &Context, id: &str) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let admin = proved_admin(context, database).await?;
    let input: Patch = context.json()?;
    let rules = rules::rules(database, context.now).await?;
    let bodies = rules::bodies(database, context.now).await?;
    // Hashing takes its time: not while the transaction holds the others up.
    let one_time = if input.reset_password {
        Some(one_time()?)
    } else {
        None
    };
    let replacement = one_time.as_deref().map(hash).transpose()?;
    let keys = variables::keys().await?;
    let guard = Guard::new(context, &keys, rules.limits.login, id);
    let link = link(input.subject.as_ref()).await?;

    transaction::begin(database).await?;
    let result = apply(
        database,
        id,
        &input,
        link,
        replacement.as_deref(),
        &guard,
        (&rules, &bodies),
    )
    .await;
    let changed = match result {
        Ok(changed) => changed,
        Err(problem) => {
            transaction::rollback(database).await;
            return Err(problem);
        }
    };
    transaction::commit(database).await?;
    context.log(
        "info",
        &json!({ "event": "account-changed", "account": changed.id, "role": changed.role,
            "disabled": changed.disabled, "reset": input.reset_password,
            "linked": changed.link.is_some(), "by": admin.id }),
    );
    let mut body = json!({ "account": account_view(&changed) });
    if let Some(one_time) = one_time {
        body["password"] = one_time.into();
    }
    Ok(Reply::ok(&body))
}

async fn apply(
    database: &mut Database,
    id: &str,
    input: &Patch,
    link: Option<Option<Link>>,
    replacement: Option<&str>,
    guard: &Guard,
    (rules, bodies): (&Rules, &Bodies),
) -> Result<Account, Problem> {
    let admins = accounts::hold_admins(database).await?;
    let (before, password) = accounts::load_with_password(database, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    if input.revision.is_some_and(|seen| seen != before.revision) {
        return Err(Problem::conflict("stale-account"));
    }
    let mut account = before.clone();
    if let Some(name) = &input.name {
        account.name = name.trim().to_owned();
    }
    account.role = input.role.unwrap_or(account.role);
    account.disabled = input.disabled.unwrap_or(account.disabled);
    match &input.department {
        Some(department) => account.department.clone_from(department),
        // The department goes with the role.
        None if account.role != Role::Officer => account.department = None,
        None => {}
    }
    let mut checks = Checks::default();
    check(
        &mut checks,
        &account.name,
        account.role,
        account.department.as_deref(),
        rules,
        bodies,
    );
    checks.finish()?;
    let keeps = account.role == Role::Admin && !account.disabled;
    if !keeps && admins == [account.id.clone()] {
        return Err(Problem::conflict("last-admin"));
    }

    if let Some(link) = link {
        account.link = link;
    }
    if let Some(link) = &account.link
        && let Some(other) = accounts::linked(database, link).await?
        && other.id != account.id
    {
        return Err(Problem::invalid("subject", "exists"));
    }

    accounts::update(database, &account).await?;
    if let Some(replacement) = replacement {
        if !accounts::replace_password(database, id, &password, replacement, true).await? {
            return Err(Problem::conflict("stale-account"));
        }
        guard.succeed(database).await?;
    }
    let demoted = account.role != before.role || account.department != before.department;
    let relinked = account.link != before.link;
    if account.disabled || demoted || relinked || replacement.is_some() {
        accounts::end_sessions(database, id, &[]).await?;
    }
    accounts::load(database, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// The link that an account is to have: none where it stays as it is.
async fn link(subject: Option<&Option<String>>) -> Result<Option<Option<Link>>, Problem> {
    let Some(subject) = subject else {
        return Ok(None);
    };
    let Some(subject) = subject else {
        return Ok(Some(None));
    };
    if !(1..=SUBJECT_MAX).contains(&subject.len()) || subject.chars().any(char::is_control) {
        return Err(Problem::invalid("subject", "subject"));
    }
    let settings = Settings::read().await?;
    let settings = settings.ok_or_else(|| Problem::invalid("subject", "no-provider"))?;
    Ok(Some(Some(Link {
        issuer: settings.issuer,
        subject: subject.clone(),
    })))
}

fn check(
    checks: &mut Checks,
    name: &str,
    role: Role,
    department: Option<&str>,
    rules: &Rules,
    bodies: &Bodies,
) {
    checks.required("name", name, rules.limits.text.name_max_chars, false);
    match (role, department) {
        (Role::Officer, None) => checks.add("department", "required", None),
        (Role::Officer, Some(department)) if !bodies.departments.contains_key(department) => {
            checks.add("department", "department", None);
        }
        (Role::Officer, Some(_)) | (_, None) => {}
        (_, Some(_)) => checks.add("department", "not-for-role", None),
    }
}

/// 1 to 40 small letters, digits and hyphens, as `wenzheng account add` has it.
fn is_id(id: &str) -> bool {
    (1..=40).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A password of 60 random bits that can be read aloud.
fn one_time() -> Result<String, Problem> {
    seal::query_code().map_err(|error| Problem::internal(error.to_string()))
}

//! Staff accounts, their sessions, and the keys of channel adapters.

use case::{Actor, Role};

use crate::{Connection, Dialect, Error, Row, Value};

/// A staff account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Identifier, chosen when it is made.
    pub id: String,
    /// Name as colleagues see it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The department of an officer.
    pub department: Option<String>,
    /// The password is a one-time password.
    pub must_change: bool,
    /// It can no longer sign in.
    pub disabled: bool,
    /// Who it is at an identity provider.
    pub link: Option<Link>,
    /// How often it has been changed, its password included.
    pub revision: i64,
}

/// A person as an identity provider names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The provider's name for itself.
    pub issuer: String,
    /// Its name for the person, which never changes and is never given away again.
    pub subject: String,
}

impl Account {
    /// The account as an actor.
    pub fn actor(&self) -> Actor {
        Actor::Staff {
            account: self.id.clone(),
            role: self.role,
            department: self.department.clone(),
        }
    }
}

const COLUMNS: &str = "a.id, a.name, a.role, a.department, a.must_change, a.disabled, \
     a.issuer, a.subject, a.revision";

fn account(row: &Row) -> Result<Account, Error> {
    let role = row.text(2)?;
    Ok(Account {
        id: row.text(0)?.to_owned(),
        name: row.text(1)?.to_owned(),
        role: Role::from_name(role).ok_or_else(|| Error::Decode(format!("role {role}")))?,
        department: row.optional_text(3)?.map(str::to_owned),
        must_change: row.integer(4)? != 0,
        disabled: row.integer(5)? != 0,
        link: match (row.optional_text(6)?, row.optional_text(7)?) {
            (Some(issuer), Some(subject)) => Some(Link {
                issuer: issuer.to_owned(),
                subject: subject.to_owned(),
            }),
            _ => None,
        },
        revision: row.integer(8)?,
    })
}

/// The account `id`.
pub async fn load<C: Connection>(connection: &mut C, id: &str) -> Result<Option<Account>, Error> {
    Ok(load_with_password(connection, id)
        .await?
        .map(|(account, _)| account))
}

/// The account `id` with its password's hash, a PHC string.
pub async fn load_with_password<C: Connection>(
    connection: &mut C,
    id: &str,
) -> Result<Option<(Account, String)>, Error> {
    let statement = format!("SELECT {COLUMNS}, a.password FROM accounts a WHERE a.id = $1");
    let rows = connection.query(&statement, vec![id.into()]).await?;
    rows.first()
        .map(|row| Ok((account(row)?, row.text(9)?.to_owned())))
        .transpose()
}

/// The names of the accounts `ids`, as pairs of identifier and name; those that are not there are left out.
pub async fn names<C: Connection>(
    connection: &mut C,
    ids: &[&str],
) -> Result<Vec<(String, String)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = (1..=ids.len()).map(|index| format!("${index}")).collect();
    let statement = format!(
        "SELECT id, name FROM accounts WHERE id IN ({})",
        list.join(", ")
    );
    let parameters = ids.iter().map(|id| Value::from(*id)).collect();
    connection
        .query(&statement, parameters)
        .await?
        .iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
        .collect()
}

/// The account of the person whom a provider calls so.
pub async fn linked<C: Connection>(
    connection: &mut C,
    link: &Link,
) -> Result<Option<Account>, Error> {
    let rows = connection
        .query(
            &format!("SELECT {COLUMNS} FROM accounts a WHERE a.issuer = $1 AND a.subject = $2"),
            vec![link.issuer.as_str().into(), link.subject.as_str().into()],
        )
        .await?;
    rows.first().map(account).transpose()
}

/// Which accounts a list has; without any of it, all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Those of this role.
    pub role: Option<Role>,
    /// Those of this department.
    pub department: Option<&'a str>,
    /// Those that can no longer sign in, or those that can.
    pub disabled: Option<bool>,
}

/// At most `limit` accounts behind `after` that `filter` lets through, in the
/// order of their identifiers.
pub async fn page<C: Connection>(
    connection: &mut C,
    filter: Filter<'_>,
    after: &str,
    limit: u32,
) -> Result<Vec<Account>, Error> {
    let wanted = [
        ("role", filter.role.map(|role| Value::from(role.name()))),
        ("department", filter.department.map(Value::from)),
        ("disabled", filter.disabled.map(Value::from)),
    ];
    let mut parameters = vec![Value::from(after)];
    let mut conditions = String::new();
    for (column, value) in wanted {
        if let Some(value) = value {
            parameters.push(value);
            conditions += &format!(" AND a.{column} = ${}", parameters.len());
        }
    }
    let statement = format!(
        "SELECT {COLUMNS} FROM accounts a WHERE a.id > $1{conditions} ORDER BY a.id LIMIT {limit}"
    );
    connection
        .query(&statement, parameters)
        .await?
        .iter()
        .map(account)
        .collect()
}

/// The identifiers of those who can keep accounts. They stay as they are
/// until the open transaction ends, so that the last one cannot go.
pub async fn hold_admins<C: Connection>(connection: &mut C) -> Result<Vec<String>, Error> {
    let lock = match connection.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE",
    };
    let statement =
        format!("SELECT id FROM accounts WHERE role = $1 AND disabled = 0 ORDER BY id {lock}");
    let rows = connection
        .query(&statement, vec![Role::Admin.name().into()])
        .await?;
    rows.iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// Writes name, role, department, whether it is disabled, and its link, and
/// counts the revision up.
pub async fn update<C: Connection>(connection: &mut C, account: &Account) -> Result<(), Error> {
    connection
        .query(
            "UPDATE accounts SET name = $1, role = $2, department = $3, disabled = $4, issuer = $5, \
             subject = $6, revision = revision + 1 WHERE id = $7",
            vec![
                account.name.as_str().into(),
                account.role.name().into(),
                account.department.as_deref().into(),
                account.disabled.into(),
                account.link.as_ref().map(|link| link.issuer.as_str()).into(),
                account.link.as_ref().map(|link| link.subject.as_str()).into(),
                account.id.as_str().into(),
            ],
        )
        .await
        .map(drop)
}

/// Replaces the password of account `id`, unless it is no longer `before`:
/// false then. `must_change` marks a one-time password.
pub async fn replace_password<C: Connection>(
    connection: &mut C,
    id: &str,
    before: &str,
    password: &str,
    must_change: bool,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE accounts SET password = $1, must_change = $2, revision = revision + 1 \
             WHERE id = $3 AND password = $4 RETURNING id",
            vec![
                password.into(),
                must_change.into(),
                id.into(),
                before.into(),
            ],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// A session and its account.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub account: Account,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it was last used, to within a minute.
    pub seen_at: i64,
    /// When its owner last proved who they are.
    pub proved_at: i64,
}

/// The session with the digest `token`, unless its account is disabled.
pub async fn session<C: Connection>(
    connection: &mut C,
    token: &[u8],
) -> Result<Option<Session>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT {COLUMNS}, s.created_at, s.seen_at, s.proved_at, s.provider FROM sessions s JOIN accounts a ON a.id = s.account \
                 WHERE s.token = $1 AND a.disabled = 0"
            ),
            vec![token.to_vec().into()],
        )
        .await?;
    rows.first()
        .map(|row| {
            let mut account = account(row)?;
            // Whoever came from the provider has used no one-time password.
            account.must_change &= row.integer(12)? == 0;
            Ok(Session {
                account,
                created_at: row.integer(9)?,
                seen_at: row.integer(10)?,
                proved_at: row.integer(11)?,
            })
        })
        .transpose()
}

/// Notes that a session was used.
pub async fn touch_session<C: Connection>(
    connection: &mut C,
    token: &[u8],
    now: i64,
) -> Result<(), Error> {
    connection
        .query(
            "UPDATE sessions SET seen_at = $1 WHERE token = $2",
            vec![Value::Integer(now), token.to_vec().into()],
        )
        .await
        .map(drop)
}

/// Notes that the owner of the session with the digest `token` has proved who
/// they are. False when there is no such session of account `id`.
pub async fn prove_session<C: Connection>(
    connection: &mut C,
    token: &[u8],
    id: &str,
    now: i64,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE sessions SET proved_at = $1, seen_at = $2 WHERE token = $3 AND account = $4 RETURNING account",
            vec![
                Value::Integer(now),
                Value::Integer(now),
                token.to_vec().into(),
                id.into(),
            ],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Begins a session of account `id` under the digest `token`, whose owner has
/// just proved who they are; `provider` where that was done elsewhere.
pub async fn insert_session<C: Connection>(
    connection: &mut C,
    token: &[u8],
    id: &str,
    provider: bool,
    now: i64,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO sessions (token, account, created_at, seen_at, proved_at, provider) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            vec![
                token.to_vec().into(),
                id.into(),
                Value::Integer(now),
                Value::Integer(now),
                Value::Integer(now),
                provider.into(),
            ],
        )
        .await
        .map(drop)
}

/// Ends the session with the digest `token`.
pub async fn end_session<C: Connection>(connection: &mut C, token: &[u8]) -> Result<(), Error> {
    connection
        .query(
            "DELETE FROM sessions WHERE token = $1",
            vec![token.to_vec().into()],
        )
        .await
        .map(drop)
}

/// Ends the sessions of account `id` but the one with the digest `except`.
pub async fn end_sessions<C: Connection>(
    connection: &mut C,
    id: &str,
    except: &[u8],
) -> Result<(), Error> {
    connection
        .query(
            "DELETE FROM sessions WHERE account = $1 AND token <> $2",
            vec![id.into(), except.to_vec().into()],
        )
        .await
        .map(drop)
}

/// Forgets sessions that began before `created` or were last used before
/// `seen`. Returns how many.
pub async fn forget_sessions<C: Connection>(
    connection: &mut C,
    created: i64,
    seen: i64,
) -> Result<usize, Error> {
    let rows = connection
        .query(
            "DELETE FROM sessions WHERE created_at < $1 OR seen_at < $2 RETURNING account",
            vec![Value::Integer(created), Value::Integer(seen)],
        )
        .await?;
    Ok(rows.len())
}

/// The channel whose key has the digest `key`, unless it was revoked.
pub async fn channel_of_key<C: Connection>(
    connection: &mut C,
    key: &[u8],
) -> Result<Option<String>, Error> {
    let rows = connection
        .query(
            "SELECT channel FROM channel_keys WHERE key = $1 AND revoked_at IS NULL",
            vec![key.to_vec().into()],
        )
        .await?;
    rows.first()
        .map(|row| row.text(0).map(str::to_owned))
        .transpose()
}

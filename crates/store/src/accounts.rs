//! Staff accounts, their sessions, and the keys of channel adapters.

use case::{Actor, Role};

use crate::{Connection, Error, Row, Value};

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
}

impl Account {
    /// The account as an actor.
    pub fn actor(&self) -> Actor {
        Actor::Staff { account: self.id.clone(), role: self.role, department: self.department.clone() }
    }
}

const COLUMNS: &str = "a.id, a.name, a.role, a.department, a.must_change, a.disabled";

fn account(row: &Row) -> Result<Account, Error> {
    let role = row.text(2)?;
    Ok(Account {
        id: row.text(0)?.to_owned(),
        name: row.text(1)?.to_owned(),
        role: Role::from_name(role).ok_or_else(|| Error::Decode(format!("role {role}")))?,
        department: row.optional_text(3)?.map(str::to_owned),
        must_change: row.integer(4)? != 0,
        disabled: row.integer(5)? != 0,
    })
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
}

/// The session with the digest `token`, unless its account is disabled.
pub async fn session<C: Connection>(connection: &mut C, token: &[u8]) -> Result<Option<Session>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT {COLUMNS}, s.created_at, s.seen_at FROM sessions s JOIN accounts a ON a.id = s.account \
                 WHERE s.token = $1 AND a.disabled = 0"
            ),
            vec![token.to_vec().into()],
        )
        .await?;
    rows.first()
        .map(|row| {
            Ok(Session { account: account(row)?, created_at: row.integer(6)?, seen_at: row.integer(7)? })
        })
        .transpose()
}

/// Notes that a session was used.
pub async fn touch_session<C: Connection>(connection: &mut C, token: &[u8], now: i64) -> Result<(), Error> {
    connection
        .query(
            "UPDATE sessions SET seen_at = $1 WHERE token = $2",
            vec![Value::Integer(now), token.to_vec().into()],
        )
        .await
        .map(drop)
}

/// The channel whose key has the digest `key`, unless it was revoked.
pub async fn channel_of_key<C: Connection>(connection: &mut C, key: &[u8]) -> Result<Option<String>, Error> {
    let rows = connection
        .query(
            "SELECT channel FROM channel_keys WHERE key = $1 AND revoked_at IS NULL",
            vec![key.to_vec().into()],
        )
        .await?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}

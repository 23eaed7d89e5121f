//! What the command `wenzheng` does beside the platform: first accounts, new
//! passwords, keys of channels.

use case::Role;

use crate::{Connection, Error, Value};

/// An account to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    /// Identifier, by which the person signs in.
    pub id: &'a str,
    /// Name as colleagues see it.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// The department of an officer.
    pub department: Option<&'a str>,
    /// The password's hash, a PHC string.
    pub password: &'a str,
    /// The password is a one-time password.
    pub must_change: bool,
    /// Now, in milliseconds since 1970 UTC.
    pub now: i64,
}

/// Makes an account. False when there is one of that identifier already,
/// which then stays as it is.
pub async fn insert_account<C: Connection>(
    connection: &mut C,
    account: NewAccount<'_>,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "INSERT INTO accounts (id, name, role, department, password, must_change, disabled, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT (id) DO NOTHING RETURNING id",
            vec![
                account.id.into(),
                account.name.into(),
                account.role.name().into(),
                account.department.into(),
                account.password.into(),
                account.must_change.into(),
                Value::Integer(account.now),
            ],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The identifiers of all accounts.
pub async fn account_ids<C: Connection>(connection: &mut C) -> Result<Vec<String>, Error> {
    let rows = connection
        .query("SELECT id FROM accounts ORDER BY id", Vec::new())
        .await?;
    rows.iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// Whether anybody can keep accounts.
pub async fn has_admin<C: Connection>(connection: &mut C) -> Result<bool, Error> {
    let rows = connection
        .query(
            "SELECT 1 FROM accounts WHERE role = $1 AND disabled = 0 LIMIT 1",
            vec![Role::Admin.name().into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Gives an account a new one-time password, lets it sign in again if it was
/// disabled, and ends its sessions. False when there is no such account.
pub async fn reset_password<C: Connection>(
    connection: &mut C,
    id: &str,
    password: &str,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE accounts SET password = $1, must_change = 1, disabled = 0, revision = revision + 1 \
             WHERE id = $2 RETURNING id",
            vec![password.into(), id.into()],
        )
        .await?;
    connection
        .query("DELETE FROM sessions WHERE account = $1", vec![id.into()])
        .await?;
    Ok(!rows.is_empty())
}

/// Stores the digest of a new key for the adapter of `channel`.
pub async fn insert_channel_key<C: Connection>(
    connection: &mut C,
    key: &[u8],
    channel: &str,
    now: i64,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO channel_keys (key, channel, created_at, revoked_at) VALUES ($1, $2, $3, NULL)",
            vec![key.to_vec().into(), channel.into(), Value::Integer(now)],
        )
        .await
        .map(drop)
}

/// Revokes all keys of `channel` and returns how many there were.
pub async fn revoke_channel_keys<C: Connection>(
    connection: &mut C,
    channel: &str,
    now: i64,
) -> Result<usize, Error> {
    let rows = connection
        .query(
            "UPDATE channel_keys SET revoked_at = $1 WHERE channel = $2 AND revoked_at IS NULL RETURNING channel",
            vec![Value::Integer(now), channel.into()],
        )
        .await?;
    Ok(rows.len())
}

/// Whether any contact is sealed.
pub async fn has_sealed_contacts<C: Connection>(connection: &mut C) -> Result<bool, Error> {
    let rows = connection
        .query(
            "SELECT 1 FROM contacts WHERE sealed IS NOT NULL LIMIT 1",
            Vec::new(),
        )
        .await?;
    Ok(!rows.is_empty())
}

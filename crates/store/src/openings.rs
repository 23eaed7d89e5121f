//! Who of the staff opened a case.

use case::Role;

use crate::{Connection, Error, Value};

/// Milliseconds within which looks of one account at one case are one
/// opening: a page that is loaded again after each action, a file beside it.
pub const ONE: i64 = 10 * 60 * 1000;

/// Openings of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRole {
    /// The role.
    pub role: Role,
    /// How often.
    pub count: i64,
    /// When last, in milliseconds since 1970 UTC.
    pub last_at: i64,
}

/// The last opening by one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The account.
    pub account: String,
    /// Its name; the identifier where the account is gone.
    pub name: String,
    /// The role in which it looked.
    pub role: Role,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// Records that `account` looks at case `number` in `role` at `at`, unless it
/// is the same opening as one before. Whoever is to see the case must have
/// waited for this: what is not recorded is not shown.
pub async fn record<C: Connection>(
    connection: &mut C,
    number: &str,
    account: &str,
    role: Role,
    at: i64,
) -> Result<(), Error> {
    // A read costs no turn to write; most looks are not the first.
    let known = connection
        .query(
            "SELECT 1 FROM openings WHERE number = $1 AND account = $2 AND at > $3 AND role = $4 LIMIT 1",
            vec![
                number.into(),
                account.into(),
                Value::Integer(at - ONE),
                role.name().into(),
            ],
        )
        .await?;
    if !known.is_empty() {
        return Ok(());
    }
    connection
        .query(
            "INSERT INTO openings (number, account, at, role) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            vec![
                number.into(),
                account.into(),
                Value::Integer(at),
                role.name().into(),
            ],
        )
        .await?;
    Ok(())
}

/// Records that `account` has the contact of case `number` shown in the clear,
/// and what for. Each time is an opening of its own.
pub async fn reveal<C: Connection>(
    connection: &mut C,
    number: &str,
    account: &str,
    role: Role,
    purpose: &str,
    at: i64,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO openings (number, account, role, purpose, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (number, account, at) DO UPDATE SET purpose = excluded.purpose",
            vec![
                number.into(),
                account.into(),
                role.name().into(),
                purpose.into(),
                Value::Integer(at),
            ],
        )
        .await
        .map(drop)
}

/// How often case `number` was opened by each role, in the order of the roles.
pub async fn by_role<C: Connection>(
    connection: &mut C,
    number: &str,
) -> Result<Vec<OfRole>, Error> {
    let rows = connection
        .query(
            "SELECT role, COUNT(*), MAX(at) FROM openings WHERE number = $1 GROUP BY role",
            vec![number.into()],
        )
        .await?;
    let mut roles = Vec::with_capacity(rows.len());
    for row in &rows {
        roles.push(OfRole {
            role: role(row.text(0)?)?,
            count: row.integer(1)?,
            last_at: row.integer(2)?,
        });
    }
    roles.sort_by_key(|of| of.role);
    Ok(roles)
}

/// Who else than `account` opened case `number` since `since`, the last first.
pub async fn others<C: Connection>(
    connection: &mut C,
    number: &str,
    account: &str,
    since: i64,
) -> Result<Vec<Opening>, Error> {
    let rows = connection
        .query(
            "SELECT o.account, (SELECT a.name FROM accounts a WHERE a.id = o.account), MAX(o.role), MAX(o.at) \
             FROM openings o WHERE o.number = $1 AND o.account <> $2 AND o.at > $3 \
             GROUP BY o.account ORDER BY 4 DESC, 1 LIMIT 10",
            vec![number.into(), account.into(), Value::Integer(since)],
        )
        .await?;
    let mut openings = Vec::with_capacity(rows.len());
    for row in &rows {
        let account = row.text(0)?;
        openings.push(Opening {
            name: row.optional_text(1)?.unwrap_or(account).to_owned(),
            account: account.to_owned(),
            role: role(row.text(2)?)?,
            at: row.integer(3)?,
        });
    }
    Ok(openings)
}

fn role(name: &str) -> Result<Role, Error> {
    Role::from_name(name).ok_or_else(|| Error::Decode(format!("role {name}")))
}

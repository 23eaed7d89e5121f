//! Handlers that departments publish: their keys, releases, what decides now, and the log of all changes.

use crate::{Connection, Error, Row, Value};

/// What decides for a department now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The department.
    pub department: String,
    /// How often it was changed; 0 before the first time.
    pub revision: i64,
    /// The release that decides; none, and the platform's default does.
    pub current: Option<i64>,
    /// A release that decides `share` hundredths of the cases instead.
    pub candidate: Option<i64>,
    /// In hundredths.
    pub share: i64,
    /// Where the handler runs as an application of its own; none where the platform runs it.
    pub endpoint: Option<String>,
}

impl Standing {
    /// Whether any handler of the department decides anything.
    pub fn decides(&self) -> bool {
        self.current.is_some() || self.candidate.is_some() || self.endpoint.is_some()
    }
}

/// Something that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The department.
    pub department: String,
    /// Its number within the department, from 1.
    pub release: i64,
    /// SHA-256 of its component.
    pub sha256: Vec<u8>,
    /// The handler's name, as it says itself.
    pub name: String,
    /// The handler's version, as it says itself.
    pub version: String,
    /// The categories that it wants to see; empty for all.
    pub categories: Vec<String>,
    /// Milliseconds since 1970 UTC.
    pub published_at: i64,
}

/// A public key of somebody who may publish for a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The Ed25519 public key, 32 bytes.
    pub key: Vec<u8>,
    /// The only department that it is for.
    pub department: String,
    /// Whose it is.
    pub holder: String,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it ceased to count.
    pub revoked_at: Option<i64>,
}

/// A change of what decides, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The department.
    pub department: String,
    /// The revision that it made.
    pub revision: i64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// `publish`, `promote`, `rollback`, `disable` or `endpoint`.
    pub action: String,
    /// The release that it put in, if any.
    pub release: Option<i64>,
    /// The share of the cases, in hundredths.
    pub share: i64,
    /// Where the handler runs from then on; none where the platform runs it.
    pub endpoint: Option<String>,
    /// The public key of who did it.
    pub key: Vec<u8>,
    /// Their signature.
    pub signature: Vec<u8>,
}

/// What the platform has to tell a department about its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The department.
    pub department: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// The release that it is about.
    pub release: i64,
    /// `rests`: it failed again and again and is left out for a while; `recovered`: it answers again.
    pub what: String,
    /// The short name of the last failure; none where it recovered.
    pub cause: Option<String>,
}

/// Stores a public key. False when it is there already, for whichever department.
pub async fn insert_key<C: Connection>(connection: &mut C, key: &PublicKey) -> Result<bool, Error> {
    let rows = connection
        .query(
            "INSERT INTO handler_keys (key, department, holder, created_at, revoked_at) VALUES ($1, $2, $3, $4, NULL) \
             ON CONFLICT (key) DO NOTHING RETURNING holder",
            vec![
                key.key.clone().into(),
                key.department.as_str().into(),
                key.holder.as_str().into(),
                Value::Integer(key.created_at),
            ],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Revokes a key. False when the department has no such key in force.
pub async fn revoke_key<C: Connection>(
    connection: &mut C,
    department: &str,
    key: &[u8],
    now: i64,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE handler_keys SET revoked_at = $1 WHERE department = $2 AND key = $3 AND revoked_at IS NULL RETURNING holder",
            vec![Value::Integer(now), department.into(), key.to_vec().into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The keys of a department, revoked ones too, the oldest first.
pub async fn keys<C: Connection>(
    connection: &mut C,
    department: &str,
) -> Result<Vec<PublicKey>, Error> {
    let rows = connection
        .query(
            "SELECT key, department, holder, created_at, revoked_at FROM handler_keys WHERE department = $1 ORDER BY created_at, key",
            vec![department.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(PublicKey {
                key: row.blob(0)?.to_vec(),
                department: row.text(1)?.to_owned(),
                holder: row.text(2)?.to_owned(),
                created_at: row.integer(3)?,
                revoked_at: row.optional_integer(4)?,
            })
        })
        .collect()
}

const STANDING: &str =
    "SELECT department, revision, current, candidate, share, endpoint FROM handlers";

/// What decides for `department`; none when it never published.
pub async fn standing<C: Connection>(
    connection: &mut C,
    department: &str,
) -> Result<Option<Standing>, Error> {
    let statement = format!("{STANDING} WHERE department = $1");
    let rows = connection
        .query(&statement, vec![department.into()])
        .await?;
    rows.first().map(standing_of).transpose()
}

/// What decides for every department that ever published.
pub async fn standings<C: Connection>(connection: &mut C) -> Result<Vec<Standing>, Error> {
    let statement = format!("{STANDING} ORDER BY department");
    let rows = connection.query(&statement, Vec::new()).await?;
    rows.iter().map(standing_of).collect()
}

fn standing_of(row: &Row) -> Result<Standing, Error> {
    Ok(Standing {
        department: row.text(0)?.to_owned(),
        revision: row.integer(1)?,
        current: row.optional_integer(2)?,
        candidate: row.optional_integer(3)?,
        share: row.integer(4)?,
        endpoint: row.optional_text(5)?.map(str::to_owned),
    })
}

/// Stores a component, unless it is there.
pub async fn insert_component<C: Connection>(
    connection: &mut C,
    sha256: &[u8],
    content: &[u8],
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO handler_components (sha256, content) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING",
            vec![sha256.to_vec().into(), content.to_vec().into()],
        )
        .await
        .map(drop)
}

/// Whether the component of a digest is there.
pub async fn is_archived<C: Connection>(connection: &mut C, sha256: &[u8]) -> Result<bool, Error> {
    let rows = connection
        .query(
            "SELECT 1 FROM handler_components WHERE sha256 = $1",
            vec![sha256.to_vec().into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The component of a digest.
pub async fn component<C: Connection>(
    connection: &mut C,
    sha256: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    let rows = connection
        .query(
            "SELECT content FROM handler_components WHERE sha256 = $1",
            vec![sha256.to_vec().into()],
        )
        .await?;
    rows.first()
        .map(|row| Ok(row.blob(0)?.to_vec()))
        .transpose()
}

/// Bytes of the component of a digest, without reading it.
pub async fn component_size<C: Connection>(
    connection: &mut C,
    sha256: &[u8],
) -> Result<Option<i64>, Error> {
    let rows = connection
        .query(
            "SELECT CAST(LENGTH(content) AS BIGINT) FROM handler_components WHERE sha256 = $1",
            vec![sha256.to_vec().into()],
        )
        .await?;
    rows.first().map(|row| row.integer(0)).transpose()
}

/// Stores a release, with a number that nobody else has given.
pub async fn insert_release<C: Connection>(
    connection: &mut C,
    release: &Release,
) -> Result<(), Error> {
    let categories = serde_json::to_string(&release.categories)
        .map_err(|error| Error::Decode(error.to_string()))?;
    connection
        .query(
            "INSERT INTO handler_releases (department, release, sha256, name, version, categories, published_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            vec![
                release.department.as_str().into(),
                Value::Integer(release.release),
                release.sha256.clone().into(),
                release.name.as_str().into(),
                release.version.as_str().into(),
                categories.into(),
                Value::Integer(release.published_at),
            ],
        )
        .await
        .map(drop)
}

/// The releases of a department, the latest first.
pub async fn releases<C: Connection>(
    connection: &mut C,
    department: &str,
) -> Result<Vec<Release>, Error> {
    let rows = connection
        .query(
            "SELECT department, release, sha256, name, version, categories, published_at FROM handler_releases \
             WHERE department = $1 ORDER BY release DESC",
            vec![department.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Release {
                department: row.text(0)?.to_owned(),
                release: row.integer(1)?,
                sha256: row.blob(2)?.to_vec(),
                name: row.text(3)?.to_owned(),
                version: row.text(4)?.to_owned(),
                categories: serde_json::from_str(row.text(5)?)
                    .map_err(|error| Error::Decode(error.to_string()))?,
                published_at: row.integer(6)?,
            })
        })
        .collect()
}

/// Puts `standing` in force, whose revision is one more than the one that was read, and writes `entry` into the log.
///
/// # Errors
/// [`Error::Conflict`] when somebody else changed it meanwhile; the transaction has to be rolled back then.
pub async fn change<C: Connection>(
    connection: &mut C,
    standing: &Standing,
    entry: &Entry,
) -> Result<(), Error> {
    let rows = connection
        .query(
            "INSERT INTO handlers (department, revision, current, candidate, share, endpoint) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (department) DO UPDATE SET revision = excluded.revision, current = excluded.current, \
             candidate = excluded.candidate, share = excluded.share, endpoint = excluded.endpoint \
             WHERE handlers.revision + 1 = excluded.revision RETURNING revision",
            vec![
                standing.department.as_str().into(),
                Value::Integer(standing.revision),
                standing.current.map_or(Value::Null, Value::Integer),
                standing.candidate.map_or(Value::Null, Value::Integer),
                Value::Integer(standing.share),
                standing.endpoint.as_deref().into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Err(Error::Conflict(
            "the handler was changed meanwhile".to_owned(),
        ));
    }
    connection
        .query(
            "INSERT INTO handler_log (department, revision, at, action, release, share, endpoint, key, signature) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            vec![
                entry.department.as_str().into(),
                Value::Integer(entry.revision),
                Value::Integer(entry.at),
                entry.action.as_str().into(),
                entry.release.map_or(Value::Null, Value::Integer),
                Value::Integer(entry.share),
                entry.endpoint.as_deref().into(),
                entry.key.clone().into(),
                entry.signature.clone().into(),
            ],
        )
        .await
        .map(drop)
}

/// The log of a department, the latest first, at most `limit` entries.
pub async fn log<C: Connection>(
    connection: &mut C,
    department: &str,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = connection
        .query(
            "SELECT department, revision, at, action, release, share, endpoint, key, signature FROM handler_log \
             WHERE department = $1 ORDER BY revision DESC LIMIT $2",
            vec![department.into(), Value::Integer(limit)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                department: row.text(0)?.to_owned(),
                revision: row.integer(1)?,
                at: row.integer(2)?,
                action: row.text(3)?.to_owned(),
                release: row.optional_integer(4)?,
                share: row.integer(5)?,
                endpoint: row.optional_text(6)?.map(str::to_owned),
                key: row.blob(7)?.to_vec(),
                signature: row.blob(8)?.to_vec(),
            })
        })
        .collect()
}

/// Stores a notice.
pub async fn insert_notice<C: Connection>(
    connection: &mut C,
    notice: &Notice,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO handler_notices (department, at, release, what, cause) VALUES ($1, $2, $3, $4, $5)",
            vec![
                notice.department.as_str().into(),
                Value::Integer(notice.at),
                Value::Integer(notice.release),
                notice.what.as_str().into(),
                notice.cause.as_deref().into(),
            ],
        )
        .await
        .map(drop)
}

/// The notices for a department, the latest first, at most `limit`.
pub async fn notices<C: Connection>(
    connection: &mut C,
    department: &str,
    limit: i64,
) -> Result<Vec<Notice>, Error> {
    let rows = connection
        .query(
            "SELECT department, at, release, what, cause FROM handler_notices WHERE department = $1 \
             ORDER BY at DESC LIMIT $2",
            vec![department.into(), Value::Integer(limit)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Notice {
                department: row.text(0)?.to_owned(),
                at: row.integer(1)?,
                release: row.integer(2)?,
                what: row.text(3)?.to_owned(),
                cause: row.optional_text(4)?.map(str::to_owned),
            })
        })
        .collect()
}

//! What departments hand in over HTTP, until the loader of the platform has judged it.

use crate::{Connection, Error, Row, Value};

/// A release that a department has handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The signature of the order that came with it, which names it.
    pub signature: Vec<u8>,
    /// The department.
    pub department: String,
    /// The revision that it is to make.
    pub revision: i64,
    /// The release that it is to become.
    pub release: i64,
    /// In hundredths.
    pub share: i64,
    /// SHA-256 of its component.
    pub sha256: Vec<u8>,
    /// The public key of whoever has signed.
    pub key: Vec<u8>,
    /// Names the parts of its component.
    pub upload: Vec<u8>,
    /// Bytes of its component.
    pub size: i64,
    /// When all of it was there, in milliseconds since 1970 UTC.
    pub arrived_at: i64,
    /// When it was judged.
    pub judged_at: Option<i64>,
    /// `published`, `proposed`, `refused`, `overtaken` or `replaced`; none while it waits.
    pub verdict: Option<String>,
    /// What the gate found.
    pub report: Option<String>,
}

const COLUMNS: &str = "signature, department, revision, release, share, sha256, key, upload, size, arrived_at, judged_at, verdict, report";

fn delivery_of(row: &Row) -> Result<Delivery, Error> {
    Ok(Delivery {
        signature: row.blob(0)?.to_vec(),
        department: row.text(1)?.to_owned(),
        revision: row.integer(2)?,
        release: row.integer(3)?,
        share: row.integer(4)?,
        sha256: row.blob(5)?.to_vec(),
        key: row.blob(6)?.to_vec(),
        upload: row.blob(7)?.to_vec(),
        size: row.integer(8)?,
        arrived_at: row.integer(9)?,
        judged_at: row.optional_integer(10)?,
        verdict: row.optional_text(11)?.map(str::to_owned),
        report: row.optional_text(12)?.map(str::to_owned),
    })
}

/// Notes that `delivery` is being sent from now on. False when one with this signature has arrived before; one that
/// broke off is begun anew.
pub async fn begin<C: Connection>(
    connection: &mut C,
    delivery: &Delivery,
    now: i64,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "INSERT INTO handler_deliveries (signature, department, revision, release, share, sha256, key, upload, begun_at, size, attempts) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0) \
             ON CONFLICT (signature) DO UPDATE SET upload = excluded.upload, begun_at = excluded.begun_at \
             WHERE handler_deliveries.arrived_at IS NULL RETURNING revision",
            vec![
                delivery.signature.clone().into(),
                delivery.department.as_str().into(),
                Value::Integer(delivery.revision),
                Value::Integer(delivery.release),
                Value::Integer(delivery.share),
                delivery.sha256.clone().into(),
                delivery.key.clone().into(),
                delivery.upload.clone().into(),
                Value::Integer(now),
            ],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Stores a part of a component; parts are numbered from 0.
pub async fn insert_part<C: Connection>(
    connection: &mut C,
    upload: &[u8],
    part: i64,
    content: Vec<u8>,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO handler_delivery_parts (upload, part, content) VALUES ($1, $2, $3)",
            vec![upload.to_vec().into(), Value::Integer(part), content.into()],
        )
        .await
        .map(drop)
}

/// Forgets the parts of an upload.
pub async fn drop_parts<C: Connection>(connection: &mut C, upload: &[u8]) -> Result<(), Error> {
    connection
        .query(
            "DELETE FROM handler_delivery_parts WHERE upload = $1",
            vec![upload.to_vec().into()],
        )
        .await
        .map(drop)
}

/// Notes, inside an open transaction, that all of `delivery` is there, which takes the place of whatever of the
/// department's waits. False when it was begun anew meanwhile.
pub async fn arrive<C: Connection>(connection: &mut C, delivery: &Delivery) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE handler_deliveries SET arrived_at = $1, size = $2 \
             WHERE signature = $3 AND upload = $4 AND arrived_at IS NULL RETURNING revision",
            vec![
                Value::Integer(delivery.arrived_at),
                Value::Integer(delivery.size),
                delivery.signature.clone().into(),
                delivery.upload.clone().into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    let replaced = connection
        .query(
            "UPDATE handler_deliveries SET judged_at = $1, verdict = 'replaced' \
             WHERE department = $2 AND arrived_at IS NOT NULL AND judged_at IS NULL AND signature <> $3 RETURNING upload",
            vec![
                Value::Integer(delivery.arrived_at),
                delivery.department.as_str().into(),
                delivery.signature.clone().into(),
            ],
        )
        .await?;
    for row in replaced {
        drop_parts(connection, row.blob(0)?).await?;
    }
    Ok(true)
}

/// What has arrived and was not judged, the oldest first.
pub async fn waiting<C: Connection>(connection: &mut C) -> Result<Vec<Delivery>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM handler_deliveries WHERE judged_at IS NULL AND arrived_at IS NOT NULL ORDER BY arrived_at"
    );
    let rows = connection.query(&statement, Vec::new()).await?;
    rows.iter().map(delivery_of).collect()
}

/// What a department has handed in, the latest first, at most `limit`.
pub async fn of<C: Connection>(
    connection: &mut C,
    department: &str,
    limit: i64,
) -> Result<Vec<Delivery>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM handler_deliveries WHERE department = $1 AND arrived_at IS NOT NULL \
         ORDER BY begun_at DESC LIMIT $2"
    );
    let rows = connection
        .query(&statement, vec![department.into(), Value::Integer(limit)])
        .await?;
    rows.iter().map(delivery_of).collect()
}

/// Counts that the judgement of a delivery begins, and returns how often it has begun; 0 when it is judged.
pub async fn attempt<C: Connection>(connection: &mut C, signature: &[u8]) -> Result<i64, Error> {
    let rows = connection
        .query(
            "UPDATE handler_deliveries SET attempts = attempts + 1 WHERE signature = $1 AND judged_at IS NULL RETURNING attempts",
            vec![signature.to_vec().into()],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| row.integer(0))
}

/// The component of an upload.
pub async fn component<C: Connection>(connection: &mut C, upload: &[u8]) -> Result<Vec<u8>, Error> {
    let rows = connection
        .query(
            "SELECT content FROM handler_delivery_parts WHERE upload = $1 ORDER BY part",
            vec![upload.to_vec().into()],
        )
        .await?;
    let mut whole = Vec::new();
    for row in &rows {
        whole.extend_from_slice(row.blob(0)?);
    }
    Ok(whole)
}

/// Notes a verdict, inside an open transaction, and forgets the parts. False when there was one already.
pub async fn judge<C: Connection>(
    connection: &mut C,
    delivery: &Delivery,
    verdict: &str,
    report: &str,
    now: i64,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE handler_deliveries SET judged_at = $1, verdict = $2, report = $3 \
             WHERE signature = $4 AND judged_at IS NULL RETURNING revision",
            vec![
                Value::Integer(now),
                verdict.into(),
                report.into(),
                delivery.signature.clone().into(),
            ],
        )
        .await?;
    drop_parts(connection, &delivery.upload).await?;
    Ok(!rows.is_empty())
}

/// Forgets what broke off while it was sent and was begun before `before`, and parts that belong to nothing any more;
/// returns how many were broken off.
pub async fn forget<C: Connection>(connection: &mut C, before: i64) -> Result<usize, Error> {
    let rows = connection
        .query(
            "DELETE FROM handler_deliveries WHERE arrived_at IS NULL AND begun_at < $1 RETURNING revision",
            vec![Value::Integer(before)],
        )
        .await?;
    connection
        .query(
            "DELETE FROM handler_delivery_parts WHERE upload NOT IN (SELECT upload FROM handler_deliveries)",
            Vec::new(),
        )
        .await?;
    Ok(rows.len())
}

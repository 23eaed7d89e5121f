//! Counting within windows of time: flood limits and failed logins.
//!
//! Keys are keyed digests, so that no address, number or account stands in
//! the table.

use crate::transaction::placeholders;
use crate::{Connection, Dialect, Error, Value};

/// One counter to be counted up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// What is counted, as a keyed digest.
    pub key: Vec<u8>,
    /// When the window began, in milliseconds since 1970 UTC.
    pub window_start: i64,
}

/// A counter with the most that it may count and when its window ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The counter.
    pub count: Count,
    /// The most that it may stand at.
    pub max: i64,
    /// End of the window, in milliseconds since 1970 UTC.
    pub ends: i64,
}

pub(crate) const LIMIT_COLUMNS: usize = 3;

/// The rows that the view `receipts` takes: key in hexadecimal, beginning of the window, the most.
pub(crate) fn rows(limits: &[Limit]) -> Vec<Value> {
    let mut rows = Vec::with_capacity(limits.len() * LIMIT_COLUMNS);
    for Limit { count, max, .. } in limits {
        let key: String = count.key.iter().map(|byte| format!("{byte:02x}")).collect();
        rows.extend([
            key.into(),
            Value::Integer(count.window_start),
            Value::Integer(*max),
        ]);
    }
    rows
}

/// Counts each of `counts` up by one and returns what they stand at now, in
/// the order of `counts`, none of which may stand there twice.
pub async fn count_up<C: Connection>(
    connection: &mut C,
    counts: &[Count],
) -> Result<Vec<i64>, Error> {
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    // The same order in every transaction, so that two of them cannot block each other.
    let mut ordered: Vec<&Count> = counts.iter().collect();
    ordered.sort();
    let mut parameters = Vec::with_capacity(ordered.len() * 3);
    for count in ordered {
        parameters.extend([
            count.key.clone().into(),
            Value::Integer(count.window_start),
            Value::Integer(1),
        ]);
    }
    let statement = format!(
        "INSERT INTO counters (key, window_start, count) VALUES {} \
         ON CONFLICT (key, window_start) DO UPDATE SET count = counters.count + excluded.count \
         RETURNING key, window_start, count",
        placeholders(counts.len(), 3)
    );
    let rows = connection.query(&statement, parameters).await?;
    counts
        .iter()
        .map(|count| {
            for row in &rows {
                if row.blob(0)? == count.key && row.integer(1)? == count.window_start {
                    return row.integer(2);
                }
            }
            Err(Error::Decode("a counter was not returned".to_owned()))
        })
        .collect()
}

/// The instants after `since` at which `key` was counted, newest first, each
/// with how often.
pub async fn since<C: Connection>(
    connection: &mut C,
    key: &[u8],
    since: i64,
) -> Result<Vec<(i64, i64)>, Error> {
    let rows = connection
        .query(
            "SELECT window_start, count FROM counters WHERE key = $1 AND window_start > $2 \
             ORDER BY window_start DESC",
            vec![key.to_vec().into(), Value::Integer(since)],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.integer(0)?, row.integer(1)?)))
        .collect()
}

/// Keeps others who hold `key` waiting until the end of the open transaction,
/// so that nobody counts between a look at it and what follows from the look.
///
/// On SQLite a transaction that writes is alone as it is. On PostgreSQL there
/// may be no row yet that could be locked, so the key itself is.
pub async fn hold<C: Connection>(connection: &mut C, key: &[u8]) -> Result<(), Error> {
    match connection.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => {
            let mut lock = [0; 8];
            for (to, from) in lock.iter_mut().zip(key) {
                *to = *from;
            }
            // The lock itself has no value; asking for one gives a row of a type that can be read.
            connection
                .query(
                    "SELECT pg_advisory_xact_lock($1) IS NULL",
                    vec![Value::Integer(i64::from_be_bytes(lock))],
                )
                .await
                .map(drop)
        }
    }
}

/// Forgets what was counted of `key`.
pub async fn clear<C: Connection>(connection: &mut C, key: &[u8]) -> Result<(), Error> {
    connection
        .query(
            "DELETE FROM counters WHERE key = $1",
            vec![key.to_vec().into()],
        )
        .await
        .map(drop)
}

/// Forgets windows that began before `before`. Returns how many.
pub async fn forget<C: Connection>(connection: &mut C, before: i64) -> Result<usize, Error> {
    let rows = connection
        .query(
            "DELETE FROM counters WHERE window_start < $1 RETURNING window_start",
            vec![Value::Integer(before)],
        )
        .await?;
    Ok(rows.len())
}

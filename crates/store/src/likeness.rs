//! Which cases are worth comparing, for they are likely about the same matter.
//!
//! Every case of the last days falls into some buckets (`text::likeness`), filed by the day it came in. The rows say
//! nothing that could be read, and are forgotten after the window in which staff look for repetitions.

use crate::transaction::{in_runs, placeholders};
use crate::{Connection, Error, Value};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// A bucket with more cases is no matter but a habit of speech.
const CROWD: u32 = 500;

/// The day, counted from 1970 UTC, of a time in milliseconds since then.
pub fn day(at: i64) -> i64 {
    at.div_euclid(DAY)
}

/// A case to be filed.
#[derive(Clone, Copy, Debug)]
pub struct Filed<'a> {
    /// Its number.
    pub number: &'a str,
    /// When it came in, in milliseconds since 1970 UTC.
    pub received_at: i64,
    /// The buckets that it falls into.
    pub buckets: &'a [i64],
}

pub(crate) const COLUMNS: usize = 3;

/// The rows that file `cases` under their buckets.
pub fn rows<'a>(cases: impl IntoIterator<Item = Filed<'a>>) -> Vec<Value> {
    let mut rows: Vec<(i64, i64, &str)> = cases
        .into_iter()
        .flat_map(|case| {
            case.buckets
                .iter()
                .map(move |bucket| (day(case.received_at), *bucket, case.number))
        })
        .collect();
    // In the order of the table, so that neighbours are written together.
    rows.sort_unstable();
    rows.into_iter()
        .flat_map(|(day, bucket, number)| {
            [Value::Integer(day), Value::Integer(bucket), number.into()]
        })
        .collect()
}

/// Files cases, as [`rows`] has them, inside the open transaction. What is
/// filed already stays as it is.
pub async fn file<C: Connection>(connection: &mut C, rows: Vec<Value>) -> Result<(), Error> {
    in_runs(connection, COLUMNS, rows, |rows| {
        format!(
            "INSERT INTO likeness (day, bucket, number) VALUES {} ON CONFLICT DO NOTHING",
            placeholders(rows, COLUMNS)
        )
    })
    .await
    .map(drop)
}

/// The cases received from the day `since` on that share a bucket with `buckets`, those that share most first, at
/// most `limit`.
pub async fn candidates<C: Connection>(
    connection: &mut C,
    buckets: &[i64],
    since: i64,
    limit: u32,
) -> Result<Vec<String>, Error> {
    if buckets.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = (2..buckets.len() + 2)
        .map(|index| format!("${index}"))
        .collect();
    let mut parameters = vec![Value::Integer(since)];
    parameters.extend(buckets.iter().map(|bucket| Value::Integer(*bucket)));
    let rows = connection
        .query(
            &format!(
                "SELECT number FROM likeness WHERE day >= $1 AND bucket IN ({}) \
                 GROUP BY number ORDER BY COUNT(*) DESC, number DESC LIMIT {limit}",
                list.join(", ")
            ),
            parameters,
        )
        .await?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The buckets with several of the cases received from the day `since` on, each with its cases; at most `limit` pairs
/// of bucket and case, the newest cases first.
pub async fn shared<C: Connection>(
    connection: &mut C,
    since: i64,
    limit: u32,
) -> Result<Vec<(i64, String)>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT l.bucket, l.number FROM likeness l JOIN (SELECT bucket FROM likeness WHERE day >= $1 \
                 GROUP BY bucket HAVING COUNT(*) BETWEEN 2 AND {CROWD}) several ON several.bucket = l.bucket \
                 WHERE l.day >= $1 ORDER BY l.day DESC, l.bucket, l.number LIMIT {limit}"
            ),
            vec![Value::Integer(since)],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.integer(0)?, row.text(1)?.to_owned())))
        .collect()
}

/// Forgets the cases received before the day `before`. Returns how many rows.
pub async fn forget<C: Connection>(connection: &mut C, before: i64) -> Result<usize, Error> {
    let rows = connection
        .query(
            "DELETE FROM likeness WHERE day < $1 RETURNING bucket",
            vec![Value::Integer(before)],
        )
        .await?;
    Ok(rows.len())
}

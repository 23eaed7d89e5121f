//! Writing what happened in a single statement.
//!
//! A transaction of several statements keeps its turn to write while the
//! function that makes them is put aside between two of them, and everybody
//! else waits; on SQLite, which has one writer at a time, that is what limits
//! a busy district. So there a view takes all rows of a step at once: its
//! trigger (migration `steps`) writes them where they belong, or refuses them
//! all when a case is not what it was.

use case::time::Offset;

use crate::change::{self, Change};
use crate::{Connection, Dialect, Error, Value, likeness, publications, tally, transaction};

/// What the triggers say when a case is not as it was read, and when a message
/// came before or is one too many.
const REFUSALS: [&str; 2] = ["the case has changed", "the message is not taken in"];

/// Whether `message`, which an SQLite statement failed with, says that a
/// trigger has refused the rows: that is an [`Error::Conflict`].
pub fn is_refusal(message: &str) -> bool {
    REFUSALS.iter().any(|refusal| message.contains(refusal))
}

/// Writes `changes` in a transaction of their own, which is durable when this
/// returns; otherwise as [`change::write`].
///
/// # Errors
/// As those of the statements.
pub async fn commit<C: Connection>(
    connection: &mut C,
    changes: &[Change],
    offset: Offset,
) -> Result<Vec<String>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    if connection.dialect() == Dialect::Sqlite {
        let statement = "INSERT INTO steps (cases, events, documents, done, jobs, tallies, likeness, copies) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let parameters = [
            (change::case_rows(changes)?, change::CASE_COLUMNS),
            (change::event_rows(changes)?, change::EVENT_COLUMNS),
            (change::document_rows(changes), change::DOCUMENT_COLUMNS),
            (change::done_rows(changes), change::DONE_COLUMNS),
            (change::job_rows(changes), change::JOB_COLUMNS),
            (change::tally_rows(changes, offset), tally::COLUMNS),
            (change::likeness_rows(changes), likeness::COLUMNS),
            (change::copy_rows(changes), publications::COPY_COLUMNS),
        ]
        .map(|(rows, columns)| json(&rows, columns).map(Value::Text))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
        match connection.query(statement, parameters).await {
            Ok(_) => return Ok(Vec::new()),
            // Nothing is written. Which of the cases came too late is found out one by one.
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    transaction::begin(connection).await?;
    let late = change::write(connection, changes, offset).await?;
    transaction::commit(connection).await?;
    Ok(late)
}

/// Rows of `columns` values each as an array of arrays.
pub(crate) fn json(rows: &[Value], columns: usize) -> Result<String, Error> {
    let rows: Vec<Vec<Plain<'_>>> = rows
        .chunks(columns)
        .map(|row| row.iter().map(Plain::of).collect())
        .collect::<Result<_, _>>()?;
    change::encode(&rows)
}

/// A value that JSON knows.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Plain<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

impl<'a> Plain<'a> {
    fn of(value: &'a Value) -> Result<Self, Error> {
        match value {
            Value::Null => Ok(Plain::Null),
            Value::Integer(number) => Ok(Plain::Integer(*number)),
            Value::Text(text) => Ok(Plain::Text(text)),
            Value::Real(_) | Value::Blob(_) => Err(Error::Other(
                "a step has neither reals nor bytes".to_owned(),
            )),
        }
    }
}

//! Beginning and ending transactions.

use crate::{Connection, Dialect, Error, Row, Value};

/// Begins a transaction that will write.
///
/// SQLite takes its one write turn now, so that a transaction never fails
/// half way because another one was faster.
pub async fn begin<C: Connection>(connection: &mut C) -> Result<(), Error> {
    let statement = match connection.dialect() {
        Dialect::Sqlite => "BEGIN IMMEDIATE",
        Dialect::Postgres => "BEGIN",
    };
    connection.query(statement, Vec::new()).await.map(drop)
}

/// Commits: when this returns, what was written is durable.
pub async fn commit<C: Connection>(connection: &mut C) -> Result<(), Error> {
    connection.query("COMMIT", Vec::new()).await.map(drop)
}

/// Takes everything back. An error here changes nothing: the connection is
/// dropped afterwards, which rolls back as well.
pub async fn rollback<C: Connection>(connection: &mut C) {
    let _ = connection.query("ROLLBACK", Vec::new()).await;
}

/// The most rows that one statement writes.
const LONGEST_RUN: usize = 32;

/// The next run of `rows` rows that are written together: up to eight as they
/// are, else one of two fixed lengths. A statement for every number of rows
/// would have to be prepared again and again, and be kept by every connection.
fn run(rows: usize) -> usize {
    match rows {
        0..=8 => rows,
        9..16 => 8,
        16..LONGEST_RUN => 16,
        _ => LONGEST_RUN,
    }
}

/// Runs a statement for rows of `columns` values each, which follow each other
/// in `parameters`, and returns what it returns. `statement` makes its text for
/// a number of rows.
pub(crate) async fn in_runs<C: Connection>(
    connection: &mut C,
    columns: usize,
    mut parameters: Vec<Value>,
    statement: impl Fn(usize) -> String,
) -> Result<Vec<Row>, Error> {
    let mut returned = Vec::new();
    while !parameters.is_empty() {
        let rows = run(parameters.len() / columns);
        let rest = parameters.split_off(rows * columns);
        returned.extend(connection.query(&statement(rows), parameters).await?);
        parameters = rest;
    }
    Ok(returned)
}

/// The placeholders of `rows` rows with `columns` values each:
/// `($1, $2), ($3, $4)`.
pub(crate) fn placeholders(rows: usize, columns: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            // Writing to a String cannot fail.
            let _ = write!(text, "${}", row * columns + column + 1);
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{placeholders, run};

    #[test]
    fn placeholders_count_through() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }

    #[test]
    fn runs_have_few_lengths() {
        let runs = |mut rows: usize| {
            let mut runs = Vec::new();
            while rows > 0 {
                runs.push(run(rows));
                rows -= run(rows);
            }
            runs
        };
        assert_eq!(runs(7), [7]);
        assert_eq!(runs(13), [8, 5]);
        assert_eq!(runs(50), [32, 16, 2]);
        assert_eq!(runs(100), [32, 32, 32, 4]);
    }
}

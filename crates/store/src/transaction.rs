//! Beginning and ending transactions.

use crate::{Connection, Dialect, Error};

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
    use super::placeholders;

    #[test]
    fn placeholders_count_through() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}

//! What the tests of SQLite share.
#![allow(dead_code, reason = "not every test program uses all of it")]

use sql::{SqliteConnection, SqliteDatabase, SqliteOptions};
use tempfile::TempDir;

/// A new database with one empty table.
pub async fn open(options: SqliteOptions) -> (TempDir, SqliteDatabase) {
    let directory = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(directory.path().join("test.db"), options)
        .await
        .unwrap();
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, amount BIGINT)",
    )
    .await;
    (directory, database)
}

/// Runs a statement that must succeed.
pub async fn run(connection: &mut SqliteConnection, sql: &str) -> sql::QueryResult {
    connection
        .execute(sql, vec![])
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The integer in the first column of the first row.
pub async fn number(connection: &mut SqliteConnection, sql: &str) -> i64 {
    run(connection, sql).await.rows[0].integer(0).unwrap()
}

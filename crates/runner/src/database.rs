//! The platform's database, SQLite or PostgreSQL.

use crate::place::Target;
use anyhow::{Context, Result};
use sql::{Migrations, PostgresDatabase, PostgresOptions, SqliteDatabase, SqliteOptions};
use store::{Dialect, Row, Value};

const SQLITE: &[(i64, &str, &str)] = &[
    (
        1,
        "platform",
        include_str!("../../../migrations/sqlite/0001_platform.sql"),
    ),
    (
        2,
        "handlers",
        include_str!("../../../migrations/sqlite/0002_handlers.sql"),
    ),
    (
        3,
        "handler_endpoints",
        include_str!("../../../migrations/sqlite/0003_handler_endpoints.sql"),
    ),
    (
        4,
        "likeness",
        include_str!("../../../migrations/sqlite/0004_likeness.sql"),
    ),
    (
        5,
        "openings",
        include_str!("../../../migrations/sqlite/0005_openings.sql"),
    ),
    (
        6,
        "handler_notices",
        include_str!("../../../migrations/sqlite/0006_handler_notices.sql"),
    ),
    (
        7,
        "staff",
        include_str!("../../../migrations/sqlite/0007_staff.sql"),
    ),
    (
        8,
        "emergencies",
        include_str!("../../../migrations/sqlite/0008_emergencies.sql"),
    ),
    (
        9,
        "deliveries",
        include_str!("../../../migrations/sqlite/0009_deliveries.sql"),
    ),
    (
        10,
        "department_tallies",
        include_str!("../../../migrations/sqlite/0010_department_tallies.sql"),
    ),
    // PostgreSQL has no need of migrations 11 and 13.
    (
        11,
        "steps",
        include_str!("../../../migrations/sqlite/0011_steps.sql"),
    ),
    (
        12,
        "follow_ups",
        include_str!("../../../migrations/sqlite/0012_follow_ups.sql"),
    ),
    (
        13,
        "receipts",
        include_str!("../../../migrations/sqlite/0013_receipts.sql"),
    ),
    (
        14,
        "account_revisions",
        include_str!("../../../migrations/sqlite/0014_account_revisions.sql"),
    ),
];
const POSTGRES: &[(i64, &str, &str)] = &[
    (
        1,
        "platform",
        include_str!("../../../migrations/postgres/0001_platform.sql"),
    ),
    (
        2,
        "handlers",
        include_str!("../../../migrations/postgres/0002_handlers.sql"),
    ),
    (
        3,
        "handler_endpoints",
        include_str!("../../../migrations/postgres/0003_handler_endpoints.sql"),
    ),
    (
        4,
        "likeness",
        include_str!("../../../migrations/postgres/0004_likeness.sql"),
    ),
    (
        5,
        "openings",
        include_str!("../../../migrations/postgres/0005_openings.sql"),
    ),
    (
        6,
        "handler_notices",
        include_str!("../../../migrations/postgres/0006_handler_notices.sql"),
    ),
    (
        7,
        "staff",
        include_str!("../../../migrations/postgres/0007_staff.sql"),
    ),
    (
        8,
        "emergencies",
        include_str!("../../../migrations/postgres/0008_emergencies.sql"),
    ),
    (
        9,
        "deliveries",
        include_str!("../../../migrations/postgres/0009_deliveries.sql"),
    ),
    (
        10,
        "department_tallies",
        include_str!("../../../migrations/postgres/0010_department_tallies.sql"),
    ),
    (
        12,
        "follow_ups",
        include_str!("../../../migrations/postgres/0012_follow_ups.sql"),
    ),
    (
        14,
        "account_revisions",
        include_str!("../../../migrations/postgres/0014_account_revisions.sql"),
    ),
];

/// The database, opened.
pub(crate) enum Database {
    Sqlite(SqliteDatabase),
    Postgres(PostgresDatabase),
}

/// One connection to it.
pub(crate) enum Connection {
    Sqlite(Box<sql::SqliteConnection>),
    Postgres(sql::PostgresConnection),
}

/// Brings the database to the schema of this program, making it if need be, and returns what was done.
pub(crate) async fn migrate(target: &Target) -> Result<sql::Report> {
    let report = match target {
        Target::Sqlite(file) => {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder).with_context(|| {
                    format!("the folder {} for the database cannot be made: choose another with --sqlite, or give yourself the right to write here", folder.display())
                })?;
            }
            Migrations::embedded(SQLITE)
                .run_sqlite(file)
                .await
                .with_context(|| file.display().to_string())?
        }
        Target::Postgres(url) => Migrations::embedded(POSTGRES)
            .run_postgres(url)
            .await
            .context("PostgreSQL")?,
    };
    Ok(report)
}

impl Database {
    /// Opens a database that was migrated.
    pub(crate) async fn open(target: &Target) -> Result<Database> {
        match target {
            Target::Sqlite(file) => {
                let options = SqliteOptions {
                    create: false,
                    ..SqliteOptions::default()
                };
                let database = SqliteDatabase::open(file, options)
                    .await
                    .with_context(|| format!("{}: run `wenzheng migrate` first", file.display()))?;
                Ok(Database::Sqlite(database))
            }
            Target::Postgres(url) => Ok(Database::Postgres(
                PostgresDatabase::open(url, PostgresOptions::default()).context("PostgreSQL")?,
            )),
        }
    }

    /// A connection for one task.
    pub(crate) async fn connection(&self) -> Result<Connection> {
        Ok(match self {
            Database::Sqlite(database) => {
                Connection::Sqlite(Box::new(database.connection().await?))
            }
            Database::Postgres(database) => Connection::Postgres(database.connection().await?),
        })
    }
}

impl store::Connection for Connection {
    fn dialect(&self) -> Dialect {
        match self {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn query(
        &mut self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, store::Error> {
        match self {
            Connection::Sqlite(connection) => {
                store::Connection::query(connection.as_mut(), statement, parameters).await
            }
            Connection::Postgres(connection) => {
                store::Connection::query(connection, statement, parameters).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{POSTGRES, SQLITE};
    use std::collections::BTreeMap;

    /// What is built in is what stands in the folders, all of it.
    #[test]
    fn no_migration_is_missing() {
        for (folder, built_in) in [("sqlite", SQLITE), ("postgres", POSTGRES)] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../migrations")
                .join(folder);
            let files: BTreeMap<String, String> = std::fs::read_dir(folder)
                .expect("the folder")
                .flatten()
                .map(|entry| {
                    let text = std::fs::read_to_string(entry.path()).expect("a text");
                    (entry.file_name().to_string_lossy().into_owned(), text)
                })
                .collect();
            let built_in: BTreeMap<String, String> = built_in
                .iter()
                .map(|(version, name, text)| {
                    (format!("{version:04}_{name}.sql"), (*text).to_owned())
                })
                .collect();
            assert_eq!(files, built_in);
        }
    }
}

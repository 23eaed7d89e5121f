//! Bringing a database to the schema of this version.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

/// The table that notes which migrations a database has had; sqlx's name for it.
const TABLE: &str = "_sqlx_migrations";

/// How long to wait for another program that migrates or writes.
const WAIT: Duration = Duration::from_secs(30);

/// The pause between two tries to open a file.
const PAUSE: Duration = Duration::from_millis(20);

/// SQLite's result code SQLITE_BUSY, as sqlx writes it.
const BUSY: &str = "5";

/// The steps that lead from an empty database to the current schema.
#[derive(Debug)]
pub struct Migrations(Migrator);

/// One migration that a database has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The number in front of the file's name.
    pub version: i64,
    /// The rest of the file's name.
    pub description: String,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was applied now, oldest first.
    pub applied: Vec<Applied>,
    /// How many migrations the database had before.
    pub present: usize,
}

/// Why a database could not be migrated. It is then as it was before, but on
/// PostgreSQL the migrations before the failing one stay.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The migrations themselves cannot be read.
    #[error("the migrations cannot be read: {0}")]
    Source(String),
    /// The database has had a migration that this version does not know.
    #[error(
        "the database was made by a newer version of the program: it has migration {found}, this version knows up to {known}"
    )]
    Newer {
        /// The unknown migration.
        found: i64,
        /// The last known migration, 0 if there is none.
        known: i64,
    },
    /// A migration that the database has had is missing or was changed since.
    #[error("migration {0} is not the one that the database has had")]
    Changed(i64),
    /// A migration failed.
    #[error("migration {version} failed: {message}")]
    Failed {
        /// Which.
        version: i64,
        /// The database's message.
        message: String,
    },
    /// The database cannot be reached or written.
    #[error("the database cannot be migrated: {0}")]
    Database(String),
}

/// Opens an SQLite file. SQLite waits for locks by itself, but not where two programs give the same new file its
/// log: one of them is told at once that the file is locked.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let begin = Instant::now();
    loop {
        match options.connect().await {
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(BUSY) && begin.elapsed() < WAIT =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}

impl Migrations {
    /// Reads `<version>_<description>.sql` files from a directory.
    ///
    /// # Errors
    ///
    /// [`MigrationError::Source`] if it cannot be read or holds none.
    pub async fn from_directory(directory: &Path) -> Result<Migrations, MigrationError> {
        let migrator = Migrator::new(directory)
            .await
            .map_err(|error| MigrationError::Source(format!("{}: {error}", directory.display())))?;
        if migrator.iter().next().is_none() {
            return Err(MigrationError::Source(format!(
                "{} holds no migrations",
                directory.display()
            )));
        }
        Ok(Migrations(migrator))
    }

    /// Takes migrations that are part of the program: version, description,
    /// statements. Equal to a directory of the same texts.
    pub fn embedded(migrations: &[(i64, &'static str, &'static str)]) -> Migrations {
        Migrations(Migrator::with_migrations(
            migrations
                .iter()
                .map(|&(version, description, statements)| {
                    let kind = MigrationType::Simple;
                    Migration::new(
                        version,
                        description.into(),
                        kind,
                        statements.into_sql_str(),
                        false,
                    )
                })
                .collect(),
        ))
    }

    /// Migrates an SQLite file, which is made if there is none. All pending
    /// migrations are one transaction: two programs that start at the same time
    /// do not disturb each other, and a failure changes nothing.
    ///
    /// # Errors
    ///
    /// Any [`MigrationError`].
    pub async fn run_sqlite(&self, path: &Path) -> Result<Report, MigrationError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .disable_statement_logging();
        let mut connection = connect(&options).await.map_err(database)?;
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(database)?;
        let report = self.run(&mut *transaction).await?;
        transaction.commit().await.map_err(database)?;
        connection.close().await.map_err(database)?;
        Ok(report)
    }

    /// Migrates a PostgreSQL database. Each migration is a transaction; an
    /// advisory lock keeps other migrating programs waiting.
    ///
    /// # Errors
    ///
    /// Any [`MigrationError`].
    pub async fn run_postgres(&self, dsn: &str) -> Result<Report, MigrationError> {
        let options: PgConnectOptions = dsn.parse().map_err(database)?;
        let mut connection = options
            .disable_statement_logging()
            .connect()
            .await
            .map_err(database)?;
        let report = self.run(&mut connection).await;
        // Closing also gives the advisory lock back after a failure.
        connection.close().await.map_err(database)?;
        report
    }

    async fn run<C: Migrate>(&self, connection: &mut C) -> Result<Report, MigrationError> {
        connection
            .ensure_migrations_table(TABLE)
            .await
            .map_err(|error| self.explain(error))?;
        let before = self.versions(connection).await?;
        self.0
            .run_direct(None, connection, false)
            .await
            .map_err(|error| self.explain(error))?;
        let after = self.versions(connection).await?;
        let applied = self
            .0
            .iter()
            .filter(|migration| {
                after.contains(&migration.version) && !before.contains(&migration.version)
            })
            .map(|migration| Applied {
                version: migration.version,
                description: migration.description.clone().into_owned(),
            })
            .collect();
        Ok(Report {
            applied,
            present: before.len(),
        })
    }

    async fn versions<C: Migrate>(&self, connection: &mut C) -> Result<Vec<i64>, MigrationError> {
        let applied = connection
            .list_applied_migrations(TABLE)
            .await
            .map_err(|error| self.explain(error))?;
        Ok(applied
            .into_iter()
            .map(|migration| migration.version)
            .collect())
    }

    fn explain(&self, error: MigrateError) -> MigrationError {
        let known = self
            .0
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or(0);
        match error {
            MigrateError::VersionMissing(found) if found > known => {
                MigrationError::Newer { found, known }
            }
            MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => {
                MigrationError::Changed(version)
            }
            MigrateError::ExecuteMigration(error, version) => MigrationError::Failed {
                version,
                message: error.to_string(),
            },
            other => MigrationError::Database(other.to_string()),
        }
    }
}

fn database(error: sqlx::Error) -> MigrationError {
    MigrationError::Database(error.to_string())
}

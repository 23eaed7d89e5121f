//! Why a statement on PostgreSQL failed.

use std::fmt;

use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// What the server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseError {
    /// `ERROR`, `FATAL` or `PANIC`.
    pub severity: String,
    /// The five characters of SQLSTATE.
    pub code: String,
    /// The message.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The schema that it is about.
    pub schema: Option<String>,
    /// The table that it is about.
    pub table: Option<String>,
    /// The column that it is about.
    pub column: Option<String>,
    /// The data type that it is about.
    pub data_type: Option<String>,
    /// The constraint that was broken.
    pub constraint: Option<String>,
}

/// Why a statement on PostgreSQL failed. The texts are for the log only.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The connection string is not accepted. The text does not repeat it.
    #[error("the address of the database is not accepted: {0}")]
    BadAddress(String),
    /// The server cannot be reached, refuses, or no connection came free in time.
    #[error("the database server is not available: {0}")]
    Unavailable(String),
    /// A parameter does not fit the statement.
    #[error("{0}")]
    BadParameter(String),
    /// The server refused the statement.
    #[error("{0}")]
    Database(Box<DatabaseError>),
    /// A value of the result cannot be read.
    #[error("{0}")]
    Decode(String),
    /// The result is larger than [`RESULT_LIMIT`](crate::RESULT_LIMIT).
    #[error("the result is larger than {} MiB", crate::RESULT_LIMIT >> 20)]
    TooLarge,
    /// The connection is closed.
    #[error("the connection is closed")]
    Closed,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl DatabaseError {
    /// Whether a prepared statement no longer fits the schema. SQLSTATE alone
    /// also stands for unsupported features.
    pub(super) fn is_stale_plan(&self) -> bool {
        self.code == "0A000"
            && self
                .message
                .contains("cached plan must not change result type")
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}: {}",
            self.severity, self.code, self.message
        )?;
        match &self.detail {
            Some(detail) => write!(formatter, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl From<&PgDatabaseError> for DatabaseError {
    fn from(error: &PgDatabaseError) -> Self {
        let own = |text: Option<&str>| text.map(str::to_owned);
        DatabaseError {
            severity: match error.severity() {
                PgSeverity::Panic => "PANIC",
                PgSeverity::Fatal => "FATAL",
                PgSeverity::Error => "ERROR",
                PgSeverity::Warning => "WARNING",
                PgSeverity::Notice => "NOTICE",
                PgSeverity::Debug => "DEBUG",
                PgSeverity::Info => "INFO",
                PgSeverity::Log => "LOG",
            }
            .to_owned(),
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            detail: own(error.detail()),
            hint: own(error.hint()),
            schema: own(error.schema()),
            table: own(error.table()),
            column: own(error.column()),
            data_type: own(error.data_type()),
            constraint: own(error.constraint()),
        }
    }
}

impl From<sqlx::Error> for PostgresError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => PostgresError::Database(Box::new(error.into())),
                None => PostgresError::Other(error.to_string()),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Configuration(_) => PostgresError::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                PostgresError::Decode(error.to_string())
            }
            sqlx::Error::Encode(_) => PostgresError::BadParameter(error.to_string()),
            other => PostgresError::Other(other.to_string()),
        }
    }
}

impl From<PostgresError> for store::Error {
    fn from(error: PostgresError) -> Self {
        let text = error.to_string();
        match error {
            PostgresError::Unavailable(_) | PostgresError::Closed => {
                store::Error::Unavailable(text)
            }
            PostgresError::Decode(_) => store::Error::Decode(text),
            PostgresError::Database(error) => match error.code.as_str() {
                // Unique, foreign key, exclusion; serialization failure, deadlock.
                "23505" | "23503" | "23P01" | "40001" | "40P01" => store::Error::Conflict(text),
                // Lock not available, statement cancelled by its time limit.
                "55P03" | "57014" => store::Error::Unavailable(text),
                // Connection exceptions, insufficient resources, shutdown.
                code if ["08", "53", "57"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
                {
                    store::Error::Unavailable(text)
                }
                _ => store::Error::Other(text),
            },
            _ => store::Error::Other(text),
        }
    }
}

//! Why a statement on SQLite failed.

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Which constraint a statement broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A unique index or a primary key.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// `NOT NULL`.
    NotNull,
    /// `CHECK`.
    Check,
    /// `RAISE` in a trigger.
    Trigger,
    /// Any other.
    Other,
}

/// Why a statement on SQLite failed. The texts are SQLite's own and for the
/// log only: they may name tables and columns.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SqlError {
    /// Another writer or the pool did not come free in time, or the statement
    /// conflicts with a transaction that committed meanwhile (`snapshot`).
    #[error("the database is busy: {message}")]
    Busy {
        /// Whether this transaction read a state that is no longer the last one
        /// and so can never write: it has to start again.
        snapshot: bool,
        /// What did not come free.
        message: String,
    },
    /// A constraint stands against the statement.
    #[error("{message}")]
    Constraint {
        /// Which kind.
        kind: ConstraintKind,
        /// SQLite's message.
        message: String,
    },
    /// The statement does something that a guest may not do, or it is not one statement.
    #[error("the statement is refused: {0}")]
    Refused(String),
    /// The disk or the database is full.
    #[error("the database is full")]
    Full,
    /// The result is larger than [`RESULT_LIMIT`](crate::RESULT_LIMIT).
    #[error("the result is larger than {} MiB", crate::RESULT_LIMIT >> 20)]
    TooLarge,
    /// A stored value cannot be handed out, such as TEXT that is not UTF-8.
    #[error("column {column} holds text that is not UTF-8")]
    NotUtf8 {
        /// The position of the column, from 0.
        column: usize,
    },
    /// The statement ran longer than the time limit of the database.
    #[error("the statement ran longer than its time limit")]
    Interrupted,
    /// The file cannot be opened, read, written or brought to the disk. After a
    /// failed `fdatasync` every later commit of the database fails with this.
    #[error("the storage failed: {0}")]
    Storage(String),
    /// The connection was in use by a call that was given up.
    #[error("the connection is closed")]
    Closed,
    /// The statement is wrong: syntax, names, types, number of parameters.
    #[error("{message} (SQLite code {code})")]
    Statement {
        /// SQLite's extended result code.
        code: i32,
        /// SQLite's message.
        message: String,
    },
}

impl SqlError {
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        SqlError::Busy {
            snapshot: false,
            message: message.into(),
        }
    }

    pub(crate) fn storage(what: &str, error: &std::io::Error) -> Self {
        SqlError::Storage(format!("{what}: {error}"))
    }
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                from_code(failure, message.unwrap_or_default())
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => from_code(error, msg),
            rusqlite::Error::InvalidParameterCount(given, wanted) => SqlError::Statement {
                code: ffi::SQLITE_RANGE,
                message: format!("the statement has {wanted} parameters, {given} were given"),
            },
            other => SqlError::Statement {
                code: ffi::SQLITE_ERROR,
                message: other.to_string(),
            },
        }
    }
}

fn from_code(failure: ffi::Error, message: String) -> SqlError {
    let code = failure.extended_code;
    let message = if message.is_empty() {
        failure.to_string()
    } else {
        message
    };
    match failure.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => SqlError::Busy {
            snapshot: code == ffi::SQLITE_BUSY_SNAPSHOT,
            message,
        },
        ErrorCode::ConstraintViolation => SqlError::Constraint {
            kind: match code {
                ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID => ConstraintKind::Unique,
                ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
                ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
                ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
                ffi::SQLITE_CONSTRAINT_TRIGGER => ConstraintKind::Trigger,
                _ => ConstraintKind::Other,
            },
            message,
        },
        ErrorCode::AuthorizationForStatementDenied => SqlError::Refused(message),
        ErrorCode::DiskFull => SqlError::Full,
        ErrorCode::OperationInterrupted => SqlError::Interrupted,
        ErrorCode::TooBig => SqlError::TooLarge,
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::PermissionDenied
        | ErrorCode::ReadOnly
        | ErrorCode::OutOfMemory => SqlError::Storage(message),
        _ => SqlError::Statement { code, message },
    }
}

impl From<SqlError> for store::Error {
    fn from(error: SqlError) -> Self {
        let text = error.to_string();
        match error {
            SqlError::Busy { snapshot: true, .. }
            | SqlError::Constraint {
                kind: ConstraintKind::Unique | ConstraintKind::ForeignKey | ConstraintKind::Trigger,
                ..
            } => store::Error::Conflict(text),
            SqlError::Busy { .. } | SqlError::Full | SqlError::Storage(_) | SqlError::Closed => {
                store::Error::Unavailable(text)
            }
            SqlError::NotUtf8 { .. } => store::Error::Decode(text),
            _ => store::Error::Other(text),
        }
    }
}

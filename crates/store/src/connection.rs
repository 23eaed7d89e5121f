//! One database connection, whatever is behind it.

use std::fmt;

/// A value that goes into a statement or comes out of a row.
///
/// Only these types are used in the schema: `BIGINT`/`INTEGER`, `DOUBLE
/// PRECISION`/`REAL`, `TEXT` and `BYTEA`/`BLOB`.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL `NULL`, of any type.
    Null,
    /// A 64-bit integer; truth values are 0 and 1, times are milliseconds since 1970 UTC.
    Integer(i64),
    /// A 64-bit float.
    Real(f64),
    /// UTF-8 text without NUL.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One row of a result: the values in the order of the selected columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Value>);

/// Which SQL a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.45 or later.
    Sqlite,
    /// PostgreSQL 14 or later.
    Postgres,
}

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or is too busy; trying again later may succeed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A unique or foreign key, or a concurrent transaction, stands against it.
    #[error("the statement conflicts with what is stored: {0}")]
    Conflict(String),
    /// The stored value does not have the type or form that the program expects.
    #[error("unexpected stored value: {0}")]
    Decode(String),
    /// Anything else. The text is for the log only.
    #[error("the statement failed: {0}")]
    Other(String),
}

/// One connection, used by one request at a time.
///
/// Statements number their parameters `$1`, `$2`, … in the order of first
/// appearance, which both SQLite and PostgreSQL bind by position. A
/// transaction is `BEGIN`-to-`COMMIT` on the same connection; dropping the
/// connection rolls an open one back.
#[allow(
    async_fn_in_trait,
    reason = "each back end decides whether its futures are Send"
)]
pub trait Connection {
    /// Which SQL this connection speaks.
    fn dialect(&self) -> Dialect;

    /// Runs one statement to its end and returns its rows (none for a write
    /// without `RETURNING`).
    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error>;
}

impl Row {
    /// The integer in column `index`.
    pub fn integer(&self, index: usize) -> Result<i64, Error> {
        match self.0.get(index) {
            Some(Value::Integer(value)) => Ok(*value),
            other => Err(mismatch(index, "an integer", other)),
        }
    }

    /// The integer in column `index`, or `None` where it is `NULL`.
    pub fn optional_integer(&self, index: usize) -> Result<Option<i64>, Error> {
        match self.0.get(index) {
            Some(Value::Null) => Ok(None),
            _ => self.integer(index).map(Some),
        }
    }

    /// The text in column `index`.
    pub fn text(&self, index: usize) -> Result<&str, Error> {
        match self.0.get(index) {
            Some(Value::Text(value)) => Ok(value),
            other => Err(mismatch(index, "text", other)),
        }
    }

    /// The text in column `index`, or `None` where it is `NULL`.
    pub fn optional_text(&self, index: usize) -> Result<Option<&str>, Error> {
        match self.0.get(index) {
            Some(Value::Null) => Ok(None),
            _ => self.text(index).map(Some),
        }
    }

    /// The bytes in column `index`.
    pub fn blob(&self, index: usize) -> Result<&[u8], Error> {
        match self.0.get(index) {
            Some(Value::Blob(value)) => Ok(value),
            other => Err(mismatch(index, "bytes", other)),
        }
    }

    /// The bytes in column `index`, or `None` where it is `NULL`.
    pub fn optional_blob(&self, index: usize) -> Result<Option<&[u8]>, Error> {
        match self.0.get(index) {
            Some(Value::Null) => Ok(None),
            _ => self.blob(index).map(Some),
        }
    }
}

fn mismatch(index: usize, wanted: &str, found: Option<&Value>) -> Error {
    let found = match found {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Integer(_)) => "an integer",
        Some(Value::Real(_)) => "a float",
        Some(Value::Text(_)) => "text",
        Some(Value::Blob(_)) => "bytes",
    };
    Error::Decode(format!("column {index}: wanted {wanted}, found {found}"))
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Blob(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        })
    }
}

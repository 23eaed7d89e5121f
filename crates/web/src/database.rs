//! The platform's database as a function sees it: `spin:sqlite` or
//! `spin:postgres`, whichever the variable `database` names.

use spin_sdk::pg::{self, DbValue, ParameterValue, PgError, QueryError};
use spin_sdk::sqlite::{self, wit::sqlite::Connection as Sqlite};
use store::{Connection, Dialect, Error, Row, Value};

use crate::variables;

/// An open connection. Each request opens its own, for instances serve
/// several requests at once and a transaction belongs to a connection.
pub enum Database {
    /// The database `default` of `spin:sqlite`.
    Sqlite {
        /// The connection.
        connection: Sqlite,
        /// A transaction is open on it.
        in_transaction: bool,
    },
    /// The server that the variable `postgres_url` names.
    Postgres(pg::Connection),
}

impl Database {
    /// Opens a connection.
    pub async fn open() -> Result<Database, Error> {
        match variables::database().await? {
            Dialect::Sqlite => {
                let connection = Sqlite::open_async("default".to_owned())
                    .await
                    .map_err(from_sqlite)?;
                Ok(Database::Sqlite {
                    connection,
                    in_transaction: false,
                })
            }
            Dialect::Postgres => {
                let url = variables::get("postgres_url").await?;
                let connection = pg::Connection::open(url).await.map_err(from_postgres)?;
                Ok(Database::Postgres(connection))
            }
        }
    }
}

/// The same connection, whose statements do not let other work of the instance go on meanwhile.
///
/// For what all requests of an instance want and keep: a new instance gets many at once, and each would read and parse
/// the same again if the first gave up the processor. PostgreSQL has no such call: there it is the connection itself.
pub struct AtOnce<'a>(&'a mut Database);

impl Database {
    /// The connection for what is to be read before anybody else of the instance goes on.
    pub fn at_once(&mut self) -> AtOnce<'_> {
        AtOnce(self)
    }
}

impl Connection for AtOnce<'_> {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error> {
        #[cfg(target_family = "wasm")]
        if let Database::Sqlite { connection, .. } = &self.0 {
            return execute(connection, statement, parameters);
        }
        self.0.query(statement, parameters).await
    }
}

/// Runs a statement without giving up the processor.
#[cfg(target_family = "wasm")]
fn execute(
    connection: &Sqlite,
    statement: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    let parameters: Vec<_> = parameters.into_iter().map(to_sqlite).collect();
    let result = connection.execute(statement, &parameters);
    Ok(of_rows(result.map_err(from_sqlite)?.rows))
}

impl Connection for Database {
    fn dialect(&self) -> Dialect {
        match self {
            Database::Sqlite { .. } => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error> {
        match self {
            Database::Sqlite {
                connection,
                in_transaction,
            } => {
                // Within a transaction nothing is waited for, and everybody else waits for its end: there the call
                // that lets other work of the instance go on meanwhile would only cost time.
                #[cfg(target_family = "wasm")]
                if *in_transaction && !matches!(statement, "COMMIT" | "ROLLBACK") {
                    return execute(connection, statement, parameters);
                }
                let parameters: Vec<_> = parameters.into_iter().map(to_sqlite).collect();
                let (columns, rows, end) = connection
                    .execute_async(statement.to_owned(), parameters)
                    .await
                    .map_err(from_sqlite)?;
                // Most statements have no rows: asking for them would be a call of the host for nothing.
                let rows = if columns.is_empty() {
                    Vec::new()
                } else {
                    rows.collect().await
                };
                end.await.map_err(from_sqlite)?;
                if cfg!(target_family = "wasm") {
                    *in_transaction = statement == "BEGIN IMMEDIATE";
                }
                Ok(of_rows(rows))
            }
            Database::Postgres(connection) => {
                let parameters: Vec<_> = parameters.into_iter().map(to_postgres).collect();
                let result = connection
                    .query(statement, parameters)
                    .await
                    .map_err(from_postgres)?;
                // The SDK's rows look columns up by name; the values themselves are all that is needed.
                let (_, rows, end) = result.into_inner();
                let rows = rows.collect().await;
                end.await
                    .map_err(|error| from_postgres(pg::Error::PgError(error)))?;
                rows.into_iter()
                    .map(|row| {
                        row.into_iter()
                            .map(of_postgres)
                            .collect::<Result<_, _>>()
                            .map(Row)
                    })
                    .collect()
            }
        }
    }
}

fn to_sqlite(value: Value) -> sqlite::Value {
    match value {
        Value::Null => sqlite::Value::Null,
        Value::Integer(value) => sqlite::Value::Integer(value),
        Value::Real(value) => sqlite::Value::Real(value),
        Value::Text(value) => sqlite::Value::Text(value),
        Value::Blob(value) => sqlite::Value::Blob(value),
    }
}

fn of_rows(rows: Vec<sqlite::RowResult>) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row(row.values.into_iter().map(of_sqlite).collect()))
        .collect()
}

fn of_sqlite(value: sqlite::Value) -> Value {
    match value {
        sqlite::Value::Null => Value::Null,
        sqlite::Value::Integer(value) => Value::Integer(value),
        sqlite::Value::Real(value) => Value::Real(value),
        sqlite::Value::Text(value) => Value::Text(value),
        sqlite::Value::Blob(value) => Value::Blob(value),
    }
}

fn from_sqlite(error: sqlite::Error) -> Error {
    match error {
        // The interface has no code for it: the text of SQLite itself is all there is.
        sqlite::Error::Io(text)
            if text.contains("UNIQUE constraint") || store::once::is_refusal(&text) =>
        {
            Error::Conflict(text)
        }
        sqlite::Error::Io(text) if text.contains("database is locked") => Error::Unavailable(text),
        sqlite::Error::Io(text) => Error::Other(text),
        sqlite::Error::DatabaseFull => Error::Unavailable("the database is full".to_owned()),
        other => Error::Other(other.to_string()),
    }
}

fn to_postgres(value: Value) -> ParameterValue {
    match value {
        Value::Null => ParameterValue::DbNull,
        Value::Integer(value) => ParameterValue::Int64(value),
        Value::Real(value) => ParameterValue::Floating64(value),
        Value::Text(value) => ParameterValue::Str(value),
        Value::Blob(value) => ParameterValue::Binary(value),
    }
}

fn of_postgres(value: DbValue) -> Result<Value, Error> {
    Ok(match value {
        DbValue::DbNull => Value::Null,
        DbValue::Boolean(value) => value.into(),
        DbValue::Int16(value) => Value::Integer(value.into()),
        DbValue::Int32(value) => Value::Integer(value.into()),
        DbValue::Int64(value) => Value::Integer(value),
        DbValue::Floating32(value) => Value::Real(value.into()),
        DbValue::Floating64(value) => Value::Real(value),
        DbValue::Str(value) => Value::Text(value),
        DbValue::Binary(value) => Value::Blob(value),
        other => {
            return Err(Error::Decode(format!(
                "a value of a type that the schema does not use: {other:?}"
            )));
        }
    })
}

fn from_postgres(error: pg::Error) -> Error {
    match error {
        pg::Error::PgError(PgError::QueryFailed(QueryError::DbError(error))) => {
            match error.code.as_str() {
                // unique, foreign key, exclusion; serialization, deadlock
                "23505" | "23503" | "23P01" | "40001" | "40P01" => Error::Conflict(error.message),
                // lock not available
                "55P03" => Error::Unavailable(error.message),
                // connection exceptions, insufficient resources, shutdown or cancelled
                code if ["08", "53", "57"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
                {
                    Error::Unavailable(error.message)
                }
                _ => Error::Other(format!("{}: {}", error.code, error.message)),
            }
        }
        pg::Error::PgError(PgError::ConnectionFailed(text)) => Error::Unavailable(text),
        // Spin has no code for a connection that was lost: the text of its client is all there is.
        pg::Error::PgError(PgError::QueryFailed(QueryError::Text(text)))
            if text.contains("connection closed")
                || text.contains("error communicating with the server") =>
        {
            Error::Unavailable(text)
        }
        other => Error::Other(other.to_string()),
    }
}

//! `spin:sqlite`: databases in files, by label.

use super::Host;
use super::bindings::spin::sqlite::sqlite::{self, Error, QueryResult, RowResult, Value};
use crate::metrics::ComponentMetrics;
use crate::state::State;
use sql::{SqlError, SqliteConnection};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

/// What stands behind a guest's `connection`. Statements on one connection run one after the other.
#[derive(Clone)]
pub struct Connection {
    connection: Arc<Mutex<SqliteConnection>>,
}

type Rows = (
    Vec<String>,
    StreamReader<RowResult>,
    FutureReader<Result<(), Error>>,
);

impl Connection {
    async fn execute(
        &self,
        metrics: &ComponentMetrics,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<sql::QueryResult, Error> {
        let begin = Instant::now();
        let parameters = parameters.into_iter().map(to_sql).collect();
        let result = self
            .connection
            .lock()
            .await
            .execute(statement, parameters)
            .await;
        metrics.statements.inc();
        metrics
            .statement_seconds
            .observe(begin.elapsed().as_secs_f64());
        result.map_err(to_error)
    }
}

impl State {
    /// The database labelled `label`, if the component may open it and it exists.
    fn sqlite(&self, label: &str) -> Result<sql::SqliteDatabase, Error> {
        match self.definition.databases.get(label) {
            None => Err(Error::AccessDenied),
            Some(None) => Err(Error::NoSuchDatabase),
            Some(Some(database)) => Ok(database.clone()),
        }
    }

    fn sqlite_connection(&self, connection: &Resource<Connection>) -> wasmtime::Result<Connection> {
        Ok(self.table.get(connection)?.clone())
    }
}

impl<T: Send + 'static> sqlite::HostConnectionWithStore<T> for Host {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let database = match accessor.with(|mut access| access.get().sqlite(&label)) {
            Ok(database) => database,
            Err(error) => return Ok(Err(error)),
        };
        match database.connection().await {
            Ok(connection) => {
                let connection = Connection {
                    connection: Arc::new(Mutex::new(connection)),
                };
                Ok(Ok(
                    accessor.with(|mut access| access.get().table.push(connection))?
                ))
            }
            Err(error) => Ok(Err(to_error(error))),
        }
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Rows, Error>> {
        let (connection, definition) = accessor.with(|mut access| {
            let state = access.get();
            wasmtime::error::Ok((
                state.sqlite_connection(&connection)?,
                state.definition.clone(),
            ))
        })?;
        // As in Spin, what is wrong with the statement is said by the future at the end of the rows.
        let (result, end) = match connection
            .execute(&definition.metrics, &statement, parameters)
            .await
        {
            Ok(result) => (result, Ok(())),
            Err(error) => (sql::QueryResult::default(), Err(error)),
        };
        let rows: Vec<RowResult> = result.rows.into_iter().map(to_row).collect();
        accessor.with(|mut access| {
            let stream = StreamReader::new(&mut access, rows)?;
            let end = FutureReader::new(&mut access, std::future::ready(wasmtime::error::Ok(end)))?;
            Ok(Ok((result.columns, stream, end)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let connection = accessor.with(|mut access| access.get().sqlite_connection(&connection))?;
        Ok(connection.connection.lock().await.last_insert_rowid())
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let connection = accessor.with(|mut access| access.get().sqlite_connection(&connection))?;
        Ok(connection.connection.lock().await.changes())
    }
}

impl sqlite::HostConnection for State {
    async fn open(
        &mut self,
        label: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let database = match self.sqlite(&label) {
            Ok(database) => database,
            Err(error) => return Ok(Err(error)),
        };
        match database.connection().await {
            Ok(connection) => {
                let connection = Connection {
                    connection: Arc::new(Mutex::new(connection)),
                };
                Ok(Ok(self.table.push(connection)?))
            }
            Err(error) => Ok(Err(to_error(error))),
        }
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let connection = self.sqlite_connection(&connection)?;
        let result = connection
            .execute(&self.definition.metrics, &statement, parameters)
            .await;
        Ok(result.map(|result| QueryResult {
            columns: result.columns,
            rows: result.rows.into_iter().map(to_row).collect(),
        }))
    }

    async fn last_insert_rowid(
        &mut self,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(self
            .sqlite_connection(&connection)?
            .connection
            .lock()
            .await
            .last_insert_rowid())
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self
            .sqlite_connection(&connection)?
            .connection
            .lock()
            .await
            .changes())
    }

    /// An open transaction is rolled back with the connection.
    fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl sqlite::Host for State {}

fn to_sql(value: Value) -> sql::Value {
    match value {
        Value::Integer(number) => sql::Value::Integer(number),
        Value::Real(number) => sql::Value::Real(number),
        Value::Text(text) => sql::Value::Text(text),
        Value::Blob(bytes) => sql::Value::Blob(bytes),
        Value::Null => sql::Value::Null,
    }
}

fn to_row(row: sql::Row) -> RowResult {
    let values = row.0.into_iter().map(|value| match value {
        sql::Value::Integer(number) => Value::Integer(number),
        sql::Value::Real(number) => Value::Real(number),
        sql::Value::Text(text) => Value::Text(text),
        sql::Value::Blob(bytes) => Value::Blob(bytes),
        sql::Value::Null => Value::Null,
    });
    RowResult {
        values: values.collect(),
    }
}

fn to_error(error: SqlError) -> Error {
    match error {
        SqlError::Full => Error::DatabaseFull,
        SqlError::Closed => Error::InvalidConnection,
        other => Error::Io(other.to_string()),
    }
}

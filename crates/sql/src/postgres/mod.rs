//! PostgreSQL: a pool for one connection string, pinned connections, typed values.

mod decode;
mod encode;
mod error;
mod value;

use std::str::FromStr;
use std::time::Duration;

use futures::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions};
use sqlx::{
    Arguments, AssertSqlSafe, Column, ConnectOptions, Connection as _, Either, Executor, PgPool,
    Postgres, SqlSafeStr, Statement,
};
use store::{Connection, Dialect, Row, Value};

pub use error::{DatabaseError, PostgresError};
pub use value::{
    Interval, PostgresColumn, PostgresResult, PostgresType, PostgresValue, Range, RangeBound,
};

use crate::keyword::{first_keyword, has_word};
use encode::Encoded;

/// Prepared statements kept for each connection.
const CACHED_STATEMENTS: usize = 512;

/// A connection that was idle for longer is asked for a sign of life before it is used.
const FRESH: Duration = Duration::from_secs(5);

/// How long a given-up statement may take to end before its connection is cut.
const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);

/// How a pool is kept.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// The most connections to the server, 64 as in Spin.
    pub max_connections: u32,
    /// How long to wait for the server and for a free connection: long enough that a restart of the server passes
    /// unnoticed, short enough that nobody waits long for the answer that it is away.
    pub connect_timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        PostgresOptions {
            max_connections: 64,
            connect_timeout: Duration::from_secs(5),
        }
    }
}

/// The pool of one connection string. Clones share it.
#[derive(Clone)]
pub struct PostgresDatabase {
    pool: PgPool,
}

/// Where a connection string leads, for the list of allowed hosts.
///
/// # Errors
///
/// [`PostgresError::BadAddress`] if it is no `postgres://` URL with a host, names
/// several hosts, or a Unix socket.
pub fn dsn_hosts(dsn: &str) -> Result<Vec<(String, u16)>, PostgresError> {
    let options = parse(dsn)?;
    Ok(vec![(options.get_host().to_owned(), options.get_port())])
}

fn parse(dsn: &str) -> Result<PgConnectOptions, PostgresError> {
    let bad = |why: &str| Err(PostgresError::BadAddress(why.to_owned()));
    if !dsn.starts_with("postgres://") && !dsn.starts_with("postgresql://") {
        return bad("it must be a postgres:// URL");
    }
    // A URL without a host would go to whatever the environment of this process
    // says, and one that names files would read them for a guest.
    let options = PgConnectOptions::from_str(dsn)
        .map_err(|_| PostgresError::BadAddress("it cannot be read".to_owned()))?;
    let rest = dsn.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    if options.get_socket().is_some() || options.get_host().starts_with('/') {
        return bad("Unix sockets are not allowed");
    }
    if host.is_empty() || host.starts_with(':') {
        return bad("it names no host");
    }
    if options.get_host().contains(',') || host.contains(',') {
        return bad("it names several hosts");
    }
    Ok(options)
}

impl PostgresDatabase {
    /// Makes the pool; the server is not asked before the first connection.
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`PostgresError::BadAddress`] as for [`dsn_hosts`].
    pub fn open(dsn: &str, options: PostgresOptions) -> Result<PostgresDatabase, PostgresError> {
        let connect = parse(dsn)?
            .statement_cache_capacity(CACHED_STATEMENTS)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.connect_timeout)
            // Asking before each use would cost a round trip.
            .test_before_acquire(false)
            .before_acquire(|connection, metadata| {
                Box::pin(async move {
                    if metadata.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(connect);
        Ok(PostgresDatabase { pool })
    }

    /// A connection for one user, given back when it is dropped.
    ///
    /// # Errors
    ///
    /// [`PostgresError::Unavailable`] if the server refuses or none comes free in time.
    pub async fn connection(&self) -> Result<PostgresConnection, PostgresError> {
        let connection = self.pool.acquire().await.map_err(|error| {
            // Whatever a server says that lets nobody in: it is not there for us.
            match PostgresError::from(error) {
                PostgresError::Database(error) => PostgresError::Unavailable(error.to_string()),
                other => other,
            }
        })?;
        Ok(PostgresConnection {
            connection: Some(connection),
            transaction: false,
            running: false,
            altered: false,
        })
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A connection of a [`PostgresDatabase`], pinned for one user.
///
/// Dropping it rolls an open transaction back, beside the dropper, before
/// anybody else gets the connection.
pub struct PostgresConnection {
    /// Present until dropped.
    connection: Option<PoolConnection<Postgres>>,
    /// `BEGIN` was sent and no end seen.
    transaction: bool,
    /// A statement was started and did not come to its end.
    running: bool,
    /// A statement may have changed the session for the next user.
    altered: bool,
}

impl PostgresConnection {
    /// Runs one statement and returns its rows and how many rows it affected.
    ///
    /// The server infers the types of the parameters from the statement; a
    /// value must have that type, as on Spin, and null fits any.
    ///
    /// # Errors
    ///
    /// Any [`PostgresError`] but [`PostgresError::BadAddress`].
    pub async fn query(
        &mut self,
        sql: &str,
        parameters: &[PostgresValue],
    ) -> Result<PostgresResult, PostgresError> {
        let retry = !self.transaction;
        match self.run(sql, parameters).await {
            // The schema changed under a prepared statement. Nothing was done.
            Err(PostgresError::Database(error)) if retry && error.is_stale_plan() => {
                if let Some(connection) = &mut self.connection {
                    connection.clear_cached_statements().await?;
                }
                self.run(sql, parameters).await
            }
            other => other,
        }
    }

    /// Runs one statement and returns how many rows it affected.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn execute(
        &mut self,
        sql: &str,
        parameters: &[PostgresValue],
    ) -> Result<u64, PostgresError> {
        Ok(self.query(sql, parameters).await?.affected)
    }

    async fn run(
        &mut self,
        sql: &str,
        parameters: &[PostgresValue],
    ) -> Result<PostgresResult, PostgresError> {
        let keyword = first_keyword(sql);
        let connection = self.connection.as_mut().ok_or(PostgresError::Closed)?;
        match keyword.as_str() {
            "BEGIN" | "START" => self.transaction = true,
            "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH" | "VALUES" | "TABLE"
            | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" | "EXPLAIN"
            | "LOCK" => {}
            _ => self.altered = true,
        }
        self.running = true;
        let result = run_statement(connection, sql, parameters).await;
        self.running = false;
        let ended = match keyword.as_str() {
            "COMMIT" | "END" | "ABORT" => true,
            "ROLLBACK" => !has_word(sql, "TO"),
            _ => false,
        };
        if ended && result.is_ok() && !has_word(sql, "CHAIN") && !has_word(sql, "PREPARED") {
            self.transaction = false;
        }
        if let Err(PostgresError::TooLarge) = &result {
            // The rest of the result is still on its way.
            self.altered = true;
        }
        result
    }
}

async fn run_statement(
    connection: &mut PoolConnection<Postgres>,
    sql: &str,
    parameters: &[PostgresValue],
) -> Result<PostgresResult, PostgresError> {
    let statement = connection
        .prepare(AssertSqlSafe(sql).into_sql_str())
        .await?;
    let wanted = match statement.parameters() {
        Some(Either::Left(types)) => types,
        _ => &[],
    };
    if wanted.len() != parameters.len() {
        return Err(PostgresError::BadParameter(format!(
            "the statement has {} parameters, {} were given",
            wanted.len(),
            parameters.len()
        )));
    }
    let mut arguments = PgArguments::default();
    for (index, (value, kind)) in parameters.iter().zip(wanted).enumerate() {
        let encoded = Encoded::new(value, kind).map_err(|why| {
            PostgresError::BadParameter(format!("parameter ${}: {why}", index + 1))
        })?;
        arguments.add(encoded).map_err(|why| {
            PostgresError::BadParameter(format!("parameter ${}: {why}", index + 1))
        })?;
    }
    let columns: Vec<PostgresColumn> = statement
        .columns()
        .iter()
        .map(|column| PostgresColumn {
            name: column.name().to_owned(),
            kind: decode::kind(column.type_info()),
        })
        .collect();
    let mut result = PostgresResult {
        columns,
        rows: Vec::new(),
        affected: 0,
    };
    let mut size = 0;
    let mut stream = (&mut **connection).fetch_many(statement.query_with(arguments));
    while let Some(item) = stream.try_next().await? {
        match item {
            Either::Left(done) => result.affected += done.rows_affected(),
            Either::Right(row) => {
                let (values, bytes) = decode::row(&row, &result.columns)?;
                size += bytes;
                if size > crate::RESULT_LIMIT {
                    return Err(PostgresError::TooLarge);
                }
                result.rows.push(values);
            }
        }
    }
    Ok(result)
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.altered {
            // `DISCARD ALL` would also forget the statements that sqlx believes prepared.
            connection.close_on_drop();
            return;
        }
        if !self.transaction && !self.running {
            return;
        }
        // The pool lends it again only when the task below lets go of it.
        let rollback = async move {
            match tokio::time::timeout(ROLLBACK_LIMIT, connection.execute("ROLLBACK")).await {
                Ok(Ok(_)) => {}
                // Without its connection the server rolls back by itself.
                _ => connection.close_on_drop(),
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(rollback)),
            Err(_) => tracing::debug!("a connection was dropped outside the runtime; it is cut"),
        }
    }
}

impl Connection for PostgresConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn query(
        &mut self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, store::Error> {
        let parameters: Vec<PostgresValue> =
            parameters.into_iter().map(PostgresValue::from).collect();
        let result = PostgresConnection::query(self, statement, &parameters).await?;
        result
            .rows
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(PostgresValue::into_stored)
                    .collect::<Result<_, _>>()
                    .map(Row)
            })
            .collect()
    }
}

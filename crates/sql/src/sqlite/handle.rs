//! One SQLite connection and what runs on it synchronously.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Batch, Connection, OpenFlags, ffi};
use store::{Row, Value};

use super::authorizer::authorize;
use super::plan::Plan;
use super::{Durability, QueryResult, SqliteOptions};
use crate::error::SqlError;

/// Prepared statements kept for each connection; the platform has some 200.
const CACHED_STATEMENTS: usize = 512;

/// Virtual machine steps between two looks at the clock: some 20 µs.
const STEPS_BETWEEN_CHECKS: i32 = 1000;

thread_local! {
    /// Pages in the log after the last commit on this thread, 0 without one.
    /// SQLite calls the hook on the thread that commits, inside the statement.
    static COMMITTED_PAGES: Cell<i32> = const { Cell::new(0) };
}

/// A connection to the file, and what belongs to it.
pub(super) struct Handle {
    pub(super) connection: Connection,
    /// Nanoseconds since `born` at which the running statement is stopped.
    stop_at: Arc<AtomicU64>,
    born: Instant,
    /// Something was made that would be visible to the next user (`CREATE TEMP …`).
    tainted: Arc<AtomicBool>,
}

/// What became of a statement.
pub(super) struct Outcome {
    pub(super) result: Result<QueryResult, SqlError>,
    /// The pages in the log if the statement committed any, otherwise 0.
    pub(super) committed_pages: i32,
}

impl Handle {
    /// Opens the file as `options` say. May block on the disk and, for up to
    /// the busy time-out, on other processes.
    pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Handle, SqlError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if options.create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(options.busy_timeout)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(SqlError::Storage(format!(
                "the file cannot have a write-ahead log (journal_mode is {mode})"
            )));
        }
        let synchronous = match options.durability {
            Durability::Full => "FULL",
            Durability::Group | Durability::Off => "NORMAL",
        };
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous};
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -{cache};
             PRAGMA journal_size_limit = {limit};
             PRAGMA wal_autocheckpoint = 0;",
            cache = options.cache_kib,
            limit = i64::from(options.checkpoint_pages) * 4096,
        ))?;
        // Refuses to change the schema table directly, to corrupt FTS shadow
        // tables and to switch the journal off.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        connection.wal_hook(Some(|_, pages| {
            COMMITTED_PAGES.set(pages);
            Ok(())
        }));
        // Reading opens the log and makes its file, which the syncing thread needs.
        connection.query_row("PRAGMA user_version", [], |_| Ok(()))?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        // From here on the caller waits for locks, not the thread.
        connection.busy_timeout(Duration::ZERO)?;

        let (born, stop_at) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
        let limit = Arc::clone(&stop_at);
        connection.progress_handler(
            STEPS_BETWEEN_CHECKS,
            Some(move || nanoseconds(born.elapsed()) > limit.load(Ordering::Relaxed)),
        )?;
        let tainted = Arc::new(AtomicBool::new(false));
        let taint = Arc::clone(&tainted);
        connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            authorize(&context, &taint)
        }))?;
        Ok(Handle {
            connection,
            stop_at,
            born,
            tainted,
        })
    }

    /// What the statement does.
    ///
    /// # Errors
    ///
    /// [`SqlError::Refused`] if it is no statement, or more than one.
    pub(super) fn plan(&self, sql: &str) -> Result<Plan, SqlError> {
        let mut batch = Batch::new(&self.connection, sql);
        let Some(statement) = batch.next()? else {
            return Err(SqlError::Refused(
                "there is no statement in the text".to_owned(),
            ));
        };
        let writes = !statement.readonly() && statement.is_explain() == 0;
        drop(statement);
        if !matches!(batch.next(), Ok(None)) {
            return Err(SqlError::Refused(
                "only one statement is allowed in a call".to_owned(),
            ));
        }
        Ok(Plan::of(sql, writes))
    }

    /// Whether something was made that would be visible to the next user.
    pub(super) fn is_tainted(&self) -> bool {
        self.tainted.load(Ordering::Relaxed)
    }

    /// Runs one statement to its end; it is interrupted after `limit`.
    pub(super) fn run(&self, sql: &str, parameters: &[Value], limit: Option<Duration>) -> Outcome {
        let stop_at = limit.map_or(u64::MAX, |limit| nanoseconds(self.born.elapsed() + limit));
        self.stop_at.store(stop_at, Ordering::Relaxed);
        COMMITTED_PAGES.set(0);
        let result = self.run_to_end(sql, parameters);
        Outcome {
            result,
            committed_pages: COMMITTED_PAGES.get(),
        }
    }

    fn run_to_end(&self, sql: &str, parameters: &[Value]) -> Result<QueryResult, SqlError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        if statement.parameter_count() != parameters.len() {
            return Err(rusqlite::Error::InvalidParameterCount(
                parameters.len(),
                statement.parameter_count(),
            )
            .into());
        }
        for (index, value) in parameters.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Parameter(value))?;
        }
        let outcome = collect(&mut statement);
        // The cache keeps the statement, but need not keep somebody's text.
        statement.clear_bindings();
        outcome
    }

    /// Lets `changes()` and `last_insert_rowid()` say in SQL what they said to
    /// the next user on another connection. SQLite has no other way to set the
    /// first than to change as many rows; the temporary table taints this one.
    pub(super) fn remind(&self, changes: u64, rowid: i64) -> Result<(), SqlError> {
        let connection = &self.connection;
        connection.execute_batch("CREATE TEMP TABLE IF NOT EXISTS changed_before (row INTEGER)")?;
        connection.execute(
            "INSERT INTO temp.changed_before
             WITH RECURSIVE rows (row) AS (SELECT 1 UNION ALL SELECT row + 1 FROM rows LIMIT ?1)
             SELECT row FROM rows LIMIT ?1",
            [i64::try_from(changes).unwrap_or(i64::MAX)],
        )?;
        // SAFETY: the handle is valid, and used by this thread alone as long as it is borrowed.
        unsafe { ffi::sqlite3_set_last_insert_rowid(connection.handle(), rowid) };
        Ok(())
    }

    /// Rolls back what is open. False if the connection is not fit for another user.
    pub(super) fn clean(&self) -> bool {
        if !self.connection.is_autocommit() {
            self.stop_at.store(u64::MAX, Ordering::Relaxed);
            if let Err(error) = self.connection.execute_batch("ROLLBACK") {
                tracing::warn!(%error, "a transaction could not be rolled back; its connection is closed");
                return false;
            }
        }
        !self.is_tainted()
    }
}

fn collect(statement: &mut rusqlite::Statement<'_>) -> Result<QueryResult, SqlError> {
    let mut result = QueryResult::default();
    let mut size = 0;
    let mut width = statement.column_count();
    let mut cursor = statement.raw_query();
    let mut first = true;
    while let Some(row) = cursor.next()? {
        if first {
            // A statement that was prepared before the schema changed is
            // prepared again by its first step, and may be wider then.
            width = row.as_ref().column_count();
            first = false;
        }
        let mut values = Vec::with_capacity(width);
        for column in 0..width {
            let value = match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Integer(value),
                ValueRef::Real(value) => Value::Real(value),
                ValueRef::Text(text) => {
                    size += text.len();
                    let text =
                        std::str::from_utf8(text).map_err(|_| SqlError::NotUtf8 { column })?;
                    Value::Text(text.to_owned())
                }
                ValueRef::Blob(bytes) => {
                    size += bytes.len();
                    Value::Blob(bytes.to_vec())
                }
            };
            size += size_of::<Value>();
            values.push(value);
        }
        if size > crate::RESULT_LIMIT {
            return Err(SqlError::TooLarge);
        }
        result.rows.push(Row(values));
    }
    drop(cursor);
    result.columns = statement
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    Ok(result)
}

/// Lends a value to SQLite.
struct Parameter<'a>(&'a Value);

impl rusqlite::ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(value) => ValueRef::Integer(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_never_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let handle = Handle::open(&folder.path().join("a.db"), &SqliteOptions::default()).unwrap();
        let run = |sql: &str, limit| handle.run(sql, &[], limit).result;
        run("CREATE TABLE t (a INTEGER)", None).unwrap();
        let plan = handle.plan("COMMIT").unwrap();
        // SQLite looks at the clock once in a thousand steps, and a commit has a few.
        for limits in [Some(Duration::ZERO), plan.limit(Duration::ZERO)] {
            let mut interrupted = 0;
            for _ in 0..1000 {
                run("BEGIN IMMEDIATE", None).unwrap();
                run("INSERT INTO t VALUES (1)", None).unwrap();
                match run("COMMIT", limits) {
                    Ok(_) => {}
                    Err(SqlError::Interrupted) => {
                        interrupted += 1;
                        // Before or after its work, which SQLite does not say.
                        let _ = run("COMMIT", None);
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!(interrupted > 0, limits.is_some());
        }
        let rows = run("SELECT count(*) FROM t", None).unwrap().rows;
        assert_eq!(rows[0].integer(0).unwrap(), 2000);
    }
}

//! A connection in one user's hands.
//!
//! Statements run on the caller's thread: most take a few microseconds, less
//! than handing them to another thread. What may take long goes to tokio's
//! blocking threads: a reading statement that exceeds [`INLINE_LIMIT`] is
//! interrupted and started again there, and from then on goes there at once,
//! until it is quick again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use store::{Connection, Dialect, Row, Value};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::handle::{Handle, Outcome};
use super::plan::Plan;
use super::{Durability, QueryResult, Shared};
use crate::error::SqlError;

/// How long a reading statement may keep the caller's thread.
const INLINE_LIMIT: Duration = Duration::from_millis(5);

/// A statement that takes no longer than this on a blocking thread comes back.
const QUICK: Duration = Duration::from_millis(1);

/// The first and the longest pause before another attempt at a lock that
/// another process holds.
const RETRY: (Duration, Duration) = (Duration::from_micros(500), Duration::from_millis(10));

/// A connection of a [`SqliteDatabase`](super::SqliteDatabase) for one user.
///
/// It costs nothing while its user does something else: one of SQLite's own is
/// lent to it for a statement or a transaction, and given back while it waits
/// for its turn to write or for the disk. So a handful serve everybody, with
/// pages and statements that are warm.
///
/// What SQLite remembers of a connection is kept from one statement to the
/// next: an open transaction, temporary tables, and what `changes()` and
/// `last_insert_rowid()` say in SQL.
///
/// Dropping it rolls an open transaction back (which in a write-ahead log only
/// forgets pages in memory) and makes room for the next writer at once.
pub struct SqliteConnection {
    shared: Arc<Shared>,
    /// Absent between transactions, and while a blocking thread has it.
    lease: Option<Lease>,
    /// A blocking thread has the lease. It does not come back when the statement
    /// is given up, and with it a transaction is gone: then this is closed.
    away: bool,
    /// Rows were changed: SQL may ask about it on whichever connection is lent next.
    changed: bool,
    changes: u64,
    last_insert_rowid: i64,
}

/// The right to use a connection, and perhaps to write.
struct Lease {
    shared: Arc<Shared>,
    /// Present until dropped.
    handle: Option<Handle>,
    /// The handle is the one that writers hand on to each other.
    writers: bool,
    /// Held from the first write of a transaction to its end. Given up behind the handle, which the next writer wants.
    turn: Option<OwnedSemaphorePermit>,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            self.shared.give_back(handle, self.writers);
        }
    }
}

impl Lease {
    fn handle(&mut self) -> Result<&mut Handle, SqlError> {
        self.handle.as_mut().ok_or(SqlError::Closed)
    }
}

impl SqliteConnection {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        SqliteConnection {
            shared,
            lease: None,
            away: false,
            changed: false,
            changes: 0,
            last_insert_rowid: 0,
        }
    }

    /// Runs one statement to its end. Parameters are bound by position as
    /// SQLite numbers them: `$1` or any other name by first appearance.
    ///
    /// A statement that writes waits for its turn first. One that commits
    /// returns when the commit is durable.
    ///
    /// # Errors
    ///
    /// Any [`SqlError`]. After [`SqlError::Storage`] of a commit it is not known
    /// whether the commit will be there after a restart.
    pub async fn execute(
        &mut self,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, SqlError> {
        if self.away {
            return Err(SqlError::Closed);
        }
        let shared = Arc::clone(&self.shared);
        let lent_before = self.lease.is_some();
        let plan = match shared.plans.get(sql) {
            Some(plan) => plan,
            None => {
                let plan = self.lease(&shared, false).await?.handle()?.plan(sql)?;
                shared.plans.keep(sql, plan);
                plan
            }
        };
        let writing = self
            .lease
            .as_ref()
            .is_some_and(|lease| lease.turn.is_some());
        let first_write = plan.writes && !writing;
        let reminded = plan.asks && self.changed && !lent_before;
        if plan.writes {
            shared.check()?;
        }
        if first_write {
            let turn = shared
                .take(&shared.turn, "other transactions kept the database")
                .await?;
            self.lease(&shared, true).await?.turn = Some(turn);
        } else {
            self.lease(&shared, false).await?;
        }
        if reminded {
            let (changes, rowid) = (self.changes, self.last_insert_rowid);
            let lease = self.lease.as_mut().ok_or(SqlError::Closed)?;
            lease.handle()?.remind(changes, rowid)?;
        }
        let outcome = self.run(&shared, plan, sql, parameters).await?;
        let lease = self.lease.as_mut().ok_or(SqlError::Closed)?;
        let without_lock = first_write && matches!(outcome.result, Err(SqlError::Busy { .. }));
        let handle = lease.handle()?;
        let between = handle.connection.is_autocommit();
        if plan.changes_rows {
            self.changes = handle.connection.changes();
            self.last_insert_rowid = handle.connection.last_insert_rowid();
            self.changed = true;
        }
        if between && !handle.is_tainted() {
            self.lease = None;
        } else if without_lock || between {
            lease.turn = None;
        }
        if outcome.committed_pages > 0 {
            if i64::from(outcome.committed_pages) >= i64::from(shared.options.checkpoint_pages) {
                shared.checkpointer.request();
            }
            if let Some(syncer) = &shared.syncer {
                syncer.wait().await?;
            }
        }
        outcome.result
    }

    /// Rows changed by the last `INSERT`, `UPDATE` or `DELETE` on this connection.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The rowid of the last `INSERT` on this connection.
    pub fn last_insert_rowid(&self) -> i64 {
        self.last_insert_rowid
    }

    fn handle(&self) -> Option<&Handle> {
        self.lease.as_ref()?.handle.as_ref()
    }

    /// What is lent to this connection, or else is now; `to_write` says that it has a turn to write.
    async fn lease(
        &mut self,
        shared: &Arc<Shared>,
        to_write: bool,
    ) -> Result<&mut Lease, SqlError> {
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => {
                let slot = shared
                    .take(&shared.slots, "no connection came free")
                    .await?;
                Lease {
                    handle: Some(shared.handle(to_write).await?),
                    shared: Arc::clone(shared),
                    writers: to_write,
                    turn: None,
                    _slot: slot,
                }
            }
        };
        Ok(self.lease.insert(lease))
    }

    /// Runs the statement here or apart, and again while another process has the lock.
    async fn run(
        &mut self,
        shared: &Shared,
        plan: Plan,
        sql: &str,
        mut parameters: Vec<Value>,
    ) -> Result<Outcome, SqlError> {
        let options = &shared.options;
        let began = Instant::now();
        let mut pause = RETRY.0;
        let mut apart = plan.slow || plan.touches_disk;
        if options.durability == Durability::Full {
            let autocommit = self
                .handle()
                .is_some_and(|handle| handle.connection.is_autocommit());
            apart |= plan.ends_transaction || (plan.writes && autocommit);
        }
        loop {
            let outcome = if apart {
                let (outcome, back) = self
                    .run_apart(sql, parameters, options.statement_timeout, plan)
                    .await?;
                parameters = back;
                outcome
            } else {
                let handle = self.lease.as_mut().ok_or(SqlError::Closed)?.handle()?;
                let limit = if plan.writes {
                    options.statement_timeout
                } else {
                    INLINE_LIMIT
                };
                let outcome = handle.run(sql, &parameters, plan.limit(limit));
                if matches!(outcome.result, Err(SqlError::Interrupted)) && !plan.writes {
                    // An interrupted reading statement has changed nothing, not even its transaction.
                    shared.plans.set_slow(sql, true);
                    apart = true;
                    continue;
                }
                outcome
            };
            match &outcome.result {
                // SQLite has done nothing, and the lock is another process's:
                // waiting may help. `snapshot` means that it cannot.
                Err(SqlError::Busy {
                    snapshot: false, ..
                }) if began.elapsed() < options.busy_timeout => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY.1);
                }
                _ => return Ok(outcome),
            }
        }
    }

    /// Runs the statement on a blocking thread. The connection travels there and
    /// back; should this call be given up meanwhile, it is given back from there.
    async fn run_apart(
        &mut self,
        sql: &str,
        parameters: Vec<Value>,
        limit: Duration,
        plan: Plan,
    ) -> Result<(Outcome, Vec<Value>), SqlError> {
        let mut lease = self.lease.take().ok_or(SqlError::Closed)?;
        self.away = true;
        let sql: Box<str> = sql.into();
        let (sender, receiver) = oneshot::channel();
        tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let Ok(handle) = lease.handle() else { return };
            let outcome = handle.run(&sql, &parameters, plan.limit(limit));
            if plan.slow {
                lease.shared.plans.set_slow(&sql, began.elapsed() > QUICK);
            }
            // If nobody receives it, the lease is dropped here.
            let _ = sender.send((lease, outcome, parameters));
        });
        let (lease, outcome, parameters) = receiver.await.map_err(|_| SqlError::Closed)?;
        self.lease = Some(lease);
        self.away = false;
        Ok((outcome, parameters))
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn query(
        &mut self,
        statement: &str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, store::Error> {
        Ok(self.execute(statement, parameters).await?.rows)
    }
}

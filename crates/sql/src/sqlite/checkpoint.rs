//! Brings the log back into the database file, off the path of any request.
//!
//! SQLite's automatic checkpoint runs inside whichever commit crosses the
//! threshold, which then waits for the disk. Here a task does it: first beside
//! the writers, which moves nearly all pages, then once more under a turn of
//! the write queue, so that nothing is left and the next writer begins the log
//! anew. Without the second pass a busy log would grow without end.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Notify, Semaphore};

use crate::error::SqlError;

/// How long the second pass may wait for readers of the old log.
const WAIT_FOR_READERS: Duration = Duration::from_millis(20);

/// The pause after a checkpoint that readers kept from finishing.
const PAUSE: Duration = Duration::from_millis(100);

/// Stops the task when the database goes.
pub(super) struct Checkpointer {
    wanted: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the task; must be called inside a tokio runtime.
    pub(super) fn start(path: PathBuf, turn: Arc<Semaphore>) -> Result<Checkpointer, SqlError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(WAIT_FOR_READERS)?;
        connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")?;
        let connection = Arc::new(Mutex::new(connection));
        let wanted = Arc::new(Notify::new());
        let notified = Arc::clone(&wanted);
        let task = tokio::spawn(async move {
            loop {
                notified.notified().await;
                pass(&connection, "PRAGMA wal_checkpoint(PASSIVE)").await;
                let Ok(permit) = turn.acquire().await else { return };
                let finished = pass(&connection, "PRAGMA wal_checkpoint(RESTART)").await;
                drop(permit);
                if !finished {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        });
        Ok(Checkpointer { wanted, task })
    }

    /// Asks for a checkpoint soon.
    pub(super) fn request(&self) {
        self.wanted.notify_one();
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One checkpoint; whether it went through to the end.
async fn pass(connection: &Arc<Mutex<Connection>>, pragma: &'static str) -> bool {
    let connection = Arc::clone(connection);
    let outcome = tokio::task::spawn_blocking(move || {
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.query_row(pragma, [], |row| row.get::<_, i64>(0))
    })
    .await;
    match outcome {
        Ok(Ok(busy)) => busy == 0,
        Ok(Err(error)) => {
            tracing::warn!(%error, "checkpoint failed");
            false
        }
        Err(error) => {
            tracing::warn!(%error, "checkpoint given up");
            false
        }
    }
}

//! Brings the log back into the database file, off the path of any request.
//!
//! SQLite's automatic checkpoint runs inside whichever commit crosses the
//! threshold, which then waits for the disk. Here a task does it: first beside
//! the writers, which moves nearly all pages and brings them to the disk, then
//! once more under a turn of the write queue, so that nothing is left and the
//! next writer begins the log anew. Without the last pass a busy log would grow
//! without end; without the first ones the writers would wait for the disk.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, ffi};
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
                // The second time only what was written during the first.
                for _ in 0..2 {
                    pass(&connection, "PRAGMA wal_checkpoint(PASSIVE)", true).await;
                }
                let Ok(permit) = turn.acquire().await else {
                    return;
                };
                let finished = pass(&connection, "PRAGMA wal_checkpoint(RESTART)", false).await;
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

/// One checkpoint; whether it went through to the end. SQLite syncs the
/// database only when nothing is left in the log; `flush` does it in any case,
/// so that little is left for the pass that must.
async fn pass(connection: &Arc<Mutex<Connection>>, pragma: &'static str, flush: bool) -> bool {
    let connection = Arc::clone(connection);
    let outcome = tokio::task::spawn_blocking(move || {
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = connection.query_row(pragma, [], |row| row.get::<_, i64>(0))?;
        if flush {
            sync_database(&connection)?;
        }
        Ok::<_, rusqlite::Error>(busy)
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

/// Brings the pages of the database file to the disk.
///
/// Through SQLite's own descriptor: closing another one of the database file
/// would drop all of this process's POSIX locks on it.
fn sync_database(connection: &Connection) -> rusqlite::Result<()> {
    let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
    // SAFETY: the handle is valid and, behind its mutex, used by this thread
    // alone. FILE_POINTER stores a pointer to the open file of the main
    // database, which lives as long as the connection; its methods are those of
    // the VFS that opened it.
    let code = unsafe {
        let code = ffi::sqlite3_file_control(
            connection.handle(),
            c"main".as_ptr(),
            ffi::SQLITE_FCNTL_FILE_POINTER,
            (&raw mut file).cast(),
        );
        if code != ffi::SQLITE_OK || file.is_null() || (*file).pMethods.is_null() {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        }
        match (*(*file).pMethods).xSync {
            Some(sync) => sync(file, ffi::SQLITE_SYNC_NORMAL),
            None => ffi::SQLITE_OK,
        }
    };
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
    }
}

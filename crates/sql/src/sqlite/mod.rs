//! SQLite: a pool of connections to one file, a fair queue of writers, durable commits.

mod authorizer;
mod checkpoint;
mod connection;
mod durability;
mod handle;
mod plan;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::Row;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use connection::SqliteConnection;

use crate::error::SqlError;
use checkpoint::Checkpointer;
use durability::Syncer;
use handle::Handle;
use plan::Plans;

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When SQLite itself has synced the log, each commit on its own
    /// (`synchronous=FULL`), while the next writer waits.
    Full,
    /// When one `fdatasync`, shared by all commits that wait, has ended.
    #[default]
    Group,
    /// At once: a commit survives the end of the program, not a power failure.
    Off,
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Make the file if there is none.
    pub create: bool,
    /// When a commit is acknowledged.
    pub durability: Durability,
    /// How long to wait for a turn to write, for another process's lock and for
    /// a free connection. Spin waits 5 s.
    pub busy_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
    /// The most connections to the file at a time: each open transaction and
    /// each running statement has one.
    pub max_connections: usize,
    /// The most of them that are kept while nobody uses them.
    pub max_idle: usize,
    /// Page cache of each connection that reads, in KiB.
    pub cache_kib: u32,
    /// Page cache of the one that writes, in KiB.
    pub writers_cache_kib: u32,
    /// Pages of 4 KiB in the log that bring about a checkpoint.
    pub checkpoint_pages: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        SqliteOptions {
            create: true,
            durability: Durability::Group,
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            max_connections: 256,
            max_idle: 16,
            cache_kib: 2048,
            writers_cache_kib: 16384,
            checkpoint_pages: 8192,
        }
    }
}

/// What a statement returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResult {
    /// The names of the columns; none for a statement that returns no rows.
    pub columns: Vec<String>,
    /// The rows, each as wide as `columns`.
    pub rows: Vec<Row>,
}

/// A database file. Clones share everything.
///
/// Open a file once in a program: two of these for one file would each have a
/// queue of writers of their own.
#[derive(Clone)]
pub struct SqliteDatabase {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    options: SqliteOptions,
    slots: Arc<Semaphore>,
    turn: Arc<Semaphore>,
    idle: Mutex<Vec<Handle>>,
    /// The handle that writers hand on to each other. Its pages stay: SQLite forgets all that a connection has read as
    /// soon as another one has written.
    writers: Mutex<Option<Handle>>,
    plans: Plans,
    checkpointer: Checkpointer,
    syncer: Option<Syncer>,
    /// Keeps the log file in being; see `durability`. Last, so that it is closed last.
    _keeper: Mutex<Handle>,
}

impl SqliteDatabase {
    /// Opens the file and starts what serves it. Must be called inside a tokio
    /// runtime, in which the checkpoints then run.
    ///
    /// # Errors
    ///
    /// [`SqlError::Storage`] if the file cannot be opened or is no database,
    /// [`SqlError::Busy`] if another process holds it exclusively.
    pub async fn open(
        path: impl AsRef<Path>,
        options: SqliteOptions,
    ) -> Result<SqliteDatabase, SqlError> {
        let path = path.as_ref().to_owned();
        let (path, keeper, options) = blocking(move || {
            let keeper = Handle::open(&path, &options)?;
            // SQLite names the log after the file behind symbolic links.
            let path = path
                .canonicalize()
                .map_err(|error| SqlError::storage("cannot find the database file", &error))?;
            Ok((path, keeper, options))
        })
        .await?;
        let turn = Arc::new(Semaphore::new(1));
        let syncer = match options.durability {
            Durability::Group => Some(Syncer::start(&path)?),
            Durability::Full | Durability::Off => None,
        };
        Ok(SqliteDatabase {
            shared: Arc::new(Shared {
                slots: Arc::new(Semaphore::new(options.max_connections)),
                idle: Mutex::default(),
                writers: Mutex::default(),
                plans: Plans::default(),
                checkpointer: Checkpointer::start(path.clone(), Arc::clone(&turn))?,
                turn,
                syncer,
                _keeper: Mutex::new(keeper),
                path,
                options,
            }),
        })
    }

    /// A connection for one user.
    ///
    /// # Errors
    ///
    /// [`SqlError::Storage`] if an earlier `fdatasync` failed.
    pub async fn connection(&self) -> Result<SqliteConnection, SqlError> {
        self.shared.check()?;
        Ok(SqliteConnection::new(Arc::clone(&self.shared)))
    }

    /// How many times the log was synced for commits that waited
    /// ([`Durability::Group`] only).
    pub fn syncs(&self) -> u64 {
        self.shared.syncer.as_ref().map_or(0, Syncer::started)
    }

    /// Whether commits are still possible: an error once the log could not be
    /// brought to the disk. The program should then end; what was acknowledged
    /// is there when it starts again.
    pub fn check(&self) -> Result<(), SqlError> {
        self.shared.check()
    }

    /// The file, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }
}

impl Shared {
    fn check(&self) -> Result<(), SqlError> {
        self.syncer.as_ref().map_or(Ok(()), Syncer::check)
    }

    /// A permit, in the order of asking.
    async fn take(
        &self,
        semaphore: &Arc<Semaphore>,
        otherwise: &str,
    ) -> Result<OwnedSemaphorePermit, SqlError> {
        if let Ok(permit) = Arc::clone(semaphore).try_acquire_owned() {
            return Ok(permit);
        }
        match tokio::time::timeout(
            self.options.busy_timeout,
            Arc::clone(semaphore).acquire_owned(),
        )
        .await
        {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(SqlError::Closed),
            Err(_) => Err(SqlError::busy(format!(
                "{otherwise} in {:?}",
                self.options.busy_timeout
            ))),
        }
    }

    /// A connection to the file that nobody uses; for who has the turn to write, the writers' own.
    async fn handle(&self, to_write: bool) -> Result<Handle, SqlError> {
        let idle = if to_write {
            self.writers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        } else {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop()
        };
        if let Some(handle) = idle {
            return Ok(handle);
        }
        let (path, mut options) = (self.path.clone(), self.options.clone());
        options.create = false;
        if to_write {
            options.cache_kib = options.writers_cache_kib;
        }
        blocking(move || Handle::open(&path, &options)).await
    }

    /// Takes a connection back for the next user, or closes it.
    fn give_back(&self, handle: Handle, writers: bool) {
        if !handle.clean() {
            return;
        }
        if writers {
            *self.writers.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        } else {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < self.options.max_idle {
                idle.push(handle);
            }
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SqlError> + Send + 'static,
) -> Result<T, SqlError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| SqlError::Storage(error.to_string()))?
}

//! Group commit: one `fdatasync` for all commits that wait.
//!
//! Connections run with `synchronous=NORMAL`: SQLite writes a commit to the log
//! and does not wait for the disk, so the write lock is free again within
//! microseconds. The caller is told of the success only when an `fdatasync` of
//! the log that *started* after its commit has ended. All commits that arrive
//! while one runs share the next one.
//!
//! The log is synced through a file descriptor of its own. That is sound:
//! `fdatasync` brings the whole file to the disk, whoever wrote it. POSIX drops
//! a process's locks on a file when *any* descriptor of it is closed, but
//! SQLite locks only the database and its `-shm` file, never the `-wal` file,
//! so opening and closing this one disturbs nothing.
//!
//! A checkpoint first syncs the log, then the database, and only then may a
//! writer begin the log anew; a commit whose log pages were overwritten before
//! our sync is therefore already safe in the database file. The log file is
//! never deleted while a connection is open, and the database keeps one open
//! for as long as it lives. Should the file be replaced all the same, later
//! commits would go to a file that no restart can find, and so they fail.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::oneshot;

use crate::error::SqlError;

type Waiter = oneshot::Sender<Result<(), SqlError>>;

/// The syncing thread's other end. Dropping it ends the thread after a last sync.
pub(super) struct Syncer {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    started: AtomicU64,
    /// The first failure. A failed `fdatasync` cannot be tried again: the kernel
    /// may have thrown the pages away and reports success the next time.
    failure: OnceLock<SqlError>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiter>,
    closed: bool,
}

impl Syncer {
    /// Starts the thread for the log of the database at `database`, an absolute
    /// path without symbolic links. The log must exist.
    pub(super) fn start(database: &Path) -> Result<Syncer, SqlError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let log = Log::open(PathBuf::from(path))
            .map_err(|error| SqlError::storage("cannot open the log", &error))?;
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            started: AtomicU64::new(0),
            failure: OnceLock::new(),
        });
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("sqlite-sync".to_owned())
            .spawn(move || for_thread.serve(&log))
            .map_err(|error| SqlError::storage("cannot start the syncing thread", &error))?;
        Ok(Syncer {
            shared,
            thread: Some(thread),
        })
    }

    /// Waits until everything committed before this call is on the disk.
    pub(super) async fn wait(&self) -> Result<(), SqlError> {
        self.check()?;
        let (sender, receiver) = oneshot::channel();
        self.shared.lock().waiting.push(sender);
        self.shared.wake.notify_one();
        receiver.await.unwrap_or(Err(SqlError::Closed))
    }

    /// The failure after which nothing may be committed any more, if there was one.
    pub(super) fn check(&self) -> Result<(), SqlError> {
        match self.shared.failure.get() {
            None => Ok(()),
            Some(failure) => Err(failure.clone()),
        }
    }

    /// How many syncs were started so far.
    pub(super) fn started(&self) -> u64 {
        self.shared.started.load(Ordering::Acquire)
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the syncing thread of a database panicked");
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, log: &Log) {
        loop {
            let mut queue = self.lock();
            while queue.waiting.is_empty() && !queue.closed {
                queue = self
                    .wake
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if queue.waiting.is_empty() {
                return;
            }
            let waiting = std::mem::take(&mut queue.waiting);
            drop(queue);
            self.started.fetch_add(1, Ordering::AcqRel);
            let outcome = self.sync(log);
            for waiter in waiting {
                // Whoever gave up waiting does not want to know.
                let _ = waiter.send(outcome.clone());
            }
        }
    }

    fn sync(&self, log: &Log) -> Result<(), SqlError> {
        if let Some(failure) = self.failure.get() {
            return Err(failure.clone());
        }
        log.sync().map_err(|error| {
            let failure = SqlError::storage("the log could not be brought to the disk", &error);
            tracing::error!(%error, log = %log.path.display(), "fdatasync failed; the database accepts no more commits");
            self.failure.get_or_init(|| failure).clone()
        })
    }
}

struct Log {
    path: PathBuf,
    file: File,
    identity: (u64, u64),
}

impl Log {
    fn open(path: PathBuf) -> std::io::Result<Log> {
        let file = File::options().read(true).write(true).open(&path)?;
        let metadata = file.metadata()?;
        // The file may be new: its name must survive a power failure too.
        if let Some(directory) = path.parent() {
            File::open(directory)?.sync_all()?;
        }
        Ok(Log {
            path,
            file,
            identity: (metadata.dev(), metadata.ino()),
        })
    }

    fn sync(&self) -> std::io::Result<()> {
        let metadata = std::fs::metadata(&self.path)?;
        if (metadata.dev(), metadata.ino()) != self.identity {
            return Err(std::io::Error::other(
                "the log was replaced under a running database",
            ));
        }
        self.file.sync_data()
    }
}

//! From the tables to releases that can be called.
//!
//! Every department is loaded by a task of its own: what one publishes, however large, holds up no other, nor its own
//! next order. Small components are compiled at once; large ones wait for each other in the order in which they came.

use super::prune::{self, Kept};
use super::{Breaker, Departments, Seat, Serving, at_once};
use crate::database::{Connection, Database};
use anyhow::{Context, Result, anyhow, ensure};
use host::department::{DepartmentHandler, DepartmentLimits};
use host::{CompileError, Engine, LARGE};
use publishing::situation::{is_vouched, wants_two};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::handlers::{self, Release, Standing};
use tokio::sync::Semaphore;

/// How often the tables are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long after a failure of the database it is asked again.
pub(super) const AGAIN: Duration = Duration::from_secs(2);
/// Entries of the log in which a release's signature is looked for.
const LOG: i64 = 10_000;

/// Keeps `departments` as the tables of `database` have it, for ever, with compiled code in `cache`, of which `kept`
/// stays.
pub(crate) async fn watch(
    departments: Arc<Departments>,
    database: Database,
    cache: PathBuf,
    kept: Kept,
) {
    let loader = match Loader::new(departments, database, cache) {
        Ok(loader) => Arc::new(loader),
        Err(error) => {
            tracing::error!(%error, "no department's handler is run");
            return;
        }
    };
    tokio::spawn(prune::daily(loader.clone(), kept));
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = loader.look().await {
            tracing::warn!(
                error = format!("{error:#}"),
                "what departments published cannot be read"
            );
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// What the tasks share that load one department each.
pub(super) struct Loader {
    departments: Arc<Departments>,
    pub(super) database: Database,
    pub(super) engine: Engine,
    /// Compiled code: of this program and of the command that published, where it ran beside this platform.
    pub(super) cache: PathBuf,
    /// Whose turn it is to compile a large component; given in the order in which it was asked for.
    large: Semaphore,
    /// For each department, the newest revision that a task has been started for.
    newest: Mutex<HashMap<String, i64>>,
}

/// Why a release is not loaded.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    /// The database does not answer; it may later.
    #[error(transparent)]
    Unreadable(anyhow::Error),
    /// It must not be run, or cannot be.
    #[error(transparent)]
    Unfit(anyhow::Error),
    /// Something newer is in force.
    #[error("something newer was ordered meanwhile")]
    Superseded,
}

fn unreadable(error: impl Into<anyhow::Error>) -> LoadError {
    LoadError::Unreadable(error.into())
}

impl Loader {
    /// A loader with an engine of its own.
    pub(super) fn new(
        departments: Arc<Departments>,
        database: Database,
        cache: PathBuf,
    ) -> Result<Self, CompileError> {
        Ok(Self {
            departments,
            database,
            engine: Engine::for_departments(DepartmentLimits::default().memory)?,
            cache,
            large: Semaphore::new(1),
            newest: Mutex::default(),
        })
    }

    /// Writes down what departments are to be told, and starts a task for each that has changed.
    async fn look(self: &Arc<Self>) -> Result<()> {
        let mut connection = self.database.connection().await?;
        for notice in self.departments.notices.take() {
            let written = handlers::insert_notice(&mut connection, &notice).await;
            if let Err(error) = written {
                // It comes again with the next look.
                self.departments.notices.add(notice);
                return Err(error.into());
            }
        }
        for standing in handlers::standings(&mut connection).await? {
            if self.is_news(&standing) {
                tokio::spawn(self.clone().put_in_force(standing));
            }
        }
        Ok(())
    }

    fn is_news(&self, standing: &Standing) -> bool {
        let mut newest = self.newest();
        match newest.get(&standing.department) {
            Some(&revision) if revision >= standing.revision => false,
            _ => {
                newest.insert(standing.department.clone(), standing.revision);
                true
            }
        }
    }

    async fn put_in_force(self: Arc<Self>, standing: Standing) {
        let begin = Instant::now();
        match self.serving(&standing).await {
            Ok(serving) => {
                if self.departments.replace(&standing.department, serving) {
                    tracing::info!(
                        department = standing.department,
                        revision = standing.revision,
                        current = standing.current,
                        candidate = standing.candidate,
                        milliseconds =
                            u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
                        "handlers changed"
                    );
                }
            }
            Err(LoadError::Superseded) => {}
            Err(error) => {
                tracing::warn!(
                    department = standing.department,
                    error = format!("{error:#}"),
                    "what a department published cannot be read"
                );
                tokio::time::sleep(AGAIN).await;
                // The next look finds it once more, unless something newer is on its way.
                let mut newest = self.newest();
                if newest.get(&standing.department) == Some(&standing.revision) {
                    newest.remove(&standing.department);
                }
            }
        }
    }

    async fn serving(&self, standing: &Standing) -> Result<Serving, LoadError> {
        Ok(Serving {
            revision: standing.revision,
            current: self.seat(standing, standing.current).await?,
            candidate: self.seat(standing, standing.candidate).await?,
            share: standing.share,
        })
    }

    /// The release, ready to be called; none, with a word in the log, where it must not or cannot be.
    async fn seat(
        &self,
        standing: &Standing,
        release: Option<i64>,
    ) -> Result<Option<Arc<Seat>>, LoadError> {
        let Some(release) = release else {
            return Ok(None);
        };
        let before = self.departments.serving(&standing.department);
        let known = before
            .iter()
            .flat_map(|before| before.current.iter().chain(&before.candidate))
            .find(|seat| seat.release.release == release);
        if let Some(known) = known {
            return Ok(Some(known.clone()));
        }
        match self.load(standing, release).await {
            Ok(seat) => Ok(Some(Arc::new(seat))),
            Err(LoadError::Unfit(error)) => {
                tracing::error!(
                    department = standing.department,
                    release,
                    error = format!("{error:#}"),
                    "a published handler is not run"
                );
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn load(&self, standing: &Standing, number: i64) -> Result<Seat, LoadError> {
        let mut connection = self.database.connection().await.map_err(unreadable)?;
        let release = vouched(&mut connection, &standing.department, number).await?;
        drop(connection);
        let handler = match self.cached(&release).await? {
            Some(handler) => handler,
            None => self.compiled(standing, &release).await?,
        };
        Ok(Seat {
            release,
            handler,
            breaker: Breaker::default(),
            turns: Semaphore::new(at_once()),
            notices: self.departments.notices.clone(),
        })
    }

    /// The release out of the cache, which knows it by the digest that publishers have signed: no other bytes can
    /// have been compiled under that name.
    async fn cached(&self, release: &Release) -> Result<Option<DepartmentHandler>, LoadError> {
        let Ok(sha256) = <[u8; 32]>::try_from(release.sha256.as_slice()) else {
            return Err(LoadError::Unfit(anyhow!("its digest is none")));
        };
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        ready(move || {
            DepartmentHandler::cached(&engine, &sha256, &cache, DepartmentLimits::default())
        })
        .await
    }

    /// The release, compiled from the archive.
    async fn compiled(
        &self,
        standing: &Standing,
        release: &Release,
    ) -> Result<DepartmentHandler, LoadError> {
        let missing = || LoadError::Unfit(anyhow!("its component is not in the archive"));
        let mut connection = self.database.connection().await.map_err(unreadable)?;
        let size = handlers::component_size(&mut connection, &release.sha256)
            .await
            .map_err(unreadable)?
            .ok_or_else(missing)?;
        drop(connection);
        // Who waits holds neither a connection nor the component.
        let _turn = match usize::try_from(size).is_ok_and(|size| size < LARGE) {
            true => None,
            // The semaphore is never closed.
            false => self.large.acquire().await.ok(),
        };
        if self.newest().get(&standing.department) != Some(&standing.revision) {
            return Err(LoadError::Superseded);
        }
        let mut connection = self.database.connection().await.map_err(unreadable)?;
        let wasm = handlers::component(&mut connection, &release.sha256)
            .await
            .map_err(unreadable)?
            .ok_or_else(missing)?;
        drop(connection);
        if seal::digest(&[&wasm])[..] != release.sha256[..] {
            let error = anyhow!("its component in the archive was changed");
            return Err(LoadError::Unfit(error));
        }
        let (engine, cache) = (self.engine.clone(), self.cache.clone());
        ready(move || {
            DepartmentHandler::new_behind(&engine, &wasm, &cache, DepartmentLimits::default())
        })
        .await
    }

    fn newest(&self) -> std::sync::MutexGuard<'_, HashMap<String, i64>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `make` where it may take its time.
async fn ready<T: Send + 'static>(
    make: impl FnOnce() -> Result<T, host::department::UnfitError> + Send + 'static,
) -> Result<T, LoadError> {
    tokio::task::spawn_blocking(make)
        .await
        .map_err(|error| LoadError::Unfit(error.into()))?
        .map_err(|error| LoadError::Unfit(error.into()))
}

/// The release `number`, if those have signed it whose signatures it takes.
async fn vouched(
    connection: &mut Connection,
    department: &str,
    number: i64,
) -> Result<Release, LoadError> {
    let release = handlers::releases(connection, department)
        .await
        .map_err(unreadable)?
        .into_iter()
        .find(|release| release.release == number);
    let log = handlers::log(connection, department, LOG)
        .await
        .map_err(unreadable)?;
    let keys = handlers::keys(connection, department)
        .await
        .map_err(unreadable)?;
    let two = wants_two(connection, department)
        .await
        .map_err(|error| match error {
            publishing::Error::Store(error) => unreadable(error),
            publishing::Error::Refused(error) => LoadError::Unfit(error.into()),
        })?;
    let check = || -> Result<Release> {
        let release = release.context("there is no such release")?;
        ensure!(
            is_vouched(&release, &log, &keys, two),
            "{} of the department have not signed it",
            if two { "two publishers" } else { "publishers" }
        );
        Ok(release)
    };
    check().map_err(LoadError::Unfit)
}

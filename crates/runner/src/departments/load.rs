//! From the tables to releases that can be called.

use super::{Breaker, Departments, Seat, Serving, at_once};
use crate::database::{Connection, Database};
use crate::handler::{is_vouched, wants_two};
use anyhow::{Context, Result, ensure};
use host::Engine;
use host::department::{DepartmentHandler, DepartmentLimits};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use store::handlers::{self, Standing};
use tokio::sync::Semaphore;

/// How often the tables are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Entries of the log in which a release's signature is looked for.
const LOG: i64 = 10_000;

/// Keeps `departments` as the tables of `database` have it, for ever.
pub(crate) async fn watch(departments: Arc<Departments>, database: Database, cache: PathBuf) {
    let limits = DepartmentLimits::default();
    let engine = match Engine::for_departments(limits.memory) {
        Ok(engine) => engine,
        Err(error) => {
            tracing::error!(%error, "no department's handler is run");
            return;
        }
    };
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = look(&departments, &database, &engine, &cache).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "what departments published cannot be read"
            );
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}

async fn look(
    departments: &Departments,
    database: &Database,
    engine: &Engine,
    cache: &Path,
) -> Result<()> {
    let mut connection = database.connection().await?;
    for notice in departments.notices.take() {
        let written = handlers::insert_notice(&mut connection, &notice).await;
        if let Err(error) = written {
            // It comes again with the next look.
            departments.notices.add(notice);
            return Err(error.into());
        }
    }
    for standing in handlers::standings(&mut connection).await? {
        let before = departments.serving(&standing.department);
        if before
            .as_ref()
            .is_some_and(|before| before.revision == standing.revision)
        {
            continue;
        }
        let known: Vec<Arc<Seat>> = before
            .iter()
            .flat_map(|before| before.current.iter().chain(&before.candidate))
            .cloned()
            .collect();
        let load = Load {
            engine,
            cache,
            standing: &standing,
            known: &known,
            departments,
        };
        let serving = Serving {
            revision: standing.revision,
            current: load.seat(&mut connection, standing.current).await,
            candidate: load.seat(&mut connection, standing.candidate).await,
            share: standing.share,
        };
        tracing::info!(
            department = standing.department,
            revision = standing.revision,
            current = standing.current,
            candidate = standing.candidate,
            "handlers changed"
        );
        departments
            .serving
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(standing.department.clone(), Arc::new(serving));
    }
    Ok(())
}

struct Load<'a> {
    engine: &'a Engine,
    cache: &'a Path,
    standing: &'a Standing,
    /// What is loaded already.
    known: &'a [Arc<Seat>],
    departments: &'a Departments,
}

impl Load<'_> {
    /// The release, ready to be called; none, with a word in the log, where it must not or cannot be.
    async fn seat(&self, connection: &mut Connection, release: Option<i64>) -> Option<Arc<Seat>> {
        let release = release?;
        if let Some(known) = self
            .known
            .iter()
            .find(|seat| seat.release.release == release)
        {
            return Some(known.clone());
        }
        match self.load(connection, release).await {
            Ok(seat) => Some(Arc::new(seat)),
            Err(error) => {
                tracing::error!(
                    department = self.standing.department,
                    release,
                    error = format!("{error:#}"),
                    "a published handler is not run"
                );
                None
            }
        }
    }

    async fn load(&self, connection: &mut Connection, number: i64) -> Result<Seat> {
        let department = &self.standing.department;
        let releases = handlers::releases(connection, department).await?;
        let release = releases
            .into_iter()
            .find(|release| release.release == number)
            .context("there is no such release")?;
        let log = handlers::log(connection, department, LOG).await?;
        let keys = handlers::keys(connection, department).await?;
        let two = wants_two(connection, department).await?;
        ensure!(
            is_vouched(&release, &log, &keys, two),
            "{} of the department have not signed it",
            if two { "two publishers" } else { "publishers" }
        );
        let wasm = handlers::component(connection, &release.sha256)
            .await?
            .context("its component is not in the archive")?;
        ensure!(
            seal::digest(&[&wasm])[..] == release.sha256[..],
            "its component in the archive was changed"
        );
        let (engine, cache) = (self.engine.clone(), self.cache.to_owned());
        let handler = tokio::task::spawn_blocking(move || {
            DepartmentHandler::new_behind(&engine, &wasm, &cache, DepartmentLimits::default())
        })
        .await??;
        Ok(Seat {
            release,
            handler,
            breaker: Breaker::default(),
            turns: Semaphore::new(at_once()),
            notices: self.departments.notices.clone(),
        })
    }
}

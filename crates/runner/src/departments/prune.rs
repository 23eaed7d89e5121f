//! What stays of the compiled code: once a day the cache is rid of what nobody will ask for.

use super::load::Loader;
use anyhow::{Context, Result};
use host::{CacheLimits, Pruned};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::handlers::{self, Release, Standing};

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(86_400);
/// How long after the start for the first time: by then everything that this start needed is loaded.
const FIRST: Duration = Duration::from_secs(120);

/// How much of the compiled code stays.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Kept {
    /// Days after which compiled code is removed that nobody has used; it is compiled again when it is needed.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    cache_days: u32,
    /// MiB of compiled code beyond which the longest unused is removed.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    cache_mib: u32,
    /// Releases of each department that stay compiled beside those that decide: the last ones, and the last ones
    /// before the current one, which it can go back to at once.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    cache_releases: u16,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            cache_days: 30,
            cache_mib: 2048,
            cache_releases: 3,
        }
    }
}

impl Kept {
    fn limits(self) -> CacheLimits {
        CacheLimits {
            age: Duration::from_secs(u64::from(self.cache_days) * 86_400),
            size: u64::from(self.cache_mib) << 20,
        }
    }
}

/// Prunes the cache of `loader` every day, for ever.
pub(super) async fn daily(loader: Arc<Loader>, kept: Kept) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + FIRST, LOOK);
    loop {
        ticks.tick().await;
        match once(&loader, kept).await {
            Ok(pruned) if pruned.files == 0 => {}
            Ok(pruned) => tracing::info!(
                files = pruned.files,
                bytes = pruned.bytes,
                left = pruned.left,
                "compiled code that nobody used was removed"
            ),
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "the cache of compiled code is not pruned"
            ),
        }
    }
}

/// Prunes it now.
pub(super) async fn once(loader: &Loader, kept: Kept) -> Result<Pruned> {
    let mut connection = loader.database.connection().await?;
    let mut keep = Vec::new();
    for standing in handlers::standings(&mut connection).await? {
        let releases = handlers::releases(&mut connection, &standing.department).await?;
        let digests = in_reach(&standing, &releases, usize::from(kept.cache_releases));
        keep.extend(
            digests
                .iter()
                .filter_map(|it| <[u8; 32]>::try_from(*it).ok()),
        );
    }
    drop(connection);
    let (engine, cache) = (loader.engine.clone(), loader.cache.clone());
    tokio::task::spawn_blocking(move || {
        host::behind_all(|| match cache.is_dir() {
            true => engine.prune(&cache, &keep, kept.limits()),
            // Nothing was compiled yet.
            false => Ok(Pruned::default()),
        })
    })
    .await??
    .with_context(|| loader.cache.display().to_string())
}

/// The digests of the releases of one department that may be asked for at any time: those that decide, and `last` of
/// the newest and of those before the current one.
fn in_reach<'a>(standing: &Standing, releases: &'a [Release], last: usize) -> BTreeSet<&'a [u8]> {
    let mut numbers: Vec<i64> = releases.iter().map(|release| release.release).collect();
    numbers.sort_unstable();
    let before = numbers
        .iter()
        .filter(|&&number| standing.current.is_none_or(|current| number < current));
    let wanted: BTreeSet<i64> = numbers
        .iter()
        .rev()
        .take(last)
        .chain(before.rev().take(last))
        .copied()
        .chain(standing.current)
        .chain(standing.candidate)
        .collect();
    releases
        .iter()
        .filter(|release| wanted.contains(&release.release))
        .map(|release| release.sha256.as_slice())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::hostile::speaking_apart;
    use crate::handler::published::{database, passed, publish, publisher};
    use host::department::{DepartmentHandler, DepartmentLimits};
    use publishing::order::ALL;
    use std::time::SystemTime;

    /// On a real table and a real cache: what is in reach is loaded as before, what runs stays, the rest is gone.
    #[tokio::test]
    async fn old_releases_go_and_those_in_reach_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(folder.path()).await;
        let connection = &mut database.connection().await.expect("a connection");
        let secret = publisher(connection, "王工").await;
        let cache = folder.path().join("cache");
        let departments = Arc::new(super::super::Departments::default());
        let loader = Loader::new(departments, database, cache.clone()).expect("a loader");
        let limits = DepartmentLimits::default();
        let components: Vec<Vec<u8>> = (1..=6)
            .map(|number| speaking_apart("mark", number))
            .collect();
        let mut handlers = Vec::new();
        for (number, component) in (1..).zip(&components) {
            let passed = passed(component, &format!("1.0.{number}"));
            publish(connection, &secret, &passed, ALL)
                .await
                .expect("published");
            let handler = DepartmentHandler::new(&loader.engine, component, &cache, limits);
            handlers.push(handler.expect("a handler"));
        }
        // The second one is still at work somewhere.
        handlers.truncate(2);
        handlers.remove(0);
        let kept = Kept {
            cache_releases: 2,
            ..Kept::default()
        };
        let nothing = once(&loader, kept).await.expect("pruned");
        assert_eq!(nothing.files, 0, "all of it is fresh");
        let old = SystemTime::now() - Duration::from_secs(400 * 86_400);
        for file in std::fs::read_dir(&cache).expect("the cache").flatten() {
            std::fs::File::options()
                .write(true)
                .open(file.path())
                .and_then(|file| file.set_modified(old))
                .expect("marked");
        }
        let pruned = once(&loader, kept).await.expect("pruned");
        let there: Vec<bool> = components
            .iter()
            .map(|component| {
                let sha256 = seal::digest(&[component]);
                let found = DepartmentHandler::cached(&loader.engine, &sha256, &cache, limits);
                found.expect("fit").is_some()
            })
            .collect();
        let runs = cfg!(target_os = "linux");
        assert_eq!(there, [false, runs, false, true, true, true]);
        assert_eq!(pruned.files, 3 - usize::from(runs));
        assert!(handlers[0].describe().0.is_ok());
    }

    #[test]
    fn what_decides_and_what_can_be_gone_back_to_is_in_reach() {
        let release = |number: i64| Release {
            department: "parks".to_owned(),
            release: number,
            sha256: vec![u8::try_from(number).expect("small"); 32],
            name: "parks".to_owned(),
            version: format!("1.0.{number}"),
            categories: Vec::new(),
            published_at: number,
        };
        // The table's order is its own affair.
        let releases: Vec<Release> = [5, 4, 9, 8, 7, 6, 3, 2, 1].map(release).into();
        let reach = |current, candidate, last| {
            let standing = Standing {
                department: "parks".to_owned(),
                current,
                candidate,
                ..Standing::default()
            };
            let digests = in_reach(&standing, &releases, last);
            digests.iter().map(|digest| digest[0]).collect::<Vec<u8>>()
        };
        assert_eq!(reach(Some(9), None, 3), [6, 7, 8, 9]);
        // After it went back to the fourth.
        assert_eq!(reach(Some(4), None, 2), [2, 3, 4, 8, 9]);
        assert_eq!(reach(Some(3), Some(5), 0), [3, 5]);
        assert_eq!(reach(None, None, 2), [8, 9]);
    }
}

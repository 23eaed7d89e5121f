//! Components whose files change are loaded again while all others go on.

use host::App;
use manifest::{DependencySource, Manifest};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// When a file was last written, and its length.
type Stamp = Option<(SystemTime, u64)>;

/// Watches the files of every component for as long as the application lives.
pub(crate) async fn run(app: Arc<App>) {
    let files = files(app.manifest());
    let mut loaded: BTreeMap<&str, Vec<Stamp>> = files
        .iter()
        .map(|(id, files)| (id.as_str(), stamps(files)))
        .collect();
    let mut seen = loaded.clone();
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        ticks.tick().await;
        for (id, files) in &files {
            let now = stamps(files);
            let before = seen.insert(id, now.clone());
            // A file that is still being written looks different each time.
            let settled = before.as_ref() == Some(&now);
            if !settled || loaded.get(id.as_str()) == Some(&now) || now.contains(&None) {
                continue;
            }
            if let Err(error) = app.reload(id).await {
                tracing::error!(component = id, %error, "not reloaded; the old version goes on");
            }
            loaded.insert(id, now);
        }
    }
}

/// The files that each component with a trigger is made of.
fn files(manifest: &Manifest) -> BTreeMap<String, Vec<PathBuf>> {
    let base = manifest.base_dir();
    let triggered = manifest
        .components
        .iter()
        .filter(|(id, _)| manifest.has_trigger(id));
    triggered
        .map(|(id, component)| {
            let dependencies =
                component
                    .dependencies
                    .iter()
                    .filter_map(|dependency| match &dependency.source {
                        DependencySource::Path(path) => Some(path),
                        DependencySource::Component(id) => manifest
                            .components
                            .get(id)
                            .map(|component| &component.source.value),
                    });
            let files = std::iter::once(&component.source.value).chain(dependencies);
            (id.clone(), files.map(|file| base.join(file)).collect())
        })
        .collect()
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: &PathBuf| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(stamp).collect()
}

/// The files of the manifest that are not there.
pub(crate) fn missing(manifest: &Manifest) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> = files(manifest)
        .into_values()
        .flatten()
        .filter(|file| !file.is_file())
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

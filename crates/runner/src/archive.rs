//! The platform's default handlers in the archive of components, so that what they decided can be run again after they
//! were replaced.

use crate::database::Connection;
use anyhow::Result;
use manifest::{DependencySource, Manifest};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use store::handlers;

/// The files of the components that others of the manifest compose in: the default handlers.
pub(crate) fn defaults(manifest: &Manifest) -> BTreeSet<PathBuf> {
    let base = manifest.base_dir();
    manifest
        .components
        .values()
        .flat_map(|component| &component.dependencies)
        .filter_map(|dependency| match &dependency.source {
            DependencySource::Component(id) => manifest.components.get(id),
            DependencySource::Path(_) => None,
        })
        .map(|component| base.join(&component.source.value))
        .collect()
}

/// Archives the default handlers that are built, each once for all time.
pub(crate) async fn keep(connection: &mut Connection, manifest: &Manifest) -> Result<()> {
    for file in defaults(manifest) {
        // What is not built is decided with by nobody.
        let Ok(wasm) = fs::read(&file) else { continue };
        let sha256 = seal::digest(&[&wasm]);
        if !handlers::is_archived(connection, &sha256).await? {
            handlers::insert_component(connection, &sha256, &wasm).await?;
        }
    }
    Ok(())
}

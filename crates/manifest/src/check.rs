//! Everything that can be checked without running the application.

use crate::compose::{compose, file_loader, not_loaded};
use crate::model::{Component, DependencySource, Manifest};
use crate::problem::Problem;
use crate::wasm;
use std::io;
use std::path::Path;
use wac_types::Types;

/// Checks that the application of a manifest that was loaded could start: files are there, the WebAssembly is valid,
/// dependencies fit, and components with an HTTP trigger can answer requests. Paths start at `base_dir`, normally
/// [`Manifest::base_dir`].
///
/// Gives all problems, the warnings of loading among them, in the order of the file.
pub fn check(manifest: &Manifest, base_dir: &Path) -> Vec<Problem> {
    let mut problems = manifest.warnings().to_vec();
    for (id, component) in &manifest.components {
        files(manifest, component, base_dir, &mut problems);
        if let Err(problem) = component_works(manifest, id, base_dir) {
            problems.push(problem);
        }
        dependency_files(manifest, component, base_dir, &mut problems);
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.dedup();
    problems
}

fn files(manifest: &Manifest, component: &Component, base_dir: &Path, problems: &mut Vec<Problem>) {
    for mount in &component.files {
        let path = base_dir.join(&mount.source);
        let shown = mount.source.display();
        let destination = &mount.destination;
        if !path.exists() {
            problems.push(manifest.error(mount.position, format!("{shown} is not there")));
        } else if path.is_file() && (destination.is_empty() || destination.ends_with(['/', '.'])) {
            problems.push(manifest.error(
                mount.position,
                format!("{shown} is a file, so its destination must end with the name of a file"),
            ));
        }
    }
}

/// Dependencies are read one after the other until one fails; this reports the missing ones among the rest too.
fn dependency_files(
    manifest: &Manifest,
    component: &Component,
    base_dir: &Path,
    problems: &mut Vec<Problem>,
) {
    for dependency in &component.dependencies {
        let (path, built) = match &dependency.source {
            DependencySource::Path(path) => (path, None),
            DependencySource::Component(id) => match manifest.components.get(id) {
                Some(component) => (&component.source.value, Some(component)),
                None => continue,
            },
        };
        // The line of the component itself already says so.
        if built.is_none() && !base_dir.join(path).exists() {
            let missing = io::Error::from(io::ErrorKind::NotFound);
            problems
                .push(manifest.error(dependency.name.position, not_loaded(path, &missing, built)));
        }
    }
}

fn component_works(manifest: &Manifest, id: &str, base_dir: &Path) -> Result<(), Problem> {
    let component = &manifest.components[id];
    let at = component.source.position;
    let bytes = compose(manifest, id, &mut file_loader(base_dir))?;
    let fail = |why: String| {
        let path = component.source.display();
        manifest.error(at, format!("{path} cannot be used: {why}"))
    };
    wasm::validate(&bytes).map_err(|error| fail(error.to_string()))?;
    if !manifest.has_trigger(id) {
        return Ok(());
    }
    let mut types = Types::default();
    let package = wasm::package(id, bytes, &mut types).map_err(|error| fail(error.to_string()))?;
    let answers = types[package.ty()].exports.keys().any(|export| {
        export == "wasi:http/handler@0.3.0" || export.starts_with("wasi:http/incoming-handler@0.2.")
    });
    if answers {
        Ok(())
    } else {
        Err(fail(format!(
            "`{id}` has an HTTP trigger but exports no wasi:http/handler@0.3.0; build it with spin-sdk 7"
        )))
    }
}

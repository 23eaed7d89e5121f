//! Building what spin.toml names, and the runner.

use crate::handler;
use crate::tools::{FUNCTION_TARGET, HANDLER_TARGET, cargo, heading, preflight, run};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The profile of Cargo.toml for components.
const PROFILE: &str = "component";

/// Handlers, functions and the command `wenzheng`.
pub(crate) fn everything(root: &Path) -> Result<()> {
    let start = Instant::now();
    preflight(root)?;
    heading("1/3 handlers");
    let all = stages(root)?;
    build_handlers(root, &all)?;
    heading("2/3 functions");
    functions(root)?;
    heading("3/3 wenzheng, the runner");
    runner(root)?;
    eprintln!(
        "\nBuilt in {} s: target/release/wenzheng",
        start.elapsed().as_secs()
    );
    Ok(())
}

/// The named handlers, or all of them.
pub(crate) fn handlers(root: &Path, names: &[String]) -> Result<()> {
    preflight(root)?;
    let all = stages(root)?;
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!(
            "there is no handler for `{unknown}`; there are: {}",
            all.join(", ")
        );
    }
    build_handlers(root, if names.is_empty() { &all } else { names })
}

fn build_handlers(root: &Path, stages: &[String]) -> Result<()> {
    let mut command = cargo(
        root,
        ["build", "--target", HANDLER_TARGET, "--profile", PROFILE],
    );
    for stage in stages {
        command.arg("--package").arg(format!("{stage}-handler"));
    }
    run(&mut command, "building the handlers")?;
    stages
        .iter()
        .try_for_each(|stage| handler::finish(root, stage))
}

fn functions(root: &Path) -> Result<()> {
    let mut command = cargo(
        root,
        ["build", "--target", FUNCTION_TARGET, "--profile", PROFILE],
    );
    for function in function_names(root)? {
        command.arg("--package").arg(function);
    }
    run(&mut command, "building the functions")
}

/// The command `wenzheng`.
pub(crate) fn runner(root: &Path) -> Result<()> {
    run(
        &mut cargo(root, ["build", "--release", "--package", "wenzheng"]),
        "building the runner",
    )
}

/// Where cargo puts the command `wenzheng`.
pub(crate) fn runner_file(root: &Path) -> PathBuf {
    root.join("target/release")
        .join(format!("wenzheng{}", std::env::consts::EXE_SUFFIX))
}

/// The functions that spin.toml builds, in its order of names.
pub(crate) fn function_names(root: &Path) -> Result<Vec<String>> {
    Ok(components(root)?
        .into_iter()
        .filter(|id| !id.ends_with("-handler"))
        .collect())
}

/// The stages that spin.toml builds a handler for.
pub(crate) fn stages(root: &Path) -> Result<Vec<String>> {
    Ok(components(root)?
        .iter()
        .filter_map(|id| id.strip_suffix("-handler"))
        .map(str::to_owned)
        .collect())
}

fn components(root: &Path) -> Result<Vec<String>> {
    let manifest = manifest::Manifest::load(root.join("spin.toml")).map_err(|problems| {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::Error::msg(list.join("\n"))
    });
    Ok(manifest
        .context("spin.toml cannot be used")?
        .components
        .into_keys()
        .collect())
}

//! `cargo xtask bench`: what the platform costs, next to the same work done natively.

use crate::build;
use crate::tools::{cargo, heading, output, run};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What the measurement is to be told; `cargo xtask bench -- --help` says what there is, such as `--quick`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    further: Vec<String>,
}

pub(crate) fn run_bench(root: &Path, arguments: &Arguments) -> Result<()> {
    build::everything(root)?;
    run(
        &mut cargo(root, ["build", "--release", "--package", "bench"]),
        "building the native baseline and the client",
    )?;
    heading("bench");
    handlers(root)?;
    let program = root
        .join("target/release")
        .join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    run(
        Command::new(program)
            .current_dir(root)
            .args(&arguments.further),
        "measuring",
    )
}

/// What a department's handler costs beside the same code natively, and what others notice of one that means harm.
/// A build of its own, and first: the long measurement would be lost with it.
fn handlers(root: &Path) -> Result<()> {
    let runner = build::runner_file(root);
    run(
        Command::new(runner).current_dir(root).args([
            "handler",
            "build",
            "departments/public-security",
        ]),
        "building the sample department",
    )?;
    heading("bench: departments' handlers");
    let table = output(
        &mut cargo(
            root,
            [
                "run",
                "--release",
                "--package",
                "wenzheng",
                "--example",
                "department",
            ],
        ),
        "measuring departments' handlers",
    )?;
    println!("{table}");
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("handlers.md"), table))
        .with_context(|| format!("{} cannot be written", folder.display()))
}

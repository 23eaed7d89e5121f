//! `cargo xtask bench`: what the platform costs, next to the same work done natively.

use crate::build;
use crate::tools::{cargo, heading, run};
use anyhow::Result;
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

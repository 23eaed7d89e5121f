//! `cargo xtask bench`: what the platform costs, beside the same work without WebAssembly.

use crate::build;
use crate::tools::{cargo, heading, run};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What the bench itself is to be told; `cargo xtask bench -- --help` lists it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    further: Vec<String>,
}

pub(crate) fn run_bench(root: &Path, arguments: &Arguments) -> Result<()> {
    build::everything(root)?;
    heading("the bench");
    run(&mut cargo(root, ["build", "--release", "--package", "bench"]), "building the bench")?;
    let program = root.join("target/release").join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    run(Command::new(program).current_dir(root).args(&arguments.further), "the bench")
}

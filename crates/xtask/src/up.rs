//! `cargo xtask up`: from a fresh clone to a running platform.

use crate::build;
use crate::tools::heading;
#[cfg(not(unix))]
use anyhow::Context;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Leave the demonstration accounts and cases out.
    #[arg(long)]
    no_demo: bool,
    /// What else `wenzheng up` is to be told, such as `--listen 127.0.0.1:8080`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    further: Vec<String>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    build::everything(root)?;
    heading("wenzheng up");
    let mut command = Command::new(build::runner_file(root));
    command.current_dir(root).arg("up");
    if !arguments.no_demo {
        command.arg("--demo");
    }
    command.args(&arguments.further);
    become_program(command)
}

/// Ctrl-C and signals are the runner's from here on.
#[cfg(unix)]
fn become_program(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    bail!(
        "{} cannot be started: {error}",
        command.get_program().to_string_lossy()
    )
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<()> {
    let status = command.status().context("wenzheng cannot be started")?;
    match status.success() {
        true => Ok(()),
        false => bail!("wenzheng up ended with {status}"),
    }
}

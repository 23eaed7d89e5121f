//! `cargo xtask`: builds, starts, tests and measures the platform.
#![allow(missing_docs, reason = "a program, not a library")]

mod bench;
mod browser;
mod build;
mod departments;
mod fuzz;
mod handler;
mod lighthouse;
mod oidc;
mod platform;
mod postgres;
mod test;
mod tools;
mod train;
mod up;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, starts, tests and measures the platform.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything that spin.toml names, and the command `wenzheng`.
    Build,
    /// Build everything and start it with demonstration data on 127.0.0.1:3000.
    ///
    /// Further arguments go to `wenzheng up`; `cargo xtask up --no-demo` leaves the demonstration out.
    Up(up::Arguments),
    /// Run everything that CI runs, installing what it needs.
    Test(test::Arguments),
    /// Measure throughput, latency, memory and start time, beside the same work without WebAssembly.
    Bench(bench::Arguments),
    /// Audit home, ask, list and a case with Lighthouse; needs Node.js, which fetches it.
    Lighthouse,
    /// Take the pictures in docs/ anew.
    Pictures,
    /// Train the model of the handler that classifies: --data DIR --date YYYY-MM-DD (more with --help).
    Train {
        /// What the trainer is given.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the default handlers of the named stages (all without names).
    Handler {
        /// Names of stages, such as `classify`.
        stages: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let root = tools::root()?;
    match Arguments::parse().command {
        Command::Build => build::everything(&root),
        Command::Up(arguments) => up::run(&root, &arguments),
        Command::Test(arguments) => test::run(&root, &arguments),
        Command::Bench(arguments) => bench::run_bench(&root, &arguments),
        Command::Lighthouse => lighthouse::run_lighthouse(&root),
        Command::Pictures => browser::run_pictures(&root),
        Command::Train { arguments } => train::run_train(&root, &arguments),
        Command::Handler { stages } => build::handlers(&root, &stages),
    }
}

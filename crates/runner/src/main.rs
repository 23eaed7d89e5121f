//! `wenzheng`: runs the platform, and looks after its data.
#![allow(missing_docs, reason = "a program, not a library")]

mod account;
mod archive;
mod candidate;
mod channel_key;
mod check;
mod client;
mod database;
mod demo;
mod departments;
mod district_data;
mod evaluate;
mod export;
mod handler;
mod migrate;
mod password;
mod place;
mod player;
mod prepare;
mod replay;
mod rotate_key;
mod rules;
mod secrets;
mod up;
mod verify;
mod watch;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs the public-inquiry platform Wenzheng, and looks after its data.
#[derive(Parser)]
#[command(name = "wenzheng", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the platform: the application of spin.toml, without Spin.
    Up(up::Arguments),
    /// Check the manifest, the components it names, and the district's data, without running anything.
    Check(check::Arguments),
    /// Prepare the database for `wenzheng up` or for Spin: schema, district, keys, the first administrator.
    Migrate(migrate::Arguments),
    /// Send the messages of a CSV file through the running platform, and play what people do with them.
    Replay(replay::Arguments),
    /// Fold all events again and compare them with everything that was made from them.
    Verify(verify::Arguments),
    /// Write the public copies of all cases to the standard output.
    Export(export::Arguments),
    /// Measure a handler, as it is shipped, on a file that says what is right.
    #[command(subcommand)]
    Evaluate(evaluate::Command),
    /// Write, try, publish and take back the handler of a department.
    #[command(subcommand)]
    Handler(handler::Command),
    /// Make staff accounts and give them new passwords.
    #[command(subcommand)]
    Account(account::Command),
    /// Make keys for the adapters of channels.
    #[command(subcommand)]
    ChannelKey(channel_key::Command),
    /// Seal all contacts with the new secret key.
    RotateKey(rotate_key::Arguments),
}

fn main() -> ExitCode {
    match start() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wenzheng: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    host::share_arenas();
    if matches!(arguments.command, Command::Handler(_)) {
        // A department compiles and measures; the platform, which may be on the same machine, has people waiting.
        host::give_way();
    }
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot be started")?;
    runtime.block_on(async {
        match arguments.command {
            Command::Up(arguments) => up::run(arguments).await,
            Command::Check(arguments) => check::run(&arguments),
            Command::Migrate(arguments) => migrate::run(&arguments).await,
            Command::Replay(arguments) => replay::run(arguments).await,
            Command::Verify(arguments) => verify::run(&arguments).await,
            Command::Export(arguments) => export::run(&arguments).await,
            Command::Evaluate(command) => evaluate::run(&command).await,
            Command::Handler(command) => handler::run(&command).await,
            Command::Account(command) => account::run(&command).await,
            Command::ChannelKey(command) => channel_key::run(&command).await,
            Command::RotateKey(arguments) => rotate_key::run(&arguments).await,
        }
    })
}

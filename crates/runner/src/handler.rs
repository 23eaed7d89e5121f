//! `wenzheng handler`: what a department's programmer does, from an empty folder to a published handler.

mod backtest;
mod gate;
mod history;
#[cfg(test)]
pub(crate) mod hostile;
mod new;
mod past;
mod project;
mod registry;
mod remote;
mod replay;
mod sample;
mod signing;
mod table;
mod trial;

use crate::place::StateDir;
use anyhow::Result;
pub(crate) use gate::judge as at_the_gate;
use project::Project;
pub(crate) use registry::release_of;
/// For the tests of what runs what was published.
#[cfg(test)]
pub(crate) use registry::tests as published;
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a department's folder: a handler in Rust, Python or JavaScript with its sample cases.
    New(new::Arguments),
    /// Build the handler's component, target/handler.wasm.
    Build(Project),
    /// Run the sample cases and show them as a table, with what differs.
    Test(Tried),
    /// Look at everything that stands before publishing: size, imports, contract, sample cases, cost.
    Check(Tried),
    /// Keys with which departments sign what they publish.
    #[command(subcommand)]
    Key(registry::KeyCommand),
    /// Publish the built handler, if the gate lets it through.
    Publish(registry::Publish),
    /// Confirm, as the second publisher, what the first one published; where the department wants two.
    Confirm(registry::Signed),
    /// Let the release on trial decide all cases.
    Promote(registry::Signed),
    /// Go back to the release before, at once.
    Rollback(registry::Rollback),
    /// Let the platform's default decide again.
    Disable(registry::Signed),
    /// Say where the handler runs as an application of its own.
    Endpoint(registry::Endpoint),
    /// Run a candidate on the department's last cases, and show what would change.
    Backtest(backtest::Arguments),
    /// Take the past decisions of a case again, each with the component that took it, and compare.
    Replay(replay::Arguments),
    /// Show what decides for every department.
    List(registry::Site),
    /// Show every change for a department, with who signed it.
    History(history::History),
}

/// A built handler that is tried here.
#[derive(clap::Args)]
pub(crate) struct Tried {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    state: StateDir,
}

pub(crate) async fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::New(arguments) => new::run(arguments),
        Command::Build(project) => build(project),
        Command::Test(tried) => test(&tried.project, &tried.state),
        Command::Check(tried) => check(&tried.project, &tried.state),
        Command::Key(command) => registry::key(command).await,
        Command::Publish(arguments) => registry::publish(arguments).await,
        Command::Confirm(signed) => registry::confirm(signed).await,
        Command::Promote(signed) => registry::promote(signed).await,
        Command::Rollback(arguments) => registry::rollback(arguments).await,
        Command::Disable(signed) => registry::disable(signed).await,
        Command::Endpoint(arguments) => registry::endpoint(arguments).await,
        Command::Backtest(arguments) => backtest::run(arguments).await,
        Command::Replay(arguments) => replay::run(arguments).await,
        Command::List(site) => history::list(site).await,
        Command::History(arguments) => history::history(arguments).await,
    }
}

fn build(project: &Project) -> Result<ExitCode> {
    let size = project.build()?;
    println!(
        "{}: {} KiB",
        project.component().display(),
        size.div_ceil(1024)
    );
    Ok(ExitCode::SUCCESS)
}

fn test(project: &Project, state: &StateDir) -> Result<ExitCode> {
    let samples = sample::read(&project.folder)?;
    let wasm = project.read()?;
    let handler = gate::ready(&wasm, &state.cache()).map_err(anyhow::Error::msg)?;
    let (description, _) = handler.describe();
    let tried = gate::tries(&handler, &samples, &description?.department);
    print!("{}", table::of(&samples, &tried));
    let wrong = tried.iter().any(|tried| tried.is_wrong());
    Ok(if wrong {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn check(project: &Project, state: &StateDir) -> Result<ExitCode> {
    let samples = sample::read(&project.folder)?;
    let verdict = gate::judge(&project.read()?, &samples, &state.cache())?;
    print!("{verdict}");
    if verdict.passed.is_none() {
        println!("\nNot fit to be published.");
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "\nFit to be published: wenzheng handler publish {}",
        project.folder.display()
    );
    Ok(ExitCode::SUCCESS)
}

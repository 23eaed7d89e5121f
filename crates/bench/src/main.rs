//! `cargo xtask bench`: the runner beside the same work done natively.
//!
//! Both serve copies of the same database, take turns, and are measured by
//! the same client in a process of its own: one endpoint after the other
//! under few and many connections, then complete cases through all seven
//! stages. The figures go to the terminal and to `target/bench/report.md` and
//! `report.json`; nothing is asserted of them but that every request succeeded.
#![allow(missing_docs, reason = "a program, not a library")]

mod client;
mod life;
mod machine;
mod pages;
mod report;
mod run;
mod seed;
mod server;
mod stage;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};

use machine::Machine;
use report::Report;
use run::Extent;
use server::{Kind, Places};

#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Stored cases; several numbers show how the figures grow with them.
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 100_000])]
    cases: Vec<u64>,
    /// Rounds of each server.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// People who work on complete cases.
    #[arg(long, default_value_t = 48)]
    workers: usize,
    /// One short round: about two minutes, for a look and not for a record.
    #[arg(long)]
    quick: bool,
    /// Measure one of the two servers only.
    #[arg(long)]
    only: Option<Only>,
    /// Leave the single endpoints out: complete cases only, as for a profiler.
    #[arg(long)]
    lives: bool,
    /// Measure the citizens' pages only, with the most of `--cases`: `target/bench/pages.md`.
    #[arg(long)]
    pages: bool,
    /// Keep the compiled components of an earlier run: no first start is measured.
    #[arg(long)]
    warm: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Only {
    Runner,
    Native,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, measure(&arguments))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let root = std::env::current_dir().context("the current folder")?;
    let program = std::env::current_exe().context("this program")?;
    let places = Places {
        programs: program
            .parent()
            .map(PathBuf::from)
            .context("this program has no folder")?,
        folder: root.join("target/bench"),
        root,
    };
    fs::create_dir_all(&places.folder)
        .with_context(|| format!("{} cannot be made", places.folder.display()))?;
    if !arguments.warm && places.state().exists() {
        fs::remove_dir_all(places.state())?;
    }
    if arguments.pages {
        let cases = arguments.cases.iter().max().context("no number of cases")?;
        let seconds = if arguments.quick { 2.0 } else { 10.0 };
        return pages::measure(&places, *cases, seconds).await;
    }
    let extent = match arguments.quick {
        true => Extent {
            connections: vec![1, 16, 128],
            read_seconds: 0.4,
            writes: vec![100, 400, 700],
            life_seconds: 4.0,
            workers: arguments.workers,
        },
        false => Extent {
            connections: vec![1, 16, 128],
            read_seconds: 1.5,
            writes: vec![300, 1600, 2400],
            life_seconds: 12.0,
            workers: arguments.workers,
        },
    };
    let extent = if arguments.lives {
        Extent {
            connections: Vec::new(),
            ..extent
        }
    } else {
        extent
    };
    let kinds: &[Kind] = match arguments.only {
        None => &[Kind::Runner, Kind::Native],
        Some(Only::Runner) => &[Kind::Runner],
        Some(Only::Native) => &[Kind::Native],
    };
    let mut report = Report {
        machine: Machine::look(&places.folder)?,
        command: std::iter::once("cargo xtask bench".to_owned())
            .chain(std::env::args().skip(1))
            .collect::<Vec<_>>()
            .join(" "),
        extent,
        rounds: BTreeMap::new(),
    };
    let rounds = if arguments.quick { 1 } else { arguments.rounds };
    // Messages of this run are none of the seeded ones.
    let mut serial = 1 << 32;
    for cases in &arguments.cases {
        let seeded = stage::seeded(&places, *cases).await?;
        for index in 1..=rounds {
            for kind in kinds {
                eprintln!("{cases} stored cases, round {index} of {rounds}, {kind:?}");
                let round = run::round(&places, *kind, &seeded, &report.extent, &mut serial).await;
                let round = round.with_context(|| format!("{kind:?} with {cases} stored cases"))?;
                report
                    .rounds
                    .entry((*cases, *kind))
                    .or_default()
                    .push(round);
                // Written after each round: what was measured is not lost when a later one fails.
                fs::write(places.folder.join("report.md"), report.markdown())?;
                fs::write(
                    places.folder.join("report.json"),
                    serde_json::to_string_pretty(&report.json())?,
                )?;
            }
        }
        // The last round was the last server's: what it left has to add up.
        places.wenzheng(&["verify"], &places.folder.join("run.db"))?;
    }
    println!("{}", report.markdown());
    eprintln!("Written: target/bench/report.md and report.json");
    Ok(())
}

/// Now, in milliseconds since 1970 UTC.
fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

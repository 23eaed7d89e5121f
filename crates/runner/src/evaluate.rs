//! `wenzheng evaluate`: how good a handler is, as it is shipped.
//!
//! The rows of a CSV file go through the component itself, on the engine that runs the platform; nothing is compiled
//! natively instead. One module for each stage that can be evaluated.

mod answer;
mod classify;
mod picture;
mod review;
mod route;
mod urgency;

use crate::place::DistrictPlace;
use anyhow::{Context, Result, bail};
use case::district::District;
use host::HandlerLimits;
use host::classify::{CaseKind, Inquiry, Urgency};
use manifest::Manifest;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// More than any message needs: what breaks this is counted as a failure.
const LIMITS: HandlerLimits = HandlerLimits {
    memory: 32 << 20,
    time: Duration::from_secs(2),
};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// The handler that says what a message is about; the file has the columns id, subject, body and label.
    Classify(Arguments),
    /// The handler that drafts out of the knowledge base; the file has the columns question, covered (1 or 0) and, where
    /// it is known, article: which one answers.
    Answer(Arguments),
    /// The handler that looks for signs of an emergency; the file has the columns text and urgent (1 or 0).
    Urgency(Arguments),
    /// The handler that looks through answers; the file has the columns subject, body, answer, basis, contact and
    /// expected: the codes of the findings that a good reviewer would make, separated by semicolons.
    Review(Arguments),
    /// The handler that says whose a case is, behind the one that classifies; the file has the columns subject (or
    /// title), body (or question), and family, or reply (or answer), which then says the family.
    Route(Arguments),
}

/// What all evaluations are given.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The CSV file with what is right.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Draw pictures (SVG) into this folder.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// The manifest that names the handler.
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    from: PathBuf,
    #[command(flatten)]
    district: DistrictPlace,
}

pub(crate) async fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Classify(arguments) => classify::run(arguments),
        Command::Answer(arguments) => answer::run(arguments).await,
        Command::Urgency(arguments) => urgency::run(arguments),
        Command::Review(arguments) => review::run(arguments),
        Command::Route(arguments) => route::run(arguments),
    }
}

fn list(problems: Vec<district::Problem>) -> anyhow::Error {
    let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
    anyhow::Error::msg(list.join("\n"))
}

/// A message as the platform hands it over; handlers see nothing that says what is right.
fn inquiry(subject: &str, body: &str) -> Inquiry {
    Inquiry {
        number: String::new(),
        language: "zh-CN".into(),
        kind: CaseKind::Help,
        urgency: Urgency::Normal,
        subject: text::tidy_line(subject),
        body: text::tidy(body),
        division: None,
        address: None,
        category: None,
        supplements: Vec::new(),
    }
}

/// The median of what calls took.
fn median(micros: &[f64]) -> f64 {
    let mut micros = micros.to_vec();
    micros.sort_by(f64::total_cmp);
    micros.get(micros.len() / 2).copied().unwrap_or_default()
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// A handler's component, as the manifest names it.
struct Shipped {
    manifest: Manifest,
    wasm: Vec<u8>,
}

impl Arguments {
    /// The folder of the district, and what is in it.
    fn district(&self, shipped: &Shipped) -> Result<(PathBuf, District)> {
        let folder = self.district.folder(&shipped.manifest)?;
        let district = district::load(&folder).map_err(list)?;
        Ok((folder, district))
    }

    /// Reads the handler of `stage`.
    fn handler(&self, stage: &str) -> Result<Shipped> {
        let manifest =
            Manifest::load(&self.from).map_err(|problems| crate::place::sentence(&problems))?;
        let id = format!("{stage}-handler");
        let Some(component) = manifest.components.get(&id) else {
            bail!("{} names no component {id}", self.from.display())
        };
        let file = manifest.base_dir().join(&component.source.value);
        let wasm = fs::read(&file).with_context(|| {
            format!(
                "{} cannot be read: run cargo xtask handler {stage}",
                file.display()
            )
        })?;
        Ok(Shipped { manifest, wasm })
    }

    /// The rows of the data.
    fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let file = self.data.display();
        let mut reader =
            csv::Reader::from_path(&self.data).with_context(|| format!("{file} cannot be read"))?;
        let rows: Vec<T> = reader
            .deserialize()
            .collect::<Result<_, _>>()
            .with_context(|| format!("{file} does not have the columns of this evaluation"))?;
        if rows.is_empty() {
            bail!("{file} has no rows");
        }
        Ok(rows)
    }

    /// Writes a picture, if pictures are wanted.
    fn draw(&self, name: &str, picture: impl FnOnce() -> String) -> Result<()> {
        let Some(folder) = &self.plots else {
            return Ok(());
        };
        let write =
            |file: &Path| fs::create_dir_all(folder).and_then(|()| fs::write(file, picture()));
        let file = folder.join(name);
        write(&file).with_context(|| format!("{} cannot be written", file.display()))
    }
}

/// What the calls of a handler took.
#[derive(Default)]
struct Clock {
    micros: Vec<f64>,
}

impl Clock {
    /// Makes a call and keeps how long it took.
    fn time<T>(&mut self, call: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = call();
        self.micros
            .push(start.elapsed().as_secs_f64() * 1_000_000.0);
        result
    }

    /// The median call in microseconds, to a tenth.
    fn median(&self) -> f64 {
        (median(&self.micros) * 10.0).round() / 10.0
    }
}

/// A share of `whole`, to four places; none where there is nothing to have a share of.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| round(part as f64 / whole as f64))
}

/// An evaluation in which calls broke down is no success.
fn exit_code(failures: usize) -> ExitCode {
    match failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// A share as it is printed.
fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.2} %", share * 100.0))
}

//! Trains the models of the handlers that classify, route and hear emergencies: `cargo xtask train`.
//!
//! Labelled messages in, one file and its card out; the same messages and the
//! same seed give the same bytes on every machine.
#![allow(missing_docs, reason = "a program, not a library")]

mod calibrate;
mod card;
mod labels;
mod ridge;
mod route;
mod rows;
mod space;
mod study;
mod urgency;

use anyhow::{Context, Result, ensure};
use calibrate::{Calibration, best};
use clap::Parser;
use labels::Labels;
use model::measure::{Figures, Prediction, measure};
use model::{Model, ModelBuilder};
use rows::{Row, Rows};
use std::fs;
use std::path::{Path, PathBuf};
use study::{FOLDS, Learned, Nested, Settings, Way};

/// Trains the models that messages are classified and routed with and emergencies heard, and measures them.
#[derive(Parser)]
#[command(name = "train", version)]
struct Arguments {
    /// The folder with messages.csv: labelled messages with the columns subject, body and label; and with answers.csv:
    /// answered messages with the columns subject, question and answer.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the model and its card go.
    #[arg(long, value_name = "DIR", default_value = "models")]
    out: PathBuf,
    /// The date for the card, as YYYY-MM-DD: a clock would make every run's card differ.
    #[arg(long, value_name = "DATE")]
    date: String,
    /// Draws the parts of the cross-validation.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Leave the comparison with other ways and the learning curve out.
    #[arg(long)]
    quick: bool,
    /// Only this model.
    #[arg(long, value_name = "STAGE")]
    only: Option<Stage>,
    /// The folder of the district, for the families of bodies.
    #[arg(long, value_name = "DIR", default_value = "districts/yinzhou")]
    district: PathBuf,
    /// Sentences that are emergencies or ordinary, with the columns text, urgent (1 or 0) and list.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "tests/data/urgency_development.csv"
    )]
    lists: PathBuf,
    /// What people decided in use, as `wenzheng export --labels` writes it: further messages to learn from.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Learn to route without this part of five, to measure the whole handler on its rows, whose numbers (from 0) go to
    /// route-left-out.txt.
    #[arg(long, value_name = "NUMBER")]
    leave_out: Option<usize>,
    /// Write what the model of emergencies gives to rows that it has not seen, as CSV: the lists' by their line, and the
    /// greatest of each message.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Stage {
    Classify,
    Route,
    Urgency,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(
        is_date(&arguments.date),
        "--date {}: a date such as 2026-11-25 is needed",
        arguments.date
    );
    let labels = Labels::read(arguments.labels.as_deref())?;
    let wanted = |stage| arguments.only.is_none_or(|only| only == stage);
    if wanted(Stage::Classify) {
        classify(&arguments, &labels)?;
    }
    if wanted(Stage::Route) {
        route::train(&arguments, &labels)?;
    }
    if wanted(Stage::Urgency) {
        urgency::train(&arguments)?;
    }
    Ok(())
}

/// What was wrong with the district's files, a line each.
fn problems(problems: Vec<district::Problem>) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    anyhow::Error::msg(lines.join("\n"))
}

fn classify(arguments: &Arguments, labels: &Labels) -> Result<()> {
    let categories = district::load(&arguments.district)
        .map_err(problems)?
        .categories;
    let file = arguments.data.join("messages.csv");
    let rows = Rows::read(&file, |known| labels.classes(&categories, known))?;
    let folds = rows.folds(FOLDS, arguments.seed);
    eprintln!(
        "{} messages, {} texts, {} classes",
        rows.rows.len(),
        rows.group_count(),
        rows.classes.len()
    );

    let main = told(
        "the model",
        study::nested(&rows, &folds, &study::grid(), |_| true),
    );
    let study = if arguments.quick {
        card::Study::default()
    } else {
        compare(&rows, &folds, arguments.seed, &main)
    };
    let (settings, calibration, unseen) = settle(&rows, &folds, &main);
    let bytes = build(&rows, settings, &calibration)?;
    let model = Model::new(&bytes)?;
    model.check()?;

    let card = card::Card {
        rows: &rows,
        labels,
        date: &arguments.date,
        seed: arguments.seed,
        settings,
        main: &main,
        unseen: &unseen,
        study: &study,
        model: &bytes,
        grams: model.grams(),
        refit: refit(&model, &rows),
    };
    write(
        &arguments.out,
        &[
            ("classify.bin", bytes.clone()),
            ("classify.json", card.json()?.into_bytes()),
            ("classify.md", card.markdown().into_bytes()),
        ],
    )?;
    eprintln!(
        "{}: {} bytes",
        arguments.out.join("classify.bin").display(),
        bytes.len()
    );
    Ok(())
}

fn write(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, content) in files {
        let file = folder.join(name);
        fs::write(&file, content)
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

fn is_date(text: &str) -> bool {
    let form = text
        .bytes()
        .map(|b| if b.is_ascii_digit() { b'0' } else { b });
    form.eq(*b"0000-00-00")
}

fn told(name: &str, nested: Nested) -> Nested {
    let figures = &nested.figures;
    eprintln!(
        "{name}: macro-F1 {:.4}, accuracy {:.4}, at 92.1 % {:.4}, calibration error {:.4}",
        figures.macro_f1, figures.accuracy, figures.coverage[2].1, figures.ece
    );
    nested
}

/// Other ways to learn, fewer rows to learn from, and the noise of the labels.
fn compare(rows: &Rows, folds: &[usize], seed: u64, main: &Nested) -> card::Study {
    let view = |pairs, subject| space::View { pairs, subject };
    let ridge = Way::Ridge { penalty: 0.15 };
    let bayes = Way::Bayes { alpha: 0.1 };
    let families = [
        ("single characters, least squares", view(false, 0.85), ridge),
        (
            "characters and pairs, without the subject's own weights, least squares",
            view(true, 0.0),
            ridge,
        ),
        (
            "characters and pairs, complement naive Bayes",
            view(true, 0.85),
            bayes,
        ),
    ]
    .map(|(name, view, way)| {
        let nested = study::nested(rows, folds, &[Settings { view, way }], |_| true);
        (name, told(name, nested).figures)
    });
    // Twenty tiers, drawn apart from the folds.
    let tiers = rows.folds(20, seed.wrapping_add(1));
    let default = &study::grid()[..1];
    let curve = [5, 10, 15].map(|below| {
        let nested = study::nested(rows, folds, default, |at| tiers[at] < below);
        (
            below as f64 / 20.0,
            told(&format!("{below} twentieths of the rows"), nested).figures,
        )
    });
    card::Study {
        families: families.into_iter().collect(),
        curve: curve.into_iter().collect(),
        confident_errors: main
            .predictions
            .iter()
            .filter(|prediction| {
                prediction.confidence >= 0.95 && prediction.class != prediction.truth
            })
            .count(),
    }
}

/// The settings of the model that learns from all rows, its calibration, and
/// the figures of that calibration on the rows it was fitted to.
fn settle(rows: &Rows, folds: &[usize], main: &Nested) -> (Settings, Calibration, Figures) {
    let votes = |settings: &Settings| {
        main.chosen
            .iter()
            .filter(|chosen| *chosen == settings)
            .count()
    };
    let grid = study::grid();
    // The most chosen; of equals the first.
    let settings = grid
        .iter()
        .rev()
        .max_by_key(|settings| votes(settings))
        .copied()
        .unwrap_or(grid[0]);
    let scores = study::unseen_scores(rows, folds, settings);
    let truths: Vec<usize> = rows.rows.iter().map(|row| row.class).collect();
    let calibration = Calibration::fit(&scores, &truths);
    let predictions: Vec<Prediction> = scores
        .iter()
        .zip(&truths)
        .map(|(scores, truth)| calibration.predict(scores, *truth))
        .collect();
    let figures = measure(&predictions, rows.classes.len());
    (settings, calibration, figures)
}

fn build(rows: &Rows, settings: Settings, calibration: &Calibration) -> Result<Vec<u8>> {
    let all: Vec<&Row> = rows.rows.iter().collect();
    let learned = Learned::from(&all, rows.classes.len(), settings);
    let (space, mut weights) = (learned.space, learned.linear.weights);
    let mut subject = weights.split_off(space.grams() * rows.classes.len());
    for weight in &mut subject {
        *weight *= settings.view.subject;
    }
    let builder = ModelBuilder {
        classes: rows.classes.clone(),
        bias: learned.linear.bias,
        steepness: calibration.steepness,
        curve: calibration.curve.clone(),
        singles: space.singles,
        pairs: space.pairs,
        rarity: space.rarity,
        weights: [weights, subject],
    };
    ensure!(
        builder.singles.len() < usize::from(u16::MAX),
        "there are too many different characters"
    );
    Ok(builder.bytes())
}

/// How many of the rows that it has learned from the file gets right, as
/// shipped: a check of the file, not a figure of its quality.
fn refit(model: &Model<'_>, rows: &Rows) -> f64 {
    let right = rows
        .rows
        .iter()
        .filter(|row| {
            let judgement = model.judge(&row.subject, std::slice::from_ref(&row.body));
            best(&judgement.shares) == row.class
        })
        .count();
    right as f64 / rows.rows.len() as f64
}

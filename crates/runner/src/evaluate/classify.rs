//! The stage classify: the top class of every message, its confidence, and what it costs.

use super::{Arguments, LIMITS, Shipped, inquiry, median, round};
use anyhow::{Context, Result, ensure};
use case::district::District;
use host::ClassifyHandler;
use host::classify::{Abstention, Classification};
use model::measure::{Figures, Prediction, measure};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

/// No category of the second level is that sure, so that the first level is what is decided.
const FIRST_LEVEL: u16 = 10_000;
/// The name of every prediction that is none of the labels.
const OTHER: &str = "other";

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default)]
    id: String,
    subject: String,
    body: String,
    label: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let shipped = arguments.handler("classify")?;
    let (_, district) = arguments.district(&shipped)?;
    let rows: Vec<Row> = arguments.rows()?;
    let labels = Labels::of(&rows, &district)?;
    let outcome = Outcome::of(&shipped, &rows, &labels, district.policy.classify.threshold)?;

    let count = labels.names.len();
    let figures = measure(&outcome.predictions, count);
    let names: Vec<&str> = labels.names.iter().map(String::as_str).collect();
    arguments.draw("reliability.svg", || {
        super::picture::reliability(&outcome.predictions, figures.ece)
    })?;
    arguments.draw("confusion.svg", || {
        super::picture::confusion(&names, &figures.confusion)
    })?;
    let report = Report {
        figures: &figures,
        names: &names,
        outcome: &outcome,
        component: shipped.wasm.len(),
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report.json())?);
    } else {
        print!("{}", report.text());
    }
    Ok(match outcome.failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The labels of the data, and which category of the district each means.
struct Labels {
    /// In order; the last is [`OTHER`].
    names: Vec<String>,
    of_category: BTreeMap<String, usize>,
}

impl Labels {
    fn of(rows: &[Row], district: &District) -> Result<Self> {
        let mut names: Vec<String> = rows.iter().map(|row| row.label.clone()).collect();
        names.sort();
        names.dedup();
        let mut of_category = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            let category = district
                .categories
                .iter()
                .filter(|category| category.parent.is_none())
                .find(|category| {
                    category.label.as_ref() == Some(name)
                        || category.name == *name
                        || category.id == *name
                })
                .with_context(|| format!("no category of the district has the label `{name}`"))?;
            of_category.insert(category.id.clone(), at);
        }
        ensure!(
            of_category.len() == names.len(),
            "two labels of the data mean the same category"
        );
        names.push(OTHER.to_owned());
        Ok(Self { names, of_category })
    }

    fn truth(&self, row: &Row) -> usize {
        // The last name is no label.
        self.names[..self.names.len() - 1].partition_point(|name| *name < row.label)
    }

    fn said(&self, category: &str) -> usize {
        let top = category.split('.').next().unwrap_or_default();
        let other = self.names.len() - 1;
        self.of_category.get(top).copied().unwrap_or(other)
    }
}

/// What came of all rows.
struct Outcome {
    predictions: Vec<Prediction>,
    /// Microseconds of each call with the district's threshold.
    micros: Vec<f64>,
    /// Why the handler decided nothing with the district's threshold, and how often.
    abstained: BTreeMap<&'static str, usize>,
    threshold: u16,
    /// Decided with the district's threshold, and right on the first level.
    decided: usize,
    right: usize,
    /// Calls that trapped or were refused.
    failures: usize,
    memory: usize,
}

impl Outcome {
    fn of(shipped: &Shipped, rows: &[Row], labels: &Labels, threshold: u16) -> Result<Self> {
        let cache = shipped.manifest.base_dir().join(".wenzheng/cache");
        let mut handler = ClassifyHandler::new(&shipped.wasm, &cache, LIMITS)?;
        let mut outcome = Self {
            predictions: Vec::with_capacity(rows.len()),
            micros: Vec::with_capacity(rows.len()),
            abstained: BTreeMap::new(),
            threshold,
            decided: 0,
            right: 0,
            failures: 0,
            memory: 0,
        };
        for row in rows {
            let inquiry = inquiry(&row.subject, &row.body);
            let truth = labels.truth(row);
            let start = Instant::now();
            let decided = handler.classify(&inquiry, threshold);
            outcome
                .micros
                .push(start.elapsed().as_secs_f64() * 1_000_000.0);
            outcome.count(row, labels, truth, decided);
            let first_level = handler.classify(&inquiry, FIRST_LEVEL);
            let first = first_level
                .ok()
                .and_then(Result::ok)
                .and_then(|found| found.ranked.into_iter().next());
            outcome.predictions.push(match first {
                Some(first) => Prediction {
                    truth,
                    class: labels.said(&first.category),
                    confidence: f32::from(first.confidence) / 10_000.0,
                },
                // Nothing said is a wrong prediction that is not sure at all.
                None => Prediction {
                    truth,
                    class: labels.names.len() - 1,
                    confidence: 0.0,
                },
            });
        }
        outcome.memory = handler.peak_memory();
        Ok(outcome)
    }

    fn count<E: std::fmt::Display>(
        &mut self,
        row: &Row,
        labels: &Labels,
        truth: usize,
        decided: Result<Result<Classification, host::classify::Error>, E>,
    ) {
        match decided {
            Ok(Ok(found)) => match (found.abstained, found.ranked.first()) {
                (None, Some(first)) => {
                    self.decided += 1;
                    self.right += usize::from(labels.said(&first.category) == truth);
                }
                (None, None) => *self.abstained.entry("nothing-said").or_default() += 1,
                (Some(reason), _) => *self.abstained.entry(name(reason)).or_default() += 1,
            },
            Ok(Err(_)) => {
                eprintln!("{}: the handler refused the input", row.id);
                self.failures += 1;
            }
            Err(error) => {
                eprintln!("{}: {error}", row.id);
                self.failures += 1;
            }
        }
    }
}

fn name(reason: Abstention) -> &'static str {
    match reason {
        Abstention::BelowThreshold => "below-threshold",
        Abstention::NoText => "no-text",
        Abstention::UnknownLanguage => "unknown-language",
        Abstention::NoEvidence => "no-evidence",
        Abstention::UnusualText => "unusual-text",
    }
}

struct Report<'a> {
    figures: &'a Figures,
    names: &'a [&'a str],
    outcome: &'a Outcome,
    component: usize,
}

/// Precision, recall and F1 of one class.
struct Class {
    truths: usize,
    precision: f64,
    recall: f64,
    f1: f64,
}

impl Report<'_> {
    fn class(&self, at: usize) -> Class {
        let confusion = &self.figures.confusion;
        let truths: usize = confusion[at].iter().sum();
        let said: usize = confusion.iter().map(|row| row[at]).sum();
        let right = confusion[at][at] as f64;
        Class {
            truths,
            precision: right / said.max(1) as f64,
            recall: right / truths.max(1) as f64,
            f1: 2.0 * right / (truths + said).max(1) as f64,
        }
    }

    fn labels(&self) -> &[&str] {
        &self.names[..self.names.len() - 1]
    }

    fn json(&self) -> Json {
        let outcome = self.outcome;
        let classes: Map<String, Json> = self
            .labels()
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let class = self.class(at);
                let figures = json!({
                    "rows": class.truths, "precision": round(class.precision), "recall": round(class.recall), "f1": round(class.f1),
                });
                ((*name).to_owned(), figures)
            })
            .collect();
        let coverage: Map<String, Json> = self
            .figures
            .coverage
            .iter()
            .map(|(part, accuracy)| (part.to_string(), json!(round(*accuracy))))
            .collect();
        json!({
            "rows": outcome.predictions.len(),
            "macro_f1": round(self.figures.macro_f1),
            "accuracy": round(self.figures.accuracy),
            "coverage": coverage,
            "ece": round(self.figures.ece),
            "classes": classes,
            "confusion": { "labels": self.names, "rows": self.figures.confusion },
            "threshold": {
                "confidence": f64::from(outcome.threshold) / 10_000.0,
                "decided": round(outcome.decided as f64 / outcome.predictions.len() as f64),
                "accuracy": round(outcome.right as f64 / outcome.decided.max(1) as f64),
                "abstained": outcome.abstained,
            },
            "us_per_message": (median(&outcome.micros) * 10.0).round() / 10.0,
            "peak_memory_bytes": outcome.memory,
            "component_bytes": self.component,
            "failures": outcome.failures,
        })
    }

    fn text(&self) -> String {
        let outcome = self.outcome;
        let mut lines = vec![
            format!("macro-F1           {:.4}", self.figures.macro_f1),
            format!("accuracy           {:.4}", self.figures.accuracy),
        ];
        for (part, accuracy) in &self.figures.coverage {
            lines.push(format!("  at {:>5.1} %       {accuracy:.4}", part * 100.0));
        }
        lines.push(format!("calibration error  {:.4}", self.figures.ece));
        lines.push(format!(
            "district threshold {:.2}: {:.1} % decided, {:.4} of them right",
            f64::from(outcome.threshold) / 10_000.0,
            100.0 * outcome.decided as f64 / outcome.predictions.len() as f64,
            outcome.right as f64 / outcome.decided.max(1) as f64
        ));
        for (reason, count) in &outcome.abstained {
            lines.push(format!("  {reason}: {count}"));
        }
        lines.push(format!(
            "median call        {:.1} µs",
            median(&outcome.micros)
        ));
        lines.push(format!(
            "peak memory        {:.1} MiB; component {:.2} MiB; failures {}",
            outcome.memory as f64 / f64::from(1 << 20),
            self.component as f64 / f64::from(1 << 20),
            outcome.failures
        ));
        lines.push("\n rows  precision  recall      F1".to_owned());
        for (at, name) in self.labels().iter().enumerate() {
            let class = self.class(at);
            lines.push(format!(
                "{:>5}     {:.4}  {:.4}  {:.4}  {name}",
                class.truths, class.precision, class.recall, class.f1
            ));
        }
        lines.push("\nconfusion: a line for each label, a column for each prediction".to_owned());
        for (name, row) in self.names.iter().zip(&self.figures.confusion) {
            let cells: String = row.iter().map(|count| format!("{count:>6}")).collect();
            lines.push(format!("{cells}  {name}"));
        }
        lines.join("\n") + "\n"
    }
}

//! The card of a model: what it was made of, how, and how good it is.

use crate::labels::Labels;
use crate::rows::{Rows, hex};
use crate::study::{Nested, Settings, Way};
use anyhow::Result;
use model::measure::Figures;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What was compared beside the model itself.
#[derive(Debug, Default)]
pub(crate) struct Study {
    /// Other ways to learn.
    pub(crate) families: Vec<(&'static str, Figures)>,
    /// Part of the rows that were learned from, and what that gave.
    pub(crate) curve: Vec<(f64, Figures)>,
    /// Wrong predictions of at least 0.95: mostly labels that one can dispute.
    pub(crate) confident_errors: usize,
}

/// Everything that a card says.
pub(crate) struct Card<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) labels: &'a Labels,
    pub(crate) date: &'a str,
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) main: &'a Nested,
    pub(crate) unseen: &'a Figures,
    pub(crate) study: &'a Study,
    pub(crate) model: &'a [u8],
    pub(crate) grams: usize,
    pub(crate) refit: f64,
}

/// What was tried before in another language, with plain five-fold
/// cross-validation over the same messages: macro-F1 and accuracy at 92.1 %.
/// To be read against each other, not against the model's nested figures.
const EXPLORED: &[(&str, f64, f64)] = include!("explored.in");

/// The one sentence about rights that a user of the model needs.
const LICENCE: &str = "The messages are public data of a contest of 2020 without a stated licence and are not part of \
    this project; the model holds weights of single characters and pairs, from which no message can be read. \
    The model is licensed like the project (Apache-2.0).";

impl Card<'_> {
    /// For machines.
    pub(crate) fn json(&self) -> Result<String> {
        let classes = &self.rows.classes;
        let coverage = |figures: &Figures| -> Json {
            figures
                .coverage
                .iter()
                .map(|(part, right)| (part.to_string(), json!(round(*right))))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let brief = |figures: &Figures| json!({ "macro_f1": round(figures.macro_f1), "accuracy": round(figures.accuracy), "coverage": coverage(figures), "ece": round(figures.ece) });
        let (twins, differing) = self.rows.twins();
        let card = json!({
            "model": "classify",
            "date": self.date,
            "seed": self.seed,
            "data": { "sha256": self.rows.sha256, "rows": self.rows.rows.len(), "texts": self.rows.group_count() },
            "decided_in_use": { "sha256": self.labels.sha256, "rows": self.rows.decided },
            "classes": classes,
            "settings": settings(self.settings),
            "file": { "sha256": hex(&Sha256::digest(self.model)), "bytes": self.model.len(), "grams": self.grams },
            "measured": {
                "by": "nested 5-fold cross-validation over groups of equal text; settings and calibration chosen without the tested part",
                "figures": brief(&self.main.figures),
                "macro_f1_by_part": self.main.parts.iter().map(|f1| round(*f1)).collect::<Vec<_>>(),
                "confusion": self.main.figures.confusion,
                "chosen": self.main.chosen.iter().map(|chosen| settings(*chosen)).collect::<Vec<_>>(),
            },
            "calibrated_on": brief(self.unseen),
            "families": self.study.families.iter().map(|(name, figures)| json!({ "name": name, "figures": brief(figures) })).collect::<Vec<_>>(),
            "explored": EXPLORED.iter().map(|(name, f1, covered)| json!({ "name": name, "macro_f1": f1, "accuracy_at_0.921": covered })).collect::<Vec<_>>(),
            "learning_curve": self.study.curve.iter().map(|(part, figures)| json!({ "part": part, "macro_f1": round(figures.macro_f1), "accuracy": round(figures.accuracy) })).collect::<Vec<_>>(),
            "label_noise": { "pairs_of_equal_text": twins, "with_different_labels": differing, "wrong_at_confidence_of_0.95": self.study.confident_errors },
            "right_on_learned_rows": round(self.refit),
            "licence": LICENCE,
        });
        Ok(serde_json::to_string_pretty(&card)? + "\n")
    }

    /// For people.
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::new();
        let figures = &self.main.figures;
        let (twins, differing) = self.rows.twins();
        let _ = write!(
            out,
            "# The model `classify.bin`\n\n\
             Made by `cargo xtask train --data DIR --date {} --seed {}`; do not edit: this card is made with it. All of it, with the confusion matrix, is in `classify.json`.\n\n\
             - Data: {} messages, {} different texts, {} classes; SHA-256 of messages.csv {}{}\n\
             - Method: {}; {} characters and pairs of characters that stand in at least two messages; numbers count as one character; subject and body together, and the subject once more; weights in 8 bits\n\
             - File: {} bytes, SHA-256 {}\n\
             - Rows: the shipped weights come from all rows, the calibration from scores of rows by classifiers that had not seen them\n\
             - Licence: {LICENCE}\n\n",
            self.date,
            self.seed,
            self.rows.rows.len(),
            self.rows.group_count(),
            self.rows.classes.len(),
            self.rows.sha256,
            self.labels.sentence(self.rows.decided),
            describe(self.settings),
            self.grams,
            self.model.len(),
            hex(&Sha256::digest(self.model)),
        );
        let _ = write!(
            out,
            "## Measured\n\n\
             Nested five-fold cross-validation; rows of equal text are never on both sides, and no tested row had a say in settings or calibration. It learns from four fifths; the shipped file from all.\n\n\
             | | macro-F1 | accuracy | at 95 % | at 92.1 % | at 90 % | at 80 % | calibration error |\n|---|---|---|---|---|---|---|---|\n{}",
            line("this model", figures)
        );
        for (name, figures) in &self.study.families {
            out.push_str(&line(name, figures));
        }
        let parts: Vec<String> = self
            .main
            .parts
            .iter()
            .map(|f1| format!("{f1:.3}"))
            .collect();
        let _ = write!(
            out,
            "\nMacro-F1 of the five parts: {}.\n\n| class | rows | precision | recall | F1 |\n|---|---|---|---|---|\n",
            parts.join(", ")
        );
        for (class, name) in self.rows.classes.iter().enumerate() {
            let truths: usize = figures.confusion[class].iter().sum();
            let said: usize = figures.confusion.iter().map(|row| row[class]).sum();
            let right = figures.confusion[class][class] as f64;
            let _ = writeln!(
                out,
                "| {name} | {truths} | {:.3} | {:.3} | {:.3} |",
                right / said.max(1) as f64,
                right / truths.max(1) as f64,
                2.0 * right / (truths + said).max(1) as f64
            );
        }
        out.push_str(
            "\n## Learning curve\n\n| part of the rows | macro-F1 | accuracy |\n|---|---|---|\n",
        );
        for (part, figures) in self
            .study
            .curve
            .iter()
            .map(|(part, figures)| (*part, figures))
            .chain([(1.0, figures)])
        {
            let _ = writeln!(
                out,
                "| {:.0} % of four fifths | {:.4} | {:.4} |",
                part * 100.0,
                figures.macro_f1,
                figures.accuracy
            );
        }
        let _ = write!(
            out,
            "\n## Noise of the labels\n\n\
             Of {twins} pairs of messages with equal text, {differing} have different labels. {} messages are predicted wrongly with a confidence of at least 0.95; in many of those the label is the odd one (the same kind of matter is labelled otherwise elsewhere).\n\n\
             ## What was tried before\n\n\
             Plain five-fold cross-validation, settings chosen on the same parts: to be compared with each other only.\n\n\
             | | macro-F1 | accuracy at 92.1 % |\n|---|---|---|\n",
            self.study.confident_errors
        );
        for (name, f1, covered) in EXPLORED {
            let _ = writeln!(out, "| {name} | {f1:.4} | {covered:.4} |");
        }
        out
    }
}

fn line(name: &str, figures: &Figures) -> String {
    let cover: Vec<String> = figures.coverage[1..]
        .iter()
        .map(|(_, right)| format!("{right:.4}"))
        .collect();
    format!(
        "| {name} | {:.4} | {:.4} | {} | {:.4} |\n",
        figures.macro_f1,
        figures.accuracy,
        cover.join(" | "),
        figures.ece
    )
}

fn settings(settings: Settings) -> Json {
    let way = match settings.way {
        Way::Ridge { penalty } => json!({ "least_squares": { "penalty": penalty } }),
        Way::Bayes { alpha } => json!({ "complement_bayes": { "alpha": alpha } }),
    };
    json!({ "way": way, "pairs": settings.view.pairs, "subject": (f64::from(settings.view.subject) * 100.0).round() / 100.0 })
}

fn describe(settings: Settings) -> String {
    match settings.way {
        Way::Ridge { penalty } => format!(
            "least squares against one-of-all targets, every class as heavy as the others, penalty {penalty}"
        ),
        Way::Bayes { alpha } => format!("complement naive Bayes, smoothing {alpha}"),
    }
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

//! The findings of the stage review, each with precision and recall.

use super::{Arguments, Clock, LIMITS, exit_code, percent, share};
use anyhow::Result;
use host::ReviewHandler;
use host::review::{AnswerText, CaseKind, Inquiry, Urgency};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

#[derive(Debug, Deserialize)]
struct Row {
    subject: String,
    body: String,
    answer: String,
    /// Rules, separated by semicolons.
    basis: String,
    contact: String,
    /// Codes, separated by semicolons.
    expected: String,
    /// The kind of case as in the API; a request for help where the file has no such column.
    #[serde(default)]
    kind: String,
}

/// How often a code was said and expected, in rows.
#[derive(Default)]
struct Count {
    expected: usize,
    said: usize,
    right: usize,
    missed: Vec<usize>,
    wrong: Vec<usize>,
}

#[derive(Default)]
struct Outcome {
    rows: usize,
    /// Rows whose codes are exactly the expected ones.
    exact: usize,
    codes: BTreeMap<String, Count>,
    failures: usize,
    clock: Clock,
    memory: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let shipped = arguments.handler("review")?;
    let rows: Vec<Row> = arguments.rows()?;
    let cache = shipped.manifest.base_dir().join(".wenzheng/cache");
    let mut handler = ReviewHandler::new(&shipped.wasm, &cache, LIMITS)?;
    let mut outcome = Outcome::default();
    for (at, row) in rows.iter().enumerate() {
        outcome.count(at + 1, row, &mut handler);
    }
    outcome.memory = handler.peak_memory();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&outcome.json())?);
    } else {
        print!("{}", outcome.text());
    }
    Ok(exit_code(outcome.failures))
}

fn parts(list: &str) -> impl Iterator<Item = String> {
    list.split([';', '；'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
}

fn kind(name: &str) -> CaseKind {
    match name {
        "complaint" => CaseKind::Complaint,
        "consultation" => CaseKind::Consultation,
        "report" => CaseKind::Report,
        "suggestion" => CaseKind::Suggestion,
        _ => CaseKind::Help,
    }
}

fn inquiry(row: &Row) -> Inquiry {
    Inquiry {
        number: String::new(),
        language: "zh-CN".to_owned(),
        kind: kind(&row.kind),
        urgency: Urgency::Normal,
        subject: text::tidy_line(&row.subject),
        body: text::tidy(&row.body),
        division: None,
        address: None,
        category: None,
        supplements: Vec::new(),
    }
}

fn answer(row: &Row) -> AnswerText {
    AnswerText {
        department: String::new(),
        body: row.answer.clone(),
        basis: parts(&row.basis).collect(),
        contact: Some(row.contact.trim().to_owned()).filter(|contact| !contact.is_empty()),
    }
}

impl Outcome {
    fn count(&mut self, number: usize, row: &Row, handler: &mut ReviewHandler) {
        let (inquiry, answer) = (inquiry(row), answer(row));
        let said: BTreeSet<String> = match self.clock.time(|| handler.check(&inquiry, &answer)) {
            Ok(Ok(findings)) => findings.into_iter().map(|finding| finding.code).collect(),
            Ok(Err(_)) => {
                eprintln!("row {number}: the handler refused the input");
                self.failures += 1;
                BTreeSet::new()
            }
            Err(error) => {
                eprintln!("row {number}: {error}");
                self.failures += 1;
                BTreeSet::new()
            }
        };
        let expected: BTreeSet<String> = parts(&row.expected).collect();
        self.rows += 1;
        self.exact += usize::from(said == expected);
        for code in said.union(&expected) {
            let count = self.codes.entry(code.clone()).or_default();
            let (here, wanted) = (said.contains(code), expected.contains(code));
            count.said += usize::from(here);
            count.expected += usize::from(wanted);
            match (here, wanted) {
                (true, true) => count.right += 1,
                (false, true) => count.missed.push(number),
                _ => count.wrong.push(number),
            }
        }
    }

    fn json(&self) -> Json {
        let findings: Map<String, Json> = self
            .codes
            .iter()
            .map(|(code, count)| {
                let figures = json!({
                    "expected": count.expected,
                    "said": count.said,
                    "precision": share(count.right, count.said),
                    "recall": share(count.right, count.expected),
                    "missed": count.missed,
                    "wrong": count.wrong,
                });
                (code.clone(), figures)
            })
            .collect();
        json!({
            "rows": self.rows,
            "exact": share(self.exact, self.rows),
            "findings": findings,
            "us_per_message": self.clock.median(),
            "peak_memory_bytes": self.memory,
            "failures": self.failures,
        })
    }

    fn text(&self) -> String {
        let mut lines = vec![format!(
            "{:<22}{:>9}{:>9}{:>12}{:>12}",
            "finding", "expected", "said", "precision", "recall"
        )];
        for (code, count) in &self.codes {
            lines.push(format!(
                "{code:<22}{:>9}{:>9}{:>12}{:>12}",
                count.expected,
                count.said,
                percent(share(count.right, count.said)),
                percent(share(count.right, count.expected)),
            ));
        }
        lines.push(format!(
            "all findings right in {} of {} rows; {:.1} µs an answer, {} KiB at most, {} failures",
            percent(share(self.exact, self.rows)),
            self.rows,
            self.clock.median(),
            self.memory / 1024,
            self.failures
        ));
        lines.join("\n") + "\n"
    }
}

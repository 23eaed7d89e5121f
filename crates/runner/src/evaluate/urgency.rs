//! Signs of an emergency, found by the handler of the stage intake.
//!
//! A message counts as urgent when its examination is `urgent` or `emergency`: by the contract, hours count in the one
//! (water, power, gas or heat failed, or extreme weather) and minutes in the other, and both call the duty desk.
//!
//! The words that the district lists come first; where they find nothing, a model listens. Which of both heard a
//! message is told apart by the signal that the model raises.

use super::{Arguments, Clock, LIMITS, exit_code, percent, share};
use anyhow::{Result, bail};
use host::IntakeHandler;
use host::intake::{Examination, Message, Urgency};
use model::alarm::SIGNAL;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

#[derive(Debug, Deserialize)]
struct Row {
    text: String,
    urgent: u8,
    /// The list that the row belongs to; may be missing.
    #[serde(default)]
    list: String,
}

/// Alarms of urgent rows and of ordinary ones.
#[derive(Clone, Copy, Default)]
struct Alarms {
    /// Of urgent rows.
    right: usize,
    /// Of ordinary rows.
    wrong: usize,
}

impl Alarms {
    fn add(&mut self, urgent: bool) {
        *if urgent {
            &mut self.right
        } else {
            &mut self.wrong
        } += 1;
    }

    fn json(self) -> Json {
        json!({ "right": self.right, "wrong": self.wrong })
    }
}

/// What came of all rows. Rows are numbered from 1, without the line of the columns' names.
#[derive(Default)]
struct Outcome {
    urgent: usize,
    ordinary: usize,
    missed: Vec<usize>,
    alarmed: Vec<usize>,
    /// Of the false alarms, those that were called an emergency.
    emergencies: usize,
    /// How often each sign was a false alarm.
    signs: BTreeMap<String, usize>,
    /// What the district's words heard.
    words: Alarms,
    /// What the model heard where the words found nothing.
    model: Alarms,
    /// For each list: its alarms, and its rows.
    lists: BTreeMap<String, (usize, usize)>,
    failures: usize,
    clock: Clock,
    memory: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let shipped = arguments.handler("intake")?;
    let rows: Vec<Row> = arguments.rows()?;
    if let Some(at) = rows.iter().position(|row| row.urgent > 1) {
        bail!("row {}: urgent is 1 or 0", at + 1);
    }
    let cache = shipped.manifest.base_dir().join(".wenzheng/cache");
    let mut handler = IntakeHandler::new(&shipped.wasm, &cache, LIMITS)?;
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

/// A message as the platform hands it over, with everything in its body.
fn message(text: &str) -> Message {
    Message {
        channel: "web".to_owned(),
        subject: String::new(),
        body: text.to_owned(),
        language: None,
        kind: None,
        division: None,
        address: None,
        personal: Vec::new(),
    }
}

/// Whether the model heard it, and no word did.
fn by_model(found: &Examination) -> bool {
    found.signals.iter().all(|signal| signal.id == SIGNAL)
}

impl Outcome {
    fn count(&mut self, number: usize, row: &Row, handler: &mut IntakeHandler) {
        let message = message(&row.text);
        let found = match self.clock.time(|| handler.examine(&message)) {
            Ok(Ok(found)) => Some(found),
            Ok(Err(_)) => {
                eprintln!("row {number}: the handler refused the input");
                None
            }
            Err(error) => {
                eprintln!("row {number}: {error}");
                None
            }
        };
        self.failures += usize::from(found.is_none());
        // No answer is no alarm.
        let urgency = found
            .as_ref()
            .map_or(Urgency::Normal, |found| found.urgency);
        let alarm = urgency != Urgency::Normal;
        if let Some(found) = found.as_ref().filter(|_| alarm) {
            let heard = if by_model(found) {
                &mut self.model
            } else {
                &mut self.words
            };
            heard.add(row.urgent == 1);
        }
        if !row.list.is_empty() {
            let list = self.lists.entry(row.list.clone()).or_default();
            list.0 += usize::from(alarm);
            list.1 += 1;
        }
        if row.urgent == 1 {
            self.urgent += 1;
            if !alarm {
                self.missed.push(number);
            }
            return;
        }
        self.ordinary += 1;
        if alarm {
            self.alarmed.push(number);
            self.emergencies += usize::from(urgency == Urgency::Emergency);
            for signal in found.iter().flat_map(|found| &found.signals) {
                *self.signs.entry(signal.id.clone()).or_default() += 1;
            }
        }
    }

    fn recall(&self) -> Option<f64> {
        share(self.urgent - self.missed.len(), self.urgent)
    }

    fn false_alarms(&self) -> Option<f64> {
        share(self.alarmed.len(), self.ordinary)
    }

    fn json(&self) -> Json {
        json!({
            "rows": self.urgent + self.ordinary,
            "urgent": self.urgent,
            "ordinary": self.ordinary,
            "recall": self.recall(),
            "false_alarms": self.false_alarms(),
            "missed": self.missed,
            "alarmed": self.alarmed,
            "false_emergencies": self.emergencies,
            "false_signs": self.signs,
            "heard": { "words": self.words.json(), "model": self.model.json() },
            "lists": self.lists.iter().map(|(list, (alarms, rows))| (list.clone(), json!({ "rows": rows, "alarms": alarms }))).collect::<serde_json::Map<_, _>>(),
            "us_per_message": self.clock.median(),
            "peak_memory_bytes": self.memory,
            "failures": self.failures,
        })
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!(
                "recall        {} of {} urgent",
                percent(self.recall()),
                self.urgent
            ),
            format!(
                "false alarms  {} of {} ordinary",
                percent(self.false_alarms()),
                self.ordinary
            ),
            format!(
                "heard         by words {} urgent, {} ordinary; by the model {} urgent, {} ordinary",
                self.words.right, self.words.wrong, self.model.right, self.model.wrong
            ),
            format!("per message   {:.1} µs", self.clock.median()),
            format!("memory        {} KiB at most", self.memory / 1024),
        ];
        if !self.missed.is_empty() {
            lines.push(format!("missed rows   {:?}", self.missed));
        }
        for (list, (alarms, rows)) in &self.lists {
            lines.push(format!("  list {list}: {alarms} of {rows}"));
        }
        for (sign, count) in &self.signs {
            lines.push(format!("  false {sign}: {count}"));
        }
        if self.failures > 0 {
            lines.push(format!("failures      {}", self.failures));
        }
        lines.join("\n") + "\n"
    }
}

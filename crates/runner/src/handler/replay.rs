//! `wenzheng handler replay`: past decisions of a case, taken again by the component that took them.

mod components;
mod decision;
mod run;

use crate::account::connect;
use crate::handler::past::Past;
use crate::handler::table::grid;
use crate::place::Place;
use anyhow::{Context, Result};
use decision::Stage;
use run::Replay;
use serde_json::{Value as Json, json};
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The number of the case.
    number: String,
    /// Only the decision of this event, by its place in the case.
    #[arg(long, value_name = "SEQUENCE")]
    event: Option<u32>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Show the texts of drafts that differ, which may name people; else only that they differ.
    #[arg(long)]
    texts: bool,
    #[command(flatten)]
    place: Place,
}

/// One past decision, and what came of taking it again.
#[derive(Debug)]
struct Again {
    /// Of the event.
    sequence: u32,
    stage: Stage,
    handler: String,
    version: String,
    sha256: String,
    outcome: Outcome,
}

/// What came of taking a decision again.
#[derive(Debug)]
enum Outcome {
    /// The same input, and the same answer.
    Same,
    /// The input is not what it was, and yet the answer is the same.
    SameInSpite(&'static str),
    /// Another answer; also what of the input is another, if anything is.
    Differs {
        parts: Vec<Part>,
        changed: Option<&'static str>,
    },
    /// It cannot be taken again, for this reason.
    Not(&'static str),
}

/// A part of a decision that differs.
#[derive(Debug)]
struct Part {
    name: String,
    recorded: Json,
    now: Json,
}

impl Outcome {
    /// Compares two decisions part by part.
    fn of(recorded: &Json, now: &Json, changed: Option<&'static str>) -> Outcome {
        let parts = parts(recorded, now);
        match (parts.is_empty(), changed) {
            (true, None) => Outcome::Same,
            (true, Some(changed)) => Outcome::SameInSpite(changed),
            (false, changed) => Outcome::Differs { parts, changed },
        }
    }

    /// Whether the decision stands proved.
    fn is_same(&self) -> bool {
        matches!(self, Outcome::Same | Outcome::SameInSpite(_))
    }

    fn words(&self) -> String {
        match self {
            Outcome::Same => "the same".to_owned(),
            Outcome::SameInSpite(changed) => format!("the same, although {changed}"),
            Outcome::Differs { parts, changed } => {
                let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
                let cause = changed.map_or_else(String::new, |changed| format!("; {changed}"));
                format!("DIFFERS in {}{cause}", names.join(", "))
            }
            Outcome::Not(reason) => format!("not run: {reason}"),
        }
    }
}

/// Parts without a value and parts that are not named are the same.
fn parts(recorded: &Json, now: &Json) -> Vec<Part> {
    let (Json::Object(left), Json::Object(right)) = (recorded, now) else {
        return Vec::new();
    };
    let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| recorded[name.as_str()] != now[name.as_str()])
        .map(|name| Part {
            name: name.clone(),
            recorded: recorded[name.as_str()].clone(),
            now: now[name.as_str()].clone(),
        })
        .collect()
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = arguments.place.manifest()?;
    let mut connection = connect(&arguments.place).await?;
    let past = Past::read(&mut connection, &arguments.number)
        .await?
        .with_context(|| format!("there is no case {}", arguments.number))?;
    let mut replay = Replay::new(&mut connection, &manifest, &past).await?;
    let decisions = replay.all(arguments.event).await?;
    if arguments.json {
        let report: Vec<Json> = decisions
            .iter()
            .map(|again| again.json(arguments.texts))
            .collect();
        let report = json!({ "case": arguments.number, "decisions": report });
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", text(&decisions, arguments.texts));
    }
    // What cannot be run is no proof of anything; what nobody could run again, because it rests on what is sealed, is
    // no failure either, nor is what nobody answered.
    let failed = decisions.iter().any(|again| {
        !again.outcome.is_same()
            && !matches!(
                again.outcome,
                Outcome::Not(run::SEALED | run::OPEN | run::ABSENT)
            )
    });
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

impl Again {
    fn json(&self, texts: bool) -> Json {
        let (result, differences, note) = match &self.outcome {
            Outcome::Same => ("same", Vec::new(), None),
            Outcome::SameInSpite(changed) => ("same", Vec::new(), Some(*changed)),
            Outcome::Differs { parts, changed } => (
                "differs",
                parts.iter().map(|part| part.json(texts)).collect(),
                *changed,
            ),
            Outcome::Not(reason) => ("not-run", Vec::new(), Some(*reason)),
        };
        json!({
            "event": self.sequence,
            "stage": self.stage.name(),
            "handler": self.handler,
            "version": self.version,
            "sha256": self.sha256,
            "result": result,
            "note": note,
            "differences": differences,
        })
    }
}

impl Part {
    fn json(&self, texts: bool) -> Json {
        let (recorded, now) = self.shown(texts);
        json!({ "part": self.name, "recorded": recorded, "now": now })
    }

    /// The two values; of texts, which may name people, only how long they are unless they are wanted.
    fn shown(&self, texts: bool) -> (Json, Json) {
        let short = |value: &Json| match value {
            Json::String(text) => format!("{} characters", text.chars().count()).into(),
            other => other.clone(),
        };
        match (self.name.as_str(), texts) {
            ("text", false) => (short(&self.recorded), short(&self.now)),
            ("triage", false) => (kind(&self.recorded), kind(&self.now)),
            _ => (self.recorded.clone(), self.now.clone()),
        }
    }
}

/// What a proposal is, without its texts.
fn kind(proposal: &Json) -> Json {
    proposal
        .as_object()
        .and_then(|proposal| proposal.keys().next())
        .map_or(Json::Null, |name| name.as_str().into())
}

fn text(decisions: &[Again], texts: bool) -> String {
    let head = ["event", "stage", "handler", "version", "sha256"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(decisions.iter().map(|again| {
        [
            again.sequence.to_string(),
            again.stage.name().to_owned(),
            again.handler.clone(),
            again.version.clone(),
            again.sha256.chars().take(12).collect(),
        ]
    }));
    // The outcome is a sentence: it stands outside the grid, which cuts its cells.
    let mut outcomes = vec!["taken again".to_owned()];
    outcomes.extend(decisions.iter().map(|again| again.outcome.words()));
    let table = grid(&rows);
    let widest = table
        .lines()
        .map(unicode_width::UnicodeWidthStr::width)
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for (line, outcome) in table.lines().zip(&outcomes) {
        let room = widest - unicode_width::UnicodeWidthStr::width(line);
        text.push_str(&format!("{line}{}  {outcome}\n", " ".repeat(room)));
    }
    for again in decisions {
        if let Outcome::Differs { parts, .. } = &again.outcome {
            text.push_str(&format!(
                "\nevent {}, {}: - recorded  + now\n",
                again.sequence, again.handler
            ));
            for part in parts {
                let (recorded, now) = part.shown(texts);
                text.push_str(&format!(
                    "  {}:\n    - {recorded}\n    + {now}\n",
                    part.name
                ));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_compared_part_by_part() {
        let recorded = json!({ "text": "一二三", "confidence": 9000, "error": null });
        let same = json!({ "confidence": 9000, "text": "一二三" });
        assert!(Outcome::of(&recorded, &same, None).is_same());
        let other = json!({ "confidence": 9000, "text": "一二三四" });
        let outcome = Outcome::of(&recorded, &other, Some("it rained"));
        assert_eq!(outcome.words(), "DIFFERS in text; it rained");
        let Outcome::Differs { parts, .. } = outcome else {
            panic!("they differ")
        };
        // What people wrote is shown only where it is wanted.
        assert_eq!(
            parts[0].shown(false),
            (json!("3 characters"), json!("4 characters"))
        );
        assert_eq!(parts[0].shown(true).1, json!("一二三四"));
    }
}

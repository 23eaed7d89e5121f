//! What became of all messages, as a table.

use super::life::Life;
use crate::player::View;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// Failures that are shown; of more only the number is.
const SHOWN: usize = 10;

/// The steps whose time is measured: a name, the event before and the event after.
const STEPS: [(&str, &[&str], &[&str]); 5] = [
    (
        "classify",
        &["received"],
        &["classified", "classification-abstained"],
    ),
    ("route", &["classified"], &["assigned", "routing-abstained"]),
    ("draft", &["assigned"], &["drafted", "draft-refused"]),
    ("examine", &["answered"], &["examined"]),
    ("publish", &["approved"], &["published"]),
];

/// The sums of all lives.
#[derive(Default)]
pub(super) struct Report {
    counts: BTreeMap<Count, usize>,
    refused: BTreeMap<String, usize>,
    states: BTreeMap<String, usize>,
    /// Milliseconds of each step, by its place in [`STEPS`].
    times: [Vec<i64>; STEPS.len()],
    failures: Vec<String>,
    failed: usize,
}

/// The lines of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    Messages,
    TakenIn,
    Duplicates,
    Held,
    Classified,
    ClassificationAbstained,
    Routed,
    RoutingAbstained,
    SelfAnswered,
    Answered,
    Published,
    Rated,
}

impl Count {
    const ALL: [(Count, &'static str); 12] = [
        (Count::Messages, "messages"),
        (Count::TakenIn, "taken in"),
        (Count::Duplicates, "duplicates"),
        (Count::Held, "held for a person at intake"),
        (Count::Classified, "classified"),
        (Count::ClassificationAbstained, "category left to a person"),
        (Count::Routed, "routed"),
        (Count::RoutingAbstained, "department left to a person"),
        (Count::SelfAnswered, "self-answered by the centre"),
        (Count::Answered, "answered"),
        (Count::Published, "published"),
        (Count::Rated, "rated"),
    ];
}

impl Report {
    pub(super) fn add(&mut self, life: Life) {
        self.count(Count::Messages, true);
        self.count(Count::TakenIn, life.taken_in);
        self.count(Count::Duplicates, life.duplicate);
        if let Some(code) = life.refused {
            *self.refused.entry(code).or_default() += 1;
        }
        if let Some(view) = life.view {
            self.add_view(&view);
        }
        if let Some(failure) = life.failure {
            self.failed += 1;
            if self.failures.len() < SHOWN {
                self.failures.push(failure);
            }
        }
    }

    fn add_view(&mut self, view: &View) {
        for (count, kind) in [
            (Count::Held, "explained"),
            (Count::Held, "declined"),
            (Count::Classified, "classified"),
            (Count::ClassificationAbstained, "classification-abstained"),
            (Count::Routed, "assigned"),
            (Count::RoutingAbstained, "routing-abstained"),
            (Count::Answered, "answered"),
            (Count::Published, "published"),
            (Count::Rated, "rated"),
        ] {
            self.count(count, view.has(kind));
        }
        self.count(
            Count::SelfAnswered,
            view.has("answered") && !view.has("accepted"),
        );
        *self.states.entry(view.state.clone()).or_default() += 1;
        for (times, (_, before, after)) in self.times.iter_mut().zip(STEPS) {
            let at = |kinds: &[&str]| {
                let event = view
                    .events
                    .iter()
                    .find(|event| kinds.contains(&event.kind.as_str()))?;
                event.millis
            };
            if let (Some(before), Some(after)) = (at(before), at(after)) {
                times.push(after - before);
            }
        }
    }

    fn count(&mut self, count: Count, yes: bool) {
        *self.counts.entry(count).or_default() += usize::from(yes);
    }

    /// How many messages went wrong.
    pub(super) fn failures(&self) -> usize {
        self.failed
    }

    /// The whole table.
    pub(super) fn table(&mut self, elapsed: Duration) -> String {
        let mut text = String::new();
        let seconds = elapsed.as_secs_f64();
        // Writing to a string does not fail.
        for (count, name) in Count::ALL {
            let number = self.counts.get(&count).copied().unwrap_or(0);
            let _ = writeln!(text, "{name:<30} {number:>8}");
        }
        for (code, number) in &self.refused {
            let _ = writeln!(text, "{:<30} {number:>8}", format!("refused: {code}"));
        }
        let _ = writeln!(text, "{:<30} {:>8}", "failed", self.failed);
        for failure in &self.failures {
            let _ = writeln!(text, "   {failure}");
        }
        let _ = writeln!(text, "\nstate in the end");
        for (state, number) in &self.states {
            let _ = writeln!(text, "   {state:<27} {number:>8}");
        }
        let _ = writeln!(
            text,
            "\nstage                             median      p95 (ms)"
        );
        for ((name, ..), times) in STEPS.iter().zip(&mut self.times) {
            times.sort_unstable();
            let at = |share: usize| {
                times.get((times.len() * share / 100).min(times.len().saturating_sub(1)))
            };
            if let (Some(median), Some(late)) = (at(50), at(95)) {
                let _ = writeln!(text, "   {name:<27} {median:>8} {late:>8}");
            }
        }
        let messages = self.counts.get(&Count::Messages).copied().unwrap_or(0);
        let _ = writeln!(
            text,
            "\n{messages} messages in {seconds:.1} s: {:.1} a second",
            messages as f64 / seconds
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_life_is_counted_once() {
        let view: View = serde_json::from_value(json!({
            "state": "closed-solved",
            "events": [
                { "kind": "received", "millis": 1000 }, { "kind": "classified", "millis": 1010 },
                { "kind": "assigned", "millis": 1030 }, { "kind": "drafted", "millis": 1031 },
                { "kind": "answered", "millis": 2000 }, { "kind": "examined", "millis": 2001 },
                { "kind": "approved", "millis": 3000 }, { "kind": "published", "millis": 3004 }, { "kind": "rated", "millis": 4000 },
            ],
        }))
        .expect("a view");
        let mut report = Report::default();
        report.add(Life {
            taken_in: true,
            view: Some(view),
            ..Life::default()
        });
        report.add(Life {
            duplicate: true,
            ..Life::default()
        });
        report.add(Life {
            refused: Some("invalid".to_owned()),
            ..Life::default()
        });
        report.add(Life {
            taken_in: true,
            failure: Some("lost".to_owned()),
            ..Life::default()
        });
        let table = report.table(Duration::from_secs(2));
        let has = |name: &str, number: usize| table.contains(&format!("{name:<30} {number:>8}\n"));
        assert!(
            has("messages", 4) && has("taken in", 2) && has("duplicates", 1) && has("rated", 1),
            "{table}"
        );
        assert!(
            has("self-answered by the centre", 1) && has("refused: invalid", 1) && has("failed", 1),
            "{table}"
        );
        assert!(
            table.contains("   route                             20       20"),
            "{table}"
        );
        assert_eq!(report.failures(), 1);
    }
}

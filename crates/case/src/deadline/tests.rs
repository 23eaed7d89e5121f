mod golden;
mod properties;
mod rules;
mod words;

use super::*;
use crate::calendar::tests::{china, china_data};
use crate::district::{CaseKind, Urgency};
use crate::time::{DAY, Offset};

use TimeUnit::*;

fn limit(amount: u32, unit: TimeUnit) -> TimeLimit {
    TimeLimit { amount, unit }
}

fn at(text: &str) -> Timestamp {
    let text = if text.len() == 10 {
        format!("{text}T00:00:00")
    } else {
        text.replace(' ', "T")
    };
    let seconds = if text.len() == 16 { ":00" } else { "" };
    format!("{text}{seconds}+08:00").parse().unwrap()
}

/// The last millisecond of a day.
fn end_of(day: &str) -> Timestamp {
    day.parse::<Date>().unwrap().end(Offset::CHINA).plus(-1)
}

fn pause(from: &str, to: &str) -> Pause {
    Pause {
        from: at(from),
        to: Some(at(to)),
    }
}

fn rule(answer: TimeLimit, max_extension: Option<TimeLimit>) -> DeadlineRule {
    DeadlineRule {
        id: "complaint".into(),
        name: "投诉".into(),
        name_en: "Complaint".into(),
        kinds: Vec::new(),
        urgency: None,
        applies: Vec::new(),
        priority: 0,
        dispatch: limit(24, Hour),
        accept: limit(1, WorkingDay),
        answer,
        max_extension,
        basis: "办理规定".into(),
    }
}

fn compute(
    amount: TimeLimit,
    start: Timestamp,
    pauses: &[Pause],
    extensions: &[TimeLimit],
) -> Deadline {
    let rule = rule(amount, None);
    Term {
        rule: &rule,
        version: "2026-01",
        duty: Duty::Answer,
        start,
        pauses,
        extensions,
    }
    .deadline(&china())
}

fn zh(deadline: &Deadline) -> Vec<String> {
    deadline.explanation.iter().map(Step::zh).collect()
}

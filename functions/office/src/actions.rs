//! The forms of what can be done with a case: one table, not one page each.

use ::case::lifecycle::{Action, TABLE};
use pages::Form;
use serde_json::{Map, Value as Json, json};

use crate::words::Words;

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Several lines.
    Text,
    /// The text of an answer, beside the draft.
    Answer,
    /// One line.
    Line,
    /// Several values, one on each line.
    Lines,
    /// A category.
    Category,
    /// A department.
    Department,
    /// Departments.
    Departments,
    /// One of the six outcomes without dispatch.
    Outcome,
    /// The number of another case.
    Number,
    /// Working days.
    Days,
    /// A grade of a rating.
    Grade,
    /// Yes or no.
    YesNo,
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the interface.
    pub name: &'static str,
    /// How it is filled in.
    pub kind: Kind,
    /// Whether it may stay empty.
    pub optional: bool,
}

const fn need(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        optional: false,
    }
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        optional: true,
    }
}

/// The reason, for actions that need nothing else.
const REASON: &[Field] = &[need("reason", Kind::Text)];

/// What each action asks for; the others ask for a reason, or for nothing.
const FIELDS: &[(&str, &[Field])] = &[
    ("explain", &[need("reason", Kind::Outcome)]),
    ("merge", &[need("into", Kind::Number)]),
    ("classify", &[need("category", Kind::Category)]),
    (
        "assign",
        &[
            need("department", Kind::Department),
            may("co_handling", Kind::Departments),
            may("reason", Kind::Text),
        ],
    ),
    ("transfer", TO_DEPARTMENT),
    ("adjudicate", TO_DEPARTMENT),
    ("co-handle", TO_DEPARTMENT),
    (
        "return",
        &[
            need("reason", Kind::Text),
            need("basis", Kind::Line),
            may("suggested", Kind::Department),
        ],
    ),
    ("approve", &[may("cuts", Kind::Lines)]),
    ("ask", &[need("text", Kind::Text)]),
    ("reply", &[need("text", Kind::Text)]),
    ("supplement", &[need("text", Kind::Text)]),
    (
        "answer",
        &[
            need("text", Kind::Answer),
            may("basis", Kind::Lines),
            may("contact", Kind::Line),
        ],
    ),
    (
        "request-extension",
        &[need("working_days", Kind::Days), need("reason", Kind::Text)],
    ),
    ("grant-extension", &[may("working_days", Kind::Days)]),
    (
        "rate",
        &[
            need("grade", Kind::Grade),
            need("solved", Kind::YesNo),
            may("comment", Kind::Text),
        ],
    ),
];

const TO_DEPARTMENT: &[Field] = &[
    need("department", Kind::Department),
    need("reason", Kind::Text),
];

/// The actions that a case is most likely opened for, first of all what
/// settles it. What is not here stands behind them.
const FIRST: [&str; 18] = [
    "approve",
    "send-back",
    "adjudicate",
    "classify",
    "assign",
    "admit",
    "explain",
    "decline",
    "answer",
    "accept",
    "ask",
    "return",
    "reply",
    "grant-extension",
    "refuse-extension",
    "close-solved",
    "close-unsolved",
    "follow-up",
];

/// What the action `name` asks for. `reason` says whether it needs a reason.
pub fn fields(name: &str, reason: bool) -> &'static [Field] {
    FIELDS
        .iter()
        .find(|(other, _)| *other == name)
        .map_or(if reason { REASON } else { &[] }, |(_, fields)| fields)
}

/// Where the action `name` stands on the page: smaller is further up.
pub fn rank(name: &str) -> usize {
    FIRST
        .iter()
        .position(|other| *other == name)
        .unwrap_or(FIRST.len())
}

/// Whether a case is opened to do `name` with it, rather than something in passing.
pub fn is_likely(name: &str) -> bool {
    FIRST.contains(&name)
}

/// The action that a form's address names, and the function that takes it.
pub fn taken_at(resource: &str) -> Option<(&'static str, &'static str, bool)> {
    let action = Action::from_resource(resource)?;
    let row = TABLE.iter().find(|row| row.action == action)?;
    Some((row.name, row.stage, row.reason))
}

/// The name of the action `name`, if it is one.
pub fn known(name: &str) -> &'static str {
    TABLE
        .iter()
        .find(|row| row.name == name)
        .map_or("", |row| row.name)
}

/// The last segment of the address at which the action `name` is taken.
pub fn resource(name: &str) -> &'static str {
    TABLE
        .iter()
        .find(|row| row.name == name)
        .map_or("", |row| row.resource)
}

/// What the form asks of the interface.
pub fn order(fields: &[Field], form: &Form) -> Json {
    let mut order = Map::new();
    for field in fields {
        let typed = form.get(field.name);
        let value: Option<Json> = match field.kind {
            Kind::Lines => Some(
                form.raw(field.name)
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .collect(),
            ),
            Kind::Departments => Some(form.all(field.name).collect()),
            // What is no number goes as it is: the interface says what is wrong with it.
            Kind::Days => given(typed)
                .map(|text| text.parse::<u32>().map_or_else(|_| text.into(), Json::from)),
            Kind::YesNo => match typed {
                "yes" => Some(true.into()),
                "no" => Some(false.into()),
                _ => None,
            },
            Kind::Text | Kind::Answer => {
                given(form.raw(field.name)).map(|text| text.replace("\r\n", "\n").into())
            }
            _ => given(typed).map(Json::from),
        };
        if let Some(value) = value {
            order.insert(field.name.to_owned(), value);
        }
    }
    // The draft as it is: the interface takes it from where it keeps it.
    if form.get("adopt") == "yes" {
        order.remove("text");
        order.insert("adopt_draft".to_owned(), true.into());
    }
    if let Ok(sequence) = form.get("sequence").parse::<u32>() {
        order.insert("sequence".to_owned(), sequence.into());
    }
    json!(order)
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// What a field is called.
pub fn label(words: &Words, action: &str, field: &str) -> &'static str {
    match (action, field) {
        ("explain", "reason") => words.field_outcome,
        ("supervise", "reason") => words.field_order,
        ("follow-up", "reason") => words.field_outcome_of_follow_up,
        ("return", "basis") => words.field_return_basis,
        (_, "reason") => words.field_reason,
        (_, "cuts") => words.field_cuts,
        (_, "into") => words.field_into,
        (_, "category") => words.field_category,
        ("co-handle", "department") => words.field_co_department,
        (_, "department") => words.field_department,
        (_, "co_handling") => words.field_co_handling,
        (_, "suggested") => words.field_suggested,
        ("ask", "text") => words.field_question,
        ("answer", "text") => words.field_answer,
        (_, "text") => words.field_facts,
        (_, "basis") => words.field_basis,
        (_, "contact") => words.field_contact,
        ("grant-extension", "working_days") => words.field_days_granted,
        (_, "working_days") => words.field_days,
        (_, "grade") => words.field_grade,
        (_, "solved") => words.field_solved,
        (_, "comment") => words.field_comment,
        _ => "",
    }
}

/// The six outcomes without dispatch.
pub const OUTCOMES: [&str; 6] = [
    "emergency-line",
    "legal-route",
    "no-new-facts",
    "secret-or-privacy",
    "out-of-scope",
    "unlawful",
];

/// What an outcome without dispatch is called, or why else a case is held.
pub fn outcome(words: &Words, id: &str) -> &'static str {
    match id {
        "emergency-line" => words.outcome_emergency_line,
        "legal-route" => words.outcome_legal_route,
        "no-new-facts" => words.outcome_no_new_facts,
        "secret-or-privacy" => words.outcome_secret,
        "out-of-scope" => words.outcome_out_of_scope,
        "unlawful" => words.outcome_unlawful,
        "spam" => words.outcome_spam,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_action_has_a_label() {
        for language in [
            web::language::Language::Chinese,
            web::language::Language::English,
        ] {
            let words = Words::of(language);
            for row in TABLE {
                for field in fields(row.name, row.reason) {
                    assert!(
                        !label(words, row.name, field.name).is_empty(),
                        "{} {}",
                        row.name,
                        field.name
                    );
                }
            }
            for id in OUTCOMES {
                assert!(!outcome(words, id).is_empty(), "{id}");
            }
        }
    }

    #[test]
    fn the_table_names_actions_only() {
        let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
        for name in FIELDS.iter().map(|(name, _)| name).chain(&FIRST) {
            assert!(names.contains(name), "{name}");
        }
        for row in TABLE {
            assert_eq!(
                taken_at(row.resource),
                Some((row.name, row.stage, row.reason))
            );
            assert_eq!(resource(row.name), row.resource);
        }
    }

    #[test]
    fn forms_become_orders() {
        let form = Form::of(&[
            ("text", " 您好，\r\n已修复。"),
            ("basis", "甲\n\n 乙 "),
            ("contact", "  "),
            ("sequence", "7"),
        ]);
        let answer = order(fields("answer", false), &form);
        assert_eq!(
            answer,
            json!({ "text": " 您好，\n已修复。", "basis": ["甲", "乙"], "sequence": 7 })
        );
        let form = Form::of(&[("adopt", "yes"), ("text", "x"), ("sequence", "soon")]);
        let adopted = order(fields("answer", false), &form);
        assert_eq!(adopted, json!({ "basis": [], "adopt_draft": true }));
        let form = Form::of(&[("working_days", "5"), ("reason", "检测")]);
        assert_eq!(
            order(fields("request-extension", true), &form),
            json!({ "working_days": 5, "reason": "检测" })
        );
        let form = Form::of(&[
            ("department", "a"),
            ("co_handling", "b"),
            ("co_handling", "c"),
        ]);
        assert_eq!(
            order(fields("assign", false), &form),
            json!({ "department": "a", "co_handling": ["b", "c"] })
        );
    }
}

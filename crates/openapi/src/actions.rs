//! The actions of the life-cycle table.

use case::event::{Grade, NoDispatchReason};
use case::lifecycle::{TABLE, Target, Transition};
use case::{Action, Party};
use serde_json::{Value as Json, json};

use crate::operation::{Operation, case_number};
use crate::schema::{Object, described, flag, nullable, object, schema, text, written};
use crate::schemas::names;

pub(crate) const GRADES: [Grade; 5] = [
    Grade::VeryDissatisfied,
    Grade::Dissatisfied,
    Grade::FairlySatisfied,
    Grade::Satisfied,
    Grade::VerySatisfied,
];

pub(crate) const OUTCOMES: [NoDispatchReason; 6] = [
    NoDispatchReason::EmergencyLine,
    NoDispatchReason::LegalRoute,
    NoDispatchReason::NoNewFacts,
    NoDispatchReason::SecretOrPrivacy,
    NoDispatchReason::OutOfScope,
    NoDispatchReason::Unlawful,
];

/// One operation for each row.
pub(crate) fn operations() -> Vec<Operation> {
    TABLE.iter().map(operation).collect()
}

fn operation(row: &Transition) -> Operation {
    let (required, body, example) = body(row);
    let citizen = row.parties.contains(&Party::Citizen);
    let path = format!("/api/cases/{{number}}/{}", row.resource);
    let operation = Operation::new("post", &path, row.name, "actions", &summary(row))
        .description(description(row))
        .of_case()
        .security(
            if citizen {
                &["session", "citizen"]
            } else {
                &["session"]
            },
            false,
        )
        .problem("403")
        .problem("409")
        .body(required, body.json(), example)
        .answers("200", "Where the case stands now.", schema("Standing"));
    match row.action {
        Action::Supplement => operation.problem("429"),
        _ => operation,
    }
}

fn summary(row: &Transition) -> String {
    let mut name = row.name.replace('-', " ");
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

fn description(row: &Transition) -> String {
    let name = |value: Json| value.as_str().unwrap_or_default().to_owned();
    let parties: Vec<String> = row
        .parties
        .iter()
        .map(|party| name(serde_json::to_value(party).unwrap_or_default()))
        .collect();
    let from: Vec<&str> = row.from.iter().map(|state| state.name()).collect();
    let to = match row.to {
        Target::Same => "the state stays".to_owned(),
        Target::BeforeMerge => "back to the state before the merger".to_owned(),
        Target::Judged => "to what the survey handler judges".to_owned(),
        Target::State(state) => format!("to {}", state.name()),
    };
    let own = if row.own_department {
        " Officers: cases that their department leads."
    } else {
        ""
    };
    let refused = match row.action {
        Action::DeclareEmergency => " 409 `already-emergency` where it is one.",
        Action::EndEmergency => " 409 `not-emergency` where it is none.",
        Action::FollowUp => {
            " 409 `no-follow-up` where none is planned. The reason says what came of it."
        }
        _ => "",
    };
    format!(
        "By: {}. From: {}; {to}.{own}{refused}",
        parties.join(", "),
        from.join(", ")
    )
}

/// Whether the action needs a body, what is in it, and an example.
fn body(row: &Transition) -> (bool, Object, Json) {
    let (required, object, example) = match row.action {
        Action::Explain => {
            let reason = schema("NoDispatchReason");
            (
                true,
                object().need("reason", reason),
                json!({ "reason": "legal-route" }),
            )
        }
        Action::Merge => {
            let into = described(case_number(), "The open case in which this one goes on.");
            (
                true,
                object().need("into", into),
                json!({ "into": "YZ20260901-00000000" }),
            )
        }
        Action::Classify => {
            let example = json!({ "category": "public-security.household" });
            (
                true,
                object().need(
                    "category",
                    described(text(), "A category of `GET /api/district`."),
                ),
                example,
            )
        }
        Action::Assign => (
            true,
            object()
                .need(
                    "department",
                    described(text(), "A department of `GET /api/district`."),
                )
                .may(
                    "co_handling",
                    json!({
                        "type": "array",
                        "items": { "type": "string" },
                        "maxItems": 20,
                        "uniqueItems": true,
                        "description": "Departments that take part, none of them the one above.",
                    }),
                )
                .may("reason", nullable(written("Why."))),
            json!({ "department": "public-security" }),
        ),
        Action::Transfer | Action::Adjudicate | Action::CoHandle => (
            true,
            object()
                .need(
                    "department",
                    described(text(), "A department of `GET /api/district`."),
                )
                .need("reason", written("Why.")),
            json!({ "department": "public-security", "reason": "户籍事项由公安部门办理" }),
        ),
        Action::Return => (
            true,
            object()
                .need("reason", written("Why it is not theirs."))
                .need("basis", written("The rule by which it is not."))
                .may("suggested", nullable(described(text(), "Whose it is."))),
            json!({ "reason": "不属本单位职责", "basis": "责任清单" }),
        ),
        Action::Ask | Action::Reply | Action::Supplement => (
            true,
            object().need("text", written("What is asked, or the facts.")),
            json!({ "text": "在路口东侧。" }),
        ),
        Action::Answer => (
            true,
            object()
                .may(
                    "text",
                    nullable(written(
                        "The answer; may be left out when the draft is adopted as it is.",
                    )),
                )
                .may(
                    "adopt_draft",
                    described(flag(), "Take over the draft out of the knowledge base."),
                )
                .may(
                    "basis",
                    json!({
                        "type": "array",
                        "items": { "type": "string", "minLength": 1 },
                        "maxItems": 20,
                        "description": "Laws and rules that it rests on.",
                    }),
                )
                .may("contact", nullable(written("Whom the citizen can ask."))),
            json!({ "text": "您好，路灯已于今日修复。", "basis": ["《城市照明管理规定》"], "contact": "81812345" }),
        ),
        Action::RequestExtension => (
            true,
            object()
                .need("working_days", days())
                .need("reason", written("Why.")),
            json!({ "working_days": 5, "reason": "需现场检测" }),
        ),
        Action::GrantExtension => {
            let days = described(
                nullable(days()),
                "What is granted: what was asked for, or less.",
            );
            (false, object().may("working_days", days), json!({}))
        }
        Action::Approve => {
            let cuts = json!({
                "type": "array",
                "items": { "type": "string", "minLength": 2 },
                "maxItems": 50,
                "description": "Phrases that the public copy must not show, beside what is found to be personal.",
            });
            (
                false,
                object().may("cuts", cuts),
                json!({ "cuts": ["小王便利店"] }),
            )
        }
        Action::Rate => (
            true,
            object()
                .need("grade", schema("Grade"))
                .need("solved", described(flag(), "Whether the matter is solved."))
                .may(
                    "comment",
                    nullable(described(text(), "In the citizen's words; not published.")),
                ),
            json!({ "grade": "satisfied", "solved": true }),
        ),
        _ if row.reason => (
            true,
            object().need("reason", written("Why.")),
            json!({ "reason": "重复反映，已电话告知" }),
        ),
        _ => (false, object(), json!({})),
    };
    let sequence = json!({
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": u32::MAX,
        "description": "The `sequence` of the case that the caller has seen; a later one is a conflict.",
    });
    (required, object.may("sequence", sequence), example)
}

fn days() -> Json {
    json!({ "type": "integer", "minimum": 1, "maximum": 60 })
}

/// Schemas that belong here.
pub(crate) fn grade() -> Json {
    described(
        names(&GRADES),
        "The five grades of GB/T 39735, worst first.",
    )
}

/// The six outcomes.
pub(crate) fn outcome() -> Json {
    described(
        names(&OUTCOMES),
        "The six lawful outcomes without dispatch.",
    )
}

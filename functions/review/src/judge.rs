//! Asking the handler what it finds.

use std::cell::OnceCell;

use case::event::{Finding, Judgement};
use case::{Action, Case, EventData, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Error, cases};
use web::contract::{self, Handler, types};
use web::department::{self, Asked, ReviewSaid};
use web::drain::{Outcome, Worker};
use web::rules::Rules;
use web::step::Step;
use web::{Context, Database};

use crate::STAGE;
use bindings::wenzheng::handlers::review;

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/review.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "review-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Looks at answers with the composed handler.
pub struct Judge;

impl Worker for Judge {
    async fn work(
        &self,
        _context: &Context,
        database: &mut Database,
        rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        let approved = approved_unexamined(case);
        let Some(answer) = case
            .answer
            .as_ref()
            .filter(|_| case.state == State::Answered || approved)
        else {
            return Ok(Outcome::Nothing);
        };
        let document = cases::document(database, &case.number, answer.sequence)
            .await?
            .unwrap_or_default();
        let text = types::AnswerText {
            department: answer.department.clone(),
            body: document["text"].as_str().unwrap_or_default().to_owned(),
            basis: serde_json::from_value(document["basis"].clone()).unwrap_or_default(),
            contact: document["contact"].as_str().map(str::to_owned),
        };
        let inquiry = contract::inquiry(case, original, Vec::new());
        let input = || json!({ "inquiry": inquiry, "answer": text });
        let asked: Asked<ReviewSaid> = department::ask(database, case, STAGE, input).await?;
        let max = rules.limits.text.reason_max_chars as usize;
        let own = own_word(asked, &(&inquiry, &text), max);
        if approved {
            let planned = own.and_then(|own| own.planned);
            return Ok(planned.map_or(Outcome::Nothing, |planned| {
                let (data, document) = planned.event();
                Outcome::Step(Step::with_document(data, document))
            }));
        }
        let checked = review::check(&inquiry, &text);
        let step = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(review::describe()));
            decide(handler, &(inquiry, text), checked, own)
        });
        Ok(Outcome::Step(step))
    }
}

/// Whether a reviewer was faster than this stage: findings come too late then,
/// but what is to be done after the answer does not.
fn approved_unexamined(case: &Case) -> bool {
    let approved =
        case.state == State::Reviewed || Action::FollowUp.transition().from.contains(&case.state);
    approved && case.examined.is_none() && case.follow_up.is_none()
}

/// What is to be done after an answer, as the document beside its examination
/// keeps it until a reviewer approves the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Calendar days after publication.
    pub after_days: u16,
    /// What is to be done, for the department's officer.
    pub task: String,
    /// Whose word it is.
    pub judgement: Judgement,
}

impl Planned {
    /// The event with which it is in force, and its document.
    pub fn event(self) -> (EventData, Json) {
        let data = EventData::FollowUpPlanned {
            after_days: self.after_days,
            judgement: self.judgement,
        };
        (data, json!({ "text": self.task }))
    }
}

/// What came of asking the department's handler.
struct Own {
    findings: Vec<Finding>,
    /// For the event: which release it was, and what it said.
    note: Json,
    planned: Option<Planned>,
}

/// What follows from the handler's word; where it fails, the reviewer is told
/// that nobody looked.
fn decide(
    handler: &Handler,
    input: &(types::Inquiry, types::AnswerText),
    checked: Result<Vec<types::Finding>, types::Error>,
    own: Option<Own>,
) -> Step {
    let (mut findings, mut evidence) = match checked {
        Ok(findings) => (findings.into_iter().map(finding).collect(), Json::Null),
        Err(error) => {
            let unchecked = Finding {
                code: "not-checked".to_owned(),
                severity: "warning".to_owned(),
                span: None,
            };
            (
                vec![unchecked],
                json!({ "error": contract::error_name(&error) }),
            )
        }
    };
    let mut planned = None;
    if let Some(own) = own {
        findings.extend(own.findings);
        findings.sort_by_key(|finding: &Finding| weight(&finding.severity));
        if evidence.is_null() {
            evidence = json!({});
        }
        evidence["department"] = own.note;
        planned = own.planned;
    }
    let examined = EventData::Examined {
        findings,
        judgement: handler.judgement(input, None, evidence),
    };
    match planned {
        Some(planned) => Step::with_document(examined, json!({ "follow_up": planned })),
        None => Step::event(examined),
    }
}

/// What the department's own handler found and plans, and for the event which release it was; none where nobody was
/// asked. What breaks the contract counts as not said. `input` is what it was asked, `max` the longest task.
fn own_word(
    asked: Asked<ReviewSaid>,
    input: &(&types::Inquiry, &types::AnswerText),
    max: usize,
) -> Option<Own> {
    let nothing = |note| Own {
        findings: Vec::new(),
        note,
        planned: None,
    };
    let (who, said) = match asked {
        Asked::Nobody => return None,
        Asked::Failed(Some(who), reason) => return Some(nothing(who.note(&reason))),
        Asked::Failed(None, reason) => return Some(nothing(json!({ "outcome": reason }))),
        Asked::Said(who, said) => (who, said),
    };
    let length = input.1.body.chars().count();
    let (findings, outcome) = match said.findings {
        Err(_) => (Vec::new(), "error"),
        Ok(said) => match department::findings(said, length) {
            Some(findings) => (findings, "findings"),
            None => (Vec::new(), "contract"),
        },
    };
    let mut note = who.note(outcome);
    let mut planned = None;
    note["follow_up"] = match said.follow_up {
        Err(_) => "error".into(),
        Ok(None) => Json::Null,
        Ok(Some(follow_up)) if follow_up.is_sound(max) => {
            planned = Some(Planned {
                after_days: follow_up.after_days,
                judgement: who.judgement(input, None, "planned"),
                task: follow_up.task,
            });
            json!({ "after_days": follow_up.after_days })
        }
        Ok(Some(_)) => "contract".into(),
    };
    Some(Own {
        findings,
        note,
        planned,
    })
}

/// The order in which findings stand: the worst first.
fn weight(severity: &str) -> u8 {
    match severity {
        "blocking" => 0,
        "warning" => 1,
        _ => 2,
    }
}

fn finding(finding: types::Finding) -> Finding {
    let severity = match finding.severity {
        types::Severity::Note => "note",
        types::Severity::Warning => "warning",
        types::Severity::Blocking => "blocking",
    };
    Finding {
        code: finding.code,
        severity: severity.to_owned(),
        span: finding.span.map(|span| (span.start, span.end)),
    }
}

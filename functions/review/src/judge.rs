//! Asking the handler what it finds.

use std::cell::OnceCell;

use case::event::Finding;
use case::{Case, EventData, State};
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
        _rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        let Some(answer) = case
            .answer
            .as_ref()
            .filter(|_| case.state == State::Answered)
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
        let checked = review::check(&inquiry, &text);
        let input = || json!({ "inquiry": inquiry, "answer": text });
        let asked: Asked<ReviewSaid> = department::ask(database, case, STAGE, input).await?;
        let own = own_findings(asked, text.body.chars().count());
        let step = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(review::describe()));
            decide(handler, &(inquiry, text), checked, own)
        });
        Ok(Outcome::Step(step))
    }
}

/// What follows from the handler's word; where it fails, the reviewer is told
/// that nobody looked.
fn decide(
    handler: &Handler,
    input: &(types::Inquiry, types::AnswerText),
    checked: Result<Vec<types::Finding>, types::Error>,
    own: Option<(Vec<Finding>, Json)>,
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
    if let Some((more, note)) = own {
        findings.extend(more);
        findings.sort_by_key(|finding: &Finding| weight(&finding.severity));
        if evidence.is_null() {
            evidence = json!({});
        }
        evidence["department"] = note;
    }
    Step::event(EventData::Examined {
        findings,
        judgement: handler.judgement(input, None, evidence),
    })
}

/// What the department's own handler found, and for the event which release it was; none where nobody was asked.
fn own_findings(asked: Asked<ReviewSaid>, length: usize) -> Option<(Vec<Finding>, Json)> {
    match asked {
        Asked::Nobody => None,
        Asked::Failed(Some(who), reason) => Some((Vec::new(), who.note(&reason))),
        Asked::Failed(None, reason) => Some((Vec::new(), json!({ "outcome": reason }))),
        Asked::Said(who, said) => Some(match said.findings {
            Err(_) => (Vec::new(), who.note("error")),
            Ok(said) => match department::findings(said, length) {
                Some(findings) => (findings, who.note("findings")),
                None => (Vec::new(), who.note("contract")),
            },
        }),
    }
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

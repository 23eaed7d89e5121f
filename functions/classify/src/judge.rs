//! Asking the handler.

use std::cell::OnceCell;

use case::{Case, EventData, State};
use serde_json::{Value as Json, json};
use store::Error;
use text::likeness::Matter;
use web::contract::{self, Handler};
use web::drain::{Outcome, Worker};
use web::rules::Rules;
use web::step::Step;
use web::{Context, Database};

use bindings::wenzheng::handlers::classify::{self, Abstention};

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/classify.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "classify-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Judges cases with the composed handler.
pub struct Judge;

impl Worker for Judge {
    async fn work(
        &self,
        _context: &Context,
        _database: &mut Database,
        rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        if case.state != State::Received || case.held.is_some() {
            return Ok(Outcome::Nothing);
        }
        let inquiry = contract::inquiry(case, original, Vec::new());
        let threshold = rules.policy.classify.threshold;
        let judged = classify::classify_inquiry(&inquiry, threshold);
        let step = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(classify::describe()));
            decide(handler, rules, &inquiry, threshold, judged)
        });
        Ok(Outcome::Step(Step {
            buckets: buckets(original),
            ..step
        }))
    }
}

/// What makes the case findable for others about the same matter. It is filed here and not where messages come in
/// one by one: its rows lie far apart, and a batch of cases writes many of them to the same pages.
fn buckets(original: &Json) -> Vec<i64> {
    let text = |field: &str| original[field].as_str().unwrap_or_default();
    Matter::of(text("subject"), text("body")).buckets()
}

/// What follows from the handler's word. A category that the district does
/// not have, and a handler that fails, are left to a person.
fn decide(
    handler: &Handler,
    rules: &Rules,
    inquiry: &contract::types::Inquiry,
    threshold: u16,
    judged: Result<classify::Classification, contract::types::Error>,
) -> Step {
    let input = (inquiry, threshold);
    let abstain = |reason: &str, evidence: Json| {
        let judgement = handler.judgement(&input, None, evidence);
        Step::event(EventData::ClassificationAbstained {
            reason: reason.to_owned(),
            judgement,
        })
    };
    let classification = match judged {
        Ok(classification) => classification,
        Err(error) => {
            return abstain(
                "handler-error",
                json!({ "error": contract::error_name(&error) }),
            );
        }
    };
    let ranked: Json = classification
        .ranked
        .iter()
        .map(|ranked| {
            json!({ "category": ranked.category, "confidence": ranked.confidence, "spans": ranked.evidence })
        })
        .collect();
    let evidence = json!({ "ranked": ranked });
    if let Some(abstention) = classification.abstained {
        return abstain(abstention_name(abstention), evidence);
    }
    match classification.ranked.into_iter().next() {
        Some(first) if rules.categories.contains_key(&first.category) => {
            let judgement = handler.judgement(&input, Some(first.confidence), evidence);
            Step::event(EventData::Classified {
                category: first.category,
                judgement: Some(judgement),
            })
            .then("route")
        }
        Some(_) => abstain("unknown-category", evidence),
        None => abstain("no-evidence", evidence),
    }
}

fn abstention_name(abstention: Abstention) -> &'static str {
    match abstention {
        Abstention::BelowThreshold => "below-threshold",
        Abstention::NoText => "no-text",
        Abstention::UnknownLanguage => "unknown-language",
        Abstention::NoEvidence => "no-evidence",
        Abstention::UnusualText => "unusual-text",
    }
}

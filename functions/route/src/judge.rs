//! Choosing candidates and asking the handler.

use std::cell::OnceCell;

use case::district::{Department, Role};
use case::{Case, EventData, State};
use serde_json::{Value as Json, json};
use store::Error;
use web::contract::{self, Handler};
use web::drain::{Outcome, Worker};
use web::rules::{self, Bodies, Rules};
use web::step::Step;
use web::{Context, Database};

use bindings::wenzheng::handlers::route::{self, Candidate, Responsibility};

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/route.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "route-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Routes cases with the composed handler.
pub struct Judge;

impl Worker for Judge {
    async fn work(
        &self,
        context: &Context,
        database: &mut Database,
        rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        if case.state != State::Classified || case.disputed {
            return Ok(Outcome::Nothing);
        }
        let bodies = rules::bodies(database, context.now).await?;
        let inquiry = contract::inquiry(case, original, Vec::new());
        let candidates = candidates(&bodies, &inquiry);
        let threshold = rules.policy.route.threshold;
        let judged = route::route_inquiry(&inquiry, &candidates, threshold);
        let step = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(route::describe()));
            // The candidates are the district's data: their identifiers say which they were.
            let offered: Vec<String> = candidates
                .into_iter()
                .map(|candidate| candidate.department)
                .collect();
            decide(handler, &bodies, &(inquiry, offered, threshold), judged)
        });
        Ok(Outcome::Step(step))
    }
}

/// The departments that the handler chooses from, nobody that could be meant
/// left out: which they are, is its judgement.
fn candidates(bodies: &Bodies, inquiry: &contract::types::Inquiry) -> Vec<Candidate> {
    let texts = [
        inquiry.subject.as_str(),
        inquiry.body.as_str(),
        inquiry.address.as_deref().unwrap_or_default(),
    ];
    let division = inquiry.division.as_deref();
    case::district::candidates(bodies.departments.values(), division, &texts)
        .into_iter()
        .map(candidate)
        .collect()
}

fn candidate(department: &Department) -> Candidate {
    Candidate {
        department: department.id.clone(),
        names: department.names().map(str::to_owned).collect(),
        division: department.division.clone(),
        duties: department.duties.clone(),
        responsibilities: department
            .responsibilities
            .iter()
            .map(|entry| Responsibility {
                id: entry.id.clone(),
                title: entry.title.clone(),
                basis: entry.basis.clone(),
                categories: entry.categories.clone(),
                lead: entry.role == Role::Lead,
            })
            .collect(),
    }
}

/// What follows from the handler's word. A department that does not exist,
/// and a handler that fails, are left to a person.
fn decide(
    handler: &Handler,
    bodies: &Bodies,
    input: &(contract::types::Inquiry, Vec<String>, u16),
    judged: Result<route::Routing, contract::types::Error>,
) -> Step {
    let person = |evidence: Json| {
        Step::event(EventData::RoutingAbstained {
            judgement: handler.judgement(input, None, evidence),
        })
    };
    let routing = match judged {
        Ok(routing) => routing,
        Err(error) => return person(json!({ "error": contract::error_name(&error) })),
    };
    let ranked: Json = routing
        .ranked
        .iter()
        .map(|ranked| {
            json!({
                "department": ranked.department,
                "confidence": ranked.confidence,
                "responsibility": ranked.responsibility,
                "reasons": ranked.reasons,
            })
        })
        .collect();
    let evidence = json!({ "ranked": ranked });
    let known = |id: &String| bodies.departments.contains_key(id);
    match routing.ranked.into_iter().next() {
        Some(first) if !routing.person_decides && known(&first.department) => {
            let co_handling = routing
                .co_handling
                .into_iter()
                .filter(|id| known(id) && *id != first.department)
                .collect();
            Step::event(EventData::Assigned {
                co_handling,
                responsibility: first.responsibility,
                judgement: Some(handler.judgement(input, Some(first.confidence), evidence)),
                department: first.department,
            })
            .then("answer")
        }
        _ => person(evidence),
    }
}

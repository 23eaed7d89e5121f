//! The stage survey: the citizen's word on the answer, and the statistics.
//!
//! - `POST /api/cases/{number}/rating`: five grades and solved or not, once
//!   for each answer; the handler judges what follows.
//! - `POST /api/cases/{number}/{closure-solved, closure-unsolved, reopening,
//!   reconsideration}`: what people decide afterwards.
//! - `GET /api/statistics`: the figures, each with its definition.

mod judge;
mod rating;
mod statistics;
mod wilson;

use case::{Action, EventData};
use http::Method;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::step::{self, Step};
use web::text::{self, Reasoned};
use web::{Answer, BODY_LIMIT, Context, Problem, Reply, view};

const STAGE: &str = "survey";

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (view::method(context), context.segments().as_slice()) {
        (&Method::GET, ["api", "statistics"]) => statistics::show(context).await,
        (&Method::POST, ["api", "cases", number, resource]) => {
            match Action::from_resource(resource) {
                Some(Action::Rate) => rating::rate(context, number).await,
                Some(
                    action @ (Action::CloseSolved
                    | Action::CloseUnsolved
                    | Action::Reopen
                    | Action::Reconsider),
                ) => decide(context, number, action).await,
                _ => Err(Problem::not_found()),
            }
        }
        (_, ["api", "statistics"]) => Err(context.method_not_allowed("GET, HEAD")),
        (_, ["api", "cases", _, _]) => Err(context.method_not_allowed("POST")),
        _ => Err(Problem::not_found()),
    }
}

/// What a person decides after the rating, or about a case that was not taken
/// on. A reopened case stands in its department's queue; one that is taken on
/// after all is classified.
async fn decide(context: &Context, number: &str, action: Action) -> Result<Reply, Problem> {
    let input: Reasoned = context.json()?;
    step::take(context, number, action, input.sequence, async |_, scene| {
        view::within_survey(scene.case, action, scene.actor, scene.rules, context.now)?;
        let reason = text::reason(scene.rules, &input.reason)?;
        let data = match action {
            Action::CloseSolved => EventData::ClosedSolved,
            Action::CloseUnsolved => EventData::ClosedUnsolved,
            Action::Reconsider => {
                return Ok(Step::with_document(EventData::Reconsidered, reason).then("classify"));
            }
            _ => EventData::Reopened,
        };
        Ok(Step::with_document(data, reason))
    })
    .await
}

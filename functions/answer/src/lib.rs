//! The stage answer: from the department's desk to its answer.
//!
//! - `POST /jobs` (private): drafts out of the knowledge base for cases that
//!   have come to a department.
//! - `POST /api/cases/{number}/{acceptance, question, reply, supplement,
//!   resumption, answer, extension-request, extension-grant,
//!   extension-refusal, supervision}`: department, citizen and supervisor.

mod actions;
mod judge;
mod opinion;

use case::Action;
use http::Method;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::{Answer, BODY_LIMIT, Context, Problem, Reply, drain};

const STAGE: &str = "answer";

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["jobs"]) => drain::run(STAGE, context, &judge::Judge).await,
        (&Method::POST, ["api", "cases", number, resource]) => {
            match Action::from_resource(resource)
                .filter(|action| action.transition().stage == STAGE)
            {
                Some(action) => actions::take(context, number, action).await,
                None => Err(Problem::not_found()),
            }
        }
        (_, ["jobs"] | ["api", "cases", _, _]) => Err(context.method_not_allowed("POST")),
        _ => Err(Problem::not_found()),
    }
}

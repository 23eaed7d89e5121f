//! The stage classify: what a case is about.
//!
//! - `POST /jobs` (private): works through the cases that intake took in.
//! - `POST /api/cases/{number}/classification`: staff decide or correct.
//!
//! What the handler is not sure of waits in the queue `classification`.

mod judge;

use case::{Action, EventData};
use http::Method;
use serde::Deserialize;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::step::{self, Step};
use web::{Answer, BODY_LIMIT, Context, Problem, Reply, drain};

const STAGE: &str = "classify";

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["jobs"]) => drain::run(STAGE, context, &judge::Judge).await,
        (&Method::POST, ["api", "cases", number, "classification"]) => {
            correct(context, number).await
        }
        (_, ["jobs"] | ["api", "cases", _, "classification"]) => {
            Err(context.method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found()),
    }
}

/// A category that a member of staff decides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classification {
    category: String,
    sequence: Option<u32>,
}

async fn correct(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Classification = context.json()?;
    step::take(
        context,
        number,
        Action::Classify,
        input.sequence,
        async |_, scene| {
            if !scene.rules.categories.contains_key(&input.category) {
                return Err(Problem::invalid("category", "category"));
            }
            Ok(Step::event(EventData::Classified {
                category: input.category.clone(),
                judgement: None,
            })
            .then("route"))
        },
    )
    .await
}

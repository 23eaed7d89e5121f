//! The stage review: no answer goes out that a second person has not approved.
//!
//! - `POST /jobs` (private): lets the handler look at new answers; what it
//!   finds is shown to the reviewer.
//! - `POST /api/cases/{number}/{approval, send-back}`: the reviewer decides.

mod judge;

use case::{Action, EventData};
use http::Method;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::step::{self, Step};
use web::text::{self, Plain, Reasoned};
use web::{Answer, BODY_LIMIT, Context, Problem, Reply, drain};

const STAGE: &str = "review";

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["jobs"]) => drain::run(STAGE, context, &judge::Judge).await,
        (&Method::POST, ["api", "cases", number, "approval"]) => approve(context, number).await,
        (&Method::POST, ["api", "cases", number, "send-back"]) => send_back(context, number).await,
        (_, ["jobs"] | ["api", "cases", _, "approval" | "send-back"]) => {
            Err(context.method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found()),
    }
}

async fn approve(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Plain = context.json_or_default()?;
    step::take(
        context,
        number,
        Action::Approve,
        input.sequence,
        async |_, _| Ok(Step::event(EventData::Approved).then("publish")),
    )
    .await
}

async fn send_back(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Reasoned = context.json()?;
    step::take(
        context,
        number,
        Action::SendBack,
        input.sequence,
        async |_, scene| {
            Ok(Step::with_document(
                EventData::SentBack,
                text::reason(scene.rules, &input.reason)?,
            ))
        },
    )
    .await
}

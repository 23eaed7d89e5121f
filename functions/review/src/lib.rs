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
use web::step;
use web::{Answer, BODY_LIMIT, Context, Problem, Reply, drain};

const STAGE: &str = "review";

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["jobs"]) => drain::run(STAGE, context, &judge::Judge).await,
        (&Method::POST, ["api", "cases", number, "approval"]) => {
            step::plain(
                context,
                number,
                Action::Approve,
                EventData::Approved,
                Some("publish"),
            )
            .await
        }
        (&Method::POST, ["api", "cases", number, "send-back"]) => {
            step::reasoned(context, number, Action::SendBack, EventData::SentBack).await
        }
        (_, ["jobs"] | ["api", "cases", _, "approval" | "send-back"]) => {
            Err(context.method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found()),
    }
}

//! The stage intake: a message becomes a case.
//!
//! - `POST /api/cases`: by citizens, by staff on a citizen's behalf, and by
//!   the adapters of channels;
//! - `POST /api/cases/{number}/…`: what may happen to a case before it is
//!   anybody's, and in an emergency.
//!
//! What looks like spam, or like one of the six lawful outcomes without
//! dispatch, waits in the queue `intake` for a person.

mod actions;
mod examine;
mod files;
mod message;
mod number;
mod receive;
mod repeat;
mod sender;

use case::Action;
use http::Method;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::{Answer, BODY_LIMIT, Context, Problem, Reply};

const STAGE: &str = "intake";

/// The longest body of a message in bytes: 9 MiB of files, which base64 makes
/// 12, and texts.
const MESSAGE_LIMIT: usize = 14 * 1024 * 1024;

#[http_service]
async fn handle(request: Request) -> Answer {
    let limit = if request.uri().path() == "/api/cases" {
        MESSAGE_LIMIT
    } else {
        BODY_LIMIT
    };
    web::serve(STAGE, limit, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["api", "cases"]) => receive::receive(context).await,
        (_, ["api", "cases"]) => Err(context.method_not_allowed("POST")),
        (method, ["api", "cases", number, resource]) => match Action::from_resource(resource) {
            Some(action) if action.transition().stage == STAGE && method == Method::POST => {
                actions::take(context, number, action).await
            }
            Some(action) if action.transition().stage == STAGE => {
                Err(context.method_not_allowed("POST"))
            }
            _ => Err(Problem::not_found()),
        },
        _ => Err(Problem::not_found()),
    }
}

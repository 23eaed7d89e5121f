//! What staff see.
//!
//! - `GET /api/desk/cases`: the queues, emergencies first, then by when things are due.
//! - `POST /api/desk/cases`: the cases of a telephone number, which comes in
//!   the body, for addresses are written to logs.
//! - `GET /api/desk/cases/{number}`: one case whole.
//! - `POST /api/desk/cases/{number}/contact`: its contact in the clear.
//! - `GET /api/desk/emergencies`: how many are open, for pages that watch.
//! - `GET /api/desk/follow-ups`: what departments have to do after their answers.
//! - `GET /api/desk/templates`, `PUT`, `DELETE /api/desk/templates/{id}`:
//!   templates of answers.
//! - `GET /api/desk/hot-issues`: matters that many write about.
//! - `GET /api/desk/dead-letters`, `POST /api/desk/dead-letters/{stage}/{number}`:
//!   jobs that failed for good, and one more try.

mod alike;
mod beginning;
mod contact;
mod emergencies;
mod follow_ups;
mod letters;
mod list;
mod phone;
mod templates;
mod whole;

use http::Method;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::{Answer, BODY_LIMIT, Context, Problem, Reply, view};

const STAGE: &str = "desk";

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (view::method(context), context.segments().as_slice()) {
        (&Method::GET, ["api", "desk", "cases"]) => list::show(context).await,
        (&Method::POST, ["api", "desk", "cases"]) => phone::find(context).await,
        (&Method::GET, ["api", "desk", "cases", number]) => whole::show(context, number).await,
        (&Method::POST, ["api", "desk", "cases", number, "contact"]) => {
            contact::show(context, number).await
        }
        (&Method::GET, ["api", "desk", "emergencies"]) => emergencies::show(context).await,
        (&Method::GET, ["api", "desk", "follow-ups"]) => follow_ups::show(context).await,
        (&Method::GET, ["api", "desk", "templates"]) => templates::list(context).await,
        (&Method::PUT, ["api", "desk", "templates", id]) => templates::put(context, id).await,
        (&Method::DELETE, ["api", "desk", "templates", id]) => templates::delete(context, id).await,
        (_, ["api", "desk", "templates", _]) => Err(context.method_not_allowed("PUT, DELETE")),
        (&Method::GET, ["api", "desk", "hot-issues"]) => alike::hot(context).await,
        (&Method::GET, ["api", "desk", "dead-letters"]) => letters::list(context).await,
        (&Method::POST, ["api", "desk", "dead-letters", stage, number]) => {
            letters::revive(context, stage, number).await
        }
        (_, ["api", "desk", "cases"]) => Err(context.method_not_allowed("GET, HEAD, POST")),
        (
            _,
            ["api", "desk", "cases", _]
            | ["api", "desk", "dead-letters"]
            | [
                "api",
                "desk",
                "hot-issues" | "emergencies" | "follow-ups" | "templates",
            ],
        ) => Err(context.method_not_allowed("GET, HEAD")),
        (_, ["api", "desk", "cases", _, "contact"] | ["api", "desk", "dead-letters", _, _]) => {
            Err(context.method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found()),
    }
}

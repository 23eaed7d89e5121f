//! The stage publish: the public copy, and everything that the public reads.
//!
//! - `POST /jobs` (private): makes the public copies of approved answers.
//! - `POST /api/cases/{number}/retraction`: takes a copy off at once.
//! - `GET /api/cases/{number}`: the citizen's own page with the query code,
//!   the public copy without it.
//! - `GET /api/cases/{number}/attachments/{position}`: a file, for the citizen
//!   and for staff who see the case.
//! - `GET /api/publications` and `.atom`, `/api/knowledge`, `/api/district`,
//!   `/api/lifecycle.json`, `/api/openapi.json`.
//! - `POST /api/similar`: articles and published cases that are like a message
//!   before it is sent; `POST /api/preview`: how it would stand in public.

mod atom;
mod attachments;
mod district;
mod judge;
mod knowledge;
mod listing;
mod mine;
mod preview;
mod public;
mod similar;
mod texts;
mod unsent;

use case::{Action, EventData};
use http::{Method, StatusCode};
use spin_sdk::http::Request;
use spin_sdk::http_service;
use store::publications;
use web::identity::QUERY_CODE;
use web::step::{self, Step};
use web::text::{self, Plain, Reasoned};
use web::{Answer, BODY_LIMIT, Context, Database, Problem, Reply, drain, view};

const STAGE: &str = "publish";

/// Seconds for which the API's description may be kept.
const KEEP_DESCRIPTION: u32 = 3600;

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (view::method(context), context.segments().as_slice()) {
        (&Method::POST, ["jobs"]) => drain::run(STAGE, context, &judge::Judge).await,
        (&Method::GET, ["api", "cases", number]) => match context.header(QUERY_CODE) {
            Some(_) => mine::show(context, number).await,
            None => public::show(context, number).await,
        },
        (&Method::GET, ["api", "cases", number, "attachments", position]) => {
            attachments::show(context, number, position).await
        }
        (&Method::POST, ["api", "cases", number, "publication"]) => publish(context, number).await,
        (&Method::POST, ["api", "cases", number, "retraction"]) => retract(context, number).await,
        (&Method::POST, ["api", "desk", "cases", number, "copy"]) => {
            preview::show(context, number).await
        }
        (&Method::GET, ["api", "publications"]) => listing::list(context).await,
        (&Method::GET, ["api", "publications.atom"]) => atom::feed(context).await,
        (&Method::GET, ["api", "knowledge"]) => knowledge::list(context).await,
        (&Method::GET, ["api", "knowledge", article]) => knowledge::article(context, article).await,
        (&Method::POST, ["api", "similar"]) => similar::show(context).await,
        (&Method::POST, ["api", "preview"]) => unsent::show(context).await,
        (&Method::GET, ["api", "district"]) => district::show(context).await,
        (&Method::GET, ["api", "lifecycle.json"]) => district::lifecycle(context),
        (&Method::GET, ["api", "openapi.json"]) => {
            let body = openapi::document().to_string();
            Ok(
                Reply::bytes(StatusCode::OK, "application/json; charset=utf-8", body)
                    .cacheable(context, KEEP_DESCRIPTION),
            )
        }
        (
            _,
            ["jobs"]
            | ["api", "similar" | "preview"]
            | ["api", "cases", _, "publication" | "retraction"]
            | ["api", "desk", "cases", _, "copy"],
        ) => Err(context.method_not_allowed("POST")),
        (
            _,
            ["api", "cases", _]
            | ["api", "cases", _, "attachments", _]
            | [
                "api",
                "publications" | "publications.atom" | "knowledge" | "district" | "lifecycle.json"
                | "openapi.json",
            ]
            | ["api", "knowledge", _],
        ) => Err(context.method_not_allowed("GET, HEAD")),
        _ => Err(Problem::not_found()),
    }
}

/// Publishing is the pipeline's own: the table gives it to nobody who can
/// come this way.
async fn publish(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Plain = context.json_or_default()?;
    step::take(
        context,
        number,
        Action::Publish,
        input.sequence,
        async |_, _| Err(Problem::forbidden()),
    )
    .await
}

async fn retract(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Reasoned = context.json()?;
    step::take_holding(
        context,
        number,
        Action::Retract,
        input.sequence,
        async |database: &mut Database, scene| {
            let reason = text::reason(scene.rules, &input.reason)?;
            publications::retract(database, number).await?;
            Ok(Step::with_document(EventData::Retracted, reason))
        },
    )
    .await
}

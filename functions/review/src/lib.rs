//! The stage review: no answer goes out that a second person has not approved.
//!
//! - `POST /jobs` (private): lets the handler look at new answers; what it
//!   finds is shown to the reviewer.
//! - `POST /api/cases/{number}/{approval, send-back}`: the reviewer decides.
//!   With the approval, what the department's handler wants to follow is planned.
//! - `POST /api/cases/{number}/follow-up`: the department has done it.

mod judge;

use case::{Action, Case, EventData};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use store::cases;
use web::step::{self, Step};
use web::text::Checks;
use web::{Answer, BODY_LIMIT, Context, Database, Problem, Reply, drain};

const STAGE: &str = "review";

/// An approval.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// Phrases that the public copy must not show, beside what is found to be
    /// personal anyway.
    #[serde(default)]
    cuts: Vec<String>,
    /// The sequence of the case that the reviewer has seen.
    sequence: Option<u32>,
}

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve(STAGE, BODY_LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (&context.method, context.segments().as_slice()) {
        (&Method::POST, ["jobs"]) => drain::run(STAGE, context, &judge::Judge).await,
        (&Method::POST, ["api", "cases", number, "approval"]) => approve(context, number).await,
        (&Method::POST, ["api", "cases", number, "send-back"]) => {
            step::reasoned(context, number, Action::SendBack, EventData::SentBack).await
        }
        (&Method::POST, ["api", "cases", number, "follow-up"]) => {
            step::reasoned(context, number, Action::FollowUp, EventData::FollowedUp).await
        }
        (_, ["jobs"] | ["api", "cases", _, "approval" | "send-back" | "follow-up"]) => {
            Err(context.method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found()),
    }
}

/// What the department's handler wanted to follow when the answer was examined.
async fn planned(database: &mut Database, case: &Case) -> Result<Option<judge::Planned>, Problem> {
    let Some(sequence) = case.examined else {
        return Ok(None);
    };
    let document = cases::document(database, &case.number, sequence).await?;
    Ok(document.and_then(|document| serde_json::from_value(document["follow_up"].clone()).ok()))
}

/// The reviewer approves; what else is to be cut goes into the document of the event.
async fn approve(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Approval = context.json_or_default()?;
    step::take(
        context,
        number,
        Action::Approve,
        input.sequence,
        async |database, scene| {
            let mut checks = Checks::default();
            let max = scene.rules.limits.text.reason_max_chars;
            checks.phrases("cuts", &input.cuts, max);
            checks.finish()?;
            let document = json!({ "cuts": input.cuts });
            let mut step = match input.cuts.is_empty() {
                true => Step::event(EventData::Approved),
                false => Step::with_document(EventData::Approved, document),
            };
            if let Some(planned) = planned(database, scene.case).await? {
                let (data, document) = planned.event();
                step.events.push((data, Some(document)));
            }
            Ok(step.then("publish"))
        },
    )
    .await
}

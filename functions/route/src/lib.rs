//! The stage route: whose a case is.
//!
//! - `POST /jobs` (private): works through the cases that have a category.
//! - `POST /api/cases/{number}/{assignment, transfer, return, adjudication,
//!   co-handling}`: staff decide, departments send back once.

mod judge;

use case::{Action, Actor, EventData};
use http::Method;
use serde::Deserialize;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::step::{self, Step};
use web::{Answer, BODY_LIMIT, Context, Database, Problem, Reply, drain, rules, text};

const STAGE: &str = "route";

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
                Some(Action::Return) => send_back(context, number).await,
                Some(action) => decide(context, number, action).await,
                None => Err(Problem::not_found()),
            }
        }
        (_, ["jobs"] | ["api", "cases", _, _]) => Err(context.method_not_allowed("POST")),
        _ => Err(Problem::not_found()),
    }
}

/// A department that a member of staff decides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    department: String,
    #[serde(default)]
    co_handling: Vec<String>,
    reason: Option<String>,
    sequence: Option<u32>,
}

/// Departments that may take part in a case from its assignment on.
const MAX_CO_HANDLING: usize = 20;

async fn decide(context: &Context, number: &str, action: Action) -> Result<Reply, Problem> {
    let input: Decision = context.json()?;
    if action != Action::Assign && !input.co_handling.is_empty() {
        return Err(Problem::invalid("co_handling", "unknown-field"));
    }
    let mut checks = text::Checks::default();
    if input.co_handling.len() > MAX_CO_HANDLING {
        checks.add(
            "co_handling",
            "too-many-items",
            Some(MAX_CO_HANDLING as u64),
        );
    }
    checks.finish()?;
    step::take(
        context,
        number,
        action,
        input.sequence,
        async |database: &mut Database, scene| {
            let bodies = rules::bodies(database, context.now).await?;
            for (index, id) in input.co_handling.iter().enumerate() {
                let twice = *id == input.department || input.co_handling[..index].contains(id);
                if twice || !bodies.departments.contains_key(id) {
                    return Err(Problem::invalid(
                        format!("co_handling[{index}]"),
                        "department",
                    ));
                }
            }
            if !bodies.departments.contains_key(&input.department) {
                return Err(Problem::invalid("department", "department"));
            }
            let reason = match &input.reason {
                Some(reason) => Some(text::reason(scene.rules, reason)?),
                None if action.transition().reason => {
                    return Err(Problem::invalid("reason", "required"));
                }
                None => None,
            };
            let department = input.department.clone();
            let data = match action {
                Action::Assign => EventData::Assigned {
                    department,
                    co_handling: input.co_handling.clone(),
                    responsibility: None,
                    judgement: None,
                },
                Action::Transfer => EventData::Transferred { department },
                Action::Adjudicate => EventData::Adjudicated { department },
                _ => EventData::CoHandlingAdded { department },
            };
            let next = (action != Action::CoHandle).then_some("answer");
            Ok(Step {
                events: vec![(data, reason)],
                next,
                ..Step::default()
            })
        },
    )
    .await
}

/// A department sends a case back (退单): the centre adjudicates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {
    reason: String,
    /// The rule by which it is not theirs.
    basis: String,
    /// The department that it belongs to.
    suggested: Option<String>,
    sequence: Option<u32>,
}

async fn send_back(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Return = context.json()?;
    step::take(
        context,
        number,
        Action::Return,
        input.sequence,
        async |database: &mut Database, scene| {
            let bodies = rules::bodies(database, context.now).await?;
            if input
                .suggested
                .as_ref()
                .is_some_and(|id| !bodies.departments.contains_key(id))
            {
                return Err(Problem::invalid("suggested", "department"));
            }
            let max = scene.rules.limits.text.reason_max_chars;
            let mut document = text::reason(scene.rules, &input.reason)?;
            document["basis"] = text::document("basis", &input.basis, max)?["text"].take();
            let department = match scene.actor {
                Actor::Staff {
                    department: Some(department),
                    ..
                } => department.clone(),
                _ => return Err(Problem::forbidden()),
            };
            Ok(Step::with_document(
                EventData::Returned {
                    department,
                    suggested: input.suggested.clone(),
                },
                document,
            ))
        },
    )
    .await
}

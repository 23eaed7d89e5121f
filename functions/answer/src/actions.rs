//! What people do to a case between its assignment and its answer.

use case::deadline::{Duty, ExtensionError};
use case::district::{TimeLimit, TimeUnit};
use case::{Action, Actor, Case, EventData};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::cases;
use web::rules::Rules;
use web::step::{self, Scene, Step};
use web::text::{self, Checks};
use web::{Context, Database, Problem, Reply};

/// Longest extension that can be asked for at once, in working days; the rule
/// of the case may allow less.
const MAX_EXTENSION: u16 = 60;

/// Takes one of the actions of this stage.
pub async fn take(context: &Context, number: &str, action: Action) -> Result<Reply, Problem> {
    match action {
        Action::Accept => step::plain(context, number, action, EventData::Accepted, None).await,
        Action::Ask => written(context, number, action).await,
        Action::Reply => written(context, number, action).await,
        Action::Supplement => written(context, number, action).await,
        Action::Resume => step::reasoned(context, number, action, EventData::Resumed).await,
        Action::RefuseExtension => {
            step::reasoned(context, number, action, EventData::ExtensionRefused).await
        }
        Action::Supervise => step::reasoned(context, number, action, EventData::Supervised).await,
        Action::Answer => answer(context, number).await,
        Action::RequestExtension => request_extension(context, number).await,
        Action::GrantExtension => grant_extension(context, number).await,
        _ => Err(Problem::not_found()),
    }
}

/// A question to the citizen, or facts from the citizen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: String,
    sequence: Option<u32>,
}

async fn written(context: &Context, number: &str, action: Action) -> Result<Reply, Problem> {
    let input: Written = context.json()?;
    step::take(context, number, action, input.sequence, async |_, scene| {
        let limits = &scene.rules.limits.text;
        let (data, max) = match action {
            Action::Ask => (EventData::Asked, limits.question_max_chars),
            Action::Reply => (EventData::Replied, limits.supplement_max_chars),
            _ => (EventData::Supplemented, limits.supplement_max_chars),
        };
        if action == Action::Supplement
            && u32::from(scene.case.supplements) >= limits.supplements_max
        {
            return Err(Problem::too_many(86_400));
        }
        Ok(Step::with_document(
            data,
            text::document("text", &input.text, max)?,
        ))
    })
    .await
}

/// An answer, written or taken over from the draft.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// The answer; may be left out when the draft is adopted as it is.
    text: Option<String>,
    #[serde(default)]
    adopt_draft: bool,
    #[serde(default)]
    basis: Vec<String>,
    contact: Option<String>,
    sequence: Option<u32>,
}

/// Laws and rules that one answer may name.
const MAX_BASIS: usize = 20;

async fn answer(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: Answer = context.json()?;
    step::take(
        context,
        number,
        Action::Answer,
        input.sequence,
        async |database: &mut Database, scene| {
            let document = answer_document(database, &scene, &input).await?;
            let adopted = input.adopt_draft && input.text.is_none();
            let department = match scene.actor {
                Actor::Staff {
                    department: Some(department),
                    ..
                } => department.clone(),
                _ => scene.rules.identity.centre.clone(),
            };
            let self_answered =
                adopted && scene.case.self_answer && department == scene.rules.identity.centre;
            Ok(Step::with_document(
                EventData::Answered {
                    department,
                    adopted,
                    self_answered,
                },
                document,
            )
            .then("review"))
        },
    )
    .await
}

async fn answer_document(
    database: &mut Database,
    scene: &Scene<'_>,
    input: &Answer,
) -> Result<Json, Problem> {
    let limits = &scene.rules.limits.text;
    let mut document = match (&input.text, input.adopt_draft, scene.case.draft) {
        (Some(text), _, _) => text::document("text", text, limits.answer_max_chars)?,
        (None, true, Some(sequence)) => {
            let draft = cases::document(database, &scene.case.number, sequence).await?;
            let draft = draft.ok_or_else(|| Problem::internal("the draft has no document"))?;
            json!({ "text": draft["text"] })
        }
        (None, true, None) => return Err(Problem::invalid("adopt_draft", "unknown-value")),
        (None, false, _) => return Err(Problem::invalid("text", "required")),
    };
    let mut checks = Checks::default();
    if input.basis.len() > MAX_BASIS {
        checks.add("basis", "too-many-items", Some(MAX_BASIS as u64));
    }
    for (index, basis) in input.basis.iter().enumerate() {
        checks.required(
            &format!("basis[{index}]"),
            basis,
            limits.reason_max_chars,
            false,
        );
    }
    if let Some(contact) = &input.contact {
        checks.required("contact", contact, limits.reason_max_chars, false);
    }
    checks.finish()?;
    document["basis"] = json!(input.basis);
    document["contact"] = json!(input.contact);
    Ok(document)
}

/// A request for more time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionRequest {
    working_days: u16,
    reason: String,
    sequence: Option<u32>,
}

async fn request_extension(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: ExtensionRequest = context.json()?;
    if !(1..=MAX_EXTENSION).contains(&input.working_days) {
        return Err(Problem::invalid("working_days", "range"));
    }
    step::take(
        context,
        number,
        Action::RequestExtension,
        input.sequence,
        async |_, scene| {
            check_extension(context, scene.rules, scene.case, input.working_days)?;
            let document = text::reason(scene.rules, &input.reason)?;
            Ok(Step::with_document(
                EventData::ExtensionRequested {
                    working_days: input.working_days,
                },
                document,
            ))
        },
    )
    .await
}

/// What a supervisor grants: what was asked for, or less.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionGrant {
    working_days: Option<u16>,
    sequence: Option<u32>,
}

async fn grant_extension(context: &Context, number: &str) -> Result<Reply, Problem> {
    let input: ExtensionGrant = context.json_or_default()?;
    step::take(
        context,
        number,
        Action::GrantExtension,
        input.sequence,
        async |_, scene| {
            let asked = scene.case.extension.pending.unwrap_or_default();
            let working_days = input.working_days.unwrap_or(asked);
            if !(1..=asked).contains(&working_days) {
                return Err(Problem::invalid("working_days", "range"));
            }
            Ok(Step::event(EventData::ExtensionGranted { working_days }))
        },
    )
    .await
}

/// Whether the rule of the case and the time allow `working_days` more.
fn check_extension(
    context: &Context,
    rules: &Rules,
    case: &Case,
    working_days: u16,
) -> Result<(), Problem> {
    let basis = step::basis(rules);
    let more = TimeLimit {
        amount: working_days.into(),
        unit: TimeUnit::WorkingDay,
    };
    match case.extended(Duty::Answer, more, context.now, &basis) {
        // No rule, no deadline: there is nothing to extend.
        None | Some(Err(ExtensionError::NotExtendable)) => Err(Problem::conflict("not-extendable")),
        Some(Err(ExtensionError::Overdue { .. })) => Err(Problem::conflict("extension-late")),
        Some(Err(ExtensionError::TooLong { .. })) => Err(Problem::invalid("working_days", "range")),
        Some(Ok(_)) => Ok(()),
    }
}

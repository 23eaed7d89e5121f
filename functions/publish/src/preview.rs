//! The public copy before there is one, as whoever decides on it sees it.

use serde::Deserialize;
use serde_json::json;
use store::{cases, openings};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, contract, identity, rules, sight, view};

use crate::judge::bindings::wenzheng::handlers::publish;
use crate::texts::{Texts, cuts, personal, spans};

/// What else is to be cut.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    cuts: Vec<String>,
}

/// `POST /api/desk/cases/{number}/copy`: the copy that the handler would make
/// now, with `cuts` beside what is found to be personal. Nothing is kept of it.
pub async fn show(context: &Context, number: &str) -> Result<Reply, Problem> {
    let wanted: Wanted = context.json_or_default()?;
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &sight::ROLES).await?;
    let rules = rules::rules(database, context.now).await?;
    let mut checks = Checks::default();
    checks.phrases("cuts", &wanted.cuts, rules.limits.text.reason_max_chars);
    checks.finish()?;
    let case = cases::load(database, number)
        .await?
        .ok_or_else(Problem::not_found)?;
    sight::of(&account, &case).ok_or_else(Problem::not_found)?;
    openings::record(database, number, &account.id, account.role, context.now.0).await?;
    let documents = cases::documents_of(database, &case).await?;
    let document = |sequence| {
        view::document_of(&documents, sequence)
            .cloned()
            .unwrap_or_default()
    };
    let original = document(1);
    let answer = case
        .answer
        .as_ref()
        .map(|answer| document(answer.sequence))
        .unwrap_or_default();
    let personal = personal(database, &case, &original, wanted.cuts).await?;
    let texts = Texts::of(database, &case, &original, &answer).await?;
    let spans = spans(&original)
        .ok_or_else(|| Problem::internal("the marks of personal data cannot be read"))?;
    let copy = publish::redact(&texts.passages(), &spans, &personal)
        .map_err(|error| Problem::internal(format!("handler: {}", contract::error_name(&error))))?;
    let public = Texts::of_copy(&copy, &texts)
        .ok_or_else(|| Problem::internal("handler: not the passages that it was given"))?;
    let mut body = public.document();
    body["number"] = json!(number);
    body["sequence"] = json!(case.sequence);
    body["cuts"] = cuts(&copy);
    Ok(Reply::ok(&body))
}

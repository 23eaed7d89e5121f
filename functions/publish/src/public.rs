//! The public page of a case, made of its public copy and the public columns
//! of its events.

use case::{Event, EventData};
use serde_json::{Value as Json, json};
use store::{cases, publications};
use web::language::Language;
use web::rules::{self, Bodies, Rules};
use web::{Context, Database, Problem, Reply, catalogue, view};

/// Seconds for which a page may be kept: a copy that is taken off is gone
/// everywhere soon after.
const KEEP: u32 = 30;

/// Members of the copy that are shown as they are.
const PLAIN: [&str; 13] = [
    "number",
    "kind",
    "language",
    "channel",
    "category",
    "department",
    "division",
    "self_answered",
    "subject",
    "body",
    "supplements",
    "answer",
    "basis",
];

/// Answers the request. A case without a public copy is 404, the same as one
/// that does not exist.
pub async fn show(context: &Context, number: &str) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let copy = publications::get(&mut database, number)
        .await?
        .ok_or_else(Problem::not_found)?;
    let history = cases::history(&mut database, number).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let body = page(&copy, &history, &rules, &bodies, context.language);
    Ok(Reply::ok(&body).cacheable(context, KEEP))
}

fn page(
    copy: &Json,
    history: &[Event],
    rules: &Rules,
    bodies: &Bodies,
    language: Language,
) -> Json {
    let mut page = json!({ "visibility": "public" });
    for name in PLAIN {
        page[name] = copy[name].clone();
    }
    page["answer_contact"] = copy["answer_contact"].clone();
    for name in ["received_at", "answered_at", "published_at"] {
        page[name] = view::time_of(copy[name].as_i64(), rules.offset);
    }
    page["kind_name"] = catalogue::name(copy["kind"].as_str().unwrap_or_default(), language).into();
    page["department_name"] = view::department(
        bodies,
        copy["department"].as_str().unwrap_or_default(),
        language,
    )
    .into();
    page["category_name"] = copy["category"]
        .as_str()
        .map_or(Json::Null, |id| view::category(rules, id, language).into());
    page["rating"] = rating(history);
    page["timeline"] = view::timeline(history, rules, bodies, language, |_| None);
    page
}

/// The rating of the answer that stands: grade and solved, without words.
pub fn rating(history: &[Event]) -> Json {
    let last = history.iter().rev().find_map(|event| match &event.data {
        EventData::Rated { grade, solved, .. } => Some(json!({ "grade": grade, "solved": solved })),
        EventData::Published { .. } => Some(Json::Null),
        _ => None,
    });
    last.unwrap_or_default()
}

//! What a form and a page need to know of the district, and the life-cycle.

use case::State;
use case::event::{CaseKind, Grade};
use case::lifecycle::TABLE;
use serde::Serialize;
use serde_json::{Value as Json, json};
use web::catalogue;
use web::language::Language;
use web::rules::{self, Bodies, Rules};
use web::{Context, Database, Problem, Reply};

/// Seconds for which answers may be kept.
const KEEP: u32 = 300;

const KINDS: [CaseKind; 5] = [
    CaseKind::Complaint,
    CaseKind::Consultation,
    CaseKind::Help,
    CaseKind::Report,
    CaseKind::Suggestion,
];

const GRADES: [Grade; 5] = [
    Grade::VeryDissatisfied,
    Grade::Dissatisfied,
    Grade::FairlySatisfied,
    Grade::Satisfied,
    Grade::VerySatisfied,
];

/// `GET /api/district`.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    Ok(Reply::ok(&body(&rules, &bodies)).cacheable(context, KEEP))
}

fn body(rules: &Rules, bodies: &Bodies) -> Json {
    let identity = &rules.identity;
    let departments: Vec<Json> = bodies
        .departments
        .values()
        .map(|department| {
            json!({
                "id": department.id,
                "name": department.name,
                "short": department.short,
                "name_en": department.name_en,
                "kind": department.kind,
                "division": department.division,
                "phone": department.phone,
            })
        })
        .collect();
    let divisions: Vec<Json> = bodies
        .divisions
        .iter()
        .map(|division| {
            json!({
                "id": division.id,
                "name": division.name,
                "name_en": division.name_en,
                "kind": division.kind,
                "department": division.department,
            })
        })
        .collect();
    let categories: Vec<Json> = rules
        .categories
        .values()
        .map(|category| {
            json!({
                "id": category.id,
                "name": category.name,
                "name_en": category.name_en,
                "parent": category.parent,
                "kinds": category.kinds,
            })
        })
        .collect();
    let text = &rules.limits.text;
    let files = &rules.limits.attachments;
    json!({
        "id": identity.id,
        "name": identity.name,
        "name_en": identity.name_en,
        "phone": identity.phone,
        "centre": identity.centre,
        "time_zone_minutes": identity.time_zone_minutes,
        "divisions": divisions,
        "departments": departments,
        "categories": categories,
        "channels": bodies.channels,
        "kinds": KINDS.map(|kind| named(&kind)),
        "grades": GRADES.map(|grade| named(&grade)),
        "limits": {
            "subject_max_chars": text.subject_max_chars,
            "body_max_chars": text.body_max_chars,
            "address_max_chars": text.address_max_chars,
            "name_max_chars": text.name_max_chars,
            "phone_max_chars": text.phone_max_chars,
            "email_max_chars": text.email_max_chars,
            "supplement_max_chars": text.supplement_max_chars,
            "comment_max_chars": text.comment_max_chars,
            "search_max_chars": text.search_max_chars,
            "attachments": {
                "max_files": files.max_files,
                "max_bytes": files.max_bytes,
                "total_bytes": files.total_bytes,
                "media_types": files.media_types,
            },
        },
        "consent": {
            "publish": { "text": catalogue::CONSENT_TO_PUBLISH[0], "text_en": catalogue::CONSENT_TO_PUBLISH[1] },
        },
    })
}

/// An identifier with its name in both languages.
fn named(id: &impl Serialize) -> Json {
    let id = serde_json::to_value(id).unwrap_or_default();
    let name = |language| catalogue::name(id.as_str().unwrap_or_default(), language).to_owned();
    json!({ "id": id, "name": name(Language::Chinese), "name_en": name(Language::English) })
}

/// `GET /api/lifecycle.json`: the table itself.
pub fn lifecycle(context: &Context) -> Result<Reply, Problem> {
    let states: Vec<Json> = State::ALL
        .iter()
        .map(|state| {
            json!({
                "name": state.name(),
                "family": state.family(),
                "title": catalogue::state(state.name(), Language::Chinese),
                "title_en": catalogue::state(state.name(), Language::English),
            })
        })
        .collect();
    Ok(Reply::ok(&json!({ "states": states, "transitions": TABLE })).cacheable(context, KEEP))
}

//! The knowledge base for the public.

use case::district::{Article, Class};
use serde_json::{Value as Json, json};
use store::{articles, settings};
use web::rules::{self, Bodies};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, view};

/// Articles that a search shows.
const FOUND: u32 = 20;

/// Seconds for which answers may be kept.
const KEEP: u32 = 60;

/// `GET /api/knowledge`: all articles, those of a class, or what a search finds.
pub async fn list(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let classes: Vec<Class> = settings::load(&mut database, "classes")
        .await?
        .unwrap_or_default();
    let class = context.parameter("class");
    let query = context.parameter("q");
    let mut checks = Checks::default();
    checks.text(
        "q",
        query.unwrap_or_default(),
        rules.limits.text.search_max_chars,
        false,
    );
    if class.is_some_and(|id| classes.iter().all(|class| class.id != id)) {
        checks.add("class", "unknown-value", None);
    }
    checks.finish()?;
    let mut found = match query {
        Some(query) => articles::search_summaries(&mut database, query, FOUND).await?,
        None => articles::list(&mut database, class).await?,
    };
    if let Some(class) = class {
        found.retain(|summary| summary["class"] == class);
    }
    let today = context.now.date(rules.offset).to_string();
    let items: Vec<Json> = found
        .into_iter()
        .map(|summary| item(summary, &bodies, context, &today))
        .collect();
    Ok(Reply::ok(&json!({ "classes": classes, "items": items })).cacheable(context, KEEP))
}

/// One row of a list in the caller's language.
pub fn item(mut summary: Json, bodies: &Bodies, context: &Context, today: &str) -> Json {
    let department = summary["department"].as_str().unwrap_or_default();
    let name = view::department(bodies, department, context.language).to_owned();
    let stale = summary["review_by"]
        .as_str()
        .is_some_and(|date| date < today);
    summary["department_name"] = name.into();
    summary["stale"] = stale.into();
    summary
}

/// `GET /api/knowledge/{article}`.
pub async fn article(context: &Context, id: &str) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let article = articles::get(&mut database, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let today = context.now.date(rules.offset).to_string();
    Ok(Reply::ok(&whole(&article, &bodies, context, &today)).cacheable(context, KEEP))
}

fn whole(article: &Article, bodies: &Bodies, context: &Context, today: &str) -> Json {
    json!({
        "id": article.id,
        "class": article.class,
        "title": article.title,
        "title_en": article.title_en,
        "questions": article.questions,
        "body": article.body,
        "body_en": article.body_en,
        "basis": article.basis,
        "category": article.category,
        "department": article.department,
        "department_name": view::department(bodies, &article.department, context.language),
        "updated": article.updated,
        "review_by": article.review_by,
        "stale": article.review_by.as_str() < today,
    })
}

//! The list of public copies, and the search in it.

use case::time::Date;
use serde_json::{Value as Json, json};
use store::publications::{self, Filter, Listed};
use web::language::Language;
use web::rules::{self, Bodies, Rules};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, catalogue, view};

/// Publications of a page when nothing is asked for, and at most.
const PAGE: (u32, u32) = (20, 100);

/// Seconds for which a page may be kept.
const KEEP: u32 = 10;

/// What was asked for, checked.
pub struct Query {
    phrases: Vec<Vec<String>>,
    department: Option<String>,
    category: Option<String>,
    kind: Option<String>,
    division: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    before: Option<i64>,
}

impl Query {
    /// Reads the query and says all that is wrong with it.
    pub fn read(context: &Context, rules: &Rules, bodies: &Bodies) -> Result<Query, Problem> {
        let mut checks = Checks::default();
        let text = |name: &str| context.parameter(name).map(str::to_owned);
        let words = text("q").unwrap_or_default();
        checks.text("q", &words, rules.limits.text.search_max_chars, false);
        let (department, category, kind, division) = (
            text("department"),
            text("category"),
            text("kind"),
            text("division"),
        );
        let mut known = |name: &str,
                         code: &'static str,
                         value: &Option<String>,
                         known: &dyn Fn(&str) -> bool| {
            if value.as_deref().is_some_and(|value| !known(value)) {
                checks.add(name, code, None);
            }
        };
        known("department", "department", &department, &|id| {
            bodies.departments.contains_key(id)
        });
        known("category", "category", &category, &|id| {
            rules.categories.contains_key(id)
        });
        known("kind", "unknown-value", &kind, &is_kind);
        known("division", "unknown-value", &division, &|id| {
            bodies.divisions.iter().any(|other| other.id == id)
        });
        let mut date = |name: &str| {
            let parsed: Option<Result<Date, _>> = context.parameter(name).map(str::parse);
            match parsed {
                Some(Err(_)) => {
                    checks.add(name, "date", None);
                    None
                }
                Some(Ok(date)) => Some(date),
                None => None,
            }
        };
        let (from, to) = (date("from"), date("to"));
        let before = context.parameter("cursor").map(str::parse::<i64>);
        if matches!(before, Some(Err(_))) {
            checks.add("cursor", "cursor", None);
        }
        checks.finish()?;
        Ok(Query {
            phrases: text::query_terms(&words),
            department,
            category,
            kind,
            division,
            from: from.map(|date| date.start(rules.offset).0),
            to: to.map(|date| date.end(rules.offset).0),
            before: before.and_then(Result::ok),
        })
    }

    /// One page of what was asked for. A search for nothing that could be
    /// found, such as a lone comma, finds nothing.
    pub async fn page(
        &self,
        context: &Context,
        database: &mut Database,
        limit: u32,
    ) -> Result<Vec<Listed>, Problem> {
        if self.phrases.is_empty() && context.parameter("q").is_some() {
            return Ok(Vec::new());
        }
        let filter = Filter {
            phrases: &self.phrases,
            department: self.department.as_deref(),
            category: self.category.as_deref(),
            kind: self.kind.as_deref(),
            division: self.division.as_deref(),
            from: self.from,
            to: self.to,
            before: self.before,
        };
        Ok(publications::page(database, &filter, limit).await?)
    }
}

fn is_kind(name: &str) -> bool {
    matches!(
        name,
        "complaint" | "consultation" | "help" | "report" | "suggestion"
    )
}

/// `GET /api/publications`.
pub async fn list(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let limit = context.limit_parameter("limit", PAGE.0, PAGE.1)?;
    let query = Query::read(context, &rules, &bodies)?;
    // One more than asked for tells whether there is a next page.
    let mut listed = query.page(context, &mut database, limit + 1).await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let next = listed
        .last()
        .filter(|_| more)
        .map(|last| last.id.to_string());
    let items: Vec<Json> = listed
        .iter()
        .map(|listed| item(&listed.summary, &rules, &bodies, context.language))
        .collect();
    Ok(Reply::ok(&json!({ "items": items, "next": next })).cacheable(context, KEEP))
}

/// One row of the list in the caller's language.
pub fn item(summary: &Json, rules: &Rules, bodies: &Bodies, language: Language) -> Json {
    let text = |name: &str| summary[name].as_str().unwrap_or_default();
    json!({
        "number": summary["number"],
        "kind": summary["kind"],
        "kind_name": catalogue::name(text("kind"), language),
        "subject": summary["subject"],
        "excerpt": summary["excerpt"],
        "answer_excerpt": summary["answer_excerpt"],
        "category": summary["category"],
        "category_name": summary["category"].as_str().map(|id| view::category(rules, id, language)),
        "department": summary["department"],
        "department_name": view::department(bodies, text("department"), language),
        "division": summary["division"],
        "received_at": view::time_of(summary["received_at"].as_i64(), rules.offset),
        "published_at": view::time_of(summary["published_at"].as_i64(), rules.offset),
        "href": format!("/api/cases/{}", text("number")),
    })
}

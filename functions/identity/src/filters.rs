//! Filters of the list of cases that somebody keeps.

use case::{Queue, Role, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::filters::{self, Filter};
use store::transaction;
use web::text::Checks;
use web::{Context, Database, Problem, Reply, identity, rules, sight};

/// The most that one account keeps.
const MOST: usize = 20;

/// The longest name in characters.
const NAME_MAX: u32 = 40;

/// A filter to be kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    queue: Option<String>,
    state: Option<String>,
    department: Option<String>,
}

fn view(filter: &Filter) -> Json {
    json!({
        "name": filter.name,
        "queue": filter.queue,
        "state": filter.state,
        "department": filter.department,
    })
}

/// `GET /api/session/filters`.
pub async fn list(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &Role::ALL).await?;
    let kept = filters::of(database, &account.id).await?;
    let kept: Vec<Json> = kept.iter().map(view).collect();
    Ok(Reply::ok(&json!({ "filters": kept })))
}

/// `POST /api/session/filters`: keeps one, in the place of one of the same name.
pub async fn keep(context: &Context) -> Result<Reply, Problem> {
    let input: New = context.json()?;
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &sight::ROLES).await?;
    let bodies = rules::bodies(database, context.now).await?;
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    let filter = Filter {
        name: input.name.trim().to_owned(),
        queue: given(input.queue),
        state: given(input.state),
        department: given(input.department),
    };
    let mut checks = Checks::default();
    checks.required("name", &filter.name, NAME_MAX, false);
    let queue = filter.queue.as_deref();
    if queue.is_some_and(|queue| Queue::from_name(queue).is_none()) {
        checks.add("queue", "unknown-value", None);
    }
    let state = filter.state.as_deref();
    if state.is_some_and(|state| State::from_name(state).is_none()) {
        checks.add("state", "unknown-value", None);
    }
    let department = filter.department.as_deref();
    if department.is_some_and(|department| !bodies.departments.contains_key(department)) {
        checks.add("department", "department", None);
    }
    if filter.queue.is_none() && filter.state.is_none() && filter.department.is_none() {
        checks.add("queue", "required", None);
    }
    checks.finish()?;

    transaction::begin(database).await?;
    filters::keep(database, &account.id, &filter).await?;
    if filters::of(database, &account.id).await?.len() > MOST {
        transaction::rollback(database).await;
        return Err(Problem::conflict("too-many-filters"));
    }
    transaction::commit(database).await?;
    Ok(Reply::json(StatusCode::CREATED, &view(&filter)))
}

/// `DELETE /api/session/filters/{name}`.
pub async fn forget(context: &Context, name: &str) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &Role::ALL).await?;
    if filters::forget(database, &account.id, name).await? {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(Problem::not_found())
    }
}

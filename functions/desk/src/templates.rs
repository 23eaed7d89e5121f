//! Templates of answers: each department keeps its own, administrators keep
//! those of everybody and those for all.

use case::Role;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::accounts::Account;
use store::templates::{self, Template};
use store::transaction;
use web::text::Checks;
use web::{Context, Database, Problem, Reply, identity, rules, view};

/// The most of one department, and the most for all.
const MOST: i64 = 100;

/// The longest title in characters.
const TITLE_MAX: u32 = 60;

/// Who keeps templates.
const KEEPERS: [Role; 2] = [Role::Officer, Role::Admin];

/// `GET /api/desk/templates`: those that the account may use, or keep.
pub async fn list(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &Role::ALL).await?;
    let rules = rules::rules(database, context.now).await?;
    let found = match account.role {
        Role::Admin => templates::all(database).await?,
        _ => templates::of(database, account.department.as_deref()).await?,
    };
    let items: Vec<Json> = found
        .iter()
        .map(|template| {
            let mut item = shown(template);
            item["own"] = is_keeper(&account, template.department.as_deref()).into();
            item["changed_at"] =
                view::time(case::time::Timestamp(template.changed_at), rules.offset);
            item
        })
        .collect();
    Ok(Reply::ok(&json!({
        "templates": items,
        "today": context.now.date(rules.offset).to_string(),
    })))
}

fn shown(template: &Template) -> Json {
    json!({
        "id": template.id,
        "department": template.department,
        "title": template.title,
        "body": template.body,
    })
}

/// Whether `account` keeps the templates of `department`, or those for all.
fn is_keeper(account: &Account, department: Option<&str>) -> bool {
    match account.role {
        Role::Admin => true,
        Role::Officer => department.is_some() && account.department.as_deref() == department,
        _ => false,
    }
}

/// A template as it is to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    title: String,
    body: String,
    department: Option<String>,
}

/// `PUT /api/desk/templates/{id}`: makes one or changes it. An officer's is of
/// the officer's department.
pub async fn put(context: &Context, id: &str) -> Result<Reply, Problem> {
    let input: Wanted = context.json()?;
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &KEEPERS).await?;
    let rules = rules::rules(database, context.now).await?;
    let bodies = rules::bodies(database, context.now).await?;
    let mut checks = Checks::default();
    if !is_id(id) {
        checks.add("id", "account-id", None);
    }
    checks.required("title", &input.title, TITLE_MAX, false);
    checks.required(
        "body",
        &input.body,
        rules.limits.text.answer_max_chars,
        true,
    );
    let given = input.department.as_deref();
    if given.is_some_and(|department| !bodies.departments.contains_key(department)) {
        checks.add("department", "department", None);
    }
    checks.finish()?;
    let department = match account.role {
        Role::Officer => given.or(account.department.as_deref()),
        _ => given,
    };
    if !is_keeper(&account, department) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "other-department"));
    }
    let template = Template {
        id: id.to_owned(),
        department: department.map(str::to_owned),
        title: input.title.trim().to_owned(),
        body: input.body.trim().to_owned(),
        changed_at: context.now.0,
        changed_by: account.id.clone(),
    };
    transaction::begin(database).await?;
    let written = write(database, &account, &template).await;
    if let Err(problem) = written {
        transaction::rollback(database).await;
        return Err(problem);
    }
    transaction::commit(database).await?;
    Ok(Reply::ok(&shown(&template)))
}

async fn write(
    database: &mut Database,
    account: &Account,
    template: &Template,
) -> Result<(), Problem> {
    let before = templates::load(database, &template.id).await?;
    if before.is_some_and(|before| !is_keeper(account, before.department.as_deref())) {
        return Err(Problem::not_found());
    }
    templates::put(database, template).await?;
    if templates::count(database, template.department.as_deref()).await? > MOST {
        return Err(Problem::conflict("too-many-templates"));
    }
    Ok(())
}

/// `DELETE /api/desk/templates/{id}`.
pub async fn delete(context: &Context, id: &str) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let account = identity::require(context, database, &KEEPERS).await?;
    let template = templates::load(database, id)
        .await?
        .filter(|template| is_keeper(&account, template.department.as_deref()))
        .ok_or_else(Problem::not_found)?;
    templates::delete(database, &template.id).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// 1 to 40 small letters, digits and hyphens.
fn is_id(id: &str) -> bool {
    (1..=40).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

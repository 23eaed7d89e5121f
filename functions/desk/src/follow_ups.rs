//! What departments have to do after their answers.

use case::Role;
use serde_json::{Value as Json, json};
use store::desk::Listed;
use store::follow_ups::{self, Due, Filter};
use web::rules::{self, Rules};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, identity, view};

use crate::list;

/// Rows of a page when nothing is asked for, and at most.
const PAGE: (u32, u32) = (50, 200);

/// Who sees them: departments, and those who look after all of them.
const ROLES: [Role; 5] = [
    Role::Operator,
    Role::Officer,
    Role::Supervisor,
    Role::Leader,
    Role::Duty,
];

/// `GET /api/desk/follow-ups`, by when they are due. Officers see those of
/// their department.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let account = identity::require(context, &mut database, &ROLES).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let limit = context.limit_parameter("limit", PAGE.0, PAGE.1)?;
    let mut checks = Checks::default();
    let department = list::department(context, &bodies, &mut checks);
    let after = list::after(context, &mut checks);
    checks.finish()?;
    let filter = Filter {
        department: list::led_by(&account, department)?,
        after,
    };
    // One more than asked for tells whether there is a next page.
    let mut due = follow_ups::page(&mut database, &filter, limit + 1).await?;
    let next = list::next(&mut due, limit, |last| (last.due_at, &last.case.number));
    let items: Vec<Json> = due
        .into_iter()
        .map(|due| row(due, &rules, context))
        .collect();
    Ok(Reply::ok(&json!({ "items": items, "next": next })))
}

/// A case as lists show it, with what is to be done and by when.
fn row(due: Due, rules: &Rules, context: &Context) -> Json {
    let listed = Listed {
        case: due.case,
        subject: due.subject,
        original: due.original,
        due_at: None,
        key: due.due_at,
    };
    let mut row = list::row(&listed, rules, context);
    row["follow_up"] = json!({
        "due_at": view::time_of(Some(due.due_at), rules.offset),
        "overdue": due.due_at < context.now.0,
        "task": due.task,
    });
    row
}

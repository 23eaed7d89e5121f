//! The queues.

use case::{Queue, Role, State};
use serde_json::{Map, Value as Json, json};
use store::accounts::Account;
use store::desk::{self, Filter, Listed};
use web::rules::{self, Bodies, Rules};
use web::text::Checks;
use web::{Context, Database, Problem, Reply, identity, sight, view};

use crate::beginning;

/// Cases of a page when nothing is asked for, and at most.
const PAGE: (u32, u32) = (50, 200);

/// `GET /api/desk/cases`. Officers see the cases that their department leads,
/// reviewers those that wait for a review, the centre and leaders all.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let account = identity::require(context, &mut database, &sight::ROLES).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let limit = context.limit_parameter("limit", PAGE.0, PAGE.1)?;

    let mut checks = Checks::default();
    let mut queue = named(context, "queue", Queue::from_name, &mut checks);
    let state = named(context, "state", State::from_name, &mut checks);
    let department = department(context, &bodies, &mut checks);
    let after = after(context, &mut checks);
    checks.finish()?;

    let department = led_by(&account, department)?;
    if account.role == Role::Reviewer && *queue.get_or_insert(Queue::Review) != Queue::Review {
        return Err(Problem::forbidden());
    }
    let filter = Filter {
        queue,
        department,
        state,
        after,
    };
    // One more than asked for tells whether there is a next page.
    let mut listed = desk::page(&mut database, &filter, limit + 1).await?;
    let next = next(&mut listed, limit, |last| (last.key, &last.case.number));
    let items: Vec<Json> = listed
        .iter()
        .map(|listed| row(listed, &rules, context))
        .collect();
    let mut body = json!({ "items": items, "next": next });
    // The counts stand beside the first page only.
    if after.is_none() {
        let counts = desk::counts(&mut database, department).await?;
        let visible = counts
            .into_iter()
            .filter(|(queue, _)| account.role != Role::Reviewer || *queue == Queue::Review);
        body["counts"] = visible
            .map(|(queue, count)| (queue.name().to_owned(), count.into()))
            .collect::<Map<_, _>>()
            .into();
        body["counts_end_at"] = desk::COUNT_LIMIT.into();
        let emergencies = desk::emergency_counts(&mut database, department).await?;
        body["emergencies"] = emergencies
            .into_iter()
            .filter(|(queue, _)| account.role != Role::Reviewer || *queue == Queue::Review)
            .map(|(queue, count)| (queue.name().to_owned(), count.into()))
            .collect::<Map<_, _>>()
            .into();
    }
    Ok(Reply::ok(&body))
}

/// A parameter that is one of a set of names.
fn named<T>(
    context: &Context,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
    checks: &mut Checks,
) -> Option<T> {
    let text = context.parameter(name)?;
    let value = read(text);
    if value.is_none() {
        checks.add(name, "unknown-value", None);
    }
    value
}

/// The department that is asked for.
pub fn department<'a>(
    context: &'a Context,
    bodies: &Bodies,
    checks: &mut Checks,
) -> Option<&'a str> {
    let department = context.parameter("department");
    if department.is_some_and(|id| !bodies.departments.contains_key(id)) {
        checks.add("department", "department", None);
    }
    department
}

/// The last case of the page before.
pub fn after<'a>(context: &'a Context, checks: &mut Checks) -> Option<(i64, &'a str)> {
    let after = context.parameter("cursor").map(cursor);
    if after == Some(None) {
        checks.add("cursor", "cursor", None);
    }
    after.flatten()
}

/// The department whose cases `account` gets where those of `department` are asked for: an officer their own only.
pub fn led_by<'a>(
    account: &'a Account,
    department: Option<&'a str>,
) -> Result<Option<&'a str>, Problem> {
    if account.role != Role::Officer {
        return Ok(department);
    }
    let own = account
        .department
        .as_deref()
        .ok_or_else(Problem::forbidden)?;
    if department.is_some_and(|department| department != own) {
        return Err(Problem::new(
            http::StatusCode::FORBIDDEN,
            "other-department",
        ));
    }
    Ok(Some(own))
}

/// Where the next page begins, if `rows` holds more than `limit` of them; what is beyond is taken off. `position` says
/// by what a row is sorted, and the number of its case.
pub fn next<T>(
    rows: &mut Vec<T>,
    limit: u32,
    position: impl Fn(&T) -> (i64, &str),
) -> Option<String> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let (key, number) = position(rows.last().filter(|_| more)?);
    Some(format!("{key}.{number}"))
}

/// Sort key and number of the last case of the page before.
fn cursor(text: &str) -> Option<(i64, &str)> {
    let (key, number) = text.split_once('.')?;
    let plain = (1..=64).contains(&number.len())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    Some((key.parse().ok()?, number)).filter(|_| plain)
}

/// A case as lists show it.
pub fn row(listed: &Listed, rules: &Rules, context: &Context) -> Json {
    let case = &listed.case;
    json!({
        "number": case.number,
        "sequence": case.sequence,
        "subject": listed.subject,
        "beginning": listed.original.as_deref().and_then(|original| {
            beginning::of(&serde_json::from_str(original).ok()?)
        }),
        "state": case.state,
        "queue": case.queue().map(Queue::name),
        "kind": case.kind,
        "urgency": case.urgency,
        "category": case.category,
        "department": case.department,
        "division": case.division,
        "tell_supervisor": case.tell_supervisor,
        "received_at": view::time(case.received_at, rules.offset),
        "updated_at": view::time(case.updated_at, rules.offset),
        "due_at": view::time_of(listed.due_at, rules.offset),
        "lamp": view::lamp(case, rules, context.now),
    })
}

#[cfg(test)]
mod tests {
    use super::cursor;

    #[test]
    fn cursors_are_read_strictly() {
        assert_eq!(
            cursor("17.YZ20260101-00000001"),
            Some((17, "YZ20260101-00000001"))
        );
        for bad in [
            "",
            "17",
            "x.YZ1",
            "17.",
            "17.a b",
            "17.'",
            "99999999999999999999.YZ1",
        ] {
            assert_eq!(cursor(bad), None, "{bad}");
        }
    }
}

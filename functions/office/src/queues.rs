//! The queues: what waits for whom, by when it is due.

use ::case::Role;
use http::StatusCode;
use pages::api::{Api, Failure};
use pages::data::Named;
use pages::reader::escaped;
use web::Reply;

use crate::batch::{self, Choice};
use crate::data::{Listing, Row};
use crate::filters::{self, Kept};
use crate::member::Member;

/// States that the list can be narrowed to, in the order of a case's life.
const STATES: [&str; 15] = [
    "received",
    "classified",
    "assigned",
    "handling",
    "waiting-citizen",
    "answered",
    "reviewed",
    "published",
    "rated",
    "closed-solved",
    "closed-unsolved",
    "explained",
    "declined",
    "withdrawn",
    "merged",
];

/// The queues in the order of a case's life.
pub const QUEUES: [&str; 9] = [
    "intake",
    "classification",
    "routing",
    "adjudication",
    "answer",
    "extension",
    "citizen",
    "review",
    "call-back",
];

/// What is asked for: the names of the interface.
#[derive(Default)]
pub struct Wanted {
    /// The queue.
    pub queue: String,
    /// The state.
    pub state: String,
    /// The department that leads.
    pub department: String,
    /// Where the page begins.
    pub cursor: String,
}

impl Wanted {
    /// The queue `queue` and nothing else.
    pub fn queue(queue: &str) -> Wanted {
        Wanted {
            queue: queue.to_owned(),
            ..Wanted::default()
        }
    }

    /// What the address of the page asks for.
    pub fn of(api: &Api<'_>) -> Wanted {
        let value = |name: &str| api.context.parameter(name).unwrap_or_default().to_owned();
        Wanted {
            queue: value("queue"),
            state: value("state"),
            department: value("department"),
            cursor: value("cursor"),
        }
    }

    /// The query of the page that begins at `cursor`.
    pub fn from(&self, cursor: &str) -> String {
        query(&[
            ("queue", &self.queue),
            ("state", &self.state),
            ("department", &self.department),
            ("cursor", cursor),
        ])
    }
}

/// A query with its question mark; nothing where every value is empty.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let given: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    if given.is_empty() {
        String::new()
    } else {
        format!("?{}", given.join("&"))
    }
}

/// A queue as the page shows it.
struct Tab {
    id: &'static str,
    name: &'static str,
    count: i64,
    /// Whether there are as many as are counted, or more.
    more: bool,
    /// How many of them are emergencies.
    emergencies: i64,
    /// Whether the role is there for it.
    own: bool,
}

#[derive(askama::Template)]
#[template(path = "queues.html")]
struct QueuesPage<'a> {
    v: &'a Member<'a>,
    wanted: Wanted,
    tabs: Vec<Tab>,
    departments: &'a [Named],
    rows: Vec<Row>,
    next: Option<String>,
    /// What can be done with several cases at once.
    choices: Vec<Choice>,
    done: &'a str,
    /// The filters that the member keeps.
    kept: Vec<Kept>,
}

impl QueuesPage<'_> {
    /// Whether the list is narrowed to something that is not kept yet.
    fn can_keep(&self) -> bool {
        let query = self.wanted.from("");
        !query.is_empty() && self.kept.iter().all(|kept| kept.query() != query)
    }

    fn states(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        STATES.into_iter().map(|id| (id, self.v.state(id)))
    }
}

/// `GET /desk`.
pub async fn show(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    if !member.has_cases() {
        return Ok(empty(member));
    }
    let wanted = Wanted::of(api);
    let path = format!("/api/desk/cases{}", wanted.from(&wanted.cursor));
    let listing: Listing = api.get("desk", &path).await?;
    // Behind the first page the counts are asked for beside one row.
    let (counts, emergencies) = if listing.counts.is_empty() {
        let path = format!(
            "/api/desk/cases{}",
            query(&[("limit", "1"), ("department", &wanted.department)])
        );
        let first: Listing = api.get("desk", &path).await?;
        (first.counts, first.emergencies)
    } else {
        (listing.counts, listing.emergencies)
    };
    let end = listing.counts_end_at.unwrap_or(999);
    let mut tabs: Vec<Tab> = QUEUES
        .into_iter()
        .filter_map(|id| {
            let count = counts.get(id).copied().unwrap_or_default();
            let own = is_own(member.role, id);
            (own || count > 0 || id == wanted.queue).then_some(Tab {
                id,
                name: name(member, id),
                count,
                more: count >= end,
                emergencies: emergencies.get(id).copied().unwrap_or_default(),
                own,
            })
        })
        .collect();
    tabs.sort_by_key(|tab| !tab.own);
    let done = match api.context.parameter("done") {
        Some("password") => member.words.done_password,
        Some(_) => member.words.done,
        None => "",
    };
    let page = QueuesPage {
        v: member,
        tabs,
        departments: member.departments(),
        rows: listing.items,
        next: listing.next,
        choices: batch::choices(member),
        done,
        kept: filters::kept(api).await?,
        wanted,
    };
    Ok(member.page(StatusCode::OK, &page))
}

/// The queue `name`, if it is one.
pub fn known(name: &str) -> &'static str {
    QUEUES
        .into_iter()
        .find(|queue| *queue == name)
        .unwrap_or_default()
}

/// The next case of `queue` (of all that wait where it is empty) beside
/// `number`; none where nothing else waits.
pub async fn next(
    api: &Api<'_>,
    queue: &'static str,
    number: &str,
) -> Result<Option<Row>, Failure> {
    let query = Wanted::queue(queue).from("");
    let joint = if query.is_empty() { "?" } else { "&" };
    let path = format!("/api/desk/cases{query}{joint}limit=2");
    let listing: Listing = api.get("desk", &path).await?;
    Ok(listing.items.into_iter().find(|row| row.number != number))
}

/// Whether `role` is there for the queue `id`.
fn is_own(role: Option<Role>, id: &str) -> bool {
    match role {
        Some(Role::Operator | Role::Duty) => matches!(
            id,
            "intake" | "classification" | "routing" | "adjudication" | "call-back"
        ),
        Some(Role::Officer) => matches!(id, "answer" | "citizen"),
        Some(Role::Reviewer) => id == "review",
        Some(Role::Supervisor) => matches!(id, "adjudication" | "extension" | "call-back"),
        Some(Role::Leader) => id == "extension",
        _ => false,
    }
}

/// What a queue is called.
pub fn name(member: &Member<'_>, id: &str) -> &'static str {
    let words = member.words;
    match id {
        "intake" => words.queue_intake,
        "classification" => words.queue_classification,
        "routing" => words.queue_routing,
        "adjudication" => words.queue_adjudication,
        "answer" => words.queue_answer,
        "extension" => words.queue_extension,
        "citizen" => words.queue_citizen,
        "review" => words.queue_review,
        "call-back" => words.queue_call_back,
        _ => "",
    }
}

#[derive(askama::Template)]
#[template(path = "empty.html")]
struct EmptyPage<'a> {
    v: &'a Member<'a>,
}

/// For roles that have no part in cases.
fn empty(member: &Member<'_>) -> Reply {
    member.page(StatusCode::OK, &EmptyPage { v: member })
}

#[derive(askama::Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    v: &'a Member<'a>,
}

/// `GET /desk/help`: the keys.
pub fn help(member: &Member<'_>) -> Reply {
    member.page(StatusCode::OK, &HelpPage { v: member })
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn empty_values_are_left_out_of_a_query() {
        assert_eq!(query(&[("queue", ""), ("state", "")]), "");
        assert_eq!(
            query(&[("queue", "a&b"), ("state", "x")]),
            "?queue=a%26b&state=x"
        );
    }
}

//! One action on several cases, and the list as a table.

use ::case::Party;
use ::case::lifecycle::TABLE;
use http::{StatusCode, header};
use pages::Form;
use pages::api::{Api, Failure};
use pages::data::District;
use std::rc::Rc;
use web::{Problem, Reply};

use crate::actions::{self, Field, Kind};
use crate::case::is_number;
use crate::data::Listing;
use crate::member::Member;
use crate::queues::Wanted;

/// Actions that make sense for several cases at once. Answers and approvals
/// are not among them: each wants to be read.
const ACTIONS: [&str; 9] = [
    "accept",
    "admit",
    "classify",
    "assign",
    "transfer",
    "merge",
    "decline",
    "grant-extension",
    "supervise",
];

/// Cases of one batch: as many as a page of the list shows.
const MOST: usize = 50;

/// Pages of 200 cases that a table has at most.
const PAGES: usize = 25;

/// An action that the role may take.
pub struct Choice {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub title: &'static str,
}

/// What the member may do with several cases, in the order of the life-cycle.
pub fn choices(member: &Member<'_>) -> Vec<Choice> {
    let Some(role) = member.role else {
        return Vec::new();
    };
    TABLE
        .iter()
        .filter(|row| ACTIONS.contains(&row.name) && row.parties.contains(&Party::Staff(role)))
        .map(|row| Choice {
            name: row.name,
            title: web::catalogue::action(row.name, member.language),
        })
        .collect()
}

/// A case of the batch with the sequence that was seen.
struct Chosen<'a> {
    number: &'a str,
    sequence: &'a str,
    /// The value of the field: both of them.
    value: &'a str,
}

fn chosen(form: &Form) -> Vec<Chosen<'_>> {
    form.all("case")
        .filter_map(|value| {
            let (number, sequence) = value.split_once('.')?;
            let sound = is_number(number) && sequence.parse::<u32>().is_ok();
            sound.then_some(Chosen {
                number,
                sequence,
                value,
            })
        })
        .take(MOST)
        .collect()
}

#[derive(askama::Template)]
#[template(path = "batch.html")]
struct BatchPage<'a> {
    v: &'a Member<'a>,
    district: Rc<District>,
    form: BatchForm,
    chosen: Vec<Chosen<'a>>,
}

/// The form of the action, as `form.html` wants it.
struct BatchForm {
    name: &'static str,
    title: &'static str,
    fields: &'static [Field],
}

impl BatchPage<'_> {
    fn value(&self, _action: &str, _field: &Field) -> &'static str {
        ""
    }

    fn is_chosen(&self, _action: &str, _field: &Field, _id: &str) -> bool {
        false
    }

    fn error(&self, _action: &str, _field: &str) -> &'static str {
        ""
    }

    fn label(&self, action: &str, field: &Field) -> &'static str {
        actions::label(self.v.words, action, field.name)
    }
}

/// What became of one case.
struct Outcome<'a> {
    number: &'a str,
    failure: Option<Failure>,
}

#[derive(askama::Template)]
#[template(path = "batch_done.html")]
struct DonePage<'a> {
    v: &'a Member<'a>,
    title: &'static str,
    outcomes: Vec<Outcome<'a>>,
}

impl DonePage<'_> {
    fn succeeded(&self) -> usize {
        self.outcomes
            .iter()
            .filter(|outcome| outcome.failure.is_none())
            .count()
    }
}

/// `POST /desk/batch`: first the form for the chosen cases, then the action on
/// each of them, one after the other. Each is accepted or refused by itself.
pub async fn run(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let form = Form::read(api, member).await?;
    let action = form.get("action");
    let row = TABLE.iter().find(|row| row.name == action);
    let choice = choices(member)
        .into_iter()
        .find(|choice| choice.name == action);
    let (Some(row), Some(choice)) = (row, choice) else {
        let problem = Problem::invalid("action", "unknown-value");
        return Err(api.failure_of(&problem));
    };
    let chosen = chosen(&form);
    if chosen.is_empty() {
        return Err(api.failure_of(&Problem::invalid("case", "required")));
    }
    let fields = actions::fields(row.name, row.reason);
    if form.get("sure") != "yes" {
        let page = BatchPage {
            v: member,
            district: api.district().await?,
            form: BatchForm {
                name: choice.name,
                title: choice.title,
                fields,
            },
            chosen,
        };
        return Ok(member.page(StatusCode::OK, &page));
    }
    let mut order = actions::order(fields, &form);
    let mut outcomes = Vec::with_capacity(chosen.len());
    for one in &chosen {
        order["sequence"] = one.sequence.parse::<u32>().unwrap_or_default().into();
        let path = format!("/api/cases/{}/{}", one.number, row.resource);
        let taken = api.post(row.stage, &path, &[], &order).await;
        let failure = match taken {
            Ok(_) => None,
            // Whoever is signed out meanwhile is so for the rest as well.
            Err(failure) if failure.status == 401 => return Err(failure),
            Err(failure) => Some(failure),
        };
        outcomes.push(Outcome {
            number: one.number,
            failure,
        });
    }
    let page = DonePage {
        v: member,
        title: choice.title,
        outcomes,
    };
    Ok(member.page(StatusCode::OK, &page))
}

/// The head of the table: the names of the interface.
const COLUMNS: [&str; 13] = [
    "number",
    "subject",
    "state",
    "queue",
    "kind",
    "urgency",
    "category",
    "department",
    "division",
    "received_at",
    "updated_at",
    "due_at",
    "lamp",
];

/// `GET /desk/cases.csv`: the list that the filters of `/desk` show, as a table
/// for spreadsheets.
pub async fn table(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let mut wanted = Wanted::of(api);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |error: String| api.failure_of(&Problem::internal(error));
    writer
        .write_record(COLUMNS)
        .map_err(|error| broken(error.to_string()))?;
    for _ in 0..PAGES {
        let query = wanted.from(&wanted.cursor);
        let joint = if query.is_empty() { "?" } else { "&" };
        let path = format!("/api/desk/cases{query}{joint}limit=200");
        let listing: Listing = api.get("desk", &path).await?;
        for row in &listing.items {
            let category = row.category.as_deref().unwrap_or_default();
            let department = row.department.as_deref().unwrap_or_default();
            let division = row.division.as_deref().unwrap_or_default();
            let queue = row.queue.as_deref().unwrap_or_default();
            let cells = [
                row.number.as_str(),
                row.subject.as_deref().unwrap_or_default(),
                member.state(&row.state),
                crate::queues::name(member, queue),
                member.kind(&row.kind),
                &row.urgency,
                member.category(category),
                member.department(department),
                member.division(division),
                &row.received_at,
                &row.updated_at,
                row.due_at.as_deref().unwrap_or_default(),
                row.lamp.as_deref().unwrap_or_default(),
            ];
            writer
                .write_record(
                    cells
                        .iter()
                        .map(|cell| store::export::cell(cell).into_owned()),
                )
                .map_err(|error| broken(error.to_string()))?;
        }
        match listing.next {
            Some(next) => wanted.cursor = next,
            None => break,
        }
    }
    let table = writer
        .into_inner()
        .map_err(|error| broken(error.to_string()))?;
    // Spreadsheets take a table without this mark for one in another encoding.
    let mut body = "\u{feff}".as_bytes().to_vec();
    body.extend(table);
    Ok(
        Reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", body)
            .header(
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"cases.csv\"",
            )
            .header(header::CACHE_CONTROL, "private, no-store"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_case_is_left_out_of_a_batch() {
        let form = Form::of(&[
            ("case", "YZ20260213-48201937.4"),
            ("case", "../x.4"),
            ("case", "YZ20260213-48201937"),
            ("case", "YZ20260213-48201938.soon"),
        ]);
        let numbers: Vec<&str> = chosen(&form).iter().map(|one| one.number).collect();
        assert_eq!(numbers, ["YZ20260213-48201937"]);
    }
}

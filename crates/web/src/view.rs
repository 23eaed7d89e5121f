//! How pages of cases show times, names, deadlines, timelines and actions.

use case::deadline::{Deadline, Lamp};
use case::event::{Event, EventData};
use case::lifecycle::TABLE;
use case::time::{Offset, Timestamp};
use case::{Action, Actor, Case};
use http::Method;
use serde_json::{Value as Json, json};
use store::cases;

use crate::catalogue;
use crate::context::Context;
use crate::database::Database;
use crate::language::Language;
use crate::problem::Problem;
use crate::rules::{Bodies, Rules};
use crate::step;

/// The method to match on: HEAD is answered like GET, and the host leaves the
/// body away.
pub fn method(context: &Context) -> &Method {
    if context.method == Method::HEAD {
        &Method::GET
    } else {
        &context.method
    }
}

/// An instant to the second in the district's time.
pub fn time(at: Timestamp, offset: Offset) -> Json {
    at.local(offset).to_string().into()
}

/// An instant in milliseconds, if there is one, like [`time`].
pub fn time_of(millis: Option<i64>, offset: Offset) -> Json {
    millis.map_or(Json::Null, |millis| time(Timestamp(millis), offset))
}

/// The name of department `id`.
pub fn department<'a>(bodies: &'a Bodies, id: &'a str, language: Language) -> &'a str {
    bodies.departments.get(id).map_or(id, |department| {
        language.pick(&department.name, &department.name_en)
    })
}

/// The name of category `id`.
pub fn category<'a>(rules: &'a Rules, id: &'a str, language: Language) -> &'a str {
    rules.categories.get(id).map_or(id, |category| {
        language.pick(&category.name, &category.name_en)
    })
}

/// The lamp of the case's next duty.
pub fn lamp(case: &Case, rules: &Rules, now: Timestamp) -> Option<Lamp> {
    case.deadline(&step::basis(rules))
        .map(|deadline| deadline.lamp(now))
}

/// The deadline of the case's next duty with its arithmetic; null when nothing
/// is due.
pub fn deadline(case: &Case, rules: &Rules, context: &Context) -> Json {
    case.deadline(&step::basis(rules))
        .map_or(Json::Null, |deadline| explained(&deadline, rules, context))
}

fn explained(deadline: &Deadline, rules: &Rules, context: &Context) -> Json {
    let explanation: Vec<String> = deadline
        .explanation
        .iter()
        .map(|step| match context.language {
            Language::Chinese => step.zh(),
            Language::English => step.en(),
        })
        .collect();
    json!({
        "duty": deadline.duty,
        "due_at": time(deadline.due, rules.offset),
        "lamp": deadline.lamp(context.now),
        "standing_since": time_of(deadline.standing_since.map(|since| since.0), rules.offset),
        "rule": deadline.rule,
        "explanation": explanation,
    })
}

/// The department that an event names.
fn event_department(data: &EventData) -> Option<&str> {
    match data {
        EventData::Assigned { department, .. }
        | EventData::Transferred { department }
        | EventData::Returned { department, .. }
        | EventData::Adjudicated { department }
        | EventData::CoHandlingAdded { department }
        | EventData::Answered { department, .. } => Some(department),
        _ => None,
    }
}

/// The timeline that citizens and the public see. `text` gives what was
/// written at an event, where the reader may see it.
pub fn timeline<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    rules: &Rules,
    bodies: &Bodies,
    language: Language,
    text: impl Fn(&Event) -> Option<String>,
) -> Json {
    events
        .into_iter()
        .filter(|event| event.data.is_public())
        .map(|event| {
            let kind = event.data.kind();
            let mut entry = json!({
                "sequence": event.sequence,
                "at": time(event.at, rules.offset),
                "kind": kind,
                "title": catalogue::timeline(kind, language),
            });
            if let Some(id) = event_department(&event.data) {
                entry["department"] = id.into();
                entry["department_name"] = department(bodies, id, language).into();
            }
            if let Some(text) = text(event) {
                entry["text"] = text.into();
            }
            entry
        })
        .collect()
}

/// What `actor` can do with the case now.
pub fn actions(case: &Case, actor: &Actor, rules: &Rules, context: &Context) -> Json {
    TABLE
        .iter()
        .filter(|row| {
            case.check(row.action, actor, &rules.identity.centre)
                .is_ok()
        })
        .filter(|row| within_survey(case, row.action, actor, rules, context.now).is_ok())
        .map(|row| {
            json!({
                "action": row.name,
                "title": catalogue::action(row.name, context.language),
                "href": format!("/api/cases/{}/{}", case.number, row.resource),
                "reason": row.reason,
            })
        })
        .collect()
}

/// Whether the time for rating or reopening has not passed. A rating can be
/// given for so many days after publication; a citizen can reopen for as long,
/// and so many times; staff can reopen at any time.
pub fn within_survey(
    case: &Case,
    action: Action,
    actor: &Actor,
    rules: &Rules,
    now: Timestamp,
) -> Result<(), Problem> {
    let policy = &rules.policy.survey;
    let window = i64::from(policy.window_days) * case::time::DAY;
    let passed = case.published_at.is_none_or(|at| now.since(at) > window);
    let used_up = u32::from(case.reopened) >= policy.max_reopenings;
    let closed = match (action, actor) {
        (Action::Rate, _) => passed,
        (Action::Reopen, Actor::Citizen) => passed || used_up,
        _ => false,
    };
    if closed {
        Err(Problem::conflict("window-closed").with("number", case.number.as_str()))
    } else {
        Ok(())
    }
}

/// What the citizen added, oldest first.
pub async fn supplements(
    database: &mut Database,
    case: &Case,
) -> Result<Vec<String>, store::Error> {
    if case.supplements == 0 {
        return Ok(Vec::new());
    }
    let history = cases::history_of(database, case).await?;
    let documents = cases::documents_of(database, case).await?;
    Ok(supplements_of(&history, &documents)
        .map(|(_, text)| text.to_owned())
        .collect())
}

/// What the citizen added, with the event at which it was, oldest first.
pub fn supplements_of<'a>(
    history: &'a [Event],
    documents: &'a [(u32, Json)],
) -> impl Iterator<Item = (&'a Event, &'a str)> {
    history
        .iter()
        .filter(|event| matches!(event.data, EventData::Supplemented | EventData::Replied))
        .filter_map(|event| Some((event, text_of(documents, event.sequence)?)))
}

/// What was written at event `sequence`.
pub fn text_of(documents: &[(u32, Json)], sequence: u32) -> Option<&str> {
    document_of(documents, sequence).and_then(|document| document["text"].as_str())
}

/// The document of event `sequence`.
pub fn document_of(documents: &[(u32, Json)], sequence: u32) -> Option<&Json> {
    documents
        .iter()
        .find(|(other, _)| *other == sequence)
        .map(|(_, document)| document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seconds_and_the_offset() {
        assert_eq!(
            time(Timestamp(0), Offset::CHINA),
            "1970-01-01T08:00:00+08:00"
        );
        assert_eq!(time_of(None, Offset::CHINA), Json::Null);
    }
}

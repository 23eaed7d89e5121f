//! Writing what happened: events, documents, the projection and the jobs, in
//! one go for one case or for many.

use std::collections::{BTreeMap, HashSet};

use case::time::Offset;
use case::{Case, Event};
use serde_json::Value as Json;

use crate::likeness::{self, Filed};
use crate::publications::{self, Publication};
use crate::transaction::{in_runs, placeholders};
use crate::{Connection, Dialect, Error, Value, jobs, tally};

/// What one request or job does to one case.
#[derive(Debug)]
pub struct Change {
    /// The case with the new events applied.
    pub case: Case,
    /// When the answer is due, in milliseconds since 1970 UTC; none when the
    /// clock stands or has ended.
    pub due_at: Option<i64>,
    /// The new events, in order; never empty.
    pub events: Vec<Event>,
    /// What people wrote, by the sequence of the event.
    pub documents: Vec<(u32, Json)>,
    /// The stage that has to go on with it.
    pub next: Option<&'static str>,
    /// The job that this change completes.
    pub done: Option<DoneJob>,
    /// The buckets of [`likeness`] that the case is filed under from now on.
    pub buckets: Vec<i64>,
    /// The public copy that is put out.
    pub copy: Option<Box<Publication>>,
}

/// A job that is completed.
#[derive(Clone, Debug)]
pub struct DoneJob {
    /// The stage.
    pub stage: &'static str,
    /// The attempt that completed it: an attempt whose lease ran out, and
    /// which another has overtaken, completes nothing.
    pub attempt: i64,
}

impl Change {
    /// The sequence of the case before this change.
    fn previous(&self) -> u32 {
        self.case.sequence - self.events.len() as u32
    }
}

/// Writes `changes` inside the open transaction and returns the numbers of
/// those that came too late: another request has changed the case since it
/// was read. Nothing of those is written. `offset` is the district's
/// offset from UTC, by which the days of the statistics are told.
pub async fn write<C: Connection>(
    connection: &mut C,
    changes: &[Change],
    offset: Offset,
) -> Result<Vec<String>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let written = write_cases(connection, changes).await?;
    let late = changes
        .iter()
        .filter(|change| !written.contains(&change.case.number))
        .map(|change| change.case.number.clone())
        .collect::<Vec<_>>();
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.retain(|change| written.contains(&change.case.number));
    let changes = || changes.iter().copied();
    in_runs(connection, EVENT_COLUMNS, event_rows(changes())?, |rows| {
        format!(
            "INSERT INTO events (number, sequence, at, kind, data) VALUES {}",
            placeholders(rows, EVENT_COLUMNS)
        )
    })
    .await?;
    in_runs(
        connection,
        DOCUMENT_COLUMNS,
        document_rows(changes()),
        |rows| {
            format!(
                "INSERT INTO documents (number, sequence, data) VALUES {}",
                placeholders(rows, DOCUMENT_COLUMNS)
            )
        },
    )
    .await?;
    jobs::delete(connection, done_rows(changes())).await?;
    in_runs(connection, JOB_COLUMNS, job_rows(changes()), |rows| {
        format!(
            "INSERT INTO jobs (stage, number, ready_at, attempts, dead, created_at, request) VALUES {} \
             ON CONFLICT (stage, number) DO UPDATE SET ready_at = excluded.ready_at, \
             attempts = jobs.attempts + 1, dead = 0, request = excluded.request, error = NULL",
            placeholders(rows, JOB_COLUMNS)
        )
    })
    .await?;
    tally::add(connection, tally_rows(changes(), offset)).await?;
    likeness::file(connection, likeness_rows(changes())).await?;
    for copy in changes().filter_map(|change| change.copy.as_deref()) {
        publications::put(connection, copy).await?;
    }
    Ok(late)
}

pub(crate) const CASE_COLUMNS: usize = 17;

/// The rows of `cases`, one behind the other.
pub(crate) fn case_rows(changes: &[Change]) -> Result<Vec<Value>, Error> {
    let mut rows = Vec::with_capacity(changes.len() * CASE_COLUMNS);
    for change in changes {
        rows.extend(projection(&change.case, change.previous(), change.due_at)?);
    }
    Ok(rows)
}

async fn write_cases<C: Connection>(
    connection: &mut C,
    changes: &[Change],
) -> Result<HashSet<String>, Error> {
    let rows = in_runs(connection, CASE_COLUMNS, case_rows(changes)?, |rows| {
        format!(
            "INSERT INTO cases (number, sequence, previous, state, queue, kind, urgency, channel, division, \
             category, department, received_at, updated_at, due_at, emergency_at, data, follow_up_at) VALUES {} \
             ON CONFLICT (number) DO UPDATE SET sequence = excluded.sequence, previous = excluded.previous, \
             state = excluded.state, queue = excluded.queue, urgency = excluded.urgency, \
             category = excluded.category, department = excluded.department, \
             updated_at = excluded.updated_at, due_at = excluded.due_at, emergency_at = excluded.emergency_at, \
             data = excluded.data, follow_up_at = excluded.follow_up_at \
             WHERE cases.sequence = excluded.previous RETURNING number",
            placeholders(rows, CASE_COLUMNS)
        )
    })
    .await?;
    rows.iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// The row of `cases` for `case`.
pub(crate) fn projection(
    case: &Case,
    previous: u32,
    due_at: Option<i64>,
) -> Result<[Value; CASE_COLUMNS], Error> {
    Ok([
        Value::from(case.number.as_str()),
        Value::Integer(case.sequence.into()),
        Value::Integer(previous.into()),
        Value::from(case.state.name()),
        Value::from(case.queue().map(case::Queue::name)),
        Value::Text(plain(&case.kind)?),
        Value::Text(plain(&case.urgency)?),
        Value::from(case.channel.as_str()),
        Value::from(case.division.as_deref()),
        Value::from(case.category.as_deref()),
        Value::from(case.department.as_deref()),
        Value::Integer(case.received_at.0),
        Value::Integer(case.updated_at.0),
        Value::from(due_at),
        Value::from(case.emergency.as_ref().map(|emergency| emergency.since.0)),
        Value::Text(encode(case)?),
        Value::from(
            case.follow_up
                .as_ref()
                .and_then(|follow_up| Some(follow_up.due?.0)),
        ),
    ])
}

pub(crate) const EVENT_COLUMNS: usize = 5;

/// The rows of `events`.
pub(crate) fn event_rows<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
) -> Result<Vec<Value>, Error> {
    let mut rows = Vec::new();
    for change in changes {
        for event in &change.events {
            rows.extend([
                Value::from(change.case.number.as_str()),
                Value::Integer(event.sequence.into()),
                Value::Integer(event.at.0),
                Value::from(event.data.kind()),
                Value::Text(encode(event)?),
            ]);
        }
    }
    Ok(rows)
}

pub(crate) const DOCUMENT_COLUMNS: usize = 3;

/// The rows of `documents`.
pub(crate) fn document_rows<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Value> {
    let mut rows = Vec::new();
    for change in changes {
        for (sequence, document) in &change.documents {
            rows.extend([
                Value::from(change.case.number.as_str()),
                Value::Integer((*sequence).into()),
                Value::Text(document.to_string()),
            ]);
        }
    }
    rows
}

pub(crate) const DONE_COLUMNS: usize = 3;

/// Stage, number and attempt of the jobs that are done, as [`jobs::delete`] takes them.
pub(crate) fn done_rows<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Value> {
    let mut rows = Vec::new();
    for change in changes {
        if let Some(done) = &change.done {
            rows.extend([
                Value::from(done.stage),
                Value::from(change.case.number.as_str()),
                Value::Integer(done.attempt),
            ]);
        }
    }
    rows
}

pub(crate) const JOB_COLUMNS: usize = 7;

/// The rows of `jobs`: what the next stages have to do.
pub(crate) fn job_rows<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Value> {
    let mut rows = Vec::new();
    for change in changes {
        let (Some(stage), Some(event)) = (change.next, change.events.last()) else {
            continue;
        };
        rows.extend([
            Value::from(stage),
            Value::from(change.case.number.as_str()),
            Value::Integer(event.at.0),
            Value::Integer(0),
            Value::Integer(0),
            Value::Integer(event.at.0),
            Value::from(event.request.as_str()),
        ]);
    }
    rows
}

/// The rows of `tallies`: what the statistics count.
pub(crate) fn tally_rows<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    offset: Offset,
) -> Vec<Value> {
    let mut sums = BTreeMap::new();
    for change in changes {
        for event in &change.events {
            tally::count(&change.case, event, offset, &mut sums);
        }
    }
    tally::rows(&sums)
}

/// The rows of `likeness`: the buckets that cases are filed under.
pub(crate) fn likeness_rows<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Value> {
    likeness::rows(changes.into_iter().map(|change| Filed {
        number: &change.case.number,
        received_at: change.case.received_at.0,
        buckets: &change.buckets,
    }))
}

/// The rows of the view `copies`: what is put out.
pub(crate) fn copy_rows<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<Value> {
    changes
        .into_iter()
        .filter_map(|change| change.copy.as_deref())
        .flat_map(|copy| publications::row(Dialect::Sqlite, copy))
        .collect()
}

/// The name of an enum value that is a plain string in JSON.
pub(crate) fn plain<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(Json::String(text)) => Ok(text),
        other => Err(Error::Other(format!("not a plain name: {other:?}"))),
    }
}

pub(crate) fn encode<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Other(error.to_string()))
}

pub(crate) fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Decode(error.to_string()))
}

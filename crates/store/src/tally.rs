//! Sums for the statistics, written together with the events they count.
//!
//! `wenzheng verify` counts them again from the events.

use std::collections::BTreeMap;

use case::event::{Grade, Urgency};
use case::time::{Offset, Timestamp};
use case::{Case, Event, EventData};

use crate::transaction::{in_runs, placeholders};
use crate::{Connection, Error, Value};

/// What is counted. The name stands in the column `measure`.
pub mod measure {
    /// Cases taken in, by the inquiry centre.
    pub const RECEIVED: &str = "received";
    /// Emergencies among them.
    pub const EMERGENCIES: &str = "emergencies";
    /// Cases given to the department to lead.
    pub const DISPATCHED: &str = "dispatched";
    /// Cases that the department returned.
    pub const RETURNED: &str = "returned";
    /// Answers that went out.
    pub const PUBLISHED: &str = "published";
    /// Answers among them that the centre gave out of its knowledge base.
    pub const SELF_ANSWERED: &str = "self-answered";
    /// Cases that came back after an answer.
    pub const REOPENED: &str = "reopened";
    /// Ratings, by grade from worst to best.
    pub const RATED: [&str; 5] = ["rated-1", "rated-2", "rated-3", "rated-4", "rated-5"];
    /// Ratings that call the matter solved.
    pub const SOLVED: &str = "solved";
}

/// The key of a sum: day as `yyyymmdd` in the district's time, department
/// (empty for the district as a whole), measure, shard.
pub type Key = (i64, String, &'static str, i64);

/// Adds what `event`, the last or an earlier one of `case`, counts for.
pub fn count(case: &Case, event: &Event, offset: Offset, sums: &mut BTreeMap<Key, i64>) {
    let day = day_of(event.at, offset);
    let shard = case
        .number
        .bytes()
        .last()
        .map_or(0, |digit| i64::from(digit % 10));
    let mut add = |department: &str, measure: &'static str| {
        *sums
            .entry((day, department.to_owned(), measure, shard))
            .or_default() += 1;
    };
    let answered_by = case
        .answer
        .as_ref()
        .map_or("", |answer| answer.department.as_str());
    match &event.data {
        EventData::Received { urgency, .. } => {
            add("", measure::RECEIVED);
            if *urgency == Urgency::Emergency {
                add("", measure::EMERGENCIES);
            }
        }
        EventData::Assigned { department, .. }
        | EventData::Transferred { department }
        | EventData::Adjudicated { department } => add(department, measure::DISPATCHED),
        EventData::Returned { department, .. } => add(department, measure::RETURNED),
        EventData::Published { .. } => {
            add(answered_by, measure::PUBLISHED);
            if case
                .answer
                .as_ref()
                .is_some_and(|answer| answer.self_answered)
            {
                add(answered_by, measure::SELF_ANSWERED);
            }
        }
        EventData::Rated {
            grade,
            solved,
            consequence,
            ..
        } => {
            add(answered_by, measure::RATED[grade_index(*grade)]);
            if *solved {
                add(answered_by, measure::SOLVED);
            }
            if *consequence == case::event::Consequence::Reopen {
                add(answered_by, measure::REOPENED);
            }
        }
        EventData::Reopened => add(answered_by, measure::REOPENED),
        _ => {}
    }
}

fn grade_index(grade: Grade) -> usize {
    match grade {
        Grade::VeryDissatisfied => 0,
        Grade::Dissatisfied => 1,
        Grade::FairlySatisfied => 2,
        Grade::Satisfied => 3,
        Grade::VerySatisfied => 4,
    }
}

/// The day of an instant as `yyyymmdd`.
pub fn day_of(at: Timestamp, offset: Offset) -> i64 {
    let (year, month, day) = at.date(offset).ymd();
    i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day)
}

pub(crate) const COLUMNS: usize = 5;

/// The rows of the table that add `sums`.
pub fn rows(sums: &BTreeMap<Key, i64>) -> Vec<Value> {
    let mut rows = Vec::with_capacity(sums.len() * COLUMNS);
    // The map's order is the same in every transaction, so that two of them cannot block each other.
    for ((day, department, measure, shard), count) in sums {
        rows.extend([
            Value::Integer(*day),
            Value::from(department.as_str()),
            Value::from(*measure),
            Value::Integer(*shard),
            Value::Integer(*count),
        ]);
    }
    rows
}

/// Adds [`rows`] to the table.
pub async fn add<C: Connection>(connection: &mut C, rows: Vec<Value>) -> Result<(), Error> {
    in_runs(connection, COLUMNS, rows, |rows| {
        format!(
            "INSERT INTO tallies (day, department, measure, shard, count) VALUES {} \
             ON CONFLICT (day, department, measure, shard) DO UPDATE SET count = tallies.count + excluded.count",
            placeholders(rows, COLUMNS)
        )
    })
    .await
    .map(drop)
}

/// One sum over a range of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Department, empty for the district as a whole.
    pub department: String,
    /// What was counted.
    pub measure: String,
    /// How many.
    pub count: i64,
}

/// The sums from day `from` up to and with day `to` (`yyyymmdd`), of `department` alone where one is named; nothing
/// else is read then.
pub async fn sums<C: Connection>(
    connection: &mut C,
    from: i64,
    to: i64,
    department: Option<&str>,
) -> Result<Vec<Sum>, Error> {
    let mut parameters = vec![Value::Integer(from), Value::Integer(to)];
    let of = match department {
        Some(department) => {
            parameters.push(Value::from(department));
            "AND department = $3 "
        }
        None => "",
    };
    let rows = connection
        .query(
            &format!(
                "SELECT department, measure, CAST(SUM(count) AS BIGINT) FROM tallies \
                 WHERE day >= $1 AND day <= $2 {of}GROUP BY department, measure ORDER BY department, measure"
            ),
            parameters,
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Sum {
                department: row.text(0)?.to_owned(),
                measure: row.text(1)?.to_owned(),
                count: row.integer(2)?,
            })
        })
        .collect()
}

//! Everything that was made from events, made again and compared.
//!
//! The events are walked through in the order of the case numbers, a page at a
//! time, so that memory does not grow with the number of cases. What is
//! compared is read in one transaction per page; run it on a platform that
//! stands still, else a case that changes between two reads is reported.

use std::collections::{BTreeMap, BTreeSet};

use case::due::DeadlineBasis;
use case::fold::FOLD;
use case::time::Offset;
use case::{Case, Event, EventData, State};

use crate::change::{decode, projection};
use crate::due::due_at;
use crate::{Connection, Error, Row, Value, tally};

/// Events read at a time.
const PAGE: usize = 5000;

/// Something that is not what the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case, or what else it is about.
    pub subject: String,
    /// What is different, without personal data.
    pub what: String,
}

/// What was compared, and what was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Cases folded.
    pub cases: usize,
    /// Events read.
    pub events: usize,
    /// Rows of `cases` that another version of the fold made: whoever reads
    /// one folds its events instead.
    pub of_another_fold: usize,
    /// What is not right.
    pub differences: Vec<Difference>,
}

impl Findings {
    fn add(&mut self, subject: &str, what: impl Into<String>) {
        self.differences.push(Difference {
            subject: subject.to_owned(),
            what: what.into(),
        });
    }
}

/// The columns of `cases` in the order of [`projection`].
const COLUMNS: [&str; 17] = [
    "number",
    "sequence",
    "previous",
    "state",
    "queue",
    "kind",
    "urgency",
    "channel",
    "division",
    "category",
    "department",
    "received_at",
    "updated_at",
    "due_at",
    "emergency_at",
    "data",
    "follow_up_at",
];

/// Where `data` stands among them.
const DATA: usize = 15;

/// The columns of `cases` that are what they are whichever version of the fold
/// made the row; the others wait for the case's next event to be made anew.
const OF_EVERY_FOLD: [&str; 6] = [
    "number",
    "sequence",
    "channel",
    "division",
    "received_at",
    "updated_at",
];

/// What of a row's `data` says which fold made it.
#[derive(serde::Deserialize)]
struct Made {
    fold: u16,
}

/// Folds every case again and compares the rows of `cases`, `tallies`,
/// `publications`, `documents`, `contacts` and `jobs` with what comes out.
/// `progress` is told how many cases are done.
pub async fn run<C: Connection>(
    connection: &mut C,
    basis: &DeadlineBasis<'_>,
    offset: Offset,
    mut progress: impl FnMut(usize),
) -> Result<Findings, Error> {
    let mut walk = Walk {
        basis,
        offset,
        findings: Findings::default(),
        sums: BTreeMap::new(),
    };
    let mut position = (String::new(), i64::MAX);
    let mut pending: Vec<Row> = Vec::new();
    loop {
        let page = connection
            .query(
                &format!(
                    "SELECT number, sequence, at, kind, data FROM events WHERE (number, sequence) > ($1, $2) \
                     ORDER BY number, sequence LIMIT {PAGE}"
                ),
                vec![position.0.as_str().into(), Value::Integer(position.1)],
            )
            .await?;
        let last = page.len() < PAGE;
        if let Some(row) = page.last() {
            position = (row.text(0)?.to_owned(), row.integer(1)?);
        }
        pending.extend(page);
        // The last case of a full page may go on in the next one.
        let complete = if last {
            pending.len()
        } else {
            pending.partition_point(|row| row.text(0).is_ok_and(|number| number != position.0))
        };
        let ready: Vec<Row> = pending.drain(..complete).collect();
        walk.cases(connection, &ready).await?;
        progress(walk.findings.cases);
        if last {
            break;
        }
    }
    walk.strays(connection).await?;
    walk.tallies(connection).await?;
    Ok(walk.findings)
}

struct Walk<'a> {
    basis: &'a DeadlineBasis<'a>,
    offset: Offset,
    findings: Findings,
    sums: BTreeMap<tally::Key, i64>,
}

/// What stands beside the events of a range of cases.
#[derive(Default)]
struct Beside {
    cases: BTreeMap<String, Row>,
    documents: BTreeSet<(String, i64)>,
    contacts: BTreeSet<String>,
    jobs: BTreeSet<(String, String)>,
    publications: BTreeMap<String, String>,
}

impl Walk<'_> {
    /// Compares the cases whose events are in `rows`, all of each.
    async fn cases<C: Connection>(
        &mut self,
        connection: &mut C,
        rows: &[Row],
    ) -> Result<(), Error> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        let beside = beside(connection, first.text(0)?, last.text(0)?).await?;
        for events in rows.chunk_by(|left, right| left.0.first() == right.0.first()) {
            let number = events[0].text(0)?;
            self.findings.cases += 1;
            self.findings.events += events.len();
            if let Some((case, last)) = self.fold(number, events)? {
                self.compare(&case, last, &beside)?;
            }
        }
        Ok(())
    }

    /// Folds one case, counting what its events count for. Beside it comes the
    /// kind of the last event that brought it to where it is.
    fn fold(&mut self, number: &str, rows: &[Row]) -> Result<Option<(Case, &'static str)>, Error> {
        let mut case: Option<Case> = None;
        let mut last = "";
        for row in rows {
            let event: Event = match decode(row.text(4)?) {
                Ok(event) => event,
                Err(error) => {
                    self.findings.add(
                        number,
                        format!("event {} cannot be read: {error}", row.integer(1)?),
                    );
                    return Ok(None);
                }
            };
            if i64::from(event.sequence) != row.integer(1)?
                || event.at.0 != row.integer(2)?
                || event.data.kind() != row.text(3)?
            {
                self.findings.add(
                    number,
                    format!("event {} is not what its columns say", row.integer(1)?),
                );
            }
            let folded = match &mut case {
                None => Case::open(number, &event).map(|opened| case = Some(opened)),
                Some(case) => case.apply(&event),
            };
            if let Err(error) = folded {
                self.findings
                    .add(number, format!("the events do not add up: {error}"));
                return Ok(None);
            }
            if let Some(case) = &case {
                tally::count(case, &event, self.offset, &mut self.sums);
            }
            if !matches!(
                event.data,
                EventData::Supplemented
                    | EventData::Supervised
                    | EventData::EmergencyDeclared
                    | EventData::EmergencyEnded
            ) {
                last = event.data.kind();
            }
        }
        Ok(case.map(|case| (case, last)))
    }

    fn compare(&mut self, case: &Case, last: &str, beside: &Beside) -> Result<(), Error> {
        let number = case.number.as_str();
        match beside.cases.get(number) {
            None => self.findings.add(number, "has events, but no row in cases"),
            Some(row) => self.compare_row(case, row)?,
        }
        if !beside.contacts.contains(number) {
            self.findings.add(number, "has no row in contacts");
        }
        if !beside.documents.contains(&(number.to_owned(), 1)) {
            self.findings.add(number, "the original message is missing");
        }
        if let Some(answer) = &case.answer
            && !beside
                .documents
                .contains(&(number.to_owned(), answer.sequence.into()))
        {
            self.findings
                .add(number, "the text of the answer is missing");
        }
        match (case.public, beside.publications.contains_key(number)) {
            (true, false) => self
                .findings
                .add(number, "is public, but has no public copy"),
            (false, true) => self
                .findings
                .add(number, "is not public, but has a public copy"),
            _ => {}
        }
        if let Some(department) = beside.publications.get(number)
            && case
                .answer
                .as_ref()
                .is_none_or(|answer| answer.department != *department)
        {
            self.findings.add(
                number,
                "the public copy names another department than the answer",
            );
        }
        // Where the next step is the platform's own, there must be a job for it: else the case is lost.
        let waits_for = match (case.state, last) {
            (State::Received, "received") if case.held.is_none() => Some("classify"),
            (State::Received, "admitted" | "reconsidered") => Some("classify"),
            (State::Classified, "classified") => Some("route"),
            (State::Reviewed, _) => Some("publish"),
            _ => None,
        };
        if let Some(stage) = waits_for
            && !beside.jobs.contains(&(stage.to_owned(), number.to_owned()))
        {
            self.findings.add(
                number,
                format!("is {} without a job for {stage}", case.state.name()),
            );
        }
        Ok(())
    }

    fn compare_row(&mut self, case: &Case, row: &Row) -> Result<(), Error> {
        let previous = u32::try_from(row.integer(2)?).unwrap_or(u32::MAX);
        if previous >= case.sequence {
            self.findings
                .add(&case.number, "cases.previous is not before the last event");
        }
        let expected = projection(case, previous, due_at(case, self.basis))?;
        let data = row.text(DATA)?;
        // Compared with itself folded again it is right: that is how `cases::read` reads it.
        let of_another_fold = decode::<Made>(data).is_ok_and(|made| made.fold != FOLD);
        self.findings.of_another_fold += usize::from(of_another_fold);
        for (index, column) in COLUMNS.iter().enumerate() {
            if index == DATA || of_another_fold && !OF_EVERY_FOLD.contains(column) {
                continue;
            }
            if row.0.get(index) != expected.get(index) {
                self.findings.add(
                    &case.number,
                    format!("cases.{column} is not what the events say"),
                );
            }
        }
        // Compared as a case, not as a text: a later version may have added fields.
        if !of_another_fold && decode::<Case>(data).ok().as_ref() != Some(case) {
            self.findings
                .add(&case.number, "cases.data is not what the events say");
        }
        Ok(())
    }

    /// Rows that belong to no case.
    async fn strays<C: Connection>(&mut self, connection: &mut C) -> Result<(), Error> {
        for table in [
            "cases",
            "documents",
            "contacts",
            "attachments",
            "jobs",
            "publications",
        ] {
            let rows = connection
                .query(
                    &format!(
                        "SELECT DISTINCT number FROM {table} t WHERE NOT EXISTS \
                         (SELECT 1 FROM events e WHERE e.number = t.number AND e.sequence = 1) LIMIT 100"
                    ),
                    Vec::new(),
                )
                .await?;
            for row in &rows {
                self.findings.add(
                    row.text(0)?,
                    format!("has a row in {table}, but no first event"),
                );
            }
        }
        Ok(())
    }

    /// The sums of the statistics.
    async fn tallies<C: Connection>(&mut self, connection: &mut C) -> Result<(), Error> {
        let rows = connection
            .query(
                "SELECT day, department, measure, shard, count FROM tallies WHERE count <> 0",
                Vec::new(),
            )
            .await?;
        let mut stored = BTreeMap::new();
        for row in &rows {
            let key = (
                row.integer(0)?,
                row.text(1)?.to_owned(),
                row.text(2)?.to_owned(),
                row.integer(3)?,
            );
            stored.insert(key, row.integer(4)?);
        }
        for ((day, department, measure, shard), count) in std::mem::take(&mut self.sums) {
            let found = stored
                .remove(&(day, department.clone(), measure.to_owned(), shard))
                .unwrap_or(0);
            if found != count {
                let subject = format!("tallies {day} {department} {measure} {shard}");
                self.findings
                    .add(&subject, format!("is {found}, the events say {count}"));
            }
        }
        for ((day, department, measure, shard), count) in stored {
            let subject = format!("tallies {day} {department} {measure} {shard}");
            self.findings
                .add(&subject, format!("is {count}, the events say 0"));
        }
        Ok(())
    }
}

/// Reads what stands beside the events of the cases from `first` to `last`.
async fn beside<C: Connection>(
    connection: &mut C,
    first: &str,
    last: &str,
) -> Result<Beside, Error> {
    let mut beside = Beside::default();
    let mut read = async |columns: &str, table: &str| {
        connection
            .query(
                &format!("SELECT {columns} FROM {table} WHERE number >= $1 AND number <= $2"),
                vec![first.into(), last.into()],
            )
            .await
    };
    for row in read(&COLUMNS.join(", "), "cases").await? {
        beside.cases.insert(row.text(0)?.to_owned(), row);
    }
    for row in read("number, sequence", "documents").await? {
        beside
            .documents
            .insert((row.text(0)?.to_owned(), row.integer(1)?));
    }
    for row in read("number", "contacts").await? {
        beside.contacts.insert(row.text(0)?.to_owned());
    }
    for row in read("stage, number", "jobs").await? {
        beside
            .jobs
            .insert((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
    }
    for row in read("number, department", "publications").await? {
        beside
            .publications
            .insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
    }
    Ok(beside)
}

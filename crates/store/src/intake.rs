//! Taking a case in.

use case::State;
use case::time::Offset;

use crate::change::{self, Change};
use crate::contacts::{self, Contact};
use crate::counters::{self, Limit};
use crate::files::{self, File};
use crate::submissions::{self, Submission};
use crate::{Connection, Dialect, Error, Value, once, tally, transaction};

/// A message that is to become a case.
#[derive(Debug)]
pub struct Message<'a> {
    /// The first step of the new case.
    pub change: Change,
    /// Who sent it.
    pub contact: Contact,
    /// The files that came with it.
    pub files: &'a [File],
    /// By what it is known again.
    pub submission: Submission,
    /// Submissions from before are no repetition, in milliseconds since 1970 UTC.
    pub since: i64,
    /// What is counted against floods; no counter twice.
    pub limits: &'a [Limit],
}

/// What became of a message.
#[derive(Debug)]
pub enum Outcome {
    /// It is a case now, durably.
    Received,
    /// It came before, as this.
    Repeated(Submission),
    /// What the counters of [`Message::limits`] would stand at: one of them beyond its most.
    TooMany(Vec<i64>),
    /// Another case has the number.
    NumberTaken,
}

/// Takes `message` in, in a transaction of its own, with all that belongs to it or not at all. `offset` is the
/// district's offset from UTC, by which the days of the statistics are told.
///
/// # Errors
/// As those of the statements.
pub async fn receive<C: Connection>(
    connection: &mut C,
    message: &Message<'_>,
    offset: Offset,
) -> Result<Outcome, Error> {
    if connection.dialect() == Dialect::Sqlite && message.files.is_empty() {
        match receive_at_once(connection, message, offset).await {
            Ok(()) => return Ok(Outcome::Received),
            // Nothing is written. Why, is found out below.
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    transaction::begin(connection).await?;
    let outcome = receive_step_by_step(connection, message, offset).await?;
    match outcome {
        Outcome::Received => transaction::commit(connection).await?,
        _ => transaction::rollback(connection).await,
    }
    Ok(outcome)
}

/// In a single statement, for the reason that [`once`] gives.
async fn receive_at_once<C: Connection>(
    connection: &mut C,
    message: &Message<'_>,
    offset: Offset,
) -> Result<(), Error> {
    let Message {
        contact,
        submission,
        ..
    } = message;
    let change = std::slice::from_ref(&message.change);
    let json = |rows: &[Value], columns| once::json(rows, columns).map(Value::Text);
    let parameters = vec![
        submission.key.clone().into(),
        submission.fingerprint.clone().into(),
        submission.number.as_str().into(),
        submission.response.clone().into(),
        Value::Integer(submission.at),
        Value::Integer(message.since),
        json(&counters::rows(message.limits), counters::LIMIT_COLUMNS)?,
        contact.code.clone().into(),
        contact.sealed.clone().into(),
        contact.phone.clone().into(),
        contact.email.clone().into(),
        json(&change::case_rows(change)?, change::CASE_COLUMNS)?,
        json(&change::event_rows(change)?, change::EVENT_COLUMNS)?,
        json(&change::document_rows(change), change::DOCUMENT_COLUMNS)?,
        json(&change::job_rows(change), change::JOB_COLUMNS)?,
        json(&change::tally_rows(change, offset), tally::COLUMNS)?,
    ];
    let statement = format!(
        "INSERT INTO receipts (key, fingerprint, number, response, at, since, counters, code, sealed, phone, email, \
         cases, events, documents, jobs, tallies) VALUES {}",
        transaction::placeholders(1, parameters.len())
    );
    connection.query(&statement, parameters).await.map(drop)
}

/// Inside the open transaction.
async fn receive_step_by_step<C: Connection>(
    connection: &mut C,
    message: &Message<'_>,
    offset: Offset,
) -> Result<Outcome, Error> {
    if let Some(earlier) =
        submissions::remember(connection, &message.submission, message.since).await?
    {
        return Ok(Outcome::Repeated(earlier));
    }
    let counts: Vec<_> = message
        .limits
        .iter()
        .map(|limit| limit.count.clone())
        .collect();
    let counted = counters::count_up(connection, &counts).await?;
    let mut limits = message.limits.iter().zip(&counted);
    if limits.any(|(limit, counted)| *counted > limit.max) {
        return Ok(Outcome::TooMany(counted));
    }
    let change = std::slice::from_ref(&message.change);
    if !change::write(connection, change, offset).await?.is_empty() {
        return Ok(Outcome::NumberTaken);
    }
    let number = &message.change.case.number;
    contacts::insert(connection, number, &message.contact).await?;
    files::insert(connection, number, message.files).await?;
    Ok(Outcome::Received)
}

/// The state of case `number`, which stays as it is until the open
/// transaction ends.
pub async fn hold_state<C: Connection>(
    connection: &mut C,
    number: &str,
) -> Result<Option<State>, Error> {
    let lock = match connection.dialect() {
        // The transaction has the only write turn anyway.
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE",
    };
    let rows = connection
        .query(
            &format!("SELECT state FROM cases WHERE number = $1 {lock}"),
            vec![number.into()],
        )
        .await?;
    rows.first()
        .map(|row| {
            let name = row.text(0)?;
            State::from_name(name).ok_or_else(|| Error::Decode(format!("state {name}")))
        })
        .transpose()
}

//! The queue of work between the stages.
//!
//! A job is one case waiting for one stage. Claiming it hides it until its
//! lease is over; completing it (with [`crate::change::write`]) deletes it;
//! failing it lets it come back later, and after too many attempts makes it a
//! dead letter that staff see.

use crate::transaction::in_runs;
use crate::{Connection, Dialect, Error, Value};

/// A claimed job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The case.
    pub number: String,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// The request that made the job.
    pub request: String,
}

/// How jobs are claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The stage.
    pub stage: &'static str,
    /// Now, in milliseconds since 1970 UTC.
    pub now: i64,
    /// How long the claim lasts, in milliseconds.
    pub lease: i64,
    /// How many at most.
    pub limit: u32,
}

/// Claims jobs that are ready, oldest first, in one statement that needs no
/// transaction around it. Those that have failed before come one at a time, so
/// that one case that breaks a handler does not take others with it.
pub async fn claim<C: Connection>(connection: &mut C, claim: Claim) -> Result<Vec<Job>, Error> {
    let fresh = claim_where(connection, claim, "attempts = 0", claim.limit).await?;
    if fresh.is_empty() {
        claim_where(connection, claim, "attempts > 0", 1).await
    } else {
        Ok(fresh)
    }
}

async fn claim_where<C: Connection>(
    connection: &mut C,
    claim: Claim,
    which: &str,
    limit: u32,
) -> Result<Vec<Job>, Error> {
    let lock = match connection.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let statement = format!(
        "UPDATE jobs SET ready_at = $1, attempts = attempts + 1 WHERE stage = $2 AND number IN \
         (SELECT number FROM jobs WHERE stage = $3 AND dead = 0 AND ready_at <= $4 AND {which} \
         ORDER BY ready_at LIMIT {limit} {lock}) RETURNING number, attempts, request"
    );
    let parameters = vec![
        Value::Integer(claim.now + claim.lease),
        claim.stage.into(),
        claim.stage.into(),
        Value::Integer(claim.now),
    ];
    let rows = connection.query(&statement, parameters).await?;
    rows.iter()
        .map(|row| {
            Ok(Job {
                number: row.text(0)?.to_owned(),
                attempt: row.integer(1)?,
                request: row.text(2)?.to_owned(),
            })
        })
        .collect()
}

/// Whether any job of `stage` is ready.
pub async fn any_ready<C: Connection>(
    connection: &mut C,
    stage: &str,
    now: i64,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "SELECT 1 FROM jobs WHERE stage = $1 AND dead = 0 AND ready_at <= $2 LIMIT 1",
            vec![stage.into(), Value::Integer(now)],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Says that an attempt failed: the job comes back at `ready_at`, or is set
/// aside as a dead letter. `error` is a short internal text without personal
/// data.
pub async fn fail<C: Connection>(
    connection: &mut C,
    stage: &str,
    job: &Job,
    ready_at: i64,
    dead: bool,
    error: &str,
) -> Result<(), Error> {
    connection
        .query(
            "UPDATE jobs SET ready_at = $1, dead = $2, error = $3 \
             WHERE stage = $4 AND number = $5 AND attempts = $6",
            vec![
                Value::Integer(ready_at),
                dead.into(),
                error.into(),
                stage.into(),
                job.number.as_str().into(),
                Value::Integer(job.attempt),
            ],
        )
        .await
        .map(drop)
}

/// Sets aside jobs whose attempts are used up although nobody said that they
/// failed: the stage itself broke down on them. Returns how many.
pub async fn bury<C: Connection>(
    connection: &mut C,
    now: i64,
    max_attempts: u32,
) -> Result<usize, Error> {
    let rows = connection
        .query(
            "UPDATE jobs SET dead = 1, error = COALESCE(error, 'the stage broke down') \
             WHERE dead = 0 AND ready_at <= $1 AND attempts >= $2 RETURNING number",
            vec![Value::Integer(now), Value::Integer(max_attempts.into())],
        )
        .await?;
    Ok(rows.len())
}

/// A dead letter as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The stage that failed.
    pub stage: String,
    /// The case.
    pub number: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When the job was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// The last error; internal.
    pub error: Option<String>,
}

/// The dead letters, oldest first.
pub async fn dead_letters<C: Connection>(
    connection: &mut C,
    limit: u32,
) -> Result<Vec<DeadLetter>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT stage, number, attempts, created_at, error FROM jobs WHERE dead = 1 \
                 ORDER BY created_at, number LIMIT {limit}"
            ),
            Vec::new(),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(DeadLetter {
                stage: row.text(0)?.to_owned(),
                number: row.text(1)?.to_owned(),
                attempts: row.integer(2)?,
                created_at: row.integer(3)?,
                error: row.optional_text(4)?.map(str::to_owned),
            })
        })
        .collect()
}

/// Lets a dead letter be tried again from `now` on. False when there is none.
pub async fn revive<C: Connection>(
    connection: &mut C,
    stage: &str,
    number: &str,
    now: i64,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "UPDATE jobs SET dead = 0, attempts = 0, ready_at = $1 \
             WHERE stage = $2 AND number = $3 AND dead = 1 RETURNING number",
            vec![Value::Integer(now), stage.into(), number.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Drops jobs of `stage` that have nothing to do any more because the case
/// has gone another way.
pub async fn drop_jobs<C: Connection>(
    connection: &mut C,
    stage: &str,
    jobs: &[Job],
) -> Result<(), Error> {
    let mut parameters = Vec::with_capacity(jobs.len() * 3);
    for job in jobs {
        parameters.extend([
            stage.into(),
            Value::from(job.number.as_str()),
            Value::Integer(job.attempt),
        ]);
    }
    delete(connection, parameters).await
}

/// Deletes the jobs whose stage, number and attempt follow each other in
/// `parameters`.
pub(crate) async fn delete<C: Connection>(
    connection: &mut C,
    parameters: Vec<Value>,
) -> Result<(), Error> {
    in_runs(connection, 3, parameters, |rows| {
        // Neither `IN (VALUES …)` nor a list of row values works alike in both dialects.
        let conditions: Vec<String> = (0..rows)
            .map(|row| {
                format!(
                    "(stage = ${} AND number = ${} AND attempts = ${})",
                    row * 3 + 1,
                    row * 3 + 2,
                    row * 3 + 3
                )
            })
            .collect();
        format!("DELETE FROM jobs WHERE {}", conditions.join(" OR "))
    })
    .await
    .map(drop)
}

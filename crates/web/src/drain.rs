//! A stage working through its jobs.

use case::{Actor, Case};
use http::StatusCode;
use serde_json::{Value as Json, json};
use store::jobs::{self, Claim, Job};
use store::{Change, Error, cases, once};

use crate::chain;
use crate::context::{Context, Reply, now};
use crate::database::Database;
use crate::problem::Problem;
use crate::rules::{self, Rules};
use crate::step::{Step, apply, complete};

/// Batches that one call works through at most, so that no call takes long.
const BATCHES: usize = 8;

/// What a stage makes of one job.
#[derive(Debug)]
pub enum Outcome {
    /// The case goes on like this.
    Step(Step),
    /// The case has gone another way: there is nothing to do.
    Nothing,
    /// It did not work; try again later. The text is for the log and for
    /// staff, without personal data.
    Failed(String),
}

/// A stage's part in [`run`].
pub trait Worker {
    /// Decides about one case, outside any transaction, so that nobody who
    /// wants to write waits for a handler. `original` is the document of the citizen's
    /// message. What it decides is written only if nobody has changed the case
    /// meanwhile.
    #[allow(async_fn_in_trait, reason = "guests have one thread")]
    async fn work(
        &self,
        context: &Context,
        database: &mut Database,
        rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error>;
}

/// Works through the jobs of `stage`: claims a batch (in a transaction of its
/// own, so that a stage that breaks down has its attempt counted), judges
/// every case of it, and writes what happens to all of them in one transaction.
/// Wakes the next stages after every batch.
pub async fn run<W: Worker>(
    stage: &'static str,
    context: &Context,
    worker: &W,
) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let mut done = 0;
    for batch in 0.. {
        let rules = rules::rules(&mut database, context.now).await?;
        let policy = &rules.policy.jobs;
        let at = now();
        // A look without a transaction first: most calls find nothing, and should take no write turn.
        if !jobs::any_ready(&mut database, stage, at.0).await? {
            break;
        }
        if batch == BATCHES {
            chain::wake(stage, &context.request);
            break;
        }
        let claim = Claim {
            stage,
            now: at.0,
            lease: i64::try_from(policy.lease_seconds).unwrap_or(60) * 1000,
            limit: policy.batch,
        };
        let claimed = jobs::claim(&mut database, claim).await?;
        if claimed.is_empty() {
            break;
        }
        done += claimed.len();
        batch_of(stage, context, worker, &mut database, &rules, claimed).await?;
    }
    Ok(Reply::json(
        StatusCode::OK,
        &json!({ "stage": stage, "done": done }),
    ))
}

async fn batch_of<W: Worker>(
    stage: &'static str,
    context: &Context,
    worker: &W,
    database: &mut Database,
    rules: &Rules,
    claimed: Vec<Job>,
) -> Result<(), Problem> {
    let numbers: Vec<String> = claimed.iter().map(|job| job.number.clone()).collect();
    let mut loaded = cases::load_many(database, &numbers).await?;
    let actor = Actor::System {
        stage: stage.to_owned(),
    };
    let mut changes: Vec<Change> = Vec::with_capacity(claimed.len());
    let mut dropped = Vec::new();
    let mut failed = Vec::new();
    for job in claimed {
        let Some(position) = loaded
            .iter()
            .position(|(case, _)| case.number == job.number)
        else {
            dropped.push(job);
            continue;
        };
        let (case, original) = loaded.swap_remove(position);
        match worker
            .work(context, database, rules, &case, &original)
            .await?
        {
            Outcome::Step(step) => {
                let change = apply(context, rules, case, &actor, &job.request, step)?;
                changes.push(complete(change, stage, job.attempt));
            }
            Outcome::Nothing => dropped.push(job),
            Outcome::Failed(error) => failed.push((job, error)),
        }
    }
    let late = once::commit(database, &changes, rules.offset).await?;
    // Somebody acted on these meanwhile: they are looked at once more, at once.
    for change in changes
        .iter()
        .filter(|change| late.contains(&change.case.number))
    {
        if let Some(done) = &change.done {
            let job = Job {
                number: change.case.number.clone(),
                attempt: done.attempt,
                request: String::new(),
            };
            jobs::fail(database, stage, &job, now().0, false, "overtaken").await?;
        }
    }
    jobs::drop_jobs(database, stage, &dropped).await?;
    for (job, error) in &failed {
        let policy = &rules.policy.jobs;
        let attempt = usize::try_from(job.attempt).unwrap_or(usize::MAX);
        let waits = &policy.backoff_seconds;
        let wait = waits
            .get(attempt.saturating_sub(1))
            .or(waits.last())
            .copied()
            .unwrap_or(60);
        let ready_at = now().0 + i64::try_from(wait).unwrap_or(60) * 1000;
        let dead = job.attempt >= i64::from(policy.max_attempts);
        jobs::fail(database, stage, job, ready_at, dead, error).await?;
        context.log("warn", &json!({ "event": "job-failed", "number": job.number, "attempt": job.attempt, "error": error }));
    }

    let mut woken: Vec<&'static str> = Vec::new();
    for change in &changes {
        if late.contains(&change.case.number) {
            context.log(
                "info",
                &json!({ "event": "job-overtaken", "number": change.case.number }),
            );
        } else if let Some(next) = change.next
            && !woken.contains(&next)
        {
            woken.push(next);
            chain::wake(next, &context.request);
        }
    }
    Ok(())
}

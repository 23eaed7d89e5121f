//! One step of one case: who, may they, what happens, in one transaction.

use std::rc::Rc;

use case::due::DeadlineBasis;
use case::{Action, Actor, Case, Event, EventData};
use http::StatusCode;
use serde_json::{Value as Json, json};
use store::publications::Publication;
use store::{Change, DoneJob, cases, change, once, transaction};

use crate::context::{Context, Reply};
use crate::database::Database;
use crate::problem::Problem;
use crate::rules::{self, Rules};
use crate::text::{self, Plain, Reasoned};
use crate::{chain, identity};

/// What a step adds to a case.
#[derive(Debug, Default)]
pub struct Step {
    /// The events, each with its document if it has one.
    pub events: Vec<(EventData, Option<Json>)>,
    /// The stage that goes on with it.
    pub next: Option<&'static str>,
    /// The buckets of likeness that the case is filed under.
    pub buckets: Vec<i64>,
    /// The public copy that is put out.
    pub copy: Option<Box<Publication>>,
}

impl Step {
    /// One event without a document.
    pub fn event(data: EventData) -> Step {
        Step {
            events: vec![(data, None)],
            ..Step::default()
        }
    }

    /// One event with what somebody wrote.
    pub fn with_document(data: EventData, document: Json) -> Step {
        Step {
            events: vec![(data, Some(document))],
            ..Step::default()
        }
    }

    /// The stage `stage` goes on with it.
    pub fn then(mut self, stage: &'static str) -> Step {
        self.next = Some(stage);
        self
    }
}

/// What a step is decided on.
pub struct Scene<'a> {
    /// The case as it stands, read inside the transaction.
    pub case: &'a Case,
    /// Who acts.
    pub actor: &'a Actor,
    /// The rules in force.
    pub rules: &'a Rules,
}

/// Applies `step` by `actor` to `case` and returns what is to be written.
pub fn apply(
    context: &Context,
    rules: &Rules,
    mut case: Case,
    actor: &Actor,
    request: &str,
    step: Step,
) -> Result<Change, Problem> {
    let mut events = Vec::with_capacity(step.events.len());
    let mut documents = Vec::new();
    for (data, document) in step.events {
        let event = Event {
            sequence: case.sequence + 1,
            // A case's time never runs backwards, whatever the clocks of two machines say.
            at: context.now.max(case.updated_at),
            actor: actor.clone(),
            request: request.to_owned(),
            data,
        };
        case.apply(&event)
            .map_err(|error| Problem::internal(error.to_string()))?;
        if let Some(document) = document {
            documents.push((event.sequence, document));
        }
        events.push(event);
    }
    let due_at = due_at(&case, rules);
    Ok(Change {
        case,
        due_at,
        events,
        documents,
        next: step.next,
        done: None,
        buckets: step.buckets,
        copy: step.copy,
    })
}

/// When the next duty of `case` is due; none while its clock stands.
pub fn due_at(case: &Case, rules: &Rules) -> Option<i64> {
    let basis = basis(rules);
    case.deadline(&basis)
        .filter(|deadline| deadline.standing_since.is_none())
        .map(|deadline| deadline.due.0)
}

/// What deadlines are computed from.
pub fn basis(rules: &Rules) -> DeadlineBasis<'_> {
    DeadlineBasis {
        deadlines: &rules.deadlines,
        calendar: &rules.calendar,
        categories: &rules.categories,
    }
}

/// How often a step is decided anew because something else happened to the
/// case meanwhile, such as a stage that was through with it.
const ATTEMPTS: usize = 4;

/// Takes `action` on case `number` for whoever makes the request.
///
/// `sequence` is the sequence of the case that the caller has seen, if they
/// say it: a later one is a conflict. `decide` runs once the life-cycle table
/// has allowed the action, and says what happens; it may read through the
/// connection. If the case has changed when that is to be written, everything
/// is looked at anew, so `decide` may be asked several times.
pub async fn take(
    context: &Context,
    number: &str,
    action: Action,
    sequence: Option<u32>,
    decide: impl AsyncFn(&mut Database, Scene<'_>) -> Result<Step, Problem>,
) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let database = &mut database;
    let asked = Asked::by(context, database, number, action, sequence).await?;
    for _ in 0..ATTEMPTS {
        let case = cases::load(database, number)
            .await?
            .ok_or_else(Problem::not_found)?;
        let scene = asked.scene(&case)?;
        let step = decide(database, scene).await?;
        let changes = [asked.change(case, step)?];
        let late = once::commit(database, &changes, asked.rules.offset).await?;
        if late.is_empty() {
            let [change] = changes;
            return Ok(asked.done(&change));
        }
    }
    Err(Problem::conflict("stale").with("number", number))
}

/// Like [`take`], for a `decide` that writes or that relies on other cases
/// staying as they are: it runs once, inside the transaction.
pub async fn take_holding(
    context: &Context,
    number: &str,
    action: Action,
    sequence: Option<u32>,
    decide: impl AsyncFnOnce(&mut Database, Scene<'_>) -> Result<Step, Problem>,
) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let database = &mut database;
    let asked = Asked::by(context, database, number, action, sequence).await?;
    transaction::begin(database).await?;
    let case = cases::hold(database, number)
        .await?
        .ok_or_else(Problem::not_found)?;
    let scene = asked.scene(&case)?;
    let step = decide(database, scene).await?;
    let changes = [asked.change(case, step)?];
    if !change::write(database, &changes, asked.rules.offset)
        .await?
        .is_empty()
    {
        return Err(Problem::conflict("stale").with("number", number));
    }
    transaction::commit(database).await?;
    let [change] = changes;
    Ok(asked.done(&change))
}

/// Who wants to take which action, by which rules.
struct Asked<'a> {
    context: &'a Context,
    action: Action,
    sequence: Option<u32>,
    actor: Actor,
    rules: Rc<Rules>,
}

impl<'a> Asked<'a> {
    async fn by(
        context: &'a Context,
        database: &mut Database,
        number: &str,
        action: Action,
        sequence: Option<u32>,
    ) -> Result<Self, Problem> {
        let actor = identity::actor(context, database, number).await?;
        if !action.transition().parties.contains(&actor.party()) {
            return Err(Problem::forbidden());
        }
        Ok(Asked {
            context,
            action,
            sequence,
            actor,
            rules: rules::rules(database, context.now).await?,
        })
    }

    /// What is decided on, if the action is allowed on `case` as it stands.
    fn scene<'s>(&'s self, case: &'s Case) -> Result<Scene<'s>, Problem> {
        case.check(self.action, &self.actor, &self.rules.identity.centre)
            .map_err(|refusal| {
                Problem::from(refusal)
                    .with("number", case.number.as_str())
                    .with("state", case.state.name())
            })?;
        if self.sequence.is_some_and(|seen| seen != case.sequence) {
            return Err(stale(case));
        }
        Ok(Scene {
            case,
            actor: &self.actor,
            rules: &self.rules,
        })
    }

    fn change(&self, case: Case, step: Step) -> Result<Change, Problem> {
        let request = &self.context.request;
        apply(self.context, &self.rules, case, &self.actor, request, step)
    }

    /// Wakes the next stage and says where the case stands.
    fn done(&self, change: &Change) -> Reply {
        if let Some(stage) = change.next {
            chain::wake(stage, &self.context.request);
        }
        Reply::json(StatusCode::OK, &summary(&change.case))
    }
}

/// Takes an action that needs nothing but the right to it: `data` happens, and the stage `next` goes on.
pub async fn plain(
    context: &Context,
    number: &str,
    action: Action,
    data: EventData,
    next: Option<&'static str>,
) -> Result<Reply, Problem> {
    let input: Plain = context.json_or_default()?;
    take(context, number, action, input.sequence, async |_, _| {
        Ok(Step {
            next,
            ..Step::event(data.clone())
        })
    })
    .await
}

/// Takes an action that needs a reason and nothing else: `data` happens, with the reason as its document.
pub async fn reasoned(
    context: &Context,
    number: &str,
    action: Action,
    data: EventData,
) -> Result<Reply, Problem> {
    let input: Reasoned = context.json()?;
    take(context, number, action, input.sequence, async |_, scene| {
        Ok(Step::with_document(
            data.clone(),
            text::reason(scene.rules, &input.reason)?,
        ))
    })
    .await
}

fn stale(case: &Case) -> Problem {
    Problem::conflict("stale")
        .with("number", case.number.as_str())
        .with("state", case.state.name())
        .with("sequence", case.sequence)
}

/// What every step answers: where the case stands now.
pub fn summary(case: &Case) -> Json {
    json!({
        "number": case.number,
        "state": case.state,
        "family": case.state.family(),
        "sequence": case.sequence,
    })
}

/// Marks a change as the completion of a job.
pub fn complete(mut change: Change, stage: &'static str, attempt: i64) -> Change {
    change.done = Some(DoneJob { stage, attempt });
    change
}

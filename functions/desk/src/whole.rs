//! One case as staff see it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::{alike, contact};
use case::time::Timestamp;
use case::{Actor, Case, Event, Queue, Role};
use serde_json::{Value as Json, json};
use store::{accounts, cases, files, openings};
use web::rules::{self, Bodies, Rules};
use web::{Context, Database, Problem, Reply, catalogue, identity, sight, step, view};

/// Milliseconds for which whoever opened a case may still be at work on it.
const PRESENT: i64 = 30 * 60 * 1000;

/// `GET /api/desk/cases/{number}`. Whoever has no business with the case is
/// told that there is none.
pub async fn show(context: &Context, number: &str) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let account = identity::require(context, &mut database, &sight::ROLES).await?;
    let case = cases::load(&mut database, number)
        .await?
        .ok_or_else(Problem::not_found)?;
    let contact_sight = sight::of(&account, &case).ok_or_else(Problem::not_found)?;
    // First of all: what is not recorded is not shown.
    let (now, id) = (context.now.0, account.id.as_str());
    openings::record(&mut database, number, id, account.role, now).await?;
    let others = openings::others(&mut database, number, id, now - PRESENT).await?;
    let mut whole = Whole {
        history: cases::history_of(&mut database, &case).await?,
        documents: cases::documents_of(&mut database, &case).await?,
        files: if case.attachments > 0 {
            files::list(&mut database, number).await?
        } else {
            Vec::new()
        },
        contact: contact::masked(&mut database, number, contact_sight).await?,
        rules: rules::rules(&mut database, context.now).await?,
        bodies: rules::bodies(&mut database, context.now).await?,
        similar: Vec::new(),
        names: BTreeMap::new(),
        others,
        actor: account.actor(),
        role: account.role,
        case,
        context,
    };
    let staff: BTreeSet<&str> = whole.history.iter().filter_map(account_of).collect();
    let staff: Vec<&str> = staff.into_iter().collect();
    whole.names = accounts::names(&mut database, &staff)
        .await?
        .into_iter()
        .collect();
    if let Some(original) = view::document_of(&whole.documents, 1) {
        let (case, rules) = (&whole.case, &whole.rules);
        whole.similar =
            alike::similar(&mut database, &account, case, original, rules, context).await?;
    }
    Ok(Reply::ok(&whole.body()))
}

/// The account of the staff that an event is of.
fn account_of(event: &Event) -> Option<&str> {
    match &event.actor {
        Actor::Staff { account, .. } => Some(account),
        _ => None,
    }
}

struct Whole<'a> {
    context: &'a Context,
    actor: Actor,
    role: Role,
    case: Case,
    history: Vec<Event>,
    documents: Vec<(u32, Json)>,
    files: Vec<files::Listed>,
    contact: Json,
    similar: Vec<Json>,
    /// Names of the staff in the history, by account.
    names: BTreeMap<String, String>,
    others: Vec<openings::Opening>,
    rules: Rc<Rules>,
    bodies: Rc<Bodies>,
}

impl Whole<'_> {
    fn body(&self) -> Json {
        let mut body = self.standing();
        for part in [self.handling(), self.texts()] {
            if let (Some(body), Json::Object(part)) = (body.as_object_mut(), part) {
                body.extend(part);
            }
        }
        body
    }

    /// Where the case stands and when it is due.
    fn standing(&self) -> Json {
        let (case, rules, language) = (&self.case, &*self.rules, self.context.language);
        let offset = rules.offset;
        json!({
            "number": case.number,
            "sequence": case.sequence,
            "state": case.state,
            "state_name": catalogue::state(case.state.name(), language),
            "family": case.state.family(),
            "queue": case.queue().map(Queue::name),
            "kind": case.kind,
            "urgency": case.urgency,
            "signals": case.signals,
            "language": case.language,
            "channel": case.channel,
            "division": case.division,
            "consent": { "publish": case.consent },
            "public": case.public,
            "received_at": view::time(case.received_at, offset),
            "updated_at": view::time(case.updated_at, offset),
            "published_at": view::time_of(case.published_at.map(|at| at.0), offset),
            "due_at": view::time_of(step::due_at(case, rules), offset),
            "lamp": view::lamp(case, rules, self.context.now),
            "deadline": view::deadline(case, rules, self.context),
        })
    }

    /// Who has it, who had it, and what is open between them.
    fn handling(&self) -> Json {
        let (case, rules, language) = (&self.case, &*self.rules, self.context.language);
        json!({
            "category": case.category,
            "category_name": case.category.as_deref().map(|id| view::category(rules, id, language)),
            "department": case.department,
            "department_name": case.department.as_deref().map(|id| view::department(&self.bodies, id, language)),
            "co_handling": case.co_handling,
            "responsibility": case.responsibility,
            "returned_by": case.returned_by,
            "disputed": case.disputed,
            "binding": case.binding,
            "held": case.held,
            "explained": case.explained,
            "extension": { "pending": case.extension.pending, "granted": case.extension.granted },
            "reopened": case.reopened,
            "supervised": case.supervised,
            "tell_supervisor": case.tell_supervisor,
            "merged": case.merged,
            "similar": self.similar,
            "others": self.others.iter().map(|opening| self.other(opening)).collect::<Vec<_>>(),
            "reviewer": case.reviewer,
            "self_answer": case.self_answer,
            "actions": view::actions(case, &self.actor, rules, self.context),
        })
    }

    /// The name of an account as colleagues see it; the account itself where it is there no more.
    fn name<'a>(&'a self, account: &'a str) -> &'a str {
        self.names.get(account).map_or(account, String::as_str)
    }

    /// Somebody who may be at work on the case as well.
    fn other(&self, opening: &openings::Opening) -> Json {
        json!({
            "account": opening.account,
            "name": opening.name,
            "role": opening.role,
            "at": view::time(Timestamp(opening.at), self.rules.offset),
        })
    }

    /// What people wrote, and what happened.
    fn texts(&self) -> Json {
        let offset = self.rules.offset;
        let supplements: Vec<Json> = view::supplements_of(&self.history, &self.documents)
            .map(|(event, text)| {
                json!({ "sequence": event.sequence, "at": view::time(event.at, offset), "text": text })
            })
            .collect();
        json!({
            "original": self.original(),
            "supplements": supplements,
            "attachments": self.attachments(),
            "contact": self.contact,
            "draft": self.draft(),
            "answer": self.answer(),
            "findings": self.case.findings,
            "rating": self.case.rating.as_ref().map(|rating| {
                json!({ "grade": rating.grade, "solved": rating.solved, "at": view::time(rating.at, offset) })
            }),
            "follow_up": self.follow_up(),
            "events": self.history.iter().map(|event| self.event(event)).collect::<Vec<_>>(),
        })
    }

    /// The message as intake keeps it. What it was before normalising is for
    /// the centre, in case something was lost by that.
    fn original(&self) -> Json {
        let document = view::document_of(&self.documents, 1)
            .cloned()
            .unwrap_or_default();
        let sees_raw = matches!(self.role, Role::Operator | Role::Duty | Role::Supervisor);
        json!({
            "subject": document["subject"],
            "body": document["body"],
            "address": document["address"],
            "reference": document["reference"],
            "personal": document["personal"],
            "raw": if sees_raw { document["raw"].clone() } else { Json::Null },
        })
    }

    fn attachments(&self) -> Vec<Json> {
        self.files
            .iter()
            .map(|file| {
                json!({
                    "position": file.position,
                    "name": file.name,
                    "media_type": file.media_type,
                    "bytes": file.bytes,
                    "href": format!("/api/cases/{}/attachments/{}", self.case.number, file.position),
                })
            })
            .collect()
    }

    fn draft(&self) -> Json {
        let draft = self
            .case
            .draft
            .and_then(|sequence| Some((sequence, view::document_of(&self.documents, sequence)?)));
        draft.map_or(Json::Null, |(sequence, document)| {
            json!({ "sequence": sequence, "text": document["text"], "sources": document["sources"] })
        })
    }

    /// What the department still has to do after the answer.
    fn follow_up(&self) -> Json {
        let Some(follow_up) = &self.case.follow_up else {
            return Json::Null;
        };
        json!({
            "task": view::text_of(&self.documents, follow_up.sequence),
            "after_days": follow_up.after_days,
            "due_at": view::time_of(follow_up.due.map(|due| due.0), self.rules.offset),
            "overdue": follow_up.due.is_some_and(|due| due < self.context.now),
        })
    }

    fn answer(&self) -> Json {
        let Some(answer) = &self.case.answer else {
            return Json::Null;
        };
        let document = view::document_of(&self.documents, answer.sequence)
            .cloned()
            .unwrap_or_default();
        json!({
            "sequence": answer.sequence,
            "at": view::time(answer.at, self.rules.offset),
            "author": answer.author,
            "author_name": self.name(&answer.author),
            "department": answer.department,
            "department_name": view::department(&self.bodies, &answer.department, self.context.language),
            "self_answered": answer.self_answered,
            "text": document["text"],
            "basis": document["basis"],
            "contact": document["contact"],
        })
    }

    /// An event with all that is recorded of it, its name, and what was
    /// written beside it; the original, the drafts and the public copies have
    /// places of their own.
    fn event(&self, event: &Event) -> Json {
        let mut entry = serde_json::to_value(event).unwrap_or_default();
        let kind = event.data.kind();
        entry["at"] = view::time(event.at, self.rules.offset);
        if let Some(account) = account_of(event) {
            entry["actor"]["name"] = self.name(account).into();
        }
        // What a stage takes is less than a second.
        entry["millis"] = event.at.0.into();
        entry["title"] = catalogue::timeline(kind, self.context.language).into();
        if !matches!(kind, "received" | "drafted" | "published")
            && let Some(text) = view::text_of(&self.documents, event.sequence)
        {
            entry["text"] = text.into();
        }
        if kind == "returned"
            && let Some(document) = view::document_of(&self.documents, event.sequence)
        {
            entry["basis"] = document["basis"].clone();
        }
        // What the department's own handler proposes to do with the case.
        if matches!(kind, "drafted" | "draft-refused")
            && let Some(document) = view::document_of(&self.documents, event.sequence)
            && document["triage"].is_object()
        {
            entry["proposal"] = document["triage"].clone();
        }
        entry
    }
}

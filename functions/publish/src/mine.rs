//! The citizen's own page of a case.

use case::time::Timestamp;
use case::{Actor, Case, Event, EventData, masking};
use serde_json::{Value as Json, json};
use store::{cases, contacts, files, openings};
use web::rules::{self, Bodies, Rules};
use web::{Context, Database, Problem, Reply, catalogue, identity, variables, view};

use crate::public;

/// Answers whoever has the query code; a wrong code is 404.
pub async fn show(context: &Context, number: &str) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    if !identity::citizen(context, &mut database, number).await? {
        return Err(Problem::not_found());
    }
    let case = cases::load(&mut database, number)
        .await?
        .ok_or_else(Problem::not_found)?;
    let page = Page {
        history: cases::history_of(&mut database, &case).await?,
        documents: cases::documents_of(&mut database, &case).await?,
        files: if case.attachments > 0 {
            files::list(&mut database, number).await?
        } else {
            Vec::new()
        },
        contact: contact(&mut database, number).await?,
        openings: openings::by_role(&mut database, number).await?,
        rules: rules::rules(&mut database, context.now).await?,
        bodies: rules::bodies(&mut database, context.now).await?,
        case,
        context,
    };
    Ok(Reply::ok(&page.body()))
}

/// The contact, masked: the code may be in other hands.
async fn contact(database: &mut Database, number: &str) -> Result<Json, Problem> {
    let sealed = contacts::load(database, number)
        .await?
        .and_then(|contact| contact.sealed);
    let Some(sealed) = sealed else {
        return Ok(Json::Null);
    };
    let plain = variables::keys().await?.open(number, &sealed);
    let plain = plain.map_err(|error| Problem::internal(format!("the contact: {error}")))?;
    let contact: Json =
        serde_json::from_slice(&plain).map_err(|error| Problem::internal(error.to_string()))?;
    let mask = |name: &str, mask: fn(&str) -> String| contact[name].as_str().map(mask);
    Ok(json!({
        "name": mask("name", masking::name),
        "phone": mask("phone", masking::phone),
        "email": mask("email", masking::email),
    }))
}

struct Page<'a> {
    context: &'a Context,
    case: Case,
    history: Vec<Event>,
    documents: Vec<(u32, Json)>,
    files: Vec<files::Listed>,
    contact: Json,
    openings: Vec<openings::OfRole>,
    rules: std::rc::Rc<Rules>,
    bodies: std::rc::Rc<Bodies>,
}

impl Page<'_> {
    fn body(&self) -> Json {
        let (case, rules, language) = (&self.case, &*self.rules, self.context.language);
        let offset = rules.offset;
        let original = view::document_of(&self.documents, 1)
            .cloned()
            .unwrap_or_default();
        let holder = case.department.as_deref().unwrap_or(&rules.identity.centre);
        let kind = serde_json::to_value(case.kind).unwrap_or_default();
        let supplements: Vec<Json> = view::supplements_of(&self.history, &self.documents)
            .map(|(event, text)| json!({ "at": view::time(event.at, offset), "text": text }))
            .collect();
        let mut body = json!({
            "visibility": "citizen",
            "number": case.number,
            "sequence": case.sequence,
            "state": case.state,
            "state_name": catalogue::state(case.state.name(), language),
            "family": case.state.family(),
            "kind": kind,
            "kind_name": catalogue::name(kind.as_str().unwrap_or_default(), language),
            "urgency": case.urgency,
            "language": case.language,
            "channel": case.channel,
            "category": case.category,
            "category_name": case.category.as_deref().map(|id| view::category(rules, id, language)),
            "division": case.division,
            "department": holder,
            "department_name": view::department(&self.bodies, holder, language),
            "consent": { "publish": case.consent },
            "public": case.public,
            "received_at": view::time(case.received_at, offset),
            "updated_at": view::time(case.updated_at, offset),
            "subject": original["subject"],
            "body": original["body"],
            "address": original["address"],
            "supplements": supplements,
            "attachments": self.files.iter().map(|file| self.attachment(file)).collect::<Vec<_>>(),
            "contact": self.contact,
            "deadline": view::deadline(case, rules, self.context),
            "explained": self.explained(),
            "merged_into": case.merged.as_ref().map(|merged| &merged.into),
            "rating": public::rating(&self.history),
            "timeline": view::timeline(&self.history, rules, &self.bodies, language, |event| self.text(event)),
            "openings": self.openings.iter().map(|of| self.opened(of)).collect::<Vec<_>>(),
            "actions": view::actions(case, &Actor::Citizen, rules, self.context),
        });
        self.add_answer(&mut body);
        body
    }

    /// How often a role of the staff opened the case; who it was is not the citizen's to know.
    fn opened(&self, of: &openings::OfRole) -> Json {
        let role = of.role.name();
        json!({
            "role": role,
            "role_name": catalogue::role(role, self.context.language),
            "count": of.count,
            "last_at": view::time(Timestamp(of.last_at), self.rules.offset),
        })
    }

    fn attachment(&self, file: &files::Listed) -> Json {
        json!({
            "position": file.position,
            "name": file.name,
            "media_type": file.media_type,
            "bytes": file.bytes,
            "href": format!("/api/cases/{}/attachments/{}", self.case.number, file.position),
        })
    }

    /// The answer that went out last; one that is being reviewed is none yet.
    fn add_answer(&self, body: &mut Json) {
        let published = self
            .history
            .iter()
            .rposition(|event| matches!(event.data, EventData::Published { .. }));
        let answered = published.and_then(|end| {
            self.history[..end]
                .iter()
                .rev()
                .find_map(|event| match &event.data {
                    EventData::Answered {
                        department,
                        self_answered,
                        ..
                    } => Some((event, department, *self_answered)),
                    _ => None,
                })
        });
        let document =
            answered.and_then(|(event, ..)| view::document_of(&self.documents, event.sequence));
        let member = |name: &str| document.map_or(Json::Null, |document| document[name].clone());
        body["answer"] = member("text");
        body["basis"] = if document.is_some() {
            member("basis")
        } else {
            json!([])
        };
        body["answer_contact"] = member("contact");
        body["answered_by"] =
            answered.map_or(Json::Null, |(_, department, _)| department.as_str().into());
        body["self_answered"] = answered
            .is_some_and(|(.., self_answered)| self_answered)
            .into();
        body["published_at"] = match published {
            Some(index) => view::time(self.history[index].at, self.rules.offset),
            None => Json::Null,
        };
    }

    /// What was written at an event, where it is meant for the citizen or
    /// comes from the citizen.
    fn text(&self, event: &Event) -> Option<String> {
        match event.data {
            EventData::Declined
            | EventData::Asked
            | EventData::Replied
            | EventData::Supplemented
            | EventData::Resumed
            | EventData::ExtensionRequested { .. }
            | EventData::ExtensionRefused
            | EventData::Rated { .. }
            | EventData::ClosedSolved
            | EventData::ClosedUnsolved
            | EventData::Reopened
            | EventData::Reconsidered => {
                view::text_of(&self.documents, event.sequence).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// The public wording of the outcome that the citizen was given.
    fn explained(&self) -> Json {
        let Some(reason) = self.case.explained else {
            return Json::Null;
        };
        let outcome = self
            .rules
            .policy
            .outcomes
            .iter()
            .find(|outcome| outcome.id == reason);
        let text =
            outcome.map(|outcome| self.context.language.pick(&outcome.text, &outcome.text_en));
        json!({ "reason": reason, "text": text })
    }
}

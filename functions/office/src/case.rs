//! One case: everything that the role may see, and everything that it may do.

use std::borrow::Cow;
use std::rc::Rc;

use bytes::Bytes;
use futures::join;
use http::{Method, StatusCode};
use pages::Form;
use pages::api::{Api, Failure};
use pages::data::{Case as PublicCase, District, Row as PublicRow};
use pages::reader::{escaped, redirect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::{Problem, Reply};

use crate::actions::{self, Field, Kind};
use crate::data::{Case, Contact, Copy, Event, Row, Written};
use crate::difference::difference;
use crate::judged::{self, Candidate};
use crate::marks::{Mark, Piece, pieces};
use crate::member::Member;
use crate::queues::{self, Wanted};
use crate::templates::{self, Templates};

/// Longest case number that is looked for.
const NUMBER_CHARS: usize = 40;

/// Published answers that are offered beside the form of an answer.
const ALIKE: usize = 3;

/// Whether `text` could be a case number: letters, digits and hyphens.
pub fn is_number(text: &str) -> bool {
    (1..=NUMBER_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The form of one action.
struct ActionForm {
    name: String,
    title: String,
    resource: &'static str,
    fields: &'static [Field],
    /// Whether it is shown without being asked for.
    open: bool,
}

impl ActionForm {
    /// Whether it has nothing to fill in.
    fn is_plain(&self) -> bool {
        self.fields.is_empty()
    }
}

/// A form that was refused or only tried, to be shown again as it was filled in.
struct Sent {
    action: String,
    form: Form,
    /// Why it was refused; none where it was only tried.
    failure: Option<Failure>,
}

impl Sent {
    /// Whether it is only a step on the way, such as a template put in.
    fn is_tried(&self) -> bool {
        self.failure.is_none()
    }

    fn is_conflict(&self) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.status == 409)
    }

    /// What was typed, where its form is not on the page any more.
    fn texts(&self) -> Vec<String> {
        ["text", "reason", "basis", "comment"]
            .iter()
            .filter_map(|name| self.form.given(name))
            .map(str::to_owned)
            .collect()
    }
}

#[derive(askama::Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    v: &'a Member<'a>,
    district: Rc<District>,
    case: Case,
    copy: Option<PublicCase>,
    /// Published answers to questions like this one, for whoever answers.
    alike: Vec<PublicRow>,
    forms: Vec<ActionForm>,
    categories: Vec<Candidate>,
    departments: Vec<Candidate>,
    /// The public copy as it would be now.
    preview: Option<Copy>,
    /// That something has just been done, and the name of the action.
    done: &'a str,
    done_action: &'static str,
    /// Templates that can be put into an answer; none where it cannot be answered now.
    templates: Templates,
    /// The queue that the case was opened from; empty where it was another page.
    queue: &'static str,
    /// What waits next in it, once something has been done.
    next: Option<Row>,
    sent: Option<Sent>,
}

impl CasePage<'_> {
    /// The text of `field` with what is personal, and what the classifier goes by.
    fn marked(&self, field: &str) -> Vec<Piece> {
        let original = &self.case.original;
        let text = match field {
            "subject" => original.subject.as_deref(),
            "body" => original.body.as_deref(),
            _ => original.address.as_deref(),
        };
        let personal = original.personal.iter().flatten();
        let mut marks: Vec<Mark> = personal
            .filter(|found| found.field == field)
            .map(|found| Mark {
                start: found.start,
                end: found.end,
                class: "personal",
            })
            .collect();
        marks.extend(judged::evidence(&self.case, field));
        pieces(text.unwrap_or_default(), &marks)
    }

    /// The answer with the places that findings point at.
    fn marked_answer(&self) -> Vec<Piece> {
        let text = self
            .case
            .answer
            .as_ref()
            .map(|answer| answer.text())
            .unwrap_or_default();
        let marks: Vec<Mark> = self
            .case
            .findings
            .iter()
            .filter_map(|finding| finding.span)
            .map(|(start, end)| Mark {
                start,
                end,
                class: "found",
            })
            .collect();
        pieces(text, &marks)
    }

    fn sent(&self, action: &str) -> Option<&Sent> {
        self.sent.as_ref().filter(|sent| sent.action == action)
    }

    /// What was changed between the draft and the answer.
    fn changes(&self) -> Vec<Piece> {
        let draft = self.case.draft.as_ref().map(|draft| draft.text());
        let answer = self.case.answer.as_ref().map(|answer| answer.text());
        match (draft, answer) {
            (Some(draft), Some(answer)) if !draft.is_empty() => difference(draft, answer),
            _ => Vec::new(),
        }
    }

    /// Whether the answer is the draft as it was.
    fn is_draft(&self) -> bool {
        let draft = self.case.draft.as_ref().map(|draft| draft.text());
        let answer = self.case.answer.as_ref().map(|answer| answer.text());
        draft.is_some() && draft == answer
    }

    /// What stands in `field` of the form for `action`: what was typed, or what is a good start.
    fn value(&self, action: &str, field: &Field) -> String {
        if let Some(sent) = self.sent(action) {
            return sent.form.raw(field.name).to_owned();
        }
        match (action, field.name) {
            ("answer", "text") => match (&self.case.answer, &self.case.draft) {
                (Some(answer), _) => answer.text().to_owned(),
                (None, Some(draft)) => draft.text().to_owned(),
                (None, None) => String::new(),
            },
            ("answer", "basis") => self
                .case
                .answer
                .as_ref()
                .and_then(|answer| answer.basis.as_ref())
                .map_or_else(String::new, |basis| basis.join("\n")),
            ("answer", "contact") => self
                .case
                .answer
                .as_ref()
                .and_then(|answer| answer.contact.clone())
                .unwrap_or_default(),
            ("grant-extension", "working_days") => self
                .case
                .extension
                .pending
                .map_or_else(String::new, |days| days.to_string()),
            ("classify", "category") => self.first(&self.categories),
            ("assign" | "adjudicate", "department") => self.first(&self.departments),
            ("explain", "reason") => self.case.held_for().to_owned(),
            _ => String::new(),
        }
    }

    fn first(&self, candidates: &[Candidate]) -> String {
        candidates
            .first()
            .map_or_else(String::new, |first| first.id.clone())
    }

    /// Whether `id` is chosen in `field` of the form for `action`.
    fn is_chosen(&self, action: &str, field: &Field, id: &str) -> bool {
        match self.sent(action) {
            Some(sent) => sent.form.all(field.name).any(|chosen| chosen == id),
            None => self.value(action, field) == id,
        }
    }

    /// What the case is called.
    fn title(&self) -> Cow<'_, str> {
        let original = &self.case.original;
        self.v
            .titled(original.subject.as_deref(), original.body.as_deref())
    }

    fn has_subject(&self) -> bool {
        let subject = self.case.original.subject.as_deref();
        subject.is_some_and(|subject| !subject.trim().is_empty())
    }

    /// Who wrote the answer: name and role.
    fn author(&self, answer: &Written) -> String {
        let role = self
            .case
            .last(&["answered"])
            .and_then(|event| event.actor.role.as_deref());
        match role {
            Some(role) => self.named(&answer.author_name, role),
            None => answer.author_name.clone(),
        }
    }

    fn named(&self, name: &str, role: &str) -> String {
        let role = pages::words::fill(self.v.words.role_behind, self.v.role(role));
        format!("{name}{role}")
    }

    /// What is wrong with `field` of the form for `action`; nothing where it is right.
    fn error(&self, action: &str, field: &str) -> &str {
        let failure = self.sent(action).and_then(|sent| sent.failure.as_ref());
        failure.map_or("", |failure| {
            failure
                .errors
                .iter()
                .find(|error| {
                    error.field == field
                        || error
                            .field
                            .strip_prefix(field)
                            .is_some_and(|rest| rest.starts_with('['))
                })
                .map_or("", |error| &error.detail)
        })
    }

    /// Whether the form of `action` holds more than was typed.
    fn is_inserted(&self, action: &str) -> bool {
        self.sent(action).is_some_and(Sent::is_tried)
    }

    fn label(&self, action: &str, field: &Field) -> &'static str {
        actions::label(self.v.words, action, field.name)
    }

    /// The form of the refused action is still on the page.
    fn is_offered(&self, action: &str) -> bool {
        self.forms.iter().any(|form| form.name == action)
    }

    /// Events that the writer of a refused form had not seen.
    fn news(&self) -> Vec<&Event> {
        let Some(seen) = self
            .sent
            .as_ref()
            .and_then(|sent| sent.form.get("sequence").parse::<u32>().ok())
        else {
            return Vec::new();
        };
        self.case
            .events
            .iter()
            .filter(|event| event.sequence > seen)
            .collect()
    }

    /// Who did what an event tells of.
    fn actor(&self, event: &Event) -> String {
        let words = self.v.words;
        let actor = &event.actor;
        match actor.kind.as_str() {
            "staff" => self.named(
                actor.name.as_deref().unwrap_or_default(),
                actor.role.as_deref().unwrap_or_default(),
            ),
            "citizen" => words.actor_citizen.to_owned(),
            "channel" => words.actor_channel.to_owned(),
            _ => match &event.judgement {
                Some(judgement) => format!(
                    "{} {} {}",
                    words.actor_system, judgement.handler, judgement.version
                ),
                None => words.actor_system.to_owned(),
            },
        }
    }

    fn severity(&self, severity: &str) -> &'static str {
        let words = self.v.words;
        match severity {
            "blocking" => words.severity_blocking,
            "warning" => words.severity_warning,
            _ => words.severity_note,
        }
    }

    fn held(&self) -> &'static str {
        actions::outcome(self.v.words, self.case.held_for())
    }

    fn proposal(&self) -> Option<String> {
        judged::proposal(&self.case, self.v)
    }

    /// Why there is no draft.
    fn no_draft(&self) -> &str {
        self.case
            .last(&["drafted", "draft-refused"])
            .filter(|event| event.kind == "draft-refused")
            .and_then(|event| event.reason.as_deref())
            .map_or("", |reason| judged::left(reason, self.v))
    }

    /// Why the classifier left the case to a person.
    fn no_category(&self) -> &str {
        self.case
            .last(&["classified", "classification-abstained"])
            .filter(|event| event.kind == "classification-abstained")
            .and_then(|event| event.reason.as_deref())
            .map_or("", |reason| judged::left(reason, self.v))
    }
}

/// `GET /desk/cases/{number}`.
pub async fn show(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    let done = api.context.parameter("done");
    match page(api, member, number, done, None, None).await {
        // What was done took the case out of this role's sight.
        Err(failure) if failure.is_not_found() && done.is_some() => {
            let queue = queues::known(api.context.parameter("queue").unwrap_or_default());
            let list = Wanted::queue(queue).from("");
            let joint = if list.is_empty() { "?" } else { "&" };
            Ok(redirect(&format!("/desk{list}{joint}done=case")))
        }
        result => result.map(|page| member.page(StatusCode::OK, &page)),
    }
}

/// The page of case `number` with its `contact` in the clear.
pub async fn with_contact(
    api: &Api<'_>,
    member: &Member<'_>,
    number: &str,
    contact: Contact,
) -> Result<Reply, Failure> {
    let mut page = page(api, member, number, None, None, None).await?;
    page.case.contact = Some(contact);
    Ok(member.page(StatusCode::OK, &page))
}

async fn page<'a>(
    api: &Api<'_>,
    member: &'a Member<'a>,
    number: &str,
    done: Option<&str>,
    sent: Option<Sent>,
    preview: Option<Copy>,
) -> Result<CasePage<'a>, Failure> {
    if !is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let case: Case = api
        .get("desk", &format!("/api/desk/cases/{number}"))
        .await?;
    let queue = match &sent {
        Some(sent) => queues::known(sent.form.get("queue")),
        None => queues::known(api.context.parameter("queue").unwrap_or_default()),
    };
    let next = async {
        match done {
            Some(_) => queues::next(api, queue, number).await,
            None => Ok(None),
        }
    };
    // Whoever decides on publication sees what would be published.
    let preview = async {
        match preview {
            None if case.consent.publish && case.action("approve").is_some() => {
                copy_of(api, number, &json!([])).await.map(Some)
            }
            preview => Ok(preview),
        }
    };
    let templates = async {
        match case.action("answer") {
            Some(_) => templates::load(api).await,
            None => Ok(Templates::default()),
        }
    };
    let (copy, alike, next, preview, templates, district) = join!(
        public_copy(api, &case),
        alike(api, &case),
        next,
        preview,
        templates,
        api.district()
    );
    let (copy, next, preview) = (copy?, next?, preview?);
    let (templates, district) = (templates?, district?);
    let tried = sent.as_ref().map(|sent| sent.action.as_str());
    Ok(CasePage {
        v: member,
        district,
        forms: forms(&case, tried),
        categories: judged::categories(&case, member),
        departments: judged::departments(&case, member),
        copy,
        alike,
        preview,
        case,
        done: match done {
            Some(_) => member.words.done,
            None => "",
        },
        queue,
        next,
        done_action: done.map_or("", actions::known),
        templates,
        sent,
    })
}

/// The public copy, where there is one.
async fn public_copy(api: &Api<'_>, case: &Case) -> Result<Option<PublicCase>, Failure> {
    if !case.public {
        return Ok(None);
    }
    let path = format!("/api/cases/{}", case.number);
    match api.get("publish", &path).await {
        Ok(copy) => Ok(Some(copy)),
        // It was taken off meanwhile.
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What the function `publish` finds that is like a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    publications: Vec<PublicRow>,
}

/// Published answers to questions like this one, for whoever answers it. They help and no more: where they cannot be
/// had the page goes without them.
async fn alike(api: &Api<'_>, case: &Case) -> Vec<PublicRow> {
    if case.action("answer").is_none() {
        return Vec::new();
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let message = json!({
        "subject": text(&case.original.subject),
        "body": text(&case.original.body),
    });
    let found = api.post("publish", "/api/similar", &[], &message).await;
    let found: Found = found
        .ok()
        .and_then(|found| serde_json::from_value(found).ok())
        .unwrap_or_default();
    found
        .publications
        .into_iter()
        .filter(|row| row.number != case.number)
        .take(ALIKE)
        .collect()
}

/// The public copy as it would be now with `cuts`.
async fn copy_of(api: &Api<'_>, number: &str, cuts: &Json) -> Result<Copy, Failure> {
    let path = format!("/api/desk/cases/{number}/copy");
    let copy = api
        .post("publish", &path, &[], &json!({ "cuts": cuts }))
        .await?;
    Ok(serde_json::from_value(copy).unwrap_or_default())
}

/// `POST /desk/cases/{number}/template`: the page with a template put into the
/// answer, behind what was typed.
pub async fn insert(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    let form = Form::read(api, member).await?;
    let sent = Sent {
        action: "answer".to_owned(),
        form,
        failure: None,
    };
    let mut page = page(api, member, number, None, Some(sent), None).await?;
    if let Some(sent) = &mut page.sent {
        let typed = sent.form.raw("text");
        let id = sent.form.get("template");
        let text = page.templates.insert(id, typed, &page.case, member);
        sent.form.set("text", text);
    }
    Ok(member.page(StatusCode::OK, &page))
}

/// `POST /desk/cases/{number}/copy`: the page with the public copy as it would
/// be with the cuts that stand in the form of the approval.
pub async fn preview(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let form = Form::read(api, member).await?;
    let order = actions::order(actions::fields("approve", false), &form);
    let (copy, failure) = match copy_of(api, number, &order["cuts"]).await {
        Ok(copy) => (Some(copy), None),
        Err(failure) if failure.status == 422 => (None, Some(failure)),
        Err(failure) => return Err(failure),
    };
    let status = match failure {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let sent = Sent {
        action: "approve".to_owned(),
        form,
        failure,
    };
    let page = page(api, member, number, None, Some(sent), copy).await?;
    Ok(member.page(status, &page))
}

/// The forms of what can be done now: those that are one button, then the
/// others, the most likely ones first. The likeliest
/// one that has something to fill in stands open, or the one that was refused.
fn forms(case: &Case, tried: Option<&str>) -> Vec<ActionForm> {
    let mut forms: Vec<ActionForm> = case
        .actions
        .iter()
        .map(|action| ActionForm {
            // Without consent there is no copy to cut anything out of.
            fields: match action.action.as_str() {
                "approve" if !case.consent.publish => &[],
                name => actions::fields(name, action.reason),
            },
            resource: actions::resource(&action.action),
            name: action.action.clone(),
            title: action.title.clone(),
            open: false,
        })
        .collect();
    forms.sort_by_key(|form| (!form.is_plain(), actions::rank(&form.name)));
    let first = forms.iter().position(|form| match tried {
        Some(tried) => form.name == tried,
        None => !form.is_plain() && form.name != "send-back" && actions::is_likely(&form.name),
    });
    if let Some(form) = first.and_then(|first| forms.get_mut(first)) {
        form.open = true;
    }
    forms
}

/// `POST /desk/cases/{number}/{action}`.
pub async fn act(
    api: &Api<'_>,
    member: &Member<'_>,
    number: &str,
    resource: &str,
) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let Some((action, stage, reason)) = actions::taken_at(resource) else {
        return Err(member.page_missing(api.context));
    };
    let form = Form::read(api, member).await?;
    let body = actions::order(actions::fields(action, reason), &form);
    let path = format!("/api/cases/{number}/{resource}");
    match api.post(stage, &path, &[], &body).await {
        Ok(_) => {
            let queue = queues::known(form.get("queue"));
            let from = match queue {
                "" => String::new(),
                queue => format!("&queue={queue}"),
            };
            Ok(redirect(&format!(
                "/desk/cases/{number}?done={action}{from}"
            )))
        }
        Err(failure) if matches!(failure.status, 409 | 422) => {
            let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::CONFLICT);
            let sent = Sent {
                action: action.to_owned(),
                form,
                failure: Some(failure),
            };
            let page = page(api, member, number, None, Some(sent), None).await?;
            Ok(member.page(status, &page))
        }
        Err(failure) => Err(failure),
    }
}

/// `GET /desk/cases/{number}/attachments/{position}`: a file, as the function
/// `publish` gives it to this role.
pub async fn attachment(
    api: &Api<'_>,
    member: &Member<'_>,
    number: &str,
    position: &str,
) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(member.page_missing(api.context));
    }
    let path = format!("/api/cases/{number}/attachments/{}", escaped(position));
    let answer = api
        .call("publish", Method::GET, &path, &[], Bytes::new())
        .await?;
    Ok(answer.private_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Action;

    fn case(actions: &[&str]) -> Case {
        let action = |name: &&str| Action {
            action: (*name).to_owned(),
            reason: *name == "supervise",
            ..Action::default()
        };
        Case {
            actions: actions.iter().map(action).collect(),
            ..Case::default()
        }
    }

    #[test]
    fn the_likeliest_form_stands_first_and_open() {
        let forms = forms(&case(&["supervise", "accept", "answer", "return"]), None);
        let names: Vec<&str> = forms.iter().map(|form| form.name.as_str()).collect();
        assert_eq!(names, ["accept", "answer", "return", "supervise"]);
        assert_eq!(forms.iter().filter(|form| form.open).count(), 1);
        assert!(forms[1].open && forms[0].is_plain());
    }

    #[test]
    fn a_refused_form_stands_open() {
        let forms = forms(&case(&["answer", "return"]), Some("return"));
        assert!(!forms[0].open && forms[1].open);
    }

    #[test]
    fn numbers_cannot_leave_their_place_in_an_address() {
        assert!(is_number("YZ20260213-48201937"));
        for strange in ["", "a/b", "..", "a b", "é", "a?b", &"1".repeat(41)] {
            assert!(!is_number(strange), "{strange:?}");
        }
    }
}

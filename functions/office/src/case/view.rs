//! What the page of a case shows: how the template is filled in.

use std::borrow::Cow;
use std::rc::Rc;

use pages::Form;
use pages::api::Failure;
use pages::data::{Case as PublicCase, District, Row as PublicRow};

use crate::actions::{self, Field, Kind};
use crate::data::{Case, Copy, Event, Row, Written};
use crate::difference::difference;
use crate::judged::{self, Candidate};
use crate::marks::{Mark, Piece, pieces};
use crate::member::Member;
use crate::templates::Templates;

/// The form of one action.
pub(super) struct ActionForm {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) resource: &'static str,
    pub(super) fields: &'static [Field],
    /// Whether it is shown without being asked for.
    pub(super) open: bool,
}

impl ActionForm {
    /// Whether it has nothing to fill in.
    pub(super) fn is_plain(&self) -> bool {
        self.fields.is_empty()
    }
}

/// A form that was refused or only tried, to be shown again as it was filled in.
pub(super) struct Sent {
    pub(super) action: String,
    pub(super) form: Form,
    /// Why it was refused; none where it was only tried.
    pub(super) failure: Option<Failure>,
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
pub(super) struct CasePage<'a> {
    pub(super) v: &'a Member<'a>,
    pub(super) district: Rc<District>,
    pub(super) case: Case,
    pub(super) copy: Option<PublicCase>,
    /// Published answers to questions like this one, for whoever answers.
    pub(super) alike: Vec<PublicRow>,
    pub(super) forms: Vec<ActionForm>,
    pub(super) categories: Vec<Candidate>,
    pub(super) departments: Vec<Candidate>,
    /// The public copy as it would be now.
    pub(super) preview: Option<Copy>,
    /// That something has just been done, and the name of the action.
    pub(super) done: &'a str,
    pub(super) done_action: &'static str,
    /// Templates that can be put into an answer; none where it cannot be answered now.
    pub(super) templates: Templates,
    /// The queue that the case was opened from; empty where it was another page.
    pub(super) queue: &'static str,
    /// What waits next in it, once something has been done.
    pub(super) next: Option<Row>,
    pub(super) sent: Option<Sent>,
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

//! What the desk's interface answers, as far as pages show it.

use std::collections::BTreeMap;

use pages::data::{Attachment, Deadline, Rating};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// A page of a queue.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listing {
    /// The rows.
    pub items: Vec<Row>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
    /// Cases by queue; beside the first page only.
    pub counts: BTreeMap<String, i64>,
    /// Where counting ends.
    pub counts_end_at: Option<i64>,
    /// How many of them are emergencies, by queue.
    pub emergencies: BTreeMap<String, i64>,
}

/// A case in a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Case number.
    pub number: String,
    /// Events so far.
    pub sequence: u32,
    /// What it is about.
    pub subject: Option<String>,
    /// The first words, where it has no subject.
    pub beginning: Option<String>,
    /// State.
    pub state: String,
    /// The queue that it waits in.
    pub queue: Option<String>,
    /// Kind.
    pub kind: String,
    /// `normal`, `urgent` or `emergency`.
    pub urgency: String,
    /// Category.
    pub category: Option<String>,
    /// The department that leads.
    pub department: Option<String>,
    /// Town or sub-district.
    pub division: Option<String>,
    /// A supervisor should know.
    pub tell_supervisor: bool,
    /// When it came, in the district's time.
    pub received_at: String,
    /// When it changed last.
    pub updated_at: String,
    /// When the next duty is due.
    pub due_at: Option<String>,
    /// `green`, `yellow` or `red`.
    pub lamp: Option<String>,
    /// What is to be done after the answer; in the list of those only.
    pub follow_up: Option<FollowUp>,
}

/// What a department has to do after its answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FollowUp {
    /// What it is.
    pub task: Option<String>,
    /// Calendar days after publication.
    pub after_days: u16,
    /// When; none until the answer is published.
    pub due_at: Option<String>,
    /// Whether that is over.
    pub overdue: bool,
}

/// Month, day, hour and minute of a local time such as `2026-02-13T08:44:57+08:00`.
pub fn short(text: &str) -> String {
    text.get(5..16).unwrap_or(text).replace('T', " ")
}

/// A confidence in ten-thousandths as whole per cent.
pub fn percent(confidence: &u16) -> u16 {
    confidence.div_ceil(100).min(100)
}

/// A case whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Case {
    /// Case number.
    pub number: String,
    /// Events so far.
    pub sequence: u32,
    /// State.
    pub state: String,
    /// Name of the state.
    pub state_name: String,
    /// `open`, `solved` or `not-solved`.
    pub family: String,
    /// Kind.
    pub kind: String,
    /// `normal`, `urgent` or `emergency`.
    pub urgency: String,
    /// Signs of an emergency that were found.
    pub signals: Vec<String>,
    /// BCP 47 tag of the language.
    pub language: String,
    /// The channel by which it came.
    pub channel: String,
    /// Town or sub-district.
    pub division: Option<String>,
    /// What the citizen agreed to.
    pub consent: Consent,
    /// Whether there is a public copy.
    pub public: bool,
    /// When it came.
    pub received_at: String,
    /// What is due when.
    pub deadline: Option<Deadline>,
    /// Category.
    pub category: Option<String>,
    /// Its name.
    pub category_name: Option<String>,
    /// The department that leads.
    pub department: Option<String>,
    /// Its name.
    pub department_name: Option<String>,
    /// Departments that take part.
    pub co_handling: Vec<String>,
    /// Departments that returned it.
    pub returned_by: Vec<String>,
    /// The centre has decided who leads.
    pub binding: bool,
    /// Why it waits at intake.
    pub held: Json,
    /// More time.
    pub extension: Extension,
    /// How often it was reopened.
    pub reopened: u32,
    /// How often it was pressed for.
    pub supervised: u32,
    /// The case in which it goes on.
    pub merged: Option<Merged>,
    /// Cases that are likely about the same matter.
    pub similar: Vec<Similar>,
    /// Who else opened it a short while ago.
    pub others: Vec<Other>,
    /// The draft is good enough for the centre to answer with.
    pub self_answer: bool,
    /// What can be done now.
    pub actions: Vec<Action>,
    /// The message.
    pub original: Original,
    /// What the citizen added.
    pub supplements: Vec<Supplement>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// How the citizen can be reached, as far as the role may see it.
    pub contact: Option<Contact>,
    /// The draft.
    pub draft: Option<Draft>,
    /// The answer.
    pub answer: Option<Written>,
    /// What the review handler found in the answer.
    pub findings: Vec<Finding>,
    /// The citizen's word on it.
    pub rating: Option<Rating>,
    /// What the department still has to do after the answer.
    pub follow_up: Option<FollowUp>,
    /// What happened.
    pub events: Vec<Event>,
}

impl Case {
    /// The action `name`, where it can be taken now.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.action == name)
    }

    /// The outcome that was proposed at intake, or `spam`; empty where the case is not held.
    pub fn held_for(&self) -> &str {
        self.held["no-dispatch"]
            .as_str()
            .or(self.held.as_str())
            .unwrap_or_default()
    }

    /// What colleagues wrote that is still open: why an answer was sent back,
    /// why the case was returned, why more time is asked for, what is pressed for.
    pub fn open_words(&self) -> Vec<&Event> {
        let is = |kinds: &[&str], kind: &str| {
            self.last(kinds)
                .filter(|event| event.kind == kind && event.text.is_some())
        };
        let pending = self.extension.pending.is_some();
        let closed = self.family != "open";
        [
            is(&["answered", "sent-back"], "sent-back"),
            is(&["returned", "adjudicated", "assigned"], "returned"),
            is(&["extension-requested"], "extension-requested").filter(|_| pending),
            is(&["supervised"], "supervised"),
            is(&["reopened", "published"], "reopened"),
        ]
        .into_iter()
        .flatten()
        .filter(|_| !closed)
        .collect()
    }

    /// The last event of one of `kinds`.
    pub fn last(&self, kinds: &[&str]) -> Option<&Event> {
        self.events
            .iter()
            .rev()
            .find(|event| kinds.contains(&event.kind.as_str()))
    }
}

/// What the citizen agreed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// To a public copy.
    pub publish: bool,
}

/// More time.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Extension {
    /// Working days that were asked for.
    pub pending: Option<u32>,
    /// Working days that were granted.
    pub granted: u32,
}

/// Where a merged case goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Merged {
    /// Case number.
    pub into: String,
}

/// A case that is likely about the same matter.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Similar {
    /// Case number.
    pub number: String,
    /// What it is about.
    pub subject: Option<String>,
    /// The first words, where it has no subject.
    pub beginning: Option<String>,
    /// Name of its state.
    pub state_name: String,
    /// How likely, in ten-thousandths.
    pub score: u16,
}

/// Somebody who may be at work on the case as well.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Other {
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// When the case was opened.
    pub at: String,
}

/// The public copy as it would be now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Copy {
    /// What it is about.
    pub subject: String,
    /// The message.
    pub body: String,
    /// What the citizen added.
    pub supplements: Vec<String>,
    /// The answer.
    pub answer: String,
    /// What it rests on.
    pub basis: Vec<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// What was cut.
    pub cuts: Vec<Json>,
}

/// What can be done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Action {
    /// Its name in the life-cycle.
    pub action: String,
    /// What it does, in words.
    pub title: String,
    /// Whether it needs a reason.
    pub reason: bool,
}

/// The message as intake keeps it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Original {
    /// What it is about.
    pub subject: Option<String>,
    /// The message.
    pub body: Option<String>,
    /// The place in the citizen's words.
    pub address: Option<String>,
    /// The channel's own identifier.
    pub reference: Option<String>,
    /// Personal data that intake found.
    pub personal: Option<Vec<Personal>>,
}

/// A stretch of a text that is personal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Personal {
    /// What it is, such as `phone`.
    pub kind: String,
    /// `subject`, `body` or `address`.
    pub field: String,
    /// First character.
    pub start: usize,
    /// Behind the last character.
    pub end: usize,
}

/// What the citizen added.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Supplement {
    /// When.
    pub at: String,
    /// What.
    pub text: String,
}

/// How the citizen can be reached.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Whether it is shown in the clear to whoever asks for it.
    pub on_request: bool,
    /// Whether it is in the clear.
    #[serde(skip)]
    pub clear: bool,
    /// Name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// A draft out of the knowledge base.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// The text.
    pub text: Option<String>,
    /// What it rests on.
    pub sources: Option<Vec<Source>>,
}

impl Draft {
    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// An article that a draft rests on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Identifier.
    pub article: String,
    /// Title.
    pub title: String,
    /// When it was last revised.
    pub updated: String,
    /// Whether its review is overdue.
    pub stale: bool,
}

/// The answer that stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    /// When it was written.
    pub at: String,
    /// The account that wrote it.
    pub author: String,
    /// Its name.
    pub author_name: String,
    /// The department.
    pub department_name: String,
    /// Whether the centre answered out of the knowledge base.
    pub self_answered: bool,
    /// The text.
    pub text: Option<String>,
    /// What it rests on.
    pub basis: Option<Vec<String>>,
    /// Whom to ask.
    pub contact: Option<String>,
}

impl Written {
    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// Something that a reviewer should look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Finding {
    /// Code.
    pub code: String,
    /// `note`, `warning` or `blocking`.
    pub severity: String,
    /// Where in the answer, in characters.
    pub span: Option<(usize, usize)>,
}

/// An event with all that is recorded of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// Its place in the history.
    pub sequence: u32,
    /// When.
    pub at: String,
    /// Kind.
    pub kind: String,
    /// What happened.
    pub title: String,
    /// Who did it.
    pub actor: Actor,
    /// What was written.
    pub text: Option<String>,
    /// The department it is about.
    pub department: Option<String>,
    /// The category that was given.
    pub category: Option<String>,
    /// A code, of an abstention or a refused draft.
    pub reason: Option<String>,
    /// What a handler thought.
    pub judgement: Option<Judgement>,
    /// What the department's own handler proposes.
    pub proposal: Option<Map<String, Json>>,
}

/// Who did something.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// `citizen`, `staff`, `channel` or `system`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name, of staff.
    pub name: Option<String>,
    /// The role, of staff.
    pub role: Option<String>,
    /// The stage, of the system.
    pub stage: Option<String>,
    /// The channel.
    pub channel: Option<String>,
}

/// What a handler thought, and which handler.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Judgement {
    /// Name of the handler.
    pub handler: String,
    /// Its version.
    pub version: String,
    /// How sure it is, in ten-thousandths.
    pub confidence: Option<u16>,
    /// What the judgement rests on.
    pub evidence: Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_short() {
        assert_eq!(short("2026-02-13T08:44:57+08:00"), "02-13 08:44");
        assert_eq!(short("soon"), "soon");
        assert_eq!(
            (percent(&9_000), percent(&9_999), percent(&0)),
            (90, 100, 0)
        );
    }

    #[test]
    fn what_is_settled_is_not_open_any_more() {
        let open = |kinds: &[&str]| {
            let event = |kind: &&str| Event {
                kind: (*kind).to_owned(),
                text: Some("理由".to_owned()),
                ..Event::default()
            };
            let case = Case {
                family: "open".to_owned(),
                events: kinds.iter().map(event).collect(),
                ..Case::default()
            };
            let kinds: Vec<String> = case
                .open_words()
                .iter()
                .map(|event| event.kind.clone())
                .collect();
            kinds.join(" ")
        };
        assert_eq!(open(&["answered", "sent-back"]), "sent-back");
        assert_eq!(open(&["answered", "sent-back", "answered"]), "");
        assert_eq!(
            open(&["assigned", "returned", "supervised"]),
            "returned supervised"
        );
        assert_eq!(
            open(&["returned", "adjudicated", "extension-requested"]),
            ""
        );
    }

    #[test]
    fn a_held_case_says_why() {
        let held = |json: &str| serde_json::from_str::<Case>(json).unwrap_or_default();
        assert_eq!(held(r#"{"held":"spam"}"#).held_for(), "spam");
        assert_eq!(
            held(r#"{"held":{"no-dispatch":"legal-route"}}"#).held_for(),
            "legal-route"
        );
        assert_eq!(held(r#"{"held":null}"#).held_for(), "");
    }
}

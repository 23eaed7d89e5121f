//! A case as the fold of its events.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::clock::Pause;
use crate::event::{
    CaseKind, Consequence, Event, EventData, Finding, Grade, Hold, NoDispatchReason, Urgency,
};
use crate::state::State;
use crate::time::{DAY, Timestamp};

/// The version of this fold. Components are updated on their own schedules: one
/// that finds a row made by another version folds the events again.
pub const FOLD: u16 = 3;

/// Everything that the events of a case add up to.
///
/// It is what decisions are taken on and what the row of the table `cases`
/// is made from. It holds no text that a person wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields without a comment are those of the event of the same name"
)]
pub struct Case {
    /// Which fold made it: [`FOLD`].
    pub fold: u16,
    pub number: String,
    /// Sequence of the last event.
    pub sequence: u32,
    pub state: State,
    pub kind: CaseKind,
    pub urgency: Urgency,
    /// It is an emergency now: since when, and what it was before.
    pub emergency: Option<Emergency>,
    pub language: String,
    pub channel: String,
    pub division: Option<String>,
    /// The citizen agreed to a public copy.
    pub consent: bool,
    pub received_at: Timestamp,
    /// When the last event happened.
    pub updated_at: Timestamp,
    /// Signs of an emergency, and whether staff declared or ended one.
    pub signals: Vec<String>,
    pub attachments: u16,
    pub held: Option<Hold>,
    pub explained: Option<NoDispatchReason>,
    pub category: Option<String>,
    /// The department that leads.
    pub department: Option<String>,
    pub co_handling: Vec<String>,
    pub responsibility: Option<String>,
    /// Departments that have returned it: each may once.
    pub returned_by: Vec<String>,
    /// Returned, and not adjudicated yet.
    pub disputed: bool,
    /// Adjudicated: it may not be returned again.
    pub binding: bool,
    /// Sequence of the event with the draft.
    pub draft: Option<u32>,
    /// The draft is good enough for the centre to answer by itself.
    pub self_answer: bool,
    pub answer: Option<Answered>,
    pub findings: Vec<Finding>,
    /// Sequence of the event with which the answer was examined.
    pub examined: Option<u32>,
    /// Account of the reviewer who approved.
    pub reviewer: Option<String>,
    pub published_at: Option<Timestamp>,
    /// A public copy stands on the site.
    pub public: bool,
    pub rating: Option<Rating>,
    /// What the department still has to do after the answer.
    pub follow_up: Option<FollowUp>,
    pub merged: Option<Merged>,
    /// How often the citizen added or supplied facts.
    pub supplements: u16,
    /// How often it was reopened.
    pub reopened: u16,
    /// How often a supervisor or leader pressed.
    pub supervised: u16,
    /// The supervisor is to look at it: the last rating says so.
    pub tell_supervisor: bool,
    pub extension: Extension,
    pub clock: Clock,
}

/// A case that is an emergency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Emergency {
    /// Since when: it came in as one, or was declared one.
    pub since: Timestamp,
    /// What it is again once the emergency is over.
    pub before: Urgency,
}

/// The answer that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Sequence of the event, and so of the document with the text.
    pub sequence: u32,
    /// The account that wrote it.
    pub author: String,
    /// The department in whose name.
    pub department: String,
    /// When.
    pub at: Timestamp,
    /// Out of the knowledge base, by the centre.
    pub self_answered: bool,
}

/// The rating of the answer that stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    /// How satisfied.
    pub grade: Grade,
    /// Whether the citizen calls it solved.
    pub solved: bool,
    /// When.
    pub at: Timestamp,
}

/// Something that a department has to do after its answer went out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Sequence of the event that planned it, and so of the document that says what.
    pub sequence: u32,
    /// Calendar days after publication.
    pub after_days: u16,
    /// When; none until the answer is published.
    pub due: Option<Timestamp>,
}

/// Where a merged case goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    /// Number of the other case.
    pub into: String,
    /// The state before.
    pub from: State,
}

/// Requests for more time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    /// Working days asked for and not decided.
    pub pending: Option<u16>,
    /// Working days granted since the clock started.
    pub granted: u16,
}

/// The raw marks of the clock of the answer; [`crate::clock`] and
/// [`crate::deadline`] make intervals and due times of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// When it started: at intake, or at the last reopening.
    pub started: Timestamp,
    /// When it reached its end.
    pub ended: Option<Timestamp>,
    /// Pauses since it started; the last may be open.
    pub pauses: Vec<Pause>,
    /// Which department held the case, from when; the centre before the first.
    pub held: Vec<(Timestamp, String)>,
    /// When the department accepted.
    pub accepted: Option<Timestamp>,
}

impl Clock {
    fn start(at: Timestamp) -> Self {
        Clock {
            started: at,
            ended: None,
            pauses: Vec::new(),
            held: Vec::new(),
            accepted: None,
        }
    }

    fn stop(&mut self, at: Timestamp) {
        if !self.stands() {
            self.pauses.push(Pause { from: at, to: None });
        }
    }

    fn run(&mut self, at: Timestamp) {
        if let Some(Pause { to: end @ None, .. }) = self.pauses.last_mut() {
            *end = Some(at);
        }
    }

    fn end(&mut self, at: Timestamp) {
        self.run(at);
        self.ended = Some(at);
    }

    /// It stands still.
    pub fn stands(&self) -> bool {
        matches!(self.pauses.last(), Some(Pause { to: None, .. }))
    }
}

/// Why events do not add up.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FoldError {
    /// The first event must be `received`, and only the first.
    #[error("event {0} of a case is `received` out of place, or the first is not")]
    Start(u32),
    /// Sequences have no gaps.
    #[error("event {found} follows event {after}")]
    Gap {
        /// The last sequence seen.
        after: u32,
        /// The sequence found.
        found: u32,
    },
}

impl Case {
    /// Folds the whole history of case `number`.
    pub fn fold<'a>(
        number: &str,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Case, FoldError> {
        let mut events = events.into_iter();
        let mut case = Case::open(number, events.next().ok_or(FoldError::Start(0))?)?;
        for event in events {
            case.apply(event)?;
        }
        Ok(case)
    }

    /// The case that its first event makes.
    pub fn open(number: &str, event: &Event) -> Result<Case, FoldError> {
        let EventData::Received {
            channel,
            case_kind,
            language,
            urgency,
            signals,
            division,
            publish,
            attachments,
            held,
            ..
        } = &event.data
        else {
            return Err(FoldError::Start(event.sequence));
        };
        if event.sequence != 1 {
            return Err(FoldError::Start(event.sequence));
        }
        Ok(Case {
            fold: FOLD,
            number: number.to_owned(),
            sequence: 1,
            state: State::Received,
            kind: *case_kind,
            urgency: *urgency,
            emergency: (*urgency == Urgency::Emergency).then_some(Emergency {
                since: event.at,
                before: Urgency::Normal,
            }),
            language: language.clone(),
            channel: channel.clone(),
            division: division.clone(),
            consent: *publish,
            received_at: event.at,
            updated_at: event.at,
            signals: signals.clone(),
            attachments: *attachments,
            held: held.clone(),
            explained: None,
            category: None,
            department: None,
            co_handling: Vec::new(),
            responsibility: None,
            returned_by: Vec::new(),
            disputed: false,
            binding: false,
            draft: None,
            self_answer: false,
            answer: None,
            findings: Vec::new(),
            examined: None,
            reviewer: None,
            published_at: None,
            public: false,
            rating: None,
            follow_up: None,
            merged: None,
            supplements: 0,
            reopened: 0,
            supervised: 0,
            tell_supervisor: false,
            extension: Extension::default(),
            clock: Clock::start(event.at),
        })
    }

    /// Adds one event.
    pub fn apply(&mut self, event: &Event) -> Result<(), FoldError> {
        if event.sequence != self.sequence + 1 {
            return Err(FoldError::Gap {
                after: self.sequence,
                found: event.sequence,
            });
        }
        let at = event.at;
        match &event.data {
            EventData::Received { .. } => return Err(FoldError::Start(event.sequence)),
            EventData::Admitted => self.held = None,
            EventData::Declined => self.finish(State::Declined, at),
            EventData::Explained { reason } => {
                self.explained = Some(*reason);
                self.finish(State::Explained, at);
            }
            EventData::Withdrawn => {
                self.follow_up = None;
                self.finish(State::Withdrawn, at);
            }
            EventData::Merged { into } => {
                self.merged = Some(Merged {
                    into: into.clone(),
                    from: self.state,
                });
                self.state = State::Merged;
                self.clock.stop(at);
            }
            EventData::Unmerged => {
                if let Some(merged) = self.merged.take() {
                    self.state = merged.from;
                }
                if self.state != State::WaitingCitizen {
                    self.clock.run(at);
                }
            }
            EventData::EmergencyDeclared => {
                // Before declaring one twice was refused, it may have happened.
                self.emergency.get_or_insert(Emergency {
                    since: at,
                    before: self.urgency,
                });
                self.urgency = Urgency::Emergency;
            }
            // Nor was ending what was none refused: such a case is as urgent as it was.
            EventData::EmergencyEnded => {
                if let Some(emergency) = self.emergency.take() {
                    self.urgency = emergency.before;
                }
            }
            EventData::Classified { category, .. } => {
                self.category = Some(category.clone());
                self.held = None;
                self.state = State::Classified;
            }
            EventData::Assigned {
                department,
                co_handling,
                responsibility,
                ..
            } => {
                self.co_handling.clone_from(co_handling);
                self.responsibility.clone_from(responsibility);
                self.hand_to(department, at);
            }
            EventData::Transferred { department } => {
                self.responsibility = None;
                self.hand_to(department, at);
            }
            EventData::Returned { department, .. } => {
                self.returned_by.push(department.clone());
                self.disputed = true;
                self.department = None;
                self.state = State::Classified;
            }
            EventData::Adjudicated { department } => {
                self.disputed = false;
                self.binding = true;
                self.responsibility = None;
                self.hand_to(department, at);
            }
            EventData::CoHandlingAdded { department } => {
                if !self.co_handling.contains(department) {
                    self.co_handling.push(department.clone());
                }
            }
            EventData::Drafted { self_answer, .. } => {
                self.draft = Some(event.sequence);
                self.self_answer = *self_answer;
            }
            EventData::Accepted => {
                self.clock.accepted.get_or_insert(at);
                self.state = State::Handling;
            }
            EventData::Asked => {
                self.clock.accepted.get_or_insert(at);
                self.clock.stop(at);
                self.state = State::WaitingCitizen;
            }
            EventData::Replied | EventData::Resumed => {
                if event.data == EventData::Replied {
                    self.supplements += 1;
                }
                self.clock.run(at);
                self.state = State::Handling;
            }
            EventData::Answered {
                department,
                self_answered,
                ..
            } => {
                self.clock.accepted.get_or_insert(at);
                self.extension.pending = None;
                self.answer = Some(Answered {
                    sequence: event.sequence,
                    author: match &event.actor {
                        Actor::Staff { account, .. } => account.clone(),
                        _ => String::new(),
                    },
                    department: department.clone(),
                    at,
                    self_answered: *self_answered,
                });
                self.findings.clear();
                self.examined = None;
                self.state = State::Answered;
            }
            EventData::ExtensionRequested { working_days } => {
                self.extension.pending = Some(*working_days);
            }
            EventData::ExtensionGranted { working_days } => {
                self.extension.pending = None;
                self.extension.granted += working_days;
            }
            EventData::ExtensionRefused => self.extension.pending = None,
            EventData::Supervised => self.supervised += 1,
            EventData::Examined { findings, .. } => {
                self.findings.clone_from(findings);
                self.examined = Some(event.sequence);
            }
            EventData::Approved => {
                self.reviewer = event.actor.account().map(str::to_owned);
                self.state = State::Reviewed;
            }
            EventData::FollowUpPlanned { after_days, .. } => {
                self.follow_up = Some(FollowUp {
                    sequence: event.sequence,
                    after_days: *after_days,
                    due: None,
                });
                // A reviewer may have been faster than the stage that plans.
                if self.state != State::Reviewed {
                    self.date_follow_up();
                }
            }
            EventData::FollowedUp => self.follow_up = None,
            EventData::SentBack => self.state = State::Handling,
            EventData::Published { public, .. } => {
                self.published_at = Some(at);
                self.public = *public;
                self.rating = None;
                self.tell_supervisor = false;
                self.date_follow_up();
                self.finish(State::Published, at);
            }
            EventData::Retracted => self.public = false,
            EventData::Rated {
                grade,
                solved,
                tell_supervisor,
                consequence,
                ..
            } => {
                self.rating = Some(Rating {
                    grade: *grade,
                    solved: *solved,
                    at,
                });
                self.tell_supervisor = *tell_supervisor;
                match consequence {
                    Consequence::CloseSolved => self.state = State::ClosedSolved,
                    Consequence::CloseUnsolved => self.state = State::ClosedUnsolved,
                    Consequence::Reopen => self.reopen(at),
                    Consequence::CallBack => self.state = State::Rated,
                }
            }
            EventData::ClosedSolved => self.state = State::ClosedSolved,
            EventData::ClosedUnsolved => self.state = State::ClosedUnsolved,
            EventData::Reopened => self.reopen(at),
            EventData::Reconsidered => {
                self.explained = None;
                self.held = None;
                self.restart_clock(at);
                self.state = State::Received;
            }
            EventData::ClassificationAbstained { .. }
            | EventData::RoutingAbstained { .. }
            | EventData::DraftRefused { .. } => {}
            EventData::Supplemented => self.supplements += 1,
        }
        self.sequence = event.sequence;
        self.updated_at = at;
        Ok(())
    }

    fn finish(&mut self, state: State, at: Timestamp) {
        self.clock.end(at);
        self.state = state;
    }

    fn hand_to(&mut self, department: &str, at: Timestamp) {
        self.co_handling.retain(|other| other != department);
        if self.department.as_deref() != Some(department) {
            self.clock.held.push((at, department.to_owned()));
            self.clock.accepted = None;
        }
        self.department = Some(department.to_owned());
        self.state = State::Assigned;
    }

    /// With publication it is known when what is planned is due.
    fn date_follow_up(&mut self) {
        if let (Some(follow_up), Some(at)) = (&mut self.follow_up, self.published_at) {
            follow_up.due = Some(Timestamp(at.0 + i64::from(follow_up.after_days) * DAY));
        }
    }

    fn reopen(&mut self, at: Timestamp) {
        self.reopened += 1;
        self.reviewer = None;
        // What is done after the next answer, the next answer says.
        self.follow_up = None;
        self.self_answer = false;
        self.restart_clock(at);
        self.clock.accepted = Some(at);
        self.state = State::Handling;
    }

    fn restart_clock(&mut self, at: Timestamp) {
        self.clock = Clock::start(at);
        if let Some(department) = &self.department {
            self.clock.held.push((at, department.clone()));
        }
        self.extension = Extension::default();
    }
}

//! What happened to a case, one event at a time.
//!
//! Events hold no free text and no personal data: what people wrote stands
//! in documents beside them, addressed by the sequence number of the event,
//! so that it can be sealed, redacted and, where the law asks for it, erased
//! without touching the record of what happened.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::time::Timestamp;

/// One event. The pair (case, sequence) is unique; sequences start at 1 and
/// have no gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Position in the case's history.
    pub sequence: u32,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The request that caused it, for tracing through the stages.
    pub request: String,
    /// What happened.
    #[serde(flatten)]
    pub data: EventData,
}

/// Which handler judged, on what, and how sure it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Name of the handler.
    pub handler: String,
    /// Version of the handler.
    pub version: String,
    /// SHA-256 of the handler's component, hexadecimal.
    pub sha256: String,
    /// SHA-256 of the input in canonical JSON, hexadecimal.
    pub input: String,
    /// How sure it was, in ten-thousandths, where that applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u16>,
    /// What the judgement rests on: spans and identifiers, never text.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub evidence: serde_json::Value,
}

/// What a citizen wants, in the five kinds of the model platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// 政务投诉
    Complaint,
    /// 政策咨询
    Consultation,
    /// 民生求助
    Help,
    /// 投诉举报
    Report,
    /// 建议
    Suggestion,
}

/// How soon a case must be dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// The ordinary deadlines apply.
    Normal,
    /// Hours count.
    Urgent,
    /// Minutes count.
    Emergency,
}

/// The six lawful outcomes without dispatch (Beijing regulation on handling
/// complaints upon receipt, 2021, article 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoDispatchReason {
    /// A matter for 110, 119, 120 or 122.
    EmergencyLine,
    /// Courts, petitions, reconsideration or arbitration are the way.
    LegalRoute,
    /// The same matter again without new facts.
    NoNewFacts,
    /// Secrets of state or business, or somebody's privacy.
    SecretOrPrivacy,
    /// Not a matter of this district's authorities.
    OutOfScope,
    /// Against the law or public morals.
    Unlawful,
}

/// The five grades of GB/T 39735.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// 非常不满意
    VeryDissatisfied,
    /// 不满意
    Dissatisfied,
    /// 基本满意
    FairlySatisfied,
    /// 满意
    Satisfied,
    /// 非常满意
    VerySatisfied,
}

/// What the survey handler judged from a rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Closed as solved.
    CloseSolved,
    /// Closed as not solved.
    CloseUnsolved,
    /// Back to the department.
    Reopen,
    /// The citizen is called first.
    CallBack,
}

/// A finding of the review handler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Kebab-case code, as `wit/types.wit` lists them.
    pub code: String,
    /// `note`, `warning` or `blocking`.
    pub severity: String,
    /// Start and end in the answer, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(u32, u32)>,
}

/// An article that a draft rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Identifier of the article.
    pub article: String,
    /// Its title.
    pub title: String,
    /// When it was last revised.
    pub updated: String,
    /// Its date for revision had passed.
    pub stale: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(
    missing_docs,
    reason = "the names of the fields say it; free text is in the document of the same sequence"
)]
pub enum EventData {
    /// The message was taken in. Document: the original.
    Received {
        channel: String,
        case_kind: CaseKind,
        language: String,
        urgency: Urgency,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        signals: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        division: Option<String>,
        /// The citizen agreed to a public copy.
        publish: bool,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        missing: Vec<String>,
        attachments: u16,
        /// Why it waits for a person before it goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held: Option<Hold>,
        judgement: Judgement,
    },
    /// A person let a held case through.
    Admitted,
    /// Not taken on. Document: the reason.
    Declined,
    /// One of the six outcomes.
    Explained { reason: NoDispatchReason },
    /// Taken back by the citizen.
    Withdrawn,
    /// Goes on in case `into`.
    Merged { into: String },
    /// Goes on by itself again. Document: the reason.
    Unmerged,
    /// Minutes count from now on. Document: the reason.
    EmergencyDeclared,
    /// The emergency is over. Document: the reason.
    EmergencyEnded,
    /// It has a category: by the handler, or by a person.
    Classified {
        category: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        judgement: Option<Judgement>,
    },
    /// The handler left it to a person.
    ClassificationAbstained {
        reason: String,
        judgement: Judgement,
    },
    /// A department leads it: by the handler, or by a person.
    Assigned {
        department: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        co_handling: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responsibility: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        judgement: Option<Judgement>,
    },
    /// The handler left the routing to a person.
    RoutingAbstained { judgement: Judgement },
    /// Another department leads it. Document: the reason.
    Transferred { department: String },
    /// The department says that it is not theirs. Document: reason and basis.
    Returned {
        department: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suggested: Option<String>,
    },
    /// The centre decided, with binding effect. Document: the reason.
    Adjudicated { department: String },
    /// Another department takes part. Document: the reason.
    CoHandlingAdded { department: String },
    /// The answer handler drafted. Document: the draft.
    Drafted {
        sources: Vec<Source>,
        /// Sure enough for the centre to answer by itself.
        self_answer: bool,
        judgement: Judgement,
    },
    /// The answer handler had no draft.
    DraftRefused {
        reason: String,
        judgement: Judgement,
    },
    /// The department accepted it.
    Accepted,
    /// The citizen was asked. Document: the questions.
    Asked,
    /// The citizen replied. Document: the facts.
    Replied,
    /// The citizen added facts unasked. Document: the facts.
    Supplemented,
    /// Goes on without the citizen's reply. Document: the reason.
    Resumed,
    /// The department answered. Document: the answer.
    Answered {
        department: String,
        /// The draft out of the knowledge base was used as it was.
        adopted: bool,
        /// The centre answered out of the knowledge base.
        self_answered: bool,
    },
    /// More time was asked for. Document: the reason.
    ExtensionRequested { working_days: u16 },
    /// More time was granted.
    ExtensionGranted { working_days: u16 },
    /// More time was refused. Document: the reason.
    ExtensionRefused,
    /// A supervisor or leader presses. Document: the order.
    Supervised,
    /// The review handler looked at the answer. Document: what the department's
    /// handler wants to follow, if anything.
    Examined {
        findings: Vec<Finding>,
        judgement: Judgement,
    },
    /// A reviewer approved.
    Approved,
    /// With the approval, or soon after it where the review handler was slower than
    /// the reviewer: the department's handler wants something done so many calendar
    /// days after publication. Document: what.
    FollowUpPlanned {
        after_days: u16,
        judgement: Judgement,
    },
    /// What was to be done after the answer has been done. Document: what came of it.
    FollowedUp,
    /// A reviewer sent it back. Document: the reason.
    SentBack,
    /// The answer is out. Document: the public copy, if it is public.
    Published { public: bool, judgement: Judgement },
    /// The public copy was taken off. Document: the reason.
    Retracted,
    /// The citizen rated. Document: the comment, if any.
    Rated {
        grade: Grade,
        solved: bool,
        consequence: Consequence,
        tell_supervisor: bool,
        reason: String,
        judgement: Judgement,
    },
    /// Closed as solved. Document: the reason, if a person closed it.
    ClosedSolved,
    /// Closed as not solved. Document: the reason, if a person closed it.
    ClosedUnsolved,
    /// Back to the department. Document: the reason, if a person asked for it.
    Reopened,
    /// Taken on after all. Document: the reason.
    Reconsidered,
}

/// Why a case waits for a person at intake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// One of the six outcomes was proposed.
    NoDispatch(NoDispatchReason),
    /// It looks like advertising or noise.
    Spam,
}

impl EventData {
    /// The name of the event as it stands in JSON, SQL and the catalogue.
    pub fn kind(&self) -> &'static str {
        match self {
            EventData::Received { .. } => "received",
            EventData::Admitted => "admitted",
            EventData::Declined => "declined",
            EventData::Explained { .. } => "explained",
            EventData::Withdrawn => "withdrawn",
            EventData::Merged { .. } => "merged",
            EventData::Unmerged => "unmerged",
            EventData::EmergencyDeclared => "emergency-declared",
            EventData::EmergencyEnded => "emergency-ended",
            EventData::Classified { .. } => "classified",
            EventData::ClassificationAbstained { .. } => "classification-abstained",
            EventData::Assigned { .. } => "assigned",
            EventData::RoutingAbstained { .. } => "routing-abstained",
            EventData::Transferred { .. } => "transferred",
            EventData::Returned { .. } => "returned",
            EventData::Adjudicated { .. } => "adjudicated",
            EventData::CoHandlingAdded { .. } => "co-handling-added",
            EventData::Drafted { .. } => "drafted",
            EventData::DraftRefused { .. } => "draft-refused",
            EventData::Accepted => "accepted",
            EventData::Asked => "asked",
            EventData::Replied => "replied",
            EventData::Supplemented => "supplemented",
            EventData::Resumed => "resumed",
            EventData::Answered { .. } => "answered",
            EventData::ExtensionRequested { .. } => "extension-requested",
            EventData::ExtensionGranted { .. } => "extension-granted",
            EventData::ExtensionRefused => "extension-refused",
            EventData::Supervised => "supervised",
            EventData::Examined { .. } => "examined",
            EventData::Approved => "approved",
            EventData::FollowUpPlanned { .. } => "follow-up-planned",
            EventData::FollowedUp => "followed-up",
            EventData::SentBack => "sent-back",
            EventData::Published { .. } => "published",
            EventData::Retracted => "retracted",
            EventData::Rated { .. } => "rated",
            EventData::ClosedSolved => "closed-solved",
            EventData::ClosedUnsolved => "closed-unsolved",
            EventData::Reopened => "reopened",
            EventData::Reconsidered => "reconsidered",
        }
    }

    /// Whether the public timeline shows it. What goes on inside the
    /// authorities (findings, returns, emergencies, supervision, follow-ups) it does not.
    pub fn is_public(&self) -> bool {
        !matches!(
            self,
            EventData::ClassificationAbstained { .. }
                | EventData::RoutingAbstained { .. }
                | EventData::DraftRefused { .. }
                | EventData::EmergencyDeclared
                | EventData::EmergencyEnded
                | EventData::Supervised
                | EventData::FollowUpPlanned { .. }
                | EventData::FollowedUp
                | EventData::Retracted
        )
    }
}

//! Numbers and texts that decide: `limits.toml` and `policy.toml`.

use crate::event::{NoDispatchReason, Urgency};
use serde::{Deserialize, Serialize};

/// Sizes and rates that requests must keep to: `limits.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Lengths of texts.
    pub text: TextLimits,
    /// Files that citizens send along.
    pub attachments: AttachmentLimits,
    /// How often messages may come.
    pub flood: Vec<Flood>,
    /// The same text from the same contact within so many seconds is the same
    /// message sent twice.
    pub duplicate_window_seconds: u64,
    /// Failed logins.
    pub login: LoginLimits,
    /// Sessions of staff.
    pub session: SessionLimits,
}

/// Lengths of texts, in Unicode scalar values after normalising.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLimits {
    /// Subject line of a case.
    pub subject_max_chars: u32,
    /// Body of a case.
    pub body_max_chars: u32,
    /// Address.
    pub address_max_chars: u32,
    /// A person's name.
    pub name_max_chars: u32,
    /// A telephone number.
    pub phone_max_chars: u32,
    /// An e-mail address.
    pub email_max_chars: u32,
    /// An answer.
    pub answer_max_chars: u32,
    /// Facts that a citizen adds.
    pub supplement_max_chars: u32,
    /// Facts that a citizen may add to one case: how many times.
    pub supplements_max: u32,
    /// A question to the citizen.
    pub question_max_chars: u32,
    /// The reason for a decision of staff.
    pub reason_max_chars: u32,
    /// The words with a rating.
    pub comment_max_chars: u32,
    /// A search.
    pub search_max_chars: u32,
}

/// Files that citizens send along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentLimits {
    /// Files on one message.
    pub max_files: u32,
    /// Bytes of one file.
    pub max_bytes: u64,
    /// Bytes of all files of one message.
    pub total_bytes: u64,
    /// Length of a file's name, in Unicode scalar values.
    pub name_max_chars: u32,
    /// Media types, as found from the first bytes of the file.
    pub media_types: Vec<String>,
}

/// How often messages may come: one `[[flood]]` of `limits.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flood {
    /// What is counted.
    pub scope: FloodScope,
    /// Length of the window in seconds.
    pub window_seconds: u64,
    /// Messages within the window.
    pub max: u32,
}

/// By what messages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FloodScope {
    /// Network address of the sender.
    Client,
    /// Telephone number or e-mail address given.
    Contact,
    /// Channel by its key.
    Channel,
}

/// Failed logins, counted by account and by network address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginLimits {
    /// Failures of one account within the window before its lock.
    pub max_failures: u32,
    /// Failures from one network address within the window before its lock.
    pub client_max_failures: u32,
    /// Length of the window in seconds.
    pub window_seconds: u64,
    /// How long the lock lasts, in seconds.
    pub lock_seconds: u64,
}

/// Sessions of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLimits {
    /// Seconds without a request after which a session ends.
    pub idle_seconds: u64,
    /// Seconds after which a session ends in any case.
    pub max_seconds: u64,
    /// Seconds for which a proof of identity lets a contact be shown in the clear, and accounts and keys be changed.
    #[serde(default = "proof_seconds")]
    pub proof_seconds: u64,
}

/// For districts that were stored before there was such a limit.
fn proof_seconds() -> u64 {
    15 * 60
}

/// What the stages decide by: `policy.toml`. Confidences and thresholds are
/// in ten-thousandths, 0 to 10,000, as in the contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Version; written into the events that it decided.
    pub version: String,
    /// The stage intake.
    pub intake: IntakePolicy,
    /// The stage classify.
    pub classify: ClassifyPolicy,
    /// The stage route.
    pub route: RoutePolicy,
    /// The stage answer.
    pub answer: AnswerPolicy,
    /// The stage survey and the statistics.
    pub survey: SurveyPolicy,
    /// Rules of procedure.
    pub procedure: ProcedurePolicy,
    /// The jobs between stages.
    pub jobs: JobPolicy,
    /// Cases about the same matter.
    pub likeness: LikenessPolicy,
    /// Emergency signs.
    #[serde(rename = "signal")]
    pub signals: Vec<Signal>,
    /// The six outcomes without dispatch.
    #[serde(rename = "outcome")]
    pub outcomes: Vec<Outcome>,
}

/// When cases are likely about the same matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikenessPolicy {
    /// From this likeness on, in ten-thousandths, a case is shown beside another.
    pub threshold: u16,
    /// What the same category adds to the likeness of the words, and the same division once more, in ten-thousandths.
    pub bonus: u16,
    /// Days for which cases are compared.
    pub days: u32,
    /// A matter of so many cases within these days is a hot issue.
    pub hot_cases: u32,
}

/// Numbers of the stage intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakePolicy {
    /// From this confidence on, a message for which one of the six outcomes
    /// is proposed waits for a person.
    pub hold_outcome: u16,
    /// From this confidence on, what looks like spam waits for a person.
    pub hold_spam: u16,
}

/// Numbers of the stage classify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassifyPolicy {
    /// Below this confidence a person decides.
    pub threshold: u16,
}

/// Numbers of the stage route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutePolicy {
    /// Below this confidence a person decides.
    pub threshold: u16,
}

/// Numbers of the stage answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerPolicy {
    /// Below this confidence a draft is not taken.
    pub threshold: u16,
    /// From this confidence on the centre itself answers with the draft, after
    /// review by a person; below it goes to the department beside the case.
    pub self_answer: u16,
    /// Articles offered to the handler.
    pub max_articles: u32,
}

/// Numbers of the stage survey and the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyPolicy {
    /// Days after publication in which the citizen can rate.
    pub window_days: u32,
    /// Ratings of this grade or worse (1 to 5, 5 is best) go to the supervisor.
    pub supervisor_grade: u8,
    /// Times that a case may be reopened by its citizen.
    pub max_reopenings: u32,
    /// Departments with fewer cases in a quarter are not ranked.
    pub rank_min_cases: u32,
}

/// Rules of procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcedurePolicy {
    /// Times that departments may return one case (退单).
    pub max_returns: u32,
    /// Hours within which the centre decides about a return.
    pub adjudicate_hours: u32,
    /// Calendar days that the citizen has to add the facts asked for; then
    /// the case may be closed.
    pub citizen_wait_days: u32,
    /// Working days before the deadline by which an extension must be asked.
    pub extension_ahead_days: u32,
}

/// Numbers for the jobs between stages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPolicy {
    /// Seconds that one run of a job may take before another may take it.
    pub lease_seconds: u64,
    /// Runs before a job is set aside as a dead letter.
    pub max_attempts: u32,
    /// Seconds to wait after each failed run; the last one repeats.
    pub backoff_seconds: Vec<u64>,
    /// Jobs taken at one sweep.
    pub batch: u32,
}

/// A sign of an emergency. It is found when one of `phrases` stands in a
/// sentence in which none of `unless` stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Identifier.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// How soon it calls for action; never `normal`.
    pub urgency: Urgency,
    /// Departments that the duty desk calls.
    pub departments: Vec<String>,
    /// What the sender is told at once, in Chinese.
    pub advice: String,
    /// The same in English.
    pub advice_en: String,
    /// Words of citizens, as they stand in a normalised text.
    pub phrases: Vec<String>,
    /// Words in the same sentence that make it no emergency.
    #[serde(default)]
    pub unless: Vec<String>,
}

/// One of the six outcomes for which a message is answered at once instead of
/// being dispatched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which of the six.
    pub id: NoDispatchReason,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What the citizen and the public read, in Chinese.
    pub text: String,
    /// The same in English.
    pub text_en: String,
    /// Words of citizens that hint at it.
    #[serde(default)]
    pub phrases: Vec<String>,
}

//! Asking the handler that a department has published, wherever it runs.
//!
//! The table `handlers` says whether a department has one, and where: at an
//! address of its own, or with the host, which is
//! `http://handlers.spin.internal`. What comes back is not trusted: it has a
//! time limit and a size limit, and what breaks the contract counts as no
//! answer. The stage then goes on with the platform's default, and the event
//! says what had failed.

use std::time::Duration;

use bytes::Bytes;
use case::Case;
use case::event::Judgement;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use spin_sdk::http::FullBody;
use store::{Error, handlers};

use crate::Database;
use crate::fetch::{Bounds, FetchError, fetch};

/// Where the host runs handlers itself.
const HOST: &str = "http://handlers.spin.internal";
/// The longest answer of a department's handler, in bytes.
const MAX_ANSWER: usize = 2 << 20;
/// How long an application of a department's own may be silent.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the host may be silent, which keeps time itself: half a second until it is the case's turn, and one and a
/// half for each of the two functions that a stage asks for.
const HOST_PATIENCE: Duration = Duration::from_secs(4);
/// Longest name, version or code that is taken over into an event, in bytes.
const MAX_NAME: usize = 64;
/// Most findings that are taken over.
const MAX_FINDINGS: usize = 50;
/// Longest time after publication, in days.
const MAX_DAYS: u16 = 3_660;
/// Most sources of one draft.
const MAX_SOURCES: usize = 20;

/// Which release of a department's handler it is.
#[derive(Clone, Debug, Deserialize)]
pub struct Who {
    name: String,
    version: String,
    sha256: String,
    release: Option<i64>,
}

/// What came of asking.
#[derive(Debug)]
pub enum Asked<T> {
    /// The department has no handler for this case.
    Nobody,
    /// It said this.
    Said(Who, T),
    /// It has one, and nothing came of it; the reason is a short name.
    Failed(Option<Who>, String),
}

/// A result as handlers give it: something, nothing to add, or an error of its own.
pub type Word<T> = Result<T, Json>;

/// What a department's handler says at the stage answer.
#[derive(Debug, Deserialize)]
pub struct AnswerSaid {
    /// What to do with the case.
    pub triage: Word<Option<Triage>>,
    /// A draft.
    pub draft: Word<Option<Draft>>,
}

/// What a department's handler says at the stage review.
#[derive(Debug, Deserialize)]
pub struct ReviewSaid {
    /// What it found.
    pub findings: Word<Vec<Finding>>,
    /// What is to be done after the answer; none where an older shell does not ask it.
    #[serde(default = "nothing_more")]
    pub follow_up: Word<Option<FollowUp>>,
}

fn nothing_more() -> Word<Option<FollowUp>> {
    Ok(None)
}

/// Something to do after the answer went out, as `wit/department.wit` has it.
#[derive(Debug, Deserialize)]
pub struct FollowUp {
    /// Calendar days after publication.
    pub after_days: u16,
    /// What is to be done, for the department's officer.
    pub task: String,
}

impl FollowUp {
    /// Whether it can be shown to people: within ten years, at most `max` characters.
    pub fn is_sound(&self, max: usize) -> bool {
        self.after_days <= MAX_DAYS && is_text(&self.task, max)
    }
}

/// What to do with a case that has come in, as `wit/department.wit` has it.
#[derive(Debug, Deserialize)]
pub enum Triage {
    /// Take it, into a section.
    Accept(String),
    /// Send it back.
    SendBack {
        /// Why it is not the department's.
        reason: String,
        /// The rule that says so.
        basis: String,
        /// Whose it is.
        suggested: Option<String>,
    },
    /// Ask the citizen.
    Ask(Vec<String>),
}

/// A draft, as `wit/types.wit` has it.
#[derive(Debug, Deserialize)]
pub struct Draft {
    /// The text.
    pub body: String,
    /// What it rests on.
    pub sources: Vec<case::event::Source>,
    /// In ten-thousandths.
    pub confidence: u16,
}

#[derive(Debug, Deserialize)]
enum Severity {
    Note,
    Warning,
    Blocking,
}

#[derive(Debug, Deserialize)]
struct Span {
    start: u32,
    end: u32,
}

/// A finding, as `wit/types.wit` has it.
#[derive(Debug, Deserialize)]
pub struct Finding {
    code: String,
    severity: Severity,
    span: Option<Span>,
}

/// What comes with every answer.
#[derive(Deserialize)]
struct Signed {
    handler: Who,
    failed: Option<String>,
}

/// Asks the handler of the case's department at `stage`, if there is one; only
/// then is the `input` made.
///
/// # Errors
/// When the database fails; a handler that fails is [`Asked::Failed`].
pub async fn ask<T: DeserializeOwned>(
    database: &mut Database,
    case: &Case,
    stage: &str,
    input: impl FnOnce() -> Json,
) -> Result<Asked<T>, Error> {
    let Some(department) = &case.department else {
        return Ok(Asked::Nobody);
    };
    let Some(standing) = handlers::standing(database, department).await? else {
        return Ok(Asked::Nobody);
    };
    if !standing.decides() {
        return Ok(Asked::Nobody);
    }
    let (address, patience) = match &standing.endpoint {
        Some(endpoint) => {
            let address = format!("{}/{stage}", endpoint.trim_end_matches('/'));
            (address, PATIENCE)
        }
        None => (format!("{HOST}/{department}/{stage}"), HOST_PATIENCE),
    };
    let input = input().to_string().into_bytes();
    Ok(match call(&address, input, patience).await {
        Ok((404, _)) => Asked::Nobody,
        Ok((200, body)) => read(&body),
        Ok((_, body)) => match serde_json::from_slice::<Signed>(&body) {
            Ok(signed) => {
                let failed = signed.failed.filter(|failed| is_name(failed));
                Asked::Failed(
                    checked(signed.handler),
                    failed.unwrap_or_else(|| "refused".into()),
                )
            }
            Err(_) => Asked::Failed(None, "refused".to_owned()),
        },
        Err(reason) => Asked::Failed(None, reason.to_owned()),
    })
}

/// The status and the whole body.
async fn call(
    address: &str,
    input: Vec<u8>,
    patience: Duration,
) -> Result<(u16, Bytes), &'static str> {
    let request = http::Request::post(address)
        .header("content-type", "application/json")
        .body(FullBody::new(Bytes::from(input)))
        .map_err(|_| "address")?;
    let bounds = Bounds {
        patience,
        size: MAX_ANSWER,
    };
    fetch(request, bounds).await.map_err(|error| match error {
        FetchError::Unreachable => "unreachable",
        FetchError::Unreadable => "output",
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Asked<T> {
    let who = serde_json::from_slice::<Signed>(body)
        .ok()
        .and_then(|signed| checked(signed.handler));
    match (who, serde_json::from_slice(body)) {
        (Some(who), Ok(said)) => Asked::Said(who, said),
        (who, _) => Asked::Failed(who, "contract".to_owned()),
    }
}

/// A handler whose name, version and digest can stand in an event.
fn checked(who: Who) -> Option<Who> {
    let digest = who.sha256.len() == 64 && who.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    (digest && is_name(&who.name) && is_name(&who.version)).then_some(who)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte))
}

impl Who {
    /// What the event says where this release was asked and something else decided.
    pub fn note(&self, outcome: &str) -> Json {
        json!({
            "handler": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "release": self.release,
            "outcome": outcome,
        })
    }

    /// A judgement of this release on `input`.
    pub fn judgement(
        &self,
        input: &impl Serialize,
        confidence: Option<u16>,
        outcome: &str,
    ) -> Judgement {
        let input = serde_json::to_vec(input).unwrap_or_default();
        Judgement {
            handler: self.name.clone(),
            version: self.version.clone(),
            sha256: self.sha256.clone(),
            input: seal::hex(&seal::digest(&[&input])),
            confidence,
            evidence: json!({ "department": { "release": self.release, "outcome": outcome } }),
        }
    }
}

impl Triage {
    /// Its name for an event, which holds no text.
    pub fn name(&self) -> &'static str {
        match self {
            Triage::Accept(_) => "accept",
            Triage::SendBack { .. } => "send-back",
            Triage::Ask(_) => "ask",
        }
    }

    /// What the officer is shown, if it keeps to `max` characters in each of its texts: a proposal, on which a person
    /// decides.
    pub fn proposal(&self, max: usize) -> Option<Json> {
        let (texts, json) = match self {
            Triage::Accept(section) => (vec![section], json!({ "accept": section })),
            Triage::Ask(questions) => (questions.iter().collect(), json!({ "ask": questions })),
            Triage::SendBack {
                reason,
                basis,
                suggested,
            } => {
                let texts = [reason, basis].into_iter().chain(suggested).collect();
                let json = json!({ "send-back": { "reason": reason, "basis": basis, "suggested": suggested } });
                (texts, json)
            }
        };
        let fits = texts.len() <= 10 && texts.iter().all(|text| is_text(text, max));
        fits.then_some(json)
    }
}

impl Draft {
    /// Whether it can be shown to people: at most `max` characters, with sources, without control characters.
    pub fn is_sound(&self, max: usize) -> bool {
        let sources = &self.sources;
        is_text(&self.body, max)
            && self.confidence <= 10_000
            && (1..=MAX_SOURCES).contains(&sources.len())
            && sources.iter().all(|source| {
                is_text(&source.article, 200)
                    && is_text(&source.title, 400)
                    && source.updated.len() <= 40
            })
    }
}

/// Something to read, without control characters other than line feed.
fn is_text(text: &str, max: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= max
        && !text.chars().any(|char| char.is_control() && char != '\n')
}

/// The findings as events have them; none when one of them breaks the contract. `length` is that of the answer, in
/// characters.
pub fn findings(said: Vec<Finding>, length: usize) -> Option<Vec<case::event::Finding>> {
    if said.len() > MAX_FINDINGS {
        return None;
    }
    said.into_iter()
        .map(|finding| {
            let span = finding.span.map(|span| (span.start, span.end));
            let sound = is_name(&finding.code)
                && span.is_none_or(|(start, end)| start <= end && end as usize <= length);
            let severity = match finding.severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
                Severity::Blocking => "blocking",
            };
            sound.then(|| case::event::Finding {
                code: finding.code,
                severity: severity.to_owned(),
                span,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    const DIGEST: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn answer(handler: Json, triage: Json, draft: Json) -> Asked<AnswerSaid> {
        let body = json!({ "handler": handler, "triage": triage, "draft": draft });
        read(body.to_string().as_bytes())
    }

    fn who() -> Json {
        json!({ "name": "parks", "version": "1.0.0", "sha256": DIGEST, "release": 3 })
    }

    #[test]
    fn what_a_handler_says_is_read() {
        let source =
            json!({ "article": "a", "title": "b", "updated": "2026-01-01", "stale": false });
        let draft = json!({ "Ok": { "body": "您好", "sources": [source], "confidence": 8000 } });
        let triage =
            json!({ "Ok": { "SendBack": { "reason": "a", "basis": "b", "suggested": null } } });
        let Asked::Said(who, said) = answer(who(), triage, draft) else {
            panic!("an answer")
        };
        assert_eq!(who.note("x")["release"], 3);
        assert!(said.draft.unwrap().unwrap().is_sound(10));
        let triage = said.triage.unwrap().unwrap();
        assert_eq!(triage.name(), "send-back");
        assert!(triage.proposal(10).is_some() && triage.proposal(0).is_none());
        let Asked::Said(_, said) = answer(
            self::who(),
            json!({ "Err": { "Other": "x" } }),
            json!({ "Ok": null }),
        ) else {
            panic!("an answer")
        };
        assert!(said.triage.is_err() && said.draft.unwrap().is_none());
    }

    #[test]
    fn nonsense_counts_as_no_answer() {
        let nothing = || json!({ "Ok": null });
        let mut hostile = who();
        hostile["name"] = json!("<script>");
        for asked in [
            answer(hostile, nothing(), nothing()),
            answer(who(), json!(7), nothing()),
            answer(who(), nothing(), json!({ "Ok": { "body": 1 } })),
            read(b"<html>"),
            read(b""),
        ] {
            assert!(matches!(asked, Asked::Failed(_, reason) if reason == "contract"));
        }
    }

    #[test]
    fn findings_keep_to_the_answer() {
        let finding = |code: &str, start, end| Finding {
            code: code.to_owned(),
            severity: Severity::Note,
            span: Some(Span { start, end }),
        };
        assert_eq!(
            findings(vec![finding("tone", 1, 3)], 3).unwrap()[0].span,
            Some((1, 3))
        );
        assert!(findings(vec![finding("tone", 1, 4)], 3).is_none());
        assert!(findings(vec![finding("tone", 3, 1)], 3).is_none());
        assert!(findings(vec![finding("not a code", 1, 2)], 3).is_none());
        assert!(findings((0..51).map(|_| finding("tone", 0, 0)).collect(), 3).is_none());
    }
}

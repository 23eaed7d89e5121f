//! What the machine suggests, with what it goes by.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::data::Case;
use crate::marks::Mark;
use crate::member::Member;

/// Candidates that are shown: the handlers rank three at most.
const SHOWN: usize = 3;

/// One candidate.
pub struct Candidate {
    /// Identifier of the category or the department.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How sure the machine is, in ten-thousandths.
    pub confidence: u16,
    /// What speaks for it, in words.
    pub reasons: Vec<String>,
    /// Whether it is what the case has now.
    pub chosen: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ranked {
    category: String,
    department: String,
    confidence: u16,
    reasons: Vec<String>,
    spans: Vec<Span>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Span {
    field: String,
    start: usize,
    end: usize,
}

/// What a judgement ranked; nothing where it ranked nothing.
fn ranked(case: &Case, kinds: &[&str]) -> Vec<Ranked> {
    let judged = case
        .events
        .iter()
        .rev()
        .filter(|event| kinds.contains(&event.kind.as_str()))
        .find_map(|event| event.judgement.as_ref());
    let Some(list) = judged.map(|judgement| judgement.evidence["ranked"].clone()) else {
        return Vec::new();
    };
    let mut list: Vec<Ranked> = serde_json::from_value(list).unwrap_or_default();
    list.truncate(SHOWN);
    list
}

const CLASSIFIED: [&str; 2] = ["classified", "classification-abstained"];
const ROUTED: [&str; 2] = ["assigned", "routing-abstained"];

/// The categories that the classifier thought of.
pub fn categories(case: &Case, member: &Member<'_>) -> Vec<Candidate> {
    ranked(case, &CLASSIFIED)
        .into_iter()
        .map(|ranked| Candidate {
            name: member.category(&ranked.category).to_owned(),
            confidence: ranked.confidence,
            reasons: Vec::new(),
            chosen: case.category.as_deref() == Some(&ranked.category),
            id: ranked.category,
        })
        .collect()
}

/// The departments that the router thought of.
pub fn departments(case: &Case, member: &Member<'_>) -> Vec<Candidate> {
    ranked(case, &ROUTED)
        .into_iter()
        .map(|ranked| Candidate {
            name: member.department(&ranked.department).to_owned(),
            confidence: ranked.confidence,
            reasons: ranked
                .reasons
                .iter()
                .map(|reason| reason_in_words(reason, member))
                .collect(),
            chosen: case.department.as_deref() == Some(&ranked.department),
            id: ranked.department,
        })
        .collect()
}

/// A reason such as `place:zhonghe`, in words.
fn reason_in_words(reason: &str, member: &Member<'_>) -> String {
    let words = member.words;
    let Some((kind, detail)) = reason.split_once(':') else {
        return reason.to_owned();
    };
    let (name, detail) = match kind {
        "category" => (words.reason_category, member.category(detail)),
        "duty" => (words.reason_duty, detail),
        "place" => (words.reason_place, member.division(detail)),
        "name" => (words.reason_name, detail),
        // Families have no names for people.
        "family" => (words.reason_family, ""),
        _ => return reason.to_owned(),
    };
    format!("{name} {detail}").trim_end().to_owned()
}

/// The stretches of `field` that the classifier goes by, for the candidate that it ranks first.
pub fn evidence(case: &Case, field: &str) -> Vec<Mark> {
    ranked(case, &CLASSIFIED)
        .first()
        .map(|first| {
            first
                .spans
                .iter()
                .filter(|span| span.field.eq_ignore_ascii_case(field))
                .map(|span| Mark {
                    start: span.start,
                    end: span.end,
                    class: "evidence",
                })
                .collect()
        })
        .unwrap_or_default()
}

/// What the department's own handler proposes, in words.
pub fn proposal(case: &Case, member: &Member<'_>) -> Option<String> {
    let words = member.words;
    let proposal = case
        .events
        .iter()
        .rev()
        .find_map(|event| event.proposal.as_ref())?;
    let (kind, said) = proposal.iter().next()?;
    let text = match kind.as_str() {
        "accept" => format!("{} {}", words.proposal_accept, plain(said)),
        "ask" => format!("{} {}", words.proposal_ask, plain(said)),
        "send-back" => format!(
            "{} {} {}",
            words.proposal_return,
            plain(&said["reason"]),
            plain(&said["basis"])
        ),
        _ => return None,
    };
    Some(text)
}

/// A text, or the texts of a list, one after the other.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

/// What a finding means.
pub fn finding<'a>(code: &'a str, member: &Member<'_>) -> &'a str {
    let words = member.words;
    match code {
        "personal-data" => words.finding_personal_data,
        "not-answered" => words.finding_not_answered,
        "no-basis" => words.finding_no_basis,
        "no-contact" => words.finding_no_contact,
        "no-date" => words.finding_no_date,
        "empty-phrase" => words.finding_empty_phrase,
        "promise-without-date" => words.finding_promise,
        "tone" => words.finding_tone,
        "too-short" => words.finding_too_short,
        "not-checked" => words.finding_not_checked,
        _ => code,
    }
}

/// Why the machine left something to a person.
pub fn left<'a>(reason: &'a str, member: &Member<'_>) -> &'a str {
    let words = member.words;
    match reason {
        "below-threshold" => words.left_below_threshold,
        "no-text" => words.left_no_text,
        "unknown-language" => words.left_unknown_language,
        "no-evidence" => words.left_no_evidence,
        "unusual-text" => words.left_unusual_text,
        "nothing-fits" => words.left_nothing_fits,
        "needs-facts" => words.left_needs_facts,
        "handler-error" => words.left_handler_error,
        _ => reason,
    }
}

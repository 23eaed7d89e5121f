//! Checking what people wrote.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::problem::{FieldError, Problem};
use crate::rules::Rules;

/// Phrases that one copy may be cut by.
const MAX_PHRASES: usize = 50;

/// Collects what is wrong with the fields of a request, so that all of it is
/// said at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes that `field` is wrong.
    pub fn add(&mut self, field: impl Into<String>, code: &'static str, limit: Option<u64>) {
        self.0.push(FieldError {
            field: field.into(),
            code,
            limit,
        });
    }

    /// A text that may be empty: at most `max` characters, without control
    /// characters but for line breaks and tabs where `lines` allows them.
    pub fn text(&mut self, field: &str, text: &str, max: u32, lines: bool) {
        if text.chars().count() > max as usize {
            self.add(field, "too-long", Some(max.into()));
        } else if text
            .chars()
            .any(|letter| letter.is_control() && !(lines && matches!(letter, '\n' | '\r' | '\t')))
        {
            self.add(field, "control-character", None);
        }
    }

    /// A text that must say something.
    pub fn required(&mut self, field: &str, text: &str, max: u32, lines: bool) {
        if text.trim().is_empty() {
            self.add(field, "empty", None);
        } else {
            self.text(field, text, max, lines);
        }
    }

    /// Phrases to be cut out of a public copy: each has at least two letters or
    /// digits, which is what the redaction looks for, and at most `max` characters.
    pub fn phrases(&mut self, field: &str, phrases: &[String], max: u32) {
        if phrases.len() > MAX_PHRASES {
            self.add(field, "too-many-items", Some(MAX_PHRASES as u64));
        }
        for (index, phrase) in phrases.iter().take(MAX_PHRASES).enumerate() {
            let field = format!("{field}[{index}]");
            if phrase
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .nth(1)
                .is_none()
            {
                self.add(field, "too-short", Some(2));
            } else {
                self.text(&field, phrase, max, true);
            }
        }
    }

    /// The problem, if anything is wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid_fields(self.0))
        }
    }
}

/// The body of an action that needs a reason and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    /// Why.
    pub reason: String,
    /// The sequence of the case that the caller has seen.
    pub sequence: Option<u32>,
}

/// The body of an action that needs nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {
    /// The sequence of the case that the caller has seen.
    pub sequence: Option<u32>,
}

/// The document for a text that somebody wrote in `field`, of at most `max`
/// characters.
pub fn document(field: &str, text: &str, max: u32) -> Result<Json, Problem> {
    let mut checks = Checks::default();
    checks.required(field, text, max, true);
    checks.finish()?;
    Ok(json!({ "text": text }))
}

/// The document for a reason.
pub fn reason(rules: &Rules, text: &str) -> Result<Json, Problem> {
    document("reason", text, rules.limits.text.reason_max_chars)
}

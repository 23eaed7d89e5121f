//! Checking what people wrote.

use crate::problem::{FieldError, Problem};

/// Collects what is wrong with the fields of a request, so that all of it is
/// said at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes that `field` is wrong.
    pub fn add(&mut self, field: impl Into<String>, code: &'static str, limit: Option<u64>) {
        self.0.push(FieldError { field: field.into(), code, limit });
    }

    /// A text that may be empty: at most `max` characters, without control
    /// characters but for line breaks and tabs where `lines` allows them.
    pub fn text(&mut self, field: &str, text: &str, max: u32, lines: bool) {
        if text.chars().count() > max as usize {
            self.add(field, "too-long", Some(max.into()));
        } else if text.chars().any(|letter| letter.is_control() && !(lines && matches!(letter, '\n' | '\r' | '\t'))) {
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

    /// The problem, if anything is wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid_fields(self.0)) }
    }
}

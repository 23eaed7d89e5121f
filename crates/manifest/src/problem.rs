//! What is wrong with a manifest, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place in a manifest file. Lines and columns count from 1; line 0 means the file as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A value together with the place where the manifest says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub position: Position,
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// How much a [`Problem`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The application cannot run.
    Error,
    /// The application runs here, but not as one would expect, or not on Spin 4.1.
    Warning,
}

/// One thing that is wrong with a manifest, as a sentence with the place it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The manifest, as it was named to [`crate::Manifest::load`].
    pub file: PathBuf,
    /// The line, from 1; 0 when the problem is about the whole file.
    pub line: usize,
    /// The column in characters, from 1; 0 when the problem is about the whole file.
    pub column: usize,
    /// A sentence that says what is wrong and, where it can, what to do.
    pub message: String,
    /// Whether the application can run all the same.
    pub severity: Severity,
}

impl Problem {
    pub(crate) fn error(file: &Path, at: Position, message: impl Into<String>) -> Self {
        Self::new(file, at, message, Severity::Error)
    }

    pub(crate) fn warning(file: &Path, at: Position, message: impl Into<String>) -> Self {
        Self::new(file, at, message, Severity::Warning)
    }

    fn new(file: &Path, at: Position, message: impl Into<String>, severity: Severity) -> Self {
        Self {
            file: file.to_owned(),
            line: at.line,
            column: at.column,
            message: message.into(),
            severity,
        }
    }

    /// Whether the application cannot run because of this.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        if self.severity == Severity::Warning {
            f.write_str(" warning:")?;
        }
        write!(f, " {}", self.message)
    }
}

impl std::error::Error for Problem {}

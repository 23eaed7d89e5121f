//! What Wenzheng knows about text, without I/O and without tables of a district.
//!
//! - [`tidy`] and [`tidy_line`]: the form in which a citizen's text is kept;
//! - [`View`]: a text folded for matching, with the way back to the original;
//! - [`language`]: which language a text is written in;
//! - [`search_terms`] and [`query_terms`]: what full-text search sees;
//! - [`Phrases`]: looking for many phrases at once;
//! - [`likeness`]: whether two messages are likely about the same matter;
//! - [`personal`]: where personal data stand in a text, and how they are cut.
//!
//! Every offset counts Unicode scalar values, and every function takes time
//! linear in the length of its text.

#![deny(missing_docs)]

pub mod contact;
mod language;
pub mod likeness;
pub mod personal;
mod phrases;
mod search;
mod sentence;
mod tidy;
mod view;

pub use language::{Language, language};
pub use phrases::{Hit, Phrases, fold_phrase};
pub use search::{query_terms, search_terms, terms};
pub use sentence::{Sentence, clauses, sentence_at, sentences};
pub use tidy::{tidy, tidy_line};
pub use view::{View, fold, is_alphanumeric};

//! The trained models: what they see of a text, their files, and how they judge.
//!
//! [`Model`] chooses among classes, by pairs of characters and single ones;
//! [`alarm::Alarm`] hears whether a sentence sounds like an emergency. The
//! trainer (`crates/train`) and the handlers use the same code, so that what
//! was measured is what is shipped. Pure: no clock, no I/O; and every
//! operation on floating-point numbers is one that IEEE 754 fixes or `libm`
//! computes, so that every machine gives the same.

#![deny(missing_docs)]

pub mod alarm;
mod file;
mod gram;
mod judge;
pub mod measure;

pub use file::{FileError, Model, ModelBuilder, compress, expand, on_curve};
pub use gram::{Gram, Grams};
pub use judge::{Judgement, Piece, log_count, shares};

/// Which of the two blocks of weights a gram is counted in.
///
/// Subject and body together say what a message is about; the subject alone
/// says it again, for it is where citizens name the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Subject and body together.
    Whole,
    /// The subject alone.
    Subject,
}

impl Block {
    /// Both, in the order of the file.
    pub const ALL: [Self; 2] = [Self::Whole, Self::Subject];
}

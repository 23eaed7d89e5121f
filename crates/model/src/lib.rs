//! The trained classifier: what it sees of a text, its file, and how it judges.
//!
//! A linear model over pairs of characters and single ones. The trainer
//! (`crates/train`) and the handler of the stage classify use the same code,
//! so that what was measured is what is shipped. Pure: no clock, no I/O; and
//! every operation on floating-point numbers is one that IEEE 754 fixes or
//! `libm` computes, so that every machine gives the same.

#![deny(missing_docs)]

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

//! The domain of Wenzheng: what a case is, what may be done to it, and what
//! its clocks say.
//!
//! Nothing here does I/O or reads a clock: time and identity are arguments.
//! A case is the [fold](fold::Case::fold) of its [events](event::Event);
//! what may happen to it stands in one [table](lifecycle::TABLE).

pub mod actor;
pub mod calendar;
pub mod check;
pub mod clock;
pub mod deadline;
pub mod decision;
pub mod district;
pub mod due;
pub mod event;
pub mod fold;
pub mod lifecycle;
pub mod masking;
pub mod state;
pub mod time;

pub use actor::{Actor, Party, Role};
pub use check::{Queue, Refusal};
pub use event::{Event, EventData};
pub use fold::Case;
pub use lifecycle::Action;
pub use state::{Family, State};

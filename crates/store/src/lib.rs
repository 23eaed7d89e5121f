//! The platform's SQL, written once for SQLite and PostgreSQL.
//!
//! Everything here talks to a [`Connection`]: in a function that is a
//! `spin:sqlite` or `spin:postgres` connection, in the runner one of
//! `crates/sql`. A request opens one connection, and what it accepts it
//! writes in one [transaction]: the events, the documents, the projection
//! and the job for the next stage ([`change`]).

pub mod accounts;
pub mod articles;
pub mod cases;
pub mod change;
mod connection;
pub mod console;
pub mod contacts;
pub mod counters;
pub mod deliveries;
pub mod desk;
pub mod due;
pub mod export;
pub mod files;
pub mod filters;
pub mod follow_ups;
pub mod handlers;
pub mod intake;
pub mod jobs;
pub mod labels;
pub mod likeness;
pub mod once;
pub mod openings;
pub mod publications;
pub mod search;
pub mod settings;
pub mod submissions;
pub mod tally;
pub mod templates;
pub mod transaction;
pub mod verify;

pub use change::{Change, DoneJob};
pub use connection::{Connection, Dialect, Error, Row, Value};

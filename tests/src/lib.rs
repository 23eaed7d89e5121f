//! The end-to-end suite: the whole platform through its HTTP interface.
//!
//! It runs alike against the runner with SQLite, the runner with PostgreSQL
//! and Spin. Where to find the platform stands in the environment:
//!
//! - `WENZHENG_URL`: its address, such as `http://127.0.0.1:3000`;
//! - `WENZHENG_ACCOUNTS`: the file with its demonstration accounts, of which
//!   the administrator's is used to make accounts for the tests;
//! - `WENZHENG_RELAY_KEY`: the key of the sweep.
//!
//! - `WENZHENG_RUNNER`: the program `wenzheng`, for the tests that end it, break
//!   it and start it again; without it they are skipped, and say so.
//!
//! `cargo xtask test` sets all four.

pub mod browser;
pub mod cases;
pub mod endpoints;
pub mod load;
pub mod platform;
pub mod runner;
pub mod spec;
pub mod table;
pub mod trap;

pub use cases::{Driver, Submitted};
pub use platform::{Caller, Platform, Reply, Staff};
pub use runner::Runner;

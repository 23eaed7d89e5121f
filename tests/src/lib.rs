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
//! `cargo xtask test` sets all three.

pub mod cases;
pub mod platform;

pub use cases::{Driver, Submitted};
pub use platform::{Caller, Platform, Reply, Staff};

//! Databases for native programs: SQLite and PostgreSQL behind one crate.
//!
//! * [`SqliteDatabase`] opens a file; its connections run statements on the
//!   caller's thread, take turns at writing and acknowledge a commit when it is
//!   on the disk, with one `fdatasync` for all that wait.
//! * [`PostgresDatabase`] is a pool for one connection string; a connection is
//!   pinned for as long as it is held.
//! * [`Migrations`] brings either to the schema of this version.
//!
//! Both connections implement [`store::Connection`]. No other crate of the
//! program names the drivers.
//!
//! # Why two drivers
//!
//! PostgreSQL and the migrations of both go through sqlx. Statements on SQLite
//! go through rusqlite (the same SQLite library, linked once): sqlx runs each
//! SQLite connection on a thread of its own, and the two thread switches of
//! every statement cost fifteen times as much as the statement. Measured on
//! two cores, a `SELECT` of one row by primary key: sqlx 44 µs of processor
//! time, rusqlite 2.7 µs.
#![deny(missing_docs)]

mod error;
mod keyword;
mod migrations;
mod postgres;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::{ConstraintKind, SqlError};
pub use migrations::{Applied, MigrationError, Migrations, Report};
pub use postgres::{
    DatabaseError, Interval, PostgresColumn, PostgresConnection, PostgresDatabase, PostgresError,
    PostgresOptions, PostgresResult, PostgresType, PostgresValue, Range, RangeBound, dsn_hosts,
};
pub use sqlite::{Durability, QueryResult, SqliteConnection, SqliteDatabase, SqliteOptions};
pub use store::{Row, Value};

/// The largest result of one statement, in bytes of its values.
///
/// Spin has the same limit for the results of a guest's statement.
pub const RESULT_LIMIT: usize = 128 * 1024 * 1024;

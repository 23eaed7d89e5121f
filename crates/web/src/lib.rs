//! What the functions share at the HTTP edge.
//!
//! A function is thin: [`context::serve`] reads the request, the function
//! matches method and path, [`step::take`] runs one step of one case in one
//! transaction, and [`drain::run`] works through the jobs of a stage. Errors
//! leave as [problem details](problem::Problem); internal text goes to the log.

pub mod catalogue;
pub mod chain;
pub mod context;
pub mod contract;
pub mod database;
pub mod department;
pub mod drain;
pub mod fetch;
pub mod identity;
pub mod language;
pub mod problem;
pub mod rules;
pub mod sender;
pub mod sight;
pub mod step;
pub mod text;
pub mod variables;
pub mod view;

pub use context::{Answer, BODY_LIMIT, Context, Reply, serve, serve_as, serve_unread};
pub use database::Database;
pub use problem::Problem;

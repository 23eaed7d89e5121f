//! Runs the applications of Spin manifests (version 2) without Spin: components that export `wasi:http/handler@0.3`,
//! on wasmtime, behind an HTTP server, with variables, databases, calls of each other and of allowed hosts.
//!
//! [`App::load`] makes an application of a [`manifest::Manifest`]; [`serve`] puts it on a socket; [`App::call`] calls a
//! component from within this process; [`App::reload`] replaces one component while all go on.
//!
//! What a component may do is what Spin 4.1 lets it do; where Spin is careless this host is careful:
//!
//! - every request has a time limit, and an instance that does not give up the processor is ended;
//! - a response that is short leaves in one packet, with its length;
//! - a call of a component that does not exist is refused instead of ending the caller's instance;
//! - a failure is an answer of `application/problem+json` that says nothing of its cause, which is in the log;
//! - requests carry an id from the first to the last component.
//!
//! # One request
//!
//! The server (`server`) hands a request to `dispatch`, which finds its route and adds the headers that Spin adds. The
//! `pool` of the component queues it; a `worker` takes it into an instance. The instance's data (`state`) is
//! what the `capability` modules and `outbound` work with.
#![deny(missing_docs)]

mod app;
mod body;
mod cache;
mod capability;
pub mod department;
mod dispatch;
mod engine;
mod files;
mod handler;
mod limits;
mod logs;
mod memory;
mod metrics;
mod options;
mod outbound;
mod pace;
mod pool;
mod priority;
mod problem;
mod refusal;
mod reload;
mod request_id;
mod server;
mod service;
mod state;
mod worker;

pub use app::{App, LoadError};
pub use body::{Body, empty, full};
pub use cache::{CacheLimits, Pruned};
pub use engine::{CompileError, Engine, LARGE};
pub use handler::{
    AnswerHandler, ClassifyHandler, HandlerError, HandlerLimits, IntakeHandler, ReviewHandler,
    RouteHandler, answer, classify, intake, review, route,
};
pub use memory::share_arenas;
pub use options::{HostOptions, Limits};
pub use priority::{apart, behind_all, give_way};
pub use reload::ReloadError;
pub use server::{ServeError, serve, serve_metrics};
pub use service::{Answering, Service};

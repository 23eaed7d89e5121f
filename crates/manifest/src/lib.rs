//! Spin's manifest (version 2), as far as Wenzheng's own manifests use it.
//!
//! [`Manifest::load`] reads and validates; every [`Problem`] names the line it is about. What Spin knows and this
//! runner does not implement is refused by name, never ignored. [`Router`] and [`AllowedHosts`] answer at run time
//! what the manifest said about routes and outbound calls, [`Providers`] gives variables their values,
//! [`compose()`] plugs the components of `dependencies` into the one that imports them, and [`check()`] is all of
//! it without running anything.
//!
//! A dependency is a *handler*: it imports nothing but types. [`compose()`] refuses any other, so that nothing has to
//! be denied at run time.
#![deny(missing_docs)]

mod check;
mod compose;
mod hosts;
mod model;
mod names;
mod parse;
mod parse_component;
mod problem;
mod reader;
mod route;
mod router;
mod template;
mod validate;
mod variables;
mod wasm;

pub use check::check;
pub use compose::{compose, file_loader};
pub use hosts::{AllowedHost, AllowedHosts, CHAINING_DOMAIN, HostError};
pub use model::{
    Application, Build, Component, Dependency, DependencySource, FileMount, Manifest,
    StaticResponse, Target, Trigger, TriggerRoute, Variable,
};
pub use names::DependencyName;
pub use problem::{Located, Position, Problem, Severity};
pub use route::{Route, RouteError};
pub use router::{RouteMatch, Router};
pub use template::{Template, TemplateError};
pub use variables::{ProviderError, Providers, Value, Variables};
pub use wasm::{HandlerReport, Import, WasmError, component_bytes, handler_report};

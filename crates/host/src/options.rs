//! What the one who starts the host may choose.

use crate::{Engine, Service};
use manifest::Providers;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The settings of one application. [`HostOptions::new`] gives every default.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// Where the host keeps logs and the files that components see. Made when it does not exist.
    pub state_dir: PathBuf,
    /// Where compiled components are kept: a directory that nobody else may write to, since what is in it is run
    /// unchecked. `cache/` in the state directory unless said otherwise; applications may share one.
    pub cache_dir: PathBuf,
    /// The file behind each `sqlite_databases` label. A label that is not here has no database, but
    /// `default` is always there: [`HostOptions::new`] puts it at `sqlite_db.db` in the state directory,
    /// where Spin has it.
    pub sqlite: BTreeMap<String, PathBuf>,
    /// Whether a transaction that was acknowledged survives a power failure (and not only the end of the
    /// process).
    pub durable: bool,
    /// Where the application's variables have their values from, before the manifest's defaults.
    pub variables: Providers,
    /// How long, and how much.
    pub limits: Limits,
    /// What the host itself offers to components: `http://<name>.spin.internal` for those that are allowed the host
    /// and where the manifest has no component of that name.
    pub services: BTreeMap<String, Arc<dyn Service>>,
    /// The engine to run on, for several applications in one process; a new one where `None`.
    pub engine: Option<Engine>,
}

/// How long things may take and how much of them there may be.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the request to the head of its response: after it the caller gets 504, or 408 when its body has not come.
    pub request: Duration,
    /// How much longer than `request` an instance lives that does not give up the processor.
    pub grace: Duration,
    /// How long an instance may go on after the last response: the time for work that was left for later and for
    /// streaming bodies.
    pub background: Duration,
    /// How long an instance without work is kept.
    pub idle: Duration,
    /// How many requests one instance serves in its life.
    pub reuse: usize,
    /// How many requests one instance serves at the same time.
    pub concurrency: usize,
    /// How many instances of one component there may be.
    pub instances: usize,
    /// How many requests may wait for an instance of one component; further ones get 503.
    pub queue: usize,
    /// How many requests from outside are served at the same time; further ones get 503.
    pub in_flight: usize,
    /// How many connections from outside there may be; further ones wait to be accepted.
    pub connections: usize,
    /// The linear memory of one instance, its parts together, in bytes.
    pub memory: usize,
    /// The body of one request from outside, in bytes; a longer one gets 413 or its reader an error.
    pub body: u64,
    /// How long a client may take for the head of a request.
    pub head_read: Duration,
    /// How long a client may pause within the body of a request.
    pub body_read: Duration,
    /// How long the end of the process is put off for requests and work that have begun.
    pub drain: Duration,
}

impl HostOptions {
    /// Every default, with `state_dir` for what is kept.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        let state_dir = state_dir.into();
        Self {
            sqlite: BTreeMap::from([("default".to_owned(), state_dir.join("sqlite_db.db"))]),
            cache_dir: state_dir.join("cache"),
            state_dir,
            durable: true,
            variables: Providers::default(),
            limits: Limits::default(),
            services: BTreeMap::new(),
            engine: None,
        }
    }
}

impl Default for Limits {
    /// Reuse (16 requests at once, 1 s idle) is as Spin 4.1 has it, but for 512 requests instead of 128: a new instance
    /// of ours reads the district's rules, which takes longer than a request. The rest is chosen for one machine with
    /// 400 MiB to spare.
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            grace: Duration::from_millis(500),
            background: Duration::from_secs(60),
            idle: Duration::from_secs(1),
            reuse: 512,
            concurrency: 16,
            instances: 32,
            queue: 1024,
            in_flight: 1024,
            connections: 4096,
            memory: 128 << 20,
            body: 32 << 20,
            head_read: Duration::from_secs(10),
            body_read: Duration::from_secs(20),
            drain: Duration::from_secs(30),
        }
    }
}

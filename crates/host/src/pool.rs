//! The instances of one component and the requests that wait for them.
//!
//! Every instance is driven by one task, the *worker*. Requests wait in one queue for each component, and whichever
//! worker has room takes the next. A worker is
//!
//! - **running** while its guest computes: it will be back at the queue in a moment;
//! - **waiting** when all that its guest does waits for something else: it is woken for the next request;
//! - **full** when it can take no request: it serves as many as it may, or its guest does not give up the processor.
//!
//! A new instance is made when nobody waits and fewer workers run than there are processors. A guest that keeps the
//! processor for more than a tick of the engine's clock turns its worker full, so that no request waits behind it.

use crate::body::Body;
use crate::engine::Engine;
use crate::options::Limits;
use crate::state::{Definition, State};
use crate::worker;
use futures::task::AtomicWaker;
use http::{HeaderValue, Request, Response};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio::time::Instant;
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

/// After how many ticks without a pause a guest counts as one that does not give up the processor.
const STUCK_TICKS: u32 = 2;

/// What belongs to a request wherever it goes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The name of the request that came from outside.
    pub(crate) request_id: HeaderValue,
    /// How many components have passed it on.
    pub(crate) hops: u8,
}

/// Why a request has no response of the component's own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the instance trapped")]
    Trap,
    #[error("the instance ended while it served this request")]
    Lost,
    #[error("the component answered with an error: {0}")]
    Guest(ErrorCode),
    #[error("no answer within the time limit")]
    Timeout,
    #[error("too many requests wait")]
    Saturated,
    #[error("no instance could be made")]
    NoInstance,
}

pub(crate) type Reply = oneshot::Sender<Result<Response<Body>, Failure>>;

pub(crate) struct Job {
    pub(crate) request: Request<Body>,
    pub(crate) call: Call,
    pub(crate) deadline: Instant,
    pub(crate) reply: Reply,
}

/// One component, compiled and linked, with its instances.
pub(crate) struct Pool {
    pub(crate) engine: Engine,
    pub(crate) pre: ServicePre<State>,
    /// Linear memories of one instance.
    pub(crate) memories: u32,
    pub(crate) definition: Arc<Definition>,
    parallelism: usize,
    desk: Mutex<Desk>,
    /// Workers that have something to do.
    pub(crate) busy: AtomicUsize,
}

#[derive(Default)]
struct Desk {
    queue: VecDeque<Job>,
    waiting: Vec<Arc<Badge>>,
    workers: usize,
    full: usize,
}

/// What others see of a worker.
#[derive(Default)]
pub(crate) struct Badge {
    pub(crate) waker: AtomicWaker,
    /// A [`Status`]; changed only under the lock of the desk.
    status: AtomicU32,
    /// Ticks since the guest last gave up the processor.
    ticks: AtomicU32,
}

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Running = 0,
    Waiting = 1,
    Full = 2,
}

impl Pool {
    pub(crate) fn new(
        engine: Engine,
        pre: ServicePre<State>,
        memories: u32,
        definition: Arc<Definition>,
    ) -> Self {
        Self {
            engine,
            pre,
            memories,
            definition,
            parallelism: std::thread::available_parallelism().map_or(2, usize::from),
            desk: Mutex::default(),
            busy: AtomicUsize::new(0),
        }
    }

    /// Has `request` served; returns when the head of the response is there.
    pub(crate) async fn handle(
        self: &Arc<Self>,
        request: Request<Body>,
        call: Call,
    ) -> Result<Response<Body>, Failure> {
        let deadline = Instant::now() + self.limits().request;
        let (reply, response) = oneshot::channel();
        {
            let mut desk = self.desk();
            if desk.queue.len() >= self.limits().queue {
                return Err(Failure::Saturated);
            }
            desk.queue.push_back(Job {
                request,
                call,
                deadline,
                reply,
            });
            self.staff(desk);
        }
        match tokio::time::timeout_at(deadline, response).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Failure::Lost),
            Err(_) => {
                self.definition.metrics.timeouts.inc();
                Err(Failure::Timeout)
            }
        }
    }

    /// Whether no request is waiting or served, and no work of an earlier one goes on.
    pub(crate) fn is_quiet(&self) -> bool {
        let desk = self.desk();
        desk.queue.is_empty() && desk.waiting.len() == desk.workers && self.busy.load(Relaxed) == 0
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.definition.limits
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that somebody comes for the first request of the queue, if there is one.
    fn staff(self: &Arc<Self>, mut desk: MutexGuard<'_, Desk>) {
        if desk.queue.is_empty() {
            return;
        }
        if let Some(badge) = desk.waiting.pop() {
            badge.status.store(Status::Running as u32, Relaxed);
            drop(desk);
            badge.waker.wake();
        } else if desk.workers - desk.full < self.parallelism
            && desk.workers < self.limits().instances
        {
            desk.workers += 1;
            drop(desk);
            tokio::spawn(worker::work(self.clone()));
        }
    }

    /// The next request that somebody still wants; if there is none, the worker is noted as waiting.
    pub(crate) fn take(self: &Arc<Self>, badge: &Arc<Badge>) -> Option<Job> {
        let mut desk = self.desk();
        while let Some(job) = desk.queue.pop_front() {
            if !job.reply.is_closed() {
                desk.note(badge, Status::Running);
                self.staff(desk);
                return Some(job);
            }
        }
        desk.note(badge, Status::Waiting);
        None
    }

    /// Notes that the worker can take no request now.
    pub(crate) fn full(self: &Arc<Self>, badge: &Arc<Badge>) {
        if badge.status.load(Relaxed) != Status::Full as u32 {
            let mut desk = self.desk();
            desk.note(badge, Status::Full);
            self.staff(desk);
        }
    }

    /// Called at every tick while the guest of `badge` computes.
    pub(crate) fn tick(self: &Arc<Self>, badge: &Arc<Badge>) {
        if badge.ticks.fetch_add(1, Relaxed) + 1 >= STUCK_TICKS {
            self.full(badge);
        }
    }

    /// A worker has ended. If it never had an instance and nobody else is there, nobody will come for those who wait.
    pub(crate) fn leave(self: &Arc<Self>, badge: &Arc<Badge>, instantiated: bool) {
        let mut desk = self.desk();
        desk.note(badge, Status::Running);
        desk.workers -= 1;
        if !instantiated && desk.workers == 0 {
            for job in desk.queue.drain(..) {
                let _ = job.reply.send(Err(Failure::NoInstance));
            }
        }
        self.staff(desk);
    }
}

impl Desk {
    fn note(&mut self, badge: &Arc<Badge>, status: Status) {
        let before = badge.status.swap(status as u32, Relaxed);
        if before == status as u32 {
            return;
        }
        if before == Status::Waiting as u32 {
            self.waiting.retain(|other| !Arc::ptr_eq(other, badge));
        } else if before == Status::Full as u32 {
            self.full -= 1;
        }
        match status {
            Status::Running => {}
            Status::Waiting => self.waiting.push(badge.clone()),
            Status::Full => self.full += 1,
        }
    }
}

impl Badge {
    /// Notes that the guest has given up the processor.
    pub(crate) fn rest(&self) {
        self.ticks.store(0, Relaxed);
    }

    /// Whether the guest does not give up the processor.
    pub(crate) fn is_stuck(&self) -> bool {
        self.ticks.load(Relaxed) >= STUCK_TICKS
    }
}

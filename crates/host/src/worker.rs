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
use futures::stream::{FuturesUnordered, StreamExt};
use futures::task::AtomicWaker;
use http::{HeaderValue, Request, Response};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, Store};
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p3::bindings::{Service, ServicePre};

/// How long a new instance waits for room in the pool of memories.
const ROOM_WAIT: Duration = Duration::from_secs(2);

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

type Reply = oneshot::Sender<Result<Response<Body>, Failure>>;

struct Job {
    request: Request<Body>,
    call: Call,
    deadline: Instant,
    reply: Reply,
}

/// One component, compiled and linked, with its instances.
pub(crate) struct Pool {
    engine: Engine,
    pre: ServicePre<State>,
    /// Linear memories of one instance.
    memories: u32,
    definition: Arc<Definition>,
    parallelism: usize,
    desk: Mutex<Desk>,
    /// Workers that have something to do.
    busy: AtomicUsize,
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
    waker: AtomicWaker,
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
    pub(crate) fn new(engine: Engine, pre: ServicePre<State>, memories: u32, definition: Arc<Definition>) -> Self {
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
    pub(crate) async fn handle(self: &Arc<Self>, request: Request<Body>, call: Call) -> Result<Response<Body>, Failure> {
        let deadline = Instant::now() + self.limits().request;
        let (reply, response) = oneshot::channel();
        {
            let mut desk = self.desk();
            if desk.queue.len() >= self.limits().queue {
                return Err(Failure::Saturated);
            }
            desk.queue.push_back(Job { request, call, deadline, reply });
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
        self.busy.load(Relaxed) == 0 && self.desk().queue.is_empty()
    }

    fn limits(&self) -> &Limits {
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
        } else if desk.workers - desk.full < self.parallelism && desk.workers < self.limits().instances {
            desk.workers += 1;
            drop(desk);
            tokio::spawn(work(self.clone()));
        }
    }

    /// The next request that somebody still wants; if there is none, the worker is noted as waiting.
    fn take(self: &Arc<Self>, badge: &Arc<Badge>) -> Option<Job> {
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

    /// A worker has ended; without a `reason` in the way others take over.
    fn leave(self: &Arc<Self>, badge: &Arc<Badge>, instantiated: bool) {
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

/// Takes a worker off the books however it ends.
struct Employment {
    pool: Arc<Pool>,
    badge: Arc<Badge>,
    instantiated: bool,
}

impl Drop for Employment {
    fn drop(&mut self) {
        self.pool.leave(&self.badge, self.instantiated);
    }
}

/// What an instance is at, and since or until when.
#[derive(Clone, Copy)]
enum Activity {
    Idle(Instant),
    /// All responses are out, and work goes on.
    Background(Instant),
    /// The first and the last deadline of the requests that it serves.
    Requests(Instant, Instant),
}

/// Why an instance was ended.
#[derive(Debug, thiserror::Error)]
enum Expiry {
    #[error("ended after the time limit of a request")]
    Request,
    #[error("ended after the time limit of work behind the response")]
    Background,
}

/// Makes an instance and drives it to its end.
async fn work(pool: Arc<Pool>) {
    let badge = Arc::new(Badge::default());
    let mut employment = Employment { pool: pool.clone(), badge: badge.clone(), instantiated: false };
    let made = timeout(pool.limits().request, instantiate(&pool, &badge)).await;
    let (mut store, service) = match made {
        Ok(Ok(instance)) => instance,
        Ok(Err(error)) => {
            tracing::error!(component = %pool.definition.id, error = format!("{error:#}"), "no instance");
            return;
        }
        Err(_) => {
            tracing::error!(component = %pool.definition.id, "no instance within the time limit");
            return;
        }
    };
    employment.instantiated = true;
    let ended = drive(&pool, &badge, &mut store, &service).await;
    if let Err(error) = ended {
        let component = &pool.definition.id;
        if error.is::<Expiry>() {
            tracing::warn!(%component, "instance {error}");
        } else {
            pool.definition.metrics.traps.inc();
            let out_of_memory = store.data().limit.refused;
            tracing::error!(%component, out_of_memory, error = format!("{error:?}"), "instance trapped");
        }
    }
}

async fn instantiate(pool: &Arc<Pool>, badge: &Arc<Badge>) -> wasmtime::Result<(Store<State>, Service)> {
    let room = timeout(ROOM_WAIT, pool.engine.memories.clone().acquire_many_owned(pool.memories)).await;
    let room = room.map_err(|_| wasmtime::format_err!("the pool of memories is used up"))??;
    let state = State::new(&pool.definition, room)?;
    let mut store = Store::new(&pool.engine.wasm, state);
    store.limiter(|state| &mut state.limit);
    store.set_epoch_deadline(1);
    let (observer, badge) = (Arc::downgrade(pool), badge.clone());
    store.epoch_deadline_callback(move |_| {
        if let Some(pool) = observer.upgrade() {
            pool.tick(&badge);
        }
        Ok(wasmtime::UpdateDeadline::Yield(1))
    });
    let service = pool.pre.instantiate_async(&mut store).await?;
    Ok((store, service))
}

/// Serves requests with one instance until it has served its share, has been idle for long, traps, or takes too long.
async fn drive(pool: &Arc<Pool>, badge: &Arc<Badge>, store: &mut Store<State>, service: &Service) -> wasmtime::Result<()> {
    let limits = pool.limits();
    let activity = Mutex::new(Activity::Idle(Instant::now()));
    // Set when the guest has done all that it can: only then another request does not slow down the first.
    let settled = AtomicBool::new(true);
    let closing = AtomicBool::new(false);
    let shift = Shift { pool, badge, service, activity: &activity, settled: &settled, closing: &closing };

    let mut serving = pin!(store.run_concurrent(async |accessor| shift.serve(accessor).await));
    let mut timer = pin!(sleep_until(Instant::now() + limits.idle));
    poll_fn(|cx| {
        let mut polled = serving.as_mut().poll(cx);
        if polled.is_pending() && !settled.swap(true, Relaxed) {
            polled = serving.as_mut().poll(cx);
        }
        if let Poll::Ready(ended) = polled {
            return Poll::Ready(ended.flatten());
        }
        loop {
            let now = *activity.lock().unwrap_or_else(PoisonError::into_inner);
            let stuck = badge.ticks.load(Relaxed) >= STUCK_TICKS;
            let due = match now {
                Activity::Idle(since) => since + limits.idle,
                Activity::Background(since) => since + limits.background,
                Activity::Requests(_, last) if closing.load(Relaxed) && !stuck => last + limits.grace,
                Activity::Requests(first, _) => first + limits.grace,
            };
            // The timer may lag behind what is due, but never come after it.
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if Instant::now() < due {
                timer.as_mut().reset(due);
                continue;
            }
            match now {
                Activity::Idle(_) => return Poll::Ready(Ok(())),
                Activity::Background(_) => return Poll::Ready(Err(Expiry::Background.into())),
                Activity::Requests(_, last) => {
                    if stuck || Instant::now() >= last + limits.grace {
                        return Poll::Ready(Err(Expiry::Request.into()));
                    }
                    // One request has run out of time: the others may finish, but none is added.
                    closing.store(true, Relaxed);
                    pool.full(badge);
                }
            }
        }
    })
    .await
}

/// What the inside of an instance's event loop works with.
struct Shift<'a> {
    pool: &'a Arc<Pool>,
    badge: &'a Arc<Badge>,
    service: &'a Service,
    activity: &'a Mutex<Activity>,
    settled: &'a AtomicBool,
    closing: &'a AtomicBool,
}

impl Shift<'_> {
    async fn serve(&self, accessor: &Accessor<State>) -> wasmtime::Result<()> {
        let Self { pool, badge, .. } = self;
        let limits = pool.limits();
        let handle = *self.service.wasi_http_handler().func_handle().func();
        let mut calls = FuturesUnordered::new();
        let mut deadlines: Vec<Instant> = Vec::new();
        let mut served = 0;
        let mut work = Busy { pool, on: false };
        poll_fn(|cx| {
            badge.ticks.store(0, Relaxed);
            badge.waker.register(cx.waker());
            loop {
                while let Poll::Ready(Some(ended)) = calls.poll_next_unpin(cx) {
                    let deadline: Instant = match ended {
                        Ok(deadline) => deadline,
                        Err(trap) => return Poll::Ready(Err(trap)),
                    };
                    if let Some(index) = deadlines.iter().position(|other| *other == deadline) {
                        deadlines.swap_remove(index);
                    }
                }
                let open = served < limits.reuse
                    && !self.closing.load(Relaxed)
                    && accessor.poll_ready_for_concurrent_call(handle, cx).is_ready();
                if open && calls.len() < limits.concurrency {
                    if (calls.is_empty() || self.settled.load(Relaxed))
                        && let Some(job) = pool.take(badge)
                    {
                        served += 1;
                        self.settled.store(false, Relaxed);
                        work.set(true);
                        deadlines.push(job.deadline);
                        calls.push(self.call(accessor, job));
                        continue;
                    }
                } else {
                    pool.full(badge);
                }
                if let (Some(first), Some(last)) = (deadlines.iter().min(), deadlines.iter().max()) {
                    self.at(Activity::Requests(*first, *last));
                    return Poll::Pending;
                }
                if accessor.poll_no_interesting_tasks(cx).is_pending() {
                    self.at(Activity::Background(Instant::now()));
                    return Poll::Pending;
                }
                if !open {
                    return Poll::Ready(Ok(()));
                }
                work.set(false);
                self.at(Activity::Idle(Instant::now()));
                return Poll::Pending;
            }
        })
        .await
    }

    /// Notes what the instance is at; keeps since when if it is the same as before.
    fn at(&self, new: Activity) {
        let mut now = self.activity.lock().unwrap_or_else(PoisonError::into_inner);
        match (*now, new) {
            (Activity::Idle(_), Activity::Idle(_)) | (Activity::Background(_), Activity::Background(_)) => {}
            _ => *now = new,
        }
    }

    /// Serves one request; gives back its deadline, or the trap that ends the instance.
    fn call<'a>(
        &'a self,
        accessor: &'a Accessor<State>,
        job: Job,
    ) -> impl Future<Output = wasmtime::Result<Instant>> + Send + use<'a> {
        let Job { request, call, deadline, reply } = job;
        let handle = self.service.wasi_http_handler().func_handle();
        let begun = accessor.with(|mut access| {
            let mut store = access.as_context_mut();
            let state = store.data_mut();
            let (head, body) = request.into_parts();
            let uri = head.uri.into_parts();
            let headers = FieldMap::new_immutable(&mut state.outbound, head.headers);
            let (request, sent) =
                p3::Request::new(head.method, uri.scheme, uri.authority, uri.path_and_query, headers, None, body);
            let request = state.table.push(request)?;
            let begun = handle.start_call_concurrent(&mut store, (request,))?;
            store.data_mut().calls.insert(begun.task(), call);
            wasmtime::error::Ok((begun, sent))
        });
        async move {
            let (begun, sent) = begun?;
            let answer = match handle.finish_call_concurrent(accessor, begun).await {
                Ok((answer,)) => answer,
                Err(trap) => {
                    let _ = reply.send(Err(Failure::Trap));
                    return Err(trap);
                }
            };
            let answer = match answer {
                Ok(response) => accessor.with(|mut access| {
                    let response = access.as_context_mut().data_mut().table.delete(response)?;
                    response.into_http_with_getter(&mut access, sent, State::http).map(Ok)
                })?,
                Err(code) => Err(Failure::Guest(code)),
            };
            // The receiver is gone when the time limit has passed or the client has left.
            let _ = reply.send(answer);
            Ok(deadline)
        }
    }
}

/// Counts a worker among the busy ones.
struct Busy<'a> {
    pool: &'a Pool,
    on: bool,
}

impl Busy<'_> {
    fn set(&mut self, on: bool) {
        if on != self.on {
            self.on = on;
            if on {
                self.pool.busy.fetch_add(1, Relaxed);
            } else {
                self.pool.busy.fetch_sub(1, Relaxed);
            }
        }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.set(false);
    }
}

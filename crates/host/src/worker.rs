//! The life of one instance, driven by one task.

use crate::pool::Failure;
use crate::pool::{Badge, Job, Pool};
use crate::state::State;
use futures::stream::{FuturesUnordered, StreamExt};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, Store};
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3;
use wasmtime_wasi_http::p3::bindings::Service;

/// How long a new instance waits for room in the pool of memories.
const ROOM_WAIT: Duration = Duration::from_secs(2);

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
pub(crate) async fn work(pool: Arc<Pool>) {
    let badge = Arc::new(Badge::default());
    let mut employment = Employment {
        pool: pool.clone(),
        badge: badge.clone(),
        instantiated: false,
    };
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

async fn instantiate(
    pool: &Arc<Pool>,
    badge: &Arc<Badge>,
) -> wasmtime::Result<(Store<State>, Service)> {
    let room = timeout(
        ROOM_WAIT,
        pool.engine
            .memories
            .clone()
            .acquire_many_owned(pool.memories),
    )
    .await;
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
        // Tokio's own pause: with a plain one the guest is at once ready again, and sockets are looked at only after
        // dozens of such turns of a whole tick.
        Ok(wasmtime::UpdateDeadline::YieldCustom(
            1,
            Box::pin(tokio::task::yield_now()),
        ))
    });
    let service = pool.pre.instantiate_async(&mut store).await?;
    Ok((store, service))
}

/// Serves requests with one instance until it has served its share, has been idle for long, traps, or takes too long.
async fn drive(
    pool: &Arc<Pool>,
    badge: &Arc<Badge>,
    store: &mut Store<State>,
    service: &Service,
) -> wasmtime::Result<()> {
    let limits = pool.limits();
    let activity = Mutex::new(Activity::Idle(Instant::now()));
    // Set when the guest has done all that it can: only then another request does not slow down the first.
    let settled = AtomicBool::new(true);
    let closing = AtomicBool::new(false);
    let shift = Shift {
        pool,
        badge,
        service,
        activity: &activity,
        settled: &settled,
        closing: &closing,
    };

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
            let stuck = badge.is_stuck();
            let due = match now {
                Activity::Idle(since) => since + limits.idle,
                Activity::Background(since) => since + limits.background,
                Activity::Requests(_, last) if closing.load(Relaxed) && !stuck => {
                    last + limits.grace
                }
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
            badge.rest();
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
                    && accessor
                        .poll_ready_for_concurrent_call(handle, cx)
                        .is_ready();
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
                if let (Some(first), Some(last)) = (deadlines.iter().min(), deadlines.iter().max())
                {
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
            (Activity::Idle(_), Activity::Idle(_))
            | (Activity::Background(_), Activity::Background(_)) => {}
            _ => *now = new,
        }
    }

    /// Serves one request; gives back its deadline, or the trap that ends the instance.
    fn call<'a>(
        &'a self,
        accessor: &'a Accessor<State>,
        job: Job,
    ) -> impl Future<Output = wasmtime::Result<Instant>> + Send + use<'a> {
        let Job {
            request,
            call,
            deadline,
            reply,
        } = job;
        let handle = self.service.wasi_http_handler().func_handle();
        let begun = accessor.with(|mut access| {
            let mut store = access.as_context_mut();
            let state = store.data_mut();
            let (head, body) = request.into_parts();
            let uri = head.uri.into_parts();
            let headers = FieldMap::new_immutable(&mut state.outbound, head.headers);
            let (request, sent) = p3::Request::new(
                head.method,
                uri.scheme,
                uri.authority,
                uri.path_and_query,
                headers,
                None,
                body,
            );
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
                    response
                        .into_http_with_getter(&mut access, sent, State::http)
                        .map(Ok)
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

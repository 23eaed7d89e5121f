//! How fast a department's call may go: at full speed for a short grace, and from then on in slots of a millisecond
//! that lie far apart.
//!
//! A processor that computes slows down others even where it is free: two of them may share one core, and all share
//! memory and caches. Giving way is therefore not enough; what takes long has to sleep most of the time. All calls of
//! one engine that are past their grace share one train of slots, so that ten of them that loop take no more than one.

use crate::priority;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wasmtime::{EngineWeak, UpdateDeadline};

/// How often calls that compute are looked at.
pub(crate) const TICK: Duration = Duration::from_millis(1);
/// How long every call may use a processor at once, with all others: thirty times what a good handler in Rust takes.
const FREE: Duration = Duration::from_millis(3);
/// How long a call may use a processor without a pause, one that brings an interpreter along: twice what those take.
/// Beyond [`FREE`] half of the processors are in their grace at a time, and the call gives way to others.
const GRACE: Duration = Duration::from_millis(20);
/// How long a call waits for its grace, at most: what two others may take.
const QUEUE: Duration = Duration::from_millis(60);
/// How long a slot is.
const SLOT: Duration = Duration::from_millis(1);
/// From one slot to the next: this many slots.
const APART: u32 = 30;
/// How often the clock of an engine that calls nothing looks whether the engine is still there.
const LOOK: Duration = Duration::from_secs(1);

/// What all calls of one engine share.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Calls that compute now.
    computing: AtomicUsize,
    shared: Mutex<Shared>,
    /// Somebody computes.
    begun: Condvar,
    /// A grace has ended.
    ended: Condvar,
}

#[derive(Debug)]
struct Shared {
    /// How many more calls may be in their grace.
    graces: usize,
    /// When the next slot begins.
    next: Instant,
}

impl Pace {
    /// With as many graces at a time as half of the processors, which leaves the others to requests.
    pub(crate) fn new() -> Self {
        let graces = std::thread::available_parallelism().map_or(1, |all| (all.get() / 2).max(1));
        Self {
            computing: AtomicUsize::new(0),
            shared: Mutex::new(Shared {
                graces,
                next: Instant::now(),
            }),
            begun: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    /// Moves the clock of `engine` on while anybody computes, until the engine is gone: a clock that nobody needs
    /// wakes no processor.
    pub(crate) fn run(&self, engine: &EngineWeak) {
        loop {
            let shared = self.lock();
            let (shared, _) = self
                .begun
                .wait_timeout_while(shared, LOOK, |_| {
                    self.computing.load(Ordering::Acquire) == 0
                })
                .unwrap_or_else(PoisonError::into_inner);
            drop(shared);
            if self.computing.load(Ordering::Acquire) > 0 {
                std::thread::sleep(TICK);
            }
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) {
        if self.computing.fetch_add(1, Ordering::AcqRel) == 0 {
            // The clock looks and lies down under this lock.
            drop(self.lock());
            self.begun.notify_one();
        }
    }

    fn pause(&self) {
        self.computing.fetch_sub(1, Ordering::AcqRel);
    }

    /// Waits for a grace; whether there is one.
    fn take_grace(&self) -> bool {
        let (mut shared, _) = self
            .ended
            .wait_timeout_while(self.lock(), QUEUE, |shared| shared.graces == 0)
            .unwrap_or_else(PoisonError::into_inner);
        let free = shared.graces > 0;
        shared.graces -= usize::from(free);
        free
    }

    fn give_back_grace(&self) {
        self.lock().graces += 1;
        self.ended.notify_one();
    }

    /// Takes the next slot and returns when it begins. A call that went on for `over` too long puts itself and all
    /// others off for it: some things that a handler does, such as filling its memory, cannot be interrupted.
    fn slot(&self, now: Instant, over: Duration) -> Instant {
        let mut shared = self.lock();
        let begin = shared.next.max(now) + over * APART;
        shared.next = begin + SLOT * APART;
        begin
    }
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Like everybody else.
    Free,
    /// Alone among those that take long.
    Grace,
    /// In slots, of which the last one began when so much of the processor's time had been used.
    Slots(Duration),
}

/// One call, from its begin until it is dropped.
#[derive(Debug)]
pub(crate) struct Course {
    pace: Arc<Pace>,
    stage: Stage,
    /// Whether it may have a grace.
    trusted: bool,
    start: Instant,
    /// What this thread had used before.
    before: Option<Duration>,
    /// How long it has slept.
    slept: Duration,
    /// What it may use of the processor.
    time: Duration,
    /// When it has to be over.
    end: Instant,
}

impl Course {
    /// A call that may use the processor for `time` and last for `clock`, on this thread. One that is not `trusted`
    /// has no grace.
    pub(crate) fn begin(pace: &Arc<Pace>, trusted: bool, time: Duration, clock: Duration) -> Self {
        pace.begin();
        let start = Instant::now();
        Self {
            pace: pace.clone(),
            stage: Stage::Free,
            trusted,
            start,
            before: priority::used(),
            slept: Duration::ZERO,
            time,
            end: start + clock,
        }
    }

    /// What the call has used of the processor; what it has taken by the clock but for its sleep, where the operating
    /// system does not say.
    pub(crate) fn used(&self) -> Duration {
        match self.before.zip(priority::used()) {
            Some((before, now)) => now.saturating_sub(before),
            None => self.start.elapsed().saturating_sub(self.slept),
        }
    }

    /// Looks at the call while it computes, on its own thread: it goes on, sleeps, or is over.
    pub(crate) fn look(&mut self) -> UpdateDeadline {
        let used = self.used();
        if used >= self.time || Instant::now() >= self.end {
            return UpdateDeadline::Interrupt;
        }
        let over = match self.stage {
            Stage::Free if used < FREE => return UpdateDeadline::Continue(1),
            Stage::Free => {
                priority::give_way_apart();
                let may = self.trusted && used < GRACE;
                if may && self.rest(|course| course.pace.take_grace()) {
                    self.stage = Stage::Grace;
                    return UpdateDeadline::Continue(1);
                }
                used.saturating_sub(FREE)
            }
            Stage::Grace if used < GRACE => return UpdateDeadline::Continue(1),
            Stage::Grace => {
                self.pace.give_back_grace();
                used.saturating_sub(GRACE)
            }
            // A tick may come soon after the begin of a slot.
            Stage::Slots(since) if used.saturating_sub(since) < SLOT * 3 / 4 => {
                return UpdateDeadline::Continue(1);
            }
            Stage::Slots(since) => used.saturating_sub(since).saturating_sub(SLOT),
        };
        if !matches!(self.stage, Stage::Slots(_)) {
            priority::give_way_to_all_apart();
        }
        self.stage = Stage::Slots(used);
        let begin = self.pace.slot(Instant::now(), over);
        if begin >= self.end {
            return UpdateDeadline::Interrupt;
        }
        self.rest(|_| std::thread::sleep(begin.saturating_duration_since(Instant::now())));
        UpdateDeadline::Continue(1)
    }

    /// Waits in `wait`, while the clock need not go for this call.
    fn rest<T>(&mut self, wait: impl FnOnce(&Self) -> T) -> T {
        let begin = Instant::now();
        self.pace.pause();
        let result = wait(self);
        self.pace.begin();
        self.slept += begin.elapsed();
        result
    }
}

impl Drop for Course {
    fn drop(&mut self) {
        self.pace.pause();
        if self.stage == Stage::Grace {
            self.pace.give_back_grace();
        }
    }
}

/// How long by the clock a call may last that uses the processor for `time`: in its grace, and in slots that nobody
/// else wants.
#[cfg(test)]
fn alone(time: Duration, grace: Duration) -> Duration {
    grace + time.saturating_sub(grace) * APART
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::department::DepartmentLimits;

    #[test]
    fn a_call_that_nobody_trusts_reaches_its_limit_before_the_clock_ends_it() {
        let limits = DepartmentLimits::default();
        assert!(alone(limits.time, GRACE) < Duration::from_secs(1));
        assert!(alone(limits.time, FREE) < limits.clock);
    }

    #[test]
    fn slots_lie_apart_and_long_ones_further() {
        let pace = Pace::new();
        let now = Instant::now();
        let slots: Vec<Instant> = (0..3).map(|_| pace.slot(now, Duration::ZERO)).collect();
        assert_eq!(slots[1] - slots[0], SLOT * APART);
        assert_eq!(slots[2] - slots[1], SLOT * APART);
        let over = Duration::from_millis(9);
        assert_eq!(pace.slot(now, over) - slots[2], (SLOT + over) * APART);
        // What nobody has taken is not saved up.
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.slot(later, Duration::ZERO), later);
    }

    #[test]
    fn graces_are_few_and_come_back() {
        let pace = Arc::new(Pace::new());
        let all = pace.lock().graces;
        for _ in 0..all {
            assert!(pace.take_grace());
        }
        let begin = Instant::now();
        assert!(!pace.take_grace());
        assert!(begin.elapsed() >= QUEUE);
        let mut course = Course::begin(&pace, true, FREE, FREE);
        course.stage = Stage::Grace;
        drop(course);
        assert!(pace.take_grace());
        assert_eq!(pace.computing.load(Ordering::Acquire), 0);
    }
}

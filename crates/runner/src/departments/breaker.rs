//! A circuit breaker: who fails again and again rests for a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row after which a release rests.
const PATIENCE: u32 = 5;
/// How long it rests; then one call is tried.
const REST: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// In a row.
    failures: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may be made; after a rest, one is let through and further ones wait for how it ends.
    pub(super) fn allows(&self, now: Instant) -> bool {
        let mut state = self.lock();
        match state.rests_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = Some(now + REST);
                true
            }
            None => true,
        }
    }

    /// A call had a result.
    pub(super) fn succeeded(&self) {
        *self.lock() = State::default();
    }

    /// A call came to nothing; returns whether there is a rest now.
    pub(super) fn failed(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= PATIENCE {
            state.rests_until = Some(now + REST);
        }
        state.rests_until.is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_again_and_again_rests() {
        let breaker = Breaker::default();
        let start = Instant::now();
        for _ in 1..PATIENCE {
            assert!(breaker.allows(start) && !breaker.failed(start));
        }
        // A success in between forgives.
        breaker.succeeded();
        for _ in 1..PATIENCE {
            assert!(breaker.allows(start) && !breaker.failed(start));
        }
        assert!(breaker.failed(start));
        assert!(!breaker.allows(start) && !breaker.allows(start + REST / 2));
        // One call after the rest, and no second one beside it.
        let later = start + REST;
        assert!(breaker.allows(later) && !breaker.allows(later));
        assert!(breaker.failed(later) && !breaker.allows(later + REST / 2));
        assert!(breaker.allows(later + REST));
        breaker.succeeded();
        assert!(breaker.allows(later + REST) && breaker.allows(later + REST));
    }
}

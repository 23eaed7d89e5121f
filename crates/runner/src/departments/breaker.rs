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

/// What a call did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing has changed.
    None,
    /// It rests from now on, after it was called all the time.
    Rests,
    /// It answers again after it rested.
    Recovered,
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
    pub(super) fn succeeded(&self) -> Turn {
        let before = std::mem::take(&mut *self.lock());
        match before.rests_until {
            Some(_) => Turn::Recovered,
            None => Turn::None,
        }
    }

    /// A call came to nothing.
    pub(super) fn failed(&self, now: Instant) -> Turn {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures < PATIENCE {
            return Turn::None;
        }
        match state.rests_until.replace(now + REST) {
            Some(_) => Turn::None,
            None => Turn::Rests,
        }
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
            assert!(breaker.allows(start) && breaker.failed(start) == Turn::None);
        }
        // A success in between forgives.
        assert_eq!(breaker.succeeded(), Turn::None);
        for _ in 1..PATIENCE {
            assert!(breaker.allows(start) && breaker.failed(start) == Turn::None);
        }
        assert_eq!(breaker.failed(start), Turn::Rests);
        assert!(!breaker.allows(start) && !breaker.allows(start + REST / 2));
        // One call after the rest, and no second one beside it.
        let later = start + REST;
        assert!(breaker.allows(later) && !breaker.allows(later));
        // Who rests already is no news.
        assert_eq!(breaker.failed(later), Turn::None);
        assert!(!breaker.allows(later + REST / 2));
        assert!(breaker.allows(later + REST));
        assert_eq!(breaker.succeeded(), Turn::Recovered);
        assert!(breaker.allows(later + REST) && breaker.allows(later + REST));
    }
}

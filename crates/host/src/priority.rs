//! Work that gives way to requests.

use std::cell::Cell;
use std::time::Duration;
use tokio::sync::oneshot;

/// How far it gives way, as `nice` counts: where everybody wants the processor, it still gets a tenth of what others
/// get, so that it comes to an end.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const NICE: libc::c_int = 10;

/// Runs `work` on a thread of its own that others go before, and waits for it. Where
/// the operating system knows no such threads, it is a thread like any other.
///
/// # Errors
/// When the thread cannot be started, or `work` panics.
pub fn behind_all<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("behind".into())
            .spawn_scoped(scope, || {
                give_way();
                work()
            })?;
        thread
            .join()
            .map_err(|_| std::io::Error::other("the work broke down"))
    })
}

thread_local! {
    /// Whether this thread ends with its work, so that nothing after it is held up when it gives way.
    static APART: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, which calls departments' handlers, on a thread that ends with it: one that takes long goes on behind
/// all others. A thread cannot come back from there, so it must be nobody else's.
///
/// # Errors
/// When the thread cannot be started, or `work` panics.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<T> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new()
        .name("department".into())
        .spawn(move || {
            APART.set(true);
            // Who asked may have gone meanwhile.
            let _ = done.send(work());
        })?;
    result
        .await
        .map_err(|_| std::io::Error::other("the work broke down"))
}

/// Lets all others go before this thread, if it is one of [`apart`].
pub(crate) fn give_way_apart() {
    if APART.get() {
        give_way();
    }
}

/// Has this thread run only where nobody else wants the processor, if it is one of [`apart`].
pub(crate) fn give_way_to_all_apart() {
    if APART.get() {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        // SAFETY: it changes nothing but the order in which this thread gets the processor; zero means this thread.
        // Anybody may go there.
        unsafe {
            let nothing = libc::sched_param { sched_priority: 0 };
            libc::sched_setscheduler(0, libc::SCHED_IDLE, &nothing);
        }
    }
}

/// Lets all others go before this thread and those that it starts from now on.
pub fn give_way() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it changes nothing but the order in which this thread gets the processor; zero means this thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
    }
}

/// How much of the processor this thread has used; none where the operating system does not say.
pub(crate) fn used() -> Option<Duration> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: it only writes into `time`, which lives longer than the call.
        let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        let seconds = u64::try_from(time.tv_sec).ok()?;
        let nanos = u32::try_from(time.tv_nsec).ok()?;
        (result == 0).then(|| Duration::new(seconds, nanos))
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_and_a_panic_is_an_error() {
        assert_eq!(behind_all(|| 7).expect("done"), 7);
        assert!(behind_all(|| panic!("on purpose")).is_err());
    }

    #[tokio::test]
    async fn work_apart_is_done_and_a_panic_is_an_error() {
        assert_eq!(apart(|| 7).await.expect("done"), 7);
        assert!(apart(|| panic!("on purpose")).await.is_err());
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[tokio::test]
    async fn only_a_thread_apart_gives_way_in_the_middle() {
        let nice = || {
            // SAFETY: it only reads.
            unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
        };
        let before = nice();
        give_way_apart();
        assert_eq!(nice(), before);
        let after = apart(move || {
            give_way_apart();
            nice()
        });
        assert_eq!(after.await.expect("done"), before.max(NICE));
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[tokio::test]
    async fn only_a_thread_apart_runs_where_nobody_else_wants_to() {
        let policy = || {
            // SAFETY: it only reads.
            unsafe { libc::sched_getscheduler(0) }
        };
        let before = policy();
        give_way_to_all_apart();
        assert_eq!(policy(), before);
        let after = apart(move || {
            give_way_to_all_apart();
            policy()
        });
        assert_eq!(after.await.expect("done"), libc::SCHED_IDLE);
        assert_eq!(policy(), before);
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn who_sleeps_uses_no_processor() {
        let before = used().expect("Linux says it");
        std::thread::sleep(Duration::from_millis(50));
        let after = used().expect("Linux says it");
        assert!(after - before < Duration::from_millis(25));
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn only_the_thread_itself_gives_way() {
        let nice = || {
            // SAFETY: it only reads.
            unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
        };
        let before = nice();
        assert_eq!(behind_all(nice).expect("done"), before.max(NICE));
        assert_eq!(nice(), before);
    }
}

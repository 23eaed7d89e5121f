//! Work that gives way to requests.

/// Runs `work` on a thread of its own that gets the processor only when nobody else wants it, and waits for it. Where
/// the operating system knows no such threads, it is a thread like any other.
///
/// # Errors
/// When the thread cannot be started, or `work` panics.
pub(crate) fn behind_all<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
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

/// Puts this thread behind all others.
fn give_way() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it changes nothing but the order in which this thread gets the processor; zero means this thread.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 19);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_and_a_panic_is_an_error() {
        assert_eq!(behind_all(|| 7).expect("done"), 7);
        assert!(behind_all(|| panic!("on purpose")).is_err());
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn only_the_thread_itself_gives_way() {
        let nice = || {
            // SAFETY: it only reads.
            unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
        };
        let before = nice();
        assert_eq!(behind_all(nice).expect("done"), 19);
        assert_eq!(nice(), before);
    }
}

//! What the allocator of glibc keeps although nobody uses it.
//!
//! It gives every thread an arena of its own, up to eight for each processor,
//! and what was freed in one is of no use to another. Here work wanders between
//! threads, so all of them would grow to the size of the largest.

/// Lets threads share as many arenas as there are processors. To be called
/// before the first thread is started; of no effect with another allocator.
pub fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let arenas = std::thread::available_parallelism().map_or(2, usize::from);
        // SAFETY: it may be called at any time; a number that is not taken changes nothing.
        unsafe {
            libc::mallopt(
                libc::M_ARENA_MAX,
                libc::c_int::try_from(arenas).unwrap_or(64),
            );
        }
    }
}

/// Gives the operating system back what is free: what compiling took is of a
/// size that never comes again.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time, from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

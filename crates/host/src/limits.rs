//! How much memory an instance may take.

use wasmtime::ResourceLimiter;

/// Counts the linear memories of one store together, so that a component made of many parts has no more than one
/// made of one.
#[derive(Debug)]
pub(crate) struct MemoryLimit {
    used: usize,
    most: usize,
    /// Whether something was refused, to tell running out of memory from other traps.
    pub(crate) refused: bool,
}

impl MemoryLimit {
    /// A limit of `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            used: 0,
            most,
            refused: false,
        }
    }

    /// How much the memories have grown to.
    pub(crate) fn used(&self) -> usize {
        self.used
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.most || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 100_000 && maximum.is_none_or(|maximum| desired <= maximum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together() {
        let mut limit = MemoryLimit::new(100);
        assert!(limit.memory_growing(0, 60, None).expect("an answer"));
        assert!(!limit.memory_growing(0, 60, None).expect("an answer"));
        assert!(limit.refused);
        assert!(limit.memory_growing(0, 40, None).expect("an answer"));
        assert!(!limit.memory_growing(60, 61, None).expect("an answer"));
    }
}

//! The machine that runs components: its settings, its one clock, its cache of compiled code.

use crate::memory;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime::component::Component;
use wasmtime::{Config, PoolingAllocationConfig};

/// How often a guest that does not stop is asked to let others go on.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// All linear memories of all instances at one time.
const MEMORIES: u32 = 256;

/// A wasmtime engine with its clock. Clones share it.
#[derive(Clone)]
pub struct Engine {
    pub(crate) wasm: wasmtime::Engine,
    /// One permit for each linear memory of the pool.
    pub(crate) memories: Arc<Semaphore>,
    /// One lock for each component that was ever compiled, by its name in the cache.
    turns: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>>,
    /// Held while compiling. One component after the other, each on all processors, takes as long as all at once and
    /// a fraction of the memory.
    compiling: Arc<Mutex<()>>,
}

/// Why a component could not be made ready to run.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// It is not a valid component, or it needs what this host does not have.
    #[error("it cannot be compiled: {0}")]
    Invalid(String),
    /// The cache of compiled code cannot be written or read.
    #[error("the cache of compiled code at {path}: {error}")]
    Cache {
        /// The file or directory in question.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
}

impl Engine {
    /// An engine whose instances may have `memory` bytes in one linear memory.
    ///
    /// Starts the thread of its clock, which ends with the engine.
    ///
    /// # Errors
    /// When the processor or the operating system lacks something that wasmtime needs.
    pub fn new(memory: usize) -> Result<Self, CompileError> {
        Self::with(memory, |_| {})
    }

    /// An engine for components that nobody here has written, with a pool of its own: what they do, however odd, is
    /// the same on every machine, so that a decision can be replayed. It compiles on one processor: what a department
    /// publishes may be large, and requests go on meanwhile.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn for_departments(memory: usize) -> Result<Self, CompileError> {
        Self::with(memory, |config| {
            config
                .parallel_compilation(false)
                .cranelift_nan_canonicalization(true)
                .relaxed_simd_deterministic(true);
        })
    }

    fn with(memory: usize, adjust: fn(&mut Config)) -> Result<Self, CompileError> {
        let invalid = |error: wasmtime::Error| CompileError::Invalid(format!("{error:#}"));
        // The pool reserves address space for every memory at once; where that is rationed, memories are mapped one
        // by one, which is slower but works.
        let wasm = match wasmtime::Engine::new(&config(Some(memory), adjust)) {
            Ok(engine) => engine,
            Err(error) => {
                tracing::warn!(%error, "no pool of instances: they are mapped one by one");
                wasmtime::Engine::new(&config(None, adjust)).map_err(invalid)?
            }
        };
        let clock = wasm.weak();
        std::thread::Builder::new()
            .name("epoch".into())
            .spawn(move || {
                while let Some(engine) = clock.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            })
            .map_err(|error| CompileError::Invalid(format!("no thread for the clock: {error}")))?;
        Ok(Self {
            wasm,
            memories: Arc::new(Semaphore::new(MEMORIES as usize)),
            turns: Arc::default(),
            compiling: Arc::default(),
        })
    }

    /// Compiles `wasm`, or takes what an earlier start compiled out of `cache`.
    ///
    /// # Errors
    /// When it is not a component, or the cache cannot be used.
    pub(crate) fn compile(&self, wasm: &[u8], cache: &Path) -> Result<Component, CompileError> {
        let at = |path: &Path, error| CompileError::Cache {
            path: path.to_owned(),
            error,
        };
        let name = self.cache_name(wasm);
        let file = cache.join(&name);
        // Who asks for the same while it is being compiled waits and then takes it out of the cache.
        let turn = self
            .turns
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name)
            .or_default()
            .clone();
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if file.exists() {
            match self.load(&file) {
                Ok(component) => return Ok(component),
                Err(error) => {
                    tracing::warn!(%error, file = %file.display(), "cached code is not usable")
                }
            }
        }
        let _alone = self
            .compiling
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let code = self
            .wasm
            .precompile_component(wasm)
            .map_err(|error| CompileError::Invalid(format!("{error:#}")))?;
        store(cache, &file, &code).map_err(|error| at(&file, error))?;
        drop(code);
        memory::give_back();
        self.load(&file)
            .map_err(|error| CompileError::Invalid(format!("{error:#}")))
    }

    /// Maps compiled code into memory: only what runs is read.
    fn load(&self, file: &Path) -> wasmtime::Result<Component> {
        // SAFETY: the file is in a directory that only this user can write, and `store` put it there whole.
        unsafe { Component::deserialize_file(&self.wasm, file) }
    }

    /// A name that differs whenever the component, the compiler or its settings do.
    fn cache_name(&self, wasm: &[u8]) -> String {
        let mut settings = DefaultHasher::new();
        self.wasm
            .precompile_compatibility_hash()
            .hash(&mut settings);
        let mut name = String::with_capacity(96);
        for byte in Sha256::digest(wasm) {
            name.push_str(&format!("{byte:02x}"));
        }
        name.push_str(&format!("-{:016x}.cwasm", settings.finish()));
        name
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// Makes `directory` for this user only.
///
/// # Errors
/// What the operating system says.
pub(crate) fn private_dir(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    #[cfg(unix)]
    fs::set_permissions(
        directory,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )?;
    Ok(())
}

/// Puts a file into the cache in one step: no reader ever sees half of it, nor does the next start after a power
/// failure.
fn store(cache: &Path, file: &Path, code: &[u8]) -> std::io::Result<()> {
    private_dir(cache)?;
    // Several components, and several processes, may be made of the same file at the same time.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let unfinished = file.with_extension(format!("{}-{number}.tmp", std::process::id()));
    let mut writer = fs::File::create(&unfinished)?;
    writer.write_all(code)?;
    writer.sync_all()?;
    fs::rename(unfinished, file)
}

/// The settings of wasmtime. The pool's numbers are Spin 4.1's where a component's shape is meant (how many core
/// instances, tables and memories it may have) and smaller where the machine is (how many there are at once, how much
/// of them stays resident), so that a full pool of idle slots stays below 100 MiB.
fn config(pool_memory: Option<usize>, adjust: fn(&mut Config)) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.wasm_component_model_async(true);
    config.memory_init_cow(true);
    if let Some(memory) = pool_memory {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(MEMORIES)
            .total_memories(MEMORIES)
            .total_stacks(2 * MEMORIES)
            .total_tables(4 * MEMORIES)
            .total_core_instances(8 * MEMORIES)
            .max_core_instances_per_component(200)
            .max_tables_per_component(64)
            .max_memories_per_component(32)
            .max_component_instance_size(10 << 20)
            .max_core_instance_size(10 << 20)
            .max_memory_size(memory)
            .table_elements(20_000)
            .max_unused_warm_slots(64)
            .linear_memory_keep_resident(256 << 10)
            .table_keep_resident(16 << 10);
        config.allocation_strategy(pool);
    }
    adjust(&mut config);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_code_is_kept_and_used_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = directory.path().join("cache");
        let engine = Engine::new(1 << 20).expect("an engine");
        // The smallest component: a magic number and a version.
        let wasm = b"\0asm\x0d\0\x01\0";
        engine.compile(wasm, &cache).expect("compiles");
        let files: Vec<_> = fs::read_dir(&cache).expect("the cache").flatten().collect();
        assert_eq!(files.len(), 1);
        let before = files[0]
            .metadata()
            .expect("metadata")
            .modified()
            .expect("a time");
        engine.compile(wasm, &cache).expect("loads");
        assert_eq!(
            files[0]
                .metadata()
                .expect("metadata")
                .modified()
                .expect("a time"),
            before
        );
        // What was damaged is compiled again.
        fs::write(files[0].path(), b"damaged").expect("write");
        engine.compile(wasm, &cache).expect("compiles again");
        assert!(files[0].metadata().expect("metadata").len() > 7);
        assert!(engine.compile(b"nonsense", &cache).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_cache_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let cache = directory.path().join("a/cache");
        private_dir(&cache).expect("made");
        assert_eq!(
            fs::metadata(&cache).expect("metadata").permissions().mode() & 0o777,
            0o700
        );
    }
}

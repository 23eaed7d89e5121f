//! The machine that runs components: its settings, its one clock, its cache of compiled code.

use crate::cache::{self, CacheLimits, Pruned};
use crate::memory;
use crate::pace::Pace;
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
use wasmtime::{Config, EngineWeak, PoolingAllocationConfig};

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
    /// How fast departments' calls may go.
    pub(crate) pace: Arc<Pace>,
    /// One lock for each component that is being made ready, by its name in the cache.
    turns: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>>,
    /// Held while compiling, by components below [`LARGE`] and by the others. One component after the other, each on
    /// all processors, takes as long as all at once and a fraction of the memory; but what takes a fraction of a
    /// second does not wait for what takes half a minute.
    compiling: Arc<[Mutex<()>; 2]>,
}

/// Bytes from which on a component is large: it carries a language along and takes many seconds to compile. Handlers
/// in Rust have some 100 KiB, those in Python or JavaScript more than 10 MiB.
pub const LARGE: usize = 2 << 20;

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
        Self::with(
            memory,
            |_| {},
            |_, clock| {
                while let Some(engine) = clock.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            },
        )
    }

    /// An engine for components that nobody here has written, with a pool of its own: what they do, however odd, is
    /// the same on every machine, so that a decision can be replayed. It compiles on one processor: what a department
    /// publishes may be large, and requests go on meanwhile.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn for_departments(memory: usize) -> Result<Self, CompileError> {
        let adjust = |config: &mut Config| {
            config
                .parallel_compilation(false)
                .cranelift_nan_canonicalization(true)
                .relaxed_simd_deterministic(true);
        };
        Self::with(memory, adjust, |pace, clock| pace.run(clock))
    }

    /// The `clock` runs on a thread of its own until the engine is gone.
    fn with(
        memory: usize,
        adjust: fn(&mut Config),
        clock: fn(&Pace, &EngineWeak),
    ) -> Result<Self, CompileError> {
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
        let pace = Arc::new(Pace::new());
        let (weak, paced) = (wasm.weak(), pace.clone());
        std::thread::Builder::new()
            .name("epoch".into())
            .spawn(move || clock(&paced, &weak))
            .map_err(|error| CompileError::Invalid(format!("no thread for the clock: {error}")))?;
        Ok(Self {
            wasm,
            memories: Arc::new(Semaphore::new(MEMORIES as usize)),
            pace,
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
        let sha256: [u8; 32] = Sha256::digest(wasm).into();
        let name = self.cache_name(&sha256);
        let file = cache.join(&name);
        // Who asks for the same while it is being compiled waits and then takes it out of the cache.
        let turn = Turn::take(&self.turns, name);
        let _mine = turn.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(component) = self.compiled(&sha256, cache) {
            return Ok(component);
        }
        let _alone = self.compiling[usize::from(wasm.len() >= LARGE)]
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

    /// What was compiled of the component with this digest, if `cache` has it and it can be trusted.
    pub(crate) fn compiled(&self, sha256: &[u8; 32], cache: &Path) -> Option<Component> {
        let file = cache.join(self.cache_name(sha256));
        if !file.exists() {
            return None;
        }
        if !only_ours(cache) {
            tracing::warn!(cache = %cache.display(), "others can write the cache of compiled code: it is not used");
            return None;
        }
        match self.load(&file) {
            Ok(component) => {
                cache::mark(&file);
                Some(component)
            }
            Err(error) => {
                tracing::warn!(%error, file = %file.display(), "cached code is not usable");
                None
            }
        }
    }

    /// Takes out of `cache` what is beyond `limits`, but never the components with the digests `keep` as this engine
    /// compiles them, nor what a process runs, nor what is an hour old. It reads the mappings of all processes, and is
    /// for a thread that may take its time.
    ///
    /// # Errors
    /// When `cache` cannot be read, or others can write it: then nothing is taken out.
    pub fn prune(
        &self,
        cache: &Path,
        keep: &[[u8; 32]],
        limits: CacheLimits,
    ) -> std::io::Result<Pruned> {
        if !only_ours(cache) {
            return Err(std::io::Error::other("others can write it"));
        }
        let keep = keep.iter().map(|sha256| self.cache_name(sha256)).collect();
        cache::prune(cache, &keep, limits)
    }

    /// Maps compiled code into memory: only what runs is read.
    fn load(&self, file: &Path) -> wasmtime::Result<Component> {
        // SAFETY: compiled code is machine code, and wasmtime does not check what it does; so where it comes from must
        // be beyond doubt. It never comes out of the database, an archive or a department's folder: those hold
        // WebAssembly only, which is compiled here. The file is in a directory that belongs to this user and that
        // nobody else can write (`only_ours`, or `store` has just made it so); `store` put it there whole, under the
        // digest of what it compiled. Who can write there anyway has this user's rights already.
        unsafe { Component::deserialize_file(&self.wasm, file) }
    }

    /// A name that differs whenever the component, the compiler or its settings do.
    fn cache_name(&self, sha256: &[u8; 32]) -> String {
        let mut settings = DefaultHasher::new();
        self.wasm
            .precompile_compatibility_hash()
            .hash(&mut settings);
        let mut name = String::with_capacity(96);
        for byte in sha256 {
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

/// A place in the queue for one name; the last who waits takes the queue away.
struct Turn<'a> {
    all: &'a Mutex<HashMap<String, Arc<Mutex<()>>>>,
    name: String,
    lock: Arc<Mutex<()>>,
}

impl<'a> Turn<'a> {
    fn take(all: &'a Mutex<HashMap<String, Arc<Mutex<()>>>>, name: String) -> Self {
        let lock = all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name.clone())
            .or_default()
            .clone();
        Self { all, name, lock }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        // Clones are made under the lock of the map alone: one here and one in the map, and nobody waits.
        if Arc::strong_count(&self.lock) <= 2 {
            all.remove(&self.name);
        }
    }
}

/// Whether `directory` belongs to this user and nobody else can write there.
fn only_ours(directory: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // SAFETY: it only says who runs this process.
        let user = unsafe { libc::geteuid() };
        fs::metadata(directory).is_ok_and(|it| it.uid() == user && it.mode() & 0o022 == 0)
    }
    #[cfg(not(unix))]
    directory.is_dir()
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
        // No lock is kept for what was made ready once.
        assert!(engine.turns.lock().expect("unbroken").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn code_that_others_could_have_put_there_is_not_run() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let cache = directory.path().join("cache");
        let engine = Engine::new(1 << 20).expect("an engine");
        let wasm = b"\0asm\x0d\0\x01\0";
        let sha256: [u8; 32] = Sha256::digest(wasm).into();
        assert!(engine.compiled(&sha256, &cache).is_none());
        engine.compile(wasm, &cache).expect("compiles");
        assert!(engine.compiled(&sha256, &cache).is_some());
        let open = |mode| {
            fs::set_permissions(&cache, fs::Permissions::from_mode(mode)).expect("changed");
        };
        open(0o777);
        assert!(engine.compiled(&sha256, &cache).is_none());
        open(0o700);
        assert!(engine.compiled(&sha256, &cache).is_some());
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

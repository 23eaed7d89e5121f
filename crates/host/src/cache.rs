//! What is taken out of the cache of compiled code, which else grows with every release that was ever tried.
//!
//! Files are unlinked and nothing else: who has one mapped keeps it until they end. What is taken away is compiled
//! again when it is asked for.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How old a file must be to be taken away at all: whoever has just compiled it is about to map it.
const FRESH: Duration = Duration::from_secs(3_600);
/// How old a mark of use may be before it is set anew.
const MARK: Duration = Duration::from_secs(3_600);

/// How much of the cache stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// How long a file stays that nobody uses.
    pub age: Duration,
    /// Bytes of all files; of those that nobody needs, the ones used longest ago go first.
    pub size: u64,
}

impl Default for CacheLimits {
    /// A month, and 2 GiB: some forty releases in Python, or twenty thousand in Rust.
    fn default() -> Self {
        Self {
            age: Duration::from_secs(30 * 86_400),
            size: 2 << 30,
        }
    }
}

/// What one look at the cache came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Files that were taken away.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that are left.
    pub left: u64,
}

/// A file of the cache.
struct Entry {
    path: PathBuf,
    name: OsString,
    size: u64,
    used: SystemTime,
}

/// Marks `file` as used now.
pub(crate) fn mark(file: &Path) {
    let is_old = fs::metadata(file)
        .and_then(|it| it.modified())
        .is_ok_and(|used| used.elapsed().is_ok_and(|age| age > MARK));
    if is_old {
        // A file that cannot be marked is compiled once more, some day.
        let _ = fs::File::options()
            .write(true)
            .open(file)
            .and_then(|file| file.set_modified(SystemTime::now()));
    }
}

/// Takes out of the cache at `directory` what is beyond `limits`, but nothing of the names in `keep`, nothing that a
/// process has mapped as far as the operating system says, and nothing fresh. Files of other names are not looked at.
///
/// # Errors
/// When the directory cannot be read; a file that cannot be removed stays.
pub(crate) fn prune(
    directory: &Path,
    keep: &HashSet<String>,
    limits: CacheLimits,
) -> std::io::Result<Pruned> {
    let now = SystemTime::now();
    let age = |entry: &Entry| now.duration_since(entry.used).unwrap_or_default();
    let mapped = mapped(directory);
    let mut entries = entries(directory)?;
    entries.sort_by_key(|entry| entry.used);
    let mut pruned = Pruned {
        left: entries.iter().map(|entry| entry.size).sum(),
        ..Pruned::default()
    };
    for entry in &entries {
        let unfinished = entry.path.extension().is_some_and(|end| end == "tmp");
        let needed = entry.name.to_str().is_none_or(|name| keep.contains(name))
            || mapped.contains(&entry.name);
        let surplus = unfinished || age(entry) > limits.age || pruned.left > limits.size;
        if needed || age(entry) < FRESH || !surplus {
            continue;
        }
        match fs::remove_file(&entry.path) {
            Ok(()) => {
                pruned.files += 1;
                pruned.bytes += entry.size;
                pruned.left -= entry.size;
            }
            Err(error) => {
                tracing::warn!(%error, file = %entry.path.display(), "a file of the cache cannot be removed");
            }
        }
    }
    Ok(pruned)
}

/// The files that this program puts into a cache: compiled code, and what a crash has left of it half done.
fn entries(directory: &Path) -> std::io::Result<Vec<Entry>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(is_ours) {
            continue;
        }
        // Of a link this is the link itself. What is gone meanwhile needs no pruning.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_file() {
            all.push(Entry {
                path: entry.path(),
                name,
                size: metadata.len(),
                used: metadata.modified()?,
            });
        }
    }
    Ok(all)
}

/// Whether `name` begins as the engine names compiled code: a digest, the settings' hash, and an end of the engine's.
fn is_ours(name: &str) -> bool {
    let Some((stem, end)) = name.split_once('.') else {
        return false;
    };
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|it| it.is_ascii_hexdigit());
    stem.split_once('-')
        .is_some_and(|(digest, settings)| is_hex(digest, 64) && is_hex(settings, 16))
        && (end == "cwasm" || end.ends_with(".tmp"))
}

/// The names of the files in `directory` that any process has mapped which this user may look at; none where the
/// operating system does not say.
fn mapped(directory: &Path) -> HashSet<OsString> {
    let mut names = HashSet::new();
    let Ok(directory) = fs::canonicalize(directory) else {
        return names;
    };
    let Ok(processes) = fs::read_dir("/proc") else {
        return names;
    };
    for process in processes.flatten() {
        let is_process = process
            .file_name()
            .to_str()
            .is_some_and(|name| name.bytes().all(|it| it.is_ascii_digit()));
        if !is_process {
            continue;
        }
        // Others' processes cannot be looked at, and have nothing mapped that this user alone may read.
        let Ok(maps) = fs::read(process.path().join("maps")) else {
            continue;
        };
        for line in String::from_utf8_lossy(&maps).lines() {
            let Some(at) = line.find('/') else { continue };
            let file = Path::new(&line[at..]);
            if file.parent() == Some(&directory) {
                names.extend(file.file_name().map(OsString::from));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    /// A name of compiled code, by the last digit of its digest.
    fn name(digit: u8) -> String {
        format!("{digit:064x}-{:016x}.cwasm", 7)
    }

    /// Puts a file of `size` bytes into `directory` that was used `age` ago.
    fn put(directory: &Path, name: &str, size: usize, age: Duration) {
        let path = directory.join(name);
        fs::write(&path, vec![0; size]).expect("written");
        let used = SystemTime::now() - age;
        fs::File::options()
            .write(true)
            .open(path)
            .and_then(|file| file.set_modified(used))
            .expect("marked");
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("a directory")
            .map(|entry| entry.expect("a file").file_name().into_string())
            .map(|name| name.expect("a name"))
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_is_old_goes_and_what_is_needed_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = directory.path();
        put(at, &name(1), 10, 40 * DAY);
        put(at, &name(2), 10, 40 * DAY);
        put(at, &name(3), 10, DAY);
        let half = format!("{:064x}-{:016x}.77-0.tmp", 4, 7);
        put(at, &half, 10, DAY);
        // What a program is writing now, and what is none of ours.
        let writing = format!("{:064x}-{:016x}.78-0.tmp", 4, 7);
        put(at, &writing, 10, Duration::ZERO);
        for other in ["sqlite_db.db", "notes.cwasm", "x-y.cwasm"] {
            put(at, other, 10, 400 * DAY);
        }
        let keep = HashSet::from([name(2)]);
        let pruned = prune(at, &keep, CacheLimits::default()).expect("pruned");
        assert_eq!((pruned.files, pruned.bytes, pruned.left), (2, 20, 30));
        let mut left = vec![name(2), name(3), writing];
        left.extend(["notes.cwasm", "sqlite_db.db", "x-y.cwasm"].map(String::from));
        left.sort_unstable();
        assert_eq!(names(at), left);
        // Nothing is left to do.
        let again = prune(at, &keep, CacheLimits::default()).expect("pruned");
        assert_eq!((again.files, again.left), (0, 30));
    }

    #[test]
    fn of_what_is_too_much_the_longest_unused_goes_first() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = directory.path();
        for (digit, days) in [(1, 4), (2, 3), (3, 2), (4, 1)] {
            put(at, &name(digit), 100, days * DAY);
        }
        put(at, &name(5), 100, Duration::ZERO);
        let limits = CacheLimits {
            size: 250,
            ..CacheLimits::default()
        };
        let keep = HashSet::from([name(1)]);
        let pruned = prune(at, &keep, limits).expect("pruned");
        assert_eq!((pruned.files, pruned.left), (3, 200));
        // What is needed and what is fresh stays, though both together were too much.
        assert_eq!(names(at), [name(1), name(5)]);
        let limits = CacheLimits { size: 0, ..limits };
        assert_eq!(prune(at, &keep, limits).expect("pruned").left, 200);
    }

    #[test]
    fn what_was_used_is_marked() {
        let directory = tempfile::tempdir().expect("a directory");
        put(directory.path(), "file", 1, 2 * DAY);
        let file = directory.path().join("file");
        let used = || {
            fs::metadata(&file)
                .and_then(|it| it.modified())
                .expect("a time")
        };
        mark(&file);
        let marked = used();
        assert!(marked.elapsed().expect("past") < DAY);
        mark(&file);
        assert_eq!(used(), marked, "a fresh mark is not written again");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_runs_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = directory.path().join("cache");
        let engine = crate::Engine::new(1 << 20).expect("an engine");
        let wasm = wat_component();
        let component = engine.compile(&wasm, &cache).expect("compiles");
        let file = fs::read_dir(&cache)
            .expect("the cache")
            .flatten()
            .next()
            .expect("a file");
        let old = SystemTime::now() - 400 * DAY;
        fs::File::options()
            .write(true)
            .open(file.path())
            .and_then(|file| file.set_modified(old))
            .expect("marked");
        let prune =
            || super::prune(&cache, &HashSet::new(), CacheLimits::default()).expect("pruned");
        assert_eq!(prune().files, 0);
        drop(component);
        assert_eq!(prune().files, 1);
        assert!(names(&cache).is_empty());
    }

    /// A component with a function in it, so that there is code to map.
    #[cfg(target_os = "linux")]
    fn wat_component() -> Vec<u8> {
        // (component (core module (func (export "f") (result i32) i32.const 7)))
        let module: &[u8] =
            b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x06\x01\x04\0\x41\x07\x0b";
        let length = u8::try_from(module.len()).expect("short");
        [b"\0asm\x0d\0\x01\0\x01", &[length][..], module].concat()
    }
}

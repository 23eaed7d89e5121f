//! The machine that it was measured on.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Result;

/// What matters of the machine.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Machine {
    /// Processors that may be used.
    pub processors: usize,
    /// What they are.
    pub model: String,
    /// The system's kernel.
    pub kernel: String,
    /// Memory in MiB.
    pub memory: u64,
    /// Median time that `fdatasync` takes after 4 KiB were written, in
    /// microseconds: what a durable commit costs at least.
    pub fdatasync: u64,
}

impl Machine {
    /// This one; `folder` is on the disk that counts.
    pub fn look(folder: &Path) -> Result<Machine> {
        let text = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(':'))
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        let memory = field(&text("/proc/meminfo"), "MemTotal");
        Ok(Machine {
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            model: field(&text("/proc/cpuinfo"), "model name"),
            kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
            memory: memory
                .split_whitespace()
                .next()
                .and_then(|kibibytes| kibibytes.parse::<u64>().ok())
                .unwrap_or(0)
                / 1024,
            fdatasync: fdatasync(folder)?,
        })
    }
}

fn fdatasync(folder: &Path) -> Result<u64> {
    let path = folder.join("fdatasync");
    let mut file = fs::File::create(&path)?;
    let page = [1; 4096];
    // The file has its length before, as a log that is written again has.
    file.write_all(&[0; 4096 * 64])?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut times = Vec::new();
    for _ in 0..64 {
        file.write_all(&page)?;
        let begin = Instant::now();
        file.sync_data()?;
        times.push(begin.elapsed().as_micros());
    }
    fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(u64::try_from(times[times.len() / 2])?)
}

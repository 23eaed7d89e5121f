//! What components print: line by line to the log of the host and to a file for each stream.
//!
//! Lines go through a queue to one thread that writes the files, so that no guest waits for a disk. When the queue is
//! full, lines are lost and counted.

use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use tracing::Level;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Lines that may wait for the disk.
const QUEUE: usize = 4096;

/// A longer line is cut into several, in bytes.
const LONGEST_LINE: usize = 8 << 10;

/// What a guest may write in one go, in bytes.
const PERMIT: usize = 64 << 10;

/// The log files of one application.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    sender: SyncSender<(usize, Vec<u8>)>,
    files: Arc<Mutex<Vec<PathBuf>>>,
    directory: PathBuf,
    lost: Counter,
}

impl Logs {
    /// Starts the thread that writes the files in `directory`, which is made when it does not exist.
    pub(crate) fn start(directory: &Path, lost: Counter) -> std::io::Result<Self> {
        crate::engine::private_dir(directory)?;
        let (sender, receiver) = sync_channel(QUEUE);
        let files: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
        let names = files.clone();
        std::thread::Builder::new()
            .name("guest-logs".into())
            .spawn(move || write(&receiver, &names))?;
        Ok(Self {
            sender,
            files,
            directory: directory.to_owned(),
            lost,
        })
    }

    /// The stream `name` of a component, as Spin names its file: `<component>_<name>.txt`.
    pub(crate) fn output(&self, component: &str, name: &'static str) -> GuestOutput {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(self.directory.join(format!("{component}_{name}.txt")));
        GuestOutput {
            target: Arc::new(Target {
                component: component.to_owned(),
                name,
                file: files.len() - 1,
                sender: self.sender.clone(),
                lost: self.lost.clone(),
            }),
        }
    }
}

/// Writes lines until the last sender is gone.
fn write(lines: &Receiver<(usize, Vec<u8>)>, names: &Mutex<Vec<PathBuf>>) {
    let mut files: HashMap<usize, Option<File>> = HashMap::new();
    while let Ok((index, line)) = lines.recv() {
        let file = files.entry(index).or_insert_with(|| {
            let name = names
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(index)
                .cloned()?;
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(&name)
                .inspect_err(|error| tracing::error!(%error, file = %name.display(), "no log file"))
                .ok()
        });
        if let Some(open) = file
            && let Err(error) = open.write_all(&line)
        {
            tracing::error!(%error, "log file not written");
            *file = None;
        }
    }
}

/// One output stream of a component; every instance has a line of its own in the making.
#[derive(Clone, Debug)]
pub(crate) struct GuestOutput {
    target: Arc<Target>,
}

#[derive(Debug)]
struct Target {
    component: String,
    name: &'static str,
    file: usize,
    sender: SyncSender<(usize, Vec<u8>)>,
    lost: Counter,
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(LineWriter {
            target: self.target.clone(),
            line: Vec::new(),
        })
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(LineWriter {
            target: self.target.clone(),
            line: Vec::new(),
        })
    }
}

/// Collects what is written until a line is whole.
struct LineWriter {
    target: Arc<Target>,
    line: Vec<u8>,
}

impl LineWriter {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LONGEST_LINE - self.line.len();
            let part = &bytes[..bytes.len().min(room)];
            let end = part.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(part.len(), |end| end + 1);
            self.line
                .extend_from_slice(&part[..end.unwrap_or(part.len())]);
            bytes = &bytes[taken..];
            if end.is_some() || self.line.len() == LONGEST_LINE {
                self.send();
            }
        }
    }

    fn send(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        let Target {
            component, name, ..
        } = &*self.target;
        let text = String::from_utf8_lossy(&line);
        match level(&text, name) {
            Level::ERROR => tracing::error!(target: "guest", %component, "{text}"),
            Level::WARN => tracing::warn!(target: "guest", %component, "{text}"),
            Level::INFO => tracing::info!(target: "guest", %component, "{text}"),
            Level::DEBUG => tracing::debug!(target: "guest", %component, "{text}"),
            Level::TRACE => tracing::trace!(target: "guest", %component, "{text}"),
        }
        line.push(b'\n');
        if self
            .target
            .sender
            .try_send((self.target.file, line))
            .is_err()
        {
            self.target.lost.inc();
        }
    }
}

/// The level of a line: what a structured one says of itself, else what its stream is for.
fn level(line: &str, stream: &str) -> Level {
    #[derive(serde::Deserialize)]
    struct Said<'a> {
        level: &'a str,
    }
    let said = line
        .starts_with('{')
        .then(|| serde_json::from_str::<Said<'_>>(line).ok())
        .flatten();
    said.and_then(|said| said.level.parse().ok())
        .unwrap_or(match stream {
            "stderr" => Level::WARN,
            _ => Level::INFO,
        })
}

impl Drop for LineWriter {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.send();
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LineWriter {
    async fn ready(&mut self) {}
}

impl OutputStream for LineWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.add(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

impl AsyncWrite for LineWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.add(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_structured_line_has_a_level_of_its_own() {
        assert_eq!(
            level(r#"{"level":"info","stage":"route"}"#, "stderr"),
            Level::INFO
        );
        assert_eq!(
            level(r#"{"stage":"route","level":"error"}"#, "stdout"),
            Level::ERROR
        );
        assert_eq!(level("thread panicked", "stderr"), Level::WARN);
        assert_eq!(level(r#"{"level":"loud"}"#, "stdout"), Level::INFO);
        assert_eq!(level("{broken", "stdout"), Level::INFO);
    }

    #[test]
    fn lines_reach_their_file_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        let logs = Logs::start(directory.path(), Counter::default()).expect("logs");
        let mut writer = LineWriter {
            target: logs.output("intake", "stdout").target,
            line: Vec::new(),
        };
        for part in ["one\ntw", "o", "\n\nrest"] {
            writer.add(part.as_bytes());
        }
        drop(writer);
        let mut long = LineWriter {
            target: logs.output("intake", "stderr").target,
            line: Vec::new(),
        };
        long.add(&vec![b'x'; LONGEST_LINE + 1]);
        drop(long);
        let read =
            |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap_or_default();
        let end = Instant::now() + Duration::from_secs(5);
        while read("intake_stderr.txt").lines().count() < 2 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(read("intake_stdout.txt"), "one\ntwo\n\nrest\n");
        assert_eq!(
            read("intake_stderr.txt")
                .lines()
                .map(str::len)
                .collect::<Vec<_>>(),
            [LONGEST_LINE, 1]
        );
    }
}

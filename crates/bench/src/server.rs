//! The two servers that are compared, as processes of their own.

use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::client::{Call, Caller, Connection};

/// How long a server may take to start; the first start compiles.
const START_LIMIT: Duration = Duration::from_secs(180);

/// How long a server may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A key that protects nothing but made-up people.
pub const SECRET_KEY: &str = "dGVzdHMgc2VhbCBtYWRlLXVwIGNvbnRhY3RzIG9ubHk=";

/// Clock ticks a second in `/proc` (USER_HZ, the same on every Linux).
const TICKS: f64 = 100.0;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `wenzheng up`.
    Runner,
    /// `bench-native`.
    Native,
}

/// A server that runs until this is dropped.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub started_in: Duration,
    /// Where it has its metrics, if it has any.
    metrics: Option<SocketAddr>,
}

/// Sums of the runner's metrics by name and component.
pub type Metrics = BTreeMap<(String, String), f64>;

/// Memory of a process in MiB.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Memory {
    /// Now.
    pub resident: f64,
    /// At most.
    pub peak: f64,
}

/// Where everything is.
pub struct Places {
    /// The repository.
    pub root: PathBuf,
    /// Where the programs were built.
    pub programs: PathBuf,
    /// Where databases, logs and reports are kept.
    pub folder: PathBuf,
}

impl Places {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(&self.root)
            .env("SPIN_VARIABLE_SECRET_KEY", SECRET_KEY)
            .env(
                "SPIN_VARIABLE_RELAY_KEY",
                "the-relay-key-of-the-measurement",
            )
            .env("SPIN_VARIABLE_DATABASE", "sqlite")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Runs `wenzheng` with `arguments` to its end.
    pub fn wenzheng(&self, arguments: &[&str], database: &Path) -> Result<()> {
        let output = self
            .command("wenzheng")
            .args(arguments)
            .arg("--sqlite")
            .arg(database)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            bail!(
                "wenzheng {} failed:\n{}",
                arguments.join(" "),
                String::from_utf8_lossy(&text)
            );
        }
        Ok(())
    }

    /// The folder in which the runner keeps compiled components.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }
}

impl Server {
    /// Starts a server on `database` and waits for its first answer.
    pub async fn start(places: &Places, kind: Kind, database: &Path) -> Result<Server> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (program, name) = match kind {
            Kind::Runner => ("wenzheng", "runner.log"),
            Kind::Native => ("bench-native", "native.log"),
        };
        let mut command = places.command(program);
        let mut metrics = None;
        if kind == Kind::Runner {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            let address = *metrics.insert(listener.local_addr()?);
            command
                .arg("up")
                .arg("--state-dir")
                .arg(places.state())
                .arg("--metrics")
                .arg(address.to_string());
        }
        let log = fs::File::create(places.folder.join(name))?;
        command
            .arg("--sqlite")
            .arg(database)
            .arg("--listen")
            .arg(address.to_string())
            .stderr(log);
        let begin = Instant::now();
        let process = command
            .spawn()
            .with_context(|| format!("{program} cannot be started"))?;
        let mut server = Server {
            process,
            address,
            started_in: Duration::ZERO,
            metrics,
        };
        server
            .first_answer(begin)
            .await
            .with_context(|| format!("{program} does not answer; see {name}"))?;
        server.started_in = begin.elapsed();
        Ok(server)
    }

    async fn first_answer(&mut self, begin: Instant) -> Result<()> {
        while begin.elapsed() < START_LIMIT {
            if let Some(status) = self.process.try_wait()? {
                bail!("it ended with {status}");
            }
            if let Ok(mut connection) = Connection::open(self.address).await {
                return connection
                    .json(Call::get(Caller::Anyone, "/api/publications?limit=1"))
                    .await
                    .map(drop);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bail!("not within {} s", START_LIMIT.as_secs())
    }

    /// Its metrics; none of the native server.
    pub async fn metrics(&self) -> Result<Metrics> {
        let Some(address) = self.metrics else {
            return Ok(Metrics::new());
        };
        let (_, body) = Connection::open(address)
            .await?
            .send(Call::get(Caller::Anyone, "/metrics"))
            .await?;
        let mut metrics = Metrics::new();
        for line in String::from_utf8_lossy(&body)
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let Some((key, value)) = line.rsplit_once(' ') else {
                continue;
            };
            let (name, labels) = key.split_once('{').unwrap_or((key, ""));
            let component = labels
                .split("component=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default();
            if !name.ends_with("_bucket") {
                *metrics
                    .entry((name.to_owned(), component.to_owned()))
                    .or_default() += value.parse().unwrap_or(0.0);
            }
        }
        Ok(metrics)
    }

    /// Its memory.
    pub fn memory(&self) -> Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace()
                .next()?
                .parse()
                .ok()
                .map(|kibibytes: f64| kibibytes / 1024.0)
        };
        Ok(Memory {
            resident: mebibytes("VmRSS:").context("no VmRSS")?,
            peak: mebibytes("VmHWM:").context("no VmHWM")?,
        })
    }

    /// Seconds of processor time that it has used.
    pub fn processor(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |index: usize| {
            fields
                .get(index)
                .and_then(|field| field.parse::<f64>().ok())
        };
        // utime and stime, the 14th and 15th field of proc(5).
        Ok((ticks(11).context("no utime")? + ticks(12).context("no stime")?) / TICKS)
    }

    /// Asks it to end and waits until it has.
    pub fn stop(mut self, kind: Kind) -> Result<()> {
        // The native server has no ending of its own: what it acknowledged is durable.
        let signal = if kind == Kind::Runner {
            "-TERM"
        } else {
            "-KILL"
        };
        let _ = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
            .status();
        let begin = Instant::now();
        while begin.elapsed() < STOP_LIMIT {
            if self.process.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server did not end within {} s", STOP_LIMIT.as_secs())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

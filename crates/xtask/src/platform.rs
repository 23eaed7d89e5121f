//! A running platform for tests: `wenzheng up --demo` with a database, keys and a folder of its own.

use crate::build::runner_file;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the first start may take: it compiles all components and plays the demonstration.
const START_LIMIT: Duration = Duration::from_secs(300);

/// How long a stopped platform may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(45);

/// What `wenzheng up` prints when it is ready, at the beginning of a line.
const READY: &str = "Ready";

/// Keys for tests: they protect nothing but made-up cases.
const SECRET_KEY: &str = "dGVzdHMgc2VhbCBtYWRlLXVwIGNvbnRhY3RzIG9ubHk=";
const RELAY_KEY: &str = "the-relay-key-of-the-tests";

/// A platform that runs until this is dropped.
pub(crate) struct Platform {
    process: Child,
    url: String,
    folder: PathBuf,
}

impl Platform {
    /// Starts one in `target/test/<name>`, which is emptied first, on a free port; with PostgreSQL if an address is
    /// given, else with SQLite.
    pub(crate) fn start(root: &Path, name: &str, postgres: Option<&str>) -> Result<Platform> {
        Platform::start_with(root, name, postgres, &[])
    }

    /// [`Platform::start`] with more of the manifest's variables, by their names in capitals.
    pub(crate) fn start_with(
        root: &Path,
        name: &str,
        postgres: Option<&str>,
        variables: &[(&str, &str)],
    ) -> Result<Platform> {
        let folder = root.join("target/test").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let district = test_district(root, &folder)?;
        let address = free_address()?;
        let mut command = Command::new(runner_file(root));
        command
            .current_dir(root)
            .args(["up", "--demo", "--listen", &address, "--state-dir"])
            .arg(folder.join("state"))
            .arg("--district")
            .arg(district)
            .env("SPIN_VARIABLE_SECRET_KEY", SECRET_KEY)
            .env("SPIN_VARIABLE_RELAY_KEY", RELAY_KEY)
            .env("SPIN_VARIABLE_PUBLIC_URL", format!("http://{address}"))
            .envs(
                variables
                    .iter()
                    .map(|(name, value)| (format!("SPIN_VARIABLE_{name}"), value)),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("log")).context("the log cannot be made")?);
        match postgres {
            Some(postgres) => command.args(["--postgres", postgres]),
            None => command.arg("--sqlite").arg(folder.join("sqlite_db.db")),
        };
        let process = command.spawn().context("wenzheng cannot be started")?;
        let mut platform = Platform {
            process,
            url: format!("http://{address}"),
            folder,
        };
        platform.wait_until_ready()?;
        Ok(platform)
    }

    /// What tests find it by.
    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("WENZHENG_URL", self.url.clone()),
            ("WENZHENG_ACCOUNTS", self.accounts().display().to_string()),
            ("WENZHENG_RELAY_KEY", RELAY_KEY.to_owned()),
        ]
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The secret with which its sweep is called.
    pub(crate) fn relay_key(&self) -> &'static str {
        RELAY_KEY
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it keeps compiled components and the demonstration's accounts.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// The file with its demonstration accounts.
    pub(crate) fn accounts(&self) -> PathBuf {
        self.state().join("demo-accounts.json")
    }

    /// Its SQLite file.
    pub(crate) fn sqlite(&self) -> PathBuf {
        self.folder.join("sqlite_db.db")
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let output = self
            .process
            .stdout
            .take()
            .context("the runner has no output")?;
        let (send, ready) = mpsc::channel();
        // Read to the end, so that the runner is never kept waiting for somebody to read.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.starts_with(READY) {
                    let _ = send.send(());
                }
            }
        });
        match ready.recv_timeout(START_LIMIT) {
            Ok(()) => Ok(()),
            Err(_) => {
                let log = self.folder.join("log");
                let text = fs::read_to_string(&log).unwrap_or_default();
                let tail: Vec<&str> = text.lines().rev().take(20).collect();
                let tail: Vec<&str> = tail.into_iter().rev().collect();
                bail!(
                    "the platform did not start; the end of {}:\n{}",
                    log.display(),
                    tail.join("\n")
                )
            }
        }
    }

    /// Asks it to end, as a service manager does, and says whether it ended well.
    pub(crate) fn stop(mut self) -> Result<()> {
        // The signal that service managers send; the standard library has only SIGKILL.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let begin = std::time::Instant::now();
        while begin.elapsed() < STOP_LIMIT {
            if let Some(status) = self.process.try_wait().context("the runner is lost")? {
                return match status.success() {
                    true => Ok(()),
                    false => bail!(
                        "the runner ended with {status}; see {}",
                        self.folder.join("log").display()
                    ),
                };
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!(
            "the runner did not end within {} s of SIGTERM",
            STOP_LIMIT.as_secs()
        )
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address on which nobody listens.
pub(crate) fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("there is no free port")?;
    Ok(listener
        .local_addr()
        .context("there is no free port")?
        .to_string())
}

/// The model district, but with room for as many messages and wrong logins from one address as the tests send.
fn test_district(root: &Path, folder: &Path) -> Result<PathBuf> {
    let district = folder.join("districts/yinzhou");
    copy(&root.join("districts/yinzhou"), &district)?;
    let file = district.join("limits.toml");
    let text =
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    fs::write(&file, raise_client_limits(&text)?)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(district)
}

fn raise_client_limits(limits: &str) -> Result<String> {
    let mut raised = 0;
    let mut client = false;
    let mut text = String::new();
    for line in limits.lines() {
        if line.starts_with('[') {
            client = false;
        } else if line.starts_with("scope =") {
            client = line.contains("\"client\"");
        }
        if client && line.starts_with("max =") {
            text.push_str("max = 1_000_000\n");
            raised += 1;
        } else if line.starts_with("proof_seconds =") {
            // The suites take longer than a quarter of an hour.
            text.push_str("proof_seconds = 43_200\n");
        } else if line.starts_with("client_max_failures =") {
            text.push_str("client_max_failures = 1_000_000\n");
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    if raised == 0 {
        bail!("limits.toml has no flood limit of the scope `client`");
    }
    Ok(text)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry.with_context(|| format!("{} cannot be read", from.display()))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("{} cannot be copied", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::raise_client_limits;

    #[test]
    fn only_the_limits_of_clients_are_raised() {
        let text = "[[flood]]\nscope = \"client\"\nmax = 10\n\n[[flood]]\nscope = \"contact\"\nmax = 5\n\n[login]\nmax = 3\n";
        let raised = raise_client_limits(text).expect("it has one");
        assert_eq!(raised, text.replace("max = 10\n", "max = 1_000_000\n"));
        assert!(raise_client_limits("[login]\nmax = 3\n").is_err());
    }
}

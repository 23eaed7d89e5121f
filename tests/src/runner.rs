//! A runner of a test's own, which the test may end, break and start again.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sql::testing::{SERVER_VARIABLE, TestServer};

use crate::platform::Platform;

/// The variable that names the program `wenzheng`.
const RUNNER: &str = "WENZHENG_RUNNER";

/// How long a start may take: the first one may have to compile every component.
const START_LIMIT: Duration = Duration::from_secs(300);

/// What `wenzheng up` prints when it is ready, at the beginning of a line.
const READY: &str = "Ready";

/// What it prints before the account of the first administrator, and between it and the password.
const ADMIN: (&str, &str) = ("First administrator: account ", ", one-time password ");

/// Keys for tests: they protect nothing but made-up cases.
const SECRET_KEY: &str = "dGVzdHMgc2VhbCBtYWRlLXVwIGNvbnRhY3RzIG9ubHk=";
const RELAY_KEY: &str = "the-relay-key-of-the-tests";

/// A number in the district's files: file, heading (empty for the beginning), key, value.
pub type Rule<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A runner with a manifest, components, a district and a database of its own.
pub struct Runner {
    program: PathBuf,
    folder: PathBuf,
    address: String,
    /// The PostgreSQL database, where the suite runs with PostgreSQL.
    postgres: Option<String>,
    process: Option<Child>,
    admin: Option<(String, String)>,
    server: Option<TestServer>,
}

impl Runner {
    /// A runner in `target/test/<name>`, which is emptied first; it does not run yet. None, and a line in the output
    /// that says so, where there is no runner to test.
    ///
    /// `rules` replaces numbers of the district's files, wherever the key stands under the heading.
    pub async fn prepare(name: &str, rules: &[Rule<'_>]) -> Result<Option<Runner>> {
        let postgres = std::env::var_os(SERVER_VARIABLE).is_some_and(|address| !address.is_empty());
        let server = postgres.then(TestServer::start).transpose()?;
        Runner::prepare_with(name, rules, server).await
    }

    /// [`Runner::prepare`] with a database on `server`, which the test may stop.
    pub async fn prepare_on(
        name: &str,
        rules: &[Rule<'_>],
        server: TestServer,
    ) -> Result<Option<Runner>> {
        Runner::prepare_with(name, rules, Some(server)).await
    }

    async fn prepare_with(
        name: &str,
        rules: &[Rule<'_>],
        server: Option<TestServer>,
    ) -> Result<Option<Runner>> {
        let Some(program) = std::env::var_os(RUNNER).map(PathBuf::from) else {
            ensure!(
                std::env::var_os("CI").is_none(),
                "{RUNNER} is not set, and this is CI: nothing may be skipped"
            );
            // Written past the capture of the test harness: who reads the result must see it.
            writeln!(
                std::io::stderr(),
                "SKIPPED {name}: it needs a runner to end and start again, and {RUNNER} is not set"
            )?;
            return Ok(None);
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the repository")?;
        let folder = root.join("target/test").join(if server.is_some() {
            format!("{name}-postgres")
        } else {
            name.to_owned()
        });
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("state"))?;
        fs::copy(root.join("spin.toml"), folder.join("spin.toml"))?;
        copy(
            &root.join("target/handlers"),
            &folder.join("target/handlers"),
        )?;
        copy_components(root, &folder)?;
        copy(
            &root.join("districts/yinzhou"),
            &folder.join("districts/yinzhou"),
        )?;
        for (file, heading, key, value) in rules {
            let file = folder.join("districts/yinzhou").join(file);
            fs::write(
                &file,
                replaced(&fs::read_to_string(&file)?, heading, key, value)?,
            )?;
        }
        if let Some(cache) = compiled() {
            copy(&cache, &folder.join("state/cache"))?;
        }
        let postgres = match &server {
            Some(server) => Some(server.database().await?),
            None => None,
        };
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let runner = Runner {
            program,
            folder,
            address,
            postgres,
            process: None,
            admin: None,
            server,
        };
        Ok(Some(runner))
    }

    /// Starts it, and waits until it is ready.
    pub async fn start(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let mut command = self.command("up");
        command
            .args([
                "--listen",
                &self.address,
                "--state-dir",
                "state",
                "--district",
                "districts/yinzhou",
            ])
            .env("SPIN_VARIABLE_SECRET_KEY", SECRET_KEY)
            .env("SPIN_VARIABLE_RELAY_KEY", RELAY_KEY)
            .env("SPIN_VARIABLE_PUBLIC_URL", self.url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut process = command.spawn().context("wenzheng cannot be started")?;
        let output = process.stdout.take().context("wenzheng has no output")?;
        self.process = Some(process);
        let (send, lines) = mpsc::channel();
        // Read to the end, so that the runner is never kept waiting for somebody to read.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let begin = Instant::now();
        loop {
            match lines.try_recv() {
                Ok(line) if line.starts_with(READY) => return Ok(()),
                Ok(line) => {
                    if let Some((account, rest)) = line
                        .strip_prefix(ADMIN.0)
                        .and_then(|rest| rest.split_once(ADMIN.1))
                    {
                        let password = rest.split(' ').next().unwrap_or_default();
                        self.admin = Some((account.to_owned(), password.to_owned()));
                    }
                }
                Err(mpsc::TryRecvError::Disconnected) => {
                    bail!("wenzheng ended at its start: {}", self.end_of_log())
                }
                Err(mpsc::TryRecvError::Empty) if begin.elapsed() > START_LIMIT => {
                    bail!("wenzheng did not start: {}", self.end_of_log())
                }
                Err(mpsc::TryRecvError::Empty) => {
                    tokio::time::sleep(Duration::from_millis(5)).await
                }
            }
        }
    }

    /// Its platform, with the first administrator, whose one-time password is replaced at the first call.
    pub async fn platform(&mut self) -> Result<Platform> {
        let (account, password) = self.admin.clone().context("no administrator was made")?;
        let platform = Platform::at_first(&self.url(), RELAY_KEY, &account, &password).await?;
        self.admin = None;
        Ok(platform)
    }

    /// Ends it without a warning, as a power failure does.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    /// Folds all events again; fails when anything differs.
    pub fn verify(&self) -> Result<String> {
        let output = self.command("verify").output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "wenzheng verify found something: {text}"
        );
        Ok(text.trim().to_owned())
    }

    /// Runs `wenzheng handler` with `arguments` on its database, or with `--platform` on whatever that says; whether it
    /// succeeded, and what it printed.
    pub fn handler(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.folder)
            .arg("handler")
            .args(arguments);
        // Making keys and components takes no database.
        let elsewhere = arguments.contains(&"--platform");
        if !(elsewhere || matches!(arguments, ["build", ..] | ["key", "new", ..])) {
            self.place(&mut command);
        }
        let output = command.stdin(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok((output.status.success(), text))
    }

    /// Its folder: manifest, district, state, and whatever the test keeps there.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether its database is on a PostgreSQL server.
    pub fn is_on_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// The server with its database, for [`Runner::prepare_on`].
    pub fn server(&mut self) -> Option<&mut TestServer> {
        self.server.as_mut()
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the file of a component is.
    pub fn component(&self, id: &str) -> PathBuf {
        match id.strip_suffix("-handler") {
            Some(stage) => self.folder.join(format!("target/handlers/{stage}.wasm")),
            None => self
                .folder
                .join(format!("target/wasm32-wasip2/component/{id}.wasm")),
        }
    }

    /// Takes the file of a component away and returns what was in it.
    pub fn remove(&self, id: &str) -> Result<Vec<u8>> {
        let file = self.component(id);
        let bytes = fs::read(&file)?;
        fs::remove_file(file)?;
        Ok(bytes)
    }

    /// Puts a component's file there in one step.
    pub fn put(&self, id: &str, bytes: &[u8]) -> Result<()> {
        let file = self.component(id);
        let unfinished = file.with_extension("new");
        fs::write(&unfinished, bytes)?;
        fs::rename(unfinished, file)?;
        Ok(())
    }

    /// Waits until the log has said `what` since it had `from` bytes.
    pub async fn logged(&self, from: u64, what: &str) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(60) {
            let log = fs::read(self.log())?;
            let new = log.get(from as usize..).unwrap_or_default();
            if String::from_utf8_lossy(new).contains(what) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the log does not say {what:?}: {}", self.end_of_log())
    }

    /// The length of the log, for [`Runner::logged`].
    pub fn log_length(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |metadata| metadata.len())
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).arg(name);
        self.place(&mut command);
        command
    }

    /// Where its application and its data are.
    fn place(&self, command: &mut Command) {
        command.args(["--from", "spin.toml"]);
        match &self.postgres {
            Some(address) => command.args(["--postgres", address]),
            None => command.args(["--sqlite", "sqlite_db.db"]),
        };
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn end_of_log(&self) -> String {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(15)..)
            .unwrap_or_default();
        format!("the end of {}:\n{}", self.log().display(), tail.join("\n"))
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// The compiled components of the platform under test, which are the same.
fn compiled() -> Option<PathBuf> {
    let accounts = PathBuf::from(std::env::var_os("WENZHENG_ACCOUNTS")?);
    let cache = accounts.parent()?.join("cache");
    cache.is_dir().then_some(cache)
}

/// Copies the components that the manifest names, and nothing else that cargo keeps beside them.
fn copy_components(root: &Path, folder: &Path) -> Result<()> {
    let place = Path::new("target/wasm32-wasip2/component");
    fs::create_dir_all(folder.join(place))?;
    for entry in fs::read_dir(root.join(place))? {
        let entry = entry?;
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            fs::copy(entry.path(), folder.join(place).join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// `text` with the value of `key` replaced wherever it stands under `heading`.
fn replaced(text: &str, heading: &str, key: &str, value: &str) -> Result<String> {
    let mut current = "";
    let mut count = 0;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            current = line;
        }
        let is_key = line
            .split_once('=')
            .is_some_and(|(name, _)| name.trim() == key);
        if is_key && current == heading {
            lines.push(format!("{key} = {value}"));
            count += 1;
        } else {
            lines.push(line.to_owned());
        }
    }
    ensure!(count > 0, "there is no {key} under {heading:?}");
    Ok(lines.join("\n") + "\n")
}

/// The rules under which a runner of a test takes in as much as comes, and comes back soon to what failed.
pub const IMPATIENT: &[Rule<'_>] = &[
    ("limits.toml", "[[flood]]", "max", "1_000_000"),
    ("policy.toml", "[jobs]", "lease_seconds", "2"),
    ("policy.toml", "[jobs]", "backoff_seconds", "[1]"),
];

//! A PostgreSQL server for tests.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The variable that names a server to use instead of a private one.
pub const SERVER_VARIABLE: &str = "WENZHENG_TEST_POSTGRES";

/// How long a private server may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server on which tests make databases of their own: the one that
/// `WENZHENG_TEST_POSTGRES` names, or a private one, which is stopped and
/// deleted when this is dropped.
pub struct TestServer {
    dsn: String,
    private: Option<Private>,
}

struct Private {
    programs: PathBuf,
    as_root: bool,
    port: u16,
    /// None while it is stopped.
    server: Option<Child>,
    directory: TempDir,
}

/// How to stop a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As for a restart: transactions are rolled back and everybody is told.
    Fast,
    /// As in a crash: it goes at once and recovers at the next start.
    Immediate,
}

impl TestServer {
    /// Starts a server, or takes the one from the environment.
    ///
    /// # Errors
    ///
    /// If there is no PostgreSQL on this machine, or it does not start.
    pub fn start() -> io::Result<TestServer> {
        match std::env::var(SERVER_VARIABLE) {
            Ok(dsn) if !dsn.is_empty() => Ok(TestServer { dsn, private: None }),
            _ => TestServer::private(),
        }
    }

    /// Starts a private server whatever the environment says.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn private() -> io::Result<TestServer> {
        let programs = find_programs()?;
        let directory = tempfile::Builder::new()
            .prefix("wenzheng-postgres-")
            .tempdir()?;
        let as_root = is_root();
        if as_root {
            // The server refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(directory.path()))?;
        }
        let mut private = Private {
            programs,
            as_root,
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            server: None,
            directory,
        };
        let mut init = as_server_user(&private.programs.join("initdb"), as_root);
        run(init.arg("--pgdata").arg(private.data()).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]))?;
        private.start()?;
        let port = private.port;
        Ok(TestServer {
            dsn: format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable"),
            private: Some(private),
        })
    }

    /// Stops a private server, and waits until it has ended.
    ///
    /// # Errors
    ///
    /// If it is not private.
    pub fn stop(&mut self, how: Stop) -> io::Result<()> {
        self.own()?.stop(how)
    }

    /// Starts a private server that was stopped, with its data and at its address.
    ///
    /// # Errors
    ///
    /// If it is not private, or does not start.
    pub fn start_again(&mut self) -> io::Result<()> {
        self.own()?.start()
    }

    fn own(&mut self) -> io::Result<&mut Private> {
        self.private
            .as_mut()
            .ok_or_else(|| io::Error::other("the server belongs to somebody else"))
    }

    /// The address of the server's own database.
    pub fn dsn(&self) -> &str {
        &self.dsn
    }

    /// Whether the server was started for these tests alone.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Makes an empty database and returns its address.
    ///
    /// # Errors
    ///
    /// If the server refuses.
    pub async fn database(&self) -> Result<String, sqlx::Error> {
        use sqlx::{AssertSqlSafe, Connection, Executor};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "test_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let mut connection = sqlx::PgConnection::connect(&self.dsn).await?;
        connection
            .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}")))
            .await?;
        connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await?;
        connection.close().await?;
        Ok(with_database(&self.dsn, &name))
    }
}

/// The address of another database on the same server.
fn with_database(dsn: &str, name: &str) -> String {
    let (address, parameters) = dsn
        .split_once('?')
        .map_or((dsn, ""), |(address, rest)| (address, rest));
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let authority = rest.split('/').next().unwrap_or(rest);
    let separator = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{authority}/{name}{separator}{parameters}")
}

impl Private {
    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn start(&mut self) -> io::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.directory.path().join("log"))?;
        let server = as_server_user(&self.programs.join("postgres"), self.as_root)
            .arg("-D")
            .arg(self.data())
            .arg("-p")
            .arg(self.port.to_string())
            // No socket files; a test's data need not survive a power failure.
            .args([
                "-h",
                "127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=200",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        self.server = Some(server);
        self.wait_until_ready()
    }

    fn wait_until_ready(&mut self) -> io::Result<()> {
        let began = Instant::now();
        loop {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-U", "postgres", "-p"])
                .arg(self.port.to_string())
                .status()?;
            if ready.success() {
                return Ok(());
            }
            if let Some(server) = &mut self.server
                && let Some(status) = server.try_wait()?
            {
                return Err(io::Error::other(format!(
                    "PostgreSQL ended while starting: {status}"
                )));
            }
            if began.elapsed() > START_LIMIT {
                return Err(io::Error::other("PostgreSQL did not start in time"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self, how: Stop) -> io::Result<()> {
        let Some(mut server) = self.server.take() else {
            return Ok(());
        };
        let signal = match how {
            Stop::Fast => "-INT",
            Stop::Immediate => "-QUIT",
        };
        // `kill` reaches a server of another user if we are root.
        let id = server.id().to_string();
        run(Command::new("kill").args([signal, &id]))?;
        server.wait().map(drop)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = self.stop(Stop::Fast);
    }
}

/// The directory of `initdb` and `postgres`: on the path, or where Debian puts
/// them, the newest version first.
fn find_programs() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    versions.sort_by_key(|version| {
        version
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse::<u32>().ok())
            .unwrap_or(0)
    });
    places.extend(
        versions
            .into_iter()
            .rev()
            .map(|version| version.join("bin")),
    );
    places
        .into_iter()
        .find(|place| {
            ["initdb", "postgres", "pg_isready"]
                .iter()
                .all(|program| place.join(program).is_file())
        })
        // The programs look for their library beside where they really are.
        .and_then(|place| {
            place
                .join("postgres")
                .canonicalize()
                .ok()?
                .parent()
                .map(Path::to_owned)
        })
        .ok_or_else(|| {
            io::Error::other(format!(
                "there is no PostgreSQL here: install it, or name a server in {SERVER_VARIABLE}"
            ))
        })
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The program under the user `postgres` if we are root. `setpriv` replaces
/// itself by the program, so that the process that we started is the server.
fn as_server_user(program: &Path, as_root: bool) -> Command {
    if !as_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--",
        ])
        .arg(program)
        .current_dir("/");
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{} failed: {}",
        command.get_program().to_string_lossy(),
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}

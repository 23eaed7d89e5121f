//! What the tests share: the guests, an application of them on a socket, and a client.

use bytes::Bytes;
use host::{App, HostOptions};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use manifest::Manifest;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The manifest of the tests: one component file in several roles.
pub const MANIFEST: &str = r#"
spin_manifest_version = 2

[application]
name = "host-tests"
version = "1.2.3"

[variables]
city = { default = "Ningbo" }

[[trigger.http]]
route = "/front/..."
component = "front"

[[trigger.http]]
route = "/items/:number/parts/:part_name"
component = "front"

[[trigger.http]]
route = "/..."
component = "other"

[[trigger.http]]
route = { private = true }
component = "back"

[[trigger.http]]
route = "/fixed"
static_response = { status_code = 418, headers = { x-fixed = "yes" }, body = "short and stout" }

[component.front]
source = "probe.wasm"
allowed_outbound_hosts = ["http://back.spin.internal", "http://front.spin.internal", "http://127.0.0.1:*"]
sqlite_databases = ["default"]
variables = { place = "{{ city }}!" }
environment = { COLOUR = "blue" }
files = [{ source = "texts", destination = "/texts" }]

[component.other]
source = "probe.wasm"

[component.back]
source = "probe.wasm"
allowed_outbound_hosts = ["http://back.spin.internal"]
sqlite_databases = ["default"]
"#;

/// The directory with the guests' files, built once.
fn guests() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = own.join("../../target/test-guests");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--release", "--target", "wasm32-wasip2"])
            .current_dir(own.join("tests/guests"))
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the guests do not build");
        target.join("wasm32-wasip2/release")
    })
}

/// An application on a socket of its own. Its directory goes with it.
pub struct Running {
    pub app: Arc<App>,
    pub base: String,
    pub directory: TempDir,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<Result<(), host::ServeError>>>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Asserts that it is a problem of this status, and nothing that tells of its cause.
    pub fn assert_problem(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], status);
        assert_eq!(json["type"], "about:blank");
        assert_eq!(
            json["request"].as_str(),
            self.headers["x-request-id"].to_str().ok()
        );
        let keys: Vec<_> = json.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["type", "title", "status", "detail", "request"]);
    }
}

/// The directory of an application: its manifest and the files that it names.
pub fn directory(manifest: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("spin.toml"), manifest).expect("a manifest");
    std::fs::copy(
        guests().join("probe.wasm"),
        directory.path().join("probe.wasm"),
    )
    .expect("the probe");
    std::fs::create_dir(directory.path().join("texts")).expect("a folder");
    std::fs::write(directory.path().join("texts/a.txt"), "from a file").expect("a file");
    directory
}

/// Puts `probe` or `successor` in the place of a component's file.
pub fn put(directory: &Path, file: &str, guest: &str) {
    std::fs::copy(guests().join(format!("{guest}.wasm")), directory.join(file))
        .expect("a component");
}

/// The application of the tests with the usual options.
pub async fn start() -> Running {
    start_with(MANIFEST, |_| {}).await
}

/// An application of `manifest` with other options than usual.
pub async fn start_with(manifest: &str, change: impl FnOnce(&mut HostOptions)) -> Running {
    let directory = directory(manifest);
    let options = options(directory.path(), change);
    let manifest = Manifest::load(directory.path().join("spin.toml")).expect("a manifest");
    let app = App::load(manifest, options).await.expect("an application");
    serve(app, directory).await
}

pub fn options(directory: &Path, change: impl FnOnce(&mut HostOptions)) -> HostOptions {
    let mut options = HostOptions::new(directory.join(".spin"));
    // All tests share one pool of instances and one cache of compiled code.
    static ENGINE: OnceLock<host::Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| host::Engine::new(128 << 20).expect("an engine"));
    options.engine = Some(engine.clone());
    options.cache_dir =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-guests/cache");
    change(&mut options);
    options
}

pub async fn serve(app: Arc<App>, directory: TempDir) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(host::serve(app.clone(), listener, async move {
        let _ = stopped.await;
    }));
    Running {
        app,
        base,
        directory,
        stop: Some(stop),
        served: Some(served),
    }
}

impl Running {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.send(Method::POST, path, &[], body.into()).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        send(&format!("{}{path}", self.base), method, headers, body).await
    }

    /// Runs statements, one a line, in the default database; what the last one gave.
    pub async fn sql(&self, statements: &str) -> serde_json::Value {
        let answer = self.post("/front/sql", statements.to_owned()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Ends the server; how it ended.
    pub async fn stop(&mut self) -> Result<(), host::ServeError> {
        self.stop
            .take()
            .expect("not stopped yet")
            .send(())
            .expect("it still serves");
        self.served
            .take()
            .expect("not stopped yet")
            .await
            .expect("no panic")
    }
}

/// Waits until `ready` says so: on a machine that is busy with other things a fixed time says nothing.
pub async fn until(what: &str, ready: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !ready() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "waited in vain: {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Sends one request over a connection of the shared client.
pub async fn send(url: &str, method: Method, headers: &[(&str, &str)], body: Bytes) -> Answer {
    let connector = HttpConnector::new();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body)).expect("a request");
    let response = tokio::time::timeout(Duration::from_secs(60), client.request(request)).await;
    let response = response.expect("an answer in time").expect("an answer");
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Answer {
        status: head.status,
        headers: head.headers,
        body,
    }
}

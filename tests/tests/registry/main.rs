//! Departments publish over HTTP, with nothing but their key: what must not come in, and what a release goes through
//! until it decides a case and is taken back.

mod from_anywhere;
mod refusals;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use publishing::signature::{Secret, show};
use reqwest::Method;
use serde_json::{Value as Json, json};
use wenzheng_tests::cases::POLICE;
use wenzheng_tests::{Caller, Platform, Reply, Runner};

/// A department that publishes nothing here.
const SCHOOLS: &str = "education";

/// The largest component that is taken.
const MAX_SIZE: usize = 32 << 20;

/// Runs a command that has to succeed.
fn done(runner: &Runner, arguments: &[&str]) -> Result<String> {
    let (success, text) = runner.handler(arguments)?;
    ensure!(success, "wenzheng handler {}: {text}", arguments.join(" "));
    Ok(text)
}

/// A new key in `file`, which the operator has registered for `department`.
fn publisher(runner: &Runner, department: &str, holder: &str, file: &str) -> Result<Secret> {
    let key = done(runner, &["key", "new", file])?;
    done(
        runner,
        &["key", "add", department, key.trim(), "--holder", holder],
    )?;
    read(runner, file)
}

fn read(runner: &Runner, file: &str) -> Result<Secret> {
    let text = std::fs::read_to_string(runner.folder().join(file))?;
    Secret::parse(&text).context("a key")
}

/// What is signed, written out as the description has it.
struct Signed<'a> {
    department: &'a str,
    revision: i64,
    action: &'a str,
    release: i64,
    share: i64,
    sha256: &'a str,
}

impl Signed<'_> {
    fn text(&self) -> String {
        format!(
            "wenzheng handler 1\ndepartment: {}\nrevision: {}\naction: {}\nrelease: {}\nshare: {}\nsha256: {}\nendpoint: \n",
            self.department, self.revision, self.action, self.release, self.share, self.sha256
        )
    }
}

fn handler_of(department: &str) -> String {
    format!("/api/departments/{department}/handler")
}

/// A request that hands something in; a test changes what it likes.
#[derive(Clone)]
struct Delivery {
    department: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Delivery {
    /// `component` as the release `release` for all cases, signed by `secret`.
    fn new(
        secret: &Secret,
        department: &str,
        (revision, action, release): (i64, &str, i64),
        component: &[u8],
    ) -> Delivery {
        let sha256 = seal::digest(&[component]);
        let text = Signed {
            department,
            revision,
            action,
            release,
            share: 100,
            sha256: &seal::hex(&sha256),
        }
        .text();
        let headers = vec![
            ("content-type", "application/wasm".to_owned()),
            ("publisher-key", show(&secret.public())),
            ("publisher-signature", show(&secret.sign(&text))),
            ("handler-revision", revision.to_string()),
            ("handler-share", "100".to_owned()),
            ("content-digest", format!("sha-256=:{}:", show(&sha256))),
        ];
        Delivery {
            department: department.to_owned(),
            headers,
            body: component.to_vec(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Delivery {
        let value = value.into();
        for (other, old) in &mut self.headers {
            if *other == name {
                old.clone_from(&value);
            }
        }
        self
    }

    fn without(mut self, name: &str) -> Delivery {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    async fn send(&self, platform: &Platform) -> Result<Reply> {
        let path = handler_of(&self.department);
        platform
            .send(
                Caller::Anyone,
                Method::POST,
                &path,
                &self.headers,
                Some(self.body.clone()),
            )
            .await
    }
}

/// Gives an order about what was published before; `signed` is what the signature says.
async fn order(
    platform: &Platform,
    secret: &Secret,
    body: &Json,
    signed: &Signed<'_>,
) -> Result<Reply> {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("publisher-key", show(&secret.public())),
        ("publisher-signature", show(&secret.sign(&signed.text()))),
    ];
    let path = format!("{}/order", handler_of(signed.department));
    platform
        .send(
            Caller::Anyone,
            Method::POST,
            &path,
            &headers,
            Some(body.to_string().into_bytes()),
        )
        .await
}

/// What a publisher sees of the department's handler.
async fn seen_by(
    platform: &Platform,
    secret: &Secret,
    department: &str,
    time: &str,
) -> Result<Reply> {
    let text = format!("wenzheng handler reading 1\ndepartment: {department}\ntime: {time}\n");
    let headers = [
        ("publisher-key", show(&secret.public())),
        ("publisher-signature", show(&secret.sign(&text))),
        ("publisher-time", time.to_owned()),
    ];
    platform
        .send(
            Caller::Anyone,
            Method::GET,
            &handler_of(department),
            &headers,
            None,
        )
        .await
}

/// The present time as it is signed.
fn now() -> Result<String> {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let at = case::time::Timestamp(i64::try_from(elapsed.as_millis())?);
    Ok(at.local(case::time::Offset::UTC).to_string())
}

/// What became of the delivery with this signature, once it is judged.
async fn judged(platform: &Platform, secret: &Secret, delivery: &Delivery) -> Result<Json> {
    let signature = delivery
        .headers
        .iter()
        .find(|(name, _)| *name == "publisher-signature")
        .map(|(_, value)| value.as_str());
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(120) {
        let view = seen_by(platform, secret, &delivery.department, &now()?)
            .await?
            .expect(200)?
            .json();
        let found = view["publishers"]["deliveries"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|known| known["signature"].as_str() == signature)
            .cloned()
            .with_context(|| format!("it is not there: {view}"))?;
        if found["verdict"] != "waiting" {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("never judged")
}

fn refused(reply: &Reply, status: u16, code: &str) -> Result<()> {
    ensure!(
        reply.status == status && reply.problem() == code,
        "expected {status} {code}: {reply:?}"
    );
    let body = reply.json();
    // A code that the catalogue does not know would have the text of the last one there.
    ensure!(
        code == "internal" || body["title"] != "系统出错",
        "no text for {code}: {body}"
    );
    Ok(())
}

/// Has the district want two publishers for what the police publish.
fn want_two(runner: &Runner) -> Result<()> {
    let file = runner.folder().join("districts/yinzhou/departments.toml");
    let text = std::fs::read_to_string(&file)?;
    let line = "id = \"public-security\"\n";
    ensure!(text.matches(line).count() == 1, "{line}");
    let text = text.replace(line, &format!("{line}two_publishers = true\n"));
    Ok(std::fs::write(file, text)?)
}

/// The sample, in Rust.
fn sample() -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the repository")?;
    let sample = root.join("departments/public-security");
    Ok(sample.display().to_string())
}

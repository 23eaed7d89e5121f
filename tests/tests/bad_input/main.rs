//! Bad input: whatever comes in at whatever endpoint, the answer is a lawful
//! success or a problem that says what is wrong, never a server error.

mod addresses;
mod bodies;
mod headers;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use case::{Action, State};
use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wenzheng_tests::endpoints::{self, Endpoint, Ground};
use wenzheng_tests::platform::unique;
use wenzheng_tests::{Caller, Driver, Platform, Reply, Submitted};

/// Texts that mean something to one program or another.
const HOSTILE: &[(&str, &str)] = &[
    ("SQL", "'); DROP TABLE cases; -- \" OR 1=1 /*"),
    (
        "HTML",
        "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;]]>",
    ),
    (
        "template",
        "{{7*7}} ${jndi:ldap://localhost/a} %s%n {unique}",
    ),
    ("emoji", "😀👨‍👩‍👧‍👦🏳️‍🌈𠮷𪚥"),
    (
        "right-to-left",
        "\u{202e}txet desrever\u{202c} \u{2066}\u{2069}\u{200f}\u{061c}",
    ),
    (
        "zero-width",
        "零\u{200b}宽\u{200c}\u{200d}\u{2060}\u{feff}字",
    ),
    ("invisible", "\u{200b}\u{200b}\u{feff}"),
    (
        "combining",
        "Z\u{0351}\u{036b}\u{0343}\u{036a}\u{0302}\u{036b}\u{033d}\u{034f}\u{0334}\u{0319}\u{0324}a\u{0301}",
    ),
    ("separators", "a\u{2028}b\u{2029}c\u{00a0}d\u{3000}e"),
    (
        "noncharacters",
        "\u{fffe}\u{ffff}\u{10ffff}\u{e000}\u{fffd}",
    ),
    ("search", "\" OR NOT (a* NEAR b) AND col:x ^y - + \\"),
    ("path", "../../etc/passwd\\..\\file:///"),
    ("spaces", "   "),
    ("line breaks", "一\r\n二\n\n三\t四"),
];

/// Characters that have no place in a text.
const CONTROL: &[(&str, &str)] = &[
    ("NUL", "a\u{0}b"),
    ("bell", "a\u{7}b"),
    ("escape", "\u{1b}[2J"),
    ("delete", "a\u{7f}b"),
    ("C1", "a\u{9b}b"),
    ("NEL", "a\u{85}b"),
];

/// Values of every type, to be put where another type belongs.
fn values() -> Vec<Json> {
    vec![
        json!(true),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!("text"),
        json!([]),
        json!([null]),
        // The members of a place without their names.
        json!(["zhonghe", "text"]),
        json!({}),
        json!({ "a": { "b": [1] } }),
    ]
}

/// What is tried at one endpoint.
struct Trial<'a> {
    driver: &'a Driver<'a>,
    endpoint: &'a Endpoint,
    other: &'a Submitted,
    ground: Ground,
    /// How many answers there were, by status.
    answers: BTreeMap<u16, usize>,
}

impl<'a> Trial<'a> {
    async fn new(
        driver: &'a Driver<'a>,
        endpoint: &'a Endpoint,
        other: &'a Submitted,
    ) -> Result<Trial<'a>> {
        let ground = Ground::new(driver, endpoint, other).await?;
        Ok(Trial {
            driver,
            endpoint,
            other,
            ground,
            answers: BTreeMap::new(),
        })
    }

    fn path(&self) -> String {
        self.ground.fill(&self.endpoint.path)
    }

    /// Sends bytes as the endpoint's body, and holds the answer to the rules.
    async fn bytes(
        &mut self,
        what: &str,
        media_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Reply> {
        let headers: Vec<_> = media_type
            .map(|kind| ("content-type", kind.to_owned()))
            .into_iter()
            .collect();
        let caller = self.ground.caller(self.endpoint.by);
        let path = self.path();
        let reply = self
            .driver
            .platform
            .send(
                caller,
                self.endpoint.method.clone(),
                &path,
                &headers,
                Some(body),
            )
            .await;
        let about = format!(
            "{} {} with {what}",
            self.endpoint.method, self.endpoint.path
        );
        let reply = reply.with_context(|| about.clone())?;
        lawful(&reply).with_context(|| about)?;
        *self.answers.entry(reply.status).or_default() += 1;
        if reply.status < 300 {
            // What was prepared is used up.
            self.ground = Ground::new(self.driver, self.endpoint, self.other).await?;
        }
        Ok(reply)
    }

    async fn json(&mut self, what: &str, body: &Json) -> Result<Reply> {
        let body = self.ground.fill_body(body).to_string().into_bytes();
        self.bytes(what, Some("application/json"), body).await
    }

    /// Sends a body in which the value at `path` is another one: a success, or an error that names the field.
    async fn field(&mut self, path: &Path, what: &str, value: Option<&Json>) -> Result<Reply> {
        let mut body = self.endpoint.body.clone().unwrap_or_default();
        replace(&mut body, path, value);
        let what = format!("{} {what}", dotted(path));
        let reply = self.json(&what, &body).await?;
        if reply.status >= 300 && !self.is_refused_otherwise(&reply, path) {
            ensure!(
                reply.status == 422,
                "{} {}: {what}: {reply:?}",
                self.endpoint.method,
                self.endpoint.path
            );
            ensure!(
                fields(&reply)
                    .iter()
                    .any(|field| same_field(field, &dotted(path))),
                "{} {}: {what}: the answer does not name the field: {}",
                self.endpoint.method,
                self.endpoint.path,
                reply.text
            );
        }
        Ok(reply)
    }
}

impl Trial<'_> {
    /// Whether the answer is about something else than the field, and rightly.
    fn is_refused_otherwise(&self, reply: &Reply, path: &Path) -> bool {
        match (self.endpoint.path.as_str(), reply.status) {
            // A login does not say what is wrong with it, and nobody may try for long.
            ("/api/session", 401)
            | ("/api/session" | "/api/session/password" | "/api/session/proof", 429) => true,
            // Names that are good are kept, until there are enough.
            ("/api/session/filters", 409) => reply.problem() == "too-many-filters",
            // Without an identity provider nobody comes back from one.
            ("/api/session/provider/return", 404) => true,
            // The reference of a message is what it is known again by.
            ("/api/cases", 422) => dotted(path) == "reference" && reply.problem() == "key-reused",
            // Publishing is the pipeline's own, whatever a person sends.
            (_, 403) => self.endpoint.action == Some(Action::Publish),
            // No department has a handler that plans one.
            (_, 409) => self.endpoint.action == Some(Action::FollowUp),
            _ => false,
        }
    }

    /// What to put at `path`: what that is, the value (none to leave it out), and whether it must be refused.
    fn attempts(&self, body: &Json, path: &Path) -> Vec<(String, Option<Json>, bool)> {
        let is = get(body, path).cloned().unwrap_or_default();
        let mut all = vec![
            ("is missing".to_owned(), None, false),
            ("is null".to_owned(), Some(Json::Null), false),
        ];
        let mut add =
            |what: String, value: Json, refused: bool| all.push((what, Some(value), refused));
        for value in values().into_iter().filter(|value| !same_type(value, &is)) {
            add(format!("is {value}"), value, true);
        }
        match &is {
            Json::String(_) => {
                for (name, text) in HOSTILE {
                    add(format!("is {name}"), json!(text), false);
                }
                for (name, text) in CONTROL {
                    add(format!("has {name}"), json!(text), true);
                }
                add("is very long".to_owned(), self.long(), true);
                add("is empty".to_owned(), json!(""), false);
            }
            Json::Number(_) => {
                for value in [
                    json!(0),
                    json!(-1),
                    json!(1.5),
                    json!(65_536),
                    json!(4_294_967_296_u64),
                    json!(-1e300),
                ] {
                    add(format!("is {value}"), value, true);
                }
            }
            Json::Array(items) => {
                let many: Vec<Json> = items
                    .first()
                    .into_iter()
                    .flat_map(|item| std::iter::repeat_n(item.clone(), 500))
                    .collect();
                add("has 500 items".to_owned(), json!(many), true);
            }
            Json::Object(_) => {
                let mut more = is.clone();
                more["no_such_field"] = json!(1);
                add("has an unknown field".to_owned(), more, true);
            }
            _ => {}
        }
        all
    }

    /// A field that there is not, and the sequence that every action takes, as something else.
    async fn unknown_fields(&mut self, body: &Json) -> Result<()> {
        let mut more = body.clone();
        more["no_such_field"] = json!(1);
        let reply = self.json("an unknown field", &more).await?;
        ensure!(
            reply.status == 422 && fields(&reply) == ["no_such_field"],
            "{}: {reply:?}",
            self.endpoint.path
        );
        if self.endpoint.action.is_some() {
            for value in [
                json!("1"),
                json!(-1),
                json!(1.5),
                json!(4_294_967_296_u64),
                json!([1]),
                json!({}),
            ] {
                let mut body = body.clone();
                body["sequence"] = value;
                let reply = self.json("a wrong sequence", &body).await?;
                ensure!(
                    reply.status == 422 && fields(&reply) == ["sequence"],
                    "{}: {reply:?}",
                    self.endpoint.path
                );
            }
        }
        Ok(())
    }

    /// A text that is too long for every field, and not for the body.
    fn long(&self) -> Json {
        let of_identity = ["/api/session", "/api/accounts"]
            .iter()
            .any(|path| self.endpoint.path.starts_with(path));
        json!("长".repeat(if of_identity { 4_000 } else { 60_000 }))
    }
}

type Path = Vec<Part>;

/// One step into a JSON value.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Member(String),
    Item(usize),
}

/// The paths of all values in `body`, of members and of items.
fn paths(body: &Json) -> Vec<Path> {
    let mut found = Vec::new();
    let parts: Vec<(Part, &Json)> = match body {
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| (Part::Member(name.clone()), value))
            .collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (Part::Item(index), value))
            .collect(),
        _ => Vec::new(),
    };
    for (part, value) in parts {
        found.push(vec![part.clone()]);
        found.extend(
            paths(value)
                .into_iter()
                .map(|rest| std::iter::once(part.clone()).chain(rest).collect()),
        );
    }
    found
}

fn dotted(path: &Path) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            Part::Member(name) if text.is_empty() => text.push_str(name),
            Part::Member(name) => text.push_str(&format!(".{name}")),
            Part::Item(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

fn get<'a>(body: &'a Json, path: &Path) -> Option<&'a Json> {
    path.iter().try_fold(body, |value, part| match part {
        Part::Member(name) => value.get(name),
        Part::Item(index) => value.get(index),
    })
}

/// Puts `value` at `path`, or takes away what is there.
fn replace(body: &mut Json, path: &Path, value: Option<&Json>) {
    let Some((last, before)) = path.split_last() else {
        return;
    };
    let mut place = body;
    for part in before {
        place = match part {
            Part::Member(name) => &mut place[name.as_str()],
            Part::Item(index) => &mut place[*index],
        };
    }
    match (last, value, place) {
        (Part::Member(name), Some(value), place) => place[name.as_str()] = value.clone(),
        (Part::Item(index), Some(value), place) => place[*index] = value.clone(),
        (Part::Member(name), None, Json::Object(members)) => {
            members.remove(name);
        }
        (Part::Item(index), None, Json::Array(items)) => {
            items.remove(*index);
        }
        _ => {}
    }
}

fn same_type(left: &Json, right: &Json) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// The fields that a problem names.
fn fields(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .filter_map(|error| error["field"].as_str().map(str::to_owned))
        .collect()
}

/// Whether an error about `named` tells whoever wrote `path` where to look: the field itself, or what it is part of.
fn same_field(named: &str, path: &str) -> bool {
    let within = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(named, path) || within(path, named)
}

/// A success, or a problem as it should be; never a server error.
fn lawful(reply: &Reply) -> Result<()> {
    if (200..400).contains(&reply.status) {
        return Ok(());
    }
    ensure!(
        (400..500).contains(&reply.status),
        "a server error: {reply:?}"
    );
    let kind = reply
        .headers
        .get("content-type")
        .map(String::as_str)
        .unwrap_or_default();
    ensure!(
        kind.starts_with("application/problem+json"),
        "not a problem: {reply:?}"
    );
    let body = reply.json();
    for name in ["type", "title", "detail", "request"] {
        ensure!(
            body[name].as_str().is_some_and(|text| !text.is_empty()),
            "a problem without {name}: {reply:?}"
        );
    }
    ensure!(
        body["status"] == reply.status,
        "a problem of another status: {reply:?}"
    );
    let request = reply.headers.get("x-request-id").map(String::as_str);
    ensure!(
        body["request"].as_str() == request,
        "a problem of another request: {reply:?}"
    );
    for error in body["errors"].as_array().into_iter().flatten() {
        for name in ["field", "code", "detail"] {
            ensure!(
                error[name].as_str().is_some_and(|text| !text.is_empty()),
                "an error without {name}: {reply:?}"
            );
        }
    }
    if reply.status == 422 && reply.problem() == "invalid" {
        ensure!(!fields(reply).is_empty(), "nothing is named: {reply:?}");
    }
    Ok(())
}

fn is_problem(reply: &Reply, statuses: &[u16], what: &str) -> Result<()> {
    lawful(reply).with_context(|| what.to_owned())?;
    ensure!(
        statuses.contains(&reply.status),
        "{what}: expected {statuses:?}, got {reply:?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_examples_of_the_table_are_right() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    for endpoint in endpoints::all() {
        // Publishing is the pipeline's own, no department has a handler that plans a follow-up, nothing has failed for
        // good here, and there is no identity provider.
        if matches!(endpoint.action, Some(Action::Publish | Action::FollowUp))
            || endpoint.path.contains("dead-letters/")
            || endpoint.path.contains("/session/provider")
        {
            continue;
        }
        let trial = Trial::new(&driver, &endpoint, &other).await?;
        let body = endpoint
            .body
            .as_ref()
            .map(|body| trial.ground.fill_body(body).to_string().into_bytes());
        let headers: Vec<_> = body
            .iter()
            .map(|_| ("content-type", "application/json".to_owned()))
            .collect();
        let reply = platform
            .send(
                trial.ground.caller(endpoint.by),
                endpoint.method.clone(),
                &trial.path(),
                &headers,
                body,
            )
            .await?;
        ensure!(
            (200..300).contains(&reply.status),
            "{} {}: {reply:?}",
            endpoint.method,
            endpoint.path
        );
    }
    Ok(())
}

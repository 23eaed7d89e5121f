//! Bad input: whatever comes in at whatever endpoint, the answer is a lawful
//! success or a problem that says what is wrong, never a server error.

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
            ("/api/session", 401) | ("/api/session" | "/api/session/password", 429) => true,
            // The reference of a message is what it is known again by.
            ("/api/cases", 422) => dotted(path) == "reference" && reply.problem() == "key-reused",
            // Publishing is the pipeline's own, whatever a person sends.
            (_, 403) => self.endpoint.action == Some(Action::Publish),
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_of_every_body() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let mut answers: BTreeMap<u16, usize> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for endpoint in endpoints::all() {
        let Some(body) = endpoint.body.clone() else {
            continue;
        };
        let mut trial = Trial::new(&driver, &endpoint, &other).await?;
        for path in paths(&body) {
            for (what, value, refused) in trial.attempts(&body, &path) {
                let tried = trial
                    .field(&path, &what, value.as_ref())
                    .await
                    .and_then(|reply| {
                        ensure!(
                            !refused || reply.status >= 400,
                            "{}: {} {what} was taken: {reply:?}",
                            endpoint.path,
                            dotted(&path)
                        );
                        Ok(())
                    });
                wrong.extend(tried.err().map(|error| format!("{error:#}")));
            }
        }
        let tried = trial.unknown_fields(&body).await;
        wrong.extend(tried.err().map(|error| format!("{error:#}")));
        for (status, count) in trial.answers {
            *answers.entry(status).or_default() += count;
        }
    }
    println!("answers by status: {answers:?}");
    ensure!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    ensure!(
        answers.values().sum::<usize>() > 2000,
        "hardly anything was tried: {answers:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_body_that_is_none() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    for endpoint in endpoints::all() {
        let Some(body) = &endpoint.body else { continue };
        let mut trial = Trial::new(&driver, &endpoint, &other).await?;
        let good = trial.ground.fill_body(body).to_string();
        let half: String = good.chars().take(good.chars().count() / 2).collect();
        let mut broken: Vec<(&str, Vec<u8>)> = vec![
            ("half of it", half.into_bytes()),
            ("no JSON", b"hello".to_vec()),
            ("only a brace", b"{".to_vec()),
            ("a comma too many", b"{\"a\":1,}".to_vec()),
            ("single quotes", b"{'a':1}".to_vec()),
            (
                "something behind the end",
                format!("{good} {{}}").into_bytes(),
            ),
            (
                "another byte behind the end",
                format!("{good}x").into_bytes(),
            ),
            ("a byte-order mark", format!("\u{feff}{good}").into_bytes()),
            (
                "UTF-16",
                good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            ("an array", b"[]".to_vec()),
            ("a string", b"\"text\"".to_vec()),
            ("a number", b"1".to_vec()),
            ("null", b"null".to_vec()),
            ("NaN", b"{\"sequence\":NaN}".to_vec()),
            (
                "a number beyond all bounds",
                b"{\"sequence\":1e999999}".to_vec(),
            ),
            ("deep arrays", "[".repeat(10_000).into_bytes()),
            ("deep objects", "{\"a\":".repeat(3_000).into_bytes()),
            ("only white space", b"  \n\t".to_vec()),
            ("zeros", vec![0; 1000]),
        ];
        if let Some(name) = first_text(body) {
            let with = |value: &[u8]| {
                let mut bytes = format!("{{\"{name}\":\"a").into_bytes();
                bytes.extend_from_slice(value);
                bytes.extend_from_slice(b"b\"}");
                bytes
            };
            broken.extend([
                ("a byte that is no UTF-8", with(b"\xff")),
                ("half a character", with(b"\xe9\x84")),
                ("an overlong character", with(b"\xc0\xaf")),
                ("a surrogate in UTF-8", with(b"\xed\xa0\x80")),
                ("a lone surrogate", with(b"\\ud800")),
                ("surrogates the wrong way round", with(b"\\udc00\\ud800")),
                ("a raw control character", with(b"\x01")),
                ("a raw line break", with(b"\n")),
                ("a broken escape", with(b"\\x41")),
                (
                    "deep nesting in a field",
                    format!("{{\"{name}\":{}", "[".repeat(10_000)).into_bytes(),
                ),
                (
                    "a field twice",
                    format!("{{\"{name}\":\"a\",\"{name}\":\"b\"}}").into_bytes(),
                ),
            ]);
        }
        for (what, bytes) in broken {
            let reply = trial.bytes(what, Some("application/json"), bytes).await?;
            is_problem(
                &reply,
                &[400, 422],
                &format!("{} with {what}", endpoint.path),
            )?;
        }
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "x",
            "",
        ] {
            let reply = trial
                .bytes(
                    &format!("the type {kind:?}"),
                    Some(kind),
                    good.clone().into_bytes(),
                )
                .await?;
            is_problem(&reply, &[415], &format!("{} as {kind:?}", endpoint.path))?;
        }
        let reply = trial
            .bytes("no type", None, good.clone().into_bytes())
            .await?;
        is_problem(&reply, &[415], &format!("{} without a type", endpoint.path))?;
        trial
            .bytes("nothing", Some("application/json"), Vec::new())
            .await?;

        let size = if endpoint.path == "/api/cases" {
            15 << 20
        } else {
            300 << 10
        };
        let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(size));
        let reply = trial
            .bytes("a huge body", Some("application/json"), huge.into_bytes())
            .await?;
        is_problem(
            &reply,
            &[413],
            &format!("{} with a huge body", endpoint.path),
        )?;
    }
    Ok(())
}

fn first_text(body: &Json) -> Option<&str> {
    body.as_object()?
        .iter()
        .find(|(_, value)| value.is_string())
        .map(|(name, _)| name.as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_method() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let all = endpoints::all();
    let mut known: BTreeMap<&str, Vec<&Method>> = BTreeMap::new();
    for endpoint in &all {
        known
            .entry(&endpoint.path)
            .or_default()
            .push(&endpoint.method);
    }
    let case = driver.in_state(State::Received, false).await?;
    let brew = Method::from_bytes(b"BREW")?;
    for (path, methods) in known {
        let address = path
            .replace("{number}", &case.number)
            .replace("{account}", &driver.officer.account)
            .replace("{article}", "couple-flat-move-one-first")
            .replace("{channel}", "web")
            .replace("{stage}", "classify")
            .replace("{position}", "1");
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            brew.clone(),
        ] {
            if methods.contains(&&method) {
                continue;
            }
            for caller in [Caller::Anyone, Caller::Staff(&driver.supervisor)] {
                let reply = platform
                    .send(caller, method.clone(), &address, &[], None)
                    .await?;
                is_problem(&reply, &[405], &format!("{method} {path}"))?;
                let allowed = reply.headers.get("allow").cloned().unwrap_or_default();
                let allowed: Vec<&str> = allowed.split(',').map(str::trim).collect();
                for other in &methods {
                    ensure!(
                        allowed.contains(&other.as_str()),
                        "{method} {path}: {other} is not in Allow: {allowed:?}"
                    );
                }
                ensure!(
                    !allowed.contains(&method.as_str()),
                    "{method} {path}: is in Allow: {allowed:?}"
                );
            }
        }
        let head = platform
            .send(Caller::Anyone, Method::HEAD, &address, &[], None)
            .await?;
        ensure!(
            head.status < 500 && head.text.is_empty(),
            "HEAD {path}: {head:?}"
        );
        let options = platform
            .send(Caller::Anyone, Method::OPTIONS, &address, &[], None)
            .await?;
        ensure!(options.status < 500, "OPTIONS {path}: {options:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_segment_of_every_path() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let long = "a".repeat(8000);
    let segments = [
        "%00",
        "%0d%0aset-cookie:%20a=b",
        "%ff%fe",
        "%",
        "%1",
        "%zz",
        "%2e%2e%2f%2e%2e%2f",
        "..%2f",
        "%C0%AF",
        "*",
        "'%20OR%201=1--",
        "%3Cscript%3E",
        "%E9%84%9E%E5%B7%9E",
        "%F0%9F%98%80",
        "%E2%80%AE",
        "%E2%80%8B",
        "null",
        "-1",
        "0",
        "99999999999999999999",
        "1.5",
        "YZ20200101-00000000",
        "yz20200101-00000000%20",
        "undefined",
        &long,
    ];
    for endpoint in endpoints::all() {
        if !endpoint.path.contains('{') {
            continue;
        }
        let trial = Trial::new(&driver, &endpoint, &other).await?;
        for segment in segments {
            let names = [
                "{number}",
                "{account}",
                "{article}",
                "{channel}",
                "{stage}",
                "{position}",
            ];
            let places = names.iter().filter(|name| endpoint.path.contains(**name));
            let places: Vec<String> = places
                .map(|name| trial.ground.fill(&endpoint.path.replace(name, segment)))
                .collect();
            for path in places {
                let body = endpoint
                    .body
                    .as_ref()
                    .map(|body| trial.ground.fill_body(body).to_string().into_bytes());
                let headers = [("content-type", "application/json".to_owned())];
                let caller = trial.ground.caller(endpoint.by);
                let reply = platform
                    .send(caller, endpoint.method.clone(), &path, &headers, body)
                    .await?;
                // Publishing is the pipeline's own, whichever case it is.
                let statuses: &[u16] = match endpoint.action {
                    Some(Action::Publish) => &[400, 403, 404, 414],
                    _ => &[400, 404, 414, 422],
                };
                is_problem(&reply, statuses, &format!("{} {path}", endpoint.method))?;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_parameter_of_every_query() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    let broken = ["%", "%zz", "%ff"];
    let control = ["%00", "%0a", "a%1Bb", "%C2%85"];
    let long = "x".repeat(5000);
    let numbers = [
        "0",
        "-1",
        "1.5",
        "abc",
        "1000000",
        "99999999999999999999999",
        "1e3",
        "٣",
    ];
    let cursors = [
        "garbage",
        "AAAA",
        "%7B%22a%22%3A1%7D",
        "eyJhIjoxfQ",
        "1.5.5",
        "YZ20200101-00000000",
        &long,
    ];
    let names = ["no-such-name", "%F0%9F%98%80", "'%20OR%201=1", &long];
    let dates = [
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "0000-00-00",
        "99999-01-01",
        "2026-1-1",
        "1",
        &long,
    ];
    for endpoint in endpoints::all()
        .into_iter()
        .filter(|endpoint| !endpoint.query.is_empty())
    {
        let trial = Trial::new(&driver, &endpoint, &other).await?;
        let path = trial.path();
        let ask = async |query: String| {
            let caller = trial.ground.caller(endpoint.by);
            let reply = platform.get(caller, &format!("{path}?{query}")).await?;
            lawful(&reply).with_context(|| format!("{path}?{query}"))?;
            anyhow::Ok(reply)
        };
        let good: Vec<String> = endpoint
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        ask(good.join("&")).await?.expect(200)?;
        for (name, _) in endpoint.query {
            let wrong: &[&str] = match *name {
                "limit" => &numbers,
                "cursor" => &cursors,
                "from" | "to" => &dates,
                "q" => &[],
                _ => &names,
            };
            for value in wrong {
                let reply = ask(format!("{name}={value}")).await?;
                ensure!(
                    reply.status == 422 && fields(&reply) == [*name],
                    "{path}?{name}={value}: {reply:?}"
                );
            }
            for (values, status) in [(&broken[..], 400), (&control[..], 422)] {
                for value in values {
                    let reply = ask(format!("{name}={value}")).await?;
                    ensure!(
                        reply.status == status && fields(&reply) == [*name],
                        "{path}?{name}={value}: {reply:?}"
                    );
                }
            }
            if *name == "q" {
                // Nobody types line breaks into a search.
                for (what, text) in HOSTILE
                    .iter()
                    .filter(|(_, text)| !text.chars().any(char::is_control))
                {
                    let reply = ask(format!("q={}", percent(text))).await?;
                    ensure!(
                        reply.status == 200,
                        "{path}: a search for {what}: {reply:?}"
                    );
                }
                let reply = ask(format!("q={}", percent(&"长".repeat(1000)))).await?;
                ensure!(
                    reply.status == 422 && fields(&reply) == ["q"],
                    "{path}: a long search: {reply:?}"
                );
            }
        }
        for query in [
            "&&&",
            "=",
            "a",
            "no_such_parameter=1",
            "limit=1&limit=2",
            "%E9%84%9E=1",
            &format!("x={long}"),
        ] {
            ask(query.to_owned()).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_and_secrets() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let case = driver.in_state(State::Assigned, false).await?;
    let path = format!("/api/cases/{}", case.number);
    let secret = format!("canary-{}", unique());
    let long = format!("{secret}{}", "x".repeat(6000));
    for (name, value) in [
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("Bearer {long}")),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", format!("Basic {secret}")),
        ("authorization", secret.clone()),
        ("query-code", secret.clone()),
        ("query-code", long.clone()),
        ("query-code", String::new()),
        (
            "accept-language",
            format!("{secret};q=x,*;q=9,zh-CN-{}", "x".repeat(3000)),
        ),
        ("x-request-id", format!("{secret} with spaces")),
        ("if-none-match", "\"".repeat(4000)),
        ("range", "bytes=-1,999-0".to_owned()),
        ("spin-client-addr", "'; DROP TABLE cases".to_owned()),
    ] {
        let headers = [
            (name, value.clone()),
            ("content-type", "application/json".to_owned()),
        ];
        let desk = format!("/api/desk/cases/{}", case.number);
        for (method, path) in [
            (Method::GET, desk),
            (Method::GET, path.clone()),
            (Method::POST, format!("{path}/withdrawal")),
        ] {
            let body = (method == Method::POST).then(|| b"{}".to_vec());
            let reply = platform
                .send(Caller::Anyone, method.clone(), &path, &headers, body)
                .await?;
            let what = format!("{method} {path} with {name}: {value:.60}");
            is_problem(&reply, &[401, 404], &what)?;
            let headers: String = reply.headers.values().map(String::as_str).collect();
            ensure!(
                !reply.text.contains(&secret) && !headers.contains(&secret),
                "{what} comes back: {reply:?}"
            );
        }
    }
    for (name, value) in [
        ("x-api-key", secret.as_str()),
        ("x-api-key", ""),
        ("x-api-key", &long),
    ] {
        let headers = [
            (name, value.to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let body = driver.household(false).to_string().into_bytes();
        let reply = platform
            .send(
                Caller::Anyone,
                Method::POST,
                "/api/cases",
                &headers,
                Some(body),
            )
            .await?;
        is_problem(&reply, &[401], &format!("POST /api/cases with {name}"))?;
        ensure!(
            !reply.text.contains(&secret),
            "the key comes back: {reply:?}"
        );
    }
    for key in ["", " ", "a b", &"x".repeat(256)] {
        let headers = [
            ("idempotency-key", key.to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let body = driver.household(false).to_string().into_bytes();
        let reply = platform
            .send(
                Caller::Channel,
                Method::POST,
                "/api/cases",
                &headers,
                Some(body),
            )
            .await?;
        is_problem(&reply, &[422], &format!("the idempotency key {key:?}"))?;
        ensure!(fields(&reply) == ["Idempotency-Key"], "{reply:?}");
    }
    // A wrong password, and a contact that does not pass, stay with the one who sent them.
    let login = json!({ "account": driver.officer.account, "password": secret });
    let reply = platform
        .post(Caller::Anyone, "/api/session", &login)
        .await?;
    is_problem(&reply, &[401], "a wrong password")?;
    ensure!(
        !reply.text.contains(&secret),
        "the password comes back: {reply:?}"
    );
    let mut message = driver.household(false);
    message["contact"]["phone"] = json!(secret);
    let reply = platform
        .post(Caller::Channel, "/api/cases", &message)
        .await?;
    is_problem(&reply, &[422], "a contact that is none")?;
    ensure!(
        fields(&reply).iter().all(|field| field == "contact.phone")
            && !reply.text.contains(&secret),
        "{reply:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_hardly_http() -> Result<()> {
    let platform = Platform::connect().await?;
    let address = platform.url().trim_start_matches("http://").to_owned();
    let long = "a".repeat(100_000);
    let post = |headers: &str, body: &[u8]| {
        let mut bytes = format!("POST /api/cases HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}\r\n").into_bytes();
        bytes.extend_from_slice(body);
        bytes
    };
    let get = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n")
            .into_bytes()
    };
    let mut chunks = Vec::new();
    for _ in 0..40 {
        chunks.extend_from_slice(b"100000\r\n");
        chunks.extend_from_slice(&vec![b' '; 1 << 20]);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("a body that is announced too large", post("content-length: 41943040\r\n", b"{"), &[413]),
        ("an endless body in chunks", post("transfer-encoding: chunked\r\n", &chunks), &[413]),
        ("a broken chunk", post("transfer-encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), &[400]),
        ("a negative length", post("content-length: -1\r\n", b""), &[400]),
        ("two lengths", post("content-length: 2\r\ncontent-length: 3\r\n", b"{}"), &[400]),
        ("length and chunks", post("content-length: 2\r\ntransfer-encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"), &[400, 401, 422]),
        ("a header that is no UTF-8", {
            let mut bytes = get("/api/publications", "");
            let end = bytes.len() - 2;
            bytes.splice(end..end, b"accept-language: \xff\xfe\r\nauthorization: Bearer \xff\r\nquery-code: \xe9\x84\x9e\r\n".iter().copied());
            bytes
        }, &[200, 400, 401]),
        ("a NUL in a header", get("/api/publications", "accept-language: a\0b\r\n"), &[400]),
        ("a target that is no UTF-8", {
            let mut bytes = b"GET /api/cases/\xff\xfe HTTP/1.1\r\nhost: ".to_vec();
            bytes.extend_from_slice(address.as_bytes());
            bytes.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
            bytes
        }, &[400, 404]),
        ("a target with a space", get("/api/ca ses", ""), &[400]),
        ("a very long target", get(&format!("/api/cases/{long}"), ""), &[400, 404, 414, 431]),
        ("a very long query", get(&format!("/api/publications?q={long}"), ""), &[400, 414, 422, 431]),
        ("a very long header", get("/api/publications", &format!("accept-language: {long}\r\n")), &[200, 400, 431]),
        ("very many headers", get("/api/publications", &"x-a: b\r\n".repeat(2000)), &[400, 431]),
        ("no host", b"GET /api/publications HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec(), &[200, 400]),
        ("two hosts", get("/api/publications", "host: elsewhere\r\n"), &[200, 400]),
        ("the host of a private route", b"POST /jobs HTTP/1.1\r\nhost: classify.spin.internal\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(), &[400, 404]),
        ("a private route", format!("POST /jobs HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").into_bytes(), &[404]),
        ("no HTTP", b"hello\r\n\r\n".to_vec(), &[400]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), &[400]),
    ];
    for (what, bytes, statuses) in cases {
        match raw(&address, &bytes)
            .await
            .with_context(|| what.to_owned())?
        {
            Some(status) => ensure!(
                statuses.contains(&status),
                "{what}: expected {statuses:?}, got {status}"
            ),
            // Who does not speak HTTP at all may be hung up on.
            None => ensure!(
                statuses.contains(&400) || statuses.contains(&413),
                "{what}: there was no answer"
            ),
        }
    }
    platform
        .get(Caller::Anyone, "/api/publications")
        .await?
        .expect(200)?;
    Ok(())
}

/// Sends bytes and returns the status of the answer; none when the connection ends without one.
async fn raw(address: &str, bytes: &[u8]) -> Result<Option<u16>> {
    let stream = TcpStream::connect(address).await?;
    let (mut reader, mut writer) = stream.into_split();
    let bytes = bytes.to_vec();
    // The answer may come before all of it is sent, and then the rest finds nobody.
    let sending = tokio::spawn(async move {
        let _ = writer.write_all(&bytes).await;
        writer
    });
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    let reading = async {
        while answer.len() < 16 {
            match reader.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => answer.extend_from_slice(&buffer[..count]),
            }
        }
    };
    if tokio::time::timeout(std::time::Duration::from_secs(40), reading)
        .await
        .is_err()
    {
        bail!("nothing came for 40 s");
    }
    sending.abort();
    let text = String::from_utf8_lossy(&answer);
    Ok(text
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|status| status.parse().ok()))
}

#[tokio::test]
async fn the_examples_of_the_table_are_right() -> Result<()> {
    let platform = Platform::connect().await?;
    let driver = Driver::new(&platform).await?;
    let other = driver.in_state(State::Received, false).await?;
    for endpoint in endpoints::all() {
        if endpoint.action == Some(Action::Publish) || endpoint.path.contains("dead-letters/") {
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

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

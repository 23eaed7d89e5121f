//! A request as the functions work with it, and their answers.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use case::time::Timestamp;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use spin_sdk::http::{Request, Response};

use crate::language::Language;
use crate::problem::{FieldError, Problem};

/// The longest body that a function reads unless it says otherwise, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// The header in which a component that calls another on somebody's behalf
/// says that one's address. It counts only in a call from inside: an outside
/// client has an address of its own, and which component may call which stands
/// in the manifest.
pub const CLIENT_ADDRESS: &str = "client-address";

/// What hosts give as the address of a component that calls another one. No
/// connection over a network comes from this address and port.
const INSIDE: &str = "0.0.0.0:0";

/// A request, read whole.
pub struct Context {
    /// Name of the stage or function that serves it.
    pub stage: &'static str,
    /// The method.
    pub method: Method,
    /// The segments of the path, percent-decoded.
    pub path: Vec<String>,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Id of the request, the same through all stages.
    pub request: String,
    /// The language of texts for the caller.
    pub language: Language,
    /// When the request came: the only look at the clock.
    pub now: Timestamp,
}

/// An answer, whole.
pub type Answer = Response<Full<Bytes>>;

/// A successful answer of a function.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(header::HeaderName, String)>,
    body: Bytes,
}

impl Reply {
    /// JSON with a status.
    pub fn json(status: StatusCode, body: &Json) -> Reply {
        Reply::bytes(status, "application/json; charset=utf-8", body.to_string())
            .header(header::CACHE_CONTROL, "no-store")
    }

    /// 200 with JSON that nobody but the caller may keep.
    pub fn ok(body: &Json) -> Reply {
        Reply::json(StatusCode::OK, body)
    }

    /// Anything with a media type.
    pub fn bytes(status: StatusCode, media_type: &str, body: impl Into<Bytes>) -> Reply {
        Reply {
            status,
            headers: vec![(header::CONTENT_TYPE, media_type.to_owned())],
            body: body.into(),
        }
    }

    /// Nothing but a status, such as 204 or 304.
    pub fn empty(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// Adds a header beside others of the same name, such as a second cookie.
    pub fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets a header, replacing one of the same name.
    pub fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Reply {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Makes it a public answer with an entity tag of its content: 304 where
    /// the caller has it already.
    pub fn cacheable(self, context: &Context, seconds: u32) -> Reply {
        self.tagged(context)
            .header(header::CACHE_CONTROL, format!("public, max-age={seconds}"))
            .header(header::VARY, "Accept-Language, Query-Code")
    }

    /// Makes it an answer that only its caller may keep, and asks about again
    /// each time: 304 where it is still the same.
    pub fn revalidated(self, context: &Context) -> Reply {
        self.tagged(context)
            .header(header::CACHE_CONTROL, "private, no-cache")
            .header(header::VARY, "Authorization, Cookie")
    }

    /// With an entity tag of the content; without the content where the caller has it.
    fn tagged(self, context: &Context) -> Reply {
        let tag = format!("\"{}\"", seal::hex(&seal::digest(&[&self.body])[..16]));
        let known = context.header("if-none-match").is_some_and(|tags| {
            tags.split(',')
                .any(|other| other.trim().trim_start_matches("W/") == tag)
        });
        let reply = if known {
            Reply::empty(StatusCode::NOT_MODIFIED)
        } else {
            self
        };
        reply.header(header::ETAG, tag)
    }
}

/// Serves one request: reads it, lets `handle` answer, and turns problems
/// into problem details. `limit` is the longest body in bytes.
pub async fn serve(
    stage: &'static str,
    limit: usize,
    request: Request,
    handle: impl AsyncFnOnce(&Context) -> Result<Reply, Problem>,
) -> Answer {
    serve_as(stage, limit, request, handle, Context::refuse).await
}

/// Like [`serve`], for a function whose problems are not JSON: `refuse` makes
/// the answer for a problem, also for a request that cannot be read.
pub async fn serve_as(
    stage: &'static str,
    limit: usize,
    request: Request,
    handle: impl AsyncFnOnce(&Context) -> Result<Reply, Problem>,
    refuse: impl FnOnce(&Context, &Problem) -> Reply,
) -> Answer {
    let (mut context, uri, body) = Context::of(stage, request);
    let result = match context.read(&uri, body, limit).await {
        Ok(()) => handle(&context).await,
        Err(problem) => Err(problem),
    };
    let reply = result.unwrap_or_else(|problem| refuse(&context, &problem));
    finish(&context, reply)
}

/// Like [`serve`], for a function that decides by the head of a request
/// whether it reads the body at all: `handle` gets the body as it comes, and
/// reads it with [`Context::read_body`] or frame by frame.
pub async fn serve_unread<B>(
    stage: &'static str,
    limit: usize,
    request: http::Request<B>,
    handle: impl AsyncFnOnce(&mut Context, B) -> Result<Reply, Problem>,
) -> Answer {
    let (mut context, uri, body) = Context::of(stage, request);
    let result = match context.read_head(&uri, limit) {
        Ok(()) => handle(&mut context, body).await,
        Err(problem) => Err(problem),
    };
    let reply = result.unwrap_or_else(|problem| context.refuse(&problem));
    finish(&context, reply)
}

fn finish(context: &Context, reply: Reply) -> Answer {
    let mut builder = http::Response::builder()
        .status(reply.status)
        .header("x-request-id", &context.request)
        .header("x-content-type-options", "nosniff");
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        // A page says for itself what it may load.
        if reply.headers.iter().all(|(other, _)| *other != name) {
            builder = builder.header(name, value);
        }
    }
    for (name, value) in &reply.headers {
        builder = builder.header(name, value);
    }
    if reply.status != StatusCode::NOT_MODIFIED && reply.status != StatusCode::NO_CONTENT {
        // The whole body with its length at once leaves in one packet.
        builder = builder.header(header::CONTENT_LENGTH, reply.body.len());
    }
    builder.body(Full::new(reply.body)).unwrap_or_else(|_| {
        let mut response = http::Response::new(Full::new(Bytes::new()));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

impl Context {
    /// What is known of a request before anything of it is looked at.
    fn of<B>(stage: &'static str, request: http::Request<B>) -> (Context, http::Uri, B) {
        let (parts, body) = request.into_parts();
        let context = Context {
            stage,
            method: parts.method,
            path: Vec::new(),
            query: Vec::new(),
            body: Bytes::new(),
            request: request_id(&parts.headers),
            language: Language::of_header(text(&parts.headers, "accept-language")),
            now: now(),
            headers: parts.headers,
        };
        (context, parts.uri, body)
    }

    async fn read<B>(&mut self, uri: &http::Uri, body: B, limit: usize) -> Result<(), Problem>
    where
        B: http_body_util::BodyExt<Data = Bytes> + Unpin,
        B::Error: std::fmt::Debug + Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.read_head(uri, limit)?;
        if self.method == Method::GET || self.method == Method::HEAD {
            return Ok(());
        }
        self.read_body(body, limit).await
    }

    fn read_head(&mut self, uri: &http::Uri, limit: usize) -> Result<(), Problem> {
        self.path = uri
            .path()
            .split('/')
            .skip(1)
            .map(|segment| decode(segment, false).filter(|text| !has_control(text)))
            .collect::<Option<_>>()
            .ok_or_else(|| Problem::bad_request("bad-path"))?;
        self.query = read_query(uri.query().unwrap_or_default())?;
        let announced = self
            .header("content-length")
            .and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large"));
        }
        Ok(())
    }

    /// Reads a body of at most `limit` bytes into [`Context::body`].
    pub async fn read_body<B>(&mut self, body: B, limit: usize) -> Result<(), Problem>
    where
        B: http_body_util::BodyExt<Data = Bytes> + Unpin,
        B::Error: std::fmt::Debug + Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.body = Limited::new(body, limit)
            .collect()
            .await
            .map_err(|error| {
                if error
                    .downcast_ref::<http_body_util::LengthLimitError>()
                    .is_some()
                {
                    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large")
                } else {
                    Problem::bad_request("incomplete")
                }
            })?
            .to_bytes();
        Ok(())
    }

    /// The header `name`, if it is there and plain text.
    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// The first parameter `name` of the query; an empty one is none.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The parameter `name` as a number from 1 to `max`, or `default`.
    pub fn limit_parameter(&self, name: &str, default: u32, max: u32) -> Result<u32, Problem> {
        match self.parameter(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (1..=max).contains(number))
                .ok_or_else(|| Problem::invalid(name, "range")),
        }
    }

    /// The path as `match` likes it.
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The secret that a `Bearer` authorization carries.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, secret) = self.header("authorization")?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| secret.trim())
            .filter(|secret| !secret.is_empty())
    }

    /// The address of the client, without the port: as the host saw it, or,
    /// where another component calls, as that one saw it and says in
    /// [`CLIENT_ADDRESS`].
    pub fn client(&self) -> &str {
        let seen = last(&self.headers, "spin-client-addr").unwrap_or_default();
        if seen == INSIDE
            && let Some(address) = self.header(CLIENT_ADDRESS)
        {
            return address;
        }
        seen.rsplit_once(':').map_or(seen, |(host, _)| host)
    }

    /// The body as JSON. Unknown and wrong fields are named.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let media_type = self.header("content-type").unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
            ));
        }
        // serde takes an array of the right length for an object.
        if self.body.trim_ascii_start().starts_with(b"[") && self.is_json() {
            return Err(Problem::invalid(".", "wrong-type"));
        }
        let mut deserializer = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            // Where a name of a set is expected, anything but a string passes for broken JSON.
            let readable = error.inner().is_data() || self.is_json();
            if readable {
                of_json(path, error.inner())
            } else {
                Problem::bad_request("bad-json")
            }
        })?;
        deserializer
            .end()
            .map_err(|_| Problem::bad_request("bad-json"))?;
        Ok(value)
    }

    /// Like [`Context::json`], but an empty body is the default.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() {
            Ok(T::default())
        } else {
            self.json()
        }
    }

    /// Whether the body is JSON at all.
    fn is_json(&self) -> bool {
        std::str::from_utf8(&self.body)
            .is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
    }

    fn refuse(&self, problem: &Problem) -> Reply {
        if let Some(internal) = &problem.internal {
            self.log("error", &json!({ "code": problem.code, "error": internal }));
        }
        let body = problem.body(self.language, &self.request).to_string();
        let mut reply = Reply::bytes(
            problem.status,
            "application/problem+json; charset=utf-8",
            body,
        )
        .header(header::CACHE_CONTROL, "no-store");
        if let Some(seconds) = problem.retry_after {
            reply = reply.header(header::RETRY_AFTER, seconds.to_string());
        }
        if let Some(methods) = problem.allowed {
            reply = reply.header(header::ALLOW, methods);
        }
        if problem.status == StatusCode::UNAUTHORIZED {
            reply = reply.header(header::WWW_AUTHENTICATE, "Bearer");
        }
        reply
    }

    /// Writes one structured line to the log. Never give it personal data.
    pub fn log(&self, level: &str, fields: &Json) {
        let mut line = json!({ "level": level, "stage": self.stage, "request": self.request });
        if let (Some(line), Some(fields)) = (line.as_object_mut(), fields.as_object()) {
            line.extend(fields.clone());
        }
        eprintln!("{line}");
    }

    /// 405 that names the methods allowed, as the header `Allow` has them.
    pub fn method_not_allowed(&self, allowed: &'static str) -> Problem {
        Problem {
            allowed: Some(allowed),
            ..Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method")
        }
    }
}

fn of_json(path: String, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    // serde names the field between backticks and has no other way of telling.
    let named = text.split('`').nth(1).unwrap_or_default();
    let join = |name: &str| {
        if path.is_empty() || path == "." {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let (field, code) = if text.starts_with("missing field") {
        (join(named), "required")
    } else if text.starts_with("unknown field") {
        // The path already ends with the unknown field.
        (
            if path == "." {
                named.to_owned()
            } else {
                path.clone()
            },
            "unknown-field",
        )
    } else if text.starts_with("unknown variant") {
        (path.clone(), "unknown-value")
    } else {
        (path.clone(), "wrong-type")
    };
    Problem::invalid(shown(&field), code)
}

/// A name that the client wrote, as it may come back: it may be anything.
fn shown(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(100)
        .collect()
}

/// The parameters of a query. Values may hold control characters: whoever reads one says what is wrong with it.
fn read_query(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let mut parameters = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let bad = || Problem::bad_request("bad-query");
        let name = decode(name, true)
            .filter(|name| !has_control(name))
            .ok_or_else(bad)?;
        let value = decode(value, true).ok_or_else(|| Problem {
            errors: vec![FieldError {
                field: shown(&name),
                code: "encoding",
                limit: None,
            }],
            ..bad()
        })?;
        parameters.push((name, value));
    }
    Ok(parameters)
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The last value of `name`: a host that adds its own value to what the client
/// sent adds it at the end.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(name).iter().next_back()?.to_str().ok()
}

fn request_id(headers: &HeaderMap) -> String {
    match text(headers, "x-request-id") {
        Some(id) if is_request_id(id) => id.to_owned(),
        _ => seal::random::<8>().map_or_else(|_| "unknown".to_owned(), |bytes| seal::hex(&bytes)),
    }
}

/// The same as the runner's: where it kept another id, the header would name one and the problem the other.
fn is_request_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The present instant.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// Percent-decodes; `plus` reads `+` as a space. None where it is not UTF-8
/// or an escape is broken.
fn decode(text: &str, plus: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                (high * 16 + low) as u8
            }
            b'+' if plus => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_decoding_refuses_what_is_not_text() {
        assert_eq!(decode("%E9%84%9E+a", true).as_deref(), Some("鄞 a"));
        assert_eq!(decode("a+b", false).as_deref(), Some("a+b"));
        for bad in ["%", "%1", "%zz", "%ff"] {
            assert_eq!(decode(bad, true), None, "{bad}");
        }
    }

    #[test]
    fn a_query_that_cannot_be_read_names_the_parameter() {
        let read = read_query("a=1&&b&c=x%20y+z").ok();
        let pairs = [("a", "1"), ("b", ""), ("c", "x y z")];
        assert_eq!(
            read,
            Some(
                pairs
                    .map(|(name, value)| (name.into(), value.into()))
                    .into()
            )
        );
        for (query, field) in [
            ("q=%zz", Some("q")),
            ("limit=1&q=%ff", Some("q")),
            ("%zz=1", None),
            ("%0a=1", None),
        ] {
            let problem = read_query(query).err();
            let found = problem.as_ref().map(|problem| {
                let field = problem.errors.first().map(|error| error.field.as_str());
                (problem.status.as_u16(), field)
            });
            assert_eq!(found, Some((400, field)), "{query}");
        }
    }

    fn from(addresses: &[&'static str], said: Option<&'static str>) -> String {
        let mut headers = HeaderMap::new();
        for address in addresses {
            headers.append("spin-client-addr", http::HeaderValue::from_static(address));
        }
        if let Some(said) = said {
            headers.insert(CLIENT_ADDRESS, http::HeaderValue::from_static(said));
        }
        let context = Context {
            stage: "test",
            method: Method::GET,
            path: Vec::new(),
            query: Vec::new(),
            headers,
            body: Bytes::new(),
            request: String::new(),
            language: Language::Chinese,
            now: Timestamp(0),
        };
        context.client().to_owned()
    }

    #[test]
    fn only_a_call_from_inside_speaks_for_somebody_else() {
        assert_eq!(from(&["0.0.0.0:0"], Some("192.0.2.7")), "192.0.2.7");
        assert_eq!(from(&["0.0.0.0:0"], None), "0.0.0.0");
        assert_eq!(
            from(&["198.51.100.1:4711"], Some("192.0.2.7")),
            "198.51.100.1"
        );
        assert_eq!(from(&["[2001:db8::1]:4711"], None), "[2001:db8::1]");
        // What the client forges stands before what the host adds.
        let forged = from(&["0.0.0.0:0", "198.51.100.1:4711"], Some("192.0.2.7"));
        assert_eq!(forged, "198.51.100.1");
    }

    #[test]
    fn request_ids_are_plain() {
        assert!(is_request_id("0123abcd"));
        assert!(is_request_id("a-1_2.3"));
        for bad in ["", "has space here", "line\nbreak1", &"x".repeat(65)] {
            assert!(!is_request_id(bad), "{bad:?}");
        }
    }
}

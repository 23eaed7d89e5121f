//! The functions that the portal asks, through the same interface as any
//! other client: rights, checks and limits are decided there.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use spin_sdk::http::{FullBody, send};
use web::context::CLIENT_ADDRESS;
use web::identity::QUERY_CODE;
use web::language::Language;
use web::{Context, Problem, Reply};

use crate::data::District;

/// Milliseconds for which an instance believes what it knows of the district.
const KNOWN: i64 = 60_000;

/// What went wrong, as a page says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Failure {
    /// HTTP status.
    pub status: u16,
    /// URN of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in the reader's language.
    pub title: String,
    /// What to do about it.
    pub detail: String,
    /// What is wrong with which field.
    pub errors: Vec<FieldFailure>,
    /// The methods that the address has.
    #[serde(skip)]
    pub allowed: Option<&'static str>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// What an identity provider calls somebody whom no account is linked with.
    pub subject: Option<String>,
    /// Id of the request, to quote on the telephone.
    pub request: String,
}

/// What is wrong with one field.
#[derive(Debug, Deserialize)]
pub struct FieldFailure {
    /// Path of the field in the interface, such as `contact.phone`.
    pub field: String,
    /// What is wrong, in the reader's language.
    pub detail: String,
}

impl Failure {
    /// The same as a problem of this function's own.
    pub fn of(problem: &Problem, language: Language, request: &str) -> Failure {
        serde_json::from_value(problem.body(language, request)).unwrap_or_default()
    }

    /// The last part of the kind, such as `not-found`.
    pub fn code(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or_default()
    }

    /// What is wrong with `field`; nothing where it is right.
    pub fn field(&self, field: &str) -> &str {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map_or("", |error| &error.detail)
    }

    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.status == 404
    }
}

/// An answer of another function, read whole.
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The file of the answer, for whoever may see it and for no cache.
    pub fn private_file(self) -> Reply {
        let text = |name: header::HeaderName| {
            let value = self.headers.get(name);
            let text = value.and_then(|value| value.to_str().ok());
            text.unwrap_or_default().to_owned()
        };
        let disposition = text(header::CONTENT_DISPOSITION);
        Reply::bytes(self.status, &text(header::CONTENT_TYPE), self.body)
            .header(header::CONTENT_DISPOSITION, disposition)
            .header(header::CACHE_CONTROL, "private, no-store")
    }
}

/// Asks on behalf of one request, in the language of its reader.
#[derive(Clone, Copy)]
pub struct Api<'a> {
    /// The reader's request.
    pub context: &'a Context,
    /// The reader's language.
    pub language: Language,
    /// The token of the session on whose behalf it asks; none for citizens.
    pub token: Option<&'a str>,
}

thread_local! {
    static DISTRICT: RefCell<Option<(i64, Rc<District>)>> = const { RefCell::new(None) };
}

impl Api<'_> {
    /// A problem of the pages' own, in the reader's language.
    pub fn failure_of(&self, problem: &Problem) -> Failure {
        Failure::of(problem, self.language, &self.context.request)
    }

    /// A problem of the pages' own with texts of the pages' own.
    pub fn failure_with(&self, status: StatusCode, title: &str, detail: &str) -> Failure {
        Failure {
            title: title.to_owned(),
            detail: detail.to_owned(),
            ..self.failure_of(&Problem::new(status, "bad-query"))
        }
    }

    /// GET of JSON at `path` of `function`.
    pub async fn get<T: DeserializeOwned>(&self, function: &str, path: &str) -> Result<T, Failure> {
        let answer = self
            .call(function, Method::GET, path, &[], Bytes::new())
            .await?;
        self.read(&answer)
    }

    /// GET of the citizen's own page of case `number`.
    pub async fn own<T: DeserializeOwned>(&self, number: &str, code: &str) -> Result<T, Failure> {
        let path = format!("/api/cases/{number}");
        let headers = [(QUERY_CODE, code)];
        let answer = self
            .call("publish", Method::GET, &path, &headers, Bytes::new())
            .await?;
        self.read(&answer)
    }

    /// POST of JSON.
    pub async fn post(
        &self,
        function: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Json,
    ) -> Result<Json, Failure> {
        let answer = self
            .call(
                function,
                Method::POST,
                path,
                headers,
                body.to_string().into(),
            )
            .await?;
        if answer.body.is_empty() {
            return Ok(Json::Null);
        }
        self.read(&answer)
    }

    /// What there is to know of the district.
    pub async fn district(&self) -> Result<Rc<District>, Failure> {
        let now = self.context.now.0;
        let known = DISTRICT.with_borrow(|known| {
            known
                .as_ref()
                .filter(|(at, _)| now - at < KNOWN)
                .map(|(_, district)| district.clone())
        });
        if let Some(district) = known {
            return Ok(district);
        }
        let district: Rc<District> = Rc::new(self.get("publish", "/api/district").await?);
        DISTRICT.set(Some((now, district.clone())));
        Ok(district)
    }

    /// Any call; an answer that is no success is a failure.
    pub async fn call(
        &self,
        function: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let mut builder = http::Request::builder()
            .method(method.clone())
            .uri(format!("http://{function}.spin.internal{path}"))
            .header("accept-language", self.language.tag())
            .header("x-request-id", &self.context.request)
            .header(CLIENT_ADDRESS, self.context.client());
        if let Some(token) = self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        if method != Method::GET {
            builder = builder.header("content-type", "application/json");
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let request = builder
            .body(FullBody::new(body))
            .map_err(|error| self.broken(function, &error.to_string()))?;
        let response = send(request)
            .await
            .map_err(|error| self.broken(function, &format!("{error:?}")))?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| self.broken(function, &format!("{error:?}")))?
            .to_bytes();
        if !parts.status.is_success() {
            return Err(self.failure(function, parts.status, &body));
        }
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Failure> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            let problem = Problem::internal(error.to_string());
            self.note("an answer", &error.to_string());
            self.failure_of(&problem)
        })
    }

    fn failure(&self, function: &str, status: StatusCode, body: &[u8]) -> Failure {
        match serde_json::from_slice::<Failure>(body) {
            Ok(failure) if !failure.title.is_empty() => Failure {
                status: status.as_u16(),
                ..failure
            },
            _ => self.broken(function, status.as_str()),
        }
    }

    /// The function cannot be reached, or gives no answer of ours.
    fn broken(&self, function: &str, internal: &str) -> Failure {
        self.note(function, internal);
        let problem = Problem {
            retry_after: Some(5),
            ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        };
        self.failure_of(&problem)
    }

    fn note(&self, what: &str, error: &str) {
        self.context.log(
            "error",
            &serde_json::json!({ "event": "call", "function": what, "error": error }),
        );
    }
}

//! The platform's HTTP interface, from outside.

use anyhow::{Context, Result, bail};
use http::{Method, StatusCode};
use reqwest::Response;
use serde_json::Value as Json;
use std::time::Duration;

/// How often a request that did not get through is sent again.
const ATTEMPTS: u32 = 8;

/// How long one request may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The longest wait that is taken for a "too many requests".
const LONGEST_WAIT: u64 = 60;

/// A platform at an address.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
}

/// Who makes a request.
#[derive(Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// Nobody in particular.
    Anyone,
    /// The citizen with the query code of the case.
    Citizen(&'a str),
    /// Staff with the token of a session.
    Staff(&'a str),
    /// The adapter of a channel with its key, and the idempotency key of the message.
    Channel(&'a str, &'a str),
}

/// An answer that was not a success.
#[derive(Debug, thiserror::Error)]
#[error("{method} {path}: {status} {code}")]
pub(crate) struct Refused {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: StatusCode,
    /// The last part of the problem's type.
    pub(crate) code: String,
}

impl Client {
    pub(crate) fn new(url: &str) -> Result<Client> {
        let http = reqwest::Client::builder()
            .timeout(TIME_LIMIT)
            .tcp_nodelay(true)
            .build()?;
        Ok(Client {
            http,
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// GET of JSON.
    pub(crate) async fn get(&self, caller: Caller<'_>, path: &str) -> Result<Json> {
        self.send(caller, Method::GET, path, None).await
    }

    /// POST of JSON.
    pub(crate) async fn post(&self, caller: Caller<'_>, path: &str, body: &Json) -> Result<Json> {
        self.send(caller, Method::POST, path, Some(body)).await
    }

    /// A session of staff.
    pub(crate) async fn sign_in(&self, account: &str, password: &str) -> Result<String> {
        let body = serde_json::json!({ "account": account, "password": password });
        let session = self
            .post(Caller::Anyone, "/api/session", &body)
            .await
            .with_context(|| format!("signing in as {account}"))?;
        session["token"]
            .as_str()
            .map(str::to_owned)
            .context("the session has no token")
    }

    /// Sends a request until it gets through: again after a failed connection, a 429 or a 503, and each time longer.
    ///
    /// A step that got through although its answer was lost is refused the second time, with 409; the caller looks
    /// where the case stands.
    async fn send(
        &self,
        caller: Caller<'_>,
        method: Method,
        path: &str,
        body: Option<&Json>,
    ) -> Result<Json> {
        let mut pause = Duration::from_millis(50);
        for attempt in 1.. {
            let mut request = self
                .http
                .request(method.clone(), format!("{}{path}", self.url));
            request = match caller {
                Caller::Anyone => request,
                Caller::Citizen(code) => request.header("query-code", code),
                Caller::Staff(token) => request.bearer_auth(token),
                Caller::Channel(key, message) => request
                    .header("x-api-key", key)
                    .header("idempotency-key", message),
            };
            if let Some(body) = body {
                request = request.json(body);
            }
            match request.send().await {
                Ok(response) if response.status().is_success() => return json(response).await,
                Ok(response) if attempt < ATTEMPTS && again(response.status()) => {
                    let seconds = response
                        .headers()
                        .get("retry-after")
                        .and_then(|value| value.to_str().ok()?.parse().ok());
                    let wait = seconds.map_or(pause, |seconds: u64| {
                        Duration::from_secs(seconds.min(LONGEST_WAIT))
                    });
                    tokio::time::sleep(wait).await;
                }
                Ok(response) => return Err(refused(method, path, response).await.into()),
                Err(error) if attempt < ATTEMPTS && !error.is_builder() => {
                    tracing::debug!(%error, path, "again");
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(error).with_context(|| format!("{method} {path}")),
            }
            pause *= 2;
        }
        bail!("{method} {path} did not get through")
    }
}

fn again(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

async fn json(response: Response) -> Result<Json> {
    let bytes = response.bytes().await?;
    if bytes.is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_slice(&bytes).context("the answer is not JSON")
}

async fn refused(method: Method, path: &str, response: Response) -> Refused {
    let status = response.status();
    let body = json(response).await.unwrap_or_default();
    let kind = body["type"].as_str().unwrap_or_default();
    Refused {
        method,
        path: path.to_owned(),
        status,
        code: kind
            .rsplit([':', '/'])
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// Whether `error` is an answer with that status.
pub(crate) fn is_status(error: &anyhow::Error, status: StatusCode) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.status == status)
}

//! The registry of a platform that is somewhere else: the same orders over HTTP, signed here.

use super::gate::Passed;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use case::time::{Offset, Timestamp};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use publishing::order::{Change, Order};
use publishing::signature::{self, Reading, Secret};
use publishing::situation::Situation;
use publishing::wire::{self, Name, Ordered, StandingView, View};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};

/// How long an answer may take; a large component has to be sent before it.
const TIME_LIMIT: Duration = Duration::from_secs(120);
/// The longest answer, in bytes.
const ANSWER: usize = 64 << 20;
/// How often the verdict is asked for.
const LOOK: Duration = Duration::from_millis(300);
/// After so long the waiting is explained.
const PATIENCE: Duration = Duration::from_secs(10);
/// The problem of an order that has arrived before.
const DELIVERED: &str = "delivered-before";

/// A platform at an address.
pub(crate) struct Remote {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
}

/// What decides for departments.
#[derive(Deserialize)]
struct All {
    handlers: Vec<StandingView>,
}

/// A problem as RFC 9457 has it, as far as it is shown.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FieldError>,
}

#[derive(Deserialize)]
struct FieldError {
    field: String,
    detail: String,
}

/// An answer that was not a success.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Refused {
    code: String,
    text: String,
}

impl Remote {
    /// The platform at `url`, over HTTPS with the certificate authorities that Mozilla trusts, or over HTTP.
    pub(crate) fn new(url: &str) -> Result<Remote> {
        let uri: http::Uri = url.parse().context("--platform is no address")?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.query().is_some() {
            bail!("--platform is an address like https://wenzheng.example");
        }
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Remote {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// What decides for every department that ever published.
    pub(crate) async fn all(&self) -> Result<Vec<StandingView>> {
        let request = self.request(Method::GET, "/api/handlers");
        let all: All = self.send(request, Bytes::new()).await?;
        Ok(all.handlers)
    }

    /// The handler of a department: with a key as its publishers see it, else as everybody does.
    pub(crate) async fn view(&self, department: &str, secret: Option<&Secret>) -> Result<View> {
        let mut request = self.request(Method::GET, &path(department));
        if let Some(secret) = secret {
            let time = Timestamp(crate::prepare::now())
                .local(Offset::UTC)
                .to_string();
            let text = Reading {
                department,
                time: &time,
            }
            .text();
            request = signed(request, secret, &secret.sign(&text)).header(wire::TIME, time);
        }
        self.send(request, Bytes::new()).await
    }

    async fn situation(&self, department: &str, secret: &Secret) -> Result<Situation> {
        let view = self.view(department, Some(secret)).await?;
        view.situation()
            .context("the platform's answer is not one of this version")
    }

    /// Hands in what passed the gate here and waits until the platform has judged it; the number of the release and
    /// what followed, or none, with everything said, where it is not published.
    pub(crate) async fn publish(
        &self,
        secret: &Secret,
        passed: &Passed,
        share: i64,
        wait: Duration,
    ) -> Result<Option<(i64, Change)>> {
        let department = &passed.description.department;
        let key = secret.public();
        let situation = self.situation(department, secret).await?;
        let release = situation.next_release();
        let change = situation.change(&Order::Publish { release, share }, &key)?;
        let statement = situation.statement(&change, Some(&passed.sha256));
        let signature = secret.sign(&statement.text());
        let request = signed(
            self.request(Method::POST, &path(department)),
            secret,
            &signature,
        )
        .header(header::CONTENT_TYPE, wire::MEDIA_TYPE)
        .header(wire::REVISION, change.standing.revision)
        .header(wire::SHARE, share)
        .header(wire::DIGEST, wire::digest(&passed.sha256));
        let body = Bytes::from(passed.component.clone());
        let sent: Result<serde_json::Value> = self.send(request, body).await;
        match sent {
            Ok(_) => {}
            // Sent before, with an answer that was lost: its verdict is the one to wait for.
            Err(error) if is(&error, DELIVERED) => {}
            Err(error) => return Err(error),
        }
        eprintln!("\nHanded in; the platform tries it now.");
        let begin = Instant::now();
        let mut explained = false;
        loop {
            let view = self.view(department, Some(secret)).await?;
            let name = signature::show(&signature);
            let inside = view.publishers.context("the platform's answer")?;
            let delivery = inside
                .deliveries
                .into_iter()
                .find(|delivery| delivery.signature == name)
                .context("the platform no longer knows what was handed in")?;
            match delivery.verdict.as_str() {
                "published" | "proposed" => return Ok(Some((release, change))),
                wire::WAITING if begin.elapsed() < wait => {
                    if !explained && begin.elapsed() > PATIENCE {
                        explained = true;
                        eprintln!("{}", delivery.detail);
                    }
                    tokio::time::sleep(LOOK).await;
                }
                wire::WAITING => {
                    println!(
                        "\nNot published yet: {}\n  wenzheng handler history {department} --platform {} --key FILE",
                        delivery.detail, self.url
                    );
                    return Ok(None);
                }
                verdict => {
                    if let Some(report) = delivery.report.filter(|report| !report.is_empty()) {
                        println!("\nThe platform says:\n{}", report.trim_end());
                    }
                    println!("\nNot published, {verdict}: {}", delivery.detail);
                    return Ok(None);
                }
            }
        }
    }

    /// Has an order about what was published before carried out.
    pub(crate) async fn order(
        &self,
        secret: &Secret,
        department: &str,
        order: &Order,
    ) -> Result<Change> {
        let situation = self.situation(department, secret).await?;
        let change = situation.change(order, &secret.public())?;
        let signature = secret.sign(&situation.statement(&change, None).text());
        let (name, to, at) = match order {
            Order::Promote => (Name::Promote, None, None),
            Order::Rollback { to } => (Name::Rollback, *to, None),
            Order::Disable => (Name::Disable, None, None),
            Order::Endpoint(address) => (Name::Endpoint, None, Some(address.clone())),
            Order::Confirm => (Name::Confirm, None, None),
            Order::Publish { .. } | Order::Propose(_) => bail!("a release is handed in"),
        };
        let body = serde_json::to_vec(&Ordered {
            order: name,
            revision: change.standing.revision,
            to,
            at,
        })?;
        let request = signed(
            self.request(Method::POST, &format!("{}/order", path(department))),
            secret,
            &signature,
        )
        .header(header::CONTENT_TYPE, "application/json");
        self.send::<wire::Done>(request, body.into()).await?;
        Ok(change)
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::ACCEPT_LANGUAGE, "en")
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<T> {
        let request = request.body(Full::new(body)).context("the request")?;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let about = || format!("{method} {uri}");
        let exchange = async {
            let response = self.client.request(request).await.with_context(about)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER)
                .collect()
                .await
                .map_err(anyhow::Error::from_boxed)
                .with_context(about)?;
            anyhow::Ok((status, body.to_bytes()))
        };
        let (status, body) = tokio::time::timeout(TIME_LIMIT, exchange)
            .await
            .with_context(|| format!("{}: no answer in time", about()))??;
        if !status.is_success() {
            return Err(refused(status, &body).into());
        }
        serde_json::from_slice(&body)
            .with_context(|| format!("{}: the answer is not one of this version", about()))
    }
}

/// Where the handler of a department is.
fn path(department: &str) -> String {
    // What is no identifier could lead elsewhere.
    let safe: String = department
        .chars()
        .filter(|char| char.is_ascii_alphanumeric() || *char == '-')
        .collect();
    format!("/api/departments/{safe}/handler")
}

fn signed(
    request: http::request::Builder,
    secret: &Secret,
    signature: &[u8],
) -> http::request::Builder {
    request
        .header(wire::KEY, signature::show(&secret.public()))
        .header(wire::SIGNATURE, signature::show(signature))
}

fn is(error: &anyhow::Error, code: &str) -> bool {
    error
        .downcast_ref::<Refused>()
        .is_some_and(|refused| refused.code == code)
}

fn refused(status: StatusCode, body: &[u8]) -> Refused {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let mut text = match problem.title.as_str() {
        "" => format!("the platform answered {status}"),
        title => format!("{title}: {}", problem.detail),
    };
    for error in &problem.errors {
        text.push_str(&format!("\n  {} {}", error.field, error.detail));
    }
    Refused {
        code: problem
            .kind
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned(),
        text,
    }
}

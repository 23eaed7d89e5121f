//! From a request to the component that answers it.

use crate::app::{App, Slot};
use crate::body::{self, Arrival, Body};
use crate::metrics::{Metrics, RouteMetrics};
use crate::outbound;
use crate::pool::{Call, Failure};
use crate::problem;
use crate::request_id;
use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use manifest::{Manifest, RouteMatch, Router, Target, TriggerRoute};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The routes of an application.
pub(crate) struct Routes {
    router: Router,
    /// By the index of the trigger.
    entries: Vec<Entry>,
    /// For what no route is for.
    unmatched: RouteMetrics,
}

/// One trigger.
struct Entry {
    target: Destination,
    /// The route as the manifest has it.
    pattern: HeaderValue,
    /// The same without its wildcard.
    prefix: HeaderValue,
    metrics: RouteMetrics,
}

enum Destination {
    Component(Arc<Slot>),
    Static {
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    },
    /// What the manifest promises but cannot be served: checked when it is read, so it does not occur.
    Nothing,
}

/// How a request came to a component.
pub(crate) struct Reached<'a> {
    call: &'a Call,
    pattern: HeaderValue,
    prefix: HeaderValue,
    /// What of the path is behind the prefix.
    rest: &'a str,
    params: Vec<(&'a str, &'a str)>,
    client: Option<SocketAddr>,
}

impl<'a> Reached<'a> {
    /// From another component, or from the host itself.
    pub(crate) fn inside(call: &'a Call) -> Self {
        Self {
            call,
            pattern: HeaderValue::from_static("/..."),
            prefix: HeaderValue::from_static(""),
            rest: "",
            params: Vec::new(),
            client: None,
        }
    }
}

impl Routes {
    pub(crate) fn new(
        manifest: &Manifest,
        components: &HashMap<String, Arc<Slot>>,
        metrics: &Metrics,
    ) -> Self {
        let entries = manifest.triggers.iter().map(|trigger| {
            let (pattern, prefix) = match &trigger.route.value {
                TriggerRoute::Public(route) => (route.as_str(), route.prefix()),
                TriggerRoute::Private => ("", ""),
            };
            let (target, label) = match &trigger.target {
                Target::Component(id) => match components.get(&id.value) {
                    Some(slot) => (Destination::Component(slot.clone()), id.value.as_str()),
                    None => (Destination::Nothing, id.value.as_str()),
                },
                Target::Static(fixed) => (fixed_response(fixed), "static"),
            };
            Entry {
                target,
                metrics: metrics.route(label, pattern),
                pattern: value(pattern),
                prefix: value(prefix),
            }
        });
        Self {
            router: Router::of_triggers(&manifest.triggers),
            entries: entries.collect(),
            unmatched: metrics.route("host", "unmatched"),
        }
    }
}

fn fixed_response(fixed: &manifest::StaticResponse) -> Destination {
    let headers = fixed.headers.iter().filter_map(|(name, value)| {
        Some((
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value).ok()?,
        ))
    });
    Destination::Static {
        status: StatusCode::from_u16(fixed.status).unwrap_or(StatusCode::OK),
        headers: headers.collect(),
        body: fixed.body.clone().unwrap_or_default().into(),
    }
}

/// A header value of text that may hold anything: what cannot stand in a header becomes nothing.
fn value(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Answers a request that came over the network.
pub(crate) async fn outside(
    app: &Arc<App>,
    mut request: Request<Body>,
    client: SocketAddr,
) -> Response<Body> {
    let begin = Instant::now();
    let call = Call {
        request_id: request_id::of(request.headers()),
        hops: 0,
    };
    let method = request.method().clone();
    let uri = request.uri().clone();
    let wants_page = problem::wants_page(request.headers());
    let worded = |response| match wants_page {
        true => problem::as_page(response, &call.request_id),
        false => response,
    };
    strip(request.headers_mut());

    if let Some(response) = well_known(app, uri.path(), &call) {
        return identify(response, &call);
    }
    let found = app.routes.router.lookup(uri.path());
    let entry = found
        .as_ref()
        .and_then(|found| app.routes.entries.get(found.trigger));
    let Ok(permit) = app.in_flight.clone().try_acquire_owned() else {
        app.metrics.refused.inc();
        let refusal = problem::response(StatusCode::SERVICE_UNAVAILABLE, &call.request_id);
        return identify(worded(refusal), &call);
    };
    let response = match (entry, found) {
        (Some(entry), Some(found)) => answer(app, entry, &found, request, &call, client).await,
        _ => problem::response(StatusCode::NOT_FOUND, &call.request_id),
    };
    let (response, size) = body::gather(identify(worded(response), &call)).await;

    let metrics = entry.map_or(&app.routes.unmatched, |entry| &entry.metrics);
    metrics.record(response.status().as_u16(), begin.elapsed());
    let record = Record {
        request_id: call.request_id,
        method,
        component: match entry.map(|entry| &entry.target) {
            Some(Destination::Component(slot)) => Some(slot.clone()),
            _ => None,
        },
        route: entry.map(|entry| entry.pattern.clone()),
        status: response.status().as_u16(),
        begin,
    };
    match size {
        Some(size) => {
            record.log(size);
            response
        }
        None => response.map(|body| {
            body::count(body, move |size| {
                record.log(size);
                drop(permit);
            })
        }),
    }
}

/// What the log says of a request. The path is not in it: it may hold personal data.
struct Record {
    request_id: HeaderValue,
    method: Method,
    component: Option<Arc<Slot>>,
    route: Option<HeaderValue>,
    status: u16,
    begin: Instant,
}

impl Record {
    fn log(&self, bytes: u64) {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        if tracing::enabled!(target: "access", tracing::Level::INFO) {
            tracing::info!(
                target: "access",
                request_id = text(&self.request_id),
                component = self.component.as_ref().map_or("host", |slot| slot.definition.id.as_str()),
                method = self.method.as_str(),
                route = self.route.as_ref().map_or_else(String::new, text),
                status = self.status,
                duration_us = self.begin.elapsed().as_micros() as u64,
                bytes,
            );
        }
    }
}

/// Puts the request's id on its response.
fn identify(mut response: Response<Body>, call: &Call) -> Response<Body> {
    response
        .headers_mut()
        .insert(request_id::HEADER, call.request_id.clone());
    response
}

/// Takes away what only the way here was about, and what would pass for a call from inside.
fn strip(headers: &mut HeaderMap) {
    let inside = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .is_some_and(|host| {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            outbound::component(name).is_some()
        });
    if inside {
        headers.remove(header::HOST);
    }
    headers.remove(header::CONNECTION);
}

/// What the host answers itself, however busy it is: whether it is there (`/health` and Spin's path for it), and what
/// else is under Spin's prefix.
fn well_known(app: &App, path: &str, call: &Call) -> Option<Response<Body>> {
    let name = match path {
        "/health" => "health",
        _ => path.strip_prefix("/.well-known/spin/")?,
    };
    let (kind, text) = match name {
        "health" => ("text/plain", "OK".to_owned()),
        "info" => {
            let application = &app.manifest.application;
            let info =
                serde_json::json!({ "name": application.name, "version": application.version });
            ("application/json", info.to_string())
        }
        _ => return Some(problem::response(StatusCode::NOT_FOUND, &call.request_id)),
    };
    let mut response = Response::new(body::full(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

async fn answer(
    app: &App,
    entry: &Entry,
    found: &RouteMatch<'_, '_>,
    mut request: Request<Body>,
    call: &Call,
    client: SocketAddr,
) -> Response<Body> {
    let slot = match &entry.target {
        Destination::Component(slot) => slot,
        Destination::Static {
            status,
            headers,
            body,
        } => {
            let mut response = Response::new(body::full(body.clone()));
            *response.status_mut() = *status;
            response.headers_mut().clone_from(headers);
            return response;
        }
        Destination::Nothing => return problem::response(StatusCode::NOT_FOUND, &call.request_id),
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > app.limits.body) {
        return problem::response(StatusCode::PAYLOAD_TOO_LARGE, &call.request_id);
    }
    let Some(uri) = absolute(request.uri(), request.headers()) else {
        return problem::response(StatusCode::BAD_REQUEST, &call.request_id);
    };
    *request.uri_mut() = uri;
    let reached = Reached {
        call,
        pattern: entry.pattern.clone(),
        prefix: entry.prefix.clone(),
        rest: found.rest.unwrap_or_default(),
        params: found.params().collect(),
        client: Some(client),
    };
    to_component(slot, request, reached).await
}

/// The request's URI with the host that its header names; `None` if there is none or two that differ.
fn absolute(uri: &Uri, headers: &HeaderMap) -> Option<Uri> {
    let named = headers
        .get(header::HOST)
        .map(|host| Authority::try_from(host.as_bytes()))
        .transpose()
        .ok()?;
    let authority = match (named, uri.authority()) {
        (Some(named), Some(authority)) if named != *authority => return None,
        (Some(named), _) => named,
        (None, authority) => authority?.clone(),
    };
    let path = uri
        .path_and_query()
        .cloned()
        .unwrap_or_else(|| PathAndQuery::from_static("/"));
    Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(authority)
        .path_and_query(path)
        .build()
        .ok()
}

/// Answers a request that came from within the process.
pub(crate) async fn inside(
    app: &App,
    id: &str,
    mut request: Request<Body>,
    call: Call,
) -> Response<Body> {
    let Some(slot) = app.components.get(id) else {
        return identify(
            problem::response(StatusCode::NOT_FOUND, &call.request_id),
            &call,
        );
    };
    if request.uri().authority().is_none() {
        let path = request
            .uri()
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        let host = format!("{id}.{}", manifest::CHAINING_DOMAIN);
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(host)
            .path_and_query(path)
            .build();
        let Ok(uri) = uri else {
            return identify(
                problem::response(StatusCode::BAD_REQUEST, &call.request_id),
                &call,
            );
        };
        *request.uri_mut() = uri;
    }
    let response = to_component(slot, request, Reached::inside(&call)).await;
    identify(response, &call)
}

/// Has the component of `slot` answer.
pub(crate) async fn to_component(
    slot: &Slot,
    mut request: Request<Body>,
    reached: Reached<'_>,
) -> Response<Body> {
    let begin = Instant::now();
    let request_id = &reached.call.request_id;
    let arrival = request.extensions().get::<Arrival>().cloned();
    let status = match slot.pool() {
        None => StatusCode::SERVICE_UNAVAILABLE,
        Some(pool) => {
            add_headers(&mut request, &reached);
            match pool.handle(request, reached.call.clone()).await {
                Ok(response) => {
                    if reached.client.is_none() {
                        slot.internal
                            .record(response.status().as_u16(), begin.elapsed());
                    }
                    return response;
                }
                Err(failure) => {
                    let component = &slot.definition.id;
                    tracing::error!(%component, request_id = request_id.to_str().unwrap_or_default(), "{failure}");
                    match failure {
                        Failure::Trap | Failure::Lost | Failure::Guest(_) => {
                            StatusCode::INTERNAL_SERVER_ERROR
                        }
                        // The component waited for its client.
                        Failure::Timeout if arrival.is_some_and(|body| !body.is_whole()) => {
                            StatusCode::REQUEST_TIMEOUT
                        }
                        Failure::Timeout => StatusCode::GATEWAY_TIMEOUT,
                        Failure::Saturated | Failure::NoInstance => StatusCode::SERVICE_UNAVAILABLE,
                    }
                }
            }
        }
    };
    if reached.client.is_none() {
        slot.internal.record(status.as_u16(), begin.elapsed());
    }
    problem::response(status, request_id)
}

/// Tells the component what Spin tells it: how the request was reached and from where.
fn add_headers(request: &mut Request<Body>, reached: &Reached<'_>) {
    const PREFIX: &str = "spin-path-match-";
    let path = request.uri().path().to_owned();
    let full_url = value(&request.uri().to_string());
    let client = reached
        .client
        .unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
    let rest = if reached.client.is_some() {
        reached.rest
    } else {
        &path
    };
    let headers = request.headers_mut();
    // Nobody else may say these.
    let foreign: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(PREFIX))
        .cloned()
        .collect();
    for name in foreign {
        headers.remove(name);
    }
    headers.insert(HeaderName::from_static("spin-path-info"), value(rest));
    headers.insert(HeaderName::from_static("spin-full-url"), full_url);
    headers.insert(
        HeaderName::from_static("spin-matched-route"),
        reached.pattern.clone(),
    );
    headers.insert(
        HeaderName::from_static("spin-base-path"),
        HeaderValue::from_static("/"),
    );
    headers.insert(
        HeaderName::from_static("spin-raw-component-route"),
        reached.pattern.clone(),
    );
    headers.insert(
        HeaderName::from_static("spin-component-route"),
        reached.prefix.clone(),
    );
    headers.insert(
        HeaderName::from_static("spin-client-addr"),
        value(&client.to_string()),
    );
    for (name, content) in &reached.params {
        let name = format!("{PREFIX}{}", name.replace('_', "-").to_ascii_lowercase());
        if let Ok(name) = HeaderName::try_from(name) {
            headers.insert(name, value(content));
        }
    }
    headers.insert(request_id::HEADER, reached.call.request_id.clone());
}

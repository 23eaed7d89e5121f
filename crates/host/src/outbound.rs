//! Calls that components make: to each other in this process, and to the hosts that the manifest allows.

use crate::body::Body;
use crate::pool::Call;
use crate::state::Definition;
use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use manifest::CHAINING_DOMAIN;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// How often a call may be passed on from component to component before it counts as going in circles.
const MOST_HOPS: u8 = 16;

/// How long the connection to another host may take, unless the component says less.
const CONNECT: Duration = Duration::from_secs(10);

/// How long another host may be silent, unless the component says otherwise.
const SILENCE: Duration = Duration::from_secs(60);

/// Connections to other hosts, kept open between calls and shared by all components.
pub(crate) type HttpClient = Client<HttpsConnector<HttpConnector>, Body>;

/// A client that trusts the certificate authorities that Mozilla does.
pub(crate) fn client() -> HttpClient {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    connector.enforce_http(false);
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(connector)
}

/// What one instance calls others with.
pub(crate) struct Outbound {
    definition: Arc<Definition>,
    /// The request on whose behalf the next call is made.
    pub(crate) call: Call,
}

type Sent = Result<
    (
        Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl Outbound {
    pub(crate) fn new(definition: &Arc<Definition>) -> Self {
        let call = Call {
            request_id: HeaderValue::from_static("0"),
            hops: 0,
        };
        Self {
            definition: definition.clone(),
            call,
        }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let definition = self.definition.clone();
        let call = Call {
            request_id: self.call.request_id.clone(),
            hops: self.call.hops + 1,
        };
        Box::new(async move {
            let response = send(&definition, request, options.unwrap_or_default(), call).await?;
            // Nothing more is to be driven: the body comes by itself.
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }
}

/// Sends `request` where it belongs, if the component may.
async fn send(
    definition: &Definition,
    request: Request<Body>,
    options: RequestOptions,
    call: Call,
) -> Result<Response<Body>, Error> {
    let uri = request.uri();
    let scheme = uri.scheme().ok_or(Error::HttpRequestUriInvalid)?;
    let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
    let port = authority
        .port_u16()
        .unwrap_or(if *scheme == Scheme::HTTPS { 443 } else { 80 });
    if !definition
        .allowed_hosts
        .allows(scheme.as_str(), authority.host(), port)
    {
        tracing::warn!(component = %definition.id, host = authority.host(), "call of a host that is not allowed");
        return Err(Error::HttpRequestDenied);
    }
    let Some(target) = component(authority.host()) else {
        let client = definition
            .app
            .upgrade()
            .ok_or(Error::ConnectionTerminated)?
            .client()
            .clone();
        return send_outside(&client, request, options).await;
    };
    if call.hops > MOST_HOPS {
        return Err(Error::LoopDetected);
    }
    let app = definition
        .app
        .upgrade()
        .ok_or(Error::ConnectionTerminated)?;
    definition.metrics.chained.inc();
    let target = target.to_ascii_lowercase();
    app.chained(&target, request, call)
        .await
        .ok_or(Error::HttpRequestDenied)
}

/// The component that a host name stands for.
pub(crate) fn component(host: &str) -> Option<&str> {
    let cut = host.len().checked_sub(CHAINING_DOMAIN.len())?;
    let suffix = host.get(cut..)?;
    if suffix.eq_ignore_ascii_case(CHAINING_DOMAIN) {
        host.get(..cut)?.strip_suffix('.')
    } else {
        None
    }
}

/// Sends `request` to another host, over a connection that may be there already.
async fn send_outside(
    client: &HttpClient,
    request: Request<Body>,
    options: RequestOptions,
) -> Result<Response<Body>, Error> {
    let silence =
        options.first_byte_timeout.unwrap_or(SILENCE) + options.connect_timeout.unwrap_or(CONNECT);
    let sent = tokio::time::timeout(silence, client.request(request)).await;
    let response = sent.map_err(|_| Error::ConnectionReadTimeout)?.map_err(|error| {
        tracing::warn!(%error, source = std::error::Error::source(&error).map(tracing::field::display), "call failed");
        if error.is_connect() { Error::ConnectionRefused } else { Error::HttpProtocolError }
    })?;
    let pause = options.between_bytes_timeout.unwrap_or(SILENCE);
    Ok(response.map(|body| {
        Impatient {
            body,
            pause,
            timer: None,
        }
        .boxed_unsync()
    }))
}

/// A response's body that ends with an error when it makes a pause for too long.
struct Impatient {
    body: hyper::body::Incoming,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for Impatient {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.timer = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::Hyper)));
        }
        let until = Instant::now() + this.pause;
        let timer = this
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn components_by_host_name() {
        assert_eq!(component("classify.spin.internal"), Some("classify"));
        assert_eq!(component("Classify.SPIN.Internal"), Some("Classify"));
        for outside in [
            "spin.internal",
            "classify.spin.internal.example.com",
            "classifyspin.internal",
            "a",
            "例.cn",
        ] {
            assert_eq!(component(outside), None, "{outside}");
        }
    }
}

//! The HTTP server.

use crate::app::App;
use crate::body::{self, Arrival, Body};
use crate::dispatch;
use crate::refusal::Refusing;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How long to wait before another connection is accepted after that failed, which it does for want of resources.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The longest head of a request, in bytes.
const HEAD: usize = 64 << 10;

/// Why serving ended otherwise than by `shutdown`.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Not all requests, or not all work that they left behind, had ended when the time for it was over.
    #[error("requests or their work were cut off at the end")]
    CutOff,
}

/// Serves `app` on `listener` until `shutdown` is done, then lets requests and their work end.
///
/// # Errors
/// [`ServeError::CutOff`] when they do not end within [`Limits::drain`](crate::Limits::drain).
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let limits = app.limits.clone();
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let (stream, client) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // A response waits for no acknowledgement of what went before it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "connection without TCP_NODELAY");
        }
        let app = app.clone();
        let begun = Arc::new(AtomicBool::new(false));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_read)
            .max_buf_size(HEAD)
            .serve_connection(
                TokioIo::new(Refusing::new(stream, begun.clone())),
                service_fn(move |request: Request<Incoming>| {
                    begun.store(true, Ordering::Relaxed);
                    let app = app.clone();
                    async move {
                        let (most, pause) = (app.limits.body, app.limits.body_read);
                        let arrival = Arrival::default();
                        let mut request = request
                            .map(|incoming| body::guard(incoming, most, pause, arrival.clone()));
                        request.extensions_mut().insert(arrival);
                        Ok::<_, Infallible>(dispatch::outside(&app, request, client).await)
                    }
                }),
            );
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(place);
        });
    }
    drop(listener);
    let end = tokio::time::Instant::now() + limits.drain;
    let answered = tokio::time::timeout_at(end, open.shutdown()).await.is_ok();
    let quiet = app
        .quiet(end.saturating_duration_since(tokio::time::Instant::now()))
        .await;
    if answered && quiet {
        Ok(())
    } else {
        Err(ServeError::CutOff)
    }
}

/// Serves the metrics of `app` at `/metrics` on a listener of their own, which is best bound to a loopback address:
/// they are not for the public, and the application's own listener does not have them.
///
/// # Errors
/// None so far; the type is that of [`serve`].
pub async fn serve_metrics(
    app: Arc<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return Ok(()),
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let app = app.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let text = (request.uri().path() == "/metrics").then(|| app.metrics());
            async move { Ok::<_, Infallible>(metrics_response(text)) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(10))
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

fn metrics_response(text: Option<String>) -> Response<Body> {
    match text {
        Some(text) => {
            let mut response = Response::new(body::full(text));
            let kind = HeaderValue::from_static(
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            );
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        None => {
            let mut response = Response::new(body::empty());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

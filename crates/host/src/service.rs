//! What the host itself offers to components, behind a host name like a component's.

use crate::body::{Body, full};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use std::fmt::Debug;
use std::pin::Pin;

/// The longest body of a request to a service, in bytes.
const BODY: usize = 4 << 20;

/// An answer in the making.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'a>>;

/// A part of the host that components call.
pub trait Service: Debug + Send + Sync {
    /// Answers one request; whoever needs long must see to it that others go on.
    fn answer(&self, request: Request<Bytes>) -> Answering<'_>;
}

/// Reads the request and passes it on.
pub(crate) async fn ask(service: &dyn Service, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY).collect().await else {
        let mut refused = Response::new(full(Bytes::new()));
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    let request = Request::from_parts(head, body.to_bytes());
    service.answer(request).await.map(full)
}

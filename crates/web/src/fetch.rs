//! A request to another host, bounded: it neither takes long nor brings much.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Limited};
use spin_sdk::http::{FullBody, send};

/// How far the other host is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long connecting may take, and how long the host may be silent after it, each time.
    pub patience: Duration,
    /// The longest answer in bytes.
    pub size: usize,
}

/// Why there is no answer. The text is for logs and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody answers, in time or at all; or the manifest does not allow the host.
    #[error("unreachable")]
    Unreachable,
    /// The answer is too long, or breaks off.
    #[error("unreadable")]
    Unreadable,
}

/// Sends `request` and returns the status and the whole body of the answer, whatever the status says. Redirections are
/// not followed.
///
/// # Errors
/// When there is no answer within `bounds`.
pub async fn fetch(
    request: Request<FullBody<Bytes>>,
    bounds: Bounds,
) -> Result<(u16, Bytes), FetchError> {
    let request = patient(request, bounds.patience);
    let response = send(request).await.map_err(|_| FetchError::Unreachable)?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), bounds.size)
        .collect()
        .await
        .map_err(|_| FetchError::Unreadable)?;
    Ok((status, body.to_bytes()))
}

/// The request with its time limits, which are the host's to keep.
#[cfg(target_family = "wasm")]
fn patient(mut request: Request<FullBody<Bytes>>, patience: Duration) -> Request<FullBody<Bytes>> {
    use spin_sdk::wasip3::http::types::RequestOptions;
    use spin_sdk::wasip3::http_compat::RequestOptionsExtension;
    let options = RequestOptions::new();
    let nanoseconds = u64::try_from(patience.as_nanos()).ok();
    // A host that knows no such option has a limit of its own.
    let _ = options.set_connect_timeout(nanoseconds);
    let _ = options.set_first_byte_timeout(nanoseconds);
    let _ = options.set_between_bytes_timeout(nanoseconds);
    request
        .extensions_mut()
        .insert(RequestOptionsExtension(options));
    request
}

#[cfg(not(target_family = "wasm"))]
fn patient(request: Request<FullBody<Bytes>>, _: Duration) -> Request<FullBody<Bytes>> {
    request
}

//! Asking the identity provider, without following it elsewhere.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use oidc::Exchange;
use spin_sdk::http::FullBody;
use web::fetch::{Bounds, FetchError, fetch};

/// Somebody waits; and what a provider says of itself is short.
const BOUNDS: Bounds = Bounds {
    patience: Duration::from_secs(4),
    size: 256 * 1024,
};

/// The document at `address`.
///
/// # Errors
///
/// A word for the log where it cannot be had.
pub async fn get(address: &str) -> Result<Bytes, &'static str> {
    let request = Request::get(address)
        .header(header::ACCEPT, "application/json")
        .body(FullBody::new(Bytes::new()))
        .map_err(|_| "address")?;
    match answer(request).await? {
        (200, body) => Ok(body),
        _ => Err("status"),
    }
}

/// The answer to a code; none where the provider says that the code is wrong.
///
/// # Errors
///
/// A word for the log where the provider cannot be asked.
pub async fn post(address: &str, exchange: Exchange) -> Result<Option<Bytes>, &'static str> {
    let mut request = Request::post(address)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = &exchange.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request
        .body(FullBody::new(Bytes::from(exchange.body)))
        .map_err(|_| "address")?;
    match answer(request).await? {
        (200, body) => Ok(Some(body)),
        (400..=499, _) => Ok(None),
        _ => Err("status"),
    }
}

async fn answer(request: Request<FullBody<Bytes>>) -> Result<(u16, Bytes), &'static str> {
    fetch(request, BOUNDS).await.map_err(|error| match error {
        FetchError::Unreachable => "unreachable",
        FetchError::Unreadable => "unreadable",
    })
}

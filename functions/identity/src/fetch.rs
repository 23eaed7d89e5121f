//! Asking the identity provider: with time limits and a size limit, and
//! without following it elsewhere.

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Limited};
use oidc::Exchange;
use spin_sdk::http::{FullBody, send};

/// The longest answer in bytes.
const LIMIT: usize = 256 * 1024;

/// How long connecting may take, and the provider may be silent after it, in
/// nanoseconds: somebody waits.
#[cfg(target_family = "wasm")]
const PATIENCE: u64 = 4_000_000_000;

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

#[cfg_attr(not(target_family = "wasm"), allow(unused_mut))]
async fn answer(mut request: Request<FullBody<Bytes>>) -> Result<(u16, Bytes), &'static str> {
    #[cfg(target_family = "wasm")]
    {
        use spin_sdk::wasip3::http::types::RequestOptions;
        use spin_sdk::wasip3::http_compat::RequestOptionsExtension;
        let options = RequestOptions::new();
        // A host that knows no such option has a limit of its own.
        let _ = options.set_connect_timeout(Some(PATIENCE));
        let _ = options.set_first_byte_timeout(Some(PATIENCE));
        let _ = options.set_between_bytes_timeout(Some(PATIENCE));
        request
            .extensions_mut()
            .insert(RequestOptionsExtension(options));
    }
    let response = send(request).await.map_err(|_| "unreachable")?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LIMIT)
        .collect()
        .await
        .map_err(|_| "unreadable")?;
    Ok((status, body.to_bytes()))
}

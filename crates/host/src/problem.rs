//! Answers of the host itself, as `application/problem+json` (RFC 9457).

use crate::body::{self, Body};
use http::{HeaderValue, Response, StatusCode, header};

/// A response that says `status` and nothing that only the log may know.
pub(crate) fn response(status: StatusCode, request_id: &HeaderValue) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let id = request_id.to_str().unwrap_or_default();
    // Neither the standard reasons nor a valid request id hold anything that JSON would escape.
    let text = format!(
        r#"{{"type":"about:blank","title":"{title}","status":{},"request_id":"{id}"}}"#,
        status.as_u16()
    );
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_problem_is_json_with_its_id() {
        let answer = response(
            StatusCode::SERVICE_UNAVAILABLE,
            &HeaderValue::from_static("abc"),
        );
        assert_eq!(answer.headers()[header::RETRY_AFTER], "2");
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["status"], 503);
        assert_eq!(json["request_id"], "abc");
        assert_eq!(json["title"], "Service Unavailable");
    }
}

//! Answers of the host itself, as `application/problem+json` (RFC 9457).

use crate::body::{self, Body};
use http::{HeaderValue, Response, StatusCode, header};

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// What to do about an answer of the host: Chinese, then English, for the host does not choose languages.
#[rustfmt::skip]
const DETAILS: &[(StatusCode, &str)] = &[
    (StatusCode::BAD_REQUEST, "请求的格式有误，无法读取。The request is malformed and cannot be read."),
    (StatusCode::NOT_FOUND, "没有这个地址。There is nothing at this address."),
    (StatusCode::REQUEST_TIMEOUT, "没有等到完整的请求内容，请重新提交。The body did not arrive in time: send it again."),
    (StatusCode::PAYLOAD_TOO_LARGE, "内容过大，请缩短后重试。The body is too large: shorten it."),
    (StatusCode::URI_TOO_LONG, "地址过长，请缩短后重试。The address is too long: shorten it."),
    (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "请求头过多或过长，请减少后重试。The headers are too many or too long: send fewer."),
    (StatusCode::SERVICE_UNAVAILABLE, "服务暂时不可用，请稍后再试。Temporarily unavailable: try again in a moment."),
    (StatusCode::GATEWAY_TIMEOUT, "处理超时，请稍后再试。It took too long: try again later."),
];
const OTHERWISE: &str =
    "系统出错，请稍后再试。Something went wrong: try again later, and quote the request id.";

/// The body of a problem that says `status` and nothing that only the log may know.
pub(crate) fn text(status: StatusCode, request_id: &HeaderValue) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    let detail = DETAILS
        .iter()
        .find(|(other, _)| *other == status)
        .map_or(OTHERWISE, |(_, detail)| detail);
    let id = request_id.to_str().unwrap_or_default();
    // Neither the standard reasons, nor the details, nor a valid request id hold anything that JSON would escape.
    format!(
        r#"{{"type":"about:blank","title":"{title}","status":{},"detail":"{detail}","request":"{id}"}}"#,
        status.as_u16()
    )
}

/// The response with [`text`].
pub(crate) fn response(status: StatusCode, request_id: &HeaderValue) -> Response<Body> {
    let mut response = Response::new(body::full(text(status, request_id)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
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
        assert_eq!(json["request"], "abc");
        assert_eq!(json["title"], "Service Unavailable");
    }

    #[test]
    fn every_detail_is_fit_for_json() {
        let statuses = DETAILS.iter().map(|(status, _)| *status);
        for status in statuses.chain([StatusCode::INTERNAL_SERVER_ERROR]) {
            let text = text(status, &HeaderValue::from_static("abc"));
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert!(
                json["detail"]
                    .as_str()
                    .is_some_and(|detail| !detail.is_empty())
            );
        }
    }
}

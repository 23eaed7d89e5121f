//! Answers of the host itself, as `application/problem+json` (RFC 9457), or as a page for whoever has a browser.

use crate::body::{self, Body};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

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

/// What it is, for people: Chinese and English.
#[rustfmt::skip]
const TITLES: &[(StatusCode, [&str; 2])] = &[
    (StatusCode::NOT_FOUND, ["没有这个页面", "There is no such page"]),
    (StatusCode::REQUEST_TIMEOUT, ["没有收到完整的内容", "It did not arrive whole"]),
    (StatusCode::PAYLOAD_TOO_LARGE, ["内容太大", "It is too large"]),
    (StatusCode::SERVICE_UNAVAILABLE, ["服务暂时不可用", "Out of service for a moment"]),
    (StatusCode::GATEWAY_TIMEOUT, ["处理超时", "It took too long"]),
];
const TITLES_OTHERWISE: [&str; 2] = ["没有办成", "It could not be done"];

/// Where something was typed, it is not lost.
const BACK: [&str; 2] = [
    "返回上一页，您填写的文字通常还在。选了照片或文件的，请换小一些的再提交。",
    "Go back: what you typed is usually still there. If you chose photos or files, choose smaller ones and send again.",
];

/// The look of a page, and its digest for the content security policy.
const STYLE: &str = "body{max-width:34rem;margin:12vh auto;padding:0 1.25rem;font:1.0625rem/1.75 system-ui,sans-serif}h1{font-size:1.4em}small{opacity:.75}";
const POLICY: &str = "default-src 'none'; style-src 'sha256-olcvzRgGcTUC5MFQmRfi9yDXnQcVizeuG2QEPvQf0Xc='; base-uri 'none'; frame-ancestors 'none'";

/// Marks an answer as the host's own.
#[derive(Clone, Copy)]
struct Own;

/// Whether whoever sent these headers wants to read a page: a browser that opens an address or sends a form.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|value| value.as_bytes().windows(9).any(|part| part == b"text/html"))
}

/// The same answer as a page in both languages, if it is the host's own; others stay as they are.
pub(crate) fn as_page(response: Response<Body>, request_id: &HeaderValue) -> Response<Body> {
    if response.extensions().get::<Own>().is_none() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let page = page(parts.status, request_id);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    parts.headers.insert(header::CONTENT_TYPE, html);
    let policy = HeaderValue::from_static(POLICY);
    parts
        .headers
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Response::from_parts(parts, body::full(page))
}

fn page(status: StatusCode, request_id: &HeaderValue) -> String {
    let titles = TITLES.iter().find(|(other, _)| *other == status);
    let [chinese, english] = titles.map_or(TITLES_OTHERWISE, |(_, titles)| *titles);
    let detail = detail(status);
    let back = match status {
        StatusCode::PAYLOAD_TOO_LARGE => BACK,
        _ => [""; 2],
    };
    let id = request_id.to_str().unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{chinese} · {english}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><style>{STYLE}</style></head>\
         <body><main><h1>{chinese} <span lang=\"en\">{english}</span></h1><p>{detail}</p>\
         <p>{}</p><p lang=\"en\">{}</p><p><a href=\"/\">首页 <span lang=\"en\">Home</span></a></p>\
         <p><small>{id}</small></p></main></body></html>\n",
        back[0], back[1]
    )
}

fn detail(status: StatusCode) -> &'static str {
    DETAILS
        .iter()
        .find(|(other, _)| *other == status)
        .map_or(OTHERWISE, |(_, detail)| detail)
}

/// The body of a problem that says `status` and nothing that only the log may know.
pub(crate) fn text(status: StatusCode, request_id: &HeaderValue) -> String {
    let title = status.canonical_reason().unwrap_or("Error");
    let detail = detail(status);
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
    response.extensions_mut().insert(Own);
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

    #[tokio::test]
    async fn whoever_has_a_browser_gets_a_page_of_the_host_and_others_json() {
        let accept = |value: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))])
        };
        assert!(wants_page(&accept("text/html,application/xhtml+xml;q=0.9")));
        assert!(!wants_page(&accept("application/json, */*")));
        assert!(!wants_page(&HeaderMap::new()));

        let id = HeaderValue::from_static("abc");
        let answer = as_page(response(StatusCode::PAYLOAD_TOO_LARGE, &id), &id);
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(
            answer.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("text");
        assert!(
            text.contains("内容太大") && text.contains("It is too large") && text.contains("abc")
        );

        let of_component = as_page(Response::new(body::full("its own")), &id);
        assert!(!of_component.headers().contains_key(header::CONTENT_TYPE));
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

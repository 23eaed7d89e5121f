//! Routes, headers, bodies, calls of other components.

use crate::support::{MANIFEST, send, start, start_with};
use bytes::Bytes;
use http::Method;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_answered_in_one_piece() {
    let running = start().await;
    let answer = running.post("/front/echo", "你好").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), "你好");
    assert_eq!(answer.headers["content-length"], "6");
    assert_eq!(answer.headers["x-request-id"].len(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_learns_how_it_was_reached() {
    let running = start().await;
    let headers = running.get("/front/headers?a=b").await.json();
    let host = running.base.trim_start_matches("http://");
    assert_eq!(headers["spin-path-info"], "/headers");
    assert_eq!(
        headers["spin-full-url"],
        format!("http://{host}/front/headers?a=b")
    );
    assert_eq!(headers["spin-matched-route"], "/front/...");
    assert_eq!(headers["spin-raw-component-route"], "/front/...");
    assert_eq!(headers["spin-component-route"], "/front");
    assert_eq!(headers["spin-base-path"], "/");
    assert!(
        headers["spin-client-addr"]
            .as_str()
            .is_some_and(|addr| addr.starts_with("127.0.0.1:"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_of_a_route_are_headers_and_cannot_be_forged() {
    let running = start().await;
    let forged = [
        ("spin-path-match-other", "x"),
        ("spin-client-addr", "1.2.3.4:5"),
        ("connection", "close"),
    ];
    let answer = running
        .send(Method::GET, "/items/7/parts/nut", &forged, Bytes::new())
        .await;
    let headers = answer.json();
    assert_eq!(headers["spin-path-match-number"], "7");
    assert_eq!(headers["spin-path-match-part-name"], "nut");
    assert_eq!(
        headers["spin-matched-route"],
        "/items/:number/parts/:part_name"
    );
    assert_eq!(headers.get("spin-path-match-other"), None);
    assert_eq!(headers.get("connection"), None);
    assert_ne!(headers["spin-client-addr"], "1.2.3.4:5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_goes_all_the_way() {
    let running = start().await;
    let to = "/front/chain?to=http%3A%2F%2Fback.spin.internal%2Fheaders";
    let answer = running
        .send(Method::GET, to, &[("x-request-id", "case-1")], Bytes::new())
        .await;
    assert_eq!(answer.headers["x-request-id"], "case-1");
    assert_eq!(answer.json()["x-request-id"], "case-1");
    let answer = running
        .send(Method::GET, to, &[("x-request-id", "a b")], Bytes::new())
        .await;
    let id = answer.headers["x-request-id"]
        .to_str()
        .expect("text")
        .to_owned();
    assert_eq!(id.len(), 16);
    assert_eq!(answer.json()["x-request-id"], id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chained_call_looks_as_on_spin() {
    let running = start().await;
    let headers = running
        .get("/front/chain?to=http%3A%2F%2Fback.spin.internal%2Fheaders")
        .await
        .json();
    assert_eq!(headers["spin-path-info"], "/headers");
    assert_eq!(
        headers["spin-full-url"],
        "http://back.spin.internal/headers"
    );
    assert_eq!(headers["spin-matched-route"], "/...");
    assert_eq!(headers["spin-component-route"], "");
    assert_eq!(headers["spin-client-addr"], "0.0.0.0:0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_go_only_where_the_manifest_lets_them() {
    let running = start().await;
    for to in [
        "http%3A%2F%2Fother.spin.internal%2F",
        "http%3A%2F%2Fexample.com%2F",
        "http%3A%2F%2F127.0.0.2%2F",
    ] {
        let answer = running.get(&format!("/front/chain?to={to}")).await;
        assert_eq!(answer.status, 502, "{to}");
        assert_eq!(answer.text(), "ErrorCode::HttpRequestDenied", "{to}");
    }
    // What is allowed need not exist: then it is refused, and the instance that asked lives on.
    let manifest = MANIFEST.replace(
        "\"http://back.spin.internal\"",
        "\"http://*.spin.internal\"",
    );
    let running = start_with(&manifest, |_| {}).await;
    let answer = running
        .get("/front/chain?to=http%3A%2F%2Fmissing.spin.internal%2F")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (502, "ErrorCode::HttpRequestDenied")
    );
    let metrics = running.app.metrics();
    assert!(
        metrics.contains("host_traps_total{component=\"front\"} 0"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_in_a_circle_end() {
    let running = start().await;
    let answer = running.get("/front/circle").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (502, "ErrorCode::LoopDetected")
    );
    assert!(running.app.quiet(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_outside_is_called_over_a_socket() {
    let running = start().await;
    let other = start().await;
    let to = other.base.replace(':', "%3A").replace('/', "%2F");
    let answer = running
        .get(&format!("/front/chain?to={to}%2Ffront%2Fnoop"))
        .await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "ok"));
    drop(other);
    let answer = running
        .get("/front/chain?to=http%3A%2F%2F127.0.0.1%3A9%2F")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (502, "ErrorCode::ConnectionRefused")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_component_is_not_reached_from_outside() {
    let running = start().await;
    // The catch-all takes every path that no other route is for; no path and no host leads to `back`.
    let before = running.app.metrics();
    assert!(
        before.contains("host_instances_created_total{component=\"back\"} 0"),
        "{before}"
    );
    for (path, host) in [
        ("/back/noop", ""),
        ("/front/noop", "back.spin.internal"),
        ("/", "back.spin.internal:80"),
    ] {
        let headers: &[(&str, &str)] = if host.is_empty() {
            &[]
        } else {
            &[("host", host)]
        };
        let answer = running.send(Method::GET, path, headers, Bytes::new()).await;
        if !host.is_empty() {
            answer.assert_problem(400);
        }
    }
    assert!(
        running
            .app
            .metrics()
            .contains("host_instances_created_total{component=\"back\"} 0")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_stream_both_ways() {
    let running = start().await;
    let body: String = "abcdefgh".repeat(512 << 10);
    let answer = running.post("/front/upper", body.clone()).await;
    assert_eq!(answer.body.len(), body.len());
    assert!(answer.body.iter().all(u8::is_ascii_uppercase));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_host_answers_for_itself() {
    let running = start().await;
    for path in ["/health", "/.well-known/spin/health"] {
        assert_eq!(running.get(path).await.text(), "OK", "{path}");
    }
    assert_eq!(
        running.get("/.well-known/spin/info").await.json()["version"],
        "1.2.3"
    );
    running
        .get("/.well-known/spin/other")
        .await
        .assert_problem(404);
    let fixed = running.get("/fixed").await;
    assert_eq!(
        (fixed.status.as_u16(), fixed.text()),
        (418, "short and stout")
    );
    assert_eq!(fixed.headers["x-fixed"], "yes");
    // Metrics are not for the public: the application's own catch-all has this path.
    assert_eq!(running.get("/metrics").await.text(), "probe");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_have_a_listener_of_their_own() {
    let running = start().await;
    running.get("/front/noop").await;
    running
        .get("/front/chain?to=http%3A%2F%2Fback.spin.internal%2Fnoop")
        .await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a socket");
    let url = format!(
        "http://{}/metrics",
        listener.local_addr().expect("an address")
    );
    let served = tokio::spawn(host::serve_metrics(
        running.app.clone(),
        listener,
        std::future::pending(),
    ));
    let text = send(&url, Method::GET, &[], Bytes::new())
        .await
        .text()
        .to_owned();
    for line in [
        "host_http_requests_total{component=\"front\",route=\"/front/...\",class=\"2xx\"} 2",
        "host_http_requests_total{component=\"back\",route=\"internal\",class=\"2xx\"} 1",
        "host_chained_calls_total{component=\"front\"} 1",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert!(!text.contains("noop"), "no path may be in the metrics");
    served.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_itself_can_call_a_component() {
    let running = start().await;
    let request = http::Request::builder()
        .uri("/noop")
        .body(host::empty())
        .expect("a request");
    let response = running.app.call("back", request).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("x-request-id"));
    let request = http::Request::builder()
        .uri("/noop")
        .body(host::empty())
        .expect("a request");
    assert_eq!(running.app.call("nobody", request).await.status(), 404);
}

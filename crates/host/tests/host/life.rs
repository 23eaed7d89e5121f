//! Work behind the response, replacing components, the end.

use crate::support::{MANIFEST, Running, put, start, start_with, until};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_after_the_response_is_done() {
    let running = start().await;
    running.sql("CREATE TABLE later (n)").await;
    for count in 0..20 {
        assert_eq!(
            running
                .get(&format!("/front/later?count={count}"))
                .await
                .text(),
            "accepted"
        );
    }
    assert!(running.app.quiet(Duration::from_secs(10)).await);
    let rows = running.sql("SELECT count(*), sum(n) FROM later").await;
    assert_eq!(rows["rows"], json!([[20, 190]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_under_load_drops_nothing() {
    let manifest = MANIFEST.replace(
        "[component.other]\nsource = \"probe.wasm\"",
        "[component.other]\nsource = \"other.wasm\"",
    );
    let directory = crate::support::directory(&manifest);
    put(directory.path(), "other.wasm", "probe");
    let options = crate::support::options(directory.path(), |_| {});
    let manifest =
        manifest::Manifest::load(directory.path().join("spin.toml")).expect("a manifest");
    let app = host::App::load(manifest, options)
        .await
        .expect("an application");
    let running = Arc::new(crate::support::serve(app, directory).await);

    let go_on = Arc::new(AtomicBool::new(true));
    let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let has = |what: &str| seen.lock().expect("no panic").contains(what);
    let clients: Vec<_> = (0..6)
        .map(|number| {
            let (running, go_on, seen) = (running.clone(), go_on.clone(), seen.clone());
            tokio::spawn(async move {
                while go_on.load(Ordering::Relaxed) {
                    let path = if number % 2 == 0 {
                        "/noop"
                    } else {
                        "/sleep?ms=30"
                    };
                    let answer = running.get(path).await;
                    assert_eq!(answer.status, 200);
                    let text = answer.text().to_owned();
                    seen.lock().expect("no panic").insert(text);
                }
            })
        })
        .collect();
    until("the first answers", || has("ok") && has("slept")).await;
    for (guest, answer) in [
        ("successor", "successor"),
        ("probe", "ok"),
        ("successor", "successor"),
    ] {
        put(running.directory.path(), "other.wasm", guest);
        running.app.reload("other").await.expect("a reload");
        // From now on nobody but the new one begins an answer.
        assert_eq!(running.get("/noop").await.text(), answer);
        seen.lock().expect("no panic").clear();
        until("answers of the new one", || has(answer)).await;
    }
    go_on.store(false, Ordering::Relaxed);
    for client in clients {
        client.await.expect("no request was dropped");
    }

    // A broken file changes nothing.
    std::fs::write(running.directory.path().join("other.wasm"), "nonsense").expect("a file");
    let error = running
        .app
        .reload("other")
        .await
        .expect_err("it is broken")
        .to_string();
    assert!(error.contains("other.wasm"), "{error}");
    assert_eq!(running.get("/noop").await.text(), "successor");
    assert!(running.app.reload("nobody").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_waits_for_requests_and_their_work() {
    let mut running = start().await;
    running.sql("CREATE TABLE later (n)").await;
    let base = running.base.clone();
    let slow = tokio::spawn(async move {
        let url = format!("{base}/sleep?ms=1000");
        crate::support::send(&url, http::Method::GET, &[], Default::default())
            .await
            .text()
            .to_owned()
    });
    until("the slow request is there", || is_at_work(&running)).await;
    assert_eq!(running.get("/front/later?count=1").await.text(), "accepted");
    running.stop().await.expect("all ends in time");
    assert_eq!(slow.await.expect("an answer"), "slept");
    // The socket is closed, the work is done.
    assert!(
        tokio::net::TcpStream::connect(running.base.trim_start_matches("http://"))
            .await
            .is_err()
    );
    let request = http::Request::builder().method("POST").uri("/sql");
    let request = request
        .body(host::full("SELECT count(*) FROM later"))
        .expect("a request");
    let response = running.app.call("back", request).await;
    let body = http_body_util::BodyExt::collect(response.into_body())
        .await
        .expect("a body")
        .to_bytes();
    let rows: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(rows["rows"], json!([[1]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_does_not_wait_for_ever() {
    let mut running = start_with(MANIFEST, |options| {
        options.limits.drain = Duration::from_millis(300)
    })
    .await;
    let base = running.base.clone();
    let slow = tokio::spawn(async move {
        let url = format!("{base}/sleep?ms=60000");
        crate::support::send(&url, http::Method::GET, &[], Default::default()).await
    });
    until("the slow request is there", || is_at_work(&running)).await;
    let begin = Instant::now();
    running.stop().await.expect_err("it is cut off");
    assert!(begin.elapsed() < Duration::from_secs(20));
    slow.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_are_used_again_and_let_go() {
    let running = start_with(MANIFEST, |options| {
        options.limits.idle = Duration::from_secs(3);
        options.limits.reuse = 128;
    })
    .await;
    for _ in 0..130 {
        assert_eq!(running.get("/noop").await.text(), "ok");
    }
    let metrics = running.app.metrics();
    assert!(
        metrics.contains("host_instances_created_total{component=\"other\"} 2"),
        "{metrics}"
    );
    until("the idle instance is let go", || !is_at_work(&running)).await;
}

/// Whether the component `other` has an instance.
fn is_at_work(running: &Running) -> bool {
    let metrics = running.app.metrics();
    metrics.contains("host_instances_live{component=\"other\"} ")
        && !metrics.contains("host_instances_live{component=\"other\"} 0")
}

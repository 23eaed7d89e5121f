//! Components that trap, loop, take too much, or are not there.

use crate::support::{MANIFEST, directory, options, start, start_with};
use bytes::Bytes;
use host::App;
use http::Method;
use manifest::Manifest;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trap_is_a_problem_and_others_go_on() {
    let running = Arc::new(start().await);
    for _ in 0..10 {
        let others = (0..8).map(|_| {
            let running = running.clone();
            tokio::spawn(async move { running.get("/noop").await.text().to_owned() })
        });
        let others: Vec<_> = others.collect();
        running.get("/front/trap").await.assert_problem(500);
        for other in others {
            assert_eq!(other.await.expect("an answer"), "ok");
        }
        assert_eq!(running.get("/front/noop").await.text(), "ok");
    }
    assert!(
        running
            .app
            .metrics()
            .contains("host_traps_total{component=\"front\"} 10")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_is_a_problem_without_its_text() {
    let running = start().await;
    let answer = running.get("/front/error").await;
    answer.assert_problem(500);
    assert!(!answer.text().contains("secret"));
    let answer = running
        .get("/front/chain?to=http%3A%2F%2Fback.spin.internal%2Ferror")
        .await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("secret"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_ends_at_the_time_limit_and_others_go_on() {
    let limit = Duration::from_secs(2);
    let running = start_with(MANIFEST, |options| options.limits.request = limit).await;
    let running = Arc::new(running);
    // Two components that keep a processor each: there are no more processors than that here.
    let loops: Vec<_> = ["/front/loop", "/front/sleep-then-loop?ms=20"]
        .map(|path| {
            let running = running.clone();
            tokio::spawn(async move { running.get(path).await })
        })
        .into();
    let mut served = 0;
    let mut longest = Duration::ZERO;
    while !loops.iter().any(|ended| ended.is_finished()) {
        let asked = Instant::now();
        assert_eq!(running.get("/front/noop").await.text(), "ok");
        assert_eq!(running.get("/noop").await.text(), "ok");
        longest = longest.max(asked.elapsed());
        served += 1;
    }
    // Nobody waited until a loop was ended.
    assert!(longest < limit / 2, "{longest:?}");
    assert!(served > 5, "{served}");
    for ended in loops {
        ended.await.expect("an answer").assert_problem(504);
    }
    assert!(
        running.app.quiet(Duration::from_secs(5)).await,
        "the instances go on"
    );
    let metrics = running.app.metrics();
    assert!(
        metrics.contains("host_timeouts_total{component=\"front\"} 2"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_does_not_come_is_not_waited_for() {
    let running = start_with(MANIFEST, |options| {
        options.limits.request = Duration::from_millis(300)
    })
    .await;
    let begin = Instant::now();
    running
        .get("/front/sleep?ms=60000")
        .await
        .assert_problem(504);
    // It would have come after a minute.
    assert!(begin.elapsed() < Duration::from_secs(20));
    assert!(running.app.quiet(Duration::from_secs(5)).await);
    assert_eq!(running.get("/front/noop").await.text(), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_has_a_limit() {
    let running = start().await;
    assert_eq!(
        running.get("/front/memory?mib=50").await.text(),
        (50 << 20).to_string()
    );
    running
        .get("/front/memory?mib=200")
        .await
        .assert_problem(500);
    assert_eq!(running.get("/front/noop").await.text(), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_requests_are_turned_away() {
    let running = start_with(MANIFEST, |options| options.limits.in_flight = 4).await;
    let running = Arc::new(running);
    // All of them are there before the first is answered.
    let requests: Vec<_> = (0..12)
        .map(|_| {
            let running = running.clone();
            tokio::spawn(async move { running.get("/front/sleep?ms=3000").await })
        })
        .collect();
    let mut refused = 0;
    for request in requests {
        let answer = request.await.expect("an answer");
        if answer.status == 200 {
            continue;
        }
        answer.assert_problem(503);
        assert_eq!(answer.headers["retry-after"], "2");
        refused += 1;
    }
    assert_eq!(refused, 8);
    assert_eq!(running.get("/front/noop").await.text(), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_has_a_limit() {
    let running = start_with(MANIFEST, |options| options.limits.body = 1000).await;
    assert_eq!(
        running.post("/front/echo", vec![b'x'; 1000]).await.status,
        200
    );
    running
        .post("/front/echo", vec![b'x'; 1001])
        .await
        .assert_problem(413);
    // Without its length in the head, a long body shows only while it is read.
    let address = running.base.trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address)
        .await
        .expect("a connection");
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    let request = format!(
        "POST /front/echo HTTP/1.1\r\nhost: {address}\r\ntransfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(4)
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 64];
    let read = stream.read(&mut answer).await.expect("an answer");
    assert!(
        answer[..read].starts_with(b"HTTP/1.1 500"),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_is_let_go() {
    let running = start_with(MANIFEST, |options| {
        options.limits.head_read = Duration::from_millis(200);
        options.limits.body_read = Duration::from_millis(200);
    })
    .await;
    let address = running.base.trim_start_matches("http://").to_owned();
    for beginning in [
        "GET /front/noop HTTP/1.1\r\nhost: a".to_owned(),
        format!("POST /front/echo HTTP/1.1\r\nhost: {address}\r\ncontent-length: 10\r\n\r\nabc"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address)
            .await
            .expect("a connection");
        stream.write_all(beginning.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "still open after {beginning:?}");
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_component_does_not_stop_the_others() {
    let manifest = MANIFEST.replace(
        "[component.other]\nsource = \"probe.wasm\"",
        "[component.other]\nsource = \"later.wasm\"",
    );
    let mut running = start_with(&manifest, |_| {}).await;
    assert_eq!(running.app.unavailable(), ["other"]);
    assert_eq!(running.get("/front/noop").await.text(), "ok");
    let absent = running.get("/noop").await;
    absent.assert_problem(503);
    assert!(absent.headers.contains_key("retry-after"));
    assert!(running.app.reload("other").await.is_err());
    crate::support::put(running.directory.path(), "later.wasm", "probe");
    running.app.reload("other").await.expect("it is there now");
    assert_eq!(running.get("/noop").await.text(), "ok");
    assert!(running.app.unavailable().is_empty());
    running.stop().await.expect("it ends well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_at_the_start() {
    let refused = async |manifest: &str, break_file: bool| {
        let directory = directory(manifest);
        if break_file {
            std::fs::write(directory.path().join("probe.wasm"), "nonsense").expect("a file");
        }
        let options = options(directory.path(), |_| {});
        let manifest = Manifest::load(directory.path().join("spin.toml")).expect("a manifest");
        match App::load(manifest, options).await {
            Ok(_) => panic!("it loads"),
            Err(error) => error.to_string(),
        }
    };
    let error = refused(
        &MANIFEST.replace("{ default = \"Ningbo\" }", "{ required = true }"),
        false,
    )
    .await;
    assert!(
        error.contains("spin.toml:9:") && error.contains("city"),
        "{error}"
    );
    let error = refused(
        &MANIFEST.replace(
            "sqlite_databases = [\"default\"]",
            "sqlite_databases = [\"extra\"]",
        ),
        false,
    )
    .await;
    assert!(
        error.contains("spin.toml:") && error.contains("`extra`"),
        "{error}"
    );
    let error = refused(MANIFEST, true).await;
    assert!(
        error.contains("spin.toml:") && error.contains("probe.wasm"),
        "{error}"
    );
    // Each of the three components is named.
    assert_eq!(error.lines().count(), 3, "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_without_a_host_are_refused() {
    let running = start().await;
    let address = running.base.trim_start_matches("http://").to_owned();
    for (request, status) in [
        ("GET /front/noop HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (
            format!("GET http://other/front/noop HTTP/1.1\r\nhost: {address}\r\n\r\n"),
            "400",
        ),
        (
            format!("GET http://{address}/front/noop HTTP/1.1\r\nhost: {address}\r\n\r\n"),
            "200",
        ),
        (
            format!("OPTIONS * HTTP/1.1\r\nhost: {address}\r\n\r\n"),
            "404",
        ),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address)
            .await
            .expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(
            String::from_utf8_lossy(&answer),
            format!("HTTP/1.1 {status}"),
            "{request}"
        );
    }
    let answer = running
        .send(
            Method::GET,
            "/front/noop",
            &[("host", "a:b:c")],
            Bytes::new(),
        )
        .await;
    answer.assert_problem(400);
}

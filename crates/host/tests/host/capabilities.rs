//! Databases, variables, files, output.

use crate::support::{MANIFEST, start, start_with};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_and_their_results() {
    let running = start().await;
    running
        .sql("CREATE TABLE t (n INTEGER PRIMARY KEY, x)")
        .await;
    let inserted = running
        .sql("INSERT INTO t (x) VALUES ('a'), (2.5), (x'00ff'), (NULL)")
        .await;
    assert_eq!(
        inserted,
        json!({ "columns": [], "rows": [], "changes": 4, "last": 4 })
    );
    let rows = running.sql("SELECT n, x FROM t ORDER BY n").await;
    assert_eq!(rows["columns"], json!(["n", "x"]));
    assert_eq!(
        rows["rows"],
        json!([[1, "a"], [2, 2.5], [3, [0, 255]], [4, null]])
    );
    assert_eq!(
        running.sql("SELECT n FROM t WHERE n > 100").await["rows"],
        json!([])
    );
    let wrong = running
        .post("/front/sql", "SELECT nonsense FROM nowhere")
        .await;
    assert_eq!(wrong.status, 409);
    assert!(wrong.text().contains("no such table"), "{}", wrong.text());
    let twice = running
        .post("/front/sql", "INSERT INTO t (n) VALUES (1)")
        .await;
    assert!(
        twice.text().contains("UNIQUE constraint failed"),
        "{}",
        twice.text()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_committed_rolled_back_or_dropped() {
    let running = start().await;
    running.sql("CREATE TABLE t (n)").await;
    running
        .sql("BEGIN IMMEDIATE\nINSERT INTO t VALUES (1)\nINSERT INTO t VALUES (2)\nCOMMIT")
        .await;
    assert_eq!(running.get("/front/sql/rollback").await.text(), "left");
    assert_eq!(running.get("/front/sql/drop").await.text(), "left");
    // Had one of them stayed open, this write would wait for it in vain.
    let begin = Instant::now();
    running.sql("INSERT INTO t VALUES (3)").await;
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert_eq!(
        running.sql("SELECT n FROM t ORDER BY n").await["rows"],
        json!([[1], [2], [3]])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_rows() {
    let running = start().await;
    let select = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000) SELECT n, 'x' FROM c";
    let rows = running.sql(select).await["rows"]
        .as_array()
        .expect("rows")
        .clone();
    assert_eq!(rows.len(), 1000);
    assert_eq!(rows[999], json!([1000, "x"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_lose_nothing() {
    let running = std::sync::Arc::new(start().await);
    running.sql("CREATE TABLE t (n INTEGER)").await;
    running.sql("INSERT INTO t VALUES (0)").await;
    let writers = (0..40).map(|_| {
        let running = running.clone();
        tokio::spawn(async move {
            running
                .sql("BEGIN IMMEDIATE\nUPDATE t SET n = n + 1\nCOMMIT")
                .await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a write");
    }
    assert_eq!(running.sql("SELECT n FROM t").await["rows"], json!([[40]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_databases_of_the_manifest() {
    let running = start().await;
    let answer = running.get("/front/sql/other").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (403, "Error::AccessDenied")
    );
    let answer = running.post("/sql", "SELECT 1").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (502, "Error::AccessDenied")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_postgres_servers_of_the_manifest() {
    let running = start().await;
    for (at, part) in [
        (
            "postgres://user:secret@db.example.com/x",
            "allowed_outbound_hosts",
        ),
        ("postgres:///x", "names no host"),
        ("host=/tmp", "must be a postgres:// URL"),
    ] {
        let at = at
            .replace(':', "%3A")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let answer = running.get(&format!("/front/postgres?at={at}")).await;
        assert_eq!(answer.status, 502);
        assert!(
            answer.text().contains("ConnectionFailed") && answer.text().contains(part),
            "{}",
            answer.text()
        );
        assert!(!answer.text().contains("secret"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_server() {
    let server = sql::testing::TestServer::start().expect("a PostgreSQL server");
    let address = server.database().await.expect("a database");
    let manifest = MANIFEST.replace("\"http://127.0.0.1:*\"", "\"postgres://*:*\"");
    let running = start_with(&manifest, |_| {}).await;
    let at = address
        .replace(':', "%3A")
        .replace('/', "%2F")
        .replace('=', "%3D")
        .replace('&', "%26")
        .replace('?', "%3F");
    let at = format!("/front/postgres?at={at}");

    let values = "SELECT 7 AS n, 'x' AS t, NULL::int8 AS z, 2.5::float8 AS f, true AS b, DATE '2024-02-29' AS d, 1.50 AS m";
    let answer = running.post(&at, values).await.json();
    assert_eq!(
        answer["columns"],
        json!([
            "n: DbDataType::Int32",
            "t: DbDataType::Str",
            "z: DbDataType::Int64",
            "f: DbDataType::Floating64",
            "b: DbDataType::Boolean",
            "d: DbDataType::Date",
            "m: DbDataType::Decimal"
        ])
    );
    assert_eq!(
        answer["rows"],
        json!([[
            "DbValue::Int32(7)",
            "DbValue::Str(\"x\")",
            "DbValue::DbNull",
            "DbValue::Floating64(2.5)",
            "DbValue::Boolean(true)",
            "DbValue::Date((2024, 2, 29))",
            "DbValue::Decimal(\"1.50\")"
        ]])
    );

    running
        .post(&at, "CREATE TABLE t (n int PRIMARY KEY)")
        .await;
    running
        .post(&at, "BEGIN\nINSERT INTO t VALUES (1)\nCOMMIT")
        .await;
    // What is left open is rolled back with its connection.
    running.post(&at, "BEGIN\nINSERT INTO t VALUES (2)").await;
    let twice = running.post(&at, "INSERT INTO t VALUES (1)").await;
    assert_eq!(twice.status, 502);
    for part in ["23505", "constraint", "t_pkey"] {
        assert!(twice.text().contains(part), "{}", twice.text());
    }
    let rows = running.post(&at, "SELECT n FROM t").await.json();
    assert_eq!(rows["rows"], json!([["DbValue::Int32(1)"]]));
    let none = running
        .post(&at, "SELECT n FROM t WHERE n > 5")
        .await
        .json();
    assert_eq!(none["rows"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variables_of_the_manifest() {
    let running = start().await;
    assert_eq!(
        running.get("/front/variable?name=place").await.text(),
        "Ningbo!"
    );
    for (name, error) in [
        ("city", "Error::Undefined(\"city\")"),
        ("Not-One", "Error::InvalidName(\"Not-One\")"),
    ] {
        let answer = running.get(&format!("/front/variable?name={name}")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (404, error));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_read_only_and_one_s_own() {
    let running = start().await;
    assert_eq!(
        running.get("/front/file?name=/texts/a.txt").await.text(),
        "from a file"
    );
    for missing in [
        "/front/file?name=/spin.toml",
        "/front/file?name=/../spin.toml",
        "/file?name=/texts/a.txt",
    ] {
        assert_eq!(running.get(missing).await.status, 404, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_goes_to_files() {
    let running = start().await;
    assert_eq!(running.get("/front/print").await.text(), "printed");
    let logs = running.directory.path().join(".spin/logs");
    let read = |name: &str| std::fs::read_to_string(logs.join(name)).unwrap_or_default();
    crate::support::until("both files are written", || {
        read("front_stderr.txt").ends_with('\n')
            && read("front_stdout.txt").ends_with("second line\n")
    })
    .await;
    assert_eq!(read("front_stdout.txt"), "first line\nsecond line\n");
    assert_eq!(read("front_stderr.txt"), "to the error stream\n");
}

//! Publishing and taking back while requests run: none fails, none mixes two releases, and nothing is left behind.

use super::*;
use crate::database::{Connection, Database};
use crate::handler::hostile::{broken, speaking};
use crate::handler::orders::{ALL, Order, Secret};
use crate::handler::publishing::{DEPARTMENT, database, order, passed, publish, publisher};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::handlers as table;

/// Orders under load; `WENZHENG_ORDERS` asks for another number.
const ORDERS: u64 = 1_000;
/// Requests at the same time.
const CLIENTS: usize = 3;
const MARKS: [&str; 2] = ["even", "odd."];

struct Platform {
    departments: Arc<Departments>,
    database: Database,
    _folder: tempfile::TempDir,
}

impl Platform {
    async fn start() -> Platform {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(folder.path()).await;
        let departments = Arc::new(Departments::default());
        let published =
            Database::open(&crate::place::Target::Sqlite(folder.path().join("test.db")))
                .await
                .expect("opened");
        tokio::spawn(watch(
            departments.clone(),
            published,
            folder.path().join("cache"),
        ));
        Platform {
            departments,
            database,
            _folder: folder,
        }
    }

    async fn connection(&self) -> Connection {
        self.database.connection().await.expect("a connection")
    }

    async fn until_serving(&self, revision: i64) {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let serving = self.departments.serving(DEPARTMENT);
            if serving.is_some_and(|serving| serving.revision >= revision) {
                return;
            }
            assert!(
                Instant::now() < patience,
                "revision {revision} never serves"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Asks for one case at the stage answer.
async fn ask(departments: &Departments, number: &str) -> (StatusCode, Json) {
    let inquiry = json!({
        "number": number, "language": "zh-CN", "kind": "Help", "urgency": "Normal", "subject": "路灯不亮", "body": "",
        "division": null, "address": null, "category": null, "supplements": [],
    });
    let body = json!({ "inquiry": inquiry, "articles": [] }).to_string();
    let request = Request::post(format!("{ADDRESS}/{DEPARTMENT}/answer"))
        .body(Bytes::from(body))
        .expect("a request");
    let response = departments.answer(request).await;
    let status = response.status();
    let body = serde_json::from_slice(response.body()).unwrap_or_default();
    (status, body)
}

/// Publishes a release that says whether its number is even.
async fn put(connection: &mut Connection, secret: &Secret, number: u64, share: i64) {
    let component = speaking(MARKS[(number % 2) as usize]);
    let passed = passed(&component, &format!("1.0.{number}"));
    publish(connection, secret, &passed, share)
        .await
        .expect("published");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_under_load_lose_nothing_and_mix_nothing() {
    let orders: u64 = std::env::var("WENZHENG_ORDERS")
        .ok()
        .and_then(|orders| orders.parse().ok())
        .unwrap_or(ORDERS);
    let platform = Platform::start().await;
    let connection = &mut platform.connection().await;
    let secret = publisher(connection, "王工").await;
    put(connection, &secret, 1, ALL).await;
    platform.until_serving(1).await;

    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (departments, stop, answered) =
                (platform.departments.clone(), stop.clone(), answered.clone());
            tokio::spawn(async move {
                let mut seen: BTreeMap<i64, u64> = BTreeMap::new();
                let mut at = 0;
                while !stop.load(Ordering::Relaxed) {
                    at += 1;
                    let (status, body) = ask(&departments, &format!("YZ{client}-{at}")).await;
                    // On a starved machine the department's turns may run out, which has nothing to do with orders.
                    if body["failed"] == "busy" {
                        continue;
                    }
                    assert_eq!(status, StatusCode::OK, "{body}");
                    let release = body["handler"]["release"].as_i64().expect("a release");
                    // Its word in both functions is the word of the release that is named.
                    let mark = MARKS[(release % 2) as usize];
                    assert_eq!(body["triage"]["Ok"]["Accept"], mark, "{body}");
                    assert_eq!(body["draft"]["Ok"]["body"], mark, "{body}");
                    *seen.entry(release).or_default() += 1;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                seen
            })
        })
        .collect();

    // What every order must have come to, by a model of its own.
    let mut releases: Vec<i64> = vec![1];
    let mut expected = vec![("publish".to_owned(), Some(1))];
    let mut last = 1;
    let mut given_up: Vec<std::sync::Weak<Serving>> = Vec::new();
    for at in 0..orders {
        if at % 3 == 2 {
            order(connection, &secret, Order::Rollback { to: None })
                .await
                .expect("taken back");
            // The one before is the greatest that is smaller than the current one.
            releases.pop();
            expected.push(("rollback".to_owned(), releases.last().copied()));
        } else {
            last += 1;
            put(connection, &secret, last, ALL).await;
            // Releases that were taken back are earlier ones all the same.
            releases = (1..=last as i64).collect();
            expected.push(("publish".to_owned(), Some(last as i64)));
        }
        if at % 20 == 0 {
            platform.until_serving(at as i64 + 2).await;
        }
        given_up.extend(
            platform
                .departments
                .serving(DEPARTMENT)
                .map(|it| Arc::downgrade(&it)),
        );
    }
    platform.until_serving(orders as i64 + 1).await;
    stop.store(true, Ordering::Relaxed);
    let mut seen = BTreeMap::new();
    for client in clients {
        for (release, count) in client.await.expect("no request failed") {
            *seen.entry(release).or_insert(0) += count;
        }
    }
    let answered = answered.load(Ordering::Relaxed);
    println!(
        "{orders} orders, {answered} requests by {} releases, none failed",
        seen.len()
    );
    assert!(
        answered > orders && seen.len() > 3,
        "there was no load: {seen:?}"
    );

    let log = table::log(connection, DEPARTMENT, i64::MAX)
        .await
        .expect("read");
    let history: Vec<(String, Option<i64>)> = log
        .iter()
        .rev()
        .map(|entry| (entry.action.clone(), entry.release))
        .collect();
    assert_eq!(history, expected);
    let standing = table::standing(connection, DEPARTMENT)
        .await
        .expect("read")
        .expect("one");
    assert_eq!(
        standing.current,
        expected.last().and_then(|(_, release)| *release)
    );
    // Only what serves is still there: the code of a release goes with the last request that uses it.
    let alive: std::collections::BTreeSet<_> = given_up
        .iter()
        .filter_map(std::sync::Weak::upgrade)
        .map(|serving| serving.revision)
        .collect();
    assert!(alive.len() <= 1, "left behind: {alive:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_on_trial_decides_its_share_of_the_cases() {
    let platform = Platform::start().await;
    let connection = &mut platform.connection().await;
    let secret = publisher(connection, "王工").await;
    put(connection, &secret, 1, ALL).await;
    put(connection, &secret, 2, 20).await;
    platform.until_serving(2).await;
    let mut decided = BTreeMap::new();
    for at in 0..500 {
        let number = format!("YZ20260901-{at:08}");
        let (_, body) = ask(&platform.departments, &number).await;
        let (_, again) = ask(&platform.departments, &number).await;
        // A case stays with its release.
        assert_eq!(body["handler"]["release"], again["handler"]["release"]);
        *decided
            .entry(body["handler"]["release"].as_i64())
            .or_insert(0) += 1;
    }
    let on_trial = decided.get(&Some(2)).copied().unwrap_or(0);
    // Five standard deviations of a fifth of 500.
    assert!((55..=145).contains(&on_trial), "{decided:?}");
    order(connection, &secret, Order::Promote)
        .await
        .expect("promoted");
    platform.until_serving(3).await;
    for at in 0..20 {
        let (_, body) = ask(&platform.departments, &format!("YZ20260901-{at:08}")).await;
        assert_eq!(body["handler"]["release"], 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_department_is_told_that_its_handler_rests() {
    let platform = Platform::start().await;
    let connection = &mut platform.connection().await;
    let secret = publisher(connection, "王工").await;
    let passed = passed(&broken(), "1.0.0");
    publish(connection, &secret, &passed, ALL)
        .await
        .expect("published");
    platform.until_serving(1).await;
    let mut causes = Vec::new();
    for at in 0..8 {
        let (status, body) = ask(&platform.departments, &format!("YZ{at}")).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        causes.push(body["failed"].as_str().unwrap_or_default().to_owned());
    }
    // Five failures, and then it is not called any more.
    assert_eq!(causes[..5], ["trap"; 5]);
    assert_eq!(causes[5..], ["resting"; 3]);
    let patience = Instant::now() + Duration::from_secs(30);
    let notices = loop {
        let notices = table::notices(connection, DEPARTMENT, 10)
            .await
            .expect("read");
        if !notices.is_empty() || Instant::now() > patience {
            break notices;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    // Once, however often it is asked.
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!((notices[0].release, notices[0].what.as_str()), (1, "rests"));
    assert_eq!(notices[0].cause.as_deref(), Some("trap"));
}

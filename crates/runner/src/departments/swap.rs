//! Publishing and taking back while requests run: none fails, none mixes two releases, and nothing is left behind.

use super::*;
use crate::database::{Connection, Database};
use crate::handler::hostile::{broken, speaking, speaking_apart, speaking_at_length};
use crate::handler::published::{
    DEPARTMENT, database, order, passed, publish, publisher, publisher_of,
};
use host::Engine;
use host::department::DepartmentLimits;
use publishing::order::{ALL, Order};
use publishing::signature::Secret;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::handlers as table;

/// Orders under load; `WENZHENG_ORDERS` asks for another number.
const ORDERS: u64 = 1_000;
/// After every so many, the test waits until the last one serves, and looks at the memory.
const STRIDE: u64 = 4;
/// Tells the test of memory that it is alone in its process.
const ALONE: &str = "WENZHENG_ALONE";
/// Another department than [`DEPARTMENT`].
const OTHER: &str = "education";
/// Requests at the same time.
const CLIENTS: usize = 3;
/// The folder of compiled code.
const CACHE: &str = "cache";
const MARKS: [&str; 2] = ["even", "odd."];

struct Platform {
    departments: Arc<Departments>,
    database: Database,
    folder: tempfile::TempDir,
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
            folder.path().join(CACHE),
            Kept::default(),
        ));
        Platform {
            departments,
            database,
            folder,
        }
    }

    async fn connection(&self) -> Connection {
        self.database.connection().await.expect("a connection")
    }

    /// Where compiled code is kept.
    fn cache(&self) -> PathBuf {
        self.folder.path().join(CACHE)
    }

    /// The compiled code of `component`, once it is there.
    fn code_of(&self, component: &[u8]) -> Option<PathBuf> {
        let digest = seal::hex(&seal::digest(&[component]));
        let files = std::fs::read_dir(self.cache()).ok()?;
        files.flatten().map(|entry| entry.path()).find(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&digest) && name.ends_with(".cwasm")
        })
    }

    fn revision(&self, department: &str) -> Option<i64> {
        self.departments
            .serving(department)
            .map(|serving| serving.revision)
    }

    async fn until_serving(&self, revision: i64) {
        self.until(DEPARTMENT, revision).await;
    }

    async fn until(&self, department: &str, revision: i64) {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let serving = self.departments.serving(department);
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

/// Publishes a release that says whether its number is even; each is a component of its own.
async fn put(connection: &mut Connection, secret: &Secret, number: u64, share: i64) {
    let component = speaking_apart(MARKS[(number % 2) as usize], number);
    let passed = passed(&component, &format!("1.0.{number}"));
    publish(connection, secret, &passed, share)
        .await
        .expect("published");
}

/// What this process has in memory.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// Bytes that are in the machine's memory.
    resident: u64,
    /// Stretches of compiled code that are mapped.
    mapped: usize,
}

/// What Linux says of this process; none elsewhere.
fn held(cache: &std::path::Path) -> Option<Held> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?
        .trim()
        .strip_suffix(" kB")?
        .parse()
        .ok()?;
    let cache = cache.to_string_lossy().into_owned();
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    Some(Held {
        resident: kib << 10,
        mapped: maps.lines().filter(|line| line.contains(&cache)).count(),
    })
}

/// Runs the test `name` once more, alone in a process: the memory of the others is not its own.
async fn alone(name: &str) {
    let test = std::env::current_exe().expect("this program");
    let output = tokio::process::Command::new(test)
        .args([name, "--exact", "--nocapture"])
        .env(ALONE, "1")
        .output()
        .await
        .expect("started");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Bytes that one release takes while it is loaded and was called: measured by holding many out of `cache`.
fn weight(cache: &std::path::Path) -> u64 {
    const MANY: usize = 100;
    let limits = DepartmentLimits::default();
    let engine = Engine::for_departments(limits.memory).expect("an engine");
    let before = held(cache).expect("Linux says it").resident;
    let releases: Vec<DepartmentHandler> = (1..=ORDERS)
        .filter_map(|number| {
            let wasm = speaking_apart(MARKS[(number % 2) as usize], number);
            let sha256 = seal::digest(&[&wasm]);
            DepartmentHandler::cached(&engine, &sha256, cache, limits).expect("fit")
        })
        .take(MANY)
        .inspect(|release| assert!(release.describe().0.is_ok()))
        .collect();
    let after = held(cache).expect("Linux says it").resident;
    assert_eq!(releases.len(), MANY, "too few releases were compiled");
    after.saturating_sub(before) / MANY as u64
}

/// The later half of `held` is hardly larger than the earlier one.
///
/// `weight` are the bytes of one release and `loaded` the releases that were loaded between the two medians that are
/// compared. If they had stayed, the process would have grown by `loaded * weight`, and every one would have kept its
/// code mapped; half of that growth is allowed, for the history, which is longer then and is read as a whole for each
/// order, and for the caches of a larger database.
fn assert_kept(held: &[Held], weight: u64, loaded: u64) {
    let (earlier, later) = held.split_at(held.len() / 2);
    let median = |half: &[Held]| {
        let mut bytes: Vec<u64> = half.iter().map(|held| held.resident).collect();
        bytes.sort_unstable();
        bytes[bytes.len() / 2]
    };
    let (before, after) = (median(earlier), median(later));
    let most = held.iter().map(|held| held.mapped).max().unwrap_or(0);
    println!(
        "resident {} KiB in the earlier half, {} KiB in the later; {loaded} releases of {} KiB loaded between; at most {most} stretches of code mapped",
        before >> 10,
        after >> 10,
        weight >> 10
    );
    assert!(
        after <= before + loaded * weight / 2,
        "memory grows: {before} to {after} bytes"
    );
    // What serves, what is being loaded, what requests of an instant ago still use; a handful of stretches each.
    assert!(most <= 40, "code stays mapped: {most} stretches");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_under_load_lose_nothing_and_mix_nothing() {
    if std::env::var_os(ALONE).is_none() {
        return alone("departments::swap::orders_under_load_lose_nothing_and_mix_nothing").await;
    }
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
    let mut memory: Vec<Held> = Vec::new();
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
        if at % STRIDE == 0 {
            platform.until_serving(at as i64 + 2).await;
            memory.extend(held(&platform.cache()));
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

    if cfg!(target_os = "linux") {
        // Half of the looks lie between the two medians, and each has seen a release that the one before had not.
        let weight = weight(&platform.cache());
        assert_kept(&memory, weight, orders / STRIDE / 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_release_holds_up_no_order_and_is_only_loaded_once_it_is_compiled() {
    let platform = Platform::start().await;
    let connection = &mut platform.connection().await;
    let secret = publisher(connection, "王工").await;
    let other = publisher_of(connection, OTHER, "李工").await;
    put(connection, &secret, 1, ALL).await;
    platform.until_serving(1).await;

    let large = speaking_at_length(MARKS[0]);
    assert!(large.len() > host::LARGE);
    let begin = Instant::now();
    publish(connection, &secret, &passed(&large, "2.0.0"), ALL)
        .await
        .expect("published");
    // Longer than it takes until the platform has seen it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut small = passed(&speaking(MARKS[1]), "1.0.0");
    small.description.department = OTHER.to_owned();
    publish(connection, &other, &small, ALL)
        .await
        .expect("published");
    platform.until(OTHER, 1).await;
    // The department itself may take it back before it has ever served.
    order(connection, &secret, Order::Rollback { to: None })
        .await
        .expect("taken back");
    platform.until_serving(3).await;
    assert!(
        platform.code_of(&large).is_none(),
        "the large one was compiled before the others served"
    );

    while platform.code_of(&large).is_none() {
        assert!(begin.elapsed() < Duration::from_secs(120), "never compiled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let compiling = begin.elapsed();
    // What was overtaken takes no place when it is ready at last.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(platform.revision(DEPARTMENT), Some(3));
    let (_, body) = ask(&platform.departments, "YZ1").await;
    assert_eq!(body["handler"]["release"], 1, "{body}");

    let begin = Instant::now();
    order(connection, &secret, Order::Rollback { to: Some(2) })
        .await
        .expect("ordered");
    platform.until_serving(4).await;
    let loading = begin.elapsed();
    let (_, body) = ask(&platform.departments, "YZ1").await;
    assert_eq!(body["handler"]["release"], 2, "{body}");
    println!("compiled after {compiling:?}, out of the cache after {loading:?}");
    assert!(loading < compiling / 2, "{loading:?} of {compiling:?}");
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

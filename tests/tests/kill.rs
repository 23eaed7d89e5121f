//! kill -9 at a random moment under load, again and again: what was
//! acknowledged is there after every restart, and what was under way goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use case::State;
use futures::future::join_all;
use serde_json::{Value as Json, json};
use tokio::sync::Mutex;
use wenzheng_tests::cases::{answer, kinds};
use wenzheng_tests::platform::unique;
use wenzheng_tests::runner::IMPATIENT;
use wenzheng_tests::{Caller, Driver, Platform, Reply, Runner, Submitted};

/// How often the runner is killed.
const KILLS: u32 = 50;

/// Citizens, each with the staff that attends to their case, who press on at the same time.
const AT_ONCE: usize = 8;

/// The runner lives for at most so long under load, in milliseconds.
const LIFE: u64 = 1000;

/// How long the rest may take at the end.
const REST: Duration = Duration::from_secs(90);

/// Something that the platform has said yes to.
#[derive(Clone, Debug)]
struct Acknowledged {
    number: String,
    /// The kind of the event that it was about.
    kind: &'static str,
    /// The sequence that the case had then.
    sequence: u64,
}

/// What all citizens together remember.
#[derive(Default)]
struct Memory {
    acknowledged: Vec<Acknowledged>,
    cases: BTreeMap<String, Submitted>,
    /// Keys of messages of which nobody knows whether they got through, with the message.
    unknown: Vec<(String, Json)>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost() -> Result<()> {
    let Some(mut runner) = Runner::prepare("kill", IMPATIENT).await? else {
        return Ok(());
    };
    runner.start().await?;
    let platform = Arc::new(runner.platform().await?);
    let driver = Driver::new(&platform).await?;
    let memory = Arc::new(Mutex::new(Memory::default()));
    let mut chance = Chance::new();
    println!("seed {:#x}", chance.0);
    let begin = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut checked = 0;
    for round in 1..=KILLS {
        let stop = Arc::new(AtomicBool::new(false));
        let load = async {
            let citizens = (0..AT_ONCE).map(|_| live(&driver, &memory, &stop));
            join_all(citizens).await;
        };
        let killing = async {
            tokio::time::sleep(Duration::from_millis(chance.below(LIFE))).await;
            runner.kill()?;
            stop.store(true, Ordering::Relaxed);
            let start = Instant::now();
            runner.start().await?;
            slowest = slowest.max(start.elapsed());
            anyhow::Ok(())
        };
        let (_, killed) = tokio::join!(load, killing);
        killed.with_context(|| format!("kill {round}"))?;

        let new = memory
            .lock()
            .await
            .acknowledged
            .get(checked..)
            .unwrap_or_default()
            .to_vec();
        checked += new.len();
        check(&driver, &new)
            .await
            .with_context(|| format!("after kill {round}"))?;
    }
    let killing = begin.elapsed();

    // A message whose answer was lost is sent again with its key: it is one case, before and after.
    let memory = std::mem::take(&mut *memory.lock().await);
    let mut again = 0;
    for (key, message) in &memory.unknown {
        let first = submit(&platform, key, message).await?.expect(201)?.json();
        let second = submit(&platform, key, message).await?.expect(201)?.json();
        ensure!(
            first["number"] == second["number"],
            "one message became two cases: {first} {second}"
        );
        again += 1;
    }

    let begin = Instant::now();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for number in memory.cases.keys() {
        let view = loop {
            let view = driver.view(number).await?;
            if rests(&view) {
                break view;
            }
            ensure!(begin.elapsed() < REST, "{number} does not go on: {view}");
            platform.sweep().await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let state = view["state"].as_str().unwrap_or_default().to_owned();
        ensure!(
            State::ALL.iter().any(|known| known.name() == state),
            "{number} is in the state {state:?}"
        );
        *ends.entry(state).or_default() += 1;
    }
    check(&driver, &memory.acknowledged).await?;
    let verified = runner.verify()?;
    println!(
        "{KILLS} kills in {} s, slowest start {} ms: {} cases and {} steps acknowledged, none lost; \
         {again} messages without an answer sent again; at rest after {} s: {ends:?}; {verified}",
        killing.as_secs(),
        slowest.as_millis(),
        memory.cases.len(),
        memory.acknowledged.len() - memory.cases.len(),
        begin.elapsed().as_secs(),
    );
    ensure!(
        memory.cases.len() > KILLS as usize,
        "hardly anything happened: {} cases",
        memory.cases.len()
    );
    ensure!(
        memory.acknowledged.len() > 3 * KILLS as usize,
        "hardly anything was acknowledged"
    );
    Ok(())
}

/// Everything that was acknowledged is in its case.
async fn check(driver: &Driver<'_>, acknowledged: &[Acknowledged]) -> Result<()> {
    let mut cases: BTreeMap<&str, Vec<&Acknowledged>> = BTreeMap::new();
    for one in acknowledged {
        cases.entry(&one.number).or_default().push(one);
    }
    for (number, steps) in cases {
        let view = driver
            .view(number)
            .await
            .with_context(|| format!("the case {number} is gone"))?;
        let kinds = kinds(&view);
        for step in steps {
            ensure!(
                kinds.iter().any(|kind| kind == step.kind),
                "{step:?} is gone: {kinds:?}"
            );
            ensure!(
                view["sequence"].as_u64() >= Some(step.sequence),
                "{step:?} is gone: {}",
                view["sequence"]
            );
        }
        let sequences = view["events"].as_array().map_or(0, Vec::len);
        ensure!(
            view["sequence"].as_u64() == Some(sequences as u64),
            "{number} has a gap: {view}"
        );
    }
    Ok(())
}

/// Whether it is a person's turn, or nobody's.
fn rests(view: &Json) -> bool {
    let last = kinds(view).pop().unwrap_or_default();
    match view["state"].as_str().unwrap_or_default() {
        "received" => last == "classification-abstained" || !view["held"].is_null(),
        "classified" => last == "routing-abstained",
        "assigned" => ["drafted", "draft-refused"].contains(&last.as_str()),
        "answered" => last == "examined",
        "reviewed" => false,
        _ => true,
    }
}

/// Sends messages and takes every step that comes next, until somebody says stop or nobody answers any more.
async fn live(driver: &Driver<'_>, memory: &Mutex<Memory>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        if one_case(driver, memory, stop).await.is_none() {
            // The connection is gone; who called goes on after the restart.
            return;
        }
    }
}

/// One case from its message to its rating; none when an answer did not come.
async fn one_case(driver: &Driver<'_>, memory: &Mutex<Memory>, stop: &AtomicBool) -> Option<()> {
    let (key, message) = (unique(), driver.household(true));
    memory
        .lock()
        .await
        .unknown
        .push((key.clone(), message.clone()));
    let reply = submit(driver.platform, &key, &message).await.ok()?;
    if reply.status != 201 {
        return None;
    }
    let body = reply.json();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let case = Submitted {
        number: text("number")?,
        code: text("query_code")?,
    };
    {
        let mut memory = memory.lock().await;
        memory.unknown.retain(|(other, _)| *other != key);
        memory.acknowledged.push(Acknowledged {
            number: case.number.clone(),
            kind: "received",
            sequence: 1,
        });
        memory.cases.insert(case.number.clone(), case.clone());
    }
    let officer = Caller::Staff(&driver.officer);
    let reviewer = Caller::Staff(&driver.reviewer);
    let citizen = Caller::Citizen(&case.code);
    let rating = json!({ "grade": "satisfied", "solved": true });
    while !stop.load(Ordering::Relaxed) {
        let view = driver.view(&case.number).await.ok()?;
        let (caller, resource, kind, body) = match view["state"].as_str()? {
            "assigned" => (officer, "acceptance", "accepted", json!({})),
            "handling" => (officer, "answer", "answered", answer()),
            "answered" => (reviewer, "approval", "approved", json!({})),
            "published" => (citizen, "rating", "rated", rating.clone()),
            "closed-solved" => return Some(()),
            _ => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
        };
        let reply = driver
            .try_act(caller, &case.number, resource, &body)
            .await
            .ok()?;
        // 409: the platform itself was faster, as when the draft came between two looks.
        if reply.status == 200 {
            let sequence = reply.json()["sequence"].as_u64()?;
            memory.lock().await.acknowledged.push(Acknowledged {
                number: case.number.clone(),
                kind,
                sequence,
            });
        }
    }
    Some(())
}

async fn submit(platform: &Platform, key: &str, message: &Json) -> Result<Reply> {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", key.to_owned()),
    ];
    let body = message.to_string().into_bytes();
    platform
        .send(
            Caller::Channel,
            reqwest::Method::POST,
            "/api/cases",
            &headers,
            Some(body),
        )
        .await
}

/// Numbers that are as good as random (xorshift); the seed is printed.
struct Chance(u64);

impl Chance {
    fn new() -> Chance {
        let seed = unique()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Chance(seed | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

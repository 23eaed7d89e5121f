//! Citizens and staff who press on whatever happens to the platform, and
//! remember what it has said yes to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use case::State;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::sync::Mutex;

use crate::cases::{answer, kinds};
use crate::platform::unique;
use crate::{Caller, Driver, Platform, Reply, Submitted};

/// How long to wait before asking again what was refused with 503.
const PAUSE: Duration = Duration::from_millis(100);

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
    /// How many of them [`Load::check_new`] has seen.
    checked: usize,
    cases: BTreeMap<String, Submitted>,
    /// Keys of messages of which nobody knows whether they got through, with the message.
    unknown: Vec<(String, Json)>,
    /// Answers that should never come.
    wrong: Vec<String>,
    /// Requests that were refused with a proper 503.
    refused: usize,
    /// Requests that had no answer at all.
    cut: usize,
}

/// What came of the load.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Cases acknowledged.
    pub cases: usize,
    /// Steps acknowledged, beside those.
    pub steps: usize,
    /// Messages without an answer that were sent again.
    pub again: usize,
    /// Requests refused with a proper 503.
    pub refused: usize,
    /// Requests that had no answer at all.
    pub cut: usize,
    /// How many cases came to rest in which state.
    pub ends: BTreeMap<String, usize>,
}

/// Citizens with the staff that attends to their cases.
pub struct Load<'a> {
    driver: &'a Driver<'a>,
    memory: Mutex<Memory>,
}

impl<'a> Load<'a> {
    /// Nobody has done anything yet.
    pub fn new(driver: &'a Driver<'a>) -> Load<'a> {
        Load {
            driver,
            memory: Mutex::default(),
        }
    }

    /// So many `citizens` send messages and take every step that comes next, until `stop` says so. Who gets no
    /// answer at all stops at once; who is refused with 503 tries again.
    pub async fn press_on(&self, citizens: usize, stop: &AtomicBool) {
        join_all((0..citizens).map(|_| async {
            while !stop.load(Ordering::Relaxed) {
                if self.one_case(stop).await.is_none() {
                    return;
                }
            }
        }))
        .await;
    }

    /// Fails when anything that was acknowledged since the last call is not in its case, or an answer was wrong.
    pub async fn check_new(&self) -> Result<()> {
        let new = {
            let mut memory = self.memory.lock().await;
            let new = memory.acknowledged.get(memory.checked..).map(<[_]>::to_vec);
            memory.checked = memory.acknowledged.len();
            new.unwrap_or_default()
        };
        self.check(&new).await
    }

    /// How many requests were refused with a proper 503 up to now.
    pub async fn refused(&self) -> usize {
        self.memory.lock().await.refused
    }

    /// Sends messages of which nobody knows whether they got through again, waits until every case rests, at most for
    /// `limit`, and checks everything that was ever acknowledged.
    pub async fn finish(&self, limit: Duration) -> Result<Outcome> {
        let platform = self.driver.platform;
        let (unknown, cases, acknowledged) = {
            let memory = self.memory.lock().await;
            (
                memory.unknown.clone(),
                memory.cases.clone(),
                memory.acknowledged.clone(),
            )
        };
        // A message whose answer was lost is sent again with its key: it is one case, before and after.
        for (key, message) in &unknown {
            let first = submit(platform, key, message).await?.expect(201)?.json();
            let second = submit(platform, key, message).await?.expect(201)?.json();
            ensure!(
                first["number"] == second["number"],
                "one message became two cases: {first} {second}"
            );
        }
        let begin = Instant::now();
        let mut ends: BTreeMap<String, usize> = BTreeMap::new();
        for number in cases.keys() {
            let view = loop {
                let view = self.driver.view(number).await?;
                if rests(&view) {
                    break view;
                }
                ensure!(begin.elapsed() < limit, "{number} does not go on: {view}");
                platform.sweep().await?;
                tokio::time::sleep(PAUSE).await;
            };
            let state = view["state"].as_str().unwrap_or_default().to_owned();
            ensure!(
                State::ALL.iter().any(|known| known.name() == state),
                "{number} is in the state {state:?}"
            );
            *ends.entry(state).or_default() += 1;
        }
        self.check(&acknowledged).await?;
        let memory = self.memory.lock().await;
        Ok(Outcome {
            cases: cases.len(),
            steps: acknowledged.len() - cases.len(),
            again: unknown.len(),
            refused: memory.refused,
            cut: memory.cut,
            ends,
        })
    }

    async fn check(&self, acknowledged: &[Acknowledged]) -> Result<()> {
        if let Some(wrong) = self.memory.lock().await.wrong.first() {
            bail!("an answer that should never come: {wrong}");
        }
        let mut cases: BTreeMap<&str, Vec<&Acknowledged>> = BTreeMap::new();
        for one in acknowledged {
            cases.entry(&one.number).or_default().push(one);
        }
        for (number, steps) in cases {
            let view = self
                .driver
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

    /// One case from its message to its rating; none when an answer did not come.
    async fn one_case(&self, stop: &AtomicBool) -> Option<()> {
        let driver = self.driver;
        let (key, message) = (unique(), driver.household(true));
        self.memory
            .lock()
            .await
            .unknown
            .push((key.clone(), message.clone()));
        let case = loop {
            let reply = submit(driver.platform, &key, &message).await;
            if let Some(reply) = self.answered("a message", reply, &[201]).await? {
                let body = reply.json();
                let text = |name: &str| body[name].as_str().map(str::to_owned);
                break Submitted {
                    number: text("number")?,
                    code: text("query_code")?,
                };
            }
            if stop.load(Ordering::Relaxed) {
                return Some(());
            }
        };
        {
            let mut memory = self.memory.lock().await;
            memory.unknown.retain(|(other, _)| *other != key);
            memory.cases.insert(case.number.clone(), case.clone());
        }
        self.acknowledge(&case.number, "received", 1).await;
        while !stop.load(Ordering::Relaxed) {
            let path = format!("/api/desk/cases/{}", case.number);
            let view = driver
                .platform
                .get(Caller::Staff(&driver.supervisor), &path)
                .await;
            let Some(view) = self.answered("a look at a case", view, &[200]).await? else {
                continue;
            };
            let rating = json!({ "grade": "satisfied", "solved": true });
            let officer = Caller::Staff(&driver.officer);
            let (caller, resource, kind, body) = match view.json()["state"].as_str()? {
                "assigned" => (officer, "acceptance", "accepted", json!({})),
                "handling" => (officer, "answer", "answered", answer()),
                "answered" => (
                    Caller::Staff(&driver.reviewer),
                    "approval",
                    "approved",
                    json!({}),
                ),
                "published" => (Caller::Citizen(&case.code), "rating", "rated", rating),
                "closed-solved" => return Some(()),
                _ => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                }
            };
            let reply = driver.try_act(caller, &case.number, resource, &body).await;
            // 409: the platform itself was faster, as when the draft came between two looks.
            let Some(reply) = self.answered(resource, reply, &[200, 409]).await? else {
                continue;
            };
            if reply.status == 200 {
                let sequence = reply.json()["sequence"].as_u64()?;
                self.acknowledge(&case.number, kind, sequence).await;
            }
        }
        Some(())
    }

    async fn acknowledge(&self, number: &str, kind: &'static str, sequence: u64) {
        self.memory.lock().await.acknowledged.push(Acknowledged {
            number: number.to_owned(),
            kind,
            sequence,
        });
    }

    /// The reply if its status is among `good`; `Some(None)`, after a pause, if it is a proper refusal; none if there
    /// was no reply, or one that should never come, which is remembered.
    async fn answered(
        &self,
        what: &str,
        reply: Result<Reply>,
        good: &[u16],
    ) -> Option<Option<Reply>> {
        let Ok(reply) = reply else {
            self.memory.lock().await.cut += 1;
            return None;
        };
        if good.contains(&reply.status) {
            return Some(Some(reply));
        }
        if is_refusal(&reply) {
            self.memory.lock().await.refused += 1;
            tokio::time::sleep(PAUSE).await;
            return Some(None);
        }
        self.memory
            .lock()
            .await
            .wrong
            .push(format!("{what}: {reply:?}"));
        None
    }
}

/// Whether it is a 503 as it should be: a problem that says when to come again.
pub fn is_refusal(reply: &Reply) -> bool {
    let header = |name: &str| reply.headers.get(name).map_or("", String::as_str);
    reply.status == 503
        && header("content-type").starts_with("application/problem+json")
        && header("retry-after").parse::<u64>().is_ok()
        && !reply.problem().is_empty()
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

async fn submit(platform: &Platform, key: &str, message: &Json) -> Result<Reply> {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", key.to_owned()),
    ];
    let body = message.to_string().into_bytes();
    platform
        .send(
            Caller::Channel,
            Method::POST,
            "/api/cases",
            &headers,
            Some(body),
        )
        .await
}

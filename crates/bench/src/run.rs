//! What is measured of one server in one round.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use serde_json::{Value as Json, json};

use crate::client::{Call, Caller, End, Load, load};
use crate::life;
use crate::server::{Kind, Memory, Metrics, Places, Server};
use crate::stage::{self, CHANNEL_KEY, Look, People};
use crate::words::{ANSWER, Dice, SEARCHES, message};
use crate::{now, seed};

/// How long and how much.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Extent {
    /// Numbers of connections.
    pub connections: Vec<usize>,
    /// Seconds for each endpoint that reads.
    pub read_seconds: f64,
    /// Requests for each endpoint that writes, by number of connections, those that do not count included.
    pub writes: Vec<usize>,
    /// Seconds of complete cases that count, behind a run-up that is as long.
    pub life_seconds: f64,
    /// People who work on complete cases.
    pub workers: usize,
}

/// One endpoint under one number of connections.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Figure {
    /// Requests a second.
    pub rate: f64,
    /// Median latency in milliseconds.
    pub p50: f64,
    /// 99th percentile of the latency in milliseconds.
    pub p99: f64,
    /// Processor time of the server for one request, in microseconds.
    pub processor: f64,
    /// Statements for one request, what follows from it included; of the runner only.
    pub statements: f64,
}

/// What a component of the runner did for one complete case.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Share {
    /// Statements.
    pub statements: f64,
    /// Time of the statements, waiting included, in microseconds.
    pub statement_time: f64,
    /// Calls of other components.
    pub chained: f64,
}

/// One round of one server.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Round {
    /// Seconds from the start of the process to its first answer.
    pub start: f64,
    /// The start compiled the components.
    pub cold: bool,
    /// By endpoint and connections.
    pub endpoints: BTreeMap<(&'static str, usize), Figure>,
    /// Complete cases a second.
    pub lives: f64,
    /// Processor time of the server for one complete case, in microseconds.
    pub life_processor: f64,
    /// What each component did for one complete case.
    pub shares: BTreeMap<String, Share>,
    /// Memory when everything was measured.
    pub memory: Memory,
}

/// The endpoints in the order of the report.
pub const ENDPOINTS: [&str; 9] = [
    "POST /api/cases",
    "GET /api/desk/cases (queue of 100)",
    "GET /api/publications",
    "GET /api/publications?q= (search)",
    "GET /api/cases/{n} (public)",
    "GET /api/cases/{n} (query code)",
    "POST answer",
    "POST approval",
    "POST rating",
];

/// Cases of the database that single pages are read of.
const SAMPLE: usize = 1000;

/// Measures `kind` once on a fresh copy of `seeded`.
pub async fn round(
    places: &Places,
    kind: Kind,
    seeded: &std::path::Path,
    extent: &Extent,
    serial: &mut u64,
) -> Result<Round> {
    let cold = kind == Kind::Runner && !places.state().exists();
    let (file, people) = stage::copy(places, seeded).await?;
    let server = Server::start(places, kind, &file).await?;
    let mut measuring = Measuring {
        server: &server,
        extent,
        people: &people,
        figures: BTreeMap::new(),
    };
    let mut look = Look::at(&file).await?;
    measuring.reads(&mut look).await?;
    measuring.writes(&mut look, serial).await?;
    let figures = measuring.figures;
    let (before, counted) = (server.processor()?, server.metrics().await?);
    let life = life::live(server.address, &people, extent, serial).await?;
    let life_processor = (server.processor()? - before) * 1e6 / life.rated as f64;
    let shares = shares(&counted, &server.metrics().await?, life.rated as f64);
    look.until_idle().await?;
    drop(look);
    let round = Round {
        start: server.started_in.as_secs_f64(),
        cold,
        endpoints: figures,
        lives: life.rate,
        life_processor,
        shares,
        memory: server.memory()?,
    };
    server.stop(kind)?;
    Ok(round)
}

/// What the metrics gained, for one case of `rated`.
fn shares(before: &Metrics, after: &Metrics, rated: f64) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for ((name, component), value) in after {
        let gained = (value
            - before
                .get(&(name.clone(), component.clone()))
                .unwrap_or(&0.0))
            / rated;
        let mut share =
            |set: fn(&mut Share, f64)| set(shares.entry(component.clone()).or_default(), gained);
        match name.as_str() {
            "host_sql_statements_total" => share(|share, gained| share.statements = gained),
            "host_sql_statement_seconds_sum" => {
                share(|share, gained| share.statement_time = gained * 1e6)
            }
            "host_chained_calls_total" => share(|share, gained| share.chained = gained),
            _ => {}
        }
    }
    shares
}

fn statements(metrics: &Metrics) -> f64 {
    metrics
        .iter()
        .filter(|((name, _), _)| name == "host_sql_statements_total")
        .map(|(_, value)| value)
        .sum()
}

/// Requests of each connection that do not count: whoever serves an endpoint for the first time after a while has
/// instances to make and rules to read.
const WARM_UP: usize = 2;

struct Measuring<'a> {
    server: &'a Server,
    extent: &'a Extent,
    people: &'a People,
    figures: BTreeMap<(&'static str, usize), Figure>,
}

/// A case of the measurement.
#[derive(Clone, Debug)]
struct Made {
    number: String,
    code: String,
}

impl Measuring<'_> {
    async fn measure(
        &mut self,
        name: &'static str,
        connections: usize,
        end: End,
        next: impl FnMut() -> Option<Call> + 'static,
        seen: impl FnMut(&Call, Bytes) + 'static,
    ) -> Result<Load> {
        let next = Rc::new(RefCell::new(next));
        let seen = Rc::new(RefCell::new(seen));
        let address = self.server.address;
        let some = |end, mut left: usize| {
            let (next, seen) = (next.clone(), seen.clone());
            let next = move || {
                left = left.checked_sub(1)?;
                (next.borrow_mut())()
            };
            load(address, connections, end, next, move |call, body| {
                (seen.borrow_mut())(call, body)
            })
        };
        let warm_up = some(End::Exhausted, WARM_UP * connections).await?;
        ensure!(
            warm_up.failed == 0,
            "{name}: {}",
            warm_up.failure.unwrap_or_default()
        );
        let (before, counted) = (
            self.server.processor()?,
            statements(&self.server.metrics().await?),
        );
        let load = some(end, usize::MAX).await?;
        let processor = self.server.processor()? - before;
        ensure!(
            load.failed == 0,
            "{name} under {connections} connections: {} of {} requests failed, the first: {}",
            load.failed,
            load.failed + load.latencies.len(),
            load.failure.unwrap_or_default()
        );
        let figure = Figure {
            rate: load.rate(),
            p50: load.percentile(0.5),
            p99: load.percentile(0.99),
            processor: processor * 1e6 / load.latencies.len() as f64,
            statements: (statements(&self.server.metrics().await?) - counted)
                / load.latencies.len() as f64,
        };
        self.figures.insert((name, connections), figure);
        Ok(load)
    }

    async fn reads(&mut self, look: &mut Look) -> Result<()> {
        let numbers = Rc::new(look.numbers(SAMPLE).await?);
        ensure!(!numbers.is_empty(), "nothing is published");
        let health = Caller::Staff(
            self.people
                .officers
                .get("health")
                .context("no department health")?
                .clone(),
        );
        let end = End::After(Duration::from_secs_f64(self.extent.read_seconds));
        for connections in self.extent.connections.clone() {
            let call = Call::get(health.clone(), "/api/desk/cases?queue=answer&limit=100");
            self.measure(
                ENDPOINTS[1],
                connections,
                end,
                move || Some(call.clone()),
                |_, _| (),
            )
            .await?;
            let call = Call::get(Caller::Anyone, "/api/publications");
            self.measure(
                ENDPOINTS[2],
                connections,
                end,
                move || Some(call.clone()),
                |_, _| (),
            )
            .await?;
            let mut turn = SEARCHES.iter().cycle();
            let search = move || {
                let words: String = turn
                    .next()?
                    .bytes()
                    .map(|byte| format!("%{byte:02X}"))
                    .collect();
                Some(Call::get(
                    Caller::Anyone,
                    format!("/api/publications?q={words}"),
                ))
            };
            self.measure(ENDPOINTS[3], connections, end, search, |_, _| ())
                .await?;
            let (mut dice, known) = (Dice(7), numbers.clone());
            let page = move || {
                Some(Call::get(
                    Caller::Anyone,
                    format!("/api/cases/{}", dice.pick(&known)),
                ))
            };
            self.measure(ENDPOINTS[4], connections, end, page, |_, _| ())
                .await?;
            let (mut dice, known) = (Dice(8), numbers.clone());
            let mine = move || {
                let number = dice.pick(&known);
                Some(Call::get(
                    Caller::Citizen(seed::code(number)),
                    format!("/api/cases/{number}"),
                ))
            };
            self.measure(ENDPOINTS[5], connections, end, mine, |_, _| ())
                .await?;
        }
        Ok(())
    }

    /// Takes cases in, and then each of them a step further.
    async fn writes(&mut self, look: &mut Look, serial: &mut u64) -> Result<()> {
        let since = now();
        let shares: Vec<(usize, usize)> = self
            .extent
            .connections
            .iter()
            .copied()
            .zip(self.extent.writes.iter().copied())
            .collect();
        let mut batches: Vec<Vec<Made>> = Vec::new();
        for (connections, count) in &shares {
            let made = Rc::new(RefCell::new(Vec::new()));
            let mut calls = submissions(serial, *count);
            let kept = made.clone();
            let keep = move |_: &Call, body: Bytes| kept.borrow_mut().extend(made_of(&body));
            self.measure(
                ENDPOINTS[0],
                *connections,
                End::Exhausted,
                move || calls.pop(),
                keep,
            )
            .await?;
            look.until_idle().await?;
            batches.push(made.take());
        }
        let cases = look.cases(since).await?;
        for (made, (connections, _)) in batches.iter().zip(&shares) {
            let mut calls = Vec::new();
            for case in made {
                let (state, department) = cases.get(&case.number).context("a case is lost")?;
                ensure!(
                    state == "assigned",
                    "{} is {state}, not with a department",
                    case.number
                );
                let officer = self
                    .people
                    .officers
                    .get(department)
                    .context("an unknown department")?;
                calls.push(step(
                    Caller::Staff(officer.clone()),
                    &case.number,
                    "answer",
                    &answer(),
                ));
            }
            self.measure(
                ENDPOINTS[6],
                *connections,
                End::Exhausted,
                move || calls.pop(),
                |_, _| (),
            )
            .await?;
            look.until_idle().await?;
        }
        for (made, (connections, _)) in batches.iter().zip(&shares) {
            let reviewer = Caller::Staff(self.people.reviewer.clone());
            let mut calls: Vec<Call> = made
                .iter()
                .map(|case| step(reviewer.clone(), &case.number, "approval", &json!({})))
                .collect();
            self.measure(
                ENDPOINTS[7],
                *connections,
                End::Exhausted,
                move || calls.pop(),
                |_, _| (),
            )
            .await?;
            look.until_idle().await?;
        }
        for (made, (connections, _)) in batches.iter().zip(&shares) {
            let mut calls: Vec<Call> = made
                .iter()
                .map(|case| {
                    step(
                        Caller::Citizen(case.code.clone()),
                        &case.number,
                        "rating",
                        &rating(),
                    )
                })
                .collect();
            self.measure(
                ENDPOINTS[8],
                *connections,
                End::Exhausted,
                move || calls.pop(),
                |_, _| (),
            )
            .await?;
        }
        Ok(())
    }
}

fn submissions(serial: &mut u64, count: usize) -> Vec<Call> {
    (0..count).map(|_| submission(serial)).collect()
}

/// The next message as the adapter of a channel hands it over.
pub fn submission(serial: &mut u64) -> Call {
    *serial += 1;
    let message = message(*serial);
    let body = json!({
        "subject": message.subject,
        "body": message.body,
        "kind": message.topic.kind,
        "contact": { "name": message.name, "phone": message.phone },
        "consent": { "publish": true },
    });
    Call::post(Caller::Channel(CHANNEL_KEY.to_owned()), "/api/cases", &body)
}

fn made_of(body: &[u8]) -> Option<Made> {
    let (number, code) = made(body)?;
    Some(Made { number, code })
}

/// Number and query code of a case that was taken in.
pub fn made(body: &[u8]) -> Option<(String, String)> {
    let body: Json = serde_json::from_slice(body).ok()?;
    Some((
        body["number"].as_str()?.to_owned(),
        body["query_code"].as_str()?.to_owned(),
    ))
}

/// A step of a case.
pub fn step(caller: Caller, number: &str, resource: &str, body: &Json) -> Call {
    Call::post(caller, format!("/api/cases/{number}/{resource}"), body)
}

/// What a department answers.
pub fn answer() -> Json {
    json!({ "text": ANSWER, "contact": "81812345" })
}

/// What a citizen says in the end.
pub fn rating() -> Json {
    json!({ "grade": "satisfied", "solved": true })
}

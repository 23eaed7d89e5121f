//! Complete cases: people who each work off a queue, as at a real desk.
//!
//! Citizens send messages; officers fetch the queue of their department, a
//! hundred cases at a time, and answer them one by one; reviewers do the same
//! and approve them; citizens see on the public list that their case is
//! published, and rate it. Nobody asks for a single case. As many cases are
//! under way as [`UNDER_WAY`] says, so that the pipeline is never empty and
//! never runs away.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use http::StatusCode;
use serde_json::{Value as Json, json};

use crate::client::{Call, Caller, Connection};
use crate::run::{Extent, answer, made, rating, step, submission};
use crate::stage::People;

/// Cases that are under way at most: what a busy hour has, so that nobody who
/// looks at a queue finds it empty for long.
const UNDER_WAY: usize = 3000;

/// How long the cases that are under way in the end have until they are given up.
const LAST_HOUR: Duration = Duration::from_secs(90);

/// Who answers at the same time in one department.
const HANDS: usize = 4;

/// Cases of a page.
const PAGE: usize = 100;

/// How long staff wait before the next look at a queue that was short; who
/// finds nothing waits twice as long each time, up to the second. There are
/// some 80 of them: were they to look several times a second, looking would be
/// most of what is measured.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));

/// How long all citizens together wait before their next look at the public list.
const CITIZENS_PAUSE: Duration = Duration::from_millis(200);

/// What came of it.
pub struct Lives {
    /// Complete cases a second while it counted.
    pub rate: f64,
    /// Complete cases from the beginning to the end.
    pub rated: usize,
}

/// What the people know together.
struct World {
    address: SocketAddr,
    /// Messages are still sent.
    sending: Cell<bool>,
    /// People are at work.
    open: Cell<bool>,
    submitted: Cell<usize>,
    rated: Cell<usize>,
    codes: RefCell<HashMap<String, String>>,
    failure: RefCell<Option<String>>,
}

/// Lets people work for as long as `extent` says and counts the cases that
/// are rated in the end.
pub async fn live(
    address: SocketAddr,
    people: &People,
    extent: &Extent,
    serial: &mut u64,
) -> Result<Lives> {
    let world = Rc::new(World {
        address,
        sending: Cell::new(true),
        open: Cell::new(true),
        submitted: Cell::new(0),
        rated: Cell::new(0),
        codes: RefCell::default(),
        failure: RefCell::default(),
    });
    let (citizens, reviewers, raters) =
        (extent.workers / 4, extent.workers / 4, extent.workers / 4);
    let next = Rc::new(Cell::new(*serial));
    let mut tasks = Vec::new();
    for _ in 0..citizens {
        tasks.push(hire(&world, submit(world.clone(), next.clone())));
    }
    for token in people.officers.values() {
        tasks.push(hire(
            &world,
            work(world.clone(), Desk::officer(token), HANDS),
        ));
    }
    tasks.push(hire(
        &world,
        work(world.clone(), Desk::reviewer(&people.reviewer), reviewers),
    ));
    tasks.push(hire(&world, rate(world.clone(), raters)));

    let counted = Duration::from_secs_f64(extent.life_seconds);
    tokio::time::sleep(counted).await;
    let (begin, before) = (Instant::now(), world.rated.get());
    tokio::time::sleep(counted).await;
    let rate = (world.rated.get() - before) as f64 / begin.elapsed().as_secs_f64();
    // What was begun is finished, so that figures for one case are of whole cases.
    world.sending.set(false);
    let end = Instant::now() + LAST_HOUR;
    while world.rated.get() < world.submitted.get()
        && world.failure.borrow().is_none()
        && Instant::now() < end
    {
        tokio::time::sleep(CITIZENS_PAUSE).await;
    }
    world.open.set(false);
    for task in tasks {
        task.await?;
    }
    *serial = next.get();
    let failure = world.failure.take();
    ensure!(
        failure.is_none(),
        "complete cases: {}",
        failure.unwrap_or_default()
    );
    let rated = world.rated.get();
    ensure!(
        rated > 0,
        "not one case was completed ({} submitted)",
        world.submitted.get()
    );
    Ok(Lives { rate, rated })
}

fn hire(
    world: &Rc<World>,
    work: impl Future<Output = Result<()>> + 'static,
) -> tokio::task::JoinHandle<()> {
    let world = world.clone();
    tokio::task::spawn_local(async move {
        if let Err(error) = work.await {
            world
                .failure
                .borrow_mut()
                .get_or_insert(format!("{error:#}"));
        }
    })
}

/// A citizen who sends one message after the other.
async fn submit(world: Rc<World>, next: Rc<Cell<u64>>) -> Result<()> {
    let mut connection = Connection::open(world.address).await?;
    while world.sending.get() {
        if world.submitted.get() - world.rated.get() >= UNDER_WAY {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        world.submitted.set(world.submitted.get() + 1);
        let mut serial = next.get();
        let call = submission(&mut serial);
        next.set(serial);
        let (status, body) = connection.send(call).await?;
        ensure!(
            status == StatusCode::CREATED,
            "POST /api/cases: {status} {}",
            String::from_utf8_lossy(&body)
        );
        world.codes.borrow_mut().extend(made(&body));
    }
    Ok(())
}

/// Somebody with a queue: where the first hundred cases are, and what is done with one.
struct Desk {
    queue: String,
    token: String,
    resource: &'static str,
    body: Json,
}

impl Desk {
    fn officer(token: &str) -> Desk {
        Desk {
            queue: "/api/desk/cases?queue=answer&limit=100".to_owned(),
            token: token.to_owned(),
            resource: "answer",
            body: answer(),
        }
    }

    fn reviewer(token: &str) -> Desk {
        Desk {
            queue: "/api/desk/cases?queue=review&limit=100".to_owned(),
            token: token.to_owned(),
            resource: "approval",
            body: json!({}),
        }
    }
}

/// Fetches the queue and works through it with `hands` connections.
async fn work(world: Rc<World>, desk: Desk, hands: usize) -> Result<()> {
    let caller = Caller::Staff(desk.token.clone());
    let mut connections = Hands::open(world.address, hands).await?;
    let mut pause = PAUSE.0;
    let mut from = String::new();
    while world.open.get() {
        let page = connections
            .first()
            .json(Call::get(caller.clone(), format!("{}{from}", desk.queue)))
            .await?;
        let calls: VecDeque<Call> = numbers(&page)
            .iter()
            .filter(|number| world.codes.borrow().contains_key(*number))
            .map(|number| step(caller.clone(), number, desk.resource, &desk.body))
            .collect();
        if calls.is_empty() {
            // What is there from before the measurement waits for others, and stands first.
            if let Some(next) = page["next"].as_str() {
                from = format!("&cursor={next}");
                continue;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
            continue;
        }
        pause = PAUSE.0;
        let short = calls.len() < PAGE;
        connections.send(calls, |_, _| ()).await?;
        if short {
            tokio::time::sleep(pause).await;
        }
    }
    Ok(())
}

/// Citizens who look at the public list and rate what is theirs.
async fn rate(world: Rc<World>, hands: usize) -> Result<()> {
    let mut connections = Hands::open(world.address, hands).await?;
    let mut done: HashSet<String> = HashSet::new();
    while world.open.get() {
        let mut page = connections
            .first()
            .json(Call::get(Caller::Anyone, "/api/publications?limit=100"))
            .await?;
        let mut calls = VecDeque::new();
        loop {
            let numbers = numbers(&page);
            let mut new = 0;
            for number in numbers {
                let code = world.codes.borrow().get(&number).cloned();
                if let Some(code) = code
                    && done.insert(number.clone())
                {
                    new += 1;
                    calls.push_back(step(Caller::Citizen(code), &number, "rating", &rating()));
                }
            }
            // What is new need not stand first: two batches may be published side by side.
            let Some(next) = page["next"].as_str().filter(|_| new > 0).map(str::to_owned) else {
                break;
            };
            page = connections
                .first()
                .json(Call::get(
                    Caller::Anyone,
                    format!("/api/publications?limit=100&cursor={next}"),
                ))
                .await?;
        }
        let counting = world.clone();
        connections
            .send(calls, move |_, _| {
                counting.rated.set(counting.rated.get() + 1)
            })
            .await?;
        tokio::time::sleep(CITIZENS_PAUSE).await;
    }
    Ok(())
}

fn numbers(page: &Json) -> Vec<String> {
    let items = page["items"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item["number"].as_str().map(str::to_owned))
        .collect()
}

/// Several connections of one person.
struct Hands(Vec<Connection>);

impl Hands {
    async fn open(address: SocketAddr, count: usize) -> Result<Hands> {
        let mut connections = Vec::new();
        for _ in 0..count.max(1) {
            connections.push(Connection::open(address).await?);
        }
        Ok(Hands(connections))
    }

    fn first(&mut self) -> &mut Connection {
        &mut self.0[0]
    }

    /// Sends all calls, each connection the next when it is free.
    async fn send(&mut self, calls: VecDeque<Call>, seen: impl Fn(&Call, &[u8])) -> Result<()> {
        let calls = RefCell::new(calls);
        let (calls, seen) = (&calls, &seen);
        futures::future::try_join_all(self.0.iter_mut().map(async |connection| {
            loop {
                let Some(call) = calls.borrow_mut().pop_front() else {
                    return Ok(());
                };
                let (status, body) = connection.send(call.clone()).await?;
                ensure!(
                    status == StatusCode::OK,
                    "{}: {status} {}",
                    call.path,
                    String::from_utf8_lossy(&body)
                );
                seen(&call, &body);
            }
        }))
        .await
        .map(drop)
    }
}

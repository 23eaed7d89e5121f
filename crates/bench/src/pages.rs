//! What the citizens' pages cost: the time to their first byte, and what a first visit transfers.
//!
//! The pages are made by the function `portal`, which asks the others by service chaining, so a page costs several
//! calls; the native baseline has no such function, and the runner is measured alone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::task::spawn_local;

use crate::client::Connection;
use crate::machine::Machine;
use crate::server::{Kind, Places, Server};
use crate::stage::{self, Look};
use crate::words::{Dice, SEARCHES};

/// Numbers of connections.
const CONNECTIONS: [usize; 2] = [1, 4];

/// Cases whose pages are read.
const SAMPLE: usize = 1000;

/// The goal for the first byte, in milliseconds (design: pages at 100,000 cases).
const FIRST_BYTE: f64 = 30.0;

/// The goal for a whole page without images, in bytes.
const PAGE: usize = 60 * 1024;

/// A kind of page and the addresses that are read of it, in turn.
struct Kinds {
    name: &'static str,
    paths: Vec<String>,
}

/// One kind of page under one number of connections, in milliseconds.
struct Figure {
    p50: f64,
    p99: f64,
    rate: f64,
}

/// What a first visit transfers, in bytes as they go over the wire.
struct Size {
    html: usize,
    whole: usize,
}

/// Measures every kind of page with `cases` stored cases, `seconds` for each number of connections, and writes
/// `target/bench/pages.md`.
pub async fn measure(places: &Places, cases: u64, seconds: f64) -> Result<()> {
    let seeded = stage::seeded(places, cases).await?;
    let (file, _) = stage::copy(places, &seeded).await?;
    let server = Server::start(places, Kind::Runner, &file).await?;
    let numbers = Look::at(&file).await?.numbers(SAMPLE).await?;
    ensure!(!numbers.is_empty(), "nothing is published");
    let mut table = head(&Machine::look(&places.folder)?, cases, seconds);
    for kind in kinds(&numbers) {
        // The first request of each kind makes what is kept: it is measured by the tests of the start.
        let size = size(&server, &kind).await?;
        let mut figures = Vec::new();
        for connections in CONNECTIONS {
            let figure = figure(&server, &kind, connections, seconds).await;
            figures.push(figure.with_context(|| kind.name)?);
        }
        table.push_str(&row(kind.name, &size, &figures));
    }
    server.stop(Kind::Runner)?;
    fs::write(places.folder.join("pages.md"), &table)?;
    println!("{table}");
    eprintln!("Written: target/bench/pages.md");
    Ok(())
}

fn kinds(numbers: &[String]) -> Vec<Kinds> {
    let one = |name, path: &str| Kinds {
        name,
        paths: vec![path.to_owned()],
    };
    let escaped =
        |words: &str| -> String { words.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    vec![
        one("home", "/"),
        one("ask", "/ask"),
        Kinds {
            name: "case",
            paths: numbers.iter().map(|n| format!("/cases/{n}")).collect(),
        },
        one("list", "/cases"),
        Kinds {
            name: "search",
            paths: SEARCHES
                .iter()
                .map(|words| format!("/cases?q={}", escaped(words)))
                .collect(),
        },
        one("list of a department", "/cases?department=public-security"),
        one("department", "/departments/public-security"),
        one("departments", "/departments"),
        one("statistics", "/statistics"),
        one("knowledge", "/knowledge"),
    ]
}

/// Reads pages of `kind` on `connections` connections for so many seconds.
async fn figure(server: &Server, kind: &Kinds, connections: usize, seconds: f64) -> Result<Figure> {
    let times = Rc::new(RefCell::new(Vec::new()));
    let begin = Instant::now();
    let until = begin + Duration::from_secs_f64(seconds);
    let mut tasks = Vec::new();
    for index in 0..connections {
        let mut connection = Connection::open(server.address).await?;
        let (times, paths) = (times.clone(), kind.paths.clone());
        let mut dice = Dice(index as u64 + 11);
        tasks.push(spawn_local(async move {
            while Instant::now() < until {
                let path: &String = dice.pick(&paths);
                let page = connection.page(path).await?;
                times.borrow_mut().push(page.first_byte);
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let elapsed = begin.elapsed().as_secs_f64();
    let mut times = times.take();
    times.sort_unstable();
    let at = |part: f64| {
        let rank = (times.len() as f64 * part).ceil() as usize;
        let time = times.get(rank.saturating_sub(1)).copied();
        time.unwrap_or_default().as_secs_f64() * 1000.0
    };
    Ok(Figure {
        p50: at(0.5),
        p99: at(0.99),
        rate: times.len() as f64 / elapsed,
    })
}

/// What the largest page of `kind`, of at most twenty, transfers with its style sheets and scripts.
async fn size(server: &Server, kind: &Kinds) -> Result<Size> {
    let mut connection = Connection::open(server.address).await?;
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut largest = Size { html: 0, whole: 0 };
    for path in kind.paths.iter().take(20) {
        let page = connection.page(path).await?;
        let mut whole = page.body.len();
        for file in files(&String::from_utf8_lossy(&page.body)) {
            let bytes = match known.get(&file) {
                Some(bytes) => *bytes,
                None => connection.page(&file).await?.body.len(),
            };
            known.insert(file, bytes);
            whole += bytes;
        }
        if whole > largest.whole {
            largest = Size {
                html: page.body.len(),
                whole,
            };
        }
    }
    Ok(largest)
}

/// The addresses of the style sheets and scripts in the head of a page.
fn files(html: &str) -> Vec<String> {
    let head = html.split("</head>").next().unwrap_or_default();
    head.split('"')
        .filter(|part| part.starts_with('/') && (part.contains(".css") || part.contains(".js")))
        .map(str::to_owned)
        .collect()
}

fn head(machine: &Machine, cases: u64, seconds: f64) -> String {
    format!(
        "# What pages cost\n\n{} stored cases on SQLite, the runner alone; {seconds} s for each number of connections. \
         {} × {}, Linux {}, {} MiB.\n\n\
         First byte: from sending the request to the head of the answer; a page is written whole, so its end follows at \
         once. Bytes: as a first visit transfers them, with style sheet and script, without images. Goals: first byte \
         under {FIRST_BYTE} ms, page under {} KB.\n\n\
         | page | HTML, bytes | whole, bytes | 1 connection: median, ms | p99 | pages/s | 4 connections: median, ms | p99 | pages/s | goals |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n",
        cases,
        machine.processors,
        machine.model,
        machine.kernel,
        machine.memory,
        PAGE / 1024
    )
}

fn row(name: &str, size: &Size, figures: &[Figure]) -> String {
    let mut row = format!("| {name} | {} | {} |", size.html, size.whole);
    for figure in figures {
        let _ = write!(
            row,
            " {:.1} | {:.1} | {:.0} |",
            figure.p50, figure.p99, figure.rate
        );
    }
    let slow = figures.first().is_some_and(|alone| alone.p99 > FIRST_BYTE);
    let verdict = match (slow, size.whole > PAGE) {
        (false, false) => "met",
        (true, false) => "too slow",
        (false, true) => "too large",
        (true, true) => "too slow, too large",
    };
    let _ = writeln!(row, " {verdict} |");
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_asks_for_is_found_in_its_head() {
        let html = r#"<head><link rel="stylesheet" href="/assets/site.css?v=1"><script src="/assets/site.js"></script>
            <link rel="alternate" href="/feed"></head><body><a href="/x.css">"#;
        assert_eq!(files(html), ["/assets/site.css?v=1", "/assets/site.js"]);
    }

    #[test]
    fn goals_are_held_against_the_slowest_of_a_hundred() {
        let figure = |p99| Figure {
            p50: 1.0,
            p99,
            rate: 1.0,
        };
        let size = |whole| Size { html: 1, whole };
        assert!(row("a", &size(1), &[figure(29.0)]).ends_with("| met |\n"));
        assert!(row("a", &size(PAGE + 1), &[figure(31.0)]).contains("too slow, too large"));
    }
}

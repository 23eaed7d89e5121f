//! What a department's handler costs: `cargo run --release -p wenzheng --example department`.
//!
//! A call into the sample of public-security beside a direct call of the same code natively; how long a release takes
//! until it can be called; and how much slower calls of a good handler are while others mean harm or are compiled.
//! The sample must be built: `wenzheng handler build departments/public-security`; one in Python or JavaScript is made
//! ready beside it where it is built. Nothing is asserted: the figures are for reading.
#![allow(missing_docs, reason = "a program, not a library")]

use host::Engine;
use host::department::contract::{CaseKind, Inquiry, Urgency};
use host::department::{DepartmentHandler, DepartmentLimits};
use public_security::PublicSecurity;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wenzheng_handler::Department as _;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// Calls that are timed one by one.
const CALLS: usize = 4_000;
/// How long a turn of quiet lasts; one of company lasts until the loop rests, which is as long where there are idle
/// processors.
const SPAN: Duration = Duration::from_millis(500);
/// Turns of quiet and of company, each.
const ROUNDS: usize = 8;
/// Failures after which the platform leaves a release out for a while (`crates/runner/src/departments/breaker.rs`).
const PATIENCE: usize = 5;

const SUBJECT: &str = "想把户口迁到鄞州";
const BODY: &str = "我的户口在外地，请问怎么办理户口迁入，需要什么材料？";

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = |name: &str| root.join(format!("departments/{name}/target/handler.wasm"));
    let wasm = fs::read(built("public-security"))
        .map_err(|error| format!("the sample is not built: {error}"))?;
    let cache = tempfile::tempdir()?;
    let limits = DepartmentLimits::default();
    let engine = Engine::for_departments(limits.memory)?;

    let cold = Instant::now();
    let good = DepartmentHandler::new(&engine, &wasm, cache.path(), limits)?;
    let cold = cold.elapsed();
    let warm = Instant::now();
    DepartmentHandler::new(&engine, &wasm, cache.path(), limits)?;
    let warm = warm.elapsed();
    println!("| made ready | ms |\n|---|---|");
    println!("| compiled | {:.1} |", millis(cold));
    println!(
        "| out of the cache, as at a rollback | {:.1} |",
        millis(warm)
    );

    let native = calls(|| {
        let inquiry = wenzheng_handler::Inquiry::asking(SUBJECT, BODY);
        black_box(PublicSecurity::triage(black_box(&inquiry))).is_ok()
    });
    let inquiry = inquiry();
    let component = calls(|| black_box(good.triage(black_box(&inquiry)).0).is_ok());
    let nothing = calls(|| black_box(good.describe().0).is_ok());
    println!("\n| one call | median µs | 99th of a hundred |\n|---|---|---|");
    for (name, times) in [
        ("native, direct", &native),
        ("component, an instance of its own", &component),
        ("component, of a function that does nothing", &nothing),
    ] {
        println!(
            "| {name} | {:.1} | {:.1} |",
            micros(times, 0.5),
            micros(times, 0.99)
        );
    }
    println!(
        "\nOver its own work a call costs {:.1} µs (goal: 100).",
        micros(&component, 0.5) - micros(&native, 0.5)
    );

    println!(
        "\nOthers are calls of a good handler, one after the other on each of some threads, in turns of quiet and of \
         company.\n\n| others on | beside | median µs | of quiet | 99th of a hundred µs | of quiet | calls a second, of quiet |\n|---|---|---|---|---|---|---|"
    );
    let hostile = DepartmentHandler::new(&engine, &looping()?, cache.path(), limits)?;
    let hostile = Arc::new(hostile);
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    for threads in [1, all] {
        let mut pair = Pair::default();
        for _ in 0..ROUNDS {
            pair.quiet.add(beside(&good, &inquiry, threads, || {
                std::thread::sleep(SPAN);
            }));
            pair.company.add(beside(&good, &inquiry, threads, || {
                // As the platform calls it: on a thread apart, until it rests.
                for _ in 0..PATIENCE {
                    apart(&hostile, &inquiry);
                }
            }));
        }
        pair.print(threads, "a handler that loops, until it rests");
    }
    let mut notes = Vec::new();
    for name in ["human-resources", "market-regulation"] {
        let file: PathBuf = built(name);
        let Ok(large) = fs::read(&file) else { continue };
        let mut ready = Duration::ZERO;
        let mut pair = Pair::default();
        // On one thread: where all processors are taken, what gives way takes minutes.
        pair.quiet.add(beside(&good, &inquiry, 1, || {
            std::thread::sleep(4 * SPAN);
        }));
        pair.company.add(beside(&good, &inquiry, 1, || {
            let start = Instant::now();
            let made = DepartmentHandler::new_behind(&engine, &large, cache.path(), limits);
            assert!(made.is_ok(), "{name} cannot be made ready");
            ready = start.elapsed();
        }));
        pair.print(
            1,
            &format!("{name} of {} MiB, being compiled", large.len() >> 20),
        );
        let start = Instant::now();
        DepartmentHandler::new(&engine, &large, cache.path(), limits)?;
        notes.push(format!(
            "{name}: compiled behind the others in {:.1} s; out of the cache, as where it was published beside the platform, in {:.0} ms (goal: 200).",
            ready.as_secs_f64(),
            millis(start.elapsed())
        ));
    }
    println!("\n{}", notes.join("\n\n"));
    println!(
        "\nGoal: with a hostile handler no other is slower by more than 20 %, that is 1.20 of quiet."
    );
    Ok(())
}

/// The times of calls, and how long all of it took.
#[derive(Default)]
struct Load {
    times: Vec<Duration>,
    span: Duration,
}

/// The same load without and with company.
#[derive(Default)]
struct Pair {
    quiet: Load,
    company: Load,
}

impl Load {
    fn add(&mut self, more: Load) {
        self.times.extend(more.times);
        self.span += more.span;
    }

    fn rate(&self) -> f64 {
        self.times.len() as f64 / self.span.as_secs_f64()
    }
}

impl Pair {
    fn print(&mut self, threads: usize, beside: &str) {
        self.quiet.times.sort_unstable();
        self.company.times.sort_unstable();
        let [quiet, company] = [&self.quiet, &self.company];
        let at = |load: &Load, part| micros(&load.times, part);
        println!(
            "| {threads} | {beside} | {:.1} | {:.2} | {:.1} | {:.2} | {:.2} |",
            at(company, 0.5),
            at(company, 0.5) / at(quiet, 0.5),
            at(company, 0.99),
            at(company, 0.99) / at(quiet, 0.99),
            company.rate() / quiet.rate()
        );
    }
}

/// Calls `good` on `threads` threads, one call after the other on each, for as long as `other` runs.
fn beside(
    good: &DepartmentHandler,
    inquiry: &Inquiry,
    threads: usize,
    other: impl FnOnce(),
) -> Load {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let start = Instant::now();
        let callers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        let start = Instant::now();
                        assert!(good.triage(inquiry).0.is_ok(), "a call of the sample fails");
                        times.push(start.elapsed());
                    }
                    times
                })
            })
            .collect();
        other();
        stop.store(true, Ordering::Relaxed);
        let span = start.elapsed();
        let times = callers
            .into_iter()
            .flat_map(|caller| caller.join().expect("a caller broke down"))
            .collect();
        Load { times, span }
    })
}

/// One call that the platform waits for.
fn apart(handler: &Arc<DepartmentHandler>, inquiry: &Inquiry) {
    let (handler, inquiry) = (handler.clone(), inquiry.clone());
    let call = host::apart(move || handler.triage(&inquiry).0.is_err());
    let failed = tokio::runtime::Builder::new_current_thread()
        .build()
        .map(|runtime| runtime.block_on(call));
    assert!(matches!(failed, Ok(Ok(true))), "the loop ended by itself");
}

fn inquiry() -> Inquiry {
    Inquiry {
        number: String::new(),
        language: "zh-CN".to_owned(),
        kind: CaseKind::Consultation,
        urgency: Urgency::Normal,
        subject: SUBJECT.to_owned(),
        body: BODY.to_owned(),
        division: None,
        address: None,
        category: Some("public-security.household".to_owned()),
        supplements: Vec::new(),
    }
}

/// The times of calls, sorted; a run-up is left out.
fn calls(mut call: impl FnMut() -> bool) -> Vec<Duration> {
    for _ in 0..CALLS / 10 {
        call();
    }
    let mut times: Vec<Duration> = (0..CALLS)
        .map(|_| {
            let start = Instant::now();
            assert!(call(), "a call of the sample fails");
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn micros(sorted: &[Duration], part: f64) -> f64 {
    let rank = (sorted.len() as f64 * part) as usize;
    sorted
        .get(rank.min(sorted.len().saturating_sub(1)))
        .map_or(0.0, |time| time.as_secs_f64() * 1_000_000.0)
}

/// A handler whose every function is a loop without an end.
fn looping() -> Result<Vec<u8>, Box<dyn Error>> {
    const NAME: &str = "wenzheng:handlers/department@1.0.0";
    let function = |name: &str, parameters: &str| {
        format!(
            "(func (export \"{NAME}#{name}\") {parameters} (result i32) (loop $for_ever (br $for_ever)) unreachable)"
        )
    };
    let functions: String = [
        ("describe", ""),
        ("triage-inquiry", "(param i32)"),
        ("draft-answer", "(param i32)"),
        ("check", "(param i32)"),
        ("plan-follow-up", "(param i32)"),
    ]
    .iter()
    .map(|(name, parameters)| function(name, parameters))
    .collect();
    let mut module = wat::parse_str(format!(
        "(module (memory (export \"memory\") 1) {functions}
          (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 8192)))"
    ))?;
    let mut resolve = wit_parser::Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_dir(wit)?;
    let world = resolve.select_world(&[package], Some("department-handler"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(ComponentEncoder::default().module(&module)?.encode()?)
}

//! What a department's handler costs: `cargo run --release -p wenzheng --example department`.
//!
//! A call into the sample of public-security beside a direct call of the same code natively; how long a release takes
//! until it can be called; and how much slower calls of a good handler are while others mean harm or are made ready.
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
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wenzheng_handler::Department as _;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// Calls that are timed one by one.
const CALLS: usize = 4_000;
/// How long each of the loads lasts.
const SPAN: Duration = Duration::from_secs(4);
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
        "\nOver its own work a call costs {:.1} µs.",
        micros(&component, 0.5) - micros(&native, 0.5)
    );

    println!("\n| calls of a good handler, meanwhile | a second | of quiet |\n|---|---|---|");
    let quiet = rate(&good, &inquiry, |_| ());
    println!("| nothing | {quiet:.0} | 1.00 |");
    let hostile = DepartmentHandler::new(&engine, &looping()?, cache.path(), limits)?;
    let beside = rate(&good, &inquiry, |stop| {
        // As the platform calls it: one at a time, until it rests.
        for _ in 0..PATIENCE {
            if !stop.load(Ordering::Relaxed) {
                let _ = hostile.triage(&inquiry);
            }
        }
    });
    println!(
        "| a handler that loops, until it rests | {beside:.0} | {:.2} |",
        beside / quiet
    );
    for name in ["human-resources", "market-regulation"] {
        let file: PathBuf = built(name);
        let Ok(large) = fs::read(&file) else { continue };
        let mut ready = None;
        let beside = rate(&good, &inquiry, |_| {
            let empty = tempfile::tempdir().ok();
            let start = Instant::now();
            let made = empty.map(|empty| {
                DepartmentHandler::new_behind(&engine, &large, empty.path(), limits).is_ok()
            });
            ready = (made == Some(true)).then(|| start.elapsed());
        });
        println!(
            "| {name} of {} MiB is compiled | {beside:.0} | {:.2} |",
            large.len() >> 20,
            beside / quiet
        );
        if let Some(ready) = ready {
            println!("| (ready after {:.1} s) | | |", ready.as_secs_f64());
        }
    }
    Ok(())
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

/// Calls of `good` a second on one thread, while `other` runs on another; at least for [`SPAN`] and until it ends.
fn rate(
    good: &DepartmentHandler,
    inquiry: &Inquiry,
    other: impl FnOnce(&AtomicBool) + Send,
) -> f64 {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| other(&stop));
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed() < SPAN || !beside.is_finished() {
            assert!(good.triage(inquiry).0.is_ok(), "a call of the sample fails");
            count += 1;
        }
        stop.store(true, Ordering::Relaxed);
        f64::from(count) / start.elapsed().as_secs_f64()
    })
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

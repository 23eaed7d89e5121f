//! What a department's handler costs: `cargo run --release -p wenzheng --example department`.
//!
//! A call into the sample of public-security beside a direct call of the same code natively; how long a release takes
//! until it can be called; and how much slower calls of a good handler are while others mean harm or are compiled.
//!
//! For the last, short rounds without and with company follow each other, and each round is compared with the quiet one
//! before it: what else the machine does comes and goes, and the median over all pairs says little of it. In a round
//! of company the hostile handler is called again and again without a rest, which the platform would not do.
//!
//! The sample must be built: `wenzheng handler build departments/public-security`; one in Python or JavaScript is made
//! ready beside it where it is built, and the gate is tried where the command `wenzheng` is built. Nothing is asserted:
//! the figures are for reading. `WENZHENG_ROUNDS` asks for another number of rounds.
#![allow(missing_docs, reason = "a program, not a library")]

use host::Engine;
use host::department::contract::{CaseKind, Inquiry, Urgency};
use host::department::{DepartmentHandler, DepartmentLimits};
use public_security::PublicSecurity;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wenzheng_handler::Department as _;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// Calls that are timed one by one.
const CALLS: usize = 4_000;
/// How long a round lasts at least; one of company lasts until the call ends that is under way.
const SPAN: Duration = Duration::from_millis(400);
/// Rounds of quiet and of company, each.
const ROUNDS: usize = 20;
/// Failures after which the platform leaves a release out for a while (`crates/runner/src/departments/breaker.rs`);
/// one that comes back has the grace of a new one.
const PATIENCE: usize = 5;
/// What the gate is given to refuse, in bytes.
const LARGE: u64 = 50 << 20;

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
        "\nOthers are calls of a good handler, one after the other on each of some threads, in rounds of quiet and of \
         company. Ratios are company by quiet: the median over all pairs of rounds, and within which half of them lie.\n\n\
         | others on | beside | median µs | of quiet | half of the rounds | 99th of a hundred µs | of quiet | half of the rounds | calls a second, of quiet |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let hostile = [
        ("a handler that loops", hostile(LOOP)?),
        ("a handler that fills all memory it can get", hostile(BOMB)?),
        (
            "a handler that writes to 62 MiB over and over",
            hostile(FILLS)?,
        ),
    ];
    for threads in [1, all] {
        for (name, wasm) in &hostile {
            let mut calls = 0;
            let mut handler = None;
            let pairs = rounds(&good, &inquiry, threads, || {
                // As the platform calls it: on a thread apart.
                if calls % PATIENCE == 0 {
                    handler = DepartmentHandler::new(&engine, wasm, cache.path(), limits)
                        .ok()
                        .map(Arc::new);
                }
                calls += 1;
                apart(handler.as_ref(), &inquiry);
            });
            print(threads, name, &pairs);
        }
        match Gate::new()? {
            Some(gate) => {
                let pairs = rounds(&good, &inquiry, threads, || gate.refuse());
                print(threads, "the gate, which refuses 50 MiB", &pairs);
            }
            None => println!("| {threads} | the gate: `wenzheng` is not built | | | | | | | |"),
        }
    }
    let mut notes = Vec::new();
    for name in ["human-resources", "market-regulation"] {
        let file: PathBuf = built(name);
        let Ok(large) = fs::read(&file) else { continue };
        let mut ready = Duration::ZERO;
        // On one thread: where all processors are taken, what gives way takes minutes. It cannot be done in short
        // rounds: quiet comes before and after it.
        let quiet = |span| {
            beside(&good, &inquiry, 1, || {
                std::thread::sleep(span);
            })
        };
        let before = quiet(4 * SPAN);
        let company = beside(&good, &inquiry, 1, || {
            let start = Instant::now();
            let made = DepartmentHandler::new_behind(&engine, &large, cache.path(), limits);
            assert!(made.is_ok(), "{name} cannot be made ready");
            ready = start.elapsed();
        });
        let after = quiet(4 * SPAN);
        let beside = format!("{name} of {} MiB, being compiled", large.len() >> 20);
        print(1, &beside, &[(before, company), (after, company)]);
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

/// One round: the calls that were made in it.
#[derive(Clone, Copy)]
struct Round {
    /// In microseconds.
    median: f64,
    /// In microseconds, of a hundred.
    ninety_ninth: f64,
    /// Calls a second.
    rate: f64,
}

/// Rounds of quiet and of company in turn; `other` is done again and again in those of company.
fn rounds(
    good: &DepartmentHandler,
    inquiry: &Inquiry,
    threads: usize,
    mut other: impl FnMut(),
) -> Vec<(Round, Round)> {
    let count = std::env::var("WENZHENG_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS);
    (0..count)
        .map(|_| {
            let quiet = beside(good, inquiry, threads, || std::thread::sleep(SPAN));
            let company = beside(good, inquiry, threads, || {
                let start = Instant::now();
                while start.elapsed() < SPAN {
                    other();
                }
            });
            (quiet, company)
        })
        .collect()
}

/// The first quarter, the median and the third quarter of a figure over all pairs.
fn quarters(pairs: &[(Round, Round)], figure: impl Fn(&(Round, Round)) -> f64) -> [f64; 3] {
    let mut figures: Vec<f64> = pairs.iter().map(figure).collect();
    figures.sort_unstable_by(f64::total_cmp);
    let at = |part: f64| {
        let rank = (figures.len().saturating_sub(1) as f64 * part).round() as usize;
        figures.get(rank).copied().unwrap_or_default()
    };
    [at(0.25), at(0.5), at(0.75)]
}

fn print(threads: usize, beside: &str, pairs: &[(Round, Round)]) {
    let [_, median, _] = quarters(pairs, |(_, company)| company.median);
    let [_, ninety_ninth, _] = quarters(pairs, |(_, company)| company.ninety_ninth);
    let of_medians = quarters(pairs, |(quiet, company)| company.median / quiet.median);
    let of_ninety_ninths = quarters(pairs, |(quiet, company)| {
        company.ninety_ninth / quiet.ninety_ninth
    });
    let [_, of_rates, _] = quarters(pairs, |(quiet, company)| company.rate / quiet.rate);
    let half = |[first, _, third]: [f64; 3]| format!("{first:.2} to {third:.2}");
    println!(
        "| {threads} | {beside} | {median:.1} | {:.2} | {} | {ninety_ninth:.1} | {:.2} | {} | {of_rates:.2} |",
        of_medians[1],
        half(of_medians),
        of_ninety_ninths[1],
        half(of_ninety_ninths),
    );
}

/// The gate as a department runs it, in a process of its own.
struct Gate {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Gate {
    /// With a component that is too large; none where the command is not built.
    fn new() -> Result<Option<Self>, Box<dyn Error>> {
        // target/release/examples/department is this program.
        let program = std::env::current_exe()?
            .ancestors()
            .nth(2)
            .map(|folder| folder.join("wenzheng"))
            .filter(|program| program.is_file());
        let Some(program) = program else {
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let target = folder.path().join("target");
        fs::create_dir(&target)?;
        fs::write(
            folder.path().join("cases.toml"),
            "[[case]]\nname = 'a'\nsubject = 'a'\nexpect.triage = 'none'\n",
        )?;
        fs::write(target.join("handler.wasm"), vec![7; LARGE as usize])?;
        Ok(Some(Self { program, folder }))
    }

    fn refuse(&self) {
        let output = Command::new(&self.program)
            .args(["handler", "check"])
            .arg(self.folder.path())
            .arg("--state-dir")
            .arg(self.folder.path())
            .output();
        let refused = output.is_ok_and(|output| {
            !output.status.success()
                && String::from_utf8_lossy(&output.stderr).contains("at most 32 MiB")
        });
        assert!(refused, "the gate let 50 MiB through");
    }
}

/// Calls `good` on `threads` threads, one call after the other on each, for as long as `other` runs.
fn beside(
    good: &DepartmentHandler,
    inquiry: &Inquiry,
    threads: usize,
    other: impl FnOnce(),
) -> Round {
    let stop = AtomicBool::new(false);
    let (mut times, span) = std::thread::scope(|scope| {
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
        let times: Vec<Duration> = callers
            .into_iter()
            .flat_map(|caller| caller.join().expect("a caller broke down"))
            .collect();
        (times, span)
    });
    times.sort_unstable();
    Round {
        median: micros(&times, 0.5),
        ninety_ninth: micros(&times, 0.99),
        rate: times.len() as f64 / span.as_secs_f64(),
    }
}

/// One call that the platform waits for.
fn apart(handler: Option<&Arc<DepartmentHandler>>, inquiry: &Inquiry) {
    let Some(handler) = handler.cloned() else {
        panic!("a hostile handler cannot be made ready");
    };
    let inquiry = inquiry.clone();
    let call = host::apart(move || handler.triage(&inquiry).0.is_err());
    let failed = tokio::runtime::Builder::new_current_thread()
        .build()
        .map(|runtime| runtime.block_on(call));
    assert!(matches!(failed, Ok(Ok(true))), "it had a result");
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

const LOOP: &str = "(loop $for_ever (br $for_ever))";
const BOMB: &str = "(local $at i32)
    (loop $more
      (local.set $at (memory.grow (i32.const 16)))
      (if (i32.eq (local.get $at) (i32.const -1)) (then unreachable))
      (memory.fill (i32.mul (local.get $at) (i32.const 65536)) (i32.const 7) (i32.const 1048576))
      (br $more))";
const FILLS: &str = "(drop (memory.grow (i32.const 1000)))
    (loop $for_ever (memory.fill (i32.const 0) (i32.const 7) (i32.const 65011712)) (br $for_ever))";

/// A handler whose every function does `body`.
fn hostile(body: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    const NAME: &str = "wenzheng:handlers/department@1.0.0";
    let function = |name: &str, parameters: &str| {
        format!("(func (export \"{NAME}#{name}\") {parameters} (result i32) {body} unreachable)")
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

//! Handlers that mean harm, and handlers with bugs that look the same: the gate refuses each with words that its
//! programmer understands, and where one is called all the same, the call ends and nothing else does.
//!
//! They are written in the text format of WebAssembly over a frame that answers every function with nothing to add.

use super::gate::{MAX_SIZE, judge};
use super::sample::{self, Sample};
use host::Engine;
use host::department::contract::{Article, Inquiry};
use host::department::{CallError, DepartmentHandler, DepartmentLimits};
use std::path::Path;
use std::time::{Duration, Instant};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A memory; the description at 1024; nothing to add at 2048, where all is zero; a free place from 8192 on.
const FRAME: &str = r#"(module
  %IMPORT%
  (memory (export "memory") %MEMORY%)
  (global $next (mut i32) (i32.const 8192))
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 1024) "\40\04\00\00\04\00\00\00\50\04\00\00\05\00\00\00\60\04\00\00\05\00\00\00\00\00\00\00\00\00\00\00")
  (data (i32.const 1088) "evil")
  (data (i32.const 1104) "1.0.0")
  (data (i32.const 1120) "parks")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (loop $more
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then
          (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
          (br $more))))
    (local.get $at))
  (func (export "wenzheng:handlers/department@1.0.0#describe") (result i32) (i32.const 1024))
  (func $triage (export "wenzheng:handlers/department@1.0.0#triage-inquiry") (param i32) (result i32)
    %TRIAGE% (i32.const 2048))
  (func $draft (export "wenzheng:handlers/department@1.0.0#draft-answer") (param i32) (result i32)
    %DRAFT% (i32.const 2048))
  (func (export "wenzheng:handlers/department@1.0.0#check") (param i32) (result i32) (i32.const 2048))
  (func (export "wenzheng:handlers/department@1.0.0#plan-follow-up") (param i32) (result i32) (i32.const 2048))
  %MORE%
)"#;

/// The parts of the frame that a handler fills.
#[derive(Default)]
struct Parts<'a> {
    import: &'a str,
    memory: &'a str,
    triage: &'a str,
    draft: &'a str,
    more: &'a str,
    /// What the world has beside the contract.
    world: &'a str,
}

impl Parts<'_> {
    fn module(&self) -> Vec<u8> {
        self.module_in(FRAME)
    }

    fn module_in(&self, frame: &str) -> Vec<u8> {
        let memory = if self.memory.is_empty() {
            "1"
        } else {
            self.memory
        };
        let text = frame
            .replace("%IMPORT%", self.import)
            .replace("%MEMORY%", memory)
            .replace("%TRIAGE%", self.triage)
            .replace("%DRAFT%", self.draft)
            .replace("%MORE%", self.more);
        let mut module = wat::parse_str(text).expect("a module");
        let mut resolve = Resolve::default();
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        resolve.push_dir(wit).expect("the contract");
        resolve
            .push_str(
                "clocks.wit",
                "package wasi:clocks@0.2.0; interface monotonic-clock { now: func() -> u64; }",
            )
            .expect("a clock");
        let world = format!(
            "package hostile:handler; world handler {{ {} export wenzheng:handlers/department@1.0.0; }}",
            self.world
        );
        let package = resolve.push_str("hostile.wit", &world).expect("a world");
        let world = resolve
            .select_world(&[package], Some("handler"))
            .expect("the world");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("metadata");
        module
    }

    fn component(&self) -> Vec<u8> {
        self.component_in(FRAME)
    }

    fn component_in(&self, frame: &str) -> Vec<u8> {
        ComponentEncoder::default()
            .module(&self.module_in(frame))
            .expect("a module")
            .encode()
            .expect("a component")
    }
}

const LOOP: Parts = Parts {
    triage: "(loop $for_ever (br $for_ever))",
    ..NOTHING
};
const BOMB: Parts = Parts {
    triage: "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
    ..NOTHING
};
/// It also writes to all that it gets, so that the machine has to find it.
const FILLED_BOMB: Parts = Parts {
    triage: "(local $at i32)
             (loop $more
               (local.set $at (memory.grow (i32.const 16)))
               (if (i32.eq (local.get $at) (i32.const -1)) (then unreachable))
               (memory.fill (i32.mul (local.get $at) (i32.const 65536)) (i32.const 7) (i32.const 1048576))
               (br $more))",
    ..NOTHING
};
/// It writes to its memory over and over; an instruction like this cannot be interrupted.
const FILLS: Parts = Parts {
    memory: "256",
    triage: "(loop $for_ever (memory.fill (i32.const 0) (i32.const 7) (i32.const 16777216)) (br $for_ever))",
    ..NOTHING
};
const TRAP: Parts = Parts {
    triage: "unreachable",
    ..NOTHING
};
const DEEP: Parts = Parts {
    triage: "(drop (call $triage (local.get 0)))",
    ..NOTHING
};
/// A draft whose text is 32 MiB of zeros: its result is written to 4096.
const HUGE: Parts = Parts {
    memory: "520",
    draft: "(i32.store8 (i32.const 4100) (i32.const 1))
            (i32.store (i32.const 4104) (i32.const 65536)) (i32.store (i32.const 4108) (i32.const 33554432))
            (return (i32.const 4096))",
    ..NOTHING
};
/// A draft whose sources are a million entries that all lie in the same megabyte of text.
const ALIASED: Parts = Parts {
    memory: "600",
    draft: "(local $at i32)
            (local.set $at (i32.const 2097152))
            (loop $next
              (i32.store (local.get $at) (i32.const 65536))
              (i32.store offset=4 (local.get $at) (i32.const 1000000))
              (local.set $at (i32.add (local.get $at) (i32.const 28)))
              (br_if $next (i32.lt_u (local.get $at) (i32.const 30000000))))
            (i32.store8 (i32.const 4100) (i32.const 1))
            (i32.store (i32.const 4112) (i32.const 2097152)) (i32.store (i32.const 4116) (i32.const 990000))
            (return (i32.const 4096))",
    ..NOTHING
};
/// A result that points out of the memory.
const WILD: Parts = Parts {
    draft: "(return (i32.const 0x7ffffff0))",
    ..NOTHING
};
/// A result that is neither a success nor an error.
const WRONG: Parts = Parts {
    draft: "(i32.store8 (i32.const 4096) (i32.const 9)) (return (i32.const 4096))",
    ..NOTHING
};
const CLOCK: Parts = Parts {
    import: r#"(import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $now (result i64)))"#,
    triage: "(drop (call $now))",
    world: "import wasi:clocks/monotonic-clock@0.2.0;",
    ..NOTHING
};
/// It remembers: the second call of one instance breaks down.
const REMEMBERS: Parts = Parts {
    triage: "(global.set $count (i32.add (global.get $count) (i32.const 1)))
             (if (i32.gt_u (global.get $count) (i32.const 1)) (then unreachable))",
    ..NOTHING
};
const NOTHING: Parts = Parts {
    import: "",
    memory: "",
    triage: "",
    draft: "",
    more: "",
    world: "",
};

/// A good handler that says `mark`, four characters, in its triage and in its draft.
pub(crate) fn speaking(mark: &str) -> Vec<u8> {
    speaking_with(mark, "1", "")
}

/// Like [`speaking`]; every `serial` makes a component of its own.
pub(crate) fn speaking_apart(mark: &str, serial: u64) -> Vec<u8> {
    let data = format!("(data (i32.const 1300) \"{serial}\")");
    speaking_with(mark, "1", &data)
}

/// Like [`speaking`], and says of itself that it is for the department `education`.
pub(crate) fn speaking_for_schools(mark: &str) -> Vec<u8> {
    let text = FRAME
        .replace(
            "(i32.const 1120) \"parks\"",
            "(i32.const 1120) \"education\"",
        )
        .replace("\\60\\04\\00\\00\\05", "\\60\\04\\00\\00\\09");
    assert_ne!(text.len(), FRAME.len());
    speaking_in(&text, mark, "1", "")
}

/// Like [`speaking`], and as large as one that carries a language along: it takes seconds to compile.
pub(crate) fn speaking_at_length(mark: &str) -> Vec<u8> {
    let step = "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 77)) (i32.load (i32.and (local.get 0) (i32.const 1023)))))";
    let function = format!(
        "(func (param i32) (result i32) {} (local.get 0))",
        step.repeat(200)
    );
    let data = format!("(data (i32.const 65536) \"{}\")", "x".repeat(host::LARGE));
    speaking_with(mark, "64", &(data + &function.repeat(400)))
}

fn speaking_with(mark: &str, memory: &str, more: &str) -> Vec<u8> {
    speaking_in(FRAME, mark, memory, more)
}

fn speaking_in(frame: &str, mark: &str, memory: &str, more: &str) -> Vec<u8> {
    let data = format!("(data (i32.const 1200) \"{mark}\") {more}");
    let triage = "(i32.store8 (i32.const 4100) (i32.const 1))
        (i32.store (i32.const 4108) (i32.const 1200)) (i32.store (i32.const 4112) (i32.const 4))
        (return (i32.const 4096))";
    let draft = "(i32.store8 (i32.const 4100) (i32.const 1))
        (i32.store (i32.const 4104) (i32.const 1200)) (i32.store (i32.const 4108) (i32.const 4))
        (return (i32.const 4096))";
    Parts {
        memory,
        more: &data,
        triage,
        draft,
        ..NOTHING
    }
    .component_in(frame)
}

/// A handler that breaks down whenever it is asked.
pub(crate) fn broken() -> Vec<u8> {
    TRAP.component()
}

/// The smallest component: a magic number and a version.
const EMPTY: [u8; 8] = *b"\0asm\x0d\0\x01\0";

fn samples() -> Vec<Sample> {
    sample::parse("[[case]]\nname = 'a tree fell'\nsubject = 'a tree fell'\nexpect.triage = 'none'\nexpect.draft = 'none'")
        .expect("a sample")
}

/// What the gate refuses it for: the check and its text.
fn refusal(wasm: &[u8]) -> (&'static str, String) {
    let cache = tempfile::tempdir().expect("a directory");
    let verdict = judge(wasm, &samples(), cache.path()).expect("a thread");
    assert!(
        verdict.passed.is_none(),
        "the gate let it through:\n{verdict}"
    );
    let last = verdict.checks.last().expect("a check");
    (last.what, last.result.clone().expect_err("a refusal"))
}

#[test]
fn the_frame_itself_is_let_through() {
    let cache = tempfile::tempdir().expect("a directory");
    for parts in [NOTHING, REMEMBERS] {
        let verdict = judge(&parts.component(), &samples(), cache.path()).expect("a thread");
        assert!(verdict.passed.is_some(), "{verdict}");
        // A module of wit-bindgen is as good as its component.
        assert!(
            judge(&parts.module(), &samples(), cache.path())
                .expect("a thread")
                .passed
                .is_some()
        );
    }
}

#[test]
fn what_breaks_down_is_refused_with_its_cause() {
    for (parts, part, words) in [
        (LOOP, "triage", "a loop that does not end"),
        (BOMB, "triage", "more than 64 MiB of memory"),
        (FILLED_BOMB, "triage", "more than 64 MiB of memory"),
        (FILLS, "triage", "a loop that does not end"),
        (TRAP, "triage", "a panic"),
        (DEEP, "triage", "a recursion that does not end"),
        (HUGE, "draft", "handed back more than 1024 KiB"),
        (ALIASED, "draft", "handed back more than 1024 KiB"),
        (WILD, "draft", "not as the contract has it"),
        (WRONG, "draft", "not as the contract has it"),
    ] {
        let (check, text) = refusal(&parts.component());
        assert_eq!(check, "sample cases", "{text}");
        assert!(
            text.contains(words) && text.contains(part) && text.contains("a tree fell"),
            "{text}"
        );
    }
}

#[test]
fn what_imports_anything_is_refused_by_name() {
    let (check, text) = refusal(&CLOCK.component());
    assert_eq!(check, "imports");
    assert!(
        text.contains("wasi:clocks/monotonic-clock@0.2.0: reads the time"),
        "{text}"
    );
    assert!(text.contains("wasm32-unknown-unknown"), "{text}");
}

#[test]
fn what_is_no_handler_is_refused() {
    let (check, text) = refusal(&vec![0; 50 << 20]);
    assert_eq!(check, "size");
    assert!(text.contains("50 MiB, and at most 32 MiB"), "{text}");
    assert_eq!(refusal(b"not wasm at all").0, "component");
    // A valid module that exports nothing of the contract.
    assert_eq!(
        refusal(&wat::parse_str("(module)").expect("a module")).0,
        "exports"
    );
    // Memory that threads share.
    let shared = wat::parse_str("(module (memory 1 1 shared))").expect("a module");
    assert_eq!(refusal(&shared).0, "exports");
    // A component inside another is a component like any other, and this one exports nothing.
    let nested = [&EMPTY[..], &[4, 8], &EMPTY].concat();
    assert_eq!(refusal(&nested).0, "exports");
    const { assert!(MAX_SIZE < 50 << 20) };
}

/// The right name, another shape: `describe` gives a text instead of a record.
#[test]
fn wrong_types_are_refused() {
    let text = r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "wenzheng:handlers/department@1.0.0#describe") (result i32) (i32.const 1024)))"#;
    let mut module = wat::parse_str(text).expect("a module");
    let mut resolve = Resolve::default();
    let wit = "package wenzheng:handlers@1.0.0; interface department { describe: func() -> string; } world handler { export department; }";
    let package = resolve.push_str("wrong.wit", wit).expect("a contract");
    let world = resolve
        .select_world(&[package], Some("handler"))
        .expect("the world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let (check, text) = refusal(&module);
    assert_eq!(check, "contract");
    assert!(text.contains("world `department-handler`"), "{text}");
}

fn called(parts: &Parts, engine: &Engine, cache: &Path) -> DepartmentHandler {
    DepartmentHandler::new(
        engine,
        &parts.component(),
        cache,
        DepartmentLimits::default(),
    )
    .expect("a handler")
}

fn inquiry() -> Inquiry {
    Inquiry {
        number: String::new(),
        language: "zh-CN".to_owned(),
        kind: host::department::contract::CaseKind::Help,
        urgency: host::department::contract::Urgency::Normal,
        subject: "a tree fell".to_owned(),
        body: String::new(),
        division: None,
        address: None,
        category: None,
        supplements: Vec::new(),
    }
}

/// What does not end sleeps most of the time, alone and in company; and what ends it is its limit of the processor's
/// time where it is alone.
#[test]
fn what_takes_long_sleeps_most_of_the_time() {
    let cache = tempfile::tempdir().expect("a directory");
    let limits = DepartmentLimits::default();
    let engine = Engine::for_departments(limits.memory).expect("an engine");
    let inquiry = inquiry();
    for parts in [LOOP, FILLS] {
        let hostile: Vec<DepartmentHandler> = (0..4)
            .map(|_| called(&parts, &engine, cache.path()))
            .collect();
        // The first call of a handler has a grace of 20 ms, later ones have none.
        for _ in 0..2 {
            let start = Instant::now();
            let (said, cost) = hostile[0].triage(&inquiry);
            let elapsed = start.elapsed();
            println!("alone: {:?} of {elapsed:?}", cost.time);
            assert_eq!(said.expect_err("a loop").name(), "time");
            // Where others have the processor, or memory is slow to come, the clock ends it.
            let ended = cost.time >= limits.time || elapsed >= limits.clock;
            assert!(ended, "{cost:?} of {elapsed:?}");
            assert!(cost.time * 8 < elapsed, "{cost:?} of {elapsed:?}");
        }
        // Past the grace: all of them together take no more than one.
        for handler in &hostile {
            assert!(handler.triage(&inquiry).0.is_err());
        }
        let start = Instant::now();
        let costs: Vec<Duration> = std::thread::scope(|scope| {
            let calls: Vec<_> = hostile
                .iter()
                .map(|handler| scope.spawn(|| handler.triage(&inquiry).1.time))
                .collect();
            calls
                .into_iter()
                .map(|call| call.join().expect("a result"))
                .collect()
        });
        let (elapsed, used) = (start.elapsed(), costs.iter().sum::<Duration>());
        println!("four at once: {used:?} of {elapsed:?}");
        assert!(used * 8 < elapsed, "{costs:?} of {elapsed:?}");
    }
}

/// On one engine: hostile calls end in time, with a cause that is theirs, and a good handler answers as before, during and
/// after them.
#[test]
fn hostile_calls_harm_no_others() {
    let cache = tempfile::tempdir().expect("a directory");
    let limits = DepartmentLimits::default();
    let engine = Engine::for_departments(limits.memory).expect("an engine");
    let inquiry = inquiry();
    let good = called(&NOTHING, &engine, cache.path());
    let hostile: Vec<(DepartmentHandler, &str)> = [
        (LOOP, "time"),
        (BOMB, "memory"),
        (FILLS, "time"),
        (TRAP, "trap"),
        (DEEP, "stack"),
        (HUGE, "output"),
        (ALIASED, "output"),
        (WILD, "contract"),
    ]
    .iter()
    .map(|(parts, name)| (called(parts, &engine, cache.path()), *name))
    .collect();
    let nothing: &[Article] = &[];
    std::thread::scope(|scope| {
        for (handler, name) in &hostile {
            let inquiry = &inquiry;
            scope.spawn(move || {
                for _ in 0..5 {
                    let start = Instant::now();
                    let (triage, cost) = handler.triage(inquiry);
                    let error = match triage {
                        Err(error) => error,
                        Ok(_) => handler.draft(inquiry, nothing).0.expect_err("hostile"),
                    };
                    // In company its time may be over before it comes to its harm.
                    let name = [*name, "time"].contains(&error.name());
                    assert!(name, "{error}");
                    assert!(cost.memory <= limits.memory);
                    // The machine may be busy; a loop without a limit would never come here.
                    assert!(start.elapsed() < Duration::from_secs(20));
                }
            });
        }
        for _ in 0..200 {
            assert_eq!(good.triage(&inquiry).0, Ok(Ok(None)));
            assert_eq!(good.draft(&inquiry, nothing).0, Ok(Ok(None)));
        }
    });
    let (said, cost) = good.triage(&inquiry);
    assert_eq!(said, Ok(Ok(None)));
    assert!(cost.memory <= 2 << 16, "{cost:?}");
    assert_eq!(CallError::Stack.name(), "stack");
}

//! `cargo xtask test`: everything that CI runs.

use crate::platform::Platform;
use crate::tools::{FUNCTION_TARGET, HANDLER_TARGET, cargo, heading, preflight};
use crate::{browser, build, departments, fuzz, oidc, postgres};
use anyhow::{Context, Result};
use sql::testing::{SERVER_VARIABLE, TestServer};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Messages for the replay, written for the tests.
const REPLAY: &str = "tests/data/messages.csv";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only these steps, in the order of the list: format, lint, build, native, check, sqlite, postgres, fuzz,
    /// browser, replay, departments, oidc. Without it: all but departments, which needs the tools of three languages,
    /// and oidc, which needs Node.js.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Of the end-to-end suites, run only these, by the names of the files in tests/tests; of those in the browser,
    /// by the names in tests/browser without `test_`.
    #[arg(long = "suite", value_delimiter = ',')]
    suites: Vec<String>,
}

/// The packages with tests of their own, beside the handlers.
const NATIVE: [&str; 22] = [
    "case",
    "desk",
    "district",
    "host",
    "identity",
    "intake",
    "manifest",
    "model",
    "office",
    "openapi",
    "pages",
    "portal",
    "publishing",
    "seal",
    "sql",
    "store",
    "survey",
    "text",
    "train",
    "web",
    "wenzheng",
    "xtask",
];

type Step = (&'static str, fn(&Path, &Arguments) -> Result<()>);

/// Steps that run only when they are named.
const ON_REQUEST: [&str; 2] = ["departments", "oidc"];

const STEPS: [Step; 12] = [
    ("format", |root, _| format(root)),
    ("lint", |root, _| lint(root)),
    ("build", |root, _| build::everything(root)),
    ("native", |root, _| native(root)),
    ("check", |root, _| check(root)),
    ("sqlite", end_to_end_sqlite),
    ("postgres", end_to_end_postgres),
    ("fuzz", |root, _| fuzz_all(root)),
    ("browser", in_browser),
    ("replay", |root, _| replay(root)),
    ("departments", |root, _| departments::check(root)),
    ("oidc", |root, _| oidc::check(root)),
];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    for name in &arguments.only {
        anyhow::ensure!(
            STEPS.iter().any(|(step, _)| step == name),
            "there is no step `{name}`; see --help"
        );
    }
    for name in &arguments.suites {
        anyhow::ensure!(
            is_suite(root, name) || is_browser_suite(root, name),
            "there is no suite `{name}` in tests/tests or tests/browser"
        );
    }
    preflight(root)?;
    let mut report = Vec::new();
    for (name, step) in STEPS {
        let named = arguments.only.iter().any(|only| only == name);
        let everything = arguments.only.is_empty() && !ON_REQUEST.contains(&name);
        if !(named || everything) {
            continue;
        }
        heading(&format!("test: {name}"));
        let begin = Instant::now();
        step(root, arguments).with_context(|| {
            format!("the step `{name}` failed; again alone: cargo xtask test --only {name}")
        })?;
        report.push(format!("   {name:<10} {:>5} s", begin.elapsed().as_secs()));
    }
    heading("All passed");
    eprintln!("{}", report.join("\n"));
    Ok(())
}

fn format(root: &Path) -> Result<()> {
    run_cargo(root, &["fmt", "--all", "--check"])
}

/// Clippy on what runs natively, on the functions and on the handlers, each for its own target.
fn lint(root: &Path) -> Result<()> {
    let functions = build::function_names(root)?;
    let handlers: Vec<String> = build::stages(root)?
        .iter()
        .map(|stage| format!("{stage}-handler"))
        .collect();
    let mut native = cargo(
        root,
        ["clippy", "--release", "--workspace", "--all-targets"],
    );
    for function in functions
        .iter()
        .chain(&["web".to_owned(), "pages".to_owned()])
    {
        native.args(["--exclude", function]);
    }
    crate::tools::run(native.args(["--", "--deny", "warnings"]), "clippy")?;
    for (target, packages) in [(FUNCTION_TARGET, &functions), (HANDLER_TARGET, &handlers)] {
        let mut wasm = cargo(
            root,
            ["clippy", "--target", target, "--profile", "component"],
        );
        for package in packages {
            wasm.args(["--package", package]);
        }
        crate::tools::run(wasm.args(["--", "--deny", "warnings"]), "clippy")?;
    }
    Ok(())
}

/// The tests of everything that runs natively, with a PostgreSQL server at hand.
fn native(root: &Path) -> Result<()> {
    let server = postgres::server()?;
    let mut command = cargo(root, ["test", "--release", "--no-fail-fast"]);
    for package in NATIVE {
        command.args(["--package", package]);
    }
    for stage in build::stages(root)? {
        command.args(["--package", &format!("{stage}-handler")]);
    }
    command.env(SERVER_VARIABLE, server.dsn());
    crate::tools::run(&mut command, "cargo test")?;
    // Alone: with the others, its features of shared crates would have half of them built once more.
    run_cargo(root, &["test", "--release", "--package", "oidc"])
}

fn check(root: &Path) -> Result<()> {
    crate::tools::run(
        Command::new(build::runner_file(root))
            .current_dir(root)
            .arg("check"),
        "wenzheng check",
    )
}

fn end_to_end_sqlite(root: &Path, arguments: &Arguments) -> Result<()> {
    end_to_end(root, arguments, "sqlite", None)
}

fn end_to_end_postgres(root: &Path, arguments: &Arguments) -> Result<()> {
    let server = postgres::server()?;
    end_to_end(root, arguments, "postgres", Some(&server))
}

/// The suite in tests/ against the runner, then the proof that every projection is what its events say.
fn end_to_end(
    root: &Path,
    arguments: &Arguments,
    name: &str,
    server: Option<&TestServer>,
) -> Result<()> {
    let database = server.map(postgres::database).transpose()?;
    let platform = Platform::start(root, name, database.as_deref())?;
    let mut command = cargo(
        root,
        [
            "test",
            "--release",
            "--no-fail-fast",
            "--package",
            "wenzheng-tests",
        ],
    );
    let suites = arguments
        .suites
        .iter()
        .filter(|suite| !is_browser_suite(root, suite));
    command.args(suites.flat_map(|suite| ["--test", suite]));
    // With this set, nothing is skipped.
    command
        .env("CI", "true")
        .env("WENZHENG_RUNNER", build::runner_file(root))
        .envs(platform.environment());
    // Tests that end and break a runner start their own, with the same kind of database.
    match server {
        Some(server) => command.env(SERVER_VARIABLE, server.dsn()),
        None => command.env_remove(SERVER_VARIABLE),
    };
    crate::tools::run(&mut command, "the end-to-end suite")?;
    verify(root, &platform, database.as_deref())?;
    platform.stop()
}

fn verify(root: &Path, platform: &Platform, postgres: Option<&str>) -> Result<()> {
    let mut command = Command::new(build::runner_file(root));
    command.current_dir(root).arg("verify");
    match postgres {
        Some(address) => command.args(["--postgres", address]),
        None => command.arg("--sqlite").arg(platform.sqlite()),
    };
    crate::tools::run(&mut command, "wenzheng verify")
}

fn fuzz_all(root: &Path) -> Result<()> {
    let platform = Platform::start(root, "fuzz", None)?;
    fuzz::run_on(root, &platform)?;
    verify(root, &platform, None)?;
    platform.stop()
}

fn is_suite(root: &Path, name: &str) -> bool {
    let suites = root.join("tests/tests");
    suites.join(format!("{name}.rs")).is_file() || suites.join(name).join("main.rs").is_file()
}

fn is_browser_suite(root: &Path, name: &str) -> bool {
    root.join(format!("tests/browser/test_{name}.py")).is_file()
}

/// Real pages in a real browser. One department has a handler of its own there.
fn in_browser(root: &Path, arguments: &Arguments) -> Result<()> {
    let suites: Vec<String> = arguments
        .suites
        .iter()
        .filter(|suite| is_browser_suite(root, suite))
        .cloned()
        .collect();
    let platform = Platform::start(root, "browser", None)?;
    departments::publish_sample(root, &platform)?;
    browser::run_on(root, &platform, &suites)?;
    verify(root, &platform, None)?;
    platform.stop()
}

/// Messages through all stages: each must end in a lawful state, and none may be lost.
fn replay(root: &Path) -> Result<()> {
    let platform = Platform::start(root, "replay", None)?;
    let mut command = Command::new(build::runner_file(root));
    command
        .current_dir(root)
        .args(["replay", REPLAY, "--url", platform.url(), "--token-file"])
        .arg(platform.accounts());
    crate::tools::run(&mut command, "wenzheng replay")?;
    verify(root, &platform, None)?;
    platform.stop()
}

fn run_cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    crate::tools::run(&mut cargo(root, arguments), arguments[0])
}

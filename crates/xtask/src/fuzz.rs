//! schemathesis: requests made up from the platform's own OpenAPI description, as everybody who may call it.

use crate::platform::Platform;
use crate::tools::{heading, output, python_environment};
use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The fuzzer from PyPI, pinned so that a run can be repeated.
const PACKAGE: &str = "schemathesis==4.32.5";

/// No answer may be a server error or missing from the description; what breaks the description is refused; other
/// methods are refused, and told which there are.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance";

/// What bad data may be answered with: beside the usual, 409 where the case is in no state for the action at all,
/// and what is wrong with a body as a whole.
const REFUSALS: &str = "[400, 401, 403, 404, 405, 409, 413, 415, 422, 429]";

/// One run: who calls, and what.
struct Caller {
    name: &'static str,
    header: Option<String>,
    /// Numbers of cases that exist, for the paths.
    numbers: Vec<String>,
    /// What is called and what is not: options of schemathesis.
    operations: Vec<&'static str>,
    examples: u32,
}

/// Operations that end the session of a run.
const NOT_THE_SESSION: [&str; 2] = ["--exclude-path-regex", "^/api/session"];

/// The fuzzer cannot make components: the suite `registry` hands in what is none, or nobody has signed.
const NO_COMPONENTS: [&str; 2] = ["--exclude-operation-id", "deliverHandler"];

/// Runs at the same time. Each has one thread only: Python before 3.11.8 fails with "AST constructor recursion depth
/// mismatch" when two threads parse at once (python/cpython#106905), as Hypothesis does for names of strategies.
const AT_ONCE: usize = 2;

/// Fuzzes the platform as each kind of caller.
pub(crate) fn run_on(root: &Path, platform: &Platform) -> Result<()> {
    let fuzzer = install(root)?;
    let (callers, last) = callers(platform)?;
    let failed = Mutex::new(Vec::new());
    let run = |caller: &Caller| {
        if let Err(error) = run_as(root, platform, &fuzzer, caller)
            && let Ok(mut failed) = failed.lock()
        {
            failed.push(format!("{error:#}"));
        }
    };
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(caller) = callers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run(caller);
                }
            });
        }
    });
    run(&last);
    let failed = failed.into_inner().unwrap_or_default();
    ensure!(failed.is_empty(), "{}", failed.join("; "));
    Ok(())
}

/// One run of schemathesis. Its output is shown when it has ended, for others run beside it.
fn run_as(root: &Path, platform: &Platform, fuzzer: &Path, caller: &Caller) -> Result<()> {
    let begin = Instant::now();
    let folder = root
        .join("target/test/fuzz")
        .join(caller.name.replace(' ', "-"));
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let configuration_file = folder.join("schemathesis.toml");
    fs::write(&configuration_file, configuration(caller))
        .with_context(|| format!("{} cannot be written", configuration_file.display()))?;
    let mut command = Command::new(fuzzer);
    command
        .current_dir(&folder)
        .arg("--config-file")
        .arg(&configuration_file)
        .arg("run")
        .arg(format!("{}/api/openapi.json", platform.url()))
        .args(["--checks", CHECKS])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", &caller.examples.to_string()])
        .args(["--seed", "1", "--workers", "1"])
        .args(["--continue-on-failure", "--no-shrink"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--request-timeout", "30"])
        .args(&caller.operations)
        .args(NO_COMPONENTS)
        .env("NO_COLOR", "1");
    if let Some(header) = &caller.header {
        command.args(["--header", header]);
    }
    let output = command
        .output()
        .with_context(|| format!("{} cannot be started", fuzzer.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    heading(&format!("fuzz: as {}", caller.name));
    if output.status.success() {
        let summary = text.find("= SUMMARY =").unwrap_or_default();
        eprintln!("{}", &text[summary..]);
    } else {
        eprintln!("{text}{errors}");
    }
    eprintln!("   as {}: {} s", caller.name, begin.elapsed().as_secs());
    ensure!(
        output.status.success(),
        "schemathesis as {} failed ({})",
        caller.name,
        output.status
    );
    Ok(())
}

fn configuration(caller: &Caller) -> String {
    let mut text = format!("[checks.negative_data_rejection]\nexpected-statuses = {REFUSALS}\n");
    if !caller.numbers.is_empty() {
        text.push_str(&format!(
            "\n[parameters]\n\"path.number\" = {}\n",
            json!(caller.numbers)
        ));
    }
    text
}

/// Everybody who may call the platform; the administrator apart, for what administrators do to accounts would end the
/// sessions of the others.
fn callers(platform: &Platform) -> Result<(Vec<Caller>, Caller)> {
    let accounts = logins(platform)?;
    let token = |role: &str| sign_in(platform, &accounts, role);
    let bearer = |token: &str| Some(format!("Authorization: Bearer {token}"));
    let supervisor = token("supervisor")?;
    let desk = get(platform, "/api/desk/cases?limit=20", &supervisor)?;
    let numbers: Vec<String> = desk["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["number"].as_str().map(str::to_owned))
        .collect();
    let message =
        json!({ "subject": "路灯不亮", "body": "中河街道泰康中路的路灯坏了三天，晚上很黑。" });
    let own = post(platform, "/api/cases", &message)?;
    let text = |name: &str| {
        own[name]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("the new case has no {name}"))
    };
    let key = accounts["channels"]["web"]
        .as_str()
        .context("the demonstration has no key for the channel web")?;

    let mut callers = vec![
        Caller {
            name: "nobody",
            header: None,
            numbers: Vec::new(),
            operations: Vec::new(),
            examples: 20,
        },
        Caller {
            name: "a citizen",
            header: Some(format!("Query-Code: {}", text("query_code")?)),
            numbers: vec![text("number")?],
            operations: vec!["--include-tag", "cases", "--include-tag", "actions"],
            examples: 15,
        },
        Caller {
            name: "a channel",
            header: Some(format!("X-Api-Key: {key}")),
            numbers: Vec::new(),
            operations: vec!["--include-path", "/api/cases"],
            examples: 100,
        },
    ];
    for (name, role) in [
        ("an operator", "operator"),
        ("an officer", "officer"),
        ("a reviewer", "reviewer"),
        ("a supervisor", "supervisor"),
        ("a leader", "leader"),
        ("the duty desk", "duty"),
        ("a reporter", "reporter"),
    ] {
        callers.push(Caller {
            name,
            header: bearer(&token(role)?),
            numbers: numbers.clone(),
            operations: NOT_THE_SESSION.to_vec(),
            examples: 10,
        });
    }
    callers.push(Caller {
        name: "somebody who signs out",
        header: bearer(&token("operator")?),
        numbers: Vec::new(),
        operations: vec!["--include-path-regex", "^/api/session"],
        examples: 20,
    });
    callers.push(Caller {
        name: "the timer",
        header: bearer(platform.relay_key()),
        numbers: Vec::new(),
        operations: vec!["--include-tag", "operation"],
        examples: 20,
    });
    let admin = Caller {
        name: "an administrator",
        header: bearer(&token("admin")?),
        numbers,
        operations: [&NOT_THE_SESSION[..], &["--include-tag", "staff"]].concat(),
        examples: 20,
    };
    Ok((callers, admin))
}

/// The fuzzer in a Python environment of its own in `target/`.
fn install(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/fuzz");
    python_environment(&folder, PACKAGE, &[PACKAGE])?;
    Ok(folder.join("bin/schemathesis"))
}

/// The demonstration's logins and keys.
fn logins(platform: &Platform) -> Result<Json> {
    let file = platform.accounts();
    let text =
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_str(&text).context("the demonstration accounts")
}

/// A session of the demonstration's account with that role.
fn sign_in(platform: &Platform, accounts: &Json, role: &str) -> Result<String> {
    let mut all = accounts["accounts"].as_array().into_iter().flatten();
    let account = all
        .find(|account| account["role"] == role)
        .with_context(|| format!("there is no demonstration {role}"))?;
    let body = json!({ "account": account["id"], "password": account["password"] });
    let session = post(platform, "/api/session", &body)?;
    session["token"]
        .as_str()
        .map(str::to_owned)
        .context("the session has no token")
}

fn get(platform: &Platform, path: &str, token: &str) -> Result<Json> {
    curl(
        platform,
        path,
        &["--header", &format!("Authorization: Bearer {token}")],
    )
}

fn post(platform: &Platform, path: &str, body: &Json) -> Result<Json> {
    curl(
        platform,
        path,
        &[
            "--header",
            "Content-Type: application/json",
            "--data",
            &body.to_string(),
        ],
    )
}

fn curl(platform: &Platform, path: &str, arguments: &[&str]) -> Result<Json> {
    let mut command = Command::new("curl");
    command
        .args(["--silent", "--show-error", "--fail"])
        .args(arguments)
        .arg(format!("{}{path}", platform.url()));
    serde_json::from_str(&output(&mut command, path)?)
        .with_context(|| format!("the answer of {path}"))
}

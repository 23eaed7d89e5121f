//! schemathesis: requests made up from the platform's own OpenAPI description.

use crate::platform::Platform;
use crate::tools::{find, heading, output, run};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The fuzzer from PyPI, pinned so that a run can be repeated.
const PACKAGE: &str = "schemathesis==4.1.4";

/// No answer may be a server error, and none may be missing from the description.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Fuzzes every operation, signed in as an operator.
pub(crate) fn run_on(root: &Path, platform: &Platform) -> Result<()> {
    let fuzzer = install(root)?;
    let token = sign_in(platform)?;
    let mut command = Command::new(fuzzer);
    command
        .current_dir(root.join("target/test"))
        .arg("run")
        .arg(format!("{}/api/openapi.json", platform.url()))
        .args(["--checks", CHECKS, "--max-examples", "50", "--seed", "1", "--phases", "examples,coverage,fuzzing"])
        .args(["--header", &format!("Authorization: Bearer {token}")]);
    run(&mut command, "schemathesis")
}

/// The fuzzer in a Python environment of its own in `target/`.
fn install(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/fuzz");
    let program = folder.join("bin/schemathesis");
    let note = folder.join("package");
    if program.is_file() && std::fs::read_to_string(&note).is_ok_and(|package| package == PACKAGE) {
        return Ok(program);
    }
    heading("Installing schemathesis");
    let Some(python) = find("python3") else {
        bail!("the fuzzer needs Python 3: install python3 and python3-venv");
    };
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder), "python3 -m venv (Debian: package python3-venv)")?;
    run(
        Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]),
        "pip install",
    )
    .context("schemathesis could not be fetched: check the network")?;
    std::fs::write(&note, PACKAGE).context("target/fuzz cannot be written")?;
    Ok(program)
}

/// A session of the demonstration's operator.
fn sign_in(platform: &Platform) -> Result<String> {
    let file = platform.accounts();
    let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let accounts: serde_json::Value = serde_json::from_str(&text).context("the demonstration accounts")?;
    let operator = accounts["accounts"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|account| account["role"] == "operator")
        .context("the demonstration has no operator")?;
    let body = serde_json::json!({ "account": operator["id"], "password": operator["password"] });
    let answer = output(
        Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--header", "Content-Type: application/json", "--data"])
            .arg(body.to_string())
            .arg(format!("{}/api/session", platform.url())),
        "signing in",
    )?;
    let session: serde_json::Value = serde_json::from_str(&answer).context("the session")?;
    session["token"].as_str().map(str::to_owned).context("the session has no token")
}

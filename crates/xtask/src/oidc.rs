//! Signing in at a real identity provider: npm's `oidc-provider`, driven out of `tests/oidc`.

use crate::platform::{Platform, free_address};
use crate::tools::{apt_install, find, output, run};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The secret of the platform at the provider, as `tests/oidc/provider.mjs` has it.
const SECRET: &str = "a secret of the tests that is long enough for HS256";

/// Starts a platform that knows the provider, and walks to it and back.
pub(crate) fn check(root: &Path) -> Result<()> {
    let folder = root.join("tests/oidc");
    let node = tool("node")?;
    let npm = tool("npm")?;
    output(
        Command::new(npm)
            .current_dir(&folder)
            .args(["ci", "--no-audit", "--no-fund"]),
        "installing the identity provider",
    )?;
    let issuer = format!("http://{}", free_address()?);
    let variables = [
        ("OIDC_ISSUER", issuer.as_str()),
        ("OIDC_HOST", &issuer),
        ("OIDC_NAME", "测试身份平台"),
        ("OIDC_CLIENT_ID", "wenzheng"),
        ("OIDC_CLIENT_SECRET", SECRET),
    ];
    let platform = Platform::start_with(root, "oidc", None, &variables)?;
    let mut command = Command::new(node);
    command
        .current_dir(&folder)
        .arg("walk.mjs")
        .env("ISSUER", &issuer)
        .envs(platform.environment());
    run(&mut command, "signing in at the identity provider")?;
    platform.stop()
}

/// A program of Node.js, installed if need be and possible.
fn tool(name: &str) -> Result<PathBuf> {
    if find(name).is_none() && find("apt-get").is_some() {
        apt_install(&["nodejs", "npm"])?;
    }
    find(name).with_context(|| format!("{name} is not there: install Node.js 18 or later"))
}

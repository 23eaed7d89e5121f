//! The PostgreSQL server of the tests.

use crate::tools::{find, heading, run};
use anyhow::{Context, Result, bail};
use sql::testing::{SERVER_VARIABLE, TestServer};
use std::path::Path;
use std::process::Command;

/// The server that `WENZHENG_TEST_POSTGRES` names, or a private one, whose programs are installed if need be.
pub(crate) fn server() -> Result<TestServer> {
    let named = std::env::var(SERVER_VARIABLE).is_ok_and(|address| !address.is_empty());
    if !named && !is_installed() {
        install()?;
    }
    TestServer::start().context("the PostgreSQL server for the tests")
}

/// An empty database on it.
pub(crate) fn database(server: &TestServer) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("tokio")?;
    runtime
        .block_on(server.database())
        .context("a database for the tests")
}

fn is_installed() -> bool {
    find("initdb").is_some() || Path::new("/usr/lib/postgresql").is_dir()
}

fn install() -> Result<()> {
    heading("Installing PostgreSQL");
    if find("apt-get").is_none() {
        bail!(
            "there is no PostgreSQL and no apt-get to install it: install PostgreSQL 14 or later, or name a server in {SERVER_VARIABLE}"
        );
    }
    let apt = |arguments: &[&str]| {
        let mut command = match find("sudo") {
            Some(sudo) if !is_root() => {
                let mut command = Command::new(sudo);
                command.arg("apt-get");
                command
            }
            _ => Command::new("apt-get"),
        };
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command, "apt-get")
    };
    apt(&["update", "--quiet"])
        .and_then(|()| apt(&["install", "--yes", "--quiet", "--no-install-recommends", "postgresql"]))
        .with_context(|| format!("PostgreSQL could not be installed: check the network, install it by hand, or name a server in {SERVER_VARIABLE}"))
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

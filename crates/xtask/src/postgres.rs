//! The PostgreSQL server of the tests.

use crate::tools::{apt_install, find, heading};
use anyhow::{Context, Result, bail};
use sql::testing::{SERVER_VARIABLE, TestServer};
use std::path::Path;

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
    apt_install(&["postgresql"])
        .with_context(|| format!("PostgreSQL could not be installed: check the network, install it by hand, or name a server in {SERVER_VARIABLE}"))
}

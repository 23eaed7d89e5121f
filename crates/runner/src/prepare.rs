//! The database made ready: schema, secrets, district; the first administrator.

use crate::database::{Database, migrate};
use crate::place::Target;
use crate::{district_data, password, secrets};
use anyhow::{Context, Result};
use case::Role;
use manifest::Variables;
use seal::Keys;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use store::console::{self, NewAccount};
use store::{contacts, transaction};

/// The account that keeps accounts until there are others.
const FIRST_ADMIN: &str = "admin";

/// Makes everything ready that the platform needs beside its components and its people. `given` are variables of the
/// command line.
pub(crate) async fn run(target: &Target, district: &Path, given: &[String]) -> Result<Database> {
    let report = migrate(target).await?;
    for step in &report.applied {
        eprintln!("Applied migration {} ({}).", step.version, step.description);
    }
    let database = Database::open(target).await?;
    let mut connection = database.connection().await?;
    secrets::ensure(given, console::has_sealed_contacts(&mut connection).await?)?;
    if let Some(loaded) = district_data::load_if_changed(&mut connection, district).await? {
        eprintln!(
            "Loaded {}: {} departments, {} articles.",
            loaded.name, loaded.departments, loaded.articles
        );
    }
    Ok(database)
}

/// Makes an administrator with a one-time password if there is none.
pub(crate) async fn first_admin(database: &Database) -> Result<()> {
    let connection = &mut database.connection().await?;
    if console::has_admin(connection).await? {
        return Ok(());
    }
    let one_time = password::generate()?;
    let account = NewAccount {
        id: FIRST_ADMIN,
        name: "管理员",
        role: Role::Admin,
        department: None,
        password: &password::hash(&one_time)?,
        must_change: true,
        now: now(),
    };
    transaction::begin(connection).await?;
    let made = console::insert_account(connection, account).await?;
    transaction::commit(connection).await?;
    if made {
        println!(
            "First administrator: account {FIRST_ADMIN}, one-time password {one_time} (to be changed at the first sign-in)"
        );
    } else {
        eprintln!(
            "There is no administrator who can sign in: `wenzheng account password {FIRST_ADMIN}` lets the account in again."
        );
    }
    Ok(())
}

/// Makes sure that the secret key is one, and that contacts which are sealed already can be opened with it.
pub(crate) async fn check_keys(database: &Database, variables: &Variables) -> Result<()> {
    let value = |name: &str| variables.get(name).map_or("", |value| value.as_str());
    let keys = Keys::new(value("secret_key"), value("secret_key_previous"))?;
    let mut connection = database.connection().await?;
    for (number, sealed) in contacts::page(&mut connection, "", 1).await? {
        keys.open(&number, &sealed).context(
            "the secret key is not the one that the contacts in the database were sealed with: put that key back into .env or the environment",
        )?;
    }
    Ok(())
}

/// Now, in milliseconds since 1970 UTC.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

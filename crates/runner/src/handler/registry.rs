//! Publishing and taking back: the commands that change what decides for a department, and those that show it.

use super::gate::{self, Passed};
use super::history::{day, short_key, words};
use super::order::{ALL, Change, Order, PROPOSE, Proposal};
use super::project::Project;
use super::sample;
use super::signing::{self, Secret, Statement};
use super::table::grid;
use crate::account::connect;
use crate::database::Connection;
use crate::place::{Place, StateDir};
use crate::{prepare, rules};
use anyhow::{Context, Result, bail, ensure};
use case::district::Department;
use std::path::PathBuf;
use std::process::ExitCode;
use store::handlers::{self, Entry, PublicKey, Release, Standing};
use store::transaction;

/// More entries than a department makes in a lifetime.
pub(super) const WHOLE_LOG: i64 = 1_000_000;

#[derive(clap::Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a pair of keys: the secret one into a file, the public one printed.
    New {
        /// The file for the secret key; it must not exist.
        file: PathBuf,
    },
    /// Let the holder of a public key publish for a department, and for no other.
    Add {
        department: String,
        /// The public key, as `key new` printed it.
        key: String,
        /// Whose it is.
        #[arg(long)]
        holder: String,
        #[command(flatten)]
        place: Place,
    },
    /// Show the keys of a department.
    List {
        department: String,
        #[command(flatten)]
        place: Place,
    },
    /// Let a key count no more. What it published stays until somebody takes it back.
    Revoke {
        department: String,
        key: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(clap::Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    project: Project,
    /// The file with the secret key of a publisher of the department.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Let it decide only so many hundredths of the cases, beside the release that decides the others.
    #[arg(long, default_value_t = ALL, value_parser = clap::value_parser!(i64).range(1..=ALL))]
    share: i64,
    #[command(flatten)]
    state: StateDir,
    #[command(flatten)]
    place: Place,
}

/// An order about what was published before.
#[derive(clap::Args)]
pub(crate) struct Signed {
    department: String,
    /// The file with the secret key of a publisher of the department.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub(crate) struct Rollback {
    #[command(flatten)]
    signed: Signed,
    /// The release to go back to; else a release on trial is taken back, or the current one for the one before.
    #[arg(long)]
    to: Option<i64>,
}

#[derive(clap::Args)]
pub(crate) struct Endpoint {
    #[command(flatten)]
    signed: Signed,
    /// Where the handler runs as a Spin application of its own, such as http://127.0.0.1:3101.
    #[arg(long, value_name = "URL")]
    at: String,
}

pub(crate) async fn key(command: &KeyCommand) -> Result<ExitCode> {
    match command {
        KeyCommand::New { file } => {
            let secret = Secret::generate()?;
            secret.write(file)?;
            println!("{}", signing::show(&secret.public()));
            eprintln!(
                "The secret key is in {}: keep it where only publishers of the department can read it.\nThe platform's operator lets it publish: wenzheng handler key add DEPARTMENT PUBLIC-KEY --holder NAME",
                file.display()
            );
        }
        KeyCommand::Add {
            department,
            key,
            holder,
            place,
        } => {
            let key = PublicKey {
                key: signing::parse(key)?,
                department: department.clone(),
                holder: holder.clone(),
                created_at: prepare::now(),
                revoked_at: None,
            };
            let mut connection = connect(place).await?;
            known(&mut connection, department).await?;
            ensure!(
                handlers::insert_key(&mut connection, &key).await?,
                "this key is registered already; every department and every person has a key of their own"
            );
            println!("{holder} may publish for {department}.");
        }
        KeyCommand::List { department, place } => {
            let mut connection = connect(place).await?;
            let keys = handlers::keys(&mut connection, department).await?;
            let mut rows = vec![["key", "holder", "since", "revoked"].map(str::to_owned)];
            // Whole keys, for `revoke`; the grid would cut them.
            rows.extend(keys.iter().map(|key| {
                [
                    short_key(&key.key),
                    key.holder.clone(),
                    day(key.created_at),
                    key.revoked_at.map_or_else(String::new, day),
                ]
            }));
            print!("{}", grid(&rows));
            for key in &keys {
                println!("{}", signing::show(&key.key));
            }
        }
        KeyCommand::Revoke {
            department,
            key,
            place,
        } => {
            let mut connection = connect(place).await?;
            let key = signing::parse(key)?;
            ensure!(
                handlers::revoke_key(&mut connection, department, &key, prepare::now()).await?,
                "{department} has no such key in force"
            );
            println!("Revoked.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The gate, then the archive, then the change; all or nothing.
pub(crate) async fn publish(arguments: &Publish) -> Result<ExitCode> {
    let project = &arguments.project;
    let samples = sample::read(&project.folder)?;
    let verdict = gate::judge(&project.read()?, &samples, &arguments.state.cache())?;
    print!("{verdict}");
    let Some(passed) = verdict.passed else {
        println!("\nNot published.");
        return Ok(ExitCode::FAILURE);
    };
    let secret = Secret::read(&arguments.key)?;
    let mut connection = connect(&arguments.place).await?;
    transaction::begin(&mut connection).await?;
    let (release, change) = put(&mut connection, &secret, &passed, arguments.share).await?;
    transaction::commit(&mut connection).await?;
    let Release {
        name,
        version,
        release,
        department,
        ..
    } = release;
    if change.action == PROPOSE {
        println!(
            "\n{name} {version} waits as release {release} of {department} until a second publisher confirms it:\n  wenzheng handler confirm {department} --key FILE"
        );
    } else {
        println!(
            "\nPublished {name} {version} as release {release} of {department}, for {} % of the cases.",
            change.share
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Archives what passed the gate and orders it to be published, inside the open transaction.
async fn put(
    connection: &mut Connection,
    secret: &Secret,
    passed: &Passed,
    share: i64,
) -> Result<(Release, Change)> {
    let department = passed.description.department.clone();
    known(connection, &department).await?;
    permitted(connection, &department, &secret.public()).await?;
    let releases = handlers::releases(connection, &department).await?;
    let release = Release {
        release: releases.first().map_or(1, |last| last.release + 1),
        sha256: passed.sha256.to_vec(),
        name: passed.description.about.name.clone(),
        version: passed.description.about.version.clone(),
        categories: passed.description.categories.clone(),
        published_at: prepare::now(),
        department,
    };
    if let Some(same) = releases
        .iter()
        .find(|other| other.version == release.version)
    {
        ensure!(
            same.sha256 == release.sha256,
            "version {} was published already as release {} with other content; give the new one a version of its own",
            release.version,
            same.release
        );
    }
    handlers::insert_component(connection, &release.sha256, &passed.component).await?;
    handlers::insert_release(connection, &release).await?;
    let order = Order::Publish {
        release: release.release,
        share,
    };
    let change = order_in(connection, &release.department, secret, order).await?;
    Ok((release, change))
}

pub(crate) async fn promote(signed: &Signed) -> Result<ExitCode> {
    order(signed, Order::Promote).await
}

pub(crate) async fn rollback(arguments: &Rollback) -> Result<ExitCode> {
    order(&arguments.signed, Order::Rollback { to: arguments.to }).await
}

pub(crate) async fn disable(signed: &Signed) -> Result<ExitCode> {
    order(signed, Order::Disable).await
}

pub(crate) async fn endpoint(arguments: &Endpoint) -> Result<ExitCode> {
    order(&arguments.signed, Order::Endpoint(arguments.at.clone())).await
}

/// Lets what the department's other publisher proposed be carried out.
pub(crate) async fn confirm(signed: &Signed) -> Result<ExitCode> {
    order(signed, Order::Confirm).await
}

async fn order(signed: &Signed, order: Order) -> Result<ExitCode> {
    let secret = Secret::read(&signed.key)?;
    let mut connection = connect(&signed.place).await?;
    let change = ordered(&mut connection, &signed.department, &secret, order).await?;
    if change.action == PROPOSE {
        println!(
            "{}: {}, until a second publisher confirms the change: wenzheng handler confirm {} --key FILE",
            signed.department,
            words(&change.standing),
            signed.department
        );
    } else {
        println!("{}: {}.", signed.department, words(&change.standing));
    }
    Ok(ExitCode::SUCCESS)
}

/// Carries out an order about what was published before.
async fn ordered(
    connection: &mut Connection,
    department: &str,
    secret: &Secret,
    order: Order,
) -> Result<Change> {
    transaction::begin(connection).await?;
    permitted(connection, department, &secret.public()).await?;
    let change = order_in(connection, department, secret, order).await?;
    transaction::commit(connection).await?;
    Ok(change)
}

/// Whether the department is one of the district's.
async fn known(connection: &mut Connection, department: &str) -> Result<()> {
    wants_two(connection, department).await.map(drop)
}

/// Whether the department wants two publishers for what is new; an error where the district has no such department.
pub(crate) async fn wants_two(connection: &mut Connection, department: &str) -> Result<bool> {
    let known: Vec<Department> = rules::part(connection, "departments").await?;
    known
        .iter()
        .find(|known| known.id == department)
        .map(|known| known.two_publishers)
        .with_context(|| format!("the district has no department `{department}`"))
}

/// What becomes of `order` where two publishers are wanted for what is new.
fn proposed(order: Order) -> Order {
    match order {
        Order::Publish { release, share } => Order::Propose(Proposal::Release { release, share }),
        Order::Endpoint(address) => Order::Propose(Proposal::Endpoint(address)),
        order => order,
    }
}

/// Whether `key` is another person's than what it confirms: the proposal, or what signed the release that decides.
async fn is_second(
    connection: &mut Connection,
    standing: &Standing,
    log: &[Entry],
    key: &[u8],
) -> Result<()> {
    let signers: Vec<&Entry> = match Proposal::waiting(standing, log) {
        Some(_) => log
            .iter()
            .filter(|entry| entry.revision == standing.revision)
            .collect(),
        None => {
            let release = standing.candidate.or(standing.current);
            log.iter()
                .filter(|entry| release.is_some() && entry.release == release)
                .collect()
        }
    };
    let keys = handlers::keys(connection, &standing.department).await?;
    let holder = |key: &[u8]| {
        keys.iter()
            .find(|known| known.key == key)
            .map(|known| known.holder.as_str())
    };
    ensure!(
        signers
            .iter()
            .all(|entry| entry.key != key && holder(&entry.key) != holder(key)),
        "who proposed it cannot confirm it: that takes a second publisher of the department, with a key of their own"
    );
    Ok(())
}

/// Whether the holder of `key` may publish for `department`.
async fn permitted(connection: &mut Connection, department: &str, key: &[u8]) -> Result<()> {
    let keys = handlers::keys(connection, department).await?;
    match keys.iter().find(|known| known.key == key) {
        Some(known) if known.revoked_at.is_none() => Ok(()),
        Some(_) => bail!("this key was revoked"),
        None => bail!(
            "this key may not publish for {department}; the platform's operator can allow it: wenzheng handler key add {department} {} --holder NAME",
            signing::show(key)
        ),
    }
}

/// Carries out an order inside the open transaction.
async fn order_in(
    connection: &mut Connection,
    department: &str,
    secret: &Secret,
    order: Order,
) -> Result<Change> {
    let standing = handlers::standing(connection, department)
        .await?
        .unwrap_or_else(|| Standing {
            department: department.to_owned(),
            ..Standing::default()
        });
    let log = handlers::log(connection, department, WHOLE_LOG).await?;
    let order = match wants_two(connection, department).await? {
        true => proposed(order),
        false => order,
    };
    if order == Order::Confirm {
        is_second(connection, &standing, &log, &secret.public()).await?;
    }
    let change = order.carry_out(&standing, &log)?;
    let releases = handlers::releases(connection, department).await?;
    let sha256 = change
        .release
        .and_then(|number| releases.iter().find(|release| release.release == number))
        .map_or(&[] as &[u8], |release| &release.sha256);
    let statement = Statement {
        department,
        revision: change.standing.revision,
        action: change.action,
        release: change.release,
        share: change.share,
        sha256,
        endpoint: change.endpoint.as_deref().unwrap_or_default(),
    };
    let entry = Entry {
        department: department.to_owned(),
        revision: change.standing.revision,
        at: prepare::now(),
        action: change.action.to_owned(),
        release: change.release,
        share: change.share,
        endpoint: change.endpoint.clone(),
        key: secret.public(),
        signature: secret.sign(&statement),
    };
    handlers::change(connection, &change.standing, &entry).await?;
    Ok(change)
}

/// Whether a publisher of the department has signed this very release, or two different ones where `two` are wanted; a
/// key that was revoked later counts for what it signed before.
pub(crate) fn is_vouched(release: &Release, log: &[Entry], keys: &[PublicKey], two: bool) -> bool {
    let mut signers = log
        .iter()
        .filter(|entry| entry.department == release.department)
        .filter(|entry| entry.release == Some(release.release))
        .filter_map(|entry| {
            keys.iter().find(|key| {
                key.key == entry.key
                    && key.department == release.department
                    && key.revoked_at.is_none_or(|revoked| entry.at <= revoked)
                    && is_signed(entry, Some(release))
            })
        });
    let Some(first) = signers.next() else {
        return false;
    };
    !two || signers.any(|other| other.key != first.key && other.holder != first.holder)
}

/// Whether the entry's signature is one of its key for what it says.
pub(super) fn is_signed(entry: &Entry, release: Option<&Release>) -> bool {
    Statement {
        department: &entry.department,
        revision: entry.revision,
        action: &entry.action,
        release: entry.release,
        share: entry.share,
        sha256: release.map_or(&[] as &[u8], |release| &release.sha256),
        endpoint: entry.endpoint.as_deref().unwrap_or_default(),
    }
    .is_signed(&entry.key, &entry.signature)
}

#[cfg(test)]
pub(crate) mod tests;

//! Publishing and taking back: the commands that change what decides for a department, and those that show it.

use super::gate::{self, Passed};
use super::history::{day, short_key, words};
use super::project::Project;
use super::remote::Remote;
use super::sample;
use super::signing;
use super::table::grid;
use crate::account::connect;
use crate::database::Connection;
use crate::place::{Place, StateDir};
use crate::prepare;
use anyhow::{Result, ensure};
use publishing::order::{ALL, Change, Order, PROPOSE};
use publishing::signature::{self, Secret};
use publishing::situation::{self, Situation, wants_two};
use std::path::PathBuf;
use std::process::ExitCode;
use store::handlers::{self, PublicKey, Release};
use store::transaction;

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
    site: Site,
    /// With --platform: how long the platform's verdict is waited for, in seconds.
    #[arg(long, default_value_t = 300)]
    wait: u64,
}

/// Where what decides is changed or shown.
#[derive(clap::Args)]
pub(crate) struct Site {
    /// The address of a platform, such as https://wenzheng.example, which is asked over HTTP; without it, its database.
    #[arg(long, value_name = "URL")]
    pub(super) platform: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

/// An order about what was published before.
#[derive(clap::Args)]
pub(crate) struct Signed {
    department: String,
    /// The file with the secret key of a publisher of the department.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    site: Site,
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
            signing::write(&secret, file)?;
            println!("{}", signature::show(&secret.public()));
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
                key: signature::parse(key)?,
                department: department.clone(),
                holder: holder.clone(),
                created_at: prepare::now(),
                revoked_at: None,
            };
            let mut connection = connect(place).await?;
            wants_two(&mut connection, department).await?;
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
                println!("{}", signature::show(&key.key));
            }
        }
        KeyCommand::Revoke {
            department,
            key,
            place,
        } => {
            let mut connection = connect(place).await?;
            let key = signature::parse(key)?;
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
    let secret = signing::read(&arguments.key)?;
    let (release, change) = match &arguments.site.platform {
        Some(platform) => {
            let remote = Remote::new(platform)?;
            let wait = std::time::Duration::from_secs(arguments.wait);
            match remote
                .publish(&secret, &passed, arguments.share, wait)
                .await?
            {
                Some(published) => published,
                None => return Ok(ExitCode::FAILURE),
            }
        }
        None => {
            let mut connection = connect(&arguments.site.place).await?;
            transaction::begin(&mut connection).await?;
            let put = put(&mut connection, &secret, &passed, arguments.share).await?;
            transaction::commit(&mut connection).await?;
            put
        }
    };
    let department = &passed.description.department;
    let about = &passed.description.about;
    let (name, version) = (&about.name, &about.version);
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

/// The release that something that passed the gate becomes as things stand.
pub(crate) fn release_of(passed: &Passed, situation: &Situation) -> Release {
    Release {
        department: situation.standing.department.clone(),
        release: situation.next_release(),
        sha256: passed.sha256.to_vec(),
        name: passed.description.about.name.clone(),
        version: passed.description.about.version.clone(),
        categories: passed.description.categories.clone(),
        published_at: prepare::now(),
    }
}

/// Archives what passed the gate and orders it to be published, inside the open transaction; the number of the
/// release, and what follows.
async fn put(
    connection: &mut Connection,
    secret: &Secret,
    passed: &Passed,
    share: i64,
) -> Result<(i64, Change)> {
    let mut situation = Situation::read(connection, &passed.description.department).await?;
    let release = release_of(passed, &situation);
    let number = release.release;
    let order = Order::Publish {
        release: number,
        share,
    };
    let key = secret.public();
    let change = situation.change(&order, &key)?;
    let statement = situation.statement(&change, Some(&release.sha256));
    let signature = secret.sign(&statement.text());
    let change = situation::publish_in(
        connection,
        &mut situation,
        release,
        &passed.component,
        share,
        &key,
        &signature,
    )
    .await?;
    Ok((number, change))
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
    let secret = signing::read(&signed.key)?;
    let department = &signed.department;
    let change = match &signed.site.platform {
        Some(platform) => {
            let remote = Remote::new(platform)?;
            remote.order(&secret, department, &order).await?
        }
        None => {
            let mut connection = connect(&signed.site.place).await?;
            ordered(&mut connection, department, &secret, order).await?
        }
    };
    if change.action == PROPOSE {
        println!(
            "{department}: {}, until a second publisher confirms the change: wenzheng handler confirm {department} --key FILE",
            words(&change.standing)
        );
    } else {
        println!("{department}: {}.", words(&change.standing));
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
    let situation = Situation::read(connection, department).await?;
    let key = secret.public();
    let change = situation.change(&order, &key)?;
    let signature = secret.sign(&situation.statement(&change, None).text());
    let now = prepare::now();
    let change = situation::order_in(connection, &situation, &order, now, &key, &signature).await?;
    transaction::commit(connection).await?;
    Ok(change)
}

#[cfg(test)]
pub(crate) mod tests;

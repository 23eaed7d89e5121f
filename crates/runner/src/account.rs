//! `wenzheng account`: staff accounts without the platform's own pages.

use crate::database::{Connection, Database};
use crate::place::Place;
use crate::{password, prepare, rules};
use anyhow::{Context, Result, bail};
use case::Role;
use case::district::Department;
use std::process::ExitCode;
use store::console::{self, NewAccount};
use store::transaction;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make an account with a one-time password, which is printed.
    Add {
        /// By which the person signs in: small letters, digits, `-`.
        id: String,
        /// The person's name as colleagues see it.
        #[arg(long)]
        name: String,
        /// operator, officer, reviewer, supervisor, leader, duty, reporter or admin.
        #[arg(long)]
        role: String,
        /// The department of an officer.
        #[arg(long)]
        department: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Give an account a new one-time password, which is printed, and end its sessions.
    Password {
        /// The account.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: &Command) -> Result<ExitCode> {
    let one_time = password::generate()?;
    let hash = password::hash(&one_time)?;
    match command {
        Command::Add {
            id,
            name,
            role,
            department,
            place,
        } => {
            let mut connection = connect(place).await?;
            let role = Role::from_name(role).with_context(|| {
                let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
                format!("there is no role `{role}`; there are: {}", known.join(", "))
            })?;
            check_id(id)?;
            check_department(&mut connection, role, department.as_deref()).await?;
            let account = NewAccount {
                id,
                name,
                role,
                department: department.as_deref(),
                password: &hash,
                must_change: true,
                now: prepare::now(),
            };
            transaction::begin(&mut connection).await?;
            let made = console::insert_account(&mut connection, account).await?;
            transaction::commit(&mut connection).await?;
            if !made {
                bail!(
                    "there is an account `{id}` already; `wenzheng account password {id}` gives it a new password"
                );
            }
        }
        Command::Password { id, place } => {
            let mut connection = connect(place).await?;
            transaction::begin(&mut connection).await?;
            let found = console::reset_password(&mut connection, id, &hash).await?;
            transaction::commit(&mut connection).await?;
            if !found {
                bail!("there is no account `{id}`");
            }
        }
    }
    println!("{one_time}");
    eprintln!("This one-time password has to be changed at the first sign-in.");
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn connect(place: &Place) -> Result<Connection> {
    let target = place.target(&place.manifest()?)?;
    Database::open(&target).await?.connection().await
}

fn check_id(id: &str) -> Result<()> {
    let good = (1..=40).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !good {
        bail!("`{id}` is not an account's identifier: at most 40 small letters, digits and `-`");
    }
    Ok(())
}

async fn check_department(
    connection: &mut Connection,
    role: Role,
    department: Option<&str>,
) -> Result<()> {
    match (role, department) {
        (Role::Officer, None) => bail!("an officer needs a --department"),
        (Role::Officer, Some(department)) => {
            let known: Vec<Department> = rules::part(connection, "departments").await?;
            if !known.iter().any(|known| known.id == department) {
                bail!("there is no department `{department}`");
            }
            Ok(())
        }
        (_, Some(_)) => bail!("only an officer has a --department"),
        (_, None) => Ok(()),
    }
}

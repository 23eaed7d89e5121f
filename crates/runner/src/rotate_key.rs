//! `wenzheng rotate-key`: all contacts sealed with the new secret key.
//!
//! The platform goes on while it runs: with both keys set it reads either and writes the new one.

use crate::account::connect;
use crate::place::{Place, sentence};
use anyhow::{Context, Result, bail};
use seal::Keys;
use serde::Deserialize;
use std::process::ExitCode;
use store::{contacts, transaction};

/// Contacts sealed in one transaction, so that other writers get their turn in between.
const BATCH: u32 = 200;

/// Seal all contacts with the new secret key.
///
/// First set SPIN_VARIABLE_SECRET_KEY_PREVIOUS to the old key and SPIN_VARIABLE_SECRET_KEY to the new one (32 bytes in
/// base64, such as `openssl rand -base64 32` prints) and restart the platform. When this is through, take the old key
/// away and restart once more.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
}

/// What is sealed: the contact as intake stored it.
#[derive(Deserialize)]
struct Contact {
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = arguments.place.manifest()?;
    let variables = arguments
        .place
        .providers()?
        .resolve(&manifest)
        .map_err(|problems| sentence(&problems))?;
    let value = |name: &str| variables.get(name).map_or("", |value| value.as_str());
    if value("secret_key_previous").is_empty() {
        bail!(
            "the variable `secret_key_previous` is empty: set SPIN_VARIABLE_SECRET_KEY_PREVIOUS to the old key first"
        );
    }
    let keys = Keys::new(value("secret_key"), value("secret_key_previous"))?;
    let mut connection = connect(&arguments.place).await?;
    let (mut after, mut seen, mut resealed) = (String::new(), 0_usize, 0_usize);
    loop {
        transaction::begin(&mut connection).await?;
        let page = contacts::page(&mut connection, &after, BATCH).await?;
        for (number, sealed) in &page {
            seen += 1;
            if keys.is_current(sealed) {
                continue;
            }
            let plain = keys
                .open(number, sealed)
                .with_context(|| format!("the contact of case {number}"))?;
            let contact: Contact = serde_json::from_slice(&plain)
                .with_context(|| format!("the contact of case {number}"))?;
            let index = |domain: &str, value: Option<String>| {
                value.map(|value| keys.index(domain, &value).to_vec())
            };
            let phone = index(
                "phone",
                contact.phone.as_deref().and_then(text::contact::phone),
            );
            let email = index(
                "email",
                contact.email.as_deref().and_then(text::contact::email),
            );
            let new = (keys.seal(number, &plain)?, phone, email);
            contacts::reseal(&mut connection, number, sealed, new).await?;
            resealed += 1;
        }
        transaction::commit(&mut connection).await?;
        match page.last() {
            Some((number, _)) => after.clone_from(number),
            None => break,
        }
    }
    println!("{seen} contacts, {resealed} of them sealed anew. The old key is no longer needed.");
    Ok(ExitCode::SUCCESS)
}

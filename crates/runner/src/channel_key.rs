//! `wenzheng channel-key`: keys with which the adapter of a channel hands over messages.

use crate::account::connect;
use crate::place::Place;
use crate::{prepare, rules};
use anyhow::{Result, bail};
use case::district::Channel;
use std::process::ExitCode;
use store::{console, transaction};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key for the adapter of a channel; it is printed and cannot be shown again.
    Add {
        /// The channel.
        channel: String,
        /// Revoke the keys that the channel has had.
        #[arg(long)]
        revoke: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: &Command) -> Result<ExitCode> {
    let Command::Add {
        channel,
        revoke,
        place,
    } = command;
    let mut connection = connect(place).await?;
    let known: Vec<Channel> = rules::part(&mut connection, "channels").await?;
    if !known.iter().any(|known| known.id == *channel) {
        let ids: Vec<&str> = known.iter().map(|known| known.id.as_str()).collect();
        bail!(
            "there is no channel `{channel}`; there are: {}",
            ids.join(", ")
        );
    }
    let key = seal::token()?;
    transaction::begin(&mut connection).await?;
    if *revoke {
        let revoked =
            console::revoke_channel_keys(&mut connection, channel, prepare::now()).await?;
        eprintln!("Revoked {revoked} keys of {channel}.");
    }
    console::insert_channel_key(
        &mut connection,
        &seal::token_digest(&key),
        channel,
        prepare::now(),
    )
    .await?;
    transaction::commit(&mut connection).await?;
    println!("{key}");
    eprintln!("The adapter sends it as X-Api-Key.");
    Ok(ExitCode::SUCCESS)
}

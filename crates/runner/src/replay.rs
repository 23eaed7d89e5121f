//! `wenzheng replay`: many messages through the running platform.
//!
//! Every message goes in as a channel adapter hands it over. What the platform leaves to people is done as far as it
//! needs no knowledge of the matter: a department accepts and answers, a reviewer approves, the citizen rates. What
//! needs somebody who understands (a category, a department) stays in the queue where the platform put it.

mod life;
mod report;

use crate::client::Client;
use crate::demo::Logins;
use crate::player::Player;
use anyhow::{Context, Result};
use futures::stream::{FuturesUnordered, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use report::Report;
use serde::Deserialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A CSV file with the columns id, subject and body; others are passed over.
    file: PathBuf,
    /// Messages a second; without it, as fast as it goes.
    #[arg(long, value_name = "NUMBER")]
    rate: Option<f64>,
    /// Read no more than so many messages.
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Cases that are under way at the same time.
    #[arg(long, value_name = "NUMBER", default_value_t = 16)]
    connections: usize,
    /// The address of the platform.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    url: String,
    /// The channel that the messages come by.
    #[arg(long, value_name = "CHANNEL", default_value = "web")]
    channel: String,
    /// Logins of staff and keys of channels, as `wenzheng up --demo` makes them.
    #[arg(
        long,
        value_name = "FILE",
        default_value = ".wenzheng/demo-accounts.json"
    )]
    token_file: PathBuf,
}

/// One message of the file.
#[derive(Clone, Debug, Deserialize)]
struct Message {
    id: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let messages = read(&arguments)?;
    let client = Client::new(&arguments.url)?;
    let player = Player::new(client, Logins::read(&arguments.token_file)?)
        .await
        .with_context(|| {
            format!(
                "there is no platform at {}: start it with `wenzheng up --demo`",
                arguments.url
            )
        })?;

    let progress = ProgressBar::new(messages.len() as u64).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} messages, {per_sec}, {eta} left")?,
    );
    let begin = Instant::now();
    let gap = arguments
        .rate
        .filter(|rate| *rate > 0.0)
        .map(|rate| Duration::from_secs_f64(1.0 / rate));
    let mut report = Report::default();
    let mut under_way = FuturesUnordered::new();
    for (index, message) in messages.iter().enumerate() {
        while under_way.len() >= arguments.connections.max(1) {
            if let Some(life) = under_way.next().await {
                report.add(life);
                progress.inc(1);
            }
        }
        if let Some(gap) = gap {
            // Others go on while this one waits for its time.
            let turn = begin + gap * u32::try_from(index).unwrap_or(u32::MAX);
            let pause = tokio::time::sleep_until(turn.into());
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    Some(life) = under_way.next(), if !under_way.is_empty() => {
                        report.add(life);
                        progress.inc(1);
                    }
                }
            }
        }
        under_way.push(life::live(&player, &arguments.channel, message));
    }
    while let Some(life) = under_way.next().await {
        report.add(life);
        progress.inc(1);
    }
    progress.finish_and_clear();
    print!("{}", report.table(begin.elapsed()));
    Ok(if report.failures() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(arguments: &Arguments) -> Result<Vec<Message>> {
    let file = &arguments.file;
    let mut reader = csv::Reader::from_path(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let rows = reader
        .deserialize()
        .take(arguments.limit.unwrap_or(usize::MAX));
    rows.enumerate()
        .map(|(index, row)| row.with_context(|| format!("{}, row {}", file.display(), index + 2)))
        .collect()
}

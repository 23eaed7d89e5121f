//! What decides for departments, and how that came about: the commands that only show.

use super::order::Proposal;
use super::registry::{WHOLE_LOG, is_signed};
use super::signing;
use super::table::grid;
use crate::account::connect;
use crate::place::Place;
use anyhow::{Result, ensure};
use case::time::{Local, Offset, Timestamp};
use std::process::ExitCode;
use store::handlers::{self, Standing};

/// Notices that the history shows.
const SHOWN: i64 = 20;

#[derive(clap::Args)]
pub(crate) struct History {
    department: String,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn list(place: &Place) -> Result<ExitCode> {
    let mut connection = connect(place).await?;
    let mut rows = vec![
        [
            "department",
            "revision",
            "decides",
            "to be confirmed",
            "trouble",
        ]
        .map(str::to_owned),
    ];
    for standing in handlers::standings(&mut connection).await? {
        let last = handlers::log(&mut connection, &standing.department, 1).await?;
        let notices = handlers::notices(&mut connection, &standing.department, 1).await?;
        let waits = match Proposal::waiting(&standing, &last) {
            Some(Proposal::Release { release, .. }) => format!("release {release}"),
            Some(Proposal::Endpoint(address)) => address,
            None => String::new(),
        };
        rows.push([
            standing.department.clone(),
            standing.revision.to_string(),
            words(&standing),
            waits,
            notices
                .first()
                .filter(|notice| notice.what == "rests" && decides(&standing, notice.release))
                .map_or_else(String::new, |notice| {
                    format!(
                        "release {} rests since {}",
                        notice.release,
                        minute(notice.at)
                    )
                }),
        ]);
    }
    print!("{}", grid(&rows));
    Ok(ExitCode::SUCCESS)
}

/// The log of a department, with every signature looked at again.
pub(crate) async fn history(arguments: &History) -> Result<ExitCode> {
    let mut connection = connect(&arguments.place).await?;
    let department = &arguments.department;
    let log = handlers::log(&mut connection, department, WHOLE_LOG).await?;
    let releases = handlers::releases(&mut connection, department).await?;
    let keys = handlers::keys(&mut connection, department).await?;
    let mut rows = vec![
        [
            "rev",
            "at (UTC)",
            "action",
            "release",
            "version",
            "share",
            "by",
            "sha256",
            "signature",
        ]
        .map(str::to_owned),
    ];
    let mut false_ones = 0;
    for entry in &log {
        let release = entry
            .release
            .and_then(|number| releases.iter().find(|release| release.release == number));
        let holder = keys.iter().find(|key| key.key == entry.key);
        let signed = holder.is_some() && is_signed(entry, release);
        false_ones += usize::from(!signed);
        rows.push([
            entry.revision.to_string(),
            minute(entry.at),
            entry.action.clone(),
            entry
                .release
                .map_or_else(|| "–".to_owned(), |release| release.to_string()),
            release.map_or_else(String::new, |release| release.version.clone()),
            format!("{} %", entry.share),
            holder.map_or_else(|| short_key(&entry.key), |key| key.holder.clone()),
            release.map_or_else(String::new, |release| {
                seal::hex(&release.sha256)[..12].to_owned()
            }),
            if signed { "good" } else { "FALSE" }.to_owned(),
        ]);
    }
    print!("{}", grid(&rows));
    let notices = handlers::notices(&mut connection, department, SHOWN).await?;
    if !notices.is_empty() {
        let mut rows = vec![["notice at (UTC)", "release", "what", "cause"].map(str::to_owned)];
        rows.extend(notices.into_iter().map(|notice| {
            [
                minute(notice.at),
                notice.release.to_string(),
                notice.what,
                notice.cause.unwrap_or_default(),
            ]
        }));
        print!("\n{}", grid(&rows));
    }
    ensure!(
        false_ones == 0,
        "{false_ones} entries are not signed by a key of {department}: somebody changed the database"
    );
    Ok(ExitCode::SUCCESS)
}

pub(super) fn words(standing: &Standing) -> String {
    if let Some(endpoint) = &standing.endpoint {
        return endpoint.clone();
    }
    let current = match standing.current {
        Some(release) => format!("release {release}"),
        None => "the platform's default".to_owned(),
    };
    match standing.candidate {
        Some(candidate) => format!("{current}, release {candidate} for {} %", standing.share),
        None => current,
    }
}

/// Whether the release decides any case.
fn decides(standing: &Standing, release: i64) -> bool {
    [standing.current, standing.candidate].contains(&Some(release))
}

pub(super) fn short_key(key: &[u8]) -> String {
    let mut text = signing::show(key);
    text.truncate(12);
    text + "…"
}

pub(super) fn day(at: i64) -> String {
    minute(at).chars().take(10).collect()
}

/// `2026-09-01 08:30`.
fn minute(at: i64) -> String {
    let local = Local {
        at: Timestamp(at),
        offset: Offset::UTC,
    };
    local
        .to_string()
        .replace('T', " ")
        .chars()
        .take(16)
        .collect()
}

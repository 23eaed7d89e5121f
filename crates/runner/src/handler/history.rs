//! What decides for departments, and how that came about: the commands that only show.

use super::registry::Site;
use super::remote::Remote;
use super::signing;
use super::table::grid;
use crate::account::connect;
use anyhow::{Context, Result, ensure};
use case::time::{Local, Offset, Timestamp};
use publishing::order::Proposal;
use publishing::signature::show;
use publishing::situation::{Situation, is_signed};
use publishing::wire::{self, View, Waits};
use std::path::PathBuf;
use std::process::ExitCode;
use store::handlers::{self, Standing};

/// Notices that the history shows.
const SHOWN: i64 = 20;

#[derive(clap::Args)]
pub(crate) struct History {
    department: String,
    /// With --platform: the file with the secret key of a publisher of the department, who also sees who signed what,
    /// what was handed in and what became of it. Without it, what everybody may see.
    #[arg(long, value_name = "FILE", requires = "platform")]
    key: Option<PathBuf>,
    #[command(flatten)]
    site: Site,
}

pub(crate) async fn list(site: &Site) -> Result<ExitCode> {
    match &site.platform {
        Some(platform) => list_of(&Remote::new(platform)?).await,
        None => list_here(site).await,
    }
}

async fn list_of(remote: &Remote) -> Result<ExitCode> {
    let mut rows =
        vec![["department", "revision", "decides", "to be confirmed"].map(str::to_owned)];
    for standing in remote.all().await? {
        rows.push([
            standing.department.clone(),
            standing.revision.to_string(),
            words(&standing_of(&standing)),
            match standing.waits {
                Some(Waits::Release(release)) => format!("release {release}"),
                Some(Waits::Endpoint) => "an address".to_owned(),
                None => String::new(),
            },
        ]);
    }
    print!("{}", grid(&rows));
    Ok(ExitCode::SUCCESS)
}

/// As far as everybody sees it.
fn standing_of(view: &wire::StandingView) -> Standing {
    Standing {
        department: view.department.clone(),
        revision: view.revision,
        current: view.current,
        candidate: view.candidate,
        share: view.share,
        endpoint: view
            .elsewhere
            .then(|| "an application of its own".to_owned()),
    }
}

async fn list_here(site: &Site) -> Result<ExitCode> {
    let mut connection = connect(&site.place).await?;
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

/// The log of a department, with every signature looked at again where there are signatures to see.
pub(crate) async fn history(arguments: &History) -> Result<ExitCode> {
    let department = &arguments.department;
    let Some(platform) = &arguments.site.platform else {
        let mut connection = connect(&arguments.site.place).await?;
        let situation = Situation::read(&mut connection, department).await?;
        let false_ones = print_log(&situation);
        let notices = handlers::notices(&mut connection, department, SHOWN).await?;
        print_notices(notices.into_iter().map(|notice| {
            let cause = notice.cause.unwrap_or_default();
            (minute(notice.at), notice.release, notice.what, cause)
        }));
        return verdict(false_ones, department);
    };
    let remote = Remote::new(platform)?;
    let secret = match &arguments.key {
        Some(file) => Some(signing::read(file)?),
        None => None,
    };
    let view = remote.view(department, secret.as_ref()).await?;
    let Some(inside) = &view.publishers else {
        print_public(&view);
        return Ok(ExitCode::SUCCESS);
    };
    let situation = view.situation().context("the platform's answer")?;
    let false_ones = print_log(&situation);
    if !inside.deliveries.is_empty() {
        let mut rows =
            vec![["handed in (UTC)", "release", "share", "sha256", "verdict"].map(str::to_owned)];
        rows.extend(inside.deliveries.iter().map(|delivery| {
            [
                minute_of(&delivery.arrived_at),
                delivery.release.to_string(),
                format!("{} %", delivery.share),
                delivery.sha256.chars().take(12).collect(),
                delivery.verdict.clone(),
            ]
        }));
        print!("\n{}", grid(&rows));
    }
    print_notices(inside.notices.iter().map(|notice| {
        (
            minute_of(&notice.at),
            notice.release,
            notice.what.clone(),
            notice.cause.clone().unwrap_or_default(),
        )
    }));
    verdict(false_ones, department)
}

fn verdict(false_ones: usize, department: &str) -> Result<ExitCode> {
    ensure!(
        false_ones == 0,
        "{false_ones} entries are not signed by a key of {department}: somebody changed the database"
    );
    Ok(ExitCode::SUCCESS)
}

/// Prints every change with who signed it, and returns how many signatures are false.
fn print_log(situation: &Situation) -> usize {
    let Situation {
        log,
        releases,
        keys,
        ..
    } = situation;
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
    for entry in log {
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
    false_ones
}

fn print_notices(notices: impl Iterator<Item = (String, i64, String, String)>) {
    let mut rows = vec![["notice at (UTC)", "release", "what", "cause"].map(str::to_owned)];
    rows.extend(notices.map(|(at, release, what, cause)| [at, release.to_string(), what, cause]));
    if rows.len() > 1 {
        print!("\n{}", grid(&rows));
    }
}

/// What everybody sees.
fn print_public(view: &View) {
    let mut rows = vec![
        [
            "rev", "at (UTC)", "action", "release", "version", "share", "sha256",
        ]
        .map(str::to_owned),
    ];
    rows.extend(view.history.iter().map(|entry| {
        let release = entry
            .release
            .and_then(|number| view.releases.iter().find(|known| known.release == number));
        [
            entry.revision.to_string(),
            minute_of(&entry.at),
            entry.action.clone(),
            entry
                .release
                .map_or_else(|| "–".to_owned(), |release| release.to_string()),
            release.map_or_else(String::new, |release| release.version.clone()),
            format!("{} %", entry.share),
            release.map_or_else(String::new, |release| {
                release.sha256.chars().take(12).collect()
            }),
        ]
    }));
    print!("{}", grid(&rows));
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
    let mut text = show(key);
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

/// The same of an RFC 3339 time; the text itself where it is none.
fn minute_of(text: &str) -> String {
    text.parse::<Timestamp>()
        .map_or_else(|_| text.to_owned(), |at| minute(at.0))
}

//! `wenzheng verify`: every case folded again, and compared.

use crate::account::connect;
use crate::database::Connection;
use crate::place::Place;
use anyhow::{Context, Result};
use case::calendar::Calendar;
use case::district::{Category, Deadlines, Identity};
use case::due::DeadlineBasis;
use case::time::Offset;
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::process::ExitCode;
use store::settings;

/// Differences that are printed; of more only the number is.
const SHOWN: usize = 200;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut connection = connect(&arguments.place).await?;
    let identity: Identity = part(&mut connection, "district").await?;
    let offset = Offset::from_minutes(identity.time_zone_minutes).context("the district's time zone")?;
    let calendar = Calendar::new(&part(&mut connection, "calendar").await?, offset).context("the calendar")?;
    let deadlines: Deadlines = part(&mut connection, "deadlines").await?;
    let categories: Vec<Category> = part(&mut connection, "categories").await?;
    let categories: BTreeMap<String, Category> =
        categories.into_iter().map(|category| (category.id.clone(), category)).collect();
    let basis = DeadlineBasis { deadlines: &deadlines, calendar: &calendar, categories: &categories };

    let progress = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {pos} cases folded")?);
    let findings = store::verify::run(&mut connection, &basis, offset, |cases| progress.set_position(cases as u64)).await?;
    progress.finish_and_clear();

    for difference in findings.differences.iter().take(SHOWN) {
        println!("{}: {}", difference.subject, difference.what);
    }
    let count = findings.differences.len();
    println!("{} cases with {} events folded again: {}.", findings.cases, findings.events, match count {
        0 => "everything is what the events say".to_owned(),
        1 => "1 difference".to_owned(),
        count => format!("{count} differences"),
    });
    Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn part<T: DeserializeOwned>(connection: &mut Connection, name: &str) -> Result<T> {
    settings::load(connection, name)
        .await?
        .context("the database has no district yet: run `wenzheng migrate` first")
}

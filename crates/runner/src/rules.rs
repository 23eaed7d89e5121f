//! The district's rules as the database has them.

use crate::database::Connection;
use anyhow::{Context, Result};
use case::calendar::Calendar;
use case::district::{Category, Deadlines, Identity};
use case::due::DeadlineBasis;
use case::time::Offset;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use store::settings;

/// What deadlines and days are computed from.
pub(crate) struct Rules {
    pub(crate) offset: Offset,
    calendar: Calendar,
    deadlines: Deadlines,
    categories: BTreeMap<String, Category>,
}

impl Rules {
    pub(crate) async fn read(connection: &mut Connection) -> Result<Rules> {
        let offset = offset(connection).await?;
        let categories: Vec<Category> = part(connection, "categories").await?;
        Ok(Rules {
            offset,
            calendar: Calendar::new(&part(connection, "calendar").await?, offset)
                .context("the calendar")?,
            deadlines: part(connection, "deadlines").await?,
            categories: categories
                .into_iter()
                .map(|category| (category.id.clone(), category))
                .collect(),
        })
    }

    pub(crate) fn basis(&self) -> DeadlineBasis<'_> {
        DeadlineBasis {
            deadlines: &self.deadlines,
            calendar: &self.calendar,
            categories: &self.categories,
        }
    }
}

/// How far the district's time is ahead of UTC.
pub(crate) async fn offset(connection: &mut Connection) -> Result<Offset> {
    let identity: Identity = part(connection, "district").await?;
    Offset::from_minutes(identity.time_zone_minutes).context("the district's time zone")
}

/// A part of the district's data.
pub(crate) async fn part<T: DeserializeOwned>(
    connection: &mut Connection,
    name: &str,
) -> Result<T> {
    settings::load(connection, name)
        .await?
        .context("the database has no district yet: run `wenzheng migrate` first")
}

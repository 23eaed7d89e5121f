//! The district's data as functions use it: read once in a while, kept by the instance.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use case::calendar::Calendar;
use case::district::{
    Category, Channel, Deadlines, Department, Division, Identity, Limits, Policy,
};
use case::time::{Offset, Timestamp};
use store::{Error, settings};

use crate::database::{AtOnce, Database};

/// How long an instance goes by what it has read, in milliseconds: changed
/// settings reach every instance within this time.
const KEEP: i64 = 10_000;

/// The part of the district's data that nearly every request needs.
pub struct Rules {
    /// Who the district is.
    pub identity: Identity,
    /// Its offset from UTC.
    pub offset: Offset,
    /// Its calendar.
    pub calendar: Calendar,
    /// Its deadline rules.
    pub deadlines: Deadlines,
    /// Sizes and rates.
    pub limits: Limits,
    /// Thresholds and rules of procedure.
    pub policy: Policy,
    /// Its categories, by identifier.
    pub categories: BTreeMap<String, Category>,
}

/// The departments, divisions and channels.
pub struct Bodies {
    /// Departments by identifier.
    pub departments: BTreeMap<String, Department>,
    /// Towns and sub-districts.
    pub divisions: Vec<Division>,
    /// Channels.
    pub channels: Vec<Channel>,
}

type Kept<T> = RefCell<Option<(i64, Rc<T>)>>;

thread_local! {
    static RULES: Kept<Rules> = const { RefCell::new(None) };
    static BODIES: Kept<Bodies> = const { RefCell::new(None) };
}

/// The rules in force.
pub async fn rules(database: &mut Database, now: Timestamp) -> Result<Rc<Rules>, Error> {
    if let Some(rules) = kept(&RULES, now) {
        return Ok(rules);
    }
    let database = &mut database.at_once();
    let identity: Identity = part(database, "district").await?;
    let offset = Offset::from_minutes(identity.time_zone_minutes)
        .map_err(|error| Error::Decode(format!("district: {error}")))?;
    let calendar = Calendar::new(&part(database, "calendar").await?, offset)
        .map_err(|error| Error::Decode(format!("calendar: {error}")))?;
    let categories: Vec<Category> = part(database, "categories").await?;
    let rules = Rules {
        identity,
        offset,
        calendar,
        deadlines: part(database, "deadlines").await?,
        limits: part(database, "limits").await?,
        policy: part(database, "policy").await?,
        categories: categories
            .into_iter()
            .map(|category| (category.id.clone(), category))
            .collect(),
    };
    Ok(keep(&RULES, now, rules))
}

/// The departments, divisions and channels in force.
pub async fn bodies(database: &mut Database, now: Timestamp) -> Result<Rc<Bodies>, Error> {
    if let Some(bodies) = kept(&BODIES, now) {
        return Ok(bodies);
    }
    let database = &mut database.at_once();
    let departments: Vec<Department> = part(database, "departments").await?;
    let bodies = Bodies {
        departments: departments
            .into_iter()
            .map(|department| (department.id.clone(), department))
            .collect(),
        divisions: part(database, "divisions").await?,
        channels: part(database, "channels").await?,
    };
    Ok(keep(&BODIES, now, bodies))
}

async fn part<T: serde::de::DeserializeOwned>(
    database: &mut AtOnce<'_>,
    name: &str,
) -> Result<T, Error> {
    settings::load(database, name).await?.ok_or_else(|| {
        Error::Unavailable(format!("the database has no district: {name} is missing"))
    })
}

fn kept<T>(cell: &'static std::thread::LocalKey<Kept<T>>, now: Timestamp) -> Option<Rc<T>> {
    cell.with_borrow(|kept| {
        kept.as_ref()
            .filter(|(at, _)| now.0 - at < KEEP)
            .map(|(_, value)| value.clone())
    })
}

fn keep<T>(cell: &'static std::thread::LocalKey<Kept<T>>, now: Timestamp, value: T) -> Rc<T> {
    let value = Rc::new(value);
    cell.with_borrow_mut(|kept| *kept = Some((now.0, value.clone())));
    value
}

//! Reads the folder of a district, `districts/<id>/`, and says everything
//! that is wrong with it at once, each with file and line.
//!
//! What the files mean stands in `districts/README.md`; their types are in
//! [`case::district`]. The entrances: [`load`] for the district itself,
//! [`knowledge`] for its knowledge base, [`demo`] for its demonstration data,
//! [`families`] for its families of bodies, and [`check`] for all of it.

#![deny(missing_docs)]

mod calendar;
mod deciding;
mod demo;
mod document;
mod families;
mod identity;
mod knowledge;
mod label;
mod people;
mod uncovered;

use case::district::{DemoAccount, DemoCase, District, Knowledge};
use document::{Document, Folder, Report};
pub use families::Family;
pub use label::{Ground, Label, label};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// A mistake in a district's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the folder, with `/` between its parts.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in a sentence.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// The demonstration data of a district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The accounts.
    pub accounts: Vec<DemoAccount>,
    /// The cases, in the order in which they are played.
    pub cases: Vec<DemoCase>,
}

/// The files of a district, but for its folders.
const FILES: [&str; 8] = [
    "district.toml",
    "categories.toml",
    "departments.toml",
    "channels.toml",
    "deadlines.toml",
    "calendar.toml",
    "limits.toml",
    "policy.toml",
];

/// The identifiers that other files may refer to.
#[derive(Debug, Default)]
struct Names {
    divisions: Ids,
    categories: Ids,
    departments: Ids,
    responsibilities: Ids,
    channels: Ids,
    rules: Ids,
}

/// The identifiers of one file; none when the file could not be parsed. They
/// are collected before the entries are read, and of an unknown file every
/// identifier is believed, so that one mistake does not make every reference
/// to it look wrong.
#[derive(Debug, Default)]
struct Ids(Option<BTreeSet<String>>);

impl Ids {
    fn contains(&self, id: &str) -> bool {
        self.0.as_ref().is_none_or(|ids| ids.contains(id))
    }
}

/// Reads and checks the district in `dir`, without its knowledge base and its
/// demonstration data.
///
/// # Errors
/// All problems found, by file and line; never empty.
pub fn load(dir: &Path) -> Result<District, Vec<Problem>> {
    let mut report = Report::default();
    let (district, _) = read_district(dir, &mut report);
    finish(district, report)
}

/// Reads and checks the knowledge base of the district in `dir`.
///
/// # Errors
/// All problems found in the knowledge base, by file and line; never empty.
pub fn knowledge(dir: &Path) -> Result<Knowledge, Vec<Problem>> {
    let (_, names) = read_district(dir, &mut Report::default());
    let mut report = Report::default();
    let knowledge = knowledge::read(dir, &names, &mut report);
    finish(knowledge, report)
}

/// Reads and checks the demonstration data of the district in `dir`.
///
/// # Errors
/// All problems found in the demonstration data, by file and line; never empty.
pub fn demo(dir: &Path) -> Result<Demo, Vec<Problem>> {
    let (district, names) = read_district(dir, &mut Report::default());
    let mut report = Report::default();
    let demo = demo::read(dir, district.as_ref(), &names, &mut report);
    finish(demo, report)
}

/// Reads and checks the families of bodies of the district in `dir`.
///
/// # Errors
/// All problems found in the file, by line, or that there is none; never empty.
pub fn families(dir: &Path) -> Result<Vec<Family>, Vec<Problem>> {
    let (_, names) = read_district(dir, &mut Report::default());
    let mut report = Report::default();
    let families = families::read(dir, &names, &mut report);
    finish(families, report)
}

/// Checks the whole folder `dir`.
///
/// # Errors
/// All problems found, by file and line; never empty.
pub fn check(dir: &Path) -> Result<(), Vec<Problem>> {
    let mut report = Report::default();
    let (district, names) = read_district(dir, &mut report);
    knowledge::read(dir, &names, &mut report);
    if dir.join(uncovered::FILE).is_file() {
        uncovered::check(dir, &mut report);
    }
    if dir.join(families::FILE).is_file() {
        families::read(dir, &names, &mut report);
    }
    if dir.join("demo").is_dir() {
        demo::read(dir, district.as_ref(), &names, &mut report);
    }
    finish(Some(()), report)
}

fn finish<T>(value: Option<T>, report: Report) -> Result<T, Vec<Problem>> {
    let mut problems = report.into_problems();
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        None if problems.is_empty() => {
            // A value is missing only where a problem was reported.
            problems.push(Problem {
                file: String::new(),
                line: 1,
                message: "nothing could be read".to_owned(),
            });
            Err(problems)
        }
        _ => Err(problems),
    }
}

/// Everything but knowledge and demonstration. The district is there when
/// every part of it could be read, be it right or wrong.
fn read_district(dir: &Path, report: &mut Report) -> (Option<District>, Names) {
    let folder = Folder::read(dir, &FILES, report);
    let district = folder.open("district.toml", report);
    let categories = folder.open("categories.toml", report);
    let departments = folder.open("departments.toml", report);
    let channels = folder.open("channels.toml", report);
    let deadlines = folder.open("deadlines.toml", report);
    let calendar = folder.open("calendar.toml", report);
    let limits = folder.open("limits.toml", report);
    let policy = folder.open("policy.toml", report);

    let ids = |document: &Option<Document<'_>>, key| {
        Ids(document.as_ref().map(|document| document.ids(key)))
    };
    let names = Names {
        divisions: ids(&district, "division"),
        categories: ids(&categories, "category"),
        departments: ids(&departments, "department"),
        responsibilities: Ids(departments
            .as_ref()
            .map(|document| document.inner_ids("department", "responsibility"))),
        channels: ids(&channels, "channel"),
        rules: ids(&deadlines, "rule"),
    };

    let identity = district.and_then(|document| identity::read(dir, &document, &names, report));
    let bodies = people::read_departments(departments.as_ref(), identity.as_ref(), &names, report);
    let categories =
        people::read_categories(categories.as_ref(), bodies.as_deref(), &names, report);
    let channels = people::read_channels(channels.as_ref(), report);
    let deadlines = deciding::read_deadlines(deadlines.as_ref(), &names, report);
    let calendar = calendar::read(calendar.as_ref(), report);
    let limits = deciding::read_limits(limits.as_ref(), report);
    let policy = deciding::read_policy(policy.as_ref(), &names, report);

    let whole = || {
        let (district, divisions) = identity?;
        Some(District {
            district,
            divisions,
            categories: categories?,
            departments: bodies?,
            channels: channels?,
            deadlines: deadlines?,
            calendar: calendar?,
            limits: limits?,
            policy: policy?,
        })
    };
    (whole(), names)
}

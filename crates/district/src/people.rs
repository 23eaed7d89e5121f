//! `departments.toml`, `categories.toml` and `channels.toml`.

use crate::Names;
use crate::document::{Document, Entry, Report, way};
use case::district::{
    Category, Channel, ChannelKind, Department, DepartmentKind, Division, DivisionKind, Feedback,
    Identity, Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// Weights that a keyword can have.
const WEIGHTS: std::ops::RangeInclusive<f64> = 0.5..=5.0;

/// The fewest duty phrases of a department.
const MIN_DUTIES: usize = 4;

/// Reads the departments.
pub(crate) fn read_departments(
    document: Option<&Document<'_>>,
    identity: Option<&(Identity, Vec<Division>)>,
    names: &Names,
    report: &mut Report,
) -> Option<Vec<Department>> {
    let document = document?;
    document.only(&["department"], report);
    let departments = document.entries::<Department>("department", report);
    departments.check_ids(|department| &department.id, report);
    let mut responsibilities = BTreeMap::new();
    let mut full_names = BTreeMap::new();
    for entry in &departments.list {
        let department = &entry.value;
        entry.text(report, &way!["name"], &department.name);
        entry.text(report, &way!["short"], &department.short);
        entry.english(report, &way!["name_en"], &department.name_en);
        if let Some(line) = full_names.insert(&department.name, entry.line(&way!["name"])) {
            entry.problem(
                report,
                &way!["name"],
                format!("the name stands already in line {line}"),
            );
        }
        if department.duties.len() < MIN_DUTIES {
            entry.problem(
                report,
                &way!["duties"],
                format!(
                    "{} duties are too few: {MIN_DUTIES} at least",
                    department.duties.len()
                ),
            );
        }
        unique_texts(entry, "duties", &department.duties, report);
        unique_texts(entry, "aliases", &department.aliases, report);
        check_division(
            entry,
            identity.map(|(_, divisions)| divisions.as_slice()),
            names,
            report,
        );
        if department.responsibilities.is_empty() {
            entry.problem(
                report,
                &[],
                "the department has no entry in the responsibility list",
            );
        }
        for (at, responsibility) in department.responsibilities.iter().enumerate() {
            let way = |key: &str| way!["responsibility", at, key];
            let line = entry.line(&way("id"));
            if let Some(line) = responsibilities.insert(&responsibility.id, line) {
                entry.problem(
                    report,
                    &way("id"),
                    format!(
                        "the id `{}` stands already in line {line}",
                        responsibility.id
                    ),
                );
            }
            if !crate::document::is_identifier(&responsibility.id) {
                entry.problem(
                    report,
                    &way("id"),
                    format!(
                        "`{}` is no identifier: use a-z, 0-9 and -",
                        responsibility.id
                    ),
                );
            }
            entry.text(report, &way("title"), &responsibility.title);
            entry.text(report, &way("basis"), &responsibility.basis);
            if responsibility.categories.is_empty() {
                entry.problem(report, &way("categories"), "the entry covers no category");
            }
            for category in &responsibility.categories {
                if !names.categories.contains(category) {
                    entry.problem(
                        report,
                        &way("categories"),
                        format!("there is no category `{category}`"),
                    );
                }
            }
        }
    }
    let centres: Vec<_> = departments
        .list
        .iter()
        .filter(|entry| entry.value.kind == DepartmentKind::Centre)
        .collect();
    if let Some((identity, _)) = identity {
        for entry in &centres {
            if entry.value.id != identity.centre {
                entry.problem(
                    report,
                    &way!["kind"],
                    format!("the centre is `{}`, as district.toml says", identity.centre),
                );
            }
        }
        if centres.is_empty() && departments.complete {
            document.problem(report, &[], "no department has the kind `centre`");
        }
    }
    departments.into_values()
}

fn check_division(
    entry: &Entry<'_, '_, Department>,
    divisions: Option<&[Division]>,
    names: &Names,
    report: &mut Report,
) {
    let department = &entry.value;
    let kind = match department.kind {
        DepartmentKind::Town => Some(DivisionKind::Town),
        DepartmentKind::Subdistrict => Some(DivisionKind::Subdistrict),
        _ => None,
    };
    match (&department.division, kind) {
        (None, None) => {}
        (None, Some(_)) => {
            entry.problem(
                report,
                &way!["kind"],
                "the office of a town or sub-district must name its `division`",
            );
        }
        (Some(_), None) => {
            entry.problem(
                report,
                &way!["division"],
                "only the office of a town or sub-district has a `division`",
            );
        }
        (Some(id), Some(_)) if !names.divisions.contains(id) => {
            entry.problem(
                report,
                &way!["division"],
                format!("there is no division `{id}`"),
            );
        }
        (Some(id), Some(kind)) => {
            let Some(division) = divisions
                .into_iter()
                .flatten()
                .find(|division| division.id == *id)
            else {
                return;
            };
            if division.department != department.id {
                entry.problem(
                    report,
                    &way!["division"],
                    format!(
                        "the office of `{id}` is `{}`, as district.toml says",
                        division.department
                    ),
                );
            }
            if division.kind != kind {
                entry.problem(
                    report,
                    &way!["kind"],
                    format!("`{id}` is of another kind in district.toml"),
                );
            }
        }
    }
}

/// Reports texts of a list that are empty or stand twice.
fn unique_texts<T>(entry: &Entry<'_, '_, T>, key: &str, texts: &[String], report: &mut Report) {
    let mut seen = BTreeSet::new();
    for (at, text) in texts.iter().enumerate() {
        entry.text(report, &way![key, at], text);
        if !seen.insert(text) {
            entry.problem(report, &way![key, at], format!("`{text}` stands twice"));
        }
    }
}

/// Reads the categories.
pub(crate) fn read_categories(
    document: Option<&Document<'_>>,
    departments: Option<&[Department]>,
    names: &Names,
    report: &mut Report,
) -> Option<Vec<Category>> {
    let document = document?;
    document.only(&["category"], report);
    let categories = document.entries::<Category>("category", report);
    categories.check_ids(|category| &category.id, report);
    let mut labels = BTreeSet::new();
    for entry in &categories.list {
        let category = &entry.value;
        entry.text(report, &way!["name"], &category.name);
        entry.english(report, &way!["name_en"], &category.name_en);
        check_parent(entry, names, report);
        if let Some(rule) = &category.deadline
            && !names.rules.contains(rule)
        {
            entry.problem(
                report,
                &way!["deadline"],
                format!("there is no deadline rule `{rule}`"),
            );
        }
        check_article(entry, departments, names, report);
        check_keywords(entry, report);
        check_label(entry, &mut labels, report);
        if let Some(departments) = departments
            && category.parent.is_some()
            && !leads(departments, &category.id)
        {
            entry.problem(
                report,
                &way!["id"],
                format!("no department leads in `{}`", category.id),
            );
        }
    }
    categories.into_values()
}

fn leads(departments: &[Department], category: &str) -> bool {
    departments
        .iter()
        .flat_map(|department| &department.responsibilities)
        .any(|entry| entry.role == Role::Lead && entry.categories.iter().any(|id| id == category))
}

fn check_parent(entry: &Entry<'_, '_, Category>, names: &Names, report: &mut Report) {
    let category = &entry.value;
    match (&category.parent, category.id.split_once('.')) {
        (None, None) => {}
        (None, Some((parent, _))) => {
            entry.problem(
                report,
                &way!["id"],
                format!("`{}` needs `parent = \"{parent}\"`", category.id),
            );
        }
        (Some(parent), _) if parent.contains('.') || !names.categories.contains(parent) => {
            entry.problem(
                report,
                &way!["parent"],
                format!("there is no category of level 1 `{parent}`"),
            );
        }
        (Some(parent), split) => {
            let fits =
                split.is_some_and(|(before, after)| before == parent && !after.contains('.'));
            if !fits {
                entry.problem(
                    report,
                    &way!["id"],
                    format!("the id must be `{parent}.` and one more part"),
                );
            }
        }
    }
}

fn check_article(
    entry: &Entry<'_, '_, Category>,
    departments: Option<&[Department]>,
    names: &Names,
    report: &mut Report,
) {
    let Some(article) = &entry.value.article else {
        return;
    };
    if !names.responsibilities.contains(article) {
        entry.problem(
            report,
            &way!["article"],
            format!("there is no entry `{article}` in the responsibility list"),
        );
        return;
    }
    let found = departments
        .into_iter()
        .flatten()
        .flat_map(|department| &department.responsibilities)
        .find(|responsibility| responsibility.id == *article);
    if let Some(found) = found {
        if !found.categories.contains(&entry.value.id) {
            entry.problem(
                report,
                &way!["article"],
                format!("the entry `{article}` does not cover this category"),
            );
        }
        if found.role != Role::Lead {
            entry.problem(
                report,
                &way!["article"],
                format!("in the entry `{article}` the department does not lead"),
            );
        }
    }
}

fn check_label(
    entry: &Entry<'_, '_, Category>,
    labels: &mut BTreeSet<String>,
    report: &mut Report,
) {
    let Some(label) = &entry.value.label else {
        return;
    };
    if entry.value.parent.is_some() {
        let error = "only categories of level 1 have a label";
        entry.problem(report, &way!["label"], error.to_owned());
    }
    if !labels.insert(label.clone()) {
        let error = format!("`{label}` means another category already");
        entry.problem(report, &way!["label"], error);
    }
}

fn check_keywords(entry: &Entry<'_, '_, Category>, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for (at, keyword) in entry.value.keywords.iter().enumerate() {
        entry.text(report, &way!["keywords", at, "word"], &keyword.word);
        if !WEIGHTS.contains(&keyword.weight) {
            entry.problem(
                report,
                &way!["keywords", at, "weight"],
                format!(
                    "the weight {} of `{}` is not 0.5 to 5",
                    keyword.weight, keyword.word
                ),
            );
        }
        if !seen.insert(&keyword.word) {
            entry.problem(
                report,
                &way!["keywords", at, "word"],
                format!("`{}` stands twice", keyword.word),
            );
        }
    }
}

/// Reads the channels.
pub(crate) fn read_channels(
    document: Option<&Document<'_>>,
    report: &mut Report,
) -> Option<Vec<Channel>> {
    let document = document?;
    document.only(&["channel"], report);
    let channels = document.entries::<Channel>("channel", report);
    channels.check_ids(|channel| &channel.id, report);
    for entry in &channels.list {
        let channel = &entry.value;
        entry.text(report, &way!["name"], &channel.name);
        entry.english(report, &way!["name_en"], &channel.name_en);
        match &channel.number {
            Some(number)
                if number.is_empty()
                    || !number
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || byte == b'-') =>
            {
                entry.problem(
                    report,
                    &way!["number"],
                    "the telephone number may have digits and - only",
                );
            }
            Some(_) if channel.kind == ChannelKind::Platform => {
                entry.problem(
                    report,
                    &way!["number"],
                    "a network platform has no telephone number",
                );
            }
            _ => {}
        }
        if channel.kind == ChannelKind::Own && channel.feedback == Feedback::None {
            entry.problem(
                report,
                &way!["feedback"],
                "an entry of the centre's own needs a way back",
            );
        }
    }
    if channels.complete
        && !channels
            .list
            .iter()
            .any(|entry| entry.value.kind == ChannelKind::Own)
    {
        document.problem(report, &[], "no channel has the kind `own`");
    }
    channels.into_values()
}

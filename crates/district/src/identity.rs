//! `district.toml`.

use crate::Names;
use crate::document::{Document, Report, is_english, is_identifier, way};
use case::district::{Division, Identity};
use std::path::Path;

/// The version of the format that this crate reads.
const FORMAT: u32 = 1;

/// Reads who the district is and which divisions it has.
pub(crate) fn read(
    dir: &Path,
    document: &Document<'_>,
    names: &Names,
    report: &mut Report,
) -> Option<(Identity, Vec<Division>)> {
    let head = document.head::<Identity>(&["division"], report);
    if let Some(identity) = &head {
        check_identity(dir, document, identity, names, report);
    }
    let divisions = document.entries::<Division>("division", report);
    divisions.check_ids(|division| &division.id, report);
    for entry in &divisions.list {
        let division = &entry.value;
        entry.text(report, &way!["name"], &division.name);
        entry.english(report, &way!["name_en"], &division.name_en);
        if !names.departments.contains(&division.department) {
            entry.problem(
                report,
                &way!["department"],
                format!("there is no department `{}`", division.department),
            );
        }
        for (at, alias) in division.aliases.iter().enumerate() {
            entry.text(report, &way!["aliases", at], alias);
        }
    }
    Some((head?, divisions.into_values()?))
}

fn check_identity(
    dir: &Path,
    document: &Document<'_>,
    identity: &Identity,
    names: &Names,
    report: &mut Report,
) {
    let mut problem = |key: &str, message: String| document.problem(report, &way![key], message);
    if identity.format != FORMAT {
        problem(
            "format",
            format!(
                "format {} is not known; this program reads format {FORMAT}",
                identity.format
            ),
        );
    }
    if !is_identifier(&identity.id) {
        problem(
            "id",
            format!("`{}` is no identifier: use a-z, 0-9 and -", identity.id),
        );
    }
    // `dir` may be given as `.`, so its real name counts.
    let folder = dir
        .canonicalize()
        .ok()
        .and_then(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()));
    if folder
        .as_deref()
        .is_some_and(|folder| folder != identity.id)
    {
        problem(
            "id",
            format!("the id `{}` is not the name of the folder", identity.id),
        );
    }
    if identity.name.trim().is_empty() {
        problem("name", "the text is empty".to_owned());
    }
    if !is_english(&identity.name_en) {
        problem("name_en", "the English text is missing".to_owned());
    }
    let prefix = &identity.number_prefix;
    if !(1..=6).contains(&prefix.len()) || !prefix.bytes().all(|byte| byte.is_ascii_uppercase()) {
        problem(
            "number_prefix",
            "the prefix must be one to six capital letters A-Z".to_owned(),
        );
    }
    if identity.phone.is_empty()
        || !identity
            .phone
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        problem(
            "phone",
            "the telephone number may have digits and - only".to_owned(),
        );
    }
    if !(-720..=840).contains(&identity.time_zone_minutes) {
        problem(
            "time_zone_minutes",
            "there is no such time zone: -720 to 840 minutes".to_owned(),
        );
    }
    if !names.departments.contains(&identity.centre) {
        problem(
            "centre",
            format!("there is no department `{}`", identity.centre),
        );
    }
}

//! `families.toml`: which bodies deal with the same field, and by what names
//! replies speak of such bodies. May be left out of a district.

use crate::Names;
use crate::document::{Entry, Folder, Report, way};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The file, relative to the district's folder.
pub(crate) const FILE: &str = "families.toml";

/// The fewest characters of a name: shorter ones stand in too many words.
const SHORTEST: usize = 2;

/// A family of bodies: one `[[family]]` of `families.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Identifier.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The bodies of the district that belong to it.
    pub departments: Vec<String>,
    /// Names, or beginnings of names, of such bodies in any city.
    pub names: Vec<String>,
    /// How such a body speaks of itself, such as `我支队`.
    #[serde(default)]
    pub selves: Vec<String>,
    /// The place of the matter decides which body it is, not the matter:
    /// towns and sub-districts. Such a family counts only where no other is
    /// named, and nothing is learned of it.
    #[serde(default)]
    pub by_place: bool,
}

/// Reads the families. Each department belongs to one.
pub(crate) fn read(dir: &Path, names: &Names, report: &mut Report) -> Option<Vec<Family>> {
    let folder = Folder::read(dir, &[FILE], report);
    let document = folder.open(FILE, report)?;
    document.only(&["family"], report);
    let families = document.entries::<Family>("family", report);
    families.check_ids(|family| &family.id, report);
    let mut departments = BTreeMap::new();
    let mut known = BTreeMap::new();
    for entry in &families.list {
        let family = &entry.value;
        entry.text(report, &way!["name"], &family.name);
        entry.english(report, &way!["name_en"], &family.name_en);
        for (at, id) in family.departments.iter().enumerate() {
            if !names.departments.contains(id) {
                let message = format!("there is no department `{id}`");
                entry.problem(report, &way!["departments", at], message);
            }
        }
        once(
            entry,
            "departments",
            &family.departments,
            &mut departments,
            report,
        );
        once(entry, "names", &family.names, &mut known, report);
        once(entry, "selves", &family.selves, &mut known, report);
        if family.departments.is_empty() {
            entry.problem(report, &[], "the family has no department");
        }
        for (at, name) in family.names.iter().enumerate() {
            if name.chars().count() < SHORTEST {
                let message = format!("`{name}` is too short: {SHORTEST} characters at least");
                entry.problem(report, &way!["names", at], message);
            }
        }
    }
    if let (true, Some(all)) = (families.complete, &names.departments.0) {
        for id in all.iter().filter(|id| !departments.contains_key(*id)) {
            document.problem(report, &[], format!("the department `{id}` has no family"));
        }
    }
    families.into_values()
}

/// Reports texts that stand twice, in one family or in two.
fn once(
    entry: &Entry<'_, '_, Family>,
    key: &str,
    texts: &[String],
    seen: &mut BTreeMap<String, usize>,
    report: &mut Report,
) {
    for (at, text) in texts.iter().enumerate() {
        let way = way![key, at];
        if let Some(line) = seen.insert(text.clone(), entry.line(&way)) {
            entry.problem(
                report,
                &way,
                format!("`{text}` stands already in line {line}"),
            );
        }
    }
}

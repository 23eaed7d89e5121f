//! `knowledge/uncovered.toml`: topics that no article answers. May be left out
//! of a district. Only the build of the answer handler uses them; here they
//! are checked, so that a mistake is found before that.

use crate::document::{Folder, Report, way};
use serde::Deserialize;
use std::path::Path;

/// The file, relative to the district's folder.
pub(crate) const FILE: &str = "knowledge/uncovered.toml";

/// One `[[topic]]`.
#[derive(Deserialize)]
struct Topic {
    id: String,
    /// What a question about it is made of, in Chinese.
    words: Vec<String>,
    /// The same in English.
    words_en: Vec<String>,
}

/// Checks the file, which is there.
pub(crate) fn check(dir: &Path, report: &mut Report) {
    let folder = Folder::read(dir, &[FILE], report);
    let Some(document) = folder.open(FILE, report) else {
        return;
    };
    document.only(&["topic"], report);
    let topics = document.entries::<Topic>("topic", report);
    topics.check_ids(|topic| &topic.id, report);
    for entry in &topics.list {
        let topic = &entry.value;
        for (key, words) in [("words", &topic.words), ("words_en", &topic.words_en)] {
            if words.is_empty() {
                entry.problem(report, &way![key], "there must be at least one word");
            }
            for (at, word) in words.iter().enumerate() {
                match key {
                    "words" => entry.text(report, &way![key, at], word),
                    _ => entry.english(report, &way![key, at], word),
                }
            }
        }
    }
}

//! What people decided in use: the file of `wenzheng export --labels`.

use crate::rows::{Line, hex};
use anyhow::{Context, Result};
use case::decision::Question;
use case::district::Category;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A category that the messages have no label for is learned from so many
/// decisions on: with fewer, each of five parts has less than ten to be
/// measured on.
const LEAST: usize = 50;

/// A line of the file; what else stands in it is not learned from.
#[derive(Deserialize)]
struct Exported {
    stage: String,
    subject: String,
    body: String,
    label: String,
}

/// The decisions of both stages; the labels are identifiers of categories and
/// departments.
#[derive(Default)]
pub(crate) struct Labels {
    pub(crate) categories: Vec<Line>,
    pub(crate) departments: Vec<Line>,
    /// SHA-256 of the file, in hexadecimal; empty without one.
    pub(crate) sha256: String,
}

impl Labels {
    /// Reads the CSV file; without one there are no decisions.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else {
            return Ok(Self::default());
        };
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let mut labels = Self::of(&bytes).with_context(|| {
            format!(
                "{} is not CSV with stage, subject, body and label, as `wenzheng export --labels` writes it",
                file.display()
            )
        })?;
        labels.sha256 = hex(&Sha256::digest(&bytes));
        Ok(labels)
    }

    fn of(bytes: &[u8]) -> Result<Self> {
        let mut labels = Self::default();
        for line in csv::Reader::from_reader(bytes).deserialize() {
            let Exported {
                stage,
                subject,
                body,
                label,
            } = line?;
            let lines = match stage.as_str() {
                stage if stage == Question::Category.stage() => &mut labels.categories,
                stage if stage == Question::Department.stage() => &mut labels.departments,
                other => anyhow::bail!("there is no stage `{other}`"),
            };
            lines.push(Line {
                subject,
                body,
                label,
            });
        }
        Ok(labels)
    }

    /// For a card: that `count` rows are decisions of this file; nothing
    /// without a file.
    pub(crate) fn sentence(&self, count: usize) -> String {
        if self.sha256.is_empty() {
            return String::new();
        }
        format!(
            "; {count} of them were decided by people in use, SHA-256 of their file {}",
            self.sha256
        )
    }

    /// The decisions on categories as messages of the classes that the model
    /// knows: a category of the first level is the class that its `label`
    /// names, and else a class of its own name, if there are enough. `known`
    /// are the classes of the other messages.
    pub(crate) fn classes(&self, categories: &[Category], known: &BTreeSet<&str>) -> Vec<Line> {
        let mut found: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
        for line in &self.categories {
            if let Some(class) = class(categories, &line.label) {
                found.entry(class).or_default().push(line);
            }
        }
        found.retain(|class, lines| known.contains(class) || lines.len() >= LEAST);
        found
            .into_iter()
            .flat_map(|(class, lines)| {
                lines.into_iter().map(|line| Line {
                    subject: line.subject.clone(),
                    body: line.body.clone(),
                    label: class.to_owned(),
                })
            })
            .collect()
    }
}

/// The class of the first level that `category` belongs to.
fn class<'a>(categories: &'a [Category], category: &str) -> Option<&'a str> {
    let found = categories.iter().find(|one| one.id == category)?;
    match &found.parent {
        Some(parent) => class(categories, parent),
        None => Some(found.label.as_deref().unwrap_or(&found.id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn categories() -> Vec<Category> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../districts/yinzhou");
        district::load(folder.as_ref())
            .expect("the district")
            .categories
    }

    fn decided(rows: &[(&str, usize)]) -> Labels {
        let mut file = "number,stage,subject,body,label,machine,by\n".to_owned();
        for (label, times) in rows {
            for at in 0..*times {
                file.push_str(&format!("YZ{at},classify,主题,内容,{label},,person\n"));
            }
        }
        Labels::of(file.as_bytes()).expect("the form of an export")
    }

    #[test]
    fn a_category_is_learned_once_it_has_enough_decisions() {
        let categories = categories();
        let top = |labelled: bool| {
            let mut tops = categories.iter().filter(|one| one.parent.is_none());
            tops.find(|one| one.label.is_some() == labelled)
                .expect("one of each kind")
        };
        let (old, new) = (top(true), top(false));
        let child = categories
            .iter()
            .find(|one| one.parent.as_deref() == Some(&old.id))
            .expect("a second level");
        let label = old.label.as_deref().expect("a label");
        let known = BTreeSet::from([label]);
        let classes = |rows: &[(&str, usize)]| {
            let mut classes: Vec<String> = decided(rows)
                .classes(&categories, &known)
                .into_iter()
                .map(|line| line.label)
                .collect();
            classes.dedup();
            classes
        };
        assert_eq!(classes(&[(&child.id, 1), (&new.id, LEAST - 1)]), [label]);
        let mut both = vec![label.to_owned(), new.id.clone()];
        both.sort();
        assert_eq!(classes(&[(&child.id, 1), (&new.id, LEAST)]), both);
        assert!(classes(&[("no-such-category", LEAST)]).is_empty());
    }

    #[test]
    fn an_unknown_stage_is_named() {
        let error = Labels::of(b"stage,subject,body,label\nanswer,a,b,c\n").err();
        assert!(error.expect("an error").to_string().contains("`answer`"));
    }
}

//! The labelled messages, and how they are divided.

use anyhow::{Context, Result, ensure};
use model::Grams;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

/// A body with fewer letters than this does not tie two messages together:
/// many people write `谢谢`.
const TELLING: usize = 20;

/// A line of the file.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) label: String,
}

/// A labelled message.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) subject: Grams,
    pub(crate) body: Grams,
    pub(crate) class: usize,
    /// Rows of one group have the same text and stay on one side of every split.
    pub(crate) group: usize,
}

/// All messages.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) classes: Vec<String>,
    /// SHA-256 of the file, in hexadecimal.
    pub(crate) sha256: String,
    /// How many of the rows are what people decided in use; they stand last.
    pub(crate) decided: usize,
    groups: Vec<String>,
}

impl Rows {
    /// Reads a CSV file with the columns subject, body and label; `decided` has
    /// further lines, to whom knows the labels of the file.
    pub(crate) fn read(
        file: &Path,
        decided: impl FnOnce(&BTreeSet<&str>) -> Vec<Line>,
    ) -> Result<Self> {
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let mut lines: Vec<Line> = csv::Reader::from_reader(bytes.as_slice())
            .deserialize()
            .collect::<Result<_, _>>()
            .with_context(|| {
                format!("{} is not CSV with subject, body and label", file.display())
            })?;
        let decided = decided(&lines.iter().map(|line| line.label.as_str()).collect());
        let count = decided.len();
        lines.extend(decided);
        let mut classes: Vec<String> = lines.iter().map(|line| line.label.clone()).collect();
        classes.sort();
        classes.dedup();
        ensure!(
            classes.len() > 1,
            "{} has fewer than two labels",
            file.display()
        );
        Ok(Self::of(&lines, classes, &bytes, count))
    }

    /// The rows of `lines`, which were read from `bytes`; the class of a label
    /// that is none of `classes`, which are in order, means nothing. The last
    /// `decided` lines are not of the file.
    pub(crate) fn of(lines: &[Line], classes: Vec<String>, bytes: &[u8], decided: usize) -> Self {
        let (groups, keys) = group(lines);
        let rows = lines
            .iter()
            .zip(groups)
            .map(|(line, group)| Row {
                subject: Grams::new(&line.subject),
                body: Grams::new(&line.body),
                class: classes.partition_point(|class| *class < line.label),
                group,
            })
            .collect();
        Self {
            rows,
            classes,
            sha256: hex(&Sha256::digest(bytes)),
            decided,
            groups: keys,
        }
    }

    /// Which of `folds` parts each row belongs to, by `seed` and text: rows of
    /// one group together, every class spread evenly.
    pub(crate) fn folds(&self, folds: usize, seed: u64) -> Vec<usize> {
        let mut first = BTreeMap::new();
        for row in &self.rows {
            first.entry(row.group).or_insert(row.class);
        }
        let mut order: Vec<(usize, String, usize)> = first
            .into_iter()
            .map(|(group, class)| {
                let drawn = Sha256::digest(format!("{seed}\n{}", self.groups[group]));
                (class, hex(&drawn), group)
            })
            .collect();
        order.sort();
        let fold: HashMap<usize, usize> = order
            .iter()
            .enumerate()
            .map(|(place, (_, _, group))| (*group, place % folds))
            .collect();
        self.rows.iter().map(|row| fold[&row.group]).collect()
    }

    /// How many groups there are.
    pub(crate) fn group_count(&self) -> usize {
        let mut groups: Vec<usize> = self.rows.iter().map(|row| row.group).collect();
        groups.sort_unstable();
        groups.dedup();
        groups.len()
    }

    /// Pairs of rows with the same text: all, and those with different labels.
    pub(crate) fn twins(&self) -> (usize, usize) {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for row in &self.rows {
            members.entry(row.group).or_default().push(row.class);
        }
        let (mut all, mut differing) = (0, 0);
        for classes in members.values() {
            for (at, one) in classes.iter().enumerate() {
                all += classes.len() - at - 1;
                differing += classes[at + 1..]
                    .iter()
                    .filter(|other| *other != one)
                    .count();
            }
        }
        (all, differing)
    }
}

/// The group of each line, and a text that stands for it: lines with the same
/// subject and body, or with the same telling body.
fn group(lines: &[Line]) -> (Vec<usize>, Vec<String>) {
    let tight = |text: &str| -> String { text::View::tight(text).chars().iter().collect() };
    let mut parent: Vec<usize> = (0..lines.len()).collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut keys = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let (subject, body) = (tight(&line.subject), tight(&line.body));
        let whole = format!("{subject}\n{body}");
        let mut ties = vec![whole.clone()];
        if body.chars().count() >= TELLING {
            ties.push(format!("\n\n{body}"));
        }
        for tie in ties {
            let other = *seen.entry(tie).or_insert(at);
            let (one, other) = (root(&parent, at), root(&parent, other));
            // The earlier line stands for the group.
            parent[one.max(other)] = one.min(other);
        }
        keys.push(whole);
    }
    ((0..lines.len()).map(|at| root(&parent, at)).collect(), keys)
}

fn root(parent: &[usize], mut at: usize) -> usize {
    while parent[at] != at {
        at = parent[at];
    }
    at
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_stays_together() {
        let body = "这一段话有二十个以上的字，足以说明两条消息是同一件事情";
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut csv = String::from("subject,body,label\n");
        for number in 0..40 {
            csv.push_str(&format!(
                "第{number}甲,,水\n第{number}乙,{body}{},火\n",
                number % 7
            ));
        }
        csv.push_str("甲,！,水\n甲,。,火\n");
        fs::write(file.path(), csv).expect("written");
        let rows = Rows::read(file.path(), |_| Vec::new()).expect("rows");
        assert_eq!(rows.classes, ["水", "火"]);
        let folds = rows.folds(5, 1);
        for (a, one) in rows.rows.iter().enumerate() {
            for (b, other) in rows.rows.iter().enumerate() {
                assert!(one.group != other.group || folds[a] == folds[b]);
            }
        }
        assert_eq!(rows.rows[80].group, rows.rows[81].group);
        assert_ne!(folds, rows.folds(5, 2));
        let (twins, differing) = rows.twins();
        assert!(twins > differing && differing == 1);
    }
}

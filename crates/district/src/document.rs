//! One TOML file with the lines of everything in it.

use crate::Problem;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: Vec<Problem>,
}

impl Report {
    pub(crate) fn add(&mut self, file: &str, line: usize, message: impl Into<String>) {
        self.problems.push(Problem {
            file: file.to_owned(),
            line,
            message: message.into(),
        });
    }

    /// All problems, each once, by file and line.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }
}

/// One step of the way to a value: a key of a table or an index of an array.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// The way to a value: `way!["rule", 3, "basis"]`.
macro_rules! way {
    ($($step:expr),* $(,)?) => { [$($crate::document::Step::from($step)),*] };
}
pub(crate) use way;

/// The texts of a folder.
pub(crate) struct Folder {
    texts: BTreeMap<&'static str, String>,
}

impl Folder {
    /// Reads the files `names` below `root`; those that cannot be read are
    /// reported.
    pub(crate) fn read(root: &Path, names: &[&'static str], report: &mut Report) -> Self {
        let mut texts = BTreeMap::new();
        for name in names {
            match std::fs::read_to_string(root.join(name)) {
                Ok(text) => {
                    texts.insert(*name, text);
                }
                Err(error) => report.add(name, 1, format!("cannot read the file: {error}")),
            }
        }
        Folder { texts }
    }

    /// Parses the file `name`; what is wrong with its syntax is reported, all
    /// of it.
    pub(crate) fn open(&self, name: &str, report: &mut Report) -> Option<Document<'_>> {
        Document::parse(name, self.texts.get(name)?, 0, report)
    }
}

/// A parsed file, or a part of one.
pub(crate) struct Document<'t> {
    pub(crate) file: String,
    root: Spanned<DeTable<'t>>,
    /// Byte offset of the start of each line.
    lines: Vec<usize>,
    /// Lines of the file above the part.
    above: usize,
}

impl<'t> Document<'t> {
    /// Parses `text`, which stands `above` lines below the start of `file`.
    pub(crate) fn parse(
        file: &str,
        text: &'t str,
        above: usize,
        report: &mut Report,
    ) -> Option<Self> {
        let lines: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let (root, errors) = DeTable::parse_recoverable(text);
        let document = Document {
            file: file.to_owned(),
            root,
            lines,
            above,
        };
        for error in &errors {
            let line = error.span().map_or(1, |span| document.line_at(span.start));
            report.add(file, line, error.message().trim_end_matches('.').to_owned());
        }
        errors.is_empty().then_some(document)
    }

    fn line_at(&self, offset: usize) -> usize {
        self.above + self.lines.partition_point(|start| *start <= offset).max(1)
    }

    /// The line of the value at the end of `way`, or of as much of the way as
    /// there is.
    pub(crate) fn line(&self, way: &[Step]) -> usize {
        let mut offset = None;
        let mut table = Some(self.root.get_ref());
        let mut array: Option<&DeArray<'t>> = None;
        for step in way {
            let next = match (step, table, array) {
                (Step::Key(key), Some(table), _) => match table.get_key_value(key.as_str()) {
                    Some((key, value)) => {
                        // A table of its own is found by its value, whose span
                        // is the header; anything else by its key.
                        offset = Some(if value.get_ref().is_str() {
                            value.span().start
                        } else {
                            key.span().start
                        });
                        Some(value)
                    }
                    None => None,
                },
                (Step::Index(index), _, Some(array)) => {
                    let value = array.get(*index);
                    offset = value.map(|value| value.span().start).or(offset);
                    value
                }
                _ => None,
            };
            let Some(value) = next else { break };
            table = value.get_ref().as_table();
            array = value.get_ref().as_array();
        }
        offset.map_or(self.above + 1, |offset| self.line_at(offset))
    }

    /// Reports a problem with the value at the end of `way`.
    pub(crate) fn problem(&self, report: &mut Report, way: &[Step], message: impl Into<String>) {
        report.add(&self.file, self.line(way), message);
    }

    /// Reports every key of the file itself that is not in `known`.
    pub(crate) fn only(&self, known: &[&str], report: &mut Report) {
        for key in self.root.get_ref().keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                report.add(
                    &self.file,
                    self.line_at(key.span().start),
                    format!("unknown field `{}`", key.get_ref()),
                );
            }
        }
    }

    /// The value of `key`.
    pub(crate) fn value<T: DeserializeOwned>(&self, key: &str, report: &mut Report) -> Option<T> {
        match self.root.get_ref().get(key) {
            Some(value) => self.read(value, &way![key], report),
            None => {
                report.add(&self.file, self.above + 1, format!("missing field `{key}`"));
                None
            }
        }
    }

    /// The whole file but for the keys in `without`, as one value.
    pub(crate) fn head<T: DeserializeOwned>(
        &self,
        without: &[&str],
        report: &mut Report,
    ) -> Option<T> {
        let mut table = self.root.get_ref().clone();
        for key in without {
            table.remove(*key);
        }
        let value = Spanned::new(self.root.span(), DeValue::Table(table));
        self.read(&value, &[], report)
    }

    /// The entries of the array of tables `key`, those that can be read; and
    /// whether all could.
    pub(crate) fn entries<T: DeserializeOwned>(
        &self,
        key: &'static str,
        report: &mut Report,
    ) -> Entries<'_, 't, T> {
        let mut entries = Entries {
            list: Vec::new(),
            complete: true,
        };
        match self
            .root
            .get_ref()
            .get(key)
            .map(|value| value.get_ref().as_array())
        {
            Some(Some(array)) => {
                for (index, value) in array.iter().enumerate() {
                    match self.read(value, &way![key, index], report) {
                        Some(value) => entries.list.push(Entry {
                            document: self,
                            key,
                            index,
                            value,
                        }),
                        None => entries.complete = false,
                    }
                }
            }
            Some(None) => {
                self.problem(
                    report,
                    &way![key],
                    format!("`{key}` must be a list of tables, `[[{key}]]`"),
                );
                entries.complete = false;
            }
            None => {
                report.add(
                    &self.file,
                    self.above + 1,
                    format!("there is no `[[{key}]]`"),
                );
                entries.complete = false;
            }
        }
        entries
    }

    /// The `id` of each entry of the array `key`, also of those that cannot be
    /// read otherwise.
    pub(crate) fn ids(&self, key: &str) -> BTreeSet<String> {
        entry_ids(self.root.get_ref(), key).collect()
    }

    /// The `id` of each entry of the arrays `inner` in the entries of `outer`.
    pub(crate) fn inner_ids(&self, outer: &str, inner: &str) -> BTreeSet<String> {
        let outer = self
            .root
            .get_ref()
            .get(outer)
            .and_then(|value| value.get_ref().as_array());
        outer
            .into_iter()
            .flat_map(|array| array.iter())
            .filter_map(|entry| entry.get_ref().as_table())
            .flat_map(|table| entry_ids(table, inner))
            .collect()
    }

    /// Reads `value`, which stands at the end of `way`; reports unknown fields
    /// and the first thing that is missing or of the wrong type.
    fn read<T: DeserializeOwned>(
        &self,
        value: &Spanned<DeValue<'t>>,
        way: &[Step],
        report: &mut Report,
    ) -> Option<T> {
        let mut unknown = Vec::new();
        let deserializer = ValueDeserializer::from(value.clone());
        let result = serde_ignored::deserialize(deserializer, |path| {
            let mut steps = way.to_vec();
            follow(&path, &mut steps);
            unknown.push(steps);
        });
        for steps in unknown {
            if let Some(Step::Key(key)) = steps.last() {
                self.problem(report, &steps, format!("unknown field `{key}`"));
            }
        }
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let line = match error.span() {
                    Some(span) if span != self.root.span() => self.line_at(span.start),
                    _ => self.line(way),
                };
                report.add(
                    &self.file,
                    line,
                    error.message().trim_end_matches('.').to_owned(),
                );
                None
            }
        }
    }
}

/// The entries of an array of tables.
pub(crate) struct Entries<'d, 't, T> {
    pub(crate) list: Vec<Entry<'d, 't, T>>,
    /// Every entry could be read, and there is such an array.
    pub(crate) complete: bool,
}

impl<T> Entries<'_, '_, T> {
    /// The bare values, when all could be read.
    pub(crate) fn into_values(self) -> Option<Vec<T>> {
        self.complete
            .then(|| self.list.into_iter().map(|entry| entry.value).collect())
    }

    /// Reports every `id` that is not kebab-case or stands twice.
    pub(crate) fn check_ids(&self, id: impl Fn(&T) -> &str, report: &mut Report) {
        let mut seen = BTreeMap::new();
        for entry in &self.list {
            let id = id(&entry.value);
            if !is_identifier(id) {
                entry.problem(
                    report,
                    &way!["id"],
                    format!("`{id}` is no identifier: use a-z, 0-9 and -"),
                );
            }
            if let Some(line) = seen.insert(id.to_owned(), entry.line(&way!["id"])) {
                entry.problem(
                    report,
                    &way!["id"],
                    format!("the id `{id}` stands already in line {line}"),
                );
            }
        }
    }
}

/// One entry of an array of tables, with its place.
pub(crate) struct Entry<'d, 't, T> {
    document: &'d Document<'t>,
    key: &'static str,
    index: usize,
    pub(crate) value: T,
}

impl<T> Entry<'_, '_, T> {
    pub(crate) fn line(&self, rest: &[Step]) -> usize {
        self.document.line(&self.way(rest))
    }

    /// Reports a problem with the value at the end of `rest` in this entry.
    pub(crate) fn problem(&self, report: &mut Report, rest: &[Step], message: impl Into<String>) {
        self.document.problem(report, &self.way(rest), message);
    }

    /// Reports a text that is blank.
    pub(crate) fn text(&self, report: &mut Report, rest: &[Step], text: &str) {
        if text.trim().is_empty() {
            self.problem(report, rest, "the text is empty");
        }
    }

    /// Reports an English text that is blank or written in Chinese.
    pub(crate) fn english(&self, report: &mut Report, rest: &[Step], text: &str) {
        if !is_english(text) {
            self.problem(report, rest, "the English text is missing");
        }
    }

    fn way(&self, rest: &[Step]) -> Vec<Step> {
        let mut way = way![self.key, self.index].to_vec();
        way.extend_from_slice(rest);
        way
    }
}

/// Whether `id` is kebab-case ASCII, in parts with a full stop between.
pub(crate) fn is_identifier(id: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    id.split('.').all(|part| part.split('-').all(word))
}

/// Whether `text` can be English: it has more Latin letters than Han
/// characters, of which a name in brackets may have some. Digits alone, as in
/// the name of a hotline, will do as well.
pub(crate) fn is_english(text: &str) -> bool {
    let han = text
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .count();
    let latin = text.chars().filter(char::is_ascii_alphanumeric).count();
    latin > han
}

fn entry_ids<'a>(table: &'a DeTable<'_>, key: &str) -> impl Iterator<Item = String> + use<'a> {
    let array = table.get(key).and_then(|value| value.get_ref().as_array());
    array
        .into_iter()
        .flat_map(|array| array.iter())
        .filter_map(|entry| {
            let id = entry.get_ref().as_table()?.get("id")?;
            Some(id.get_ref().as_str()?.to_owned())
        })
}

fn follow(path: &serde_ignored::Path<'_>, steps: &mut Vec<Step>) {
    use serde_ignored::Path;
    match path {
        Path::Root => {}
        Path::Seq { parent, index } => {
            follow(parent, steps);
            steps.push(Step::Index(*index));
        }
        Path::Map { parent, key } => {
            follow(parent, steps);
            steps.push(Step::Key(key.clone()));
        }
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => {
            follow(parent, steps);
        }
    }
}

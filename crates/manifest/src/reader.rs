//! Reading TOML tables field by field, keeping the place of everything and refusing what was not asked for.

use crate::problem::{Located, Position, Problem};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text of a manifest, with the offsets at which its lines begin.
pub(crate) struct Source {
    file: PathBuf,
    text: String,
    lines: Vec<usize>,
}

impl Source {
    pub(crate) fn new(file: &Path, text: &str) -> Self {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            lines,
        }
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }
}

/// The problems found so far.
pub(crate) struct Problems {
    pub(crate) source: Source,
    pub(crate) list: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            list: Vec::new(),
        }
    }

    pub(crate) fn error(&mut self, at: Position, message: impl Into<String>) {
        self.list
            .push(Problem::error(&self.source.file, at, message));
    }

    pub(crate) fn warning(&mut self, at: Position, message: impl Into<String>) {
        self.list
            .push(Problem::warning(&self.source.file, at, message));
    }
}

/// One value of a table or an array.
#[derive(Clone)]
pub(crate) struct Field<'t> {
    /// What the value is, for sentences: "`source` of component `intake`".
    pub(crate) what: String,
    /// The key; for an element of an array, that of the array.
    pub(crate) key: &'t str,
    /// Where the key stands; for an element of an array, the element.
    pub(crate) position: Position,
    value: &'t DeValue<'t>,
}

impl<'t> Field<'t> {
    pub(crate) fn is_string(&self) -> bool {
        self.value.is_str()
    }

    /// Whether the value says nothing: an empty list or table, or `false`.
    pub(crate) fn is_empty(&self) -> bool {
        match self.value {
            DeValue::Array(list) => list.is_empty(),
            DeValue::Table(table) => table.is_empty(),
            DeValue::Boolean(value) => !value,
            _ => false,
        }
    }

    pub(crate) fn located<T>(&self, value: T) -> Located<T> {
        Located {
            value,
            position: self.position,
        }
    }

    fn mismatch(&self, problems: &mut Problems, wanted: &str) {
        let message = format!(
            "{} must be {wanted}, not {}",
            self.what,
            with_article(self.value.type_str())
        );
        problems.error(self.position, message);
    }

    pub(crate) fn string(&self, problems: &mut Problems) -> Option<Located<String>> {
        match self.value.as_str() {
            Some(text) => Some(self.located(text.to_owned())),
            None => {
                self.mismatch(problems, "a string");
                None
            }
        }
    }

    pub(crate) fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.mismatch(problems, "true or false");
        }
        value
    }

    pub(crate) fn integer(&self, problems: &mut Problems) -> Option<i64> {
        let value = self
            .value
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if value.is_none() {
            self.mismatch(problems, "a whole number");
        }
        value
    }

    pub(crate) fn list(&self, problems: &mut Problems) -> Vec<Field<'t>> {
        let Some(list) = self.value.as_array() else {
            self.mismatch(problems, "a list");
            return Vec::new();
        };
        list.iter()
            .map(|element| Field {
                what: format!("each entry of {}", self.what),
                key: self.key,
                position: problems.source.position(element.span().start),
                value: element.get_ref(),
            })
            .collect()
    }

    pub(crate) fn strings(&self, problems: &mut Problems) -> Vec<Located<String>> {
        self.list(problems)
            .iter()
            .filter_map(|field| field.string(problems))
            .collect()
    }

    pub(crate) fn table(&self, problems: &mut Problems, what: &str) -> Option<Table<'t>> {
        match self.value.as_table() {
            Some(table) => Some(Table::new(what, self.position, table)),
            None => {
                self.mismatch(problems, "a table");
                None
            }
        }
    }
}

fn with_article(noun: &str) -> String {
    match noun.chars().next() {
        Some('a' | 'e' | 'i' | 'o' | 'u') => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// A table that is read field by field; [`Table::finish`] refuses what nobody asked for.
pub(crate) struct Table<'t> {
    /// What the table is, for sentences: "component `intake`".
    pub(crate) what: String,
    pub(crate) position: Position,
    table: &'t DeTable<'t>,
    asked: BTreeSet<&'static str>,
    refused: BTreeSet<&'static str>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(what: &str, position: Position, table: &'t DeTable<'t>) -> Self {
        Self {
            what: what.to_owned(),
            position,
            table,
            asked: BTreeSet::new(),
            refused: BTreeSet::new(),
        }
    }

    fn field(
        &self,
        problems: &Problems,
        key: &'t Spanned<std::borrow::Cow<'t, str>>,
        value: &'t Spanned<DeValue<'t>>,
    ) -> Field<'t> {
        let name: &str = key.get_ref();
        Field {
            what: format!("`{name}` of {}", self.what),
            key: name,
            position: problems.source.position(key.span().start),
            value: value.get_ref(),
        }
    }

    /// Every field, in the order of the file.
    pub(crate) fn fields(&self, problems: &Problems) -> Vec<Field<'t>> {
        let mut fields: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| self.field(problems, key, value))
            .collect();
        fields.sort_by_key(|field| field.position);
        fields
    }

    /// The field `key`, if it is there.
    pub(crate) fn take(&mut self, problems: &Problems, key: &'static str) -> Option<Field<'t>> {
        self.asked.insert(key);
        let (key, value) = self.table.get_key_value(key)?;
        Some(self.field(problems, key, value))
    }

    /// Whether the field is there.
    pub(crate) fn peek(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(crate) fn string(
        &mut self,
        problems: &mut Problems,
        key: &'static str,
    ) -> Option<Located<String>> {
        self.take(problems, key)?.string(problems)
    }

    pub(crate) fn strings(
        &mut self,
        problems: &mut Problems,
        key: &'static str,
    ) -> Vec<Located<String>> {
        self.take(problems, key)
            .map(|field| field.strings(problems))
            .unwrap_or_default()
    }

    pub(crate) fn flag(&mut self, problems: &mut Problems, key: &'static str) -> bool {
        self.take(problems, key)
            .and_then(|field| field.boolean(problems))
            .unwrap_or(false)
    }

    /// Refuses `key`, which Spin knows and this runner does not implement, unless it says nothing.
    pub(crate) fn refuse(
        &mut self,
        problems: &mut Problems,
        key: &'static str,
        what: &str,
        instead: &str,
    ) {
        self.refused.insert(key);
        if let Some((key, value)) = self.table.get_key_value(key) {
            let field = self.field(problems, key, value);
            if !field.is_empty() {
                problems.error(
                    field.position,
                    format!("wenzheng does not run {what}; {instead}"),
                );
            }
        }
    }

    /// Reports every field that was neither asked for nor refused.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for field in self.fields(problems) {
            if !self.asked.contains(field.key) && !self.refused.contains(field.key) {
                let known: Vec<_> = self.asked.iter().copied().collect();
                problems.error(
                    field.position,
                    format!(
                        "{} has no field `{}`; it may have: {}",
                        self.what,
                        field.key,
                        known.join(", ")
                    ),
                );
            }
        }
    }
}

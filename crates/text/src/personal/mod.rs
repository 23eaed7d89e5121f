//! Where personal data stand in a text, and how they are cut for the public.
//!
//! One scanner for each kind, each linear in the length of the text. They are
//! built to err towards cutting too much: what was cut by mistake can be
//! read in the sealed original, what was published cannot be taken back.

mod account;
mod address;
mod bank;
mod digits;
mod email;
mod identity;
mod known;
mod name;
mod name_tables;
mod phone;
mod redact;
mod vehicle;

pub use redact::{Redacted, label, redact};

use crate::view::View;

/// Kinds of personal data, as in the contract of the handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A person's name.
    Name,
    /// A telephone number.
    Phone,
    /// A resident identity card, passport or permit number.
    IdentityNumber,
    /// An e-mail address.
    Email,
    /// A home address below the level of a street or village.
    Address,
    /// A bank card or account number.
    BankAccount,
    /// A vehicle's registration mark.
    Vehicle,
    /// An account name on another platform.
    Account,
    /// Anything else that a person marked.
    Other,
}

/// Personal data found in a text; the offsets count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Index of the first character.
    pub start: u32,
    /// Index after the last character.
    pub end: u32,
}

/// A value that is known to be personal.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What it is.
    pub kind: Kind,
    /// The value as it was given.
    pub text: &'a str,
}

/// Whose words a text holds, which decides what in it is personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A citizen's: what looks like personal data is taken for it.
    Citizen,
    /// A place as a citizen gave it: house numbers go as well.
    Place,
    /// An authority's: its telephone, its address and the names of its
    /// officers are public; a citizen's mobile number is not.
    Official,
}

/// Finds personal data in `text`: the `known` values however they are spelt,
/// and whatever else looks like it. In order, without overlap.
pub fn find(text: &str, setting: Setting, known: &[Known<'_>]) -> Vec<Found> {
    let scan = Scan {
        view: View::new(text),
        original: text.chars().collect(),
        setting,
    };
    let mut raw = Vec::new();
    let groups = digits::groups(scan.view.chars());
    phone::scan(&scan, &groups, &mut raw);
    identity::scan(&scan, &groups, &mut raw);
    bank::scan(&scan, &groups, &mut raw);
    email::scan(&scan, &mut raw);
    vehicle::scan(&scan, &mut raw);
    account::scan(&scan, &mut raw);
    address::scan(&scan, &mut raw);
    name::scan(&scan, &mut raw);
    let mut found: Vec<Found> = raw
        .iter()
        .map(|raw| {
            let (start, end) = scan.view.span(raw.start, raw.end);
            Found {
                kind: raw.kind,
                start,
                end,
            }
        })
        .collect();
    known::find(text, known, &mut found);
    merge(found)
}

/// Puts `found` in order and joins what overlaps; a joined stretch is of the
/// kind of its longest part. Empty stretches are dropped.
pub fn merge(mut found: Vec<Found>) -> Vec<Found> {
    found.retain(|found| found.start < found.end);
    found.sort_unstable_by_key(|found| (found.start, std::cmp::Reverse(found.end), found.kind));
    let mut merged: Vec<Found> = Vec::with_capacity(found.len());
    let mut longest = 0;
    for next in found {
        let length = next.end - next.start;
        match merged.last_mut() {
            Some(last) if next.start < last.end => {
                if length > longest {
                    (last.kind, longest) = (next.kind, length);
                }
                last.end = last.end.max(next.end);
            }
            _ => {
                longest = length;
                merged.push(next);
            }
        }
    }
    merged
}

/// A text under examination.
struct Scan {
    view: View,
    /// The text as it was written, for the capitals of Latin names.
    original: Vec<char>,
    setting: Setting,
}

/// Something found, as indices into the view.
#[derive(Clone, Copy, Debug)]
struct Raw {
    kind: Kind,
    start: usize,
    end: usize,
}

impl Scan {
    fn chars(&self) -> &[char] {
        self.view.chars()
    }

    /// The character at `index`; a line feed beyond either end.
    fn at(&self, index: usize) -> char {
        self.chars().get(index).copied().unwrap_or('\n')
    }

    /// The character before `index`; a line feed at the start.
    fn before(&self, index: usize) -> char {
        index.checked_sub(1).map_or('\n', |index| self.at(index))
    }

    /// Whether one of `cues` stands in the `reach` characters before `index`,
    /// in the same line.
    fn cued(&self, index: usize, reach: usize, cues: &[&str]) -> bool {
        let mut from = index.saturating_sub(reach);
        if let Some(feed) = self.chars()[from..index].iter().rposition(|c| *c == '\n') {
            from += feed + 1;
        }
        let stretch: String = self.chars()[from..index].iter().collect();
        cues.iter().any(|cue| stretch.contains(cue))
    }

    /// Whether `word` stands at `index`.
    fn stands(&self, index: usize, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(offset, c)| self.chars().get(index + offset) == Some(&c))
    }
}

/// Whether `c` is a Han character.
fn han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests;

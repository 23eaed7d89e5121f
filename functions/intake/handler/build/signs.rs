//! The tables of `signs.toml`: what must stand together, and what takes it back.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml::{Table, Value};

use crate::{list, text, words};

/// How far apart the parts of a cue may stand, in characters, where it does not say.
const REACH: i64 = 12;

/// Adds the words of `cues` to `phrases` and writes the tables of cues; `signs` are the identifiers of the signals.
pub fn tables(
    out: &mut String,
    cues: &Table,
    signs: &[&str],
    phrases: &mut Vec<(String, String)>,
) -> Result<(), String> {
    let index = |id: &str| {
        signs
            .iter()
            .position(|sign| *sign == id)
            .ok_or(format!("policy.toml has no signal {id:?}"))
    };
    let mut lists = Lists::new(cues)?;
    writeln!(out, "pub(crate) static CUES: &[Cue] = &[").map_err(|e| e.to_string())?;
    for cue in list(cues, "cue")? {
        let sign = index(text(cue, "sign")?)?;
        let parts = cue
            .get("all")
            .and_then(Value::as_array)
            .filter(|parts| !parts.is_empty())
            .ok_or("a cue has lists of words in `all`")?;
        let brief = cue
            .get("brief")
            .map_or(Some(false), Value::as_bool)
            .ok_or("`brief` is true or false")?;
        if parts.len() < 2 && !brief {
            return Err(
                "one word is a sign in brief messages only, or a phrase in policy.toml".into(),
            );
        }
        let parts = parts
            .iter()
            .map(|part| lists.id(part))
            .collect::<Result<Vec<_>, _>>()?;
        let reach = cue
            .get("reach")
            .map_or(Some(REACH), Value::as_integer)
            .filter(|reach| *reach > 0)
            .ok_or("`reach` is a number of characters")?;
        writeln!(
            out,
            "Cue {{ sign: {sign}, parts: &{parts:?}, reach: {reach}, brief: {brief} }},"
        )
        .map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");
    writeln!(out, "pub(crate) const LISTS: usize = {};", lists.ids.len())
        .map_err(|e| e.to_string())?;
    for (words, id) in &lists.ids {
        phrases.extend(
            words
                .iter()
                .map(|word| (text::fold_phrase(word), format!("Sign::Part({id})"))),
        );
    }

    let calm = cues.get("calm").ok_or("there is no [calm]")?;
    for (key, value) in [
        ("before", "Before"),
        ("around", "Around"),
        ("now", "Now"),
        ("call", "Call"),
    ] {
        for word in words(calm, key)? {
            phrases.push((text::fold_phrase(word), format!("Sign::{value}")));
        }
    }
    let never = words(calm, "never")?
        .into_iter()
        .map(index)
        .collect::<Result<Vec<_>, _>>()?;
    writeln!(out, "pub(crate) static NEVER_CALM: &[usize] = &{never:?};").map_err(|e| e.to_string())
}

/// The lists of words, each once, by what is in it.
struct Lists<'t> {
    shared: BTreeMap<&'t str, Vec<&'t str>>,
    ids: BTreeMap<Vec<&'t str>, usize>,
}

impl<'t> Lists<'t> {
    fn new(cues: &'t Table) -> Result<Self, String> {
        let shared = cues
            .get("words")
            .and_then(Value::as_table)
            .ok_or("there is no [words]")?;
        let shared = shared
            .keys()
            .map(|name| Ok((name.as_str(), words(&cues["words"], name)?)))
            .collect::<Result<_, String>>()?;
        Ok(Self {
            shared,
            ids: BTreeMap::new(),
        })
    }

    /// The number of a list; `@name` in it stands for a list of `[words]`.
    fn id(&mut self, part: &'t Value) -> Result<usize, String> {
        let part = part
            .as_array()
            .ok_or("a part of a cue is not a list of words")?;
        let mut all = Vec::new();
        for word in part {
            let word = word.as_str().ok_or("a word of a cue is not a text")?;
            match word.strip_prefix('@') {
                Some(name) => all.extend(
                    self.shared
                        .get(name)
                        .ok_or(format!("[words] has no list {name:?}"))?,
                ),
                None => all.push(word),
            }
        }
        all.sort_unstable();
        all.dedup();
        let next = self.ids.len();
        Ok(*self.ids.entry(all).or_insert(next))
    }
}

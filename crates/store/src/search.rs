//! Full-text queries in the syntax of either database.
//!
//! What is written here is made of the terms of `crates/text`, which hold
//! letters and digits only, each in quotes: whatever a person searches for, it
//! never becomes syntax. Neither database's own ideas of words (tokenizers,
//! text search configurations, stop words) have a say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Dialect;

/// The highest position that a `tsvector` keeps; what stands behind it is
/// found as a word, not as part of a phrase.
const LAST_POSITION: usize = 16_383;

/// Positions of one lexeme that a `tsvector` keeps.
const MAX_POSITIONS: usize = 255;

/// What goes into the search column for a text with these `terms`.
pub fn document(dialect: Dialect, terms: &[String]) -> String {
    match dialect {
        Dialect::Sqlite => terms.join(" "),
        Dialect::Postgres => vector(terms),
    }
}

/// A query for texts that hold every one of `phrases`, whose terms stand one
/// behind the other; none when there is nothing to look for. A phrase that
/// ends with a single character of a script without spaces finds what begins
/// with it, for texts hold such characters in pairs.
pub fn all_of(dialect: Dialect, phrases: &[Vec<String>]) -> Option<String> {
    let parts: Vec<String> = phrases
        .iter()
        .filter(|phrase| !phrase.is_empty())
        .map(|phrase| match dialect {
            Dialect::Sqlite => fts_phrase(phrase),
            Dialect::Postgres => ts_phrase(phrase),
        })
        .collect();
    let and = match dialect {
        Dialect::Sqlite => " AND ",
        Dialect::Postgres => " & ",
    };
    (!parts.is_empty()).then(|| parts.join(and))
}

fn fts_phrase(phrase: &[String]) -> String {
    let star = if is_half(phrase) { "*" } else { "" };
    format!("\"{}\"{star}", phrase.join(" ").replace('"', "\"\""))
}

fn ts_phrase(phrase: &[String]) -> String {
    let last = phrase.len() - 1;
    let lexemes: Vec<String> = phrase
        .iter()
        .enumerate()
        .map(|(index, term)| {
            let star = if index == last && is_half(phrase) {
                ":*"
            } else {
                ""
            };
            format!("{}{star}", lexeme(term))
        })
        .collect();
    format!("({})", lexemes.join(" <-> "))
}

/// Whether the last term is half a pair.
fn is_half(phrase: &[String]) -> bool {
    phrase.last().is_some_and(|term| {
        let mut letters = term.chars();
        matches!((letters.next(), letters.next()), (Some(letter), None) if letter > '\u{10ff}')
    })
}

fn vector(terms: &[String]) -> String {
    let mut positions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, term) in terms.iter().enumerate() {
        let places = positions.entry(term).or_default();
        if places.is_empty() || (places.len() < MAX_POSITIONS && index < LAST_POSITION) {
            places.push((index + 1).min(LAST_POSITION));
        }
    }
    let mut text = String::new();
    for (term, places) in positions {
        let places: Vec<String> = places.iter().map(usize::to_string).collect();
        // Writing to a String cannot fail.
        let _ = write!(text, "{}:{} ", lexeme(term), places.join(","));
    }
    text
}

fn lexeme(term: &str) -> String {
    format!("'{}'", term.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(query: &str) -> Vec<Vec<String>> {
        text::query_terms(query)
    }

    #[test]
    fn queries_are_quoted_phrases() {
        let query = phrases("户口迁移 A3区");
        assert_eq!(
            all_of(Dialect::Sqlite, &query).as_deref(),
            Some("\"户口 口迁 迁移\" AND \"a3 区\"*")
        );
        assert_eq!(
            all_of(Dialect::Postgres, &query).as_deref(),
            Some("('户口' <-> '口迁' <-> '迁移') & ('a3' <-> '区':*)")
        );
        for nothing in ["", " \" ' * ( ) : & | ! <-> ", "。？！"] {
            assert_eq!(
                all_of(Dialect::Sqlite, &phrases(nothing)),
                None,
                "{nothing}"
            );
        }
    }

    #[test]
    fn quotes_stay_inside_whatever_comes() {
        let hostile = vec![vec!["a\" OR \"b".to_owned(), "c' | 'd\\".to_owned()]];
        assert_eq!(
            all_of(Dialect::Sqlite, &hostile).as_deref(),
            Some("\"a\"\" OR \"\"b c' | 'd\\\"")
        );
        assert_eq!(
            all_of(Dialect::Postgres, &hostile).as_deref(),
            Some("('a\" OR \"b' <-> 'c'' | ''d\\\\')")
        );
    }

    #[test]
    fn vectors_have_positions_within_their_limits() {
        let terms: Vec<String> = ["b", "a", "b"].map(String::from).to_vec();
        assert_eq!(document(Dialect::Postgres, &terms), "'a':2 'b':1,3 ");
        assert_eq!(document(Dialect::Sqlite, &terms), "b a b");
        let many = vec!["x".to_owned(); 20_000];
        let vector = document(Dialect::Postgres, &many);
        assert_eq!(vector.matches(',').count(), MAX_POSITIONS - 1);
        let mut late = vec!["y".to_owned(); LAST_POSITION];
        late.push("z".to_owned());
        assert!(document(Dialect::Postgres, &late).contains("'z':16383"));
    }
}

//! Full-text queries in the syntax of either database.
//!
//! What is written here is made of the terms of `crates/text`, which hold
//! letters and digits only, each in quotes: whatever a person searches for, it
//! never becomes syntax. Neither database's own ideas of words (tokenizers,
//! text search configurations, stop words) have a say.
//!
//! Beside its terms a text has [facets](Facet), which no term can look like:
//! the index finds the texts of one department that hold a common word as fast
//! as those that hold a rare one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Dialect;

/// The highest position that a `tsvector` keeps; what stands behind it is
/// found as a word, not as part of a phrase.
const LAST_POSITION: usize = 16_383;

/// Positions of one lexeme that a `tsvector` keeps.
const MAX_POSITIONS: usize = 255;

/// Something that a text is filed under: its name and its value.
pub type Facet<'a> = (&'static str, &'a str);

/// What goes into the search column for a text with these `terms` and `facets`.
pub fn document(dialect: Dialect, terms: &[String], facets: &[Facet<'_>]) -> String {
    let facets = facets.iter().copied().map(token);
    match dialect {
        Dialect::Sqlite => {
            let tokens: Vec<String> = terms.iter().cloned().chain(facets).collect();
            tokens.join(" ")
        }
        Dialect::Postgres => {
            let facets: Vec<String> = facets.map(|token| lexeme(&token)).collect();
            vector(terms) + &facets.join(" ")
        }
    }
}

/// A query for texts that hold every one of `phrases`, whose terms stand one
/// behind the other, and that have all `facets`; none when there are no
/// phrases. A phrase that ends with a single character of a script without
/// spaces finds what begins with it, for texts hold such characters in pairs.
pub fn all_of(dialect: Dialect, phrases: &[Vec<String>], facets: &[Facet<'_>]) -> Option<String> {
    let mut parts: Vec<String> = phrases
        .iter()
        .filter(|phrase| !phrase.is_empty())
        .map(|phrase| match dialect {
            Dialect::Sqlite => fts_phrase(phrase),
            Dialect::Postgres => ts_phrase(phrase),
        })
        .collect();
    if parts.is_empty() {
        return None;
    }
    parts.extend(facets.iter().map(|facet| match dialect {
        Dialect::Sqlite => fts_phrase(&[token(*facet)]),
        Dialect::Postgres => lexeme(&token(*facet)),
    }));
    let and = match dialect {
        Dialect::Sqlite => " AND ",
        Dialect::Postgres => " & ",
    };
    Some(parts.join(and))
}

/// A query for texts that hold at least one of `phrases`; none when there are
/// no phrases.
pub fn any_of(dialect: Dialect, phrases: &[Vec<String>]) -> Option<String> {
    let phrases = phrases.iter().filter(|phrase| !phrase.is_empty());
    let parts: Vec<String> = match dialect {
        Dialect::Sqlite => phrases.map(|phrase| fts_phrase(phrase)).collect(),
        Dialect::Postgres => phrases.map(|phrase| ts_phrase(phrase)).collect(),
    };
    let or = match dialect {
        Dialect::Sqlite => " OR ",
        Dialect::Postgres => " | ",
    };
    (!parts.is_empty()).then(|| parts.join(or))
}

/// A facet as one word. SQLite takes it for one because the `tokenchars` of the
/// table name `@`, `=` and what ids are made of.
fn token((name, value): Facet<'_>) -> String {
    format!("@{name}={value}")
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
            all_of(Dialect::Sqlite, &query, &[]).as_deref(),
            Some("\"户口 口迁 迁移\" AND \"a3 区\"*")
        );
        assert_eq!(
            all_of(Dialect::Postgres, &query, &[]).as_deref(),
            Some("('户口' <-> '口迁' <-> '迁移') & ('a3' <-> '区':*)")
        );
        for nothing in ["", " \" ' * ( ) : & | ! <-> ", "。？！"] {
            assert_eq!(
                all_of(Dialect::Sqlite, &phrases(nothing), &[("kind", "help")]),
                None,
                "{nothing}"
            );
        }
    }

    #[test]
    fn facets_are_words_that_no_term_looks_like() {
        let facets = [("department", "public-security"), ("topic", "housing")];
        let terms = ["路灯".to_owned()];
        assert_eq!(
            document(Dialect::Sqlite, &terms, &facets),
            "路灯 @department=public-security @topic=housing"
        );
        assert_eq!(
            document(Dialect::Postgres, &terms, &facets),
            "'路灯':1 '@department=public-security' '@topic=housing'"
        );
        assert_eq!(
            all_of(Dialect::Sqlite, &phrases("路灯"), &facets).as_deref(),
            Some("\"路灯\" AND \"@department=public-security\" AND \"@topic=housing\"")
        );
        assert_eq!(
            all_of(Dialect::Postgres, &phrases("路灯"), &facets).as_deref(),
            Some("('路灯') & '@department=public-security' & '@topic=housing'")
        );
        assert_eq!(phrases("@topic=housing"), [["topic"], ["housing"]]);
    }

    #[test]
    fn quotes_stay_inside_whatever_comes() {
        let hostile = vec![vec!["a\" OR \"b".to_owned(), "c' | 'd\\".to_owned()]];
        assert_eq!(
            all_of(Dialect::Sqlite, &hostile, &[]).as_deref(),
            Some("\"a\"\" OR \"\"b c' | 'd\\\"")
        );
        assert_eq!(
            all_of(Dialect::Postgres, &hostile, &[]).as_deref(),
            Some("('a\" OR \"b' <-> 'c'' | ''d\\\\')")
        );
    }

    #[test]
    fn vectors_have_positions_within_their_limits() {
        let terms: Vec<String> = ["b", "a", "b"].map(String::from).to_vec();
        assert_eq!(document(Dialect::Postgres, &terms, &[]), "'a':2 'b':1,3 ");
        assert_eq!(document(Dialect::Sqlite, &terms, &[]), "b a b");
        let many = vec!["x".to_owned(); 20_000];
        let vector = document(Dialect::Postgres, &many, &[]);
        assert_eq!(vector.matches(',').count(), MAX_POSITIONS - 1);
        let mut late = vec!["y".to_owned(); LAST_POSITION];
        late.push("z".to_owned());
        assert!(document(Dialect::Postgres, &late, &[]).contains("'z':16383"));
    }
}

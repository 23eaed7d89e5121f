//! The first word of a statement.

/// The first word of `sql` in capitals, behind white space, comments and empty
/// statements; empty if there is none.
pub(crate) fn first_keyword(sql: &str) -> String {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '\u{feff}');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.find('\n').map_or("", |end| &comment[end + 1..]);
        } else if rest.starts_with("/*") {
            rest = after_block_comment(rest);
        } else {
            break;
        }
    }
    rest.chars()
        .take_while(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// The second word, for statements like `ROLLBACK TO`.
pub(crate) fn has_word(sql: &str, word: &str) -> bool {
    sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|found| found.eq_ignore_ascii_case(word))
}

/// What follows the comment that `sql` starts with. PostgreSQL nests comments,
/// SQLite does not; in either dialect a nested one is rare enough that reading
/// it the PostgreSQL way is right.
fn after_block_comment(sql: &str) -> &str {
    let bytes = sql.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return &sql[at..];
                }
            }
            _ => at += 1,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_what_is_not_a_statement() {
        assert_eq!(
            first_keyword("  \n-- BEGIN\n/* a /* nested */ b */ ;; begin immediate"),
            "BEGIN"
        );
        assert_eq!(first_keyword("Commit;"), "COMMIT");
        assert_eq!(first_keyword("-- nothing"), "");
        assert_eq!(first_keyword("/* open"), "");
        assert_eq!(first_keyword("(SELECT 1)"), "");
    }

    #[test]
    fn finds_whole_words_only() {
        assert!(has_word("rollback  to savepoint a", "TO"));
        assert!(!has_word("rollback", "TO"));
        assert!(!has_word("rollback today", "TO"));
    }
}

//! The public copies for open data: everything from the table `publications`.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::change::decode;
use crate::{Connection, Error, Value};

/// A public copy with the columns of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// Position in the list; grows with each publication.
    pub id: i64,
    /// Number of the case.
    pub number: String,
    /// When it was published, in milliseconds since 1970 UTC.
    pub published_at: i64,
    /// Category.
    pub category: Option<String>,
    /// The department that answered.
    pub department: String,
    /// Town or sub-district.
    pub division: Option<String>,
    /// What the citizen wanted.
    pub kind: String,
    /// The public copy.
    pub data: Json,
}

/// The copies behind the one with the id `after`, at most `limit`.
pub async fn page<C: Connection>(
    connection: &mut C,
    after: i64,
    limit: u32,
) -> Result<Vec<Publication>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT id, number, published_at, category, department, division, kind, data \
                 FROM publications WHERE id > $1 ORDER BY id LIMIT {limit}"
            ),
            vec![Value::Integer(after)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Publication {
                id: row.integer(0)?,
                number: row.text(1)?.to_owned(),
                published_at: row.integer(2)?,
                category: row.optional_text(3)?.map(str::to_owned),
                department: row.text(4)?.to_owned(),
                division: row.optional_text(5)?.map(str::to_owned),
                kind: row.text(6)?.to_owned(),
                data: decode(row.text(7)?)?,
            })
        })
        .collect()
}

/// A cell of a table that no spreadsheet takes for a formula (OWASP, CSV
/// injection): one that would be taken for one begins with an apostrophe.
pub fn cell(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn formulas_are_defused() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        assert_eq!(cell("您好=1"), "您好=1");
    }
}

//! The cases that people decided something about, for learning from use.

use crate::{Connection, Error, Value};

/// Numbers of cases behind `after`, in order and at most `limit`, in whose
/// history a person chose the category or the department, or a department
/// accepted. Whether that still holds, [`case::decision`] says.
pub async fn page<C: Connection>(
    connection: &mut C,
    after: &str,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT DISTINCT number FROM events WHERE number > $1 \
                 AND (kind IN ('accepted', 'transferred', 'adjudicated') \
                 OR (kind IN ('classified', 'assigned') AND data NOT LIKE '%\"judgement\"%')) \
                 ORDER BY number LIMIT {limit}"
            ),
            vec![Value::from(after)],
        )
        .await?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

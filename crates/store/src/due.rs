//! The column `cases.due_at`: a copy of a computed deadline, for lists that
//! are ordered by it.

use case::Case;
use case::due::DeadlineBasis;

use crate::cases;
use crate::{Connection, Error, Value};

/// Cases looked at with one statement.
const PAGE: u32 = 500;

/// When the next duty of `case` is due, in milliseconds since 1970 UTC; none
/// while its clock stands or has ended.
pub fn due_at(case: &Case, basis: &DeadlineBasis<'_>) -> Option<i64> {
    case.deadline(basis)
        .filter(|deadline| deadline.standing_since.is_none())
        .map(|deadline| deadline.due.0)
}

/// Computes the column anew for all cases, inside the open transaction, after
/// the rules or the calendar have changed. Returns how many were different.
pub async fn refresh<C: Connection>(
    connection: &mut C,
    basis: &DeadlineBasis<'_>,
) -> Result<usize, Error> {
    let mut after = String::new();
    let mut changed = 0;
    loop {
        let rows = connection
            .query(
                &format!("SELECT number, due_at, data FROM cases WHERE number > $1 ORDER BY number LIMIT {PAGE}"),
                vec![after.as_str().into()],
            )
            .await?;
        let Some(last) = rows.last() else {
            return Ok(changed);
        };
        after = last.text(0)?.to_owned();
        for row in &rows {
            let due = due_at(
                &cases::read(connection, row.text(0)?, row.text(2)?).await?,
                basis,
            );
            if due != row.optional_integer(1)? {
                connection
                    .query(
                        "UPDATE cases SET due_at = $1 WHERE number = $2",
                        vec![Value::from(due), row.text(0)?.into()],
                    )
                    .await?;
                changed += 1;
            }
        }
    }
}

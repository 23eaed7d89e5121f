//! What members of staff narrow the list of cases to again and again.

use crate::{Connection, Error, Row};

/// A filter that somebody keeps; at least one of its parts is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What its owner calls it.
    pub name: String,
    /// The queue.
    pub queue: Option<String>,
    /// The state.
    pub state: Option<String>,
    /// The department that leads.
    pub department: Option<String>,
}

fn filter(row: &Row) -> Result<Filter, Error> {
    Ok(Filter {
        name: row.text(0)?.to_owned(),
        queue: row.optional_text(1)?.map(str::to_owned),
        state: row.optional_text(2)?.map(str::to_owned),
        department: row.optional_text(3)?.map(str::to_owned),
    })
}

/// The filters of `account`, by name.
pub async fn of<C: Connection>(connection: &mut C, account: &str) -> Result<Vec<Filter>, Error> {
    let rows = connection
        .query(
            "SELECT name, queue, state, department FROM kept_filters WHERE account = $1 ORDER BY name",
            vec![account.into()],
        )
        .await?;
    rows.iter().map(filter).collect()
}

/// Keeps `filter` for `account`, in the place of one of the same name.
pub async fn keep<C: Connection>(
    connection: &mut C,
    account: &str,
    filter: &Filter,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO kept_filters (account, name, queue, state, department) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (account, name) DO UPDATE SET queue = excluded.queue, state = excluded.state, \
             department = excluded.department",
            vec![
                account.into(),
                filter.name.as_str().into(),
                filter.queue.as_deref().into(),
                filter.state.as_deref().into(),
                filter.department.as_deref().into(),
            ],
        )
        .await
        .map(drop)
}

/// Forgets the filter `name` of `account`. False when there is none.
pub async fn forget<C: Connection>(
    connection: &mut C,
    account: &str,
    name: &str,
) -> Result<bool, Error> {
    let rows = connection
        .query(
            "DELETE FROM kept_filters WHERE account = $1 AND name = $2 RETURNING name",
            vec![account.into(), name.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

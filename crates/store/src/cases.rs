//! Reading cases, their events and their documents.

use case::fold::FOLD;
use case::{Case, Event};
use serde_json::Value as Json;

use crate::change::decode;
use crate::transaction::{in_runs, placeholders};
use crate::{Connection, Dialect, Error, Value};

/// The case `number` as its events add up to.
pub async fn load<C: Connection>(connection: &mut C, number: &str) -> Result<Option<Case>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM cases WHERE number = $1",
            vec![number.into()],
        )
        .await?;
    match rows.first() {
        Some(row) => read(connection, number, row.text(0)?).await.map(Some),
        None => Ok(None),
    }
}

/// Like [`load`], for a transaction that will change the case: nobody else
/// changes it before the transaction ends. SQLite has one writer anyway.
pub async fn hold<C: Connection>(connection: &mut C, number: &str) -> Result<Option<Case>, Error> {
    if connection.dialect() == Dialect::Postgres {
        let lock = "SELECT 1 FROM cases WHERE number = $1 FOR UPDATE";
        connection.query(lock, vec![number.into()]).await?;
    }
    load(connection, number).await
}

/// The case in the column `data` of its row. Where another version of the
/// fold wrote it, the events are folded again.
pub async fn read<C: Connection>(
    connection: &mut C,
    number: &str,
    data: &str,
) -> Result<Case, Error> {
    match serde_json::from_str::<Case>(data) {
        Ok(case) if case.fold == FOLD => Ok(case),
        _ => {
            let history = history(connection, number).await?;
            Case::fold(number, &history)
                .map_err(|error| Error::Decode(format!("{number}: {error}")))
        }
    }
}

/// Several cases with the document of their first event (the original), in
/// no particular order; those that are not there are left out.
pub async fn load_many<C: Connection>(
    connection: &mut C,
    numbers: &[String],
) -> Result<Vec<(Case, Json)>, Error> {
    let parameters = numbers
        .iter()
        .map(|number| Value::from(number.as_str()))
        .collect();
    let rows = in_runs(connection, 1, parameters, |count| {
        format!(
            "SELECT c.number, c.data, d.data FROM cases c JOIN documents d ON d.number = c.number AND d.sequence = 1 \
             WHERE c.number IN {}",
            placeholders(1, count)
        )
    })
    .await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in &rows {
        cases.push((
            read(connection, row.text(0)?, row.text(1)?).await?,
            decode(row.text(2)?)?,
        ));
    }
    Ok(cases)
}

/// The whole history of `number`, oldest first; empty when there is no such case.
pub async fn history<C: Connection>(connection: &mut C, number: &str) -> Result<Vec<Event>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM events WHERE number = $1 ORDER BY sequence",
            vec![number.into()],
        )
        .await?;
    rows.iter().map(|row| decode(row.text(0)?)).collect()
}

/// The history of `case` up to the event that `case` stands at: what was
/// written since it was read is left out, so that the two always agree.
pub async fn history_of<C: Connection>(
    connection: &mut C,
    case: &Case,
) -> Result<Vec<Event>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM events WHERE number = $1 AND sequence <= $2 ORDER BY sequence",
            until(case),
        )
        .await?;
    rows.iter().map(|row| decode(row.text(0)?)).collect()
}

fn until(case: &Case) -> Vec<Value> {
    vec![
        case.number.as_str().into(),
        Value::Integer(case.sequence.into()),
    ]
}

/// The numbers of the last `limit` cases that `department` leads, the latest first.
pub async fn last_of<C: Connection>(
    connection: &mut C,
    department: &str,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let rows = connection
        .query(
            "SELECT number FROM cases WHERE department = $1 ORDER BY received_at DESC, number DESC LIMIT $2",
            vec![department.into(), Value::Integer(limit.into())],
        )
        .await?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The document beside event `sequence` of case `number`.
pub async fn document<C: Connection>(
    connection: &mut C,
    number: &str,
    sequence: u32,
) -> Result<Option<Json>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM documents WHERE number = $1 AND sequence = $2",
            vec![number.into(), Value::Integer(sequence.into())],
        )
        .await?;
    rows.first().map(|row| decode(row.text(0)?)).transpose()
}

/// The documents of `case` by the sequence of their event, as far as [`history_of`] goes.
pub async fn documents_of<C: Connection>(
    connection: &mut C,
    case: &Case,
) -> Result<Vec<(u32, Json)>, Error> {
    let rows = connection
        .query(
            "SELECT sequence, data FROM documents WHERE number = $1 AND sequence <= $2 ORDER BY sequence",
            until(case),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let sequence =
                u32::try_from(row.integer(0)?).map_err(|error| Error::Decode(error.to_string()))?;
            Ok((sequence, decode(row.text(1)?)?))
        })
        .collect()
}

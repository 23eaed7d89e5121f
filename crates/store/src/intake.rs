//! Taking a case in.

use case::State;
use case::time::Offset;

use crate::change::{self, Change};
use crate::contacts::{self, Contact};
use crate::files::{self, File};
use crate::{Connection, Dialect, Error};

/// Writes a new case with its contact and its files inside the open
/// transaction. False when the number is taken: nothing was written then.
pub async fn receive<C: Connection>(
    connection: &mut C,
    received: &Change,
    contact: &Contact,
    files: &[File],
    offset: Offset,
) -> Result<bool, Error> {
    if !change::write(connection, std::slice::from_ref(received), offset)
        .await?
        .is_empty()
    {
        return Ok(false);
    }
    let number = &received.case.number;
    contacts::insert(connection, number, contact).await?;
    files::insert(connection, number, files).await?;
    Ok(true)
}

/// The state of case `number`, which stays as it is until the open
/// transaction ends.
pub async fn hold_state<C: Connection>(
    connection: &mut C,
    number: &str,
) -> Result<Option<State>, Error> {
    let lock = match connection.dialect() {
        // The transaction has the only write turn anyway.
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE",
    };
    let rows = connection
        .query(
            &format!("SELECT state FROM cases WHERE number = $1 {lock}"),
            vec![number.into()],
        )
        .await?;
    rows.first()
        .map(|row| {
            let name = row.text(0)?;
            State::from_name(name).ok_or_else(|| Error::Decode(format!("state {name}")))
        })
        .transpose()
}

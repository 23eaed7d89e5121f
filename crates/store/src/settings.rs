//! The district's data in the database: one JSON document for each part.

use crate::change::decode;
use crate::{Connection, Error, Value};

/// Reads the part `name`, such as `calendar`; none before a district was loaded.
pub async fn load<C: Connection, T: serde::de::DeserializeOwned>(
    connection: &mut C,
    name: &str,
) -> Result<Option<T>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM settings WHERE name = $1",
            vec![name.into()],
        )
        .await?;
    rows.first().map(|row| decode(row.text(0)?)).transpose()
}

/// Writes the part `name`.
pub async fn save<C: Connection>(connection: &mut C, name: &str, data: &str) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO settings (name, data) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET data = excluded.data",
            vec![name.into(), Value::from(data)],
        )
        .await
        .map(drop)
}

//! Files that citizens sent along, stored once each by their digest.

use crate::{Connection, Error, Value};

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// SHA-256 of the content.
    pub sha256: Vec<u8>,
    /// Media type, as found from the content.
    pub media_type: String,
    /// Name that the sender gave it; may be personal.
    pub name: String,
    /// The content, without metadata.
    pub content: Vec<u8>,
}

/// A file of a case without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its place among the files of the case, from 1.
    pub position: i64,
    /// Media type.
    pub media_type: String,
    /// Name that the sender gave it; may be personal.
    pub name: String,
    /// Length in bytes.
    pub bytes: i64,
}

/// Stores the files of case `number`, in order.
pub async fn insert<C: Connection>(
    connection: &mut C,
    number: &str,
    files: &[File],
) -> Result<(), Error> {
    for (index, file) in files.iter().enumerate() {
        connection
            .query(
                "INSERT INTO files (sha256, media_type, content) VALUES ($1, $2, $3) \
                 ON CONFLICT (sha256) DO NOTHING",
                vec![
                    file.sha256.clone().into(),
                    file.media_type.as_str().into(),
                    file.content.clone().into(),
                ],
            )
            .await?;
        connection
            .query(
                "INSERT INTO attachments (number, position, sha256, name) VALUES ($1, $2, $3, $4)",
                vec![
                    number.into(),
                    Value::Integer(index as i64 + 1),
                    file.sha256.clone().into(),
                    file.name.as_str().into(),
                ],
            )
            .await?;
    }
    Ok(())
}

/// What files case `number` has, in order.
pub async fn list<C: Connection>(connection: &mut C, number: &str) -> Result<Vec<Listed>, Error> {
    let rows = connection
        .query(
            "SELECT a.position, f.media_type, a.name, CAST(LENGTH(f.content) AS BIGINT) \
             FROM attachments a JOIN files f ON f.sha256 = a.sha256 WHERE a.number = $1 ORDER BY a.position",
            vec![number.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                position: row.integer(0)?,
                media_type: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                bytes: row.integer(3)?,
            })
        })
        .collect()
}

/// The file at `position` of case `number`.
pub async fn load<C: Connection>(
    connection: &mut C,
    number: &str,
    position: i64,
) -> Result<Option<File>, Error> {
    let rows = connection
        .query(
            "SELECT f.sha256, f.media_type, a.name, f.content FROM attachments a \
             JOIN files f ON f.sha256 = a.sha256 WHERE a.number = $1 AND a.position = $2",
            vec![number.into(), Value::Integer(position)],
        )
        .await?;
    rows.first()
        .map(|row| {
            Ok(File {
                sha256: row.blob(0)?.to_vec(),
                media_type: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                content: row.blob(3)?.to_vec(),
            })
        })
        .transpose()
}

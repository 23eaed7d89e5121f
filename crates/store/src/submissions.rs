//! Messages that may come twice: remembered by the key that their sender
//! gave them, or by what they say.

use crate::{Connection, Error, Value};

/// How long a submission is remembered for a retry, in milliseconds: a
/// channel that was cut off over a long holiday hands over the same backlog
/// again.
pub const KEEP: i64 = 14 * 24 * 60 * 60 * 1000;

/// What is remembered of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The sender and their key, or the sender and the text; a keyed digest.
    pub key: Vec<u8>,
    /// Keyed digest of the whole request.
    pub fingerprint: Vec<u8>,
    /// The case that it became.
    pub number: String,
    /// The sealed answer, to be given again; none where there was no key.
    pub response: Option<Vec<u8>>,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// Remembers `submission` inside the open transaction, unless one with its
/// key is remembered since `since`: that one is returned, and nothing is
/// written. A transaction that remembers the same key at the same time is
/// waited for.
pub async fn remember<C: Connection>(
    connection: &mut C,
    submission: &Submission,
    since: i64,
) -> Result<Option<Submission>, Error> {
    let written = connection
        .query(
            "INSERT INTO submissions (key, fingerprint, number, response, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, number = excluded.number, \
             response = excluded.response, at = excluded.at WHERE submissions.at < $6 RETURNING number",
            vec![
                submission.key.clone().into(),
                submission.fingerprint.clone().into(),
                submission.number.as_str().into(),
                submission.response.clone().into(),
                Value::Integer(submission.at),
                Value::Integer(since),
            ],
        )
        .await?;
    if !written.is_empty() {
        return Ok(None);
    }
    let rows = connection
        .query(
            "SELECT fingerprint, number, response, at FROM submissions WHERE key = $1",
            vec![submission.key.clone().into()],
        )
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| Error::Conflict("a submission was forgotten meanwhile".to_owned()))?;
    Ok(Some(Submission {
        key: submission.key.clone(),
        fingerprint: row.blob(0)?.to_vec(),
        number: row.text(1)?.to_owned(),
        response: row.optional_blob(2)?.map(<[u8]>::to_vec),
        at: row.integer(3)?,
    }))
}

/// Forgets submissions from before `before`. Returns how many.
pub async fn forget<C: Connection>(connection: &mut C, before: i64) -> Result<usize, Error> {
    let rows = connection
        .query(
            "DELETE FROM submissions WHERE at < $1 RETURNING number",
            vec![Value::Integer(before)],
        )
        .await?;
    Ok(rows.len())
}

//! Who asked: query codes, sealed contacts, look-up by telephone number.

use crate::{Connection, Error, Value};

/// What is stored of the person behind a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Digest of the query code.
    pub code: Vec<u8>,
    /// The sealed contact, if any was given.
    pub sealed: Option<Vec<u8>>,
    /// Keyed index of the telephone number.
    pub phone: Option<Vec<u8>>,
    /// Keyed index of the e-mail address.
    pub email: Option<Vec<u8>>,
}

/// Stores the contact of a new case.
pub async fn insert<C: Connection>(
    connection: &mut C,
    number: &str,
    contact: &Contact,
) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO contacts (number, code, sealed, phone, email) VALUES ($1, $2, $3, $4, $5)",
            vec![
                number.into(),
                contact.code.clone().into(),
                contact.sealed.clone().into(),
                contact.phone.clone().into(),
                contact.email.clone().into(),
            ],
        )
        .await
        .map(drop)
}

/// The contact of case `number`.
pub async fn load<C: Connection>(
    connection: &mut C,
    number: &str,
) -> Result<Option<Contact>, Error> {
    let rows = connection
        .query(
            "SELECT code, sealed, phone, email FROM contacts WHERE number = $1",
            vec![number.into()],
        )
        .await?;
    rows.first()
        .map(|row| {
            Ok(Contact {
                code: row.blob(0)?.to_vec(),
                sealed: row.optional_blob(1)?.map(<[u8]>::to_vec),
                phone: row.optional_blob(2)?.map(<[u8]>::to_vec),
                email: row.optional_blob(3)?.map(<[u8]>::to_vec),
            })
        })
        .transpose()
}

/// The numbers of the latest cases whose telephone number has one of the
/// keyed indexes `phones` (two while keys are rotated).
pub async fn by_phone<C: Connection>(
    connection: &mut C,
    phones: &[Vec<u8>],
    limit: u32,
) -> Result<Vec<String>, Error> {
    let mut numbers = Vec::new();
    for phone in phones {
        let statement = format!(
            "SELECT number FROM contacts WHERE phone = $1 ORDER BY number DESC LIMIT {limit}"
        );
        let rows = connection
            .query(&statement, vec![phone.clone().into()])
            .await?;
        for row in &rows {
            numbers.push(row.text(0)?.to_owned());
        }
    }
    Ok(numbers)
}

/// One page of sealed contacts in the order of the case numbers, from behind
/// `after` on: what `wenzheng rotate-key` walks over.
pub async fn page<C: Connection>(
    connection: &mut C,
    after: &str,
    limit: u32,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let rows = connection
        .query(
            &format!(
                "SELECT number, sealed FROM contacts WHERE number > $1 AND sealed IS NOT NULL \
                 ORDER BY number LIMIT {limit}"
            ),
            vec![after.into()],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.blob(1)?.to_vec())))
        .collect()
}

/// Replaces the sealed contact and its indexes, unless it has changed meanwhile.
pub async fn reseal<C: Connection>(
    connection: &mut C,
    number: &str,
    before: &[u8],
    contact: (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>),
) -> Result<(), Error> {
    let (sealed, phone, email) = contact;
    connection
        .query(
            "UPDATE contacts SET sealed = $1, phone = $2, email = $3 WHERE number = $4 AND sealed = $5",
            vec![
                Value::Blob(sealed),
                phone.into(),
                email.into(),
                number.into(),
                before.to_vec().into(),
            ],
        )
        .await
        .map(drop)
}

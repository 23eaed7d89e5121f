//! What departments have to do after their answers.

use case::Case;

use crate::cases;
use crate::change::decode;
use crate::{Connection, Dialect, Error, Value};

/// Which of them to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// The department that leads.
    pub department: Option<&'a str>,
    /// Behind the one due then, in milliseconds since 1970 UTC, of the case with this number.
    pub after: Option<(i64, &'a str)>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Due {
    /// The case.
    pub case: Case,
    /// The subject of the message.
    pub subject: Option<String>,
    /// The message as intake keeps it, in JSON; only where it has no subject.
    pub original: Option<String>,
    /// When, in milliseconds since 1970 UTC.
    pub due_at: i64,
    /// What is to be done.
    pub task: String,
}

/// One page of what is to be done, by when.
pub async fn page<C: Connection>(
    connection: &mut C,
    filter: &Filter<'_>,
    limit: u32,
) -> Result<Vec<Due>, Error> {
    let (subject, sequence) = match connection.dialect() {
        Dialect::Sqlite => (
            "json_extract(d.data, '$.subject')",
            "json_extract(c.data, '$.follow_up.sequence')",
        ),
        Dialect::Postgres => (
            "d.data::json ->> 'subject'",
            "(c.data::json -> 'follow_up' ->> 'sequence')::bigint",
        ),
    };
    let mut parameters: Vec<Value> = Vec::new();
    let mut conditions = vec!["c.follow_up_at IS NOT NULL".to_owned()];
    if let Some(department) = filter.department {
        parameters.push(department.into());
        conditions.push("c.department = $1".to_owned());
    }
    if let Some((due, number)) = filter.after {
        parameters.extend([Value::Integer(due), number.into()]);
        let (first, second) = (parameters.len() - 1, parameters.len());
        conditions.push(format!(
            "(c.follow_up_at, c.number) > (${first}, ${second})"
        ));
    }
    let statement = format!(
        "SELECT c.number, c.data, {subject}, CASE WHEN TRIM(COALESCE({subject}, '')) = '' THEN d.data END, \
         c.follow_up_at, t.data FROM cases c LEFT JOIN documents d ON d.number = c.number AND d.sequence = 1 \
         LEFT JOIN documents t ON t.number = c.number AND t.sequence = {sequence} \
         WHERE {} ORDER BY c.follow_up_at, c.number LIMIT {limit}",
        conditions.join(" AND ")
    );
    let rows = connection.query(&statement, parameters).await?;
    let mut list = Vec::with_capacity(rows.len());
    for row in &rows {
        let task = match row.optional_text(5)? {
            Some(document) => {
                let document: serde_json::Value = decode(document)?;
                document["text"].as_str().unwrap_or_default().to_owned()
            }
            None => String::new(),
        };
        list.push(Due {
            case: cases::read(connection, row.text(0)?, row.text(1)?).await?,
            subject: row.optional_text(2)?.map(str::to_owned),
            original: row.optional_text(3)?.map(str::to_owned),
            due_at: row.integer(4)?,
            task,
        });
    }
    Ok(list)
}

//! The public copies: list, search, one by one.

use serde_json::Value as Json;

use crate::change::decode;
use crate::{Connection, Dialect, Error, Row, Value, search};

/// Publications of one millisecond that have ids of their own.
const PER_MILLISECOND: i64 = 1000;

/// A public copy to be put out.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// Number of the case.
    pub number: &'a str,
    /// When it is published, in milliseconds since 1970 UTC.
    pub published_at: i64,
    /// Category.
    pub category: Option<&'a str>,
    /// The department that answered.
    pub department: &'a str,
    /// Town or sub-district.
    pub division: Option<&'a str>,
    /// What the citizen wanted.
    pub kind: &'a str,
    /// What lists show.
    pub summary: &'a Json,
    /// The whole copy.
    pub data: &'a Json,
    /// What the search finds it by, in order.
    pub terms: &'a [String],
}

/// Which publications to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Phrases that the copy holds, all of them; none when empty.
    pub phrases: &'a [Vec<String>],
    /// The department that answered.
    pub department: Option<&'a str>,
    /// A category, or one of the first level with all below it.
    pub category: Option<&'a str>,
    /// What the citizen wanted.
    pub kind: Option<&'a str>,
    /// Town or sub-district.
    pub division: Option<&'a str>,
    /// Published at this instant or later, in milliseconds since 1970 UTC.
    pub from: Option<i64>,
    /// Published before this instant.
    pub to: Option<i64>,
    /// Behind the publication with this id.
    pub before: Option<i64>,
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Where the next page goes on.
    pub id: i64,
    /// What lists show.
    pub summary: Json,
}

/// The sequence of case `number`, which stays as it is until the open
/// transaction ends; none where the transaction keeps everybody else out
/// anyway. A copy is put out beside the event that says so: were that event
/// refused because somebody else has changed the case, the copy would stand
/// alone.
pub async fn hold<C: Connection>(connection: &mut C, number: &str) -> Result<Option<i64>, Error> {
    match connection.dialect() {
        Dialect::Sqlite => Ok(None),
        Dialect::Postgres => {
            let statement = "SELECT sequence FROM cases WHERE number = $1 FOR UPDATE";
            let rows = connection.query(statement, vec![number.into()]).await?;
            rows.first().map(|row| row.integer(0)).transpose()
        }
    }
}

/// Puts a copy out, in the place of an earlier one of the same case when
/// `replaces` says that there is one. Inside the open transaction.
pub async fn put<C: Connection>(
    connection: &mut C,
    publication: &Publication<'_>,
    replaces: bool,
) -> Result<(), Error> {
    if replaces {
        retract(connection, publication.number).await?;
    }
    let dialect = connection.dialect();
    let topic = publication
        .category
        .map(|category| category.split('.').next().unwrap_or(category));
    let mut parameters = vec![
        Value::Integer(publication.published_at.saturating_mul(PER_MILLISECOND)),
        publication.number.into(),
        Value::Integer(publication.published_at),
        topic.into(),
        publication.category.into(),
        publication.department.into(),
        publication.division.into(),
        publication.kind.into(),
        publication.summary.to_string().into(),
        publication.data.to_string().into(),
    ];
    let terms = search::document(dialect, publication.terms);
    let columns =
        "id, number, published_at, topic, category, department, division, kind, summary, data";
    match dialect {
        Dialect::Sqlite => {
            // The running number goes on from the last one up to this millisecond.
            let statement = format!(
                "INSERT INTO publications ({columns}) SELECT $1 + (COALESCE(MAX(id), 0) + 1) % {PER_MILLISECOND}, \
                 $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM publications WHERE id < $1 + {PER_MILLISECOND} \
                 RETURNING id"
            );
            let rows = connection.query(&statement, parameters).await?;
            let id = rows.first().map_or(Ok(0), |row| row.integer(0))?;
            let statement = "INSERT INTO publication_search (rowid, terms) VALUES ($1, $2)";
            connection
                .query(statement, vec![Value::Integer(id), terms.into()])
                .await
                .map(drop)
        }
        Dialect::Postgres => {
            parameters.push(terms.into());
            let statement = format!(
                "WITH put AS (INSERT INTO publications ({columns}) VALUES \
                 ($1 + nextval('publication_order') % {PER_MILLISECOND}, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 RETURNING id) INSERT INTO publication_search (id, terms) SELECT id, $11::text::tsvector FROM put"
            );
            connection.query(&statement, parameters).await.map(drop)
        }
    }
}

/// Takes the copy of case `number` off; false when there is none. Inside the
/// open transaction.
pub async fn retract<C: Connection>(connection: &mut C, number: &str) -> Result<bool, Error> {
    let rows = connection
        .query(
            "DELETE FROM publications WHERE number = $1 RETURNING id",
            vec![number.into()],
        )
        .await?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    let id = row.integer(0)?;
    if connection.dialect() == Dialect::Sqlite {
        // PostgreSQL has a foreign key that does it.
        connection
            .query(
                "DELETE FROM publication_search WHERE rowid = $1",
                vec![Value::Integer(id)],
            )
            .await?;
    }
    Ok(true)
}

/// The public copy of case `number`.
pub async fn get<C: Connection>(connection: &mut C, number: &str) -> Result<Option<Json>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM publications WHERE number = $1",
            vec![number.into()],
        )
        .await?;
    rows.first().map(|row| decode(row.text(0)?)).transpose()
}

/// The latest publications that `filter` lets through, newest first.
///
/// Rows are read in the order of the list and no further than `limit`, so
/// that a page costs the same however many publications there are.
pub async fn page<C: Connection>(
    connection: &mut C,
    filter: &Filter<'_>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let dialect = connection.dialect();
    let mut parameters: Vec<Value> = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    let mut add = |condition: &str, value: Value| {
        parameters.push(value);
        conditions.push(condition.replace('?', &format!("${}", parameters.len())));
    };
    let query = search::all_of(dialect, filter.phrases);
    // In a search the index of the search is what is walked through.
    let (from, id) = match (&query, dialect) {
        (None, _) => ("publications p", "p.id"),
        (Some(_), Dialect::Sqlite) => (
            "publication_search CROSS JOIN publications p ON p.id = publication_search.rowid",
            "publication_search.rowid",
        ),
        (Some(_), Dialect::Postgres) => (
            "publication_search s JOIN publications p ON p.id = s.id",
            "s.id",
        ),
    };
    if let Some(query) = query {
        match dialect {
            Dialect::Sqlite => add("publication_search MATCH ?", query.into()),
            Dialect::Postgres => add("s.terms @@ ?::text::tsquery", query.into()),
        }
    }
    let category = match filter.category {
        Some(category) if category.contains('.') => "p.category = ?",
        _ => "p.topic = ?",
    };
    for (condition, value) in [
        ("p.department = ?", filter.department),
        (category, filter.category),
        ("p.division = ?", filter.division),
        ("p.kind = ?", filter.kind),
    ] {
        if let Some(value) = value {
            add(condition, value.into());
        }
    }
    let end = filter.to.map(|to| to.saturating_mul(PER_MILLISECOND));
    let before = [end, filter.before].into_iter().flatten().min();
    if let Some(before) = before {
        add(&format!("{id} < ?"), Value::Integer(before));
    }
    if let Some(from) = filter.from {
        add(
            &format!("{id} >= ?"),
            Value::Integer(from.saturating_mul(PER_MILLISECOND)),
        );
    }
    let conditions = if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    };
    let statement =
        format!("SELECT p.id, p.summary FROM {from} {conditions} ORDER BY {id} DESC LIMIT {limit}");
    let rows = connection.query(&statement, parameters).await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &Row) -> Result<Listed, Error> {
    Ok(Listed {
        id: row.integer(0)?,
        summary: decode(row.text(1)?)?,
    })
}

//! The public copies: list, search, one by one.

use serde_json::Value as Json;

use crate::change::decode;
use crate::transaction::placeholders;
use crate::{Connection, Dialect, Error, Row, Value, search};

/// Publications of one millisecond that have ids of their own.
const PER_MILLISECOND: i64 = 1000;

/// How many of the newest copies a search on PostgreSQL looks at one by one
/// before it asks the index, which knows no order. A common term is found among
/// them at once; a rarer one has so few matches that all of them can be sorted.
const NEWEST: u32 = 1000;

/// A public copy to be put out.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Number of the case.
    pub number: String,
    /// When it is published, in milliseconds since 1970 UTC.
    pub published_at: i64,
    /// Category.
    pub category: Option<String>,
    /// The department that answered.
    pub department: String,
    /// Town or sub-district.
    pub division: Option<String>,
    /// What the citizen wanted.
    pub kind: String,
    /// What lists show.
    pub summary: Json,
    /// The whole copy.
    pub data: Json,
    /// What the search finds it by, in order.
    pub terms: Vec<String>,
    /// An earlier copy of the same case stands, whose place it takes.
    pub replaces: bool,
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

/// Columns of the table, in the order of [`row`].
const COLUMNS: &str =
    "id, number, published_at, topic, category, department, division, kind, summary, data";

pub(crate) const COPY_COLUMNS: usize = 11;

/// The values of the [`COLUMNS`], with the first id of the millisecond, and the document of the search.
pub(crate) fn row(dialect: Dialect, publication: &Publication) -> [Value; COPY_COLUMNS] {
    let facets = facets(
        Some(&publication.department),
        publication.topic(),
        publication.category.as_deref(),
        publication.division.as_deref(),
        Some(&publication.kind),
    );
    [
        Value::Integer(publication.published_at.saturating_mul(PER_MILLISECOND)),
        publication.number.as_str().into(),
        Value::Integer(publication.published_at),
        publication.topic().into(),
        publication.category.as_deref().into(),
        publication.department.as_str().into(),
        publication.division.as_deref().into(),
        publication.kind.as_str().into(),
        publication.summary.to_string().into(),
        publication.data.to_string().into(),
        search::document(dialect, &publication.terms, &facets).into(),
    ]
}

impl Publication {
    /// The first level of the category.
    fn topic(&self) -> Option<&str> {
        let category = self.category.as_deref()?;
        Some(category.split('.').next().unwrap_or(category))
    }
}

/// Puts a copy out, inside the open transaction.
pub async fn put<C: Connection>(
    connection: &mut C,
    publication: &Publication,
) -> Result<(), Error> {
    let dialect = connection.dialect();
    let statement = match dialect {
        Dialect::Sqlite => {
            let values = placeholders(1, COPY_COLUMNS);
            format!("INSERT INTO copies ({COLUMNS}, terms) VALUES {values}")
        }
        Dialect::Postgres => {
            if publication.replaces {
                retract(connection, &publication.number).await?;
            }
            format!(
                "WITH put AS (INSERT INTO publications ({COLUMNS}) VALUES \
                 ($1 + nextval('publication_order') % {PER_MILLISECOND}, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 RETURNING id) INSERT INTO publication_search (id, terms) SELECT id, $11::text::tsvector FROM put"
            )
        }
    };
    let row = row(dialect, publication).to_vec();
    connection.query(&statement, row).await.map(drop)
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

/// What a copy is filed under, for the search.
fn facets<'a>(
    department: Option<&'a str>,
    topic: Option<&'a str>,
    category: Option<&'a str>,
    division: Option<&'a str>,
    kind: Option<&'a str>,
) -> Vec<search::Facet<'a>> {
    [
        ("department", department),
        ("topic", topic),
        ("category", category),
        ("division", division),
        ("kind", kind),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

impl<'a> Filter<'a> {
    /// Name and value of what a copy has to be filed under; the names are those
    /// of the columns too.
    fn facets(&self) -> Vec<search::Facet<'a>> {
        let (topic, category) = match self.category {
            Some(category) if category.contains('.') => (None, Some(category)),
            topic => (topic, None),
        };
        facets(self.department, topic, category, self.division, self.kind)
    }

    /// The lowest id and the one behind the highest.
    fn range(&self) -> (Option<i64>, Option<i64>) {
        let id = |at: i64| at.saturating_mul(PER_MILLISECOND);
        let end = [self.to.map(id), self.before].into_iter().flatten().min();
        (self.from.map(id), end)
    }
}

/// Conditions of a statement with the values that they bind.
#[derive(Default)]
struct Conditions {
    parameters: Vec<Value>,
    texts: Vec<String>,
}

impl Conditions {
    /// Adds `condition`, in which `?` stands for `value`.
    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.parameters.push(value.into());
        self.texts
            .push(condition.replace('?', &format!("${}", self.parameters.len())));
    }

    fn add_range(&mut self, column: &str, (first, end): (Option<i64>, Option<i64>)) {
        if let Some(end) = end {
            self.add(&format!("{column} < ?"), Value::Integer(end));
        }
        if let Some(first) = first {
            self.add(&format!("{column} >= ?"), Value::Integer(first));
        }
    }

    /// The clause, empty without conditions.
    fn clause(&self) -> String {
        match self.texts.is_empty() {
            true => String::new(),
            false => format!("WHERE {}", self.texts.join(" AND ")),
        }
    }
}

/// The latest publications that `filter` lets through, newest first.
///
/// A page costs about the same however many publications there are: the list
/// and SQLite's index are read in their order and no further than `limit`; for
/// PostgreSQL see [`NEWEST`].
pub async fn page<C: Connection>(
    connection: &mut C,
    filter: &Filter<'_>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let dialect = connection.dialect();
    let facets = filter.facets();
    let rows = match (search::all_of(dialect, filter.phrases, &facets), dialect) {
        (None, _) => {
            let mut conditions = Conditions::default();
            for (name, value) in facets {
                conditions.add(&format!("{name} = ?"), value);
            }
            conditions.add_range("id", filter.range());
            let statement = format!(
                "SELECT id, summary FROM publications {} ORDER BY id DESC LIMIT {limit}",
                conditions.clause()
            );
            connection.query(&statement, conditions.parameters).await?
        }
        (Some(query), Dialect::Sqlite) => {
            let mut conditions = Conditions::default();
            conditions.add("publication_search MATCH ?", query);
            conditions.add_range("publication_search.rowid", filter.range());
            let statement = format!(
                "SELECT p.id, p.summary FROM publication_search \
                 CROSS JOIN publications p ON p.id = publication_search.rowid {} \
                 ORDER BY publication_search.rowid DESC LIMIT {limit}",
                conditions.clause()
            );
            connection.query(&statement, conditions.parameters).await?
        }
        (Some(query), Dialect::Postgres) => {
            let newest = newest(connection, &query, filter.range(), limit).await?;
            if newest.len() < limit as usize {
                all(connection, &query, filter.range(), limit).await?
            } else {
                newest
            }
        }
    };
    rows.iter().map(listed).collect()
}

/// The latest of the [`NEWEST`] publications that hold at least one of
/// `phrases`, newest first: the caller says which of them are alike. Older ones
/// are not looked at, so that a text of many phrases costs no more the more
/// copies there are.
pub async fn holding_any<C: Connection>(
    connection: &mut C,
    phrases: &[Vec<String>],
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let dialect = connection.dialect();
    let Some(query) = search::any_of(dialect, phrases) else {
        return Ok(Vec::new());
    };
    let rows = match dialect {
        Dialect::Sqlite => {
            let statement = format!(
                "SELECT p.id, p.summary FROM publication_search \
                 CROSS JOIN publications p ON p.id = publication_search.rowid \
                 WHERE publication_search MATCH $1 AND publication_search.rowid >= \
                 COALESCE((SELECT id FROM publications ORDER BY id DESC LIMIT 1 OFFSET {NEWEST}), 0) \
                 ORDER BY publication_search.rowid DESC LIMIT {limit}"
            );
            connection.query(&statement, vec![query.into()]).await?
        }
        Dialect::Postgres => newest(connection, &query, (None, None), limit).await?,
    };
    rows.iter().map(listed).collect()
}

/// The latest of the [`NEWEST`] copies that `query` finds, on PostgreSQL.
///
/// Neither this statement nor that of [`all`] leaves the planner a choice that
/// matters: prepared once for every term, it would choose for none.
async fn newest<C: Connection>(
    connection: &mut C,
    query: &str,
    range: (Option<i64>, Option<i64>),
    limit: u32,
) -> Result<Vec<Row>, Error> {
    let mut conditions = Conditions::default();
    conditions.add_range("id", range);
    let clause = conditions.clause();
    conditions.add("s.terms @@ ?::text::tsquery", query);
    let matches = conditions.texts.pop().unwrap_or_default();
    let statement = format!(
        "SELECT p.id, p.summary FROM (SELECT s.id FROM \
         (SELECT id, terms FROM publication_search {clause} ORDER BY id DESC LIMIT {NEWEST}) s \
         WHERE {matches} ORDER BY s.id DESC LIMIT {limit}) found \
         JOIN publications p ON p.id = found.id ORDER BY p.id DESC"
    );
    connection.query(&statement, conditions.parameters).await
}

/// The latest of all copies that `query` finds, on PostgreSQL, by the index.
async fn all<C: Connection>(
    connection: &mut C,
    query: &str,
    range: (Option<i64>, Option<i64>),
    limit: u32,
) -> Result<Vec<Row>, Error> {
    let mut conditions = Conditions::default();
    conditions.add("terms @@ ?::text::tsquery", query);
    conditions.add_range("id", range);
    let statement = format!(
        "WITH matches AS MATERIALIZED (SELECT id FROM publication_search {}) \
         SELECT p.id, p.summary FROM (SELECT id FROM matches ORDER BY id DESC LIMIT {limit}) found \
         JOIN publications p ON p.id = found.id ORDER BY p.id DESC",
        conditions.clause()
    );
    connection.query(&statement, conditions.parameters).await
}

fn listed(row: &Row) -> Result<Listed, Error> {
    Ok(Listed {
        id: row.integer(0)?,
        summary: decode(row.text(1)?)?,
    })
}

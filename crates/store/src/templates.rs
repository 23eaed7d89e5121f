//! Pieces of answers that are written once and used often.

use crate::{Connection, Error, Row, Value};

/// A template of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Identifier.
    pub id: String,
    /// The department whose it is; none for all.
    pub department: Option<String>,
    /// What it is called.
    pub title: String,
    /// The text, with placeholders.
    pub body: String,
    /// When it was changed last, in milliseconds since 1970 UTC.
    pub changed_at: i64,
    /// The account that did.
    pub changed_by: String,
}

const COLUMNS: &str = "id, department, title, body, changed_at, changed_by";

fn template(row: &Row) -> Result<Template, Error> {
    Ok(Template {
        id: row.text(0)?.to_owned(),
        department: row.optional_text(1)?.map(str::to_owned),
        title: row.text(2)?.to_owned(),
        body: row.text(3)?.to_owned(),
        changed_at: row.integer(4)?,
        changed_by: row.text(5)?.to_owned(),
    })
}

/// All templates, by title.
pub async fn all<C: Connection>(connection: &mut C) -> Result<Vec<Template>, Error> {
    let statement = format!("SELECT {COLUMNS} FROM templates ORDER BY title, id");
    let rows = connection.query(&statement, Vec::new()).await?;
    rows.iter().map(template).collect()
}

/// Those of `department` and those for all, by title.
pub async fn of<C: Connection>(
    connection: &mut C,
    department: Option<&str>,
) -> Result<Vec<Template>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM templates WHERE department IS NULL OR department = $1 ORDER BY title, id"
    );
    let rows = connection
        .query(&statement, vec![department.into()])
        .await?;
    rows.iter().map(template).collect()
}

/// The template `id`.
pub async fn load<C: Connection>(connection: &mut C, id: &str) -> Result<Option<Template>, Error> {
    let statement = format!("SELECT {COLUMNS} FROM templates WHERE id = $1");
    let rows = connection.query(&statement, vec![id.into()]).await?;
    rows.first().map(template).transpose()
}

/// How many `department` has, or how many are for all.
pub async fn count<C: Connection>(
    connection: &mut C,
    department: Option<&str>,
) -> Result<i64, Error> {
    let rows = match department {
        Some(department) => {
            let statement = "SELECT COUNT(*) FROM templates WHERE department = $1";
            connection.query(statement, vec![department.into()]).await?
        }
        None => {
            let statement = "SELECT COUNT(*) FROM templates WHERE department IS NULL";
            connection.query(statement, Vec::new()).await?
        }
    };
    rows.first().map_or(Ok(0), |row| row.integer(0))
}

/// Writes `template`, in the place of one of the same identifier.
pub async fn put<C: Connection>(connection: &mut C, template: &Template) -> Result<(), Error> {
    connection
        .query(
            "INSERT INTO templates (id, department, title, body, changed_at, changed_by) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET department = excluded.department, title = excluded.title, \
             body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
            vec![
                template.id.as_str().into(),
                template.department.as_deref().into(),
                template.title.as_str().into(),
                template.body.as_str().into(),
                Value::Integer(template.changed_at),
                template.changed_by.as_str().into(),
            ],
        )
        .await
        .map(drop)
}

/// Deletes the template `id`.
pub async fn delete<C: Connection>(connection: &mut C, id: &str) -> Result<(), Error> {
    connection
        .query("DELETE FROM templates WHERE id = $1", vec![id.into()])
        .await
        .map(drop)
}

//! What the desk lists: cases by queue, department and state.

use case::{Case, Queue, State};

use crate::cases;
use crate::{Connection, Dialect, Error, Value};

/// Cases of one queue that are counted; more are "at least so many".
pub const COUNT_LIMIT: i64 = 999;

/// Stands for "not due", so that such cases come last; the same number as in
/// the indexes.
const NEVER: i64 = 9_007_199_254_740_991;

/// Which cases to list. Without a state in which nobody has to do anything,
/// the list is of those that wait, by when they are due.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// The queue in which they wait.
    pub queue: Option<Queue>,
    /// The department that leads.
    pub department: Option<&'a str>,
    /// The state.
    pub state: Option<State>,
    /// Behind the case with this sort key and number.
    pub after: Option<(i64, &'a str)>,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The case.
    pub case: Case,
    /// The subject of the message.
    pub subject: Option<String>,
    /// When it is due, in milliseconds since 1970 UTC.
    pub due_at: Option<i64>,
    /// The sort key, for the next page.
    pub key: i64,
}

/// Whether cases in `state` never wait in a queue.
fn is_done(state: State) -> bool {
    matches!(
        state,
        State::Reviewed
            | State::Published
            | State::ClosedSolved
            | State::Declined
            | State::Withdrawn
            | State::Merged
            | State::ClosedUnsolved
            | State::Explained
    )
}

/// One page of the list: by due time, or, of cases that nobody has to do
/// anything about, those changed last first.
pub async fn page<C: Connection>(
    connection: &mut C,
    filter: &Filter<'_>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let done = filter.state.is_some_and(is_done);
    let (key, waits, order) = if done {
        ("c.updated_at".to_owned(), "c.queue IS NULL", "DESC")
    } else {
        (
            format!("COALESCE(c.due_at, {NEVER})"),
            "c.queue IS NOT NULL",
            "ASC",
        )
    };
    let mut parameters: Vec<Value> = Vec::new();
    let mut conditions = vec![waits.to_owned()];
    let mut equal = |column: &str, value: Option<&str>| {
        if let Some(value) = value {
            parameters.push(value.into());
            conditions.push(format!("c.{column} = ${}", parameters.len()));
        }
    };
    equal("queue", filter.queue.map(Queue::name));
    equal("department", filter.department);
    equal("state", filter.state.map(State::name));
    if let Some((last, number)) = filter.after {
        parameters.extend([Value::Integer(last), number.into()]);
        let (first, second) = (parameters.len() - 1, parameters.len());
        let beyond = if done { "<" } else { ">" };
        conditions.push(format!("({key}, c.number) {beyond} (${first}, ${second})"));
    }
    let statement = select(
        connection.dialect(),
        &key,
        &format!(
            "WHERE {} ORDER BY {key} {order}, c.number {order} LIMIT {limit}",
            conditions.join(" AND ")
        ),
    );
    read(connection, &statement, parameters).await
}

/// The cases with these numbers, the latest first.
pub async fn named<C: Connection>(
    connection: &mut C,
    numbers: &[String],
) -> Result<Vec<Listed>, Error> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = (1..=numbers.len())
        .map(|index| format!("${index}"))
        .collect();
    let statement = select(
        connection.dialect(),
        "c.received_at",
        &format!(
            "WHERE c.number IN ({}) ORDER BY c.received_at DESC, c.number DESC",
            list.join(", ")
        ),
    );
    read(
        connection,
        &statement,
        numbers
            .iter()
            .map(|number| number.as_str().into())
            .collect(),
    )
    .await
}

fn select(dialect: Dialect, key: &str, rest: &str) -> String {
    let subject = match dialect {
        Dialect::Sqlite => "json_extract(d.data, '$.subject')",
        Dialect::Postgres => "d.data::json ->> 'subject'",
    };
    format!(
        "SELECT c.data, (SELECT {subject} FROM documents d WHERE d.number = c.number AND d.sequence = 1), \
         c.due_at, {key}, c.number FROM cases c {rest}"
    )
}

async fn read<C: Connection>(
    connection: &mut C,
    statement: &str,
    parameters: Vec<Value>,
) -> Result<Vec<Listed>, Error> {
    let rows = connection.query(statement, parameters).await?;
    let mut list = Vec::with_capacity(rows.len());
    for row in &rows {
        list.push(Listed {
            case: cases::read(connection, row.text(4)?, row.text(0)?).await?,
            subject: row.optional_text(1)?.map(str::to_owned),
            due_at: row.optional_integer(2)?,
            key: row.integer(3)?,
        });
    }
    Ok(list)
}

/// How many cases wait in each queue, for one department or for all, counted
/// up to [`COUNT_LIMIT`]: the count of a long queue would cost more than the
/// page itself.
pub async fn counts<C: Connection>(
    connection: &mut C,
    department: Option<&str>,
) -> Result<Vec<(Queue, i64)>, Error> {
    let mut parameters: Vec<Value> = Vec::new();
    let mut columns = Vec::with_capacity(Queue::ALL.len());
    for queue in Queue::ALL {
        parameters.push(queue.name().into());
        let mut condition = format!("queue = ${}", parameters.len());
        if let Some(department) = department {
            parameters.push(department.into());
            condition.push_str(&format!(" AND department = ${}", parameters.len()));
        }
        columns.push(format!(
            "(SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE {condition} LIMIT {COUNT_LIMIT}) counted)"
        ));
    }
    let rows = connection
        .query(&format!("SELECT {}", columns.join(", ")), parameters)
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| Error::Decode("no counts".to_owned()))?;
    Queue::ALL
        .into_iter()
        .enumerate()
        .map(|(index, queue)| Ok((queue, row.integer(index)?)))
        .collect()
}

//! What the desk lists: cases by queue, department and state.

use case::{Case, Queue, State};

use crate::cases;
use crate::{Connection, Dialect, Error, Value};

/// Cases of one queue that are counted; more are "at least so many".
pub const COUNT_LIMIT: i64 = 999;

/// What waits stands in this order: emergencies first, then what is urgent,
/// each by when it is due, and last what is not due at all. One number, written
/// as in the indexes of migration 8, whose order is walked then.
const WAITS: &str = "(CASE c.urgency WHEN 'emergency' THEN 0 WHEN 'urgent' THEN 10000000000000000 \
     ELSE 20000000000000000 END + COALESCE(c.due_at, 9007199254740991))";

/// Which cases to list. Without a state in which nobody has to do anything,
/// the list is of those that wait, emergencies first, then by when they are due.
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
    /// The message as intake keeps it, in JSON; only where it has no subject.
    pub original: Option<String>,
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

/// One page of the list: emergencies first and then by due time, or, of cases
/// that nobody has to do anything about, those changed last first.
pub async fn page<C: Connection>(
    connection: &mut C,
    filter: &Filter<'_>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let done = filter.state.is_some_and(is_done);
    let (key, waits, order) = if done {
        ("c.updated_at", "c.queue IS NULL", "DESC")
    } else {
        (WAITS, "c.queue IS NOT NULL", "ASC")
    };
    let mut parameters: Vec<Value> = Vec::new();
    let mut conditions = vec![waits.to_owned()];
    let mut equal = |column: &str, value: Option<&str>| {
        if let Some(value) = value {
            parameters.push(value.into());
            conditions.push(format!("{column} = ${}", parameters.len()));
        }
    };
    // Without statistics SQLite would walk through everybody's queue to find one department's part of it; the sign
    // keeps it from the index of the queues.
    let queue = match (connection.dialect(), filter.department) {
        (Dialect::Sqlite, Some(_)) => "+c.queue",
        _ => "c.queue",
    };
    equal(queue, filter.queue.map(Queue::name));
    equal("c.department", filter.department);
    equal("c.state", filter.state.map(State::name));
    if let Some((last, number)) = filter.after {
        parameters.extend([Value::Integer(last), number.into()]);
        let (first, second) = (parameters.len() - 1, parameters.len());
        let beyond = if done { "<" } else { ">" };
        // The first condition says nothing new, but SQLite finds its way in an index on an expression by it only.
        conditions.push(format!("{key} {beyond}= ${first}"));
        conditions.push(format!("({key}, c.number) {beyond} (${first}, ${second})"));
    }
    let statement = select(
        connection.dialect(),
        key,
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
        "SELECT c.data, {subject}, c.due_at, {key}, c.number, \
         CASE WHEN TRIM(COALESCE({subject}, '')) = '' THEN d.data END \
         FROM cases c LEFT JOIN documents d ON d.number = c.number AND d.sequence = 1 {rest}"
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
            original: row.optional_text(5)?.map(str::to_owned),
        });
    }
    Ok(list)
}

/// How many cases wait in each queue. For all departments they are counted up
/// to [`COUNT_LIMIT`]: the count of a long queue would cost more than the page
/// beside it.
pub async fn counts<C: Connection>(
    connection: &mut C,
    department: Option<&str>,
) -> Result<Vec<(Queue, i64)>, Error> {
    match department {
        Some(department) => counts_of(connection, department).await,
        None => counts_of_all(connection).await,
    }
}

async fn counts_of<C: Connection>(
    connection: &mut C,
    department: &str,
) -> Result<Vec<(Queue, i64)>, Error> {
    // The sign keeps SQLite from walking through everybody's queues because they are in order.
    let queue = match connection.dialect() {
        Dialect::Sqlite => "+queue",
        Dialect::Postgres => "queue",
    };
    let statement = format!(
        "SELECT queue, COUNT(*) FROM cases WHERE department = $1 AND queue IS NOT NULL GROUP BY {queue}"
    );
    let rows = connection
        .query(&statement, vec![department.into()])
        .await?;
    let mut counts = Queue::ALL.map(|queue| (queue, 0));
    for row in &rows {
        let name = row.text(0)?;
        let counted = counts.iter_mut().find(|(queue, _)| queue.name() == name);
        counted
            .ok_or_else(|| Error::Decode(format!("queue {name}")))?
            .1 = row.integer(1)?.min(COUNT_LIMIT);
    }
    Ok(counts.to_vec())
}

async fn counts_of_all<C: Connection>(connection: &mut C) -> Result<Vec<(Queue, i64)>, Error> {
    let columns: Vec<String> = (1..=Queue::ALL.len())
        .map(|index| {
            format!("(SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE queue = ${index} LIMIT {COUNT_LIMIT}) counted)")
        })
        .collect();
    let parameters = Queue::ALL.iter().map(|queue| queue.name().into()).collect();
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

/// Emergencies in which somebody still has to do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergencies {
    /// How many, counted up to [`COUNT_LIMIT`]; at least one.
    pub count: i64,
    /// The number of the one that became an emergency last.
    pub newest: String,
    /// When it did, in milliseconds since 1970 UTC.
    pub since: i64,
}

/// The emergencies that are open now; none where there is none.
pub async fn emergencies<C: Connection>(connection: &mut C) -> Result<Option<Emergencies>, Error> {
    let open = "FROM cases WHERE emergency_at IS NOT NULL AND queue IS NOT NULL";
    let statement = format!(
        "SELECT (SELECT COUNT(*) FROM (SELECT 1 {open} LIMIT {COUNT_LIMIT}) counted), number, emergency_at \
         {open} ORDER BY emergency_at DESC, number DESC LIMIT 1"
    );
    let rows = connection.query(&statement, Vec::new()).await?;
    rows.first()
        .map(|row| {
            Ok(Emergencies {
                count: row.integer(0)?,
                newest: row.text(1)?.to_owned(),
                since: row.integer(2)?,
            })
        })
        .transpose()
}

/// How many of the cases in each queue are emergencies; queues without any are
/// left out. There are few, so that they are counted out.
pub async fn emergency_counts<C: Connection>(
    connection: &mut C,
    department: Option<&str>,
) -> Result<Vec<(Queue, i64)>, Error> {
    // The sign keeps SQLite from walking through all that waits instead of the emergencies.
    let (queue, led) = match connection.dialect() {
        Dialect::Sqlite => ("+queue", "+department"),
        Dialect::Postgres => ("queue", "department"),
    };
    let (led, parameters) = match department {
        Some(department) => (format!("AND {led} = $1"), vec![department.into()]),
        None => (String::new(), Vec::new()),
    };
    let statement = format!(
        "SELECT queue, COUNT(*) FROM cases WHERE emergency_at IS NOT NULL AND queue IS NOT NULL {led} GROUP BY {queue}"
    );
    let rows = connection.query(&statement, parameters).await?;
    rows.iter()
        .map(|row| {
            let name = row.text(0)?;
            let queue =
                Queue::from_name(name).ok_or_else(|| Error::Decode(format!("queue {name}")))?;
            Ok((queue, row.integer(1)?))
        })
        .collect()
}

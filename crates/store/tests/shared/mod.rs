//! What the suites of the store begin with.
#![allow(dead_code, reason = "each suite takes a part of it")]

use std::path::Path;

use case::event::{CaseKind, Judgement, Urgency};
use case::time::{Offset, Timestamp};
use case::{Actor, Case, Event, EventData};
use serde_json::{Value as Json, json};
use sql::testing::TestServer;
use sql::{Migrations, PostgresDatabase, PostgresOptions, SqliteDatabase, SqliteOptions};
use store::{Change, Connection, Dialect, Error, Row, Value, change, transaction};

/// Every migration of SQLite.
pub const SQLITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");
/// Every migration of PostgreSQL.
pub const POSTGRES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");

/// The migrations in `folder`.
pub async fn migrations(folder: &str) -> Migrations {
    Migrations::from_directory(Path::new(folder)).await.unwrap()
}

/// The database in `file`, made with every migration.
pub async fn sqlite(file: &Path) -> SqliteDatabase {
    migrations(SQLITE).await.run_sqlite(file).await.unwrap();
    SqliteDatabase::open(file, SqliteOptions::default())
        .await
        .unwrap()
}

/// A new database of `server`, made with every migration.
pub async fn postgres(server: &TestServer) -> PostgresDatabase {
    let dsn = server.database().await.unwrap();
    migrations(POSTGRES).await.run_postgres(&dsn).await.unwrap();
    PostgresDatabase::open(&dsn, PostgresOptions::default()).unwrap()
}

/// A handler's word.
pub fn judgement() -> Judgement {
    Judgement {
        handler: "test".into(),
        version: "1.0.0".into(),
        sha256: String::new(),
        input: String::new(),
        confidence: None,
        evidence: json!(null),
    }
}

/// A new case about `subject`, which its only signal says, too.
pub fn received(number: &str, at: i64, subject: &str, urgency: Urgency) -> Change {
    let event = Event {
        sequence: 1,
        at: Timestamp(at),
        actor: Actor::Citizen,
        request: "request1".into(),
        data: EventData::Received {
            channel: "web".into(),
            case_kind: CaseKind::Help,
            language: "zh-CN".into(),
            urgency,
            signals: vec![subject.into()],
            division: None,
            publish: true,
            missing: Vec::new(),
            attachments: 0,
            held: None,
            judgement: judgement(),
        },
    };
    Change {
        case: Case::open(number, &event).unwrap(),
        due_at: None,
        events: vec![event],
        documents: vec![(1, json!({ "subject": subject, "body": null }))],
        next: None,
        done: None,
        buckets: Vec::new(),
        copy: None,
    }
}

/// A later step of the case of `change`, of nothing yet.
pub fn next(mut change: Change) -> Change {
    change.events.clear();
    change.documents.clear();
    Change {
        due_at: None,
        next: None,
        done: None,
        copy: None,
        ..change
    }
}

/// One more event of `change`, and what was written with it.
pub fn add(change: &mut Change, at: i64, data: EventData, document: Option<Json>) {
    let event = Event {
        sequence: change.case.sequence + 1,
        at: Timestamp(at),
        actor: Actor::System {
            stage: "test".into(),
        },
        request: "request2".into(),
        data,
    };
    change.case.apply(&event).unwrap();
    change
        .documents
        .extend(document.map(|document| (event.sequence, document)));
    change.events.push(event);
}

/// Writes `changes`, of which none comes too late.
pub async fn write<C: Connection>(connection: &mut C, changes: &[Change]) {
    transaction::begin(connection).await.unwrap();
    let late = change::write(connection, changes, Offset::CHINA)
        .await
        .unwrap();
    assert!(late.is_empty());
    transaction::commit(connection).await.unwrap();
}

/// Passes statements on and keeps them.
pub struct Recorder<'a, C> {
    pub connection: &'a mut C,
    pub statements: Vec<(String, Vec<Value>)>,
}

impl<C: Connection> Connection for Recorder<'_, C> {
    fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    async fn query(&mut self, statement: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error> {
        self.statements
            .push((statement.to_owned(), parameters.clone()));
        self.connection.query(statement, parameters).await
    }
}

/// With few rows PostgreSQL would rather sort; whether it has to is the question.
pub async fn without_sorting<C: Connection>(connection: &mut C) {
    for setting in ["enable_sort", "enable_seqscan", "enable_bitmapscan"] {
        let statement = format!("SET {setting} = off");
        connection.query(&statement, Vec::new()).await.unwrap();
    }
}

/// Asserts that the database walks along `index` for the statement, and sorts nothing.
pub async fn assert_walks<C: Connection>(
    connection: &mut C,
    index: &str,
    statement: &str,
    parameters: Vec<Value>,
) {
    let (explain, column) = match connection.dialect() {
        Dialect::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        Dialect::Postgres => ("EXPLAIN", 0),
    };
    let rows = connection
        .query(&format!("{explain} {statement}"), parameters)
        .await
        .unwrap();
    let lines: Vec<&str> = rows.iter().map(|row| row.text(column).unwrap()).collect();
    let plan = lines.join("\n");
    assert!(plan.contains(index), "{statement}\n{plan}");
    assert!(
        !plan.contains("B-TREE") && !plan.contains("Sort"),
        "it is sorted: {statement}\n{plan}"
    );
}

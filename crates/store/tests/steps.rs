//! Steps written in one statement leave what steps written one by one leave.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use case::event::{CaseKind, Judgement, Urgency};
use case::time::{Offset, Timestamp};
use case::{Actor, Case, Event, EventData};
use serde_json::json;
use sql::testing::TestServer;
use sql::{Migrations, PostgresDatabase, PostgresOptions, SqliteDatabase, SqliteOptions};
use store::{Change, Connection, DoneJob, Row, change, once, transaction};

const SQLITE: &[(i64, &str, &str)] = &[
    (
        1,
        "platform",
        include_str!("../../../migrations/sqlite/0001_platform.sql"),
    ),
    (
        4,
        "likeness",
        include_str!("../../../migrations/sqlite/0004_likeness.sql"),
    ),
    (
        8,
        "emergencies",
        include_str!("../../../migrations/sqlite/0008_emergencies.sql"),
    ),
    (
        11,
        "steps",
        include_str!("../../../migrations/sqlite/0011_steps.sql"),
    ),
];
const POSTGRES: &[(i64, &str, &str)] = &[
    (
        1,
        "platform",
        include_str!("../../../migrations/postgres/0001_platform.sql"),
    ),
    (
        4,
        "likeness",
        include_str!("../../../migrations/postgres/0004_likeness.sql"),
    ),
    (
        8,
        "emergencies",
        include_str!("../../../migrations/postgres/0008_emergencies.sql"),
    ),
];

async fn sqlite(folder: &tempfile::TempDir, name: &str) -> SqliteDatabase {
    let file = folder.path().join(name);
    Migrations::embedded(SQLITE)
        .run_sqlite(&file)
        .await
        .unwrap();
    SqliteDatabase::open(&file, SqliteOptions::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        sqlite(&folder, "one.db").await,
        sqlite(&folder, "two.db").await,
    );
    let mut one = one.connection().await.unwrap();
    let mut two = two.connection().await.unwrap();
    alike(&mut one, &mut two).await;
    late(&mut one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = TestServer::start().unwrap();
    let mut databases = Vec::new();
    for _ in 0..2 {
        let dsn = server.database().await.unwrap();
        Migrations::embedded(POSTGRES)
            .run_postgres(&dsn)
            .await
            .unwrap();
        databases.push(PostgresDatabase::open(&dsn, PostgresOptions::default()).unwrap());
    }
    let mut one = databases[0].connection().await.unwrap();
    let mut two = databases[1].connection().await.unwrap();
    alike(&mut one, &mut two).await;
    late(&mut one).await;
    // Closing waits for them.
    drop((one, two));
    for database in databases {
        database.close().await;
    }
}

/// A new case with all that a change can have.
fn received(number: &str, text: &str) -> Change {
    let event = Event {
        sequence: 1,
        at: Timestamp(1_764_288_000_000),
        actor: Actor::Citizen,
        request: "request1".into(),
        data: EventData::Received {
            channel: "web".into(),
            case_kind: CaseKind::Help,
            language: "zh-CN".into(),
            urgency: Urgency::Normal,
            signals: vec![text.into()],
            division: None,
            publish: true,
            missing: Vec::new(),
            attachments: 0,
            held: None,
            judgement: Judgement {
                handler: "platform".into(),
                version: "1".into(),
                sha256: String::new(),
                input: String::new(),
                confidence: None,
                evidence: json!(null),
            },
        },
    };
    Change {
        case: Case::open(number, &event).unwrap(),
        due_at: Some(i64::MAX / 2),
        events: vec![event],
        documents: vec![(1, json!({ "subject": text, "body": null }))],
        next: Some("classify"),
        done: None,
        buckets: vec![i64::MIN, -1, 0, i64::MAX],
    }
}

/// What the stage makes of `change`: its job is done, and the next one has to go on.
fn classified(mut change: Change, attempt: i64) -> Change {
    let event = Event {
        sequence: 2,
        at: Timestamp(1_764_288_001_000),
        actor: Actor::System {
            stage: "classify".into(),
        },
        request: "request1".into(),
        data: EventData::Classified {
            category: "road".into(),
            judgement: None,
        },
    };
    change.case.apply(&event).unwrap();
    Change {
        due_at: None,
        events: vec![event],
        documents: Vec::new(),
        next: Some("route"),
        done: Some(DoneJob {
            stage: "classify",
            attempt,
        }),
        ..change
    }
}

/// Every table that a step writes to.
async fn tables<C: Connection>(connection: &mut C) -> Vec<Vec<Row>> {
    let mut tables = Vec::new();
    for (table, order) in [
        ("cases", "number"),
        ("events", "number, sequence"),
        ("documents", "number, sequence"),
        ("jobs", "stage, number"),
        ("tallies", "day, department, measure, shard"),
        ("likeness", "day, bucket, number"),
    ] {
        let statement = format!("SELECT * FROM {table} ORDER BY {order}");
        tables.push(connection.query(&statement, Vec::new()).await.unwrap());
    }
    tables
}

async fn alike<C: Connection>(one: &mut C, two: &mut C) {
    let texts = [
        "路灯不亮",
        "\"] , ['; DROP TABLE cases; --",
        "\u{1f6a8}\u{202e}\u{7}\\u0000",
        "",
    ];
    let new: Vec<Change> = (0..)
        .zip(texts)
        .map(|(index, text)| received(&format!("YZ{index}"), text))
        .collect();
    let again: Vec<Change> = (0..)
        .zip(texts)
        // The last one's attempt was overtaken: its job stays.
        .map(|(index, text)| classified(received(&format!("YZ{index}"), text), index / 3))
        .collect();
    for changes in [new, again] {
        assert!(
            once::commit(one, &changes, Offset::CHINA)
                .await
                .unwrap()
                .is_empty()
        );
        transaction::begin(two).await.unwrap();
        assert!(
            change::write(two, &changes, Offset::CHINA)
                .await
                .unwrap()
                .is_empty()
        );
        transaction::commit(two).await.unwrap();
        assert_eq!(tables(one).await, tables(two).await);
    }
    let stored = tables(one).await;
    assert!(stored.iter().all(|rows| !rows.is_empty()));
    assert_eq!(
        stored[3].len(),
        5,
        "four new jobs and the one that was overtaken"
    );
}

/// Who comes too late writes nothing, and keeps nobody else from writing.
async fn late<C: Connection>(connection: &mut C) {
    let before = tables(connection).await;
    let stale = [classified(received("YZ0", "路灯不亮"), 0)];
    assert_eq!(
        once::commit(connection, &stale, Offset::CHINA)
            .await
            .unwrap(),
        ["YZ0"]
    );
    assert_eq!(tables(connection).await, before);

    let [stale] = stale;
    let mixed = [stale, received("YZ9", "井盖坏了")];
    assert_eq!(
        once::commit(connection, &mixed, Offset::CHINA)
            .await
            .unwrap(),
        ["YZ0"]
    );
    let after = tables(connection).await;
    assert_eq!(after[0].len(), before[0].len() + 1);
    assert_eq!(after[1].len(), before[1].len() + 1);
    assert!(
        once::commit(connection, &[], Offset::CHINA)
            .await
            .unwrap()
            .is_empty()
    );
}

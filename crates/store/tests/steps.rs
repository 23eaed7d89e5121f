//! Steps written in one statement leave what steps written one by one leave.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use case::event::{CaseKind, Judgement, Urgency};
use case::time::{Offset, Timestamp};
use case::{Actor, Case, Event, EventData};
use serde_json::json;
use sql::testing::TestServer;
use sql::{Migrations, PostgresDatabase, PostgresOptions, SqliteDatabase, SqliteOptions};
use store::contacts::Contact;
use store::counters::{Count, Limit};
use store::files::File;
use store::intake::{self, Message, Outcome};
use store::publications::{self, Filter, Publication};
use store::submissions::Submission;
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
    (
        13,
        "receipts",
        include_str!("../../../migrations/sqlite/0013_receipts.sql"),
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
    messages(&mut one).await;
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
    messages(&mut one).await;
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
        copy: None,
    }
}

/// A copy that says `text`.
fn copy(number: &str, text: &str, replaces: bool) -> Publication {
    Publication {
        number: number.into(),
        published_at: 1_764_288_001_000,
        category: Some("road.lamp".into()),
        department: "urban-management".into(),
        division: None,
        kind: "help".into(),
        summary: json!({ "subject": text }),
        data: json!({ "subject": text, "body": null }),
        terms: text::search_terms(&format!("{text} 路灯")),
        replaces,
    }
}

/// What the stage makes of `change`: its job is done, and the next one has to go on.
fn classified(mut change: Change, attempt: i64) -> Change {
    let text = &change.documents[0].1["subject"].to_string();
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
        // Published twice, the second time in the place of the first.
        copy: Some(copy(&change.case.number, text, attempt > 0)),
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
        ("publications", "number"),
        ("submissions", "number"),
        ("counters", "key, window_start"),
        ("contacts", "number"),
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
    assert!(stored[..7].iter().all(|rows| !rows.is_empty()));
    for connection in [one, two] {
        let found = Filter {
            phrases: &[text::search_terms("路灯")],
            ..Filter::default()
        };
        let listed = publications::page(connection, &found, 10).await.unwrap();
        assert_eq!(listed.len(), texts.len());
        // One look at the clock, four ids.
        assert!(listed.windows(2).all(|pair| pair[0].id > pair[1].id));
    }
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

/// A message with the digest `key`.
fn message<'a>(number: &str, key: u8, limits: &'a [Limit], files: &'a [File]) -> Message<'a> {
    Message {
        change: received(number, "'; DROP TABLE cases; --"),
        contact: Contact {
            code: vec![0, 1, 255],
            sealed: Some(vec![0; 40]),
            phone: None,
            email: Some(vec![2; 32]),
        },
        files,
        submission: Submission {
            key: vec![key, 0],
            fingerprint: vec![9, 0],
            number: number.into(),
            response: Some(vec![0, 200]),
            at: 1_764_288_000_000 + i64::from(key),
        },
        since: 1_764_288_000_000,
        limits,
    }
}

/// A message that came before, is one too many or whose number is taken leaves nothing, with files or without.
async fn messages<C: Connection>(connection: &mut C) {
    let file = [File {
        sha256: vec![7; 32],
        media_type: "image/png".into(),
        name: "a.png".into(),
        content: vec![0, 255],
    }];
    let limit = |name: u8, max| Limit {
        count: Count {
            key: vec![name, 0, 255],
            window_start: 1_764_288_000_000,
        },
        max,
        ends: 1_764_288_060_000,
    };
    let limits = [limit(1, 2), limit(2, 9)];
    for (round, files) in [(1, &[][..]), (2, &file[..])] {
        let number = |index: u8| format!("YZ-{round}-{index}");
        let key = |index: u8| 10 * round + index;
        // A window of its own.
        let limits = limits.clone().map(|mut limit| {
            limit.count.window_start += i64::from(round);
            limit
        });
        let taken = message(&number(1), key(1), &limits, files);
        let outcome = intake::receive(connection, &taken, Offset::CHINA).await;
        assert!(matches!(outcome.unwrap(), Outcome::Received));
        let stored = tables(connection).await;

        let again = message(&number(2), key(1), &limits, files);
        match intake::receive(connection, &again, Offset::CHINA).await {
            Ok(Outcome::Repeated(earlier)) => assert_eq!(earlier, taken.submission),
            other => panic!("{other:?}"),
        }
        let same = message(&number(1), key(2), &limits, files);
        let outcome = intake::receive(connection, &same, Offset::CHINA).await;
        assert!(matches!(outcome.unwrap(), Outcome::NumberTaken));
        assert_eq!(tables(connection).await, stored);

        let second = message(&number(2), key(2), &limits, files);
        let outcome = intake::receive(connection, &second, Offset::CHINA).await;
        assert!(matches!(outcome.unwrap(), Outcome::Received));
        let stored = tables(connection).await;
        let third = message(&number(3), key(3), &limits, files);
        match intake::receive(connection, &third, Offset::CHINA).await {
            Ok(Outcome::TooMany(counted)) => assert_eq!(counted, [3, 3]),
            other => panic!("{other:?}"),
        }
        assert_eq!(tables(connection).await, stored);

        // Who was remembered long ago may come again.
        let mut late = message(&number(3), key(1), &[], files);
        late.since = late.submission.at + 1;
        late.submission.at += 2;
        let outcome = intake::receive(connection, &late, Offset::CHINA).await;
        assert!(matches!(outcome.unwrap(), Outcome::Received));
    }
    let counted = tables(connection).await;
    assert_eq!(counted[8].len(), 4, "two counters in two windows");
    assert!(counted[8].iter().all(|row| row.integer(2).unwrap() == 2));
    // One statement leaves what many leave.
    let contacts: Vec<_> = counted[9].iter().map(|Row(values)| &values[1..]).collect();
    assert_eq!(contacts.len(), 6);
    assert!(contacts.iter().all(|contact| *contact == contacts[0]));
}

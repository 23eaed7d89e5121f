//! The order of the queues, on both databases: emergencies first, and no list sorted anew for every page.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use case::event::Urgency;
use case::fold::Emergency;
use case::time::Timestamp;
use case::{EventData, Queue, State};
use shared::{Recorder, add, assert_walks, migrations, next, received, without_sorting, write};
use sql::testing::TestServer;
use sql::{Migrations, PostgresDatabase, PostgresOptions, SqliteDatabase, SqliteOptions};
use store::desk::{self, Emergencies, Filter};
use store::{Change, Connection, Value};

/// Cases that wait; each third is urgent, each fifth an emergency.
const CASES: i64 = 60;

const WATER: &str = "water";

#[tokio::test]
async fn on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("test.db");
    let platform = include_str!("../../../migrations/sqlite/0001_platform.sql");
    let likeness = include_str!("../../../migrations/sqlite/0004_likeness.sql");
    Migrations::embedded(&[(1, "platform", platform), (4, "likeness", likeness)])
        .run_sqlite(&file)
        .await
        .unwrap();
    let database = SqliteDatabase::open(&file, SqliteOptions::default())
        .await
        .unwrap();
    let connection = &mut database.connection().await.unwrap();
    old_emergency(connection).await;
    let all = migrations(shared::SQLITE).await;
    all.run_sqlite(&file).await.unwrap();
    everything(connection).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = TestServer::start().unwrap();
    let dsn = server.database().await.unwrap();
    let platform = include_str!("../../../migrations/postgres/0001_platform.sql");
    let likeness = include_str!("../../../migrations/postgres/0004_likeness.sql");
    Migrations::embedded(&[(1, "platform", platform), (4, "likeness", likeness)])
        .run_postgres(&dsn)
        .await
        .unwrap();
    let database = PostgresDatabase::open(&dsn, PostgresOptions::default()).unwrap();
    let mut connection = database.connection().await.unwrap();
    old_emergency(&mut connection).await;
    let all = migrations(shared::POSTGRES).await;
    all.run_postgres(&dsn).await.unwrap();
    without_sorting(&mut connection).await;
    everything(&mut connection).await;
    drop(connection);
    database.close().await;
}

/// A row from before migration 8.
async fn old_emergency<C: Connection>(connection: &mut C) {
    let case = waiting(0, Urgency::Emergency, None);
    let statement = "INSERT INTO cases (number, sequence, previous, state, queue, kind, urgency, channel, received_at, \
         updated_at, data) VALUES ($1, 1, 0, 'received', 'classification', 'help', 'emergency', 'web', 500, 500, $2)";
    let data = serde_json::to_string(&case.case).unwrap();
    let parameters = vec!["YZ-old".into(), data.into()];
    connection.query(statement, parameters).await.unwrap();
}

async fn everything<C: Connection>(connection: &mut C) {
    let open = desk::emergencies(connection).await.unwrap();
    let old = |count, newest: &str, since| {
        let newest = newest.to_owned();
        Some(Emergencies {
            count,
            newest,
            since,
        })
    };
    assert_eq!(
        open,
        old(1, "YZ-old", 500),
        "the migration knows it by its urgency"
    );
    let gone = "DELETE FROM cases WHERE number = $1";
    connection.query(gone, vec!["YZ-old".into()]).await.unwrap();
    assert_eq!(desk::emergencies(connection).await.unwrap(), None);

    let changes: Vec<Change> = (0..CASES).map(example).collect();
    write(connection, &changes).await;
    order(connection).await;
    plans(connection).await;
    newest(connection).await;
}

/// The case `index`: what is due first is no emergency, and some are not due at all.
fn example(index: i64) -> Change {
    let urgency = match index {
        _ if index % 5 == 0 => Urgency::Emergency,
        _ if index % 3 == 0 => Urgency::Urgent,
        _ => Urgency::Normal,
    };
    let due_at = (index % 4 != 1).then_some(1_700_000_000_000 + (index * 37) % CASES);
    let mut change = waiting(index, urgency, due_at);
    if index % 2 == 0 {
        change.case.state = State::Assigned;
        change.case.department = Some(if index % 8 == 0 { WATER } else { "police" }.into());
    }
    change
}

fn waiting(index: i64, urgency: Urgency, due_at: Option<i64>) -> Change {
    let number = format!("YZ{index:02}");
    Change {
        due_at,
        ..received(&number, 1_000 + index, "路灯", urgency)
    }
}

/// Every list that somebody may ask for, read page by page.
fn lists() -> [Filter<'static>; 5] {
    let all = Filter::default();
    [
        all,
        Filter {
            queue: Some(Queue::Answer),
            ..all
        },
        Filter {
            department: Some(WATER),
            ..all
        },
        Filter {
            queue: Some(Queue::Answer),
            department: Some("police"),
            ..all
        },
        Filter {
            state: Some(State::Received),
            ..all
        },
    ]
}

async fn order<C: Connection>(connection: &mut C) {
    for list in lists() {
        let mut seen: Vec<(u8, i64, String)> = Vec::new();
        let mut after: Option<(i64, String)> = None;
        loop {
            let filter = Filter {
                after: after.as_ref().map(|(key, number)| (*key, number.as_str())),
                ..list
            };
            let page = desk::page(connection, &filter, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.key, last.case.number.clone()));
            for listed in page {
                let rank = match listed.case.urgency {
                    Urgency::Emergency => 0,
                    Urgency::Urgent => 1,
                    Urgency::Normal => 2,
                };
                let due = listed.due_at.unwrap_or(i64::MAX);
                seen.push((rank, due, listed.case.number));
            }
        }
        assert!(seen.is_sorted(), "{list:?}: {seen:?}");
        let expected = (0..CASES)
            .map(example)
            .filter(|change| {
                let case = &change.case;
                list.queue.is_none_or(|queue| case.queue() == Some(queue))
                    && list.state.is_none_or(|state| case.state == state)
                    && list
                        .department
                        .is_none_or(|department| case.department.as_deref() == Some(department))
            })
            .count();
        assert_eq!(seen.len(), expected, "{list:?}");
        assert_eq!(seen[0].0, 0, "{list:?}");
    }
    let counted = desk::emergency_counts(connection, None).await.unwrap();
    let total: i64 = counted.iter().map(|(_, count)| count).sum();
    assert_eq!(total, CASES / 5);
    let counted = desk::emergency_counts(connection, Some(WATER))
        .await
        .unwrap();
    assert_eq!(counted, [(Queue::Answer, 2)], "0 and 40");
}

/// What the database does for a statement: lists are walked along an index, from the first page to the last.
async fn plans<C: Connection>(connection: &mut C) {
    let index = |list: &Filter<'_>| match (list.department, list.queue) {
        (Some(_), _) => "cases_department",
        (None, Some(_)) => "cases_queue",
        (None, None) => "cases_waiting",
    };
    let mut asked: Vec<(&str, String, Vec<Value>)> = Vec::new();
    let mut recorder = Recorder {
        connection,
        statements: Vec::new(),
    };
    for list in lists() {
        for after in [None, Some((10_001_700_000_000_000, "YZ07"))] {
            desk::page(&mut recorder, &Filter { after, ..list }, 7)
                .await
                .unwrap();
            let (statement, parameters) = recorder.statements.pop().unwrap();
            asked.push((index(&list), statement, parameters));
            recorder.statements.clear();
        }
    }
    desk::emergencies(&mut recorder).await.unwrap();
    let (statement, parameters) = recorder.statements.pop().unwrap();
    asked.push(("cases_emergency", statement, parameters));
    for (index, statement, parameters) in asked {
        assert_walks(connection, index, &statement, parameters).await;
    }
    desk::emergency_counts(connection, None).await.unwrap();
}

/// The newest is the one that became an emergency last, whenever it came in; who is done is none.
async fn newest<C: Connection>(connection: &mut C) {
    let open = desk::emergencies(connection).await.unwrap().unwrap();
    assert_eq!((open.count, open.newest.as_str()), (CASES / 5, "YZ55"));
    assert_eq!(open.since, 1_055);
    let mut declared = next(example(1));
    add(&mut declared, 9_000, EventData::EmergencyDeclared, None);
    let mut withdrawn = next(example(5));
    add(&mut withdrawn, 9_001, EventData::Withdrawn, None);
    let mut urgent = next(example(3));
    add(&mut urgent, 9_002, EventData::EmergencyDeclared, None);
    assert_eq!(
        urgent.case.emergency,
        Some(Emergency {
            since: Timestamp(9_002),
            before: Urgency::Urgent
        })
    );
    write(connection, &[declared, withdrawn, urgent]).await;
    let open = desk::emergencies(connection).await.unwrap().unwrap();
    let found = (open.count, open.newest.as_str(), open.since);
    assert_eq!(found, (CASES / 5 + 1, "YZ03", 9_002));
    let mut ended = next(example(3));
    add(&mut ended, 9_002, EventData::EmergencyDeclared, None);
    let mut ended = next(ended);
    add(&mut ended, 9_003, EventData::EmergencyEnded, None);
    assert_eq!(ended.case.urgency, Urgency::Urgent, "as it was before");
    write(connection, &[ended]).await;
    let open = desk::emergencies(connection).await.unwrap().unwrap();
    assert_eq!((open.count, open.newest.as_str()), (CASES / 5, "YZ01"));
}

//! Steps written in one statement leave what steps written one by one leave.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use case::EventData;
use case::event::Urgency;
use case::time::Offset;
use serde_json::json;
use shared::{add, judgement, next, write};
use sql::testing::TestServer;
use store::contacts::Contact;
use store::counters::{Count, Limit};
use store::files::File;
use store::intake::{self, Message, Outcome};
use store::publications::{self, Filter, Publication};
use store::submissions::Submission;
use store::{Change, Connection, DoneJob, Row, once};

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let one = shared::sqlite(&folder.path().join("one.db")).await;
    let two = shared::sqlite(&folder.path().join("two.db")).await;
    let mut one = one.connection().await.unwrap();
    let mut two = two.connection().await.unwrap();
    alike(&mut one, &mut two).await;
    late(&mut one).await;
    messages(&mut one).await;
    narrower(&mut one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = TestServer::start().unwrap();
    let databases = [
        shared::postgres(&server).await,
        shared::postgres(&server).await,
    ];
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

const RECEIVED: i64 = 1_764_288_000_000;
const PUBLISHED: i64 = RECEIVED + 2_000;
const DAY: i64 = 86_400_000;

/// A new case with all that a change can have.
fn received(number: &str, text: &str) -> Change {
    Change {
        due_at: Some(i64::MAX / 2),
        next: Some("classify"),
        buckets: vec![i64::MIN, -1, 0, i64::MAX],
        ..shared::received(number, RECEIVED, text, Urgency::Normal)
    }
}

/// A copy that says `text`.
fn copy(number: &str, text: &str, replaces: bool) -> Publication {
    Publication {
        number: number.into(),
        published_at: RECEIVED + 1_000,
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
fn classified(change: Change, attempt: i64) -> Change {
    let text = change.documents[0].1["subject"].to_string();
    let mut change = next(change);
    let data = EventData::Classified {
        category: "road".into(),
        judgement: None,
    };
    add(&mut change, RECEIVED + 1_000, data, None);
    Change {
        next: Some("route"),
        done: Some(DoneJob {
            stage: "classify",
            attempt,
        }),
        // Published twice, the second time in the place of the first.
        copy: Some(Box::new(copy(&change.case.number, &text, attempt > 0))),
        ..change
    }
}

/// The answer to the case of `change` is out, and its department has something to do `after_days` later.
fn published(change: Change, after_days: u16) -> Change {
    let mut change = next(change);
    let planned = EventData::FollowUpPlanned {
        after_days,
        judgement: judgement(),
    };
    let published = EventData::Published {
        public: false,
        judgement: judgement(),
    };
    add(
        &mut change,
        PUBLISHED,
        planned,
        Some(json!({ "text": "回访" })),
    );
    add(&mut change, PUBLISHED, published, None);
    change
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
    let each = |change: &dyn Fn(i64, Change) -> Change| -> Vec<Change> {
        (0..)
            .zip(texts)
            .map(|(index, text)| change(index, received(&format!("YZ{index}"), text)))
            .collect()
    };
    let new = each(&|_, new| new);
    // The last one's attempt was overtaken: its job stays.
    let again = each(&|index, new| classified(new, index / 3));
    let out = each(&|days, new| published(classified(new, 0), days as u16));
    for changes in [new, again, out] {
        assert!(
            once::commit(one, &changes, Offset::CHINA)
                .await
                .unwrap()
                .is_empty()
        );
        write(two, &changes).await;
        assert_eq!(tables(one).await, tables(two).await);
    }
    let stored = tables(one).await;
    assert!(stored[..7].iter().all(|rows| !rows.is_empty()));
    for connection in [&mut *one, &mut *two] {
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
    assert_eq!(
        follow_ups(one).await,
        [0, 1, 2, 3].map(|days| Some(PUBLISHED + days * DAY))
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
            at: RECEIVED + i64::from(key),
        },
        since: RECEIVED,
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
            window_start: RECEIVED,
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

async fn follow_ups<C: Connection>(connection: &mut C) -> Vec<Option<i64>> {
    let statement = "SELECT follow_up_at FROM cases WHERE number < 'YZ9' ORDER BY number";
    let rows = connection.query(statement, Vec::new()).await.unwrap();
    rows.iter()
        .map(|row| row.optional_integer(0).unwrap())
        .collect()
}

/// A component from before migration 13, whose rows end earlier, still writes what it knows.
async fn narrower<C: Connection>(connection: &mut C) {
    let columns = "state, queue, kind, urgency, channel, division, category, department, received_at, updated_at, \
                   due_at, emergency_at, data";
    let known = format!("SELECT {columns} FROM cases WHERE number = 'YZ0'");
    let before = connection.query(&known, Vec::new()).await.unwrap();
    let step = format!(
        "INSERT INTO steps (cases) SELECT json_array(json_array(number, sequence + 1, sequence, {columns})) \
         FROM cases WHERE number = 'YZ0'"
    );
    connection.query(&step, Vec::new()).await.unwrap();
    let after = connection.query(&known, Vec::new()).await.unwrap();
    assert_eq!(after, before);
    assert_eq!(follow_ups(connection).await[0], None);
}

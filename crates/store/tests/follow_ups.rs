//! The list of what is to be done after answers, on both databases.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use case::EventData;
use case::event::Urgency;
use serde_json::json;
use shared::{Recorder, add, assert_walks, judgement, received, without_sorting, write};
use sql::testing::TestServer;
use store::follow_ups::{self, Filter};
use store::{Change, Connection};

const WATER: &str = "water";
const POLICE: &str = "police";
const PUBLISHED: i64 = 3_000;
const DAY: i64 = 86_400_000;

#[tokio::test]
async fn on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let database = shared::sqlite(&directory.path().join("test.db")).await;
    list(&mut database.connection().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = TestServer::start().unwrap();
    let database = shared::postgres(&server).await;
    let mut connection = database.connection().await.unwrap();
    without_sorting(&mut connection).await;
    list(&mut connection).await;
    drop(connection);
    database.close().await;
}

/// The case `index`, whose follow-up is due the earlier the greater that is. Of two departments each has every second.
fn example(index: u16) -> Change {
    let mut change = received(&format!("YZ{index}"), 1_000, "路灯", Urgency::Normal);
    change.case.department = Some(
        if index.is_multiple_of(2) {
            WATER
        } else {
            POLICE
        }
        .into(),
    );
    let plan = |change: &mut Change, at| {
        let planned = EventData::FollowUpPlanned {
            after_days: 10 - index,
            judgement: judgement(),
        };
        add(change, at, planned, Some(json!({ "text": "回访" })));
    };
    add(&mut change, 2_000, EventData::Approved, None);
    // The reviewer of one was faster than the stage that plans.
    let late = index == 3;
    if !late {
        plan(&mut change, 2_000);
    }
    // The answer of one is not out yet.
    if index > 0 {
        let published = EventData::Published {
            public: false,
            judgement: judgement(),
        };
        add(&mut change, PUBLISHED, published, None);
    }
    if late {
        plan(&mut change, 5_000);
    }
    // One is done.
    if index == 6 {
        let outcome = json!({ "text": "已办" });
        add(&mut change, 4_000, EventData::FollowedUp, Some(outcome));
    }
    change
}

/// By when it is due, page by page, of all and of one department; nothing is sorted for it.
async fn list<C: Connection>(connection: &mut C) {
    let changes: Vec<Change> = (0..7).map(example).collect();
    write(connection, &changes).await;

    let mut asked = Vec::new();
    let mut recorder = Recorder {
        connection,
        statements: Vec::new(),
    };
    for (department, expected) in [
        (None, vec!["YZ5", "YZ4", "YZ3", "YZ2", "YZ1"]),
        (Some(WATER), vec!["YZ4", "YZ2"]),
        (Some(POLICE), vec!["YZ5", "YZ3", "YZ1"]),
    ] {
        let mut seen: Vec<String> = Vec::new();
        let mut after: Option<(i64, String)> = None;
        loop {
            let filter = Filter {
                department,
                after: after.as_ref().map(|(due, number)| (*due, number.as_str())),
            };
            let page = follow_ups::page(&mut recorder, &filter, 2).await.unwrap();
            asked.push((department, recorder.statements.remove(0)));
            let Some(last) = page.last() else { break };
            after = Some((last.due_at, last.case.number.clone()));
            for due in page {
                assert_eq!(due.task, "回访");
                assert_eq!(due.subject.as_deref(), Some("路灯"));
                let index: i64 = due.case.number[2..].parse().unwrap();
                assert_eq!(due.due_at, PUBLISHED + (10 - index) * DAY);
                seen.push(due.case.number);
            }
        }
        assert_eq!(seen, expected, "{department:?}");
    }
    for (department, (statement, parameters)) in asked {
        let index = department.map_or("cases_follow_up", |_| "cases_department_follow_up");
        assert_walks(connection, index, &statement, parameters).await;
    }
}

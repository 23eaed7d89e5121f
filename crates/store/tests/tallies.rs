//! The sums of the statistics on both databases.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use sql::testing::TestServer;
use std::collections::BTreeMap;
use store::tally::{self, Sum, measure};
use store::{Connection, Dialect};

#[tokio::test]
async fn on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let database = shared::sqlite(&directory.path().join("test.db")).await;
    sums(&mut database.connection().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let server = TestServer::start().unwrap();
    let database = shared::postgres(&server).await;
    sums(&mut database.connection().await.unwrap()).await;
    database.close().await;
}

/// The sums of a stretch of days, of all and of one department; for one, its rows are found by an index.
async fn sums<C: Connection>(connection: &mut C) {
    let mut counted = BTreeMap::new();
    for day in [20_260_901, 20_260_902, 20_260_903] {
        for department in ["", "police", "water"] {
            for shard in 0..3 {
                let key = (day, department.to_owned(), measure::DISPATCHED, shard);
                counted.insert(key, day % 10);
            }
        }
    }
    counted.insert((20_260_902, "water".to_owned(), measure::RETURNED, 4), 7);
    tally::add(connection, tally::rows(&counted)).await.unwrap();
    // What was there is added to.
    let more = BTreeMap::from([((20_260_902, "water".to_owned(), measure::RETURNED, 4), 1)]);
    tally::add(connection, tally::rows(&more)).await.unwrap();

    let sum = |department: &str, measure: &str, count| Sum {
        department: department.to_owned(),
        measure: measure.to_owned(),
        count,
    };
    let (from, to) = (20_260_902, 20_260_903);
    let all = tally::sums(connection, from, to, None).await.unwrap();
    let water = [
        sum("water", measure::DISPATCHED, 15),
        sum("water", measure::RETURNED, 8),
    ];
    let others = [
        sum("", measure::DISPATCHED, 15),
        sum("police", measure::DISPATCHED, 15),
    ];
    assert_eq!(all, [&others[..], &water].concat());
    let one = tally::sums(connection, from, to, Some("water")).await;
    assert_eq!(one.unwrap(), water);
    let day = tally::sums(connection, from, from, Some("police")).await;
    assert_eq!(day.unwrap(), [sum("police", measure::DISPATCHED, 6)]);
    let none = tally::sums(connection, from, to, Some("nobody")).await;
    assert!(none.unwrap().is_empty());

    // PostgreSQL reads a table of two pages as a whole, whatever indexes there are.
    if connection.dialect() == Dialect::Sqlite {
        let plan = connection
            .query(
                "EXPLAIN QUERY PLAN SELECT SUM(count) FROM tallies \
                 WHERE day >= 1 AND day <= 2 AND department = 'water' GROUP BY department, measure",
                Vec::new(),
            )
            .await
            .unwrap();
        let plan = plan[0].text(3).unwrap().to_owned();
        assert!(plan.contains("tallies_department_day"), "{plan}");
    }
}

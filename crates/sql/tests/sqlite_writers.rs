//! SQLite: the queue of writers, group commit, checkpoints.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::{number, open, run};
use sql::{Durability, SqlError, SqliteDatabase, SqliteOptions};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_take_turns() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        "INSERT INTO item (id, amount) VALUES (1, 0)",
    )
    .await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let mut connection = database.connection().await.unwrap();
                    run(&mut connection, "BEGIN IMMEDIATE").await;
                    let amount =
                        number(&mut connection, "SELECT amount FROM item WHERE id = 1").await;
                    tokio::task::yield_now().await;
                    let sql = "UPDATE item SET amount = $1 WHERE id = 1";
                    connection
                        .execute(sql, vec![(amount + 1).into()])
                        .await
                        .unwrap();
                    run(&mut connection, "COMMIT").await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(
        number(&mut connection, "SELECT amount FROM item WHERE id = 1").await,
        640
    );
}

#[tokio::test]
async fn turns_come_in_the_order_of_asking() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut holder = database.connection().await.unwrap();
    run(&mut holder, "BEGIN IMMEDIATE").await;
    let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
    let mut connections = Vec::new();
    for _ in 0..20 {
        connections.push(database.connection().await.unwrap());
    }
    for (number, mut connection) in connections.into_iter().enumerate() {
        let sender = sender.clone();
        tokio::spawn(async move {
            run(&mut connection, "BEGIN IMMEDIATE").await;
            sender.send(number).unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
            run(&mut connection, "COMMIT").await;
        });
        // The runtime has one thread: the task has asked when it comes back.
        tokio::task::yield_now().await;
    }
    run(&mut holder, "COMMIT").await;
    for number in 0..20 {
        assert_eq!(order.recv().await.unwrap(), number);
    }
}

#[tokio::test]
async fn dropping_rolls_back_and_frees_the_turn() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "BEGIN").await;
    // A deferred transaction takes the turn at its first write.
    run(&mut connection, "INSERT INTO item (name) VALUES ('lost')").await;
    let waiting = {
        let database = database.clone();
        tokio::spawn(async move {
            let mut connection = database.connection().await.unwrap();
            run(&mut connection, "INSERT INTO item (name) VALUES ('kept')").await;
        })
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    drop(connection);
    waiting.await.unwrap();
    let mut connection = database.connection().await.unwrap();
    let result = run(&mut connection, "SELECT name FROM item").await;
    assert_eq!(result.rows.len(), 1);
    assert_eq!(result.rows[0].text(0).unwrap(), "kept");
}

#[tokio::test]
async fn a_failed_statement_in_autocommit_frees_the_turn() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "INSERT INTO item (id) VALUES (1)").await;
    connection
        .execute("INSERT INTO item (id) VALUES (1)", vec![])
        .await
        .unwrap_err();
    let mut other = database.connection().await.unwrap();
    run(&mut other, "INSERT INTO item (id) VALUES (2)").await;
}

#[tokio::test]
async fn waiting_for_a_turn_ends() {
    let options = SqliteOptions {
        busy_timeout: Duration::from_millis(100),
        ..SqliteOptions::default()
    };
    let (_directory, database) = open(options).await;
    let (mut one, mut other) = (
        database.connection().await.unwrap(),
        database.connection().await.unwrap(),
    );
    run(&mut one, "BEGIN IMMEDIATE").await;
    let error = other.execute("DELETE FROM item", vec![]).await.unwrap_err();
    assert!(
        matches!(
            error,
            SqlError::Busy {
                snapshot: false,
                ..
            }
        ),
        "{error:?}"
    );
    run(&mut one, "ROLLBACK").await;
    run(&mut other, "DELETE FROM item").await;
}

#[tokio::test]
async fn a_transaction_that_read_an_old_state_conflicts() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let (mut one, mut other) = (
        database.connection().await.unwrap(),
        database.connection().await.unwrap(),
    );
    run(&mut one, "BEGIN").await;
    run(&mut one, "SELECT * FROM item").await;
    run(&mut other, "INSERT INTO item (id) VALUES (1)").await;
    let began = Instant::now();
    let error = one
        .execute("INSERT INTO item (id) VALUES (2)", vec![])
        .await
        .unwrap_err();
    assert!(
        matches!(error, SqlError::Busy { snapshot: true, .. }),
        "{error:?}"
    );
    // It has no lock, so it keeps nobody waiting.
    run(&mut other, "INSERT INTO item (id) VALUES (3)").await;
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "waiting cannot help"
    );
    assert!(matches!(
        store::Error::from(error),
        store::Error::Conflict(_)
    ));
}

/// Another database object stands for another process: it has a queue of its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_queues_on_one_file_work_through_the_busy_timeout() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let foreign = SqliteDatabase::open(database.path(), SqliteOptions::default())
        .await
        .unwrap();
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        "INSERT INTO item (id, amount) VALUES (1, 0)",
    )
    .await;
    let tasks: Vec<_> = [database.clone(), foreign]
        .into_iter()
        .map(|database| {
            tokio::spawn(async move {
                let mut connection = database.connection().await.unwrap();
                for _ in 0..50 {
                    run(&mut connection, "BEGIN IMMEDIATE").await;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    run(&mut connection, "UPDATE item SET amount = amount + 1").await;
                    run(&mut connection, "COMMIT").await;
                    // Leaves the other one a moment in which the lock is free.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(
        number(&mut connection, "SELECT amount FROM item").await,
        100
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_wait_for_a_shared_sync() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    let before = database.syncs();
    for name in ["a", "b", "c"] {
        connection
            .execute("INSERT INTO item (name) VALUES ($1)", vec![name.into()])
            .await
            .unwrap();
    }
    // One after another: nobody to share with.
    assert_eq!(database.syncs() - before, 3);

    let before = database.syncs();
    run(&mut connection, "BEGIN").await;
    run(&mut connection, "SELECT * FROM item").await;
    run(&mut connection, "COMMIT").await;
    run(&mut connection, "DELETE FROM item WHERE id < 0").await;
    assert_eq!(
        database.syncs() - before,
        0,
        "what writes nothing waits for nothing"
    );

    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut connection = database.connection().await.unwrap();
                for count in 0..10 {
                    let before = database.syncs();
                    let name = format!("{task}-{count}");
                    connection
                        .execute("INSERT INTO item (name) VALUES ($1)", vec![name.into()])
                        .await
                        .unwrap();
                    assert!(database.syncs() > before);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let shared = database.syncs() - before;
    assert!(
        (10..640).contains(&shared),
        "640 commits with {shared} syncs"
    );
}

#[tokio::test]
async fn without_group_commit_nothing_waits() {
    for durability in [Durability::Full, Durability::Off] {
        let (_directory, database) = open(SqliteOptions {
            durability,
            ..SqliteOptions::default()
        })
        .await;
        let mut connection = database.connection().await.unwrap();
        run(&mut connection, "BEGIN IMMEDIATE").await;
        run(&mut connection, "INSERT INTO item (id) VALUES (1)").await;
        run(&mut connection, "COMMIT").await;
        let wanted = if durability == Durability::Full { 2 } else { 1 };
        assert_eq!(number(&mut connection, "PRAGMA synchronous").await, wanted);
        assert_eq!(database.syncs(), 0);
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_synced_stops_all_commits() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "INSERT INTO item (id) VALUES (1)").await;
    let mut log = database.path().as_os_str().to_owned();
    log.push("-wal");
    std::fs::remove_file(&log).unwrap();
    for _ in 0..2 {
        let error = connection
            .execute("INSERT INTO item (id) VALUES (NULL)", vec![])
            .await
            .unwrap_err();
        assert!(matches!(error, SqlError::Storage(_)), "{error:?}");
    }
    assert!(matches!(
        database.connection().await,
        Err(SqlError::Storage(_))
    ));
    assert!(database.check().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_small_under_load() {
    let options = SqliteOptions {
        checkpoint_pages: 256,
        durability: Durability::Off,
        ..SqliteOptions::default()
    };
    let (_directory, database) = open(options).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                for _ in 0..300 {
                    let mut connection = database.connection().await.unwrap();
                    let sql = "INSERT INTO item (name, amount) VALUES (hex(randomblob(4000)), 1)";
                    run(&mut connection, sql).await;
                    number(&mut connection, "SELECT count(*) FROM item").await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    // 2,400 rows write some 15,000 pages, 60 MiB, through a log of 1 MiB.
    let mut log = database.path().as_os_str().to_owned();
    log.push("-wal");
    let size = std::fs::metadata(log).unwrap().len();
    assert!(size < 16 << 20, "the log has {size} bytes");
    let mut connection = database.connection().await.unwrap();
    assert_eq!(
        number(&mut connection, "SELECT count(*) FROM item").await,
        2400
    );
}

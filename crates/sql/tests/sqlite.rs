//! SQLite: results, refusals, the queue of writers, group commit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use sql::{ConstraintKind, Durability, SqlError, SqliteConnection, SqliteDatabase, SqliteOptions, Value};
use tempfile::TempDir;

async fn open(options: SqliteOptions) -> (TempDir, SqliteDatabase) {
    let directory = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(directory.path().join("test.db"), options).await.unwrap();
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, amount BIGINT)").await;
    (directory, database)
}

async fn run(connection: &mut SqliteConnection, sql: &str) -> sql::QueryResult {
    connection.execute(sql, vec![]).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn number(connection: &mut SqliteConnection, sql: &str) -> i64 {
    run(connection, sql).await.rows[0].integer(0).unwrap()
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    let values =
        vec![Value::Integer(-7), Value::Real(1.5), Value::Text("问政".into()), Value::Blob(vec![0, 255]), Value::Null];
    let result = connection.execute("SELECT $1 AS a, $2, ?3, $4, $5 AS e", values.clone()).await.unwrap();
    assert_eq!(result.rows[0].0, values);
    assert_eq!((result.columns[0].as_str(), result.columns[4].as_str()), ("a", "e"));

    let empty = run(&mut connection, "SELECT id, name FROM item").await;
    assert_eq!(empty.columns, ["id", "name"]);
    assert!(empty.rows.is_empty());

    let sql = "INSERT INTO item (name, amount) VALUES ($1, $2) RETURNING id";
    let result = connection.execute(sql, vec!["a".into(), 1.into()]).await.unwrap();
    assert_eq!(result.rows[0].integer(0).unwrap(), connection.last_insert_rowid());
    run(&mut connection, "UPDATE item SET amount = 2").await;
    assert_eq!(connection.changes(), 1);

    let error = connection.execute(sql, vec!["b".into()]).await.unwrap_err();
    assert!(matches!(error, SqlError::Statement { .. }), "{error:?}");
    let error = connection.execute("SELECT CAST(x'ff' AS TEXT)", vec![]).await.unwrap_err();
    assert!(matches!(error, SqlError::NotUtf8 { column: 0 }), "{error:?}");
    let error = connection.execute("SELECT zeroblob(70000000), zeroblob(70000000)", vec![]).await.unwrap_err();
    assert!(matches!(error, SqlError::TooLarge), "{error:?}");
}

#[tokio::test]
async fn a_wider_table_is_seen_by_cached_statements() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let (mut one, mut other) = (database.connection().await.unwrap(), database.connection().await.unwrap());
    run(&mut one, "INSERT INTO item (id) VALUES (1)").await;
    assert_eq!(run(&mut one, "SELECT * FROM item").await.rows[0].0.len(), 3);
    run(&mut other, "ALTER TABLE item ADD COLUMN more TEXT DEFAULT 'x'").await;
    let result = run(&mut one, "SELECT * FROM item").await;
    assert_eq!((result.columns.len(), result.rows[0].0.len()), (4, 4));
}

#[tokio::test]
async fn constraints_are_told_apart() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "CREATE TABLE part (item BIGINT NOT NULL REFERENCES item (id), n BIGINT CHECK (n > 0))").await;
    run(&mut connection, "INSERT INTO item (id, name) VALUES (1, 'a')").await;
    for (sql, wanted) in [
        ("INSERT INTO item (name) VALUES ('a')", ConstraintKind::Unique),
        ("INSERT INTO item (id) VALUES (1)", ConstraintKind::Unique),
        ("INSERT INTO part VALUES (2, 1)", ConstraintKind::ForeignKey),
        ("INSERT INTO part VALUES (NULL, 1)", ConstraintKind::NotNull),
        ("INSERT INTO part VALUES (1, 0)", ConstraintKind::Check),
    ] {
        match connection.execute(sql, vec![]).await {
            Err(SqlError::Constraint { kind, .. }) => assert_eq!(kind, wanted, "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
    let error = store::Connection::query(&mut connection, "INSERT INTO item (id) VALUES (1)", vec![]).await;
    assert!(matches!(error, Err(store::Error::Conflict(_))), "{error:?}");
}

#[tokio::test]
async fn only_one_harmless_statement_in_a_call() {
    let (directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, " SELECT 1; -- and that is all\n /* really */ ; ").await;
    run(&mut connection, "PRAGMA journal_mode=WAL").await;
    run(&mut connection, "PRAGMA foreign_keys = ON").await;
    run(&mut connection, "PRAGMA table_info(item)").await;
    let outside = directory.path().join("other.db").display().to_string();
    for sql in [
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT 1; nonsense".to_owned(),
        String::new(),
        "-- nothing".to_owned(),
        format!("ATTACH '{outside}' AS other"),
        format!("VACUUM INTO '{outside}'"),
        "DETACH main".to_owned(),
        "PRAGMA journal_mode=DELETE".to_owned(),
        "PRAGMA journal_mode=OFF".to_owned(),
        "PRAGMA synchronous=OFF".to_owned(),
        "PRAGMA writable_schema=ON".to_owned(),
        "PRAGMA foreign_keys=OFF".to_owned(),
        "PRAGMA schema_version=7".to_owned(),
        "PRAGMA busy_timeout=60000".to_owned(),
        "PRAGMA wal_autocheckpoint=1".to_owned(),
        "SELECT load_extension('x')".to_owned(),
    ] {
        let outcome = connection.execute(&sql, vec![]).await;
        // An authorizer that refuses a statement inside VACUUM makes it fail with a plain error.
        let refused = match &outcome {
            Err(SqlError::Refused(_)) => true,
            Err(SqlError::Statement { message, .. }) => message.contains("not authorized"),
            _ => false,
        };
        assert!(refused, "{sql}: {outcome:?}");
    }
    assert!(!std::path::Path::new(&outside).exists());
    let error = connection.execute("UPDATE sqlite_schema SET sql = ''", vec![]).await.unwrap_err();
    assert!(matches!(error, SqlError::Statement { .. }), "{error:?}");
}

#[tokio::test]
async fn temporary_tables_do_not_outlive_their_user() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "CREATE TEMP TABLE secret (x)").await;
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    assert!(connection.execute("SELECT * FROM secret", vec![]).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_take_turns() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "INSERT INTO item (id, amount) VALUES (1, 0)").await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let mut connection = database.connection().await.unwrap();
                    run(&mut connection, "BEGIN IMMEDIATE").await;
                    let amount = number(&mut connection, "SELECT amount FROM item WHERE id = 1").await;
                    tokio::task::yield_now().await;
                    let sql = "UPDATE item SET amount = $1 WHERE id = 1";
                    connection.execute(sql, vec![(amount + 1).into()]).await.unwrap();
                    run(&mut connection, "COMMIT").await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(number(&mut connection, "SELECT amount FROM item WHERE id = 1").await, 640);
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
    connection.execute("INSERT INTO item (id) VALUES (1)", vec![]).await.unwrap_err();
    let mut other = database.connection().await.unwrap();
    run(&mut other, "INSERT INTO item (id) VALUES (2)").await;
}

#[tokio::test]
async fn waiting_for_a_turn_ends() {
    let options = SqliteOptions { busy_timeout: Duration::from_millis(100), ..SqliteOptions::default() };
    let (_directory, database) = open(options).await;
    let (mut one, mut other) = (database.connection().await.unwrap(), database.connection().await.unwrap());
    run(&mut one, "BEGIN IMMEDIATE").await;
    let error = other.execute("DELETE FROM item", vec![]).await.unwrap_err();
    assert!(matches!(error, SqlError::Busy { snapshot: false, .. }), "{error:?}");
    run(&mut one, "ROLLBACK").await;
    run(&mut other, "DELETE FROM item").await;
}

#[tokio::test]
async fn a_transaction_that_read_an_old_state_conflicts() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let (mut one, mut other) = (database.connection().await.unwrap(), database.connection().await.unwrap());
    run(&mut one, "BEGIN").await;
    run(&mut one, "SELECT * FROM item").await;
    run(&mut other, "INSERT INTO item (id) VALUES (1)").await;
    let began = Instant::now();
    let error = one.execute("INSERT INTO item (id) VALUES (2)", vec![]).await.unwrap_err();
    assert!(matches!(error, SqlError::Busy { snapshot: true, .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(1), "waiting cannot help");
    assert!(matches!(store::Error::from(error), store::Error::Conflict(_)));
}

/// Another database object stands for another process: it has a queue of its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_queues_on_one_file_work_through_the_busy_timeout() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let foreign = SqliteDatabase::open(database.path(), SqliteOptions::default()).await.unwrap();
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "INSERT INTO item (id, amount) VALUES (1, 0)").await;
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
    assert_eq!(number(&mut connection, "SELECT amount FROM item").await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_wait_for_a_shared_sync() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    let before = database.syncs();
    for name in ["a", "b", "c"] {
        connection.execute("INSERT INTO item (name) VALUES ($1)", vec![name.into()]).await.unwrap();
    }
    // One after another: nobody to share with.
    assert_eq!(database.syncs() - before, 3);

    let before = database.syncs();
    run(&mut connection, "BEGIN").await;
    run(&mut connection, "SELECT * FROM item").await;
    run(&mut connection, "COMMIT").await;
    run(&mut connection, "DELETE FROM item WHERE id < 0").await;
    assert_eq!(database.syncs() - before, 0, "what writes nothing waits for nothing");

    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut connection = database.connection().await.unwrap();
                for count in 0..10 {
                    let before = database.syncs();
                    let name = format!("{task}-{count}");
                    connection.execute("INSERT INTO item (name) VALUES ($1)", vec![name.into()]).await.unwrap();
                    assert!(database.syncs() > before);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let shared = database.syncs() - before;
    assert!((10..640).contains(&shared), "640 commits with {shared} syncs");
}

#[tokio::test]
async fn without_group_commit_nothing_waits() {
    for durability in [Durability::Full, Durability::Off] {
        let (_directory, database) = open(SqliteOptions { durability, ..SqliteOptions::default() }).await;
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
        let error = connection.execute("INSERT INTO item (id) VALUES (NULL)", vec![]).await.unwrap_err();
        assert!(matches!(error, SqlError::Storage(_)), "{error:?}");
    }
    assert!(matches!(database.connection().await, Err(SqlError::Storage(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_small_under_load() {
    let options = SqliteOptions { checkpoint_pages: 256, durability: Durability::Off, ..SqliteOptions::default() };
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
    assert_eq!(number(&mut connection, "SELECT count(*) FROM item").await, 2400);
}

/// The runtime has one thread: whatever keeps it shows in the ticks.
#[tokio::test]
async fn a_long_query_does_not_keep_the_thread() {
    let options = SqliteOptions { statement_timeout: Duration::from_millis(300), ..SqliteOptions::default() };
    let (_directory, database) = open(options).await;
    let ticks = tokio::spawn(async {
        let mut longest = Duration::ZERO;
        for _ in 0..50 {
            let began = Instant::now();
            tokio::time::sleep(Duration::from_millis(2)).await;
            longest = longest.max(began.elapsed());
        }
        longest
    });
    let mut connection = database.connection().await.unwrap();
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    run(&mut connection, "BEGIN").await;
    let error = connection.execute(endless, vec![]).await.unwrap_err();
    assert!(matches!(error, SqlError::Interrupted), "{error:?}");
    assert!(ticks.await.unwrap() < Duration::from_millis(150));
    // A reading statement that was stopped leaves its transaction as it was.
    run(&mut connection, "INSERT INTO item (id) VALUES (1)").await;
    run(&mut connection, "COMMIT").await;

    // Given up half-way, the connection comes back clean.
    run(&mut connection, "BEGIN IMMEDIATE").await;
    let given_up = tokio::time::timeout(Duration::from_millis(50), connection.execute(endless, vec![])).await;
    assert!(given_up.is_err());
    assert!(matches!(connection.execute("SELECT 1", vec![]).await, Err(SqlError::Closed)));
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "INSERT INTO item (id) VALUES (2)").await;
}

#[tokio::test]
async fn the_pool_has_an_end() {
    let options =
        SqliteOptions { max_connections: 1, busy_timeout: Duration::from_millis(50), ..SqliteOptions::default() };
    let directory = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(directory.path().join("a.db"), options).await.unwrap();
    let connection = database.connection().await.unwrap();
    assert!(matches!(database.connection().await, Err(SqlError::Busy { .. })));
    drop(connection);
    database.connection().await.unwrap();
}

#[tokio::test]
async fn what_is_no_database_is_said_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    std::fs::write(&path, "this is not a database, it is a text of more than a hundred bytes".repeat(3)).unwrap();
    let error = SqliteDatabase::open(&path, SqliteOptions::default()).await.err().unwrap();
    assert!(matches!(error, SqlError::Storage(_)), "{error:?}");
    let options = SqliteOptions { create: false, ..SqliteOptions::default() };
    let error = SqliteDatabase::open(directory.path().join("none"), options).await.err().unwrap();
    assert!(matches!(error, SqlError::Storage(_)), "{error:?}");
}

#[tokio::test]
async fn futures_can_be_spawned() {
    fn assert_send<T: Send>(value: T) -> T {
        value
    }
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = assert_send(database.connection()).await.unwrap();
    assert_send(store::Connection::query(&mut connection, "SELECT 1", vec![])).await.unwrap();
}

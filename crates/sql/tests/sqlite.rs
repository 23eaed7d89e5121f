//! SQLite: results, refusals, long queries, the pool.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::{number, open, run};
use sql::{ConstraintKind, SqlError, SqliteDatabase, SqliteOptions, Value};

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    let values = vec![
        Value::Integer(-7),
        Value::Real(1.5),
        Value::Text("问政".into()),
        Value::Blob(vec![0, 255]),
        Value::Null,
    ];
    let result = connection
        .execute("SELECT $1 AS a, $2, ?3, $4, $5 AS e", values.clone())
        .await
        .unwrap();
    assert_eq!(result.rows[0].0, values);
    assert_eq!(
        (result.columns[0].as_str(), result.columns[4].as_str()),
        ("a", "e")
    );

    let empty = run(&mut connection, "SELECT id, name FROM item").await;
    assert_eq!(empty.columns, ["id", "name"]);
    assert!(empty.rows.is_empty());

    let sql = "INSERT INTO item (name, amount) VALUES ($1, $2) RETURNING id";
    let result = connection
        .execute(sql, vec!["a".into(), 1.into()])
        .await
        .unwrap();
    assert_eq!(
        result.rows[0].integer(0).unwrap(),
        connection.last_insert_rowid()
    );
    run(&mut connection, "UPDATE item SET amount = 2").await;
    assert_eq!(connection.changes(), 1);

    let error = connection.execute(sql, vec!["b".into()]).await.unwrap_err();
    assert!(matches!(error, SqlError::Statement { .. }), "{error:?}");
    let error = connection
        .execute("SELECT CAST(x'ff' AS TEXT)", vec![])
        .await
        .unwrap_err();
    assert!(
        matches!(error, SqlError::NotUtf8 { column: 0 }),
        "{error:?}"
    );
    let error = connection
        .execute("SELECT zeroblob(70000000), zeroblob(70000000)", vec![])
        .await
        .unwrap_err();
    assert!(matches!(error, SqlError::TooLarge), "{error:?}");
}

#[tokio::test]
async fn a_wider_table_is_seen_by_cached_statements() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let (mut one, mut other) = (
        database.connection().await.unwrap(),
        database.connection().await.unwrap(),
    );
    run(&mut one, "INSERT INTO item (id) VALUES (1)").await;
    assert_eq!(run(&mut one, "SELECT * FROM item").await.rows[0].0.len(), 3);
    run(
        &mut other,
        "ALTER TABLE item ADD COLUMN more TEXT DEFAULT 'x'",
    )
    .await;
    let result = run(&mut one, "SELECT * FROM item").await;
    assert_eq!((result.columns.len(), result.rows[0].0.len()), (4, 4));
}

#[tokio::test]
async fn constraints_are_told_apart() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        "CREATE TABLE part (item BIGINT NOT NULL REFERENCES item (id), n BIGINT CHECK (n > 0))",
    )
    .await;
    run(
        &mut connection,
        "INSERT INTO item (id, name) VALUES (1, 'a')",
    )
    .await;
    for (sql, wanted) in [
        (
            "INSERT INTO item (name) VALUES ('a')",
            ConstraintKind::Unique,
        ),
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
    let error =
        store::Connection::query(&mut connection, "INSERT INTO item (id) VALUES (1)", vec![]).await;
    assert!(matches!(error, Err(store::Error::Conflict(_))), "{error:?}");
}

#[tokio::test]
async fn only_one_harmless_statement_in_a_call() {
    let (directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        " SELECT 1; -- and that is all\n /* really */ ; ",
    )
    .await;
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
    let error = connection
        .execute("UPDATE sqlite_schema SET sql = ''", vec![])
        .await
        .unwrap_err();
    assert!(matches!(error, SqlError::Statement { .. }), "{error:?}");
}

#[tokio::test]
async fn temporary_tables_do_not_outlive_their_user() {
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "CREATE TEMP TABLE secret (x)").await;
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    assert!(
        connection
            .execute("SELECT * FROM secret", vec![])
            .await
            .is_err()
    );
}

/// The runtime has one thread: whatever keeps it shows in the ticks.
#[tokio::test]
async fn a_long_query_does_not_keep_the_thread() {
    let options = SqliteOptions {
        statement_timeout: Duration::from_millis(1500),
        ..SqliteOptions::default()
    };
    let (_directory, database) = open(options).await;
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "BEGIN").await;
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let mut longest = Duration::ZERO;
    let mut ticks = 0;
    let error = {
        let ticking = async {
            loop {
                let began = Instant::now();
                tokio::time::sleep(Duration::from_millis(2)).await;
                longest = longest.max(began.elapsed());
                ticks += 1;
            }
        };
        tokio::select! {
            () = ticking => unreachable!("it ticks until the statement ends"),
            result = connection.execute(endless, vec![]) => result.unwrap_err(),
        }
    };
    assert!(matches!(error, SqlError::Interrupted), "{error:?}");
    assert!(ticks > 20, "{ticks}");
    assert!(longest < Duration::from_millis(700), "{longest:?}");
    // A reading statement that was stopped leaves its transaction as it was.
    run(&mut connection, "INSERT INTO item (id) VALUES (1)").await;
    run(&mut connection, "COMMIT").await;

    // Given up half-way, the connection comes back clean.
    run(&mut connection, "BEGIN IMMEDIATE").await;
    let given_up = tokio::time::timeout(
        Duration::from_millis(50),
        connection.execute(endless, vec![]),
    )
    .await;
    assert!(given_up.is_err());
    assert!(matches!(
        connection.execute("SELECT 1", vec![]).await,
        Err(SqlError::Closed)
    ));
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "INSERT INTO item (id) VALUES (2)").await;
}

#[tokio::test]
async fn the_pool_has_an_end() {
    let options = SqliteOptions {
        max_connections: 1,
        busy_timeout: Duration::from_millis(50),
        ..SqliteOptions::default()
    };
    let directory = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(directory.path().join("a.db"), options)
        .await
        .unwrap();
    let mut one = database.connection().await.unwrap();
    let mut other = database.connection().await.unwrap();
    // Nobody has anything of the pool between two statements, but a transaction has.
    run(&mut one, "SELECT 1").await;
    run(&mut other, "SELECT 1").await;
    run(&mut one, "BEGIN").await;
    let outcome = other.execute("SELECT 1", vec![]).await;
    assert!(matches!(outcome, Err(SqlError::Busy { .. })), "{outcome:?}");
    drop(one);
    run(&mut other, "SELECT 1").await;
}

/// With a pool of one, whatever is not kept belongs to the other the next time.
#[tokio::test]
async fn what_a_connection_remembers_is_its_own() {
    let options = SqliteOptions {
        max_idle: 1,
        ..SqliteOptions::default()
    };
    let (_directory, database) = open(options).await;
    let mut one = database.connection().await.unwrap();
    let mut other = database.connection().await.unwrap();
    run(&mut one, "INSERT INTO item (id) VALUES (7), (8)").await;
    run(&mut other, "INSERT INTO item (id) VALUES (3)").await;
    let asked = "SELECT last_insert_rowid() * 10 + changes()";
    assert_eq!(number(&mut one, asked).await, 82);
    assert_eq!(number(&mut other, asked).await, 31);
    assert_eq!((one.changes(), one.last_insert_rowid()), (2, 8));

    run(&mut one, "BEGIN IMMEDIATE").await;
    run(&mut one, "INSERT INTO item (id) VALUES (9)").await;
    assert_eq!(number(&mut one, asked).await, 91);
    assert_eq!(number(&mut other, "SELECT count(*) FROM item").await, 3);
    run(&mut one, "COMMIT").await;
    assert_eq!((one.changes(), one.last_insert_rowid()), (1, 9));
    assert_eq!((other.changes(), other.last_insert_rowid()), (1, 3));

    run(&mut one, "CREATE TEMP TABLE mine (x)").await;
    run(&mut one, "INSERT INTO mine VALUES (1)").await;
    assert_eq!(number(&mut one, "SELECT count(*) FROM mine").await, 1);
    assert!(other.execute("SELECT * FROM mine", vec![]).await.is_err());
}

#[tokio::test]
async fn what_is_no_database_is_said_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    std::fs::write(
        &path,
        "this is not a database, it is a text of more than a hundred bytes".repeat(3),
    )
    .unwrap();
    let error = SqliteDatabase::open(&path, SqliteOptions::default())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, SqlError::Storage(_)), "{error:?}");
    let options = SqliteOptions {
        create: false,
        ..SqliteOptions::default()
    };
    let error = SqliteDatabase::open(directory.path().join("none"), options)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, SqlError::Storage(_)), "{error:?}");
}

#[tokio::test]
async fn futures_can_be_spawned() {
    fn assert_send<T: Send>(value: T) -> T {
        value
    }
    let (_directory, database) = open(SqliteOptions::default()).await;
    let mut connection = assert_send(database.connection()).await.unwrap();
    assert_send(store::Connection::query(
        &mut connection,
        "SELECT 1",
        vec![],
    ))
    .await
    .unwrap();
}

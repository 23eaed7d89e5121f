//! PostgreSQL: values, errors, transactions, on a real server.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use sql::testing::TestServer;
use sql::{
    Interval, MigrationError, Migrations, PostgresConnection, PostgresDatabase, PostgresError,
    PostgresOptions, PostgresResult, PostgresType, PostgresValue as V, Range, RangeBound,
    dsn_hosts,
};

async fn run(connection: &mut PostgresConnection, sql: &str, parameters: &[V]) -> PostgresResult {
    connection
        .query(sql, parameters)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// One server for all: starting one takes longer than the tests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server() {
    let server = TestServer::start().unwrap();
    let dsn = server.database().await.unwrap();
    let database = PostgresDatabase::open(&dsn, PostgresOptions::default()).unwrap();
    values(&database).await;
    nulls(&database).await;
    errors(&database).await;
    stale_plans(&database).await;
    dropping(&database).await;
    sessions(&dsn).await;
    platform(&database).await;
    database.close().await;
    migrations(&server.database().await.unwrap()).await;
}

async fn values(database: &PostgresDatabase) {
    let mut connection = database.connection().await.unwrap();
    let decimal = |text: &str| V::Decimal(text.to_owned());
    let range = Range {
        lower: Some((1, RangeBound::Inclusive)),
        upper: Some((9, RangeBound::Exclusive)),
    };
    let cases: Vec<(&str, V)> = vec![
        ("BOOL", V::Boolean(true)),
        ("\"char\"", V::Int8(-5)),
        ("INT2", V::Int16(i16::MIN)),
        ("INT4", V::Int32(i32::MAX)),
        ("INT8", V::Int64(i64::MIN)),
        ("FLOAT4", V::Floating32(1.5)),
        ("FLOAT8", V::Floating64(-0.1)),
        ("TEXT", V::Text("问政 \u{1F600}".into())),
        ("VARCHAR(9)", V::Text("abc".into())),
        ("BPCHAR", V::Text("abc".into())),
        ("NAME", V::Text("abc".into())),
        ("BYTEA", V::Binary(vec![0, 1, 255])),
        ("DATE", V::Date(1999, 12, 31)),
        ("DATE", V::Date(2024, 2, 29)),
        ("DATE", V::Date(-4000, 3, 1)),
        ("TIME", V::Time(23, 59, 59, 999_999_000)),
        ("TIMESTAMP", V::DateTime(1969, 7, 20, 20, 17, 40, 1000)),
        ("TIMESTAMPTZ", V::DateTime(2038, 1, 19, 3, 14, 8, 0)),
        (
            "UUID",
            V::Uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".into()),
        ),
        ("JSONB", V::Jsonb(b"{\"a\": [1, null]}".to_vec())),
        ("JSON", V::Jsonb(b"{ \"b\":2}".to_vec())),
        ("NUMERIC", decimal("0")),
        ("NUMERIC", decimal("-12345678901234567890.000100")),
        ("NUMERIC", decimal("0.00001234")),
        ("NUMERIC", decimal("10000")),
        ("NUMERIC", decimal("NaN")),
        ("INT4RANGE", V::RangeInt32(range.clone())),
        (
            "INT8RANGE",
            V::RangeInt64(Range {
                lower: None,
                upper: Some((5, RangeBound::Exclusive)),
            }),
        ),
        (
            "NUMRANGE",
            V::RangeDecimal(Range {
                lower: Some(("1.5".into(), RangeBound::Exclusive)),
                upper: None,
            }),
        ),
        ("INT4[]", V::ArrayInt32(vec![Some(1), None, Some(-3)])),
        ("INT8[]", V::ArrayInt64(vec![])),
        (
            "NUMERIC[]",
            V::ArrayDecimal(vec![Some("1.50".into()), None]),
        ),
        (
            "TEXT[]",
            V::ArrayText(vec![Some("a".into()), None, Some(String::new())]),
        ),
        ("VARCHAR[]", V::ArrayText(vec![Some("a".into())])),
        (
            "INTERVAL",
            V::Interval(Interval {
                micros: 5_000_001,
                days: -3,
                months: 14,
            }),
        ),
    ];
    for (kind, value) in cases {
        let sql = format!("SELECT $1::{kind} AS v, $1::{kind}::TEXT");
        let result = run(&mut connection, &sql, std::slice::from_ref(&value)).await;
        assert_eq!(
            result.rows[0][0], value,
            "{kind}, by the server: {:?}",
            result.rows[0][1]
        );
        assert_eq!(result.columns[0].name, "v");
    }
    // The server's own reading of a value tells whether both directions are wrong alike.
    let text = |sql: &'static str, value: V| (sql, value);
    for ((sql, value), wanted) in [
        (
            text("SELECT ($1::DATE)::TEXT", V::Date(2024, 2, 29)),
            "2024-02-29",
        ),
        (
            text("SELECT ($1::NUMERIC)::TEXT", decimal("-120034.0560")),
            "-120034.0560",
        ),
        (
            text(
                "SELECT extract(epoch FROM $1::TIMESTAMPTZ)::BIGINT::TEXT",
                V::Timestamp(1_700_000_000),
            ),
            "1700000000",
        ),
        (
            text(
                "SELECT ($1::TIMESTAMP)::TEXT",
                V::DateTime(2026, 5, 6, 7, 8, 9, 0),
            ),
            "2026-05-06 07:08:09",
        ),
        (
            text(
                "SELECT ($1::INTERVAL)::TEXT",
                V::Interval(Interval {
                    micros: 0,
                    days: 2,
                    months: 1,
                }),
            ),
            "1 mon 2 days",
        ),
        (
            text("SELECT ($1::INT4RANGE)::TEXT", V::RangeInt32(range)),
            "[1,9)",
        ),
        (
            text(
                "SELECT ($1::INT4[])::TEXT",
                V::ArrayInt32(vec![Some(1), None]),
            ),
            "{1,NULL}",
        ),
    ] {
        let result = run(&mut connection, sql, &[value]).await;
        assert_eq!(result.rows[0][0], V::Text(wanted.to_owned()), "{sql}");
    }
    let result = run(
        &mut connection,
        "SELECT 1::INT8 AS a, '{}'::JSONB, point(1, 2) WHERE false",
        &[],
    )
    .await;
    let kinds: Vec<_> = result
        .columns
        .iter()
        .map(|column| column.kind.clone())
        .collect();
    assert_eq!(
        kinds,
        [
            PostgresType::Int64,
            PostgresType::Jsonb,
            PostgresType::Other("point".into())
        ]
    );
    assert!(result.rows.is_empty());
    let result = run(&mut connection, "SELECT point(1, 2)", &[]).await;
    assert!(matches!(&result.rows[0][0], V::Unsupported(bytes) if bytes.len() == 16));
}

async fn nulls(database: &PostgresDatabase) {
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        "CREATE TABLE many (a BIGINT, b TEXT, c BYTEA, d INT4, e JSONB, f DOUBLE PRECISION)",
        &[],
    )
    .await;
    let insert = "INSERT INTO many VALUES ($1, $2, $3, $4, $5, $6)";
    // Null first, then values, then null again: the prepared statement is the same.
    let nothing = [V::Null, V::Null, V::Null, V::Null, V::Null, V::Null];
    let something = [
        V::Int64(1),
        V::Text("t".into()),
        V::Binary(vec![7]),
        V::Int32(4),
        V::Jsonb(b"{}".to_vec()),
        V::Floating64(0.5),
    ];
    for values in [&nothing, &something, &nothing] {
        assert_eq!(connection.execute(insert, values).await.unwrap(), 1);
    }
    let result = run(&mut connection, "SELECT * FROM many", &[]).await;
    assert_eq!(
        result.rows,
        [nothing.to_vec(), something.to_vec(), nothing.to_vec()]
    );
    let result = run(
        &mut connection,
        "SELECT count(*) FROM many WHERE a = $1 OR $2::TEXT IS NULL",
        &[V::Null, V::Null],
    );
    assert_eq!(result.await.rows[0][0], V::Int64(3));
}

async fn errors(database: &PostgresDatabase) {
    let mut connection = database.connection().await.unwrap();
    run(
        &mut connection,
        "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT NOT NULL)",
        &[],
    )
    .await;
    let insert = "INSERT INTO thing VALUES ($1, $2)";
    let row = [V::Int64(1), V::Text("a".into())];
    connection.execute(insert, &row).await.unwrap();
    let Err(PostgresError::Database(error)) = connection.execute(insert, &row).await else {
        panic!("accepted twice")
    };
    assert_eq!(
        (error.code.as_str(), error.severity.as_str()),
        ("23505", "ERROR")
    );
    assert_eq!(
        (error.constraint.as_deref(), error.table.as_deref()),
        (Some("thing_pkey"), Some("thing"))
    );
    assert!(error.detail.as_deref().unwrap().contains("already exists"));
    let error = connection
        .execute(insert, &[V::Int64(2), V::Null])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, PostgresError::Database(error) if error.column.as_deref() == Some("name")),
        "{error:?}"
    );
    for parameters in [
        vec![V::Int32(3), V::Text("b".into())],
        vec![V::Int64(3)],
        vec![V::Int64(3), V::Int64(3)],
    ] {
        let error = connection.execute(insert, &parameters).await.unwrap_err();
        assert!(matches!(error, PostgresError::BadParameter(_)), "{error:?}");
    }
    let error = connection
        .query("SELECT 1; SELECT 2", &[])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, PostgresError::Database(error) if error.code == "42601"),
        "{error:?}"
    );
    // The connection is as good as before.
    assert_eq!(
        run(&mut connection, "SELECT 1::INT8", &[]).await.rows[0][0],
        V::Int64(1)
    );
}

async fn stale_plans(database: &PostgresDatabase) {
    let (mut one, mut other) = (
        database.connection().await.unwrap(),
        database.connection().await.unwrap(),
    );
    run(&mut one, "SELECT * FROM thing", &[]).await;
    run(&mut other, "ALTER TABLE thing ADD COLUMN more BIGINT", &[]).await;
    assert_eq!(
        run(&mut one, "SELECT * FROM thing", &[])
            .await
            .columns
            .len(),
        3
    );
}

async fn dropping(database: &PostgresDatabase) {
    let mut connection = database.connection().await.unwrap();
    run(&mut connection, "BEGIN", &[]).await;
    run(&mut connection, "DELETE FROM thing", &[]).await;
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    // The row lock of the rolled-back transaction is gone too.
    assert_eq!(
        connection
            .execute("UPDATE thing SET name = 'b'", &[])
            .await
            .unwrap(),
        1
    );
    let given_up = tokio::time::timeout(
        Duration::from_millis(50),
        connection.query("SELECT pg_sleep(1)", &[]),
    )
    .await;
    assert!(given_up.is_err());
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    assert_eq!(
        run(&mut connection, "SELECT count(*) FROM thing", &[])
            .await
            .rows[0][0],
        V::Int64(1)
    );
}

/// With one connection in the pool, what one user leaves behind the next would find.
async fn sessions(dsn: &str) {
    let options = PostgresOptions {
        max_connections: 1,
        ..PostgresOptions::default()
    };
    let database = PostgresDatabase::open(dsn, options).unwrap();
    for leave in [
        &["SET search_path = nowhere"][..],
        &["/* hidden */ BEGIN", "SET LOCAL search_path = nowhere"],
        &["CREATE TEMP TABLE thing (x INT)"],
    ] {
        let mut connection = database.connection().await.unwrap();
        for sql in leave {
            run(&mut connection, sql, &[]).await;
        }
        drop(connection);
        let mut connection = database.connection().await.unwrap();
        assert_eq!(
            run(&mut connection, "SELECT count(*) FROM thing", &[])
                .await
                .rows[0][0],
            V::Int64(1),
            "{leave:?}"
        );
    }
    let mut connection = database.connection().await.unwrap();
    for sql in ["BEGIN", "SAVEPOINT a", "ROLLBACK TO a"] {
        run(&mut connection, sql, &[]).await;
    }
    run(&mut connection, "DELETE FROM thing", &[]).await;
    drop(connection);
    let mut connection = database.connection().await.unwrap();
    assert_eq!(
        run(&mut connection, "SELECT count(*) FROM thing", &[])
            .await
            .rows[0][0],
        V::Int64(1)
    );
}

async fn platform(database: &PostgresDatabase) {
    use store::{Connection, Error, Value};
    fn assert_send<T: Send>(value: T) -> T {
        value
    }
    let mut connection = assert_send(database.connection()).await.unwrap();
    let values = vec![
        Value::Integer(5),
        Value::Text("x".into()),
        Value::Blob(vec![1]),
        Value::Real(2.5),
        Value::Null,
    ];
    let sql = "SELECT $1::BIGINT, $2::TEXT, $3::BYTEA, $4::DOUBLE PRECISION, $5::TEXT";
    let rows = assert_send(Connection::query(&mut connection, sql, values.clone()))
        .await
        .unwrap();
    assert_eq!(rows[0].0, values);
    let insert = "INSERT INTO thing (id, name) VALUES (1, 'again')";
    let error = Connection::query(&mut connection, insert, vec![])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    let nobody = PostgresDatabase::open(
        "postgres://nobody@127.0.0.1:1/none?sslmode=disable",
        PostgresOptions {
            connect_timeout: Duration::from_secs(2),
            ..PostgresOptions::default()
        },
    );
    let error = nobody.unwrap().connection().await.err().unwrap();
    assert!(matches!(Error::from(error), Error::Unavailable(_)));
}

async fn migrations(dsn: &str) {
    let first = (
        1,
        "first",
        "CREATE TABLE a (x BIGINT); CREATE TABLE b (y BIGINT);",
    );
    let second = (2, "second", "CREATE TABLE c (z BIGINT);");
    let report = Migrations::embedded(&[first])
        .run_postgres(dsn)
        .await
        .unwrap();
    assert_eq!((report.present, report.applied.len()), (0, 1));
    let both = Migrations::embedded(&[first, second]);
    // Two programs that start at once: one of them does the work.
    let (one, other) = tokio::join!(both.run_postgres(dsn), both.run_postgres(dsn));
    assert_eq!(
        one.unwrap().applied.len().max(other.unwrap().applied.len()),
        1
    );
    let error = Migrations::embedded(&[first])
        .run_postgres(dsn)
        .await
        .unwrap_err();
    assert!(
        matches!(error, MigrationError::Newer { found: 2, known: 1 }),
        "{error:?}"
    );
    let broken = Migrations::embedded(&[
        first,
        second,
        (3, "third", "CREATE TABLE d (w BIGINT); nonsense;"),
    ]);
    let error = broken.run_postgres(dsn).await.unwrap_err();
    assert!(
        matches!(error, MigrationError::Failed { version: 3, .. }),
        "{error:?}"
    );
    assert_eq!(both.run_postgres(dsn).await.unwrap().present, 2);
}

#[test]
fn addresses_are_read_and_refused() {
    let host = |dsn| dsn_hosts(dsn).unwrap();
    assert_eq!(
        host("postgres://u:p%40x@db.example:5433/name?sslmode=disable"),
        [("db.example".to_owned(), 5433)]
    );
    assert_eq!(
        host("postgresql://db.example/name"),
        [("db.example".to_owned(), 5432)]
    );
    // What is connected to counts, not what the address begins with.
    assert_eq!(
        host("postgres://good.example/name?host=evil.example&port=1"),
        [("evil.example".to_owned(), 1)]
    );
    for dsn in [
        "postgres:///name",
        "postgres://:5432/name",
        "postgres://u@/name?host=/run/postgresql",
        "postgres://%2Frun%2Fpostgresql/name",
        "postgres://good.example/name?host=%2Ftmp",
        "postgres://a.example,b.example/name",
        "postgres://a.example/name?host=b.example,c.example",
        "mysql://db.example/name",
        "host=localhost user=postgres",
        "",
    ] {
        assert!(
            matches!(dsn_hosts(dsn), Err(PostgresError::BadAddress(_))),
            "{dsn}"
        );
    }
}

//! Migrations of SQLite files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sql::{MigrationError, Migrations, SqliteDatabase, SqliteOptions};

const FIRST: (i64, &str, &str) = (
    1,
    "first",
    "CREATE TABLE a (x BIGINT);\nCREATE INDEX a_x ON a (x);\n",
);
const SECOND: (i64, &str, &str) = (2, "second step", "CREATE TABLE b (y BIGINT);\n");

#[tokio::test]
async fn a_file_is_made_and_brought_forward() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m.db");
    let report = Migrations::embedded(&[FIRST])
        .run_sqlite(&path)
        .await
        .unwrap();
    assert_eq!((report.present, report.applied.len()), (0, 1));

    // A directory with the same texts is the same migrations.
    let source = directory.path().join("migrations");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("0001_first.sql"), FIRST.2).unwrap();
    std::fs::write(source.join("0002_second_step.sql"), SECOND.2).unwrap();
    let migrations = Migrations::from_directory(&source).await.unwrap();
    let report = migrations.run_sqlite(&path).await.unwrap();
    assert_eq!((report.present, report.applied.len()), (1, 1));
    assert_eq!(
        (
            report.applied[0].version,
            report.applied[0].description.as_str()
        ),
        (2, "second step")
    );
    assert!(
        migrations
            .run_sqlite(&path)
            .await
            .unwrap()
            .applied
            .is_empty()
    );

    let database = SqliteDatabase::open(&path, SqliteOptions::default())
        .await
        .unwrap();
    // Also while the file is in use.
    assert_eq!(migrations.run_sqlite(&path).await.unwrap().present, 2);
    let mut connection = database.connection().await.unwrap();
    assert!(
        connection
            .execute("SELECT x, y FROM a, b", vec![])
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_at_once_do_not_disturb_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m.db");
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move {
                Migrations::embedded(&[FIRST, SECOND])
                    .run_sqlite(&path)
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        applied += task.await.unwrap().applied.len();
    }
    assert_eq!(applied, 2);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m.db");
    let broken =
        Migrations::embedded(&[FIRST, (2, "broken", "CREATE TABLE b (y BIGINT); nonsense;")]);
    let error = broken.run_sqlite(&path).await.unwrap_err();
    assert!(
        matches!(error, MigrationError::Failed { version: 2, .. }),
        "{error:?}"
    );
    let report = Migrations::embedded(&[FIRST, SECOND])
        .run_sqlite(&path)
        .await
        .unwrap();
    assert_eq!((report.present, report.applied.len()), (0, 2));

    let error = Migrations::embedded(&[FIRST])
        .run_sqlite(&path)
        .await
        .unwrap_err();
    assert!(
        matches!(error, MigrationError::Newer { found: 2, known: 1 }),
        "{error:?}"
    );
    let changed = (1, "first", "CREATE TABLE a (z BIGINT);");
    let error = Migrations::embedded(&[changed, SECOND])
        .run_sqlite(&path)
        .await
        .unwrap_err();
    assert!(matches!(error, MigrationError::Changed(1)), "{error:?}");
    let error = Migrations::from_directory(directory.path())
        .await
        .unwrap_err();
    assert!(matches!(error, MigrationError::Source(_)), "{error:?}");
}

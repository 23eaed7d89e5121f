//! Measures SQLite: microseconds for a trivial statement, and commits a second
//! of a five-statement transaction by 1, 16 and 64 writers under each durability,
//! as fast as they can and at a given pace.
//!
//! `cargo run --release -p sql --example commit [DIRECTORY]`; the directory
//! should be on the disk to be measured (by default the current one).

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sql::{Durability, SqlError, SqliteConnection, SqliteDatabase, SqliteOptions, Value};

const STATEMENTS: i64 = 200_000;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(1200);
/// Transactions a second that the platform is built for.
const PACE: u64 = 3500;
const ACCOUNTS: i64 = 10_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let directory = tempfile::tempdir_in(place)?;
    statement(directory.path()).await?;
    // The disk of a shared machine has its moods: kinds take turns, and the
    // middle of the rounds counts.
    let kinds: Vec<(Durability, u64, Option<u64>)> =
        [Durability::Full, Durability::Group, Durability::Off]
            .into_iter()
            .flat_map(|durability| {
                [
                    (durability, 1, None),
                    (durability, 16, None),
                    (durability, 64, None),
                ]
            })
            .chain([
                (Durability::Full, 64, Some(PACE)),
                (Durability::Group, 64, Some(PACE)),
            ])
            .collect();
    let mut measured = vec![Vec::new(); kinds.len()];
    for _ in 0..ROUNDS {
        for (&(durability, writers, pace), rounds) in kinds.iter().zip(&mut measured) {
            rounds.push(commits(directory.path(), durability, writers, pace).await?);
        }
    }
    println!(
        "\n{:>10} {:>8} {:>7} {:>22} {:>8} {:>8} {:>8}",
        "durability", "writers", "pace", "commits/s (range)", "syncs/s", "p50 ms", "p99 ms"
    );
    for ((durability, writers, pace), mut rounds) in kinds.into_iter().zip(measured) {
        rounds.sort_by(|one, other| one.commits.total_cmp(&other.commits));
        let (least, middle, most) = (&rounds[0], &rounds[ROUNDS / 2], &rounds[ROUNDS - 1]);
        println!(
            "{:>10} {writers:>8} {:>7} {:>22} {:>8.0} {:>8.2} {:>8.2}",
            format!("{durability:?}"),
            pace.map_or("none".to_owned(), |pace| pace.to_string()),
            format!(
                "{:.0} ({:.0}-{:.0})",
                middle.commits, least.commits, most.commits
            ),
            middle.syncs,
            middle.p50,
            middle.p99,
        );
    }
    Ok(())
}

/// One round of one kind.
#[derive(Clone)]
struct Measured {
    commits: f64,
    syncs: f64,
    p50: f64,
    p99: f64,
}

async fn prepare(path: &Path, durability: Durability) -> Result<SqliteDatabase, SqlError> {
    let database = SqliteDatabase::open(
        path,
        SqliteOptions {
            durability,
            ..SqliteOptions::default()
        },
    )
    .await?;
    let mut connection = database.connection().await?;
    for sql in [
        "CREATE TABLE account (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance BIGINT NOT NULL)",
        "CREATE TABLE event (account BIGINT NOT NULL, sequence BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (account, sequence)) WITHOUT ROWID",
        "CREATE TABLE job (id INTEGER PRIMARY KEY, account BIGINT NOT NULL)",
    ] {
        connection.execute(sql, vec![]).await?;
    }
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                INSERT INTO account SELECT i, 'owner ' || i, 0 FROM n";
    connection.execute(fill, vec![ACCOUNTS.into()]).await?;
    Ok(database)
}

async fn statement(directory: &Path) -> Result<(), Box<dyn Error>> {
    let database = prepare(&directory.join("statement.db"), Durability::Group).await?;
    let mut connection = database.connection().await?;
    for _ in 0..2 {
        let began = Instant::now();
        for count in 0..STATEMENTS {
            let sql = "SELECT id, owner, balance FROM account WHERE id = $1";
            let result = connection
                .execute(sql, vec![(count % ACCOUNTS + 1).into()])
                .await?;
            assert_eq!(result.rows.len(), 1);
        }
        let each = began.elapsed().as_secs_f64() * 1e6 / STATEMENTS as f64;
        println!("SELECT of one row by primary key: {each:.2} µs");
    }
    let began = Instant::now();
    for _ in 0..STATEMENTS {
        drop(database.connection().await?);
    }
    println!(
        "connection out of the pool and back: {:.2} µs",
        began.elapsed().as_secs_f64() * 1e6 / STATEMENTS as f64
    );
    Ok(())
}

async fn commits(
    directory: &Path,
    durability: Durability,
    writers: u64,
    pace: Option<u64>,
) -> Result<Measured, Box<dyn Error>> {
    let round = tempfile::tempdir_in(directory)?;
    let database = prepare(&round.path().join("commits.db"), durability).await?;
    let sequence = Arc::new(AtomicU64::new(0));
    let (began, syncs) = (Instant::now(), database.syncs());
    let end = began + ROUND;
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (database, sequence) = (database.clone(), Arc::clone(&sequence));
            tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < end {
                    let number = sequence.fetch_add(1, Ordering::Relaxed);
                    let mut due = Instant::now();
                    if let Some(pace) = pace {
                        // Late ones start at once, and their time counts from when they were due.
                        due = began + Duration::from_micros(number * 1_000_000 / pace);
                        tokio::time::sleep_until(due.into()).await;
                    }
                    let mut connection = database.connection().await?;
                    transaction(&mut connection, number as i64).await?;
                    times.push(due.elapsed());
                }
                Ok::<_, SqlError>(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    Ok(Measured {
        commits: times.len() as f64 / seconds,
        syncs: (database.syncs() - syncs) as f64 / seconds,
        p50: at(0.5),
        p99: at(0.99),
    })
}

/// Five statements between `BEGIN` and `COMMIT`: as one step of a case.
async fn transaction(connection: &mut SqliteConnection, number: i64) -> Result<(), SqlError> {
    let account = Value::Integer(number * 7919 % ACCOUNTS + 1);
    connection.execute("BEGIN IMMEDIATE", vec![]).await?;
    connection
        .execute(
            "SELECT id, owner, balance FROM account WHERE id = $1",
            vec![account.clone()],
        )
        .await?;
    let event = "INSERT INTO event (account, sequence, body) VALUES ($1, $2, $3)";
    connection
        .execute(
            event,
            vec![account.clone(), number.into(), "x".repeat(400).into()],
        )
        .await?;
    connection
        .execute(
            "UPDATE account SET balance = balance + 1 WHERE id = $1",
            vec![account.clone()],
        )
        .await?;
    connection
        .execute(
            "INSERT INTO job (account) VALUES ($1)",
            vec![account.clone()],
        )
        .await?;
    connection
        .execute(
            "DELETE FROM job WHERE account = $1 AND id < 0",
            vec![account],
        )
        .await?;
    connection.execute("COMMIT", vec![]).await?;
    Ok(())
}

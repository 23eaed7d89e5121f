//! What was acknowledged is there after `kill -9`.
//!
//! This shows that nothing is acknowledged before it is committed and that the
//! log of a killed program is read again. It cannot show what a power failure
//! would do: the kernel keeps the pages of a killed program. That every commit
//! waits for its `fdatasync` is held by `commits_wait_for_a_shared_sync`.
//!
//! Not the usual test harness: the program runs itself as the child that is killed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sql::{SqliteDatabase, SqliteOptions};

const ROUNDS: u64 = 5;
const WRITERS: i64 = 8;
/// Lines that a child has written at least before it is killed.
const AT_LEAST: usize = 12;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    match arguments.get(1).map(String::as_str) {
        Some("child") => runtime.block_on(write_until_killed(
            Path::new(&arguments[2]),
            arguments[3].parse().unwrap(),
        )),
        Some("--list") => println!("acknowledged_commits_survive_a_kill: test"),
        _ => {
            runtime.block_on(acknowledged_commits_survive_a_kill());
            println!("test acknowledged_commits_survive_a_kill ... ok");
        }
    }
}

/// Commits rows and says so on its output, each only when it is acknowledged.
async fn write_until_killed(path: &Path, round: i64) {
    let options = SqliteOptions {
        checkpoint_pages: 64,
        ..SqliteOptions::default()
    };
    let database = SqliteDatabase::open(path, options).await.unwrap();
    let mut connection = database.connection().await.unwrap();
    connection
        .execute(
            "CREATE TABLE IF NOT EXISTS done (id BIGINT PRIMARY KEY)",
            vec![],
        )
        .await
        .unwrap();
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let database = database.clone();
        tasks.push(tokio::spawn(async move {
            for count in 0.. {
                let id = (round * WRITERS + writer) * 1_000_000 + count;
                let mut connection = database.connection().await.unwrap();
                connection.execute("BEGIN IMMEDIATE", vec![]).await.unwrap();
                connection
                    .execute("INSERT INTO done (id) VALUES ($1)", vec![id.into()])
                    .await
                    .unwrap();
                connection.execute("COMMIT", vec![]).await.unwrap();
                let mut output = std::io::stdout().lock();
                writeln!(output, "{id}").unwrap();
                output.flush().unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn acknowledged_commits_survive_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kill.db");
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("child")
            .arg(&path)
            .arg(round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (send, begun) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            // The last line may be cut short by the kill; it ends without a newline then.
            let mut ids = Vec::new();
            for line in output.split(b'\n') {
                ids.push(line.unwrap());
                if ids.len() == AT_LEAST {
                    let _ = send.send(());
                }
            }
            ids
        });
        begun
            .recv_timeout(Duration::from_secs(60))
            .expect("the child writes");
        std::thread::sleep(Duration::from_millis(170 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut lines = reader.join().unwrap();
        lines.pop();
        let before = acknowledged.len();
        acknowledged.extend(
            lines
                .iter()
                .map(|line| std::str::from_utf8(line).unwrap().parse::<i64>().unwrap()),
        );
        assert!(
            acknowledged.len() >= before + AT_LEAST - 1,
            "the child of round {round} wrote too little"
        );
    }
    let database = SqliteDatabase::open(&path, SqliteOptions::default())
        .await
        .unwrap();
    let mut connection = database.connection().await.unwrap();
    let rows = connection
        .execute("SELECT id FROM done", vec![])
        .await
        .unwrap()
        .rows;
    let found: BTreeSet<i64> = rows.iter().map(|row| row.integer(0).unwrap()).collect();
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged commits are lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
    let check = connection
        .execute("PRAGMA integrity_check", vec![])
        .await
        .unwrap();
    assert_eq!(check.rows[0].text(0).unwrap(), "ok");
    println!("{} acknowledged, {} found", acknowledged.len(), found.len());
}

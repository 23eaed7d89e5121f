//! What the host costs: microseconds per request that does nothing, per chained call, per SQL statement.
//!
//! Wants the component of the tests: `cargo run --release -p host --example overhead -- <path of probe.wasm>`.
//! Every number is the median of several rounds on one task, so that it is a latency and not a throughput; the last is
//! the throughput of 16 tasks.

use host::{App, HostOptions, empty};
use http::Request;
use http_body_util::BodyExt;
use manifest::Manifest;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "overhead"
[[trigger.http]]
route = "/..."
component = "front"
[[trigger.http]]
route = { private = true }
component = "back"
[component.front]
source = "probe.wasm"
allowed_outbound_hosts = ["http://back.spin.internal"]
sqlite_databases = ["default"]
[component.back]
source = "probe.wasm"
"#;

const ROUNDS: usize = 7;
const REQUESTS: u32 = 2_000;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let probe = std::env::args()
        .nth(1)
        .ok_or("give the path of probe.wasm")?;
    let directory = tempfile::tempdir()?;
    std::fs::copy(Path::new(&probe), directory.path().join("probe.wasm"))?;
    std::fs::write(directory.path().join("spin.toml"), MANIFEST)?;
    let manifest = Manifest::load(directory.path().join("spin.toml"))
        .map_err(|problems| problems[0].to_string())?;
    let begin = Instant::now();
    let app = App::load(manifest, HostOptions::new(directory.path().join(".spin"))).await?;
    println!(
        "load with compilation   {:9.1} ms",
        begin.elapsed().as_secs_f64() * 1e3
    );

    let nothing = per_request(&app, "/noop").await?;
    println!("request                 {:9.1} us", micros(nothing));
    let chained = per_request(&app, "/chain?to=http%3A%2F%2Fback.spin.internal%2Fnoop").await?;
    println!(
        "chained call            {:9.1} us on top",
        micros(chained.saturating_sub(nothing))
    );
    let statement = get(&app, "/sql/statements?count=20000").await?;
    println!(
        "SELECT of one row       {:9.1} us",
        statement.parse::<f64>()? / 1e3
    );

    let begin = Instant::now();
    let tasks = (0..16).map(|_| {
        let app = app.clone();
        tokio::spawn(async move {
            for _ in 0..REQUESTS {
                get(&app, "/noop")
                    .await
                    .map_err(|error| error.to_string())?;
            }
            Ok::<_, String>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    println!(
        "throughput of 16 tasks  {:9.0} requests/s",
        f64::from(16 * REQUESTS) / begin.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The median time of one request for `path`.
async fn per_request(app: &Arc<App>, path: &str) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        for _ in 0..REQUESTS {
            get(app, path).await?;
        }
        rounds.push(begin.elapsed() / REQUESTS);
    }
    rounds.sort_unstable();
    Ok(rounds[ROUNDS / 2])
}

async fn get(app: &Arc<App>, path: &str) -> Result<String, Box<dyn std::error::Error>> {
    let response = app.call("front", Request::get(path).body(empty())?).await;
    if response.status() != 200 {
        return Err(format!("{path}: {}", response.status()).into());
    }
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8(body.to_bytes().to_vec())?)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

//! kill -9 at a random moment under load, again and again: what was
//! acknowledged is there after every restart, and what was under way goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wenzheng_tests::load::Load;
use wenzheng_tests::platform::unique;
use wenzheng_tests::runner::IMPATIENT;
use wenzheng_tests::{Driver, Runner};

/// How often the runner is killed.
const KILLS: u32 = 50;

/// How often on PostgreSQL, which is no part of the process that is killed.
const KILLS_ON_POSTGRES: u32 = 15;

/// Citizens, each with the staff that attends to their case, who press on at the same time.
const AT_ONCE: usize = 8;

/// The runner lives for at most so long under load, in milliseconds.
const LIFE: u64 = 1000;

/// How long the rest may take at the end.
const REST: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost() -> Result<()> {
    let Some(mut runner) = Runner::prepare("kill", IMPATIENT).await? else {
        return Ok(());
    };
    let kills = match runner.is_on_postgres() {
        true => KILLS_ON_POSTGRES,
        false => KILLS,
    };
    runner.start().await?;
    let platform = runner.platform().await?;
    let driver = Driver::new(&platform).await?;
    let load = Load::new(&driver);
    let mut chance = Chance::new();
    println!("seed {:#x}", chance.0);
    let begin = Instant::now();
    let mut starts = Vec::new();
    for round in 1..=kills {
        let stop = AtomicBool::new(false);
        let killing = async {
            tokio::time::sleep(Duration::from_millis(chance.below(LIFE))).await;
            let killed = runner.kill();
            stop.store(true, Ordering::Relaxed);
            killed?;
            let start = Instant::now();
            runner.start().await?;
            starts.push(start.elapsed());
            anyhow::Ok(())
        };
        let ((), killed) = tokio::join!(load.press_on(AT_ONCE, &stop), killing);
        killed.with_context(|| format!("kill {round}"))?;
        load.check_new()
            .await
            .with_context(|| format!("after kill {round}"))?;
    }
    let killing = begin.elapsed();

    let begin = Instant::now();
    let outcome = load.finish(REST).await?;
    let verified = runner.verify()?;
    starts.sort();
    println!(
        "{kills} kills in {} s, starts {} to {} ms: {} cases and {} steps acknowledged, none lost; \
         {} messages without an answer sent again; at rest after {} s: {:?}; {verified}",
        killing.as_secs(),
        starts.first().map_or(0, Duration::as_millis),
        starts.last().map_or(0, Duration::as_millis),
        outcome.cases,
        outcome.steps,
        outcome.again,
        begin.elapsed().as_secs(),
        outcome.ends,
    );
    ensure!(
        outcome.cases > kills as usize,
        "hardly anything happened: {outcome:?}"
    );
    ensure!(
        outcome.cases + outcome.steps > 3 * kills as usize,
        "hardly anything was acknowledged: {outcome:?}"
    );
    Ok(())
}

/// Numbers that are as good as random (xorshift); the seed is printed.
struct Chance(u64);

impl Chance {
    fn new() -> Chance {
        let seed = unique()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Chance(seed | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

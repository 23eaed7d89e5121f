//! What departments have handed in over HTTP, from the tables through the gate to a verdict.
//!
//! The function `registry` only stores what a publisher has signed; nothing of it is compiled or called before it comes
//! here, on threads that let all others go before. Small components are judged one by one beside the large ones, which
//! wait for each other.

use super::load::AGAIN;
use crate::database::{Connection, Database};
use crate::handler::{at_the_gate, release_of};
use crate::prepare::now;
use anyhow::{Context, Result};
use host::LARGE;
use publishing::order::PROPOSE;
use publishing::situation::{Situation, publish_in};
use publishing::{Error, Refusal};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::deliveries::{self, Delivery};
use store::transaction;
use tokio::sync::Semaphore;

/// How often the table is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often a judgement is begun: what takes the platform along with it is not tried for ever.
const ATTEMPTS: i64 = 3;

struct Judge {
    database: Database,
    /// Compiled code, which the loader finds there when the release comes into force.
    cache: PathBuf,
    small: Semaphore,
    large: Semaphore,
    /// Signatures of what is being judged.
    under_way: Mutex<HashSet<Vec<u8>>>,
}

/// What was decided.
struct Verdict {
    word: &'static str,
    report: String,
}

impl Verdict {
    fn refused(report: impl Into<String>) -> Verdict {
        Verdict {
            word: "refused",
            report: report.into(),
        }
    }
}

/// Judges what is handed in, for ever.
pub(crate) async fn judge(database: Database, cache: PathBuf) {
    let judge = Arc::new(Judge {
        database,
        cache,
        small: Semaphore::new(1),
        large: Semaphore::new(1),
        under_way: Mutex::default(),
    });
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = judge.look().await {
            tracing::warn!(
                error = format!("{error:#}"),
                "what departments have handed in cannot be read"
            );
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl Judge {
    /// Starts a task for each delivery that none is at work on.
    async fn look(self: &Arc<Self>) -> Result<()> {
        let mut connection = self.database.connection().await?;
        for delivery in deliveries::waiting(&mut connection).await? {
            if self.under_way().insert(delivery.signature.clone()) {
                tokio::spawn(self.clone().see_to(delivery));
            }
        }
        Ok(())
    }

    async fn see_to(self: Arc<Self>, delivery: Delivery) {
        let lane = match usize::try_from(delivery.size).is_ok_and(|size| size < LARGE) {
            true => &self.small,
            false => &self.large,
        };
        // The semaphore is never closed.
        let turn = lane.acquire().await.ok();
        if let Err(error) = self.decide(&delivery).await {
            tracing::warn!(
                department = delivery.department,
                error = format!("{error:#}"),
                "what a department has handed in cannot be judged now"
            );
            tokio::time::sleep(AGAIN).await;
        }
        drop(turn);
        self.under_way().remove(&delivery.signature);
    }

    /// # Errors
    /// Where the database does not answer; the delivery goes on waiting.
    async fn decide(&self, delivery: &Delivery) -> Result<()> {
        let mut connection = self.database.connection().await?;
        let attempt = deliveries::attempt(&mut connection, &delivery.signature).await?;
        if attempt == 0 {
            return Ok(());
        }
        if attempt > ATTEMPTS {
            let verdict = Verdict::refused("its judgement broke off again and again");
            return self.write(&mut connection, delivery, verdict).await;
        }
        let component = deliveries::component(&mut connection, &delivery.upload).await?;
        // Nobody holds a connection while something is compiled.
        drop(connection);
        if seal::digest(&[&component])[..] != delivery.sha256[..] {
            let mut connection = self.database.connection().await?;
            let verdict = Verdict::refused("it did not arrive as it was signed; hand it in again");
            return self.write(&mut connection, delivery, verdict).await;
        }
        let cache = self.cache.clone();
        let tried = tokio::task::spawn_blocking(move || at_the_gate(&component, &[], &cache))
            .await
            .context("the gate broke down")?
            .context("no thread for the gate")?;
        let mut connection = self.database.connection().await?;
        let report = tried.to_string();
        let Some(passed) = tried.passed else {
            let verdict = Verdict::refused(report);
            return self.write(&mut connection, delivery, verdict).await;
        };
        if passed.description.department != delivery.department {
            let verdict = Verdict::refused(format!(
                "{report}\nIt says of itself that it is the handler of {}, and was handed in for {}.",
                passed.description.department, delivery.department
            ));
            return self.write(&mut connection, delivery, verdict).await;
        }
        if passed.sha256[..] != delivery.sha256[..] {
            let verdict = Verdict::refused(format!(
                "{report}\nHand in the component itself, not its module."
            ));
            return self.write(&mut connection, delivery, verdict).await;
        }
        transaction::begin(&mut connection).await?;
        let published = async {
            let mut situation = Situation::read(&mut connection, &delivery.department).await?;
            let release = release_of(&passed, &situation);
            publish_in(
                &mut connection,
                &mut situation,
                release,
                &passed.component,
                delivery.share,
                &delivery.key,
                &delivery.signature,
            )
            .await
        }
        .await;
        let verdict = match published {
            Ok(change) => {
                let word = match change.action == PROPOSE {
                    true => "proposed",
                    false => "published",
                };
                let verdict = Verdict { word, report };
                // In the same transaction: what is in force has its verdict.
                let written = self.judged(&mut connection, delivery, &verdict).await;
                return match written {
                    Ok(true) => Ok(transaction::commit(&mut connection).await?),
                    // Something newer was handed in, or another platform on this database was faster.
                    Ok(false) => {
                        transaction::rollback(&mut connection).await;
                        Ok(())
                    }
                    Err(error) => {
                        transaction::rollback(&mut connection).await;
                        Err(error)
                    }
                };
            }
            // Another revision or another rule of the department's than when it was signed.
            Err(Error::Refused(Refusal::Signature) | Error::Store(store::Error::Conflict(_))) => {
                Verdict {
                    word: "overtaken",
                    report,
                }
            }
            Err(Error::Refused(refusal)) => Verdict::refused(format!("{report}\n{refusal}.")),
            Err(Error::Store(error)) => {
                transaction::rollback(&mut connection).await;
                return Err(error.into());
            }
        };
        transaction::rollback(&mut connection).await;
        self.write(&mut connection, delivery, verdict).await
    }

    /// Writes a verdict with which nothing comes into force.
    async fn write(
        &self,
        connection: &mut Connection,
        delivery: &Delivery,
        verdict: Verdict,
    ) -> Result<()> {
        transaction::begin(connection).await?;
        self.judged(connection, delivery, &verdict).await?;
        transaction::commit(connection).await?;
        Ok(())
    }

    async fn judged(
        &self,
        connection: &mut Connection,
        delivery: &Delivery,
        verdict: &Verdict,
    ) -> Result<bool> {
        let Verdict { word, report } = verdict;
        let written = deliveries::judge(connection, delivery, word, report, now()).await?;
        if written {
            tracing::info!(
                department = delivery.department,
                revision = delivery.revision,
                release = delivery.release,
                verdict = word,
                "a handler that was handed in is judged"
            );
        }
        Ok(written)
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<Vec<u8>>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::hostile::{speaking, speaking_for_schools};
    use crate::handler::published::{database, publisher_of};
    use publishing::order::{ALL, Order};
    use publishing::signature::Secret;
    use publishing::situation::order_in;
    use store::handlers;

    const DEPARTMENT: &str = "education";

    /// Hands `component` in as the function `registry` does; `part` is what arrives of it.
    async fn deliver(
        connection: &mut Connection,
        secret: &Secret,
        component: &[u8],
        part: &[u8],
    ) -> Delivery {
        let situation = Situation::read(connection, DEPARTMENT).await.expect("read");
        let release = situation.next_release();
        let order = Order::Publish {
            release,
            share: ALL,
        };
        let change = situation.change(&order, &secret.public()).expect("ordered");
        let sha256 = seal::digest(&[component]);
        let statement = situation.statement(&change, Some(&sha256));
        let delivery = Delivery {
            signature: secret.sign(&statement.text()),
            department: DEPARTMENT.to_owned(),
            revision: change.standing.revision,
            release,
            share: ALL,
            sha256: sha256.to_vec(),
            key: secret.public(),
            upload: seal::random::<16>().expect("random").to_vec(),
            size: component.len() as i64,
            arrived_at: now(),
            judged_at: None,
            verdict: None,
            report: None,
        };
        assert!(
            deliveries::begin(connection, &delivery, now())
                .await
                .expect("begun")
        );
        for (number, piece) in part.chunks(1000).enumerate() {
            deliveries::insert_part(connection, &delivery.upload, number as i64, piece.to_vec())
                .await
                .expect("stored");
        }
        transaction::begin(connection).await.expect("begun");
        assert!(
            deliveries::arrive(connection, &delivery)
                .await
                .expect("arrived")
        );
        transaction::commit(connection).await.expect("committed");
        delivery
    }

    async fn verdict_on(connection: &mut Connection, delivery: &Delivery) -> (String, String) {
        let all = deliveries::of(connection, DEPARTMENT, 100)
            .await
            .expect("read");
        let found = all
            .into_iter()
            .find(|known| known.signature == delivery.signature)
            .expect("there");
        let left = deliveries::component(connection, &delivery.upload)
            .await
            .expect("read");
        // What is judged is kept by the archive or by nobody.
        assert_eq!(left.is_empty(), found.verdict.is_some());
        (
            found.verdict.unwrap_or_default(),
            found.report.unwrap_or_default(),
        )
    }

    async fn revision(connection: &mut Connection) -> i64 {
        handlers::standing(connection, DEPARTMENT)
            .await
            .expect("read")
            .map_or(0, |standing| standing.revision)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_handed_in_gets_one_verdict() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database(folder.path()).await;
        let connection = &mut database.connection().await.expect("a connection");
        let secret = publisher_of(connection, DEPARTMENT, "王老师").await;
        let opened = Database::open(&crate::place::Target::Sqlite(folder.path().join("test.db")))
            .await
            .expect("opened");
        let judge = Judge {
            database: opened,
            cache: folder.path().join("cache"),
            small: Semaphore::new(1),
            large: Semaphore::new(1),
            under_way: Mutex::default(),
        };
        let (good, other) = (speaking_for_schools("good"), speaking_for_schools("othr"));

        // Without anybody who judges, it waits; something newer takes its place.
        let first = deliver(connection, &secret, &other, &other).await;
        assert_eq!(verdict_on(connection, &first).await.0, "");
        let second = deliver(connection, &secret, &good, &good).await;
        assert_eq!(verdict_on(connection, &first).await.0, "replaced");
        judge.decide(&first).await.expect("decided");
        assert_eq!(revision(connection).await, 0);
        let waiting = deliveries::waiting(connection).await.expect("read");
        assert_eq!(waiting.len(), 1);
        judge.decide(&second).await.expect("decided");
        let (verdict, report) = verdict_on(connection, &second).await;
        assert_eq!(verdict, "published", "{report}");
        assert!(report.contains("✓ cost"), "{report}");
        assert_eq!(revision(connection).await, 1);
        // Once more changes nothing.
        judge.decide(&second).await.expect("decided");
        assert_eq!(revision(connection).await, 1);

        // The same version with other content; another department's; not what was signed; what broke off before.
        let taken = deliver(connection, &secret, &other, &other).await;
        judge.decide(&taken).await.expect("decided");
        let (verdict, report) = verdict_on(connection, &taken).await;
        assert!(
            verdict == "refused" && report.contains("version 1.0.0 was published already"),
            "{report}"
        );
        let parks = speaking("park");
        let foreign = deliver(connection, &secret, &parks, &parks).await;
        judge.decide(&foreign).await.expect("decided");
        let (verdict, report) = verdict_on(connection, &foreign).await;
        assert!(
            verdict == "refused" && report.contains("the handler of parks"),
            "{report}"
        );
        let damaged = [&good[..], b"more"].concat();
        let damaged = deliver(connection, &secret, &damaged, &good).await;
        judge.decide(&damaged).await.expect("decided");
        let (verdict, report) = verdict_on(connection, &damaged).await;
        assert!(
            verdict == "refused" && report.contains("did not arrive"),
            "{report}"
        );
        let deadly = [&good[..], b"again"].concat();
        let deadly = deliver(connection, &secret, &deadly, &deadly).await;
        for _ in 0..ATTEMPTS {
            deliveries::attempt(connection, &deadly.signature)
                .await
                .expect("counted");
        }
        judge.decide(&deadly).await.expect("decided");
        let (verdict, report) = verdict_on(connection, &deadly).await;
        assert!(
            verdict == "refused" && report.contains("broke off"),
            "{report}"
        );
        assert_eq!(revision(connection).await, 1);

        // What somebody else orders meanwhile goes first.
        let late = deliver(connection, &secret, &good, &good).await;
        let situation = Situation::read(connection, DEPARTMENT).await.expect("read");
        let change = situation
            .change(&Order::Disable, &secret.public())
            .expect("ordered");
        let signature = secret.sign(&situation.statement(&change, None).text());
        let key = secret.public();
        order_in(
            connection,
            &situation,
            &Order::Disable,
            now(),
            &key,
            &signature,
        )
        .await
        .expect("disabled");
        judge.decide(&late).await.expect("decided");
        assert_eq!(verdict_on(connection, &late).await.0, "overtaken");
        let standing = handlers::standing(connection, DEPARTMENT)
            .await
            .expect("read")
            .expect("one");
        assert_eq!((standing.revision, standing.current), (2, None));
        assert!(
            deliveries::waiting(connection)
                .await
                .expect("read")
                .is_empty()
        );
    }
}

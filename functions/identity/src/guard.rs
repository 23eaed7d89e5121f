//! Failed sign-ins: counted by account and by network address, so that
//! nobody can try passwords one after the other.

use case::district::LoginLimits;
use http::StatusCode;
use seal::Keys;
use store::counters::{self, Count};
use web::{Context, Database, Problem, sender};

/// What failures are counted by for one attempt.
pub struct Guard {
    account: Option<Vec<u8>>,
    client: Vec<u8>,
    limits: LoginLimits,
    now: i64,
}

impl Guard {
    /// The guard of account `id`, whether it exists or not, for this client.
    pub fn new(context: &Context, keys: &Keys, limits: LoginLimits, id: &str) -> Guard {
        let account = keys.index("login", &format!("account\n{id}")).to_vec();
        Guard {
            account: Some(account),
            ..Guard::of_client(context, keys, limits)
        }
    }

    /// The guard of this client where no account is named, as when the identity
    /// provider sends somebody.
    pub fn of_client(context: &Context, keys: &Keys, limits: LoginLimits) -> Guard {
        Guard {
            account: None,
            client: keys
                .index("login", &format!("client\n{}", sender::network(context)))
                .to_vec(),
            limits,
            now: context.now.0,
        }
    }

    /// 429 while the account or the client is locked.
    pub async fn check(&self, database: &mut Database) -> Result<(), Problem> {
        let since =
            self.now - millis(self.limits.window_seconds) - millis(self.limits.lock_seconds);
        let mut wait = None;
        let account = self
            .account
            .iter()
            .map(|key| (key, self.limits.max_failures));
        let client = (&self.client, self.limits.client_max_failures);
        for (key, max) in account.chain([client]) {
            let failures = counters::since(database, key, since).await?;
            wait = wait.max(locked(&failures, max, self.limits, self.now));
        }
        match wait {
            None => Ok(()),
            Some(seconds) => Err(Problem {
                retry_after: Some(seconds),
                ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-logins")
            }),
        }
    }

    /// [`Guard::check`] inside a transaction, with everybody else who tries this
    /// account kept waiting until its end: tries at the same time are counted
    /// one after the other.
    pub async fn check_alone(&self, database: &mut Database) -> Result<(), Problem> {
        counters::hold(database, self.account.as_ref().unwrap_or(&self.client)).await?;
        self.check(database).await
    }

    /// Notes a failure.
    pub async fn fail(&self, database: &mut Database) -> Result<(), Problem> {
        let count = |key: &Vec<u8>| Count {
            key: key.clone(),
            window_start: self.now,
        };
        let keys = self.account.iter().chain([&self.client]);
        counters::count_up(database, &keys.map(count).collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Forgets the failures of the account: its owner is there.
    pub async fn succeed(&self, database: &mut Database) -> Result<(), Problem> {
        match &self.account {
            Some(account) => Ok(counters::clear(database, account).await?),
            None => Ok(()),
        }
    }
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX / 4000)
        .saturating_mul(1000)
}

/// For how many seconds it is locked yet: when the last `max` of `failures`
/// (instants, newest first, each with how many) lie within the window, for
/// the length of the lock after the newest.
fn locked(failures: &[(i64, i64)], max: u32, limits: LoginLimits, now: i64) -> Option<u64> {
    let (newest, _) = *failures.first()?;
    let recent: i64 = failures
        .iter()
        .filter(|(at, _)| newest - at < millis(limits.window_seconds))
        .map(|(_, count)| count)
        .sum();
    let left = newest + millis(limits.lock_seconds) - now;
    (recent >= i64::from(max) && left > 0).then(|| u64::try_from((left + 999) / 1000).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LoginLimits = LoginLimits {
        max_failures: 3,
        client_max_failures: 30,
        window_seconds: 600,
        lock_seconds: 900,
    };

    #[test]
    fn the_lock_follows_the_last_failure() {
        let now = 10_000_000;
        let ago = |seconds: i64| now - seconds * 1000;
        for (failures, expected) in [
            (vec![], None),
            (vec![(ago(1), 1), (ago(2), 1)], None),
            (vec![(ago(1), 1), (ago(2), 1), (ago(3), 1)], Some(899)),
            (vec![(ago(1), 3)], Some(899)),
            (vec![(ago(1), 2), (ago(600), 1)], Some(899)),
            (vec![(ago(1), 2), (ago(601), 1)], None),
            (vec![(ago(899), 3)], Some(1)),
            (vec![(ago(900), 3)], None),
        ] {
            assert_eq!(locked(&failures, 3, LIMITS, now), expected, "{failures:?}");
        }
    }
}

//! What a department has, and carrying an order out as things stand.

use crate::order::{Change, Order, Proposal};
use crate::signature::Statement;
use crate::{Error, Refusal};
use case::district::Department;
use store::handlers::{self, Entry, PublicKey, Release, Standing};
use store::{Connection, settings};

/// More entries than a department makes in a lifetime.
pub const WHOLE_LOG: i64 = 1_000_000;

/// What a department has: all that an order is judged by.
#[derive(Clone, Debug)]
pub struct Situation {
    /// What decides now.
    pub standing: Standing,
    /// Every change, the latest first.
    pub log: Vec<Entry>,
    /// Everything published, the latest first.
    pub releases: Vec<Release>,
    /// Everybody who may or might publish.
    pub keys: Vec<PublicKey>,
    /// Whether the department wants two publishers for what is new.
    pub two: bool,
}

impl Situation {
    /// Reads it, best inside the transaction that will change it.
    ///
    /// # Errors
    /// [`Refusal::UnknownDepartment`], and those of the database.
    pub async fn read<C: Connection>(
        connection: &mut C,
        department: &str,
    ) -> Result<Situation, Error> {
        let two = wants_two(connection, department).await?;
        let standing = handlers::standing(connection, department).await?;
        Ok(Situation {
            standing: standing.unwrap_or_else(|| Standing {
                department: department.to_owned(),
                ..Standing::default()
            }),
            log: handlers::log(connection, department, WHOLE_LOG).await?,
            releases: handlers::releases(connection, department).await?,
            keys: handlers::keys(connection, department).await?,
            two,
        })
    }

    /// The number that the next release gets.
    pub fn next_release(&self) -> i64 {
        self.releases.first().map_or(1, |last| last.release + 1)
    }

    /// The holder of `key`, who may publish for the department.
    ///
    /// # Errors
    /// [`Refusal::UnknownKey`] and [`Refusal::RevokedKey`].
    pub fn publisher(&self, key: &[u8]) -> Result<&PublicKey, Refusal> {
        match self.keys.iter().find(|known| known.key == key) {
            Some(known) if known.revoked_at.is_none() => Ok(known),
            Some(_) => Err(Refusal::RevokedKey),
            None => Err(Refusal::UnknownKey {
                department: self.standing.department.clone(),
                key: key.to_vec(),
            }),
        }
    }

    /// What `order` comes to when the holder of `key` gives it now.
    ///
    /// # Errors
    /// Whatever stands against it.
    pub fn change(&self, order: &Order, key: &[u8]) -> Result<Change, Refusal> {
        self.publisher(key)?;
        if *order == Order::Confirm {
            self.is_second(key)?;
        }
        match self.two {
            true => proposed(order.clone()).carry_out(&self.standing, &self.log),
            false => order.carry_out(&self.standing, &self.log),
        }
    }

    /// What a publisher signs so that `change` comes about; `sha256` is the digest of a release that is not stored yet.
    pub fn statement<'a>(&'a self, change: &'a Change, sha256: Option<&'a [u8]>) -> Statement<'a> {
        let stored = || {
            self.releases
                .iter()
                .find(|release| Some(release.release) == change.release)
                .map_or(&[] as &[u8], |release| &release.sha256)
        };
        Statement {
            department: &self.standing.department,
            revision: change.standing.revision,
            action: change.action,
            release: change.release,
            share: change.share,
            sha256: sha256.unwrap_or_else(stored),
            endpoint: change.endpoint.as_deref().unwrap_or_default(),
        }
    }

    /// Whether `key` is another person's than what it confirms: the proposal, or what signed the release that decides.
    fn is_second(&self, key: &[u8]) -> Result<(), Refusal> {
        let signers: Vec<&Entry> = match Proposal::waiting(&self.standing, &self.log) {
            Some(_) => self
                .log
                .iter()
                .filter(|entry| entry.revision == self.standing.revision)
                .collect(),
            None => {
                let release = self.standing.candidate.or(self.standing.current);
                self.log
                    .iter()
                    .filter(|entry| release.is_some() && entry.release == release)
                    .collect()
            }
        };
        let holder = |key: &[u8]| {
            self.keys
                .iter()
                .find(|known| known.key == key)
                .map(|known| known.holder.as_str())
        };
        match signers
            .iter()
            .all(|entry| entry.key != key && holder(&entry.key) != holder(key))
        {
            true => Ok(()),
            false => Err(Refusal::SecondPublisher),
        }
    }
}

/// Whether the department wants two publishers for what is new.
///
/// # Errors
/// [`Refusal::UnknownDepartment`] where the district has no such department, and those of the database.
pub async fn wants_two<C: Connection>(connection: &mut C, department: &str) -> Result<bool, Error> {
    let known: Option<Vec<Department>> = settings::load(connection, "departments").await?;
    known
        .into_iter()
        .flatten()
        .find(|known| known.id == department)
        .map(|known| known.two_publishers)
        .ok_or_else(|| Refusal::UnknownDepartment(department.to_owned()).into())
}

/// What becomes of `order` where two publishers are wanted for what is new.
fn proposed(order: Order) -> Order {
    match order {
        Order::Publish { release, share } => Order::Propose(Proposal::Release { release, share }),
        Order::Endpoint(address) => Order::Propose(Proposal::Endpoint(address)),
        order => order,
    }
}

/// Carries `order` out inside the open transaction in which `situation` was read: the one way in which anything comes
/// into force. `signature` is that of `key` under the statement that follows from the order.
///
/// # Errors
/// Whatever stands against it; the transaction has to be rolled back then.
pub async fn order_in<C: Connection>(
    connection: &mut C,
    situation: &Situation,
    order: &Order,
    now: i64,
    key: &[u8],
    signature: &[u8],
) -> Result<Change, Error> {
    let change = situation.change(order, key)?;
    if !situation.statement(&change, None).is_signed(key, signature) {
        return Err(Refusal::Signature.into());
    }
    let entry = Entry {
        department: situation.standing.department.clone(),
        revision: change.standing.revision,
        at: now,
        action: change.action.to_owned(),
        release: change.release,
        share: change.share,
        endpoint: change.endpoint.clone(),
        key: key.to_vec(),
        signature: signature.to_vec(),
    };
    handlers::change(connection, &change.standing, &entry).await?;
    Ok(change)
}

/// Archives `component`, which has passed the gate, as `release` and orders it to decide `share` hundredths of the
/// cases, inside the open transaction in which `situation` was read.
///
/// # Errors
/// Whatever stands against it; the transaction has to be rolled back then.
pub async fn publish_in<C: Connection>(
    connection: &mut C,
    situation: &mut Situation,
    release: Release,
    component: &[u8],
    share: i64,
    key: &[u8],
    signature: &[u8],
) -> Result<Change, Error> {
    let same = situation
        .releases
        .iter()
        .find(|other| other.version == release.version && other.sha256 != release.sha256);
    if let Some(same) = same {
        return Err(Refusal::VersionTaken {
            version: release.version,
            release: same.release,
        }
        .into());
    }
    handlers::insert_component(connection, &release.sha256, component).await?;
    handlers::insert_release(connection, &release).await?;
    let order = Order::Publish {
        release: release.release,
        share,
    };
    let now = release.published_at;
    situation.releases.insert(0, release);
    order_in(connection, situation, &order, now, key, signature).await
}

/// Whether a publisher of the department has signed this very release, or two different ones where `two` are wanted; a
/// key that was revoked later counts for what it signed before.
pub fn is_vouched(release: &Release, log: &[Entry], keys: &[PublicKey], two: bool) -> bool {
    let mut signers = log
        .iter()
        .filter(|entry| entry.department == release.department)
        .filter(|entry| entry.release == Some(release.release))
        .filter_map(|entry| {
            keys.iter().find(|key| {
                key.key == entry.key
                    && key.department == release.department
                    && key.revoked_at.is_none_or(|revoked| entry.at <= revoked)
                    && is_signed(entry, Some(release))
            })
        });
    let Some(first) = signers.next() else {
        return false;
    };
    !two || signers.any(|other| other.key != first.key && other.holder != first.holder)
}

/// Whether the entry's signature is one of its key for what it says.
pub fn is_signed(entry: &Entry, release: Option<&Release>) -> bool {
    Statement {
        department: &entry.department,
        revision: entry.revision,
        action: &entry.action,
        release: entry.release,
        share: entry.share,
        sha256: release.map_or(&[] as &[u8], |release| &release.sha256),
        endpoint: entry.endpoint.as_deref().unwrap_or_default(),
    }
    .is_signed(&entry.key, &entry.signature)
}

//! What a department has, as it travels over HTTP: the function `registry` writes it, the command `wenzheng` reads it.
//!
//! Times are RFC 3339 to the second, digests hexadecimal, keys and signatures base64. What only publishers see is
//! missing for everybody else.

use crate::signature::{bytes, show};
use crate::situation::Situation;
use case::time::{Offset, Timestamp};
use serde::{Deserialize, Serialize};
use store::deliveries::Delivery;
use store::handlers::{Entry, Notice, PublicKey, Release, Standing};

/// The header with the public key of whoever asks.
pub const KEY: &str = "publisher-key";
/// The header with their signature.
pub const SIGNATURE: &str = "publisher-signature";
/// The header with the time at which a reading was signed.
pub const TIME: &str = "publisher-time";
/// The header with the revision that a release makes.
pub const REVISION: &str = "handler-revision";
/// The header with the share of the cases that a release decides, in hundredths.
pub const SHARE: &str = "handler-share";
/// The header with the digest of the body, as RFC 9530 has it.
pub const DIGEST: &str = "content-digest";
/// The media type of a component.
pub const MEDIA_TYPE: &str = "application/wasm";

/// The value of [`DIGEST`] for a SHA-256.
pub fn digest(sha256: &[u8]) -> String {
    format!("sha-256=:{}:", show(sha256))
}

/// The SHA-256 in a value of [`DIGEST`], among whatever else is there.
pub fn sha256(value: &str) -> Option<Vec<u8>> {
    value
        .split(',')
        .find_map(|part| {
            let encoded = part.trim().strip_prefix("sha-256=:")?.strip_suffix(':')?;
            bytes(encoded)
        })
        .filter(|digest| digest.len() == 32)
}

/// An order about what was published before, as it is posted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordered {
    /// What is ordered.
    pub order: Name,
    /// The revision that it makes.
    pub revision: i64,
    /// For `rollback`: the release to go back to; none for the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// For `endpoint`: where the handler runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// The name of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// The release on trial decides all cases.
    Promote,
    /// Back to a release.
    Rollback,
    /// The platform's default decides.
    Disable,
    /// The handler runs as an application of its own.
    Endpoint,
    /// The second publisher's word.
    Confirm,
}

/// One department's handler.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct View {
    /// What decides now.
    #[serde(flatten)]
    pub standing: StandingView,
    /// Everything published, the latest first.
    pub releases: Vec<ReleaseView>,
    /// Every change, the latest first.
    pub history: Vec<EntryView>,
    /// For publishers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishers: Option<Inside>,
}

/// What only publishers of the department see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inside {
    /// Where the handler runs as an application of its own.
    pub endpoint: Option<String>,
    /// Who may or might publish.
    pub keys: Vec<KeyView>,
    /// What was handed in of late, the latest first.
    pub deliveries: Vec<DeliveryView>,
    /// What the platform has to tell, the latest first.
    pub notices: Vec<NoticeView>,
}

/// What decides for a department now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StandingView {
    /// The department.
    pub department: String,
    /// How often it was changed; 0 before the first time.
    pub revision: i64,
    /// The release that decides; none, and the platform's default does.
    pub current: Option<i64>,
    /// A release that decides `share` hundredths of the cases instead.
    pub candidate: Option<i64>,
    /// In hundredths.
    pub share: i64,
    /// Whether the handler runs as an application of its own, and not on the platform.
    pub elsewhere: bool,
    /// Whether the department wants two publishers for what is new.
    pub two_publishers: bool,
    /// What waits for the second one: a release, or the word `endpoint`.
    pub waits: Option<Waits>,
}

/// What waits for a second publisher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waits {
    /// A release.
    Release(i64),
    /// An address.
    Endpoint,
}

/// Something that was published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReleaseView {
    /// Its number within the department.
    pub release: i64,
    /// The handler's name, as it says itself.
    pub name: String,
    /// Its version, as it says itself.
    pub version: String,
    /// SHA-256 of its component.
    pub sha256: String,
    /// The categories that it wants to see; empty for all.
    pub categories: Vec<String>,
    /// When it was published.
    pub published_at: String,
}

/// A change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EntryView {
    /// The revision that it made.
    pub revision: i64,
    /// When.
    pub at: String,
    /// What was done.
    pub action: String,
    /// The release that it put in, if any.
    pub release: Option<i64>,
    /// In hundredths.
    pub share: i64,
    /// For publishers only: what else was signed, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedView>,
}

/// What of a change only publishers see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedView {
    /// Where the handler ran from then on, if not on the platform.
    pub endpoint: Option<String>,
    /// The public key of who did it.
    pub key: String,
    /// Their signature.
    pub signature: String,
}

/// A public key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyView {
    /// The key.
    pub key: String,
    /// Whose it is.
    pub holder: String,
    /// Since when it counts.
    pub created_at: String,
    /// When it ceased to count.
    pub revoked_at: Option<String>,
}

/// Something that was handed in, with what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryView {
    /// The signature of whoever handed it in, which names it.
    pub signature: String,
    /// The revision that it was to make.
    pub revision: i64,
    /// The release that it was to become.
    pub release: i64,
    /// In hundredths.
    pub share: i64,
    /// SHA-256 of its component.
    pub sha256: String,
    /// When it had arrived.
    pub arrived_at: String,
    /// `waiting`, `published`, `proposed`, `refused`, `overtaken` or `replaced`.
    pub verdict: String,
    /// What the verdict means, for people.
    pub detail: String,
    /// When it was judged.
    pub judged_at: Option<String>,
    /// What the gate looked at, a line each, and what it found.
    pub report: Option<String>,
}

/// What the platform has to tell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoticeView {
    /// When.
    pub at: String,
    /// The release that it is about.
    pub release: i64,
    /// `rests` or `recovered`.
    pub what: String,
    /// Of the last failure.
    pub cause: Option<String>,
}

/// What an order came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    /// The action, as the log names it.
    pub action: String,
    /// What decides now.
    #[serde(flatten)]
    pub standing: StandingView,
}

fn time(at: i64, offset: Offset) -> String {
    Timestamp(at).local(offset).to_string()
}

fn millis(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|at| at.0)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

impl StandingView {
    /// As `standing` has it; `log` has its latest entry at least.
    pub fn of(standing: &Standing, log: &[Entry], two: bool) -> StandingView {
        use crate::order::Proposal;
        StandingView {
            department: standing.department.clone(),
            revision: standing.revision,
            current: standing.current,
            candidate: standing.candidate,
            share: standing.share,
            elsewhere: standing.endpoint.is_some(),
            two_publishers: two,
            waits: Proposal::waiting(standing, log).map(|proposal| match proposal {
                Proposal::Release { release, .. } => Waits::Release(release),
                Proposal::Endpoint(_) => Waits::Endpoint,
            }),
        }
    }
}

impl View {
    /// What everybody sees of `situation`, at most `entries` changes of it; times with `offset`.
    pub fn public(situation: &Situation, entries: usize, offset: Offset) -> View {
        View {
            standing: StandingView::of(&situation.standing, &situation.log, situation.two),
            releases: situation
                .releases
                .iter()
                .map(|release| ReleaseView {
                    release: release.release,
                    name: release.name.clone(),
                    version: release.version.clone(),
                    sha256: seal::hex(&release.sha256),
                    categories: release.categories.clone(),
                    published_at: time(release.published_at, offset),
                })
                .collect(),
            history: situation
                .log
                .iter()
                .take(entries)
                .map(|entry| EntryView {
                    revision: entry.revision,
                    at: time(entry.at, offset),
                    action: entry.action.clone(),
                    release: entry.release,
                    share: entry.share,
                    signed: None,
                })
                .collect(),
            publishers: None,
        }
    }

    /// What publishers see: all of `situation`, what was handed in, and what there is to tell. `detail` says what a
    /// verdict means.
    pub fn inside(
        situation: &Situation,
        deliveries: &[Delivery],
        notices: Vec<Notice>,
        offset: Offset,
        detail: impl Fn(&str) -> String,
    ) -> View {
        let mut view = View::public(situation, usize::MAX, offset);
        for (shown, entry) in view.history.iter_mut().zip(&situation.log) {
            shown.signed = Some(SignedView {
                endpoint: entry.endpoint.clone(),
                key: show(&entry.key),
                signature: show(&entry.signature),
            });
        }
        view.publishers = Some(Inside {
            endpoint: situation.standing.endpoint.clone(),
            keys: situation
                .keys
                .iter()
                .map(|key| KeyView {
                    key: show(&key.key),
                    holder: key.holder.clone(),
                    created_at: time(key.created_at, offset),
                    revoked_at: key.revoked_at.map(|at| time(at, offset)),
                })
                .collect(),
            deliveries: deliveries
                .iter()
                .map(|delivery| {
                    let verdict = delivery.verdict.as_deref().unwrap_or(WAITING);
                    DeliveryView {
                        signature: show(&delivery.signature),
                        revision: delivery.revision,
                        release: delivery.release,
                        share: delivery.share,
                        sha256: seal::hex(&delivery.sha256),
                        arrived_at: time(delivery.arrived_at, offset),
                        verdict: verdict.to_owned(),
                        detail: detail(verdict),
                        judged_at: delivery.judged_at.map(|at| time(at, offset)),
                        report: delivery.report.clone(),
                    }
                })
                .collect(),
            notices: notices
                .into_iter()
                .map(|notice| NoticeView {
                    at: time(notice.at, offset),
                    release: notice.release,
                    what: notice.what,
                    cause: notice.cause,
                })
                .collect(),
        });
        view
    }

    /// The situation that a publisher was shown; none where this is what everybody sees, or not in form.
    pub fn situation(&self) -> Option<Situation> {
        let inside = self.publishers.as_ref()?;
        let department = &self.standing.department;
        Some(Situation {
            standing: Standing {
                department: department.clone(),
                revision: self.standing.revision,
                current: self.standing.current,
                candidate: self.standing.candidate,
                share: self.standing.share,
                endpoint: inside.endpoint.clone(),
            },
            log: self
                .history
                .iter()
                .map(|entry| {
                    let signed = entry.signed.as_ref()?;
                    Some(Entry {
                        department: department.clone(),
                        revision: entry.revision,
                        at: millis(&entry.at)?,
                        action: entry.action.clone(),
                        release: entry.release,
                        share: entry.share,
                        endpoint: signed.endpoint.clone(),
                        key: bytes(&signed.key)?,
                        signature: bytes(&signed.signature)?,
                    })
                })
                .collect::<Option<_>>()?,
            releases: self
                .releases
                .iter()
                .map(|release| {
                    Some(Release {
                        department: department.clone(),
                        release: release.release,
                        sha256: unhex(&release.sha256)?,
                        name: release.name.clone(),
                        version: release.version.clone(),
                        categories: release.categories.clone(),
                        published_at: millis(&release.published_at)?,
                    })
                })
                .collect::<Option<_>>()?,
            keys: inside
                .keys
                .iter()
                .map(|key| {
                    Some(PublicKey {
                        key: bytes(&key.key)?,
                        department: department.clone(),
                        holder: key.holder.clone(),
                        created_at: millis(&key.created_at)?,
                        revoked_at: match &key.revoked_at {
                            Some(at) => Some(millis(at)?),
                            None => None,
                        },
                    })
                })
                .collect::<Option<_>>()?,
            two: self.standing.two_publishers,
        })
    }
}

/// The verdict of what was not judged yet.
pub const WAITING: &str = "waiting";

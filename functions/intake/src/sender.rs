//! Who sends a message, and what follows from it: channel, limits, memory.

use case::Actor;
use case::district::{Channel, ChannelKind, Feedback, Flood, FloodScope};
use seal::Keys;
use store::accounts::Account;
use store::counters::{Count, Limit};

/// Who sends it.
pub enum Sender {
    /// A member of staff on a citizen's behalf.
    Staff(Account),
    /// The adapter of a channel.
    Channel(String),
    /// Anybody, from this network.
    Client(String),
}

/// Limits from here on are counted in this many parts: a channel that hands
/// over hundreds of messages a second must not wait for one row of the database.
const PARTS: u32 = 10;
const PARTED_FROM: u32 = 1000;

impl Sender {
    /// The actor of the first event.
    pub fn actor(&self) -> Actor {
        match self {
            Sender::Staff(account) => account.actor(),
            Sender::Channel(channel) => Actor::Channel {
                channel: channel.clone(),
            },
            Sender::Client(_) => Actor::Citizen,
        }
    }

    /// The channel by which the message came; `named` is what it says itself.
    /// None when it may not say that.
    pub fn channel(&self, named: Option<&str>, channels: &[Channel]) -> Option<String> {
        let own = |feedback| {
            channels
                .iter()
                .find(|channel| channel.kind == ChannelKind::Own && channel.feedback == feedback)
                .map(|channel| channel.id.clone())
        };
        let known = |id: &str| {
            channels
                .iter()
                .any(|channel| channel.id == id)
                .then(|| id.to_owned())
        };
        let expected = match (self, named) {
            (Sender::Staff(_), Some(named)) => return known(named),
            (Sender::Staff(_), None) => own(Feedback::Phone),
            (Sender::Channel(channel), _) => known(channel),
            (Sender::Client(_), _) => own(Feedback::Web),
        };
        expected.filter(|channel| named.is_none_or(|named| named == channel))
    }

    /// The name under which this sender's messages are remembered.
    pub fn scope(&self) -> String {
        match self {
            Sender::Staff(account) => format!("staff\n{}", account.id),
            Sender::Channel(channel) => format!("channel\n{channel}"),
            Sender::Client(network) => format!("client\n{network}"),
        }
    }

    /// The limits that count for this message. `contacts` are telephone
    /// number and e-mail address in the form under which they are indexed,
    /// `part` is any number that differs from message to message.
    pub fn limits(
        &self,
        floods: &[Flood],
        contacts: &[String],
        keys: &Keys,
        now: i64,
        part: u32,
    ) -> Vec<Limit> {
        let mut limits = Vec::new();
        for flood in floods {
            let window = i64::try_from(flood.window_seconds)
                .unwrap_or(i64::MAX / 1000)
                .saturating_mul(1000)
                .max(1);
            let mut max = i64::from(flood.max);
            let mut parted = String::new();
            let counted: Vec<&str> = match (flood.scope, self) {
                (FloodScope::Client, Sender::Client(network)) => vec![network],
                (FloodScope::Contact, Sender::Client(_)) => {
                    contacts.iter().map(String::as_str).collect()
                }
                (FloodScope::Channel, Sender::Channel(channel)) => {
                    if flood.max >= PARTED_FROM {
                        max = i64::from(flood.max.div_ceil(PARTS));
                        parted = (part % PARTS).to_string();
                    }
                    vec![channel]
                }
                // Whom staff have on the line is no flood.
                _ => continue,
            };
            for value in counted {
                let name = format!("{:?}\n{window}\n{parted}\n{value}", flood.scope);
                let window_start = now - now.rem_euclid(window);
                let key = keys.index("flood", &name).to_vec();
                limits.push(Limit {
                    count: Count { key, window_start },
                    max,
                    ends: window_start + window,
                });
            }
        }
        limits
    }
}

/// The seconds to wait, of limits whose counters would stand at `counted`, until none is exceeded; none when none is.
pub fn wait(limits: &[Limit], counted: &[i64], now: i64) -> Option<u64> {
    limits
        .iter()
        .zip(counted)
        .filter(|(limit, counted)| **counted > limit.max)
        .map(|(limit, _)| {
            u64::try_from((limit.ends - now + 999) / 1000)
                .unwrap_or(1)
                .max(1)
        })
        .max()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use case::Role;

    fn floods() -> Vec<Flood> {
        let flood = |scope, window_seconds, max| Flood {
            scope,
            window_seconds,
            max,
        };
        vec![
            flood(FloodScope::Client, 60, 10),
            flood(FloodScope::Contact, 3600, 5),
            flood(FloodScope::Channel, 60, 60_000),
        ]
    }

    fn keys() -> Keys {
        Keys::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "").unwrap()
    }

    fn staff() -> Sender {
        Sender::Staff(Account {
            id: "li".into(),
            name: "Li".into(),
            role: Role::Operator,
            department: None,
            must_change: false,
            disabled: false,
            link: None,
            revision: 0,
        })
    }

    #[test]
    fn each_sender_has_limits_of_its_own() {
        let contacts = ["13800001111".to_owned(), "a@b.cn".to_owned()];
        let limits =
            |sender: &Sender, part| sender.limits(&floods(), &contacts, &keys(), 1_000_000, part);
        let client = limits(&Sender::Client("192.0.2.1".into()), 3);
        assert_eq!(
            client.iter().map(|limit| limit.max).collect::<Vec<_>>(),
            [10, 5, 5]
        );
        assert_eq!(
            (client[0].count.window_start, client[0].ends),
            (960_000, 1_020_000)
        );
        let channel = Sender::Channel("hotline".into());
        assert_eq!(limits(&channel, 3).len(), 1);
        assert_eq!(limits(&channel, 3)[0].max, 6000);
        assert_ne!(limits(&channel, 3)[0].count, limits(&channel, 4)[0].count);
        assert_eq!(limits(&channel, 3)[0].count, limits(&channel, 13)[0].count);
        assert!(limits(&staff(), 3).is_empty());
        assert_ne!(
            client[0].count,
            limits(&Sender::Client("192.0.2.2".into()), 3)[0].count
        );
    }

    #[test]
    fn the_longest_wait_counts() {
        let limits = Sender::Client("192.0.2.1".into()).limits(
            &floods(),
            &["1".into()],
            &keys(),
            1_000_000,
            0,
        );
        assert_eq!(wait(&limits, &[10, 5], 1_000_000), None);
        assert_eq!(wait(&limits, &[11, 5], 1_000_000), Some(20));
        assert_eq!(wait(&limits, &[11, 6], 1_000_000), Some(2600));
    }

    #[test]
    fn only_staff_name_a_channel() {
        let channel = |id: &str, kind, feedback| Channel {
            id: id.into(),
            name: id.into(),
            name_en: id.into(),
            kind,
            number: None,
            feedback,
        };
        let channels = [
            channel("web", ChannelKind::Own, Feedback::Web),
            channel("phone", ChannelKind::Own, Feedback::Phone),
            channel("hotline", ChannelKind::Hotline, Feedback::Api),
        ];
        let client = Sender::Client(String::new());
        assert_eq!(client.channel(None, &channels).as_deref(), Some("web"));
        assert_eq!(
            client.channel(Some("web"), &channels).as_deref(),
            Some("web")
        );
        assert_eq!(client.channel(Some("phone"), &channels), None);
        let adapter = Sender::Channel("hotline".into());
        assert_eq!(adapter.channel(None, &channels).as_deref(), Some("hotline"));
        assert_eq!(adapter.channel(Some("web"), &channels), None);
        assert_eq!(staff().channel(None, &channels).as_deref(), Some("phone"));
        assert_eq!(
            staff().channel(Some("hotline"), &channels).as_deref(),
            Some("hotline")
        );
        assert_eq!(staff().channel(Some("nowhere"), &channels), None);
    }
}

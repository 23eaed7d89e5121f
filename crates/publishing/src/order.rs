//! What a publisher may order, and what follows from it. Pure: the database is in `situation`.
//!
//! Where a department wants two publishers for what is new, the first one's order only becomes an entry of the log, a
//! *proposal*. It waits as long as it is the last entry: anything else that is ordered makes it void.

use crate::Refusal;
use store::handlers::{Entry, Standing};

/// All cases, in hundredths.
pub const ALL: i64 = 100;

/// The action of an entry that only proposes something.
pub const PROPOSE: &str = "propose";

/// What a publisher orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The release decides a share of the cases, in hundredths; with [`ALL`] it takes the place of the current one.
    Publish {
        /// Its number within the department.
        release: i64,
        /// In hundredths.
        share: i64,
    },
    /// The candidate decides all cases.
    Promote,
    /// Back to a release, or to the one before.
    Rollback {
        /// The release; none for the one before.
        to: Option<i64>,
    },
    /// The platform's default decides.
    Disable,
    /// The handler runs as an application of its own, at this address.
    Endpoint(String),
    /// A release for a share of the cases, or an address, which a second publisher has to confirm.
    Propose(Proposal),
    /// What was proposed last is carried out; without a proposal, what decides now has two publishers from now on.
    Confirm,
}

/// What waits for a second publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// [`Order::Publish`].
    Release {
        /// Its number within the department.
        release: i64,
        /// In hundredths.
        share: i64,
    },
    /// [`Order::Endpoint`].
    Endpoint(String),
}

impl Proposal {
    /// The proposal that waits as things stand; `log` has the latest entry at least.
    pub fn waiting(standing: &Standing, log: &[Entry]) -> Option<Proposal> {
        let last = log
            .iter()
            .find(|entry| entry.revision == standing.revision)?;
        if last.action != PROPOSE {
            return None;
        }
        Some(match (&last.endpoint, last.release) {
            (None, Some(release)) => Proposal::Release {
                release,
                share: last.share,
            },
            (Some(endpoint), _) => Proposal::Endpoint(endpoint.clone()),
            (None, None) => return None,
        })
    }

    fn order(self) -> Order {
        match self {
            Proposal::Release { release, share } => Order::Publish { release, share },
            Proposal::Endpoint(address) => Order::Endpoint(address),
        }
    }
}

/// What an order comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What decides from then on.
    pub standing: Standing,
    /// As the log names it: `publish`, `promote`, `rollback`, `disable`, `endpoint`, `propose`, `withdraw` or `confirm`.
    pub action: &'static str,
    /// The release that comes in.
    pub release: Option<i64>,
    /// In hundredths.
    pub share: i64,
    /// The address that the log names.
    pub endpoint: Option<String>,
}

impl Order {
    /// What follows from the order as things stand; `log` has every entry of the department, in any order.
    ///
    /// # Errors
    /// When it cannot be carried out; the text says what can.
    pub fn carry_out(&self, standing: &Standing, log: &[Entry]) -> Result<Change, Refusal> {
        // What changes nothing but the log.
        let noted = |action, release, share, endpoint: Option<String>| Change {
            standing: Standing {
                revision: standing.revision + 1,
                ..standing.clone()
            },
            action,
            release,
            share,
            endpoint: endpoint.or_else(|| standing.endpoint.clone()),
        };
        let mut next = Standing {
            revision: standing.revision + 1,
            candidate: None,
            share: 0,
            endpoint: None,
            ..standing.clone()
        };
        let (action, release, share) = match *self {
            Order::Publish { release, share } => {
                if !(1..=ALL).contains(&share) {
                    return Err(Refusal::Share);
                }
                if share == ALL {
                    next.current = Some(release);
                } else {
                    next.candidate = Some(release);
                    next.share = share;
                }
                ("publish", Some(release), share)
            }
            Order::Promote => {
                let Some(candidate) = standing.candidate else {
                    return Err(Refusal::NothingOnTrial);
                };
                next.current = Some(candidate);
                ("promote", Some(candidate), ALL)
            }
            Order::Propose(ref proposal) => {
                // It must be possible to carry it out, when the time comes.
                let change = proposal.clone().order().carry_out(standing, log)?;
                return Ok(Change {
                    standing: noted(PROPOSE, None, 0, None).standing,
                    action: PROPOSE,
                    ..change
                });
            }
            Order::Confirm => {
                if let Some(proposal) = Proposal::waiting(standing, log) {
                    return proposal.order().carry_out(standing, log);
                }
                let Some(release) = standing.candidate.or(standing.current) else {
                    return Err(Refusal::NothingToConfirm);
                };
                return Ok(noted("confirm", Some(release), ALL, None));
            }
            // What only waits is taken back first, then what is on trial: what decides the other cases is all right.
            Order::Rollback { to: None } if Proposal::waiting(standing, log).is_some() => {
                return Ok(noted("withdraw", None, 0, None));
            }
            Order::Rollback { to: None } if standing.candidate.is_some() => {
                ("rollback", standing.current, ALL)
            }
            Order::Rollback { to } => {
                let Some(to) = to.or_else(|| before(standing, log)) else {
                    return Err(Refusal::NothingEarlier);
                };
                let published = log
                    .iter()
                    .any(|entry| entry.release == Some(to) && entry.action != PROPOSE);
                if !published {
                    return Err(Refusal::NeverPublished(to));
                }
                next.current = Some(to);
                ("rollback", Some(to), ALL)
            }
            Order::Disable => {
                if !standing.decides() {
                    return Err(Refusal::NothingDecides);
                }
                next.current = None;
                ("disable", None, 0)
            }
            Order::Endpoint(ref address) => {
                if !is_endpoint(address) {
                    return Err(Refusal::Endpoint(address.clone()));
                }
                next.endpoint = Some(address.clone());
                ("endpoint", None, ALL)
            }
        };
        Ok(Change {
            endpoint: next.endpoint.clone(),
            standing: next,
            action,
            release,
            share,
        })
    }
}

/// `http` or `https`, a host and perhaps a port, and nothing else.
fn is_endpoint(address: &str) -> bool {
    address.len() <= 200
        && address.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.path() == "/"
                && uri.query().is_none()
                && uri
                    .authority()
                    .is_some_and(|authority| !authority.as_str().contains('@'))
        })
}

/// The latest release before the current one that decided all cases once; the latest of all while none does.
fn before(standing: &Standing, log: &[Entry]) -> Option<i64> {
    let current = standing.current.unwrap_or(i64::MAX);
    log.iter()
        .filter(|entry| entry.share == ALL && entry.action != PROPOSE)
        .filter_map(|entry| entry.release)
        .filter(|release| *release < current)
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Carries out `orders` one after the other and returns what stands, with the log.
    fn after(orders: &[Order]) -> (Standing, Vec<Entry>) {
        let mut standing = Standing::default();
        let mut log = Vec::new();
        for order in orders {
            let change = order
                .carry_out(&standing, &log)
                .expect("an order that can be carried out");
            standing = change.standing;
            log.push(Entry {
                department: String::new(),
                revision: standing.revision,
                at: 0,
                action: change.action.to_owned(),
                release: change.release,
                share: change.share,
                endpoint: change.endpoint,
                key: Vec::new(),
                signature: Vec::new(),
            });
        }
        (standing, log)
    }

    fn publish(release: i64, share: i64) -> Order {
        Order::Publish { release, share }
    }

    const BACK: Order = Order::Rollback { to: None };

    #[test]
    fn what_decides_after_orders() {
        let cases: &[(&[Order], Option<i64>, Option<i64>)] = &[
            (&[publish(1, ALL)], Some(1), None),
            (&[publish(1, ALL), publish(2, 10)], Some(1), Some(2)),
            (
                &[publish(1, ALL), publish(2, 10), Order::Promote],
                Some(2),
                None,
            ),
            (&[publish(1, ALL), publish(2, 10), BACK], Some(1), None),
            (&[publish(1, ALL), publish(2, ALL), BACK], Some(1), None),
            // A release that only ever was on trial is nothing to go back to.
            (
                &[publish(1, ALL), publish(2, 10), BACK, publish(3, ALL), BACK],
                Some(1),
                None,
            ),
            (
                &[
                    publish(1, ALL),
                    publish(2, ALL),
                    Order::Rollback { to: Some(1) },
                    publish(3, ALL),
                ],
                Some(3),
                None,
            ),
            (
                &[publish(1, ALL), publish(2, ALL), Order::Disable],
                None,
                None,
            ),
            (
                &[publish(1, ALL), publish(2, ALL), Order::Disable, BACK],
                Some(2),
                None,
            ),
            (&[publish(1, 5), Order::Promote], Some(1), None),
            (&[publish(1, 5), BACK], None, None),
        ];
        for (orders, current, candidate) in cases {
            let (standing, log) = after(orders);
            assert_eq!(
                (standing.current, standing.candidate),
                (*current, *candidate),
                "{orders:?}"
            );
            assert_eq!(standing.revision, log.len() as i64);
        }
    }

    #[test]
    fn an_endpoint_stands_until_something_else_decides() {
        let endpoint = || Order::Endpoint("http://127.0.0.1:3101".to_owned());
        let (standing, _) = after(&[publish(1, ALL), endpoint()]);
        assert_eq!(
            (standing.current, standing.endpoint.is_some()),
            (Some(1), true)
        );
        for order in [
            publish(2, ALL),
            Order::Disable,
            Order::Rollback { to: Some(1) },
        ] {
            let (standing, _) = after(&[publish(1, ALL), endpoint(), order]);
            assert_eq!(standing.endpoint, None);
        }
        for bad in [
            "",
            "parks",
            "ftp://a",
            "http://a/b",
            "http://a?b",
            "http://u:p@a",
        ] {
            let refused = Order::Endpoint(bad.to_owned()).carry_out(&Standing::default(), &[]);
            assert!(refused.is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proposal_decides_nothing_until_it_is_confirmed() {
        let propose = |release, share| Order::Propose(Proposal::Release { release, share });
        let cases: &[(&[Order], Option<i64>, Option<i64>)] = &[
            (&[propose(1, ALL)], None, None),
            (&[propose(1, ALL), Order::Confirm], Some(1), None),
            (
                &[propose(1, ALL), Order::Confirm, propose(2, 10)],
                Some(1),
                None,
            ),
            (
                &[
                    propose(1, ALL),
                    Order::Confirm,
                    propose(2, 10),
                    Order::Confirm,
                ],
                Some(1),
                Some(2),
            ),
            // Taken back before anybody confirmed it; what decides goes on.
            (
                &[propose(1, ALL), Order::Confirm, propose(2, ALL), BACK],
                Some(1),
                None,
            ),
            // Somebody else's order makes it void: what is confirmed then is what decides.
            (
                &[
                    publish(1, ALL),
                    publish(2, ALL),
                    propose(3, ALL),
                    Order::Rollback { to: Some(1) },
                    Order::Confirm,
                ],
                Some(1),
                None,
            ),
            // What was only proposed is nothing to go back to.
            (
                &[
                    publish(1, ALL),
                    propose(2, ALL),
                    BACK,
                    publish(3, ALL),
                    BACK,
                ],
                Some(1),
                None,
            ),
        ];
        for (orders, current, candidate) in cases {
            let (standing, log) = after(orders);
            assert_eq!(
                (standing.current, standing.candidate),
                (*current, *candidate),
                "{orders:?}"
            );
            assert_eq!(standing.revision, log.len() as i64);
        }
        let (standing, log) = after(&[publish(1, ALL), propose(2, ALL)]);
        let refused = Order::Rollback { to: Some(2) }.carry_out(&standing, &log);
        assert!(refused.is_err(), "it was never published");
        let (standing, _) = after(&[
            publish(1, ALL),
            Order::Propose(Proposal::Endpoint("http://127.0.0.1:3101".to_owned())),
        ]);
        assert_eq!(standing.endpoint, None);
        let (standing, _) = after(&[
            publish(1, ALL),
            Order::Propose(Proposal::Endpoint("http://127.0.0.1:3101".to_owned())),
            Order::Confirm,
        ]);
        assert!(standing.endpoint.is_some());
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let cases: &[(&[Order], Order, &str)] = &[
            (&[], Order::Promote, "on trial"),
            (&[], Order::Disable, "no handler"),
            (&[], Order::Confirm, "nothing waits"),
            (
                &[],
                Order::Propose(Proposal::Endpoint("parks".to_owned())),
                "no address",
            ),
            (&[], BACK, "no earlier release"),
            (&[publish(1, ALL)], BACK, "no earlier release"),
            (
                &[publish(1, ALL)],
                Order::Rollback { to: Some(9) },
                "never published",
            ),
            (&[], publish(1, 0), "share"),
            (&[], publish(1, 101), "share"),
        ];
        for (orders, order, word) in cases {
            let (standing, log) = after(orders);
            let error = order
                .carry_out(&standing, &log)
                .expect_err("refused")
                .to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

//! What a publisher may order, and what follows from it. Pure: the database is in `registry`.

use anyhow::{Result, bail, ensure};
use store::handlers::{Entry, Standing};

/// All cases, in hundredths.
pub(crate) const ALL: i64 = 100;

/// What a publisher orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The release decides a share of the cases, in hundredths; with [`ALL`] it takes the place of the current one.
    Publish { release: i64, share: i64 },
    /// The candidate decides all cases.
    Promote,
    /// Back to a release, or to the one before.
    Rollback { to: Option<i64> },
    /// The platform's default decides.
    Disable,
    /// The handler runs as an application of its own, at this address.
    Endpoint(String),
}

/// What an order comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) standing: Standing,
    pub(crate) action: &'static str,
    /// The release that comes in.
    pub(crate) release: Option<i64>,
    pub(crate) share: i64,
}

impl Order {
    /// What follows from the order as things stand; `log` has every entry of the department, in any order.
    ///
    /// # Errors
    /// When it cannot be carried out; the text says what can.
    pub(crate) fn carry_out(&self, standing: &Standing, log: &[Entry]) -> Result<Change> {
        let mut next = Standing {
            revision: standing.revision + 1,
            candidate: None,
            share: 0,
            endpoint: None,
            ..standing.clone()
        };
        let (action, release, share) = match *self {
            Order::Publish { release, share } => {
                ensure!(
                    (1..=ALL).contains(&share),
                    "a share is between 1 and {ALL} hundredths"
                );
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
                    bail!("nothing is on trial; `publish --share` puts a release on trial")
                };
                next.current = Some(candidate);
                ("promote", Some(candidate), ALL)
            }
            // A release on trial is taken back first: what decides the other cases is all right.
            Order::Rollback { to: None } if standing.candidate.is_some() => {
                ("rollback", standing.current, ALL)
            }
            Order::Rollback { to } => {
                let Some(to) = to.or_else(|| before(standing, log)) else {
                    bail!(
                        "there is no earlier release to go back to; `disable` lets the platform's default decide"
                    )
                };
                ensure!(
                    log.iter().any(|entry| entry.release == Some(to)),
                    "release {to} was never published"
                );
                next.current = Some(to);
                ("rollback", Some(to), ALL)
            }
            Order::Disable => {
                ensure!(
                    standing.decides(),
                    "no handler of the department decides anything"
                );
                next.current = None;
                ("disable", None, 0)
            }
            Order::Endpoint(ref address) => {
                ensure!(
                    is_endpoint(address),
                    "`{address}` is no address like http://host:port, without a path"
                );
                next.endpoint = Some(address.clone());
                ("endpoint", None, ALL)
            }
        };
        Ok(Change {
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
        .filter(|entry| entry.share == ALL)
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
                endpoint: None,
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
    fn what_cannot_be_done_is_said() {
        let cases: &[(&[Order], Order, &str)] = &[
            (&[], Order::Promote, "on trial"),
            (&[], Order::Disable, "no handler"),
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

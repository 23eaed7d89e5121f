//! What identifies a sender: network address, telephone number, e-mail address.

use std::net::IpAddr;

use crate::context::Context;

pub use ::text::contact::{email, phone};

/// The network that the client is in: the IPv4 address itself, or the /64 of
/// an IPv6 address, which is what one household or office has to itself.
pub fn network(context: &Context) -> String {
    network_of(context.client())
}

fn network_of(address: &str) -> String {
    let plain = address.trim_start_matches('[').trim_end_matches(']');
    match plain
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(address) => address.to_string(),
        Err(_) => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_has_one_network() {
        assert_eq!(network_of("192.0.2.7"), "192.0.2.7");
        assert_eq!(network_of("[::ffff:192.0.2.7]"), "192.0.2.7");
        assert_eq!(
            network_of("2001:db8:1:2:3:4:5:6"),
            network_of("[2001:db8:1:2::1]")
        );
        assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
        assert_eq!(network_of(""), "");
    }
}

//! Which addresses a component may call: `allowed_outbound_hosts`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The domain under which every component with an HTTP trigger can be called by its id.
pub const CHAINING_DOMAIN: &str = "spin.internal";

/// The addresses that a component may call. Empty: none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    hosts: Vec<AllowedHost>,
}

/// One entry: `scheme://host[:port]`, each of them `*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    /// `None` is any scheme.
    scheme: Option<String>,
    host: Host,
    /// `None` is any port.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// A domain with its dot in front, in lower case.
    Subdomains(String),
    /// In lower case.
    Domain(String),
    Address(IpAddr),
}

/// Why an entry of `allowed_outbound_hosts` is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// There is no `://`.
    #[error(
        "`{0}` has no scheme: an allowed host is written scheme://host[:port], for example https://example.com"
    )]
    NoScheme(String),
    /// The scheme is neither `*` nor letters.
    #[error("the scheme of `{0}` must be letters, or `*`")]
    Scheme(String),
    /// There is something behind the host and the port.
    #[error("`{0}` has a path; only scheme://host[:port] can be allowed")]
    Path(String),
    /// The host is neither a domain nor an address.
    #[error("the host of `{0}` is neither `*`, `*.domain`, a domain nor an IP address")]
    Host(String),
    /// The port is not a number.
    #[error("the port of `{0}` must be a number from 1 to 65535, or `*`")]
    Port(String),
    /// No port, and none follows from the scheme.
    #[error("`{0}` needs a port: its scheme has no usual one")]
    NoPort(String),
    /// Something that Spin knows and this runner does not do.
    #[error("wenzheng does not run {what} in allowed hosts (`{entry}`); {instead}")]
    NotRun {
        /// The entry.
        entry: String,
        /// What it uses.
        what: &'static str,
        /// What to write in its place.
        instead: &'static str,
    },
}

impl AllowedHosts {
    /// Reads a list of entries without templates.
    ///
    /// # Errors
    /// The first entry that is refused.
    pub fn parse<S: AsRef<str>>(list: &[S]) -> Result<Self, HostError> {
        let hosts = list
            .iter()
            .map(|entry| AllowedHost::parse(entry.as_ref()))
            .collect::<Result<_, _>>()?;
        Ok(Self { hosts })
    }

    pub(crate) fn push(&mut self, host: AllowedHost) {
        self.hosts.push(host);
    }

    /// Whether a call to this address is allowed. `port` is the real port, with the scheme's default filled in;
    /// an IPv6 address may stand in brackets or not.
    pub fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        let Some(host) = Target::of(host) else {
            return false;
        };
        self.hosts.iter().any(|allowed| {
            allowed
                .scheme
                .as_ref()
                .is_none_or(|own| own.eq_ignore_ascii_case(scheme))
                && allowed.host.allows(&host)
                && allowed.port.is_none_or(|own| own == port)
        })
    }

    /// Whether the component `id` may be called as `http://<id>.spin.internal` or `https://<id>.spin.internal`.
    pub fn allows_component(&self, id: &str) -> bool {
        let host = format!("{id}.{CHAINING_DOMAIN}");
        self.allows("http", &host, 80) || self.allows("https", &host, 443)
    }

    /// Whether nothing is allowed.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }
}

impl AllowedHost {
    /// Reads one entry.
    ///
    /// # Errors
    /// [`HostError`] says which rule it breaks.
    pub fn parse(entry: &str) -> Result<Self, HostError> {
        let text = entry.trim();
        let owned = || entry.to_owned();
        let not_run = |what, instead| HostError::NotRun {
            entry: entry.to_owned(),
            what,
            instead,
        };
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| HostError::NoScheme(owned()))?;
        if scheme != "*" && (scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphabetic()))
        {
            return Err(HostError::Scheme(owned()));
        }
        let scheme = scheme.to_ascii_lowercase();
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if let Some((address, bits)) = rest.split_once('/') {
            let address = address.trim_matches(['[', ']']);
            if address.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok() {
                return Err(not_run("address ranges", "name each address"));
            }
            return Err(HostError::Path(owned()));
        }
        let (host, port) = match rest.rsplit_once(':') {
            // The colons of an IPv6 address in brackets are not the port's.
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (rest, ""),
        };
        if host == "self" || host == "self.alt" {
            return Err(not_run(
                "`self`",
                "call the component by http://<id>.spin.internal",
            ));
        }
        if port.contains("..") {
            return Err(not_run("ranges of ports", "name each port, or `*`"));
        }
        let port = match port {
            "*" => None,
            "" => Some(usual_port(&scheme).ok_or_else(|| HostError::NoPort(owned()))?),
            port => match port.parse::<u16>() {
                Ok(port) if port > 0 => Some(port),
                _ => return Err(HostError::Port(owned())),
            },
        };
        Ok(Self {
            scheme: (scheme != "*").then_some(scheme),
            host: Host::parse(host).ok_or_else(|| HostError::Host(owned()))?,
            port,
        })
    }

    /// The component that this entry allows to call, if it names just one.
    pub(crate) fn component(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(domain) => domain.strip_suffix(CHAINING_DOMAIN)?.strip_suffix('.'),
            _ => None,
        }
    }

    /// Whether calls over HTTP are among what is allowed.
    pub(crate) fn is_http(&self) -> bool {
        matches!(self.scheme.as_deref(), None | Some("http" | "https"))
    }
}

fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

/// The host of a call.
enum Target {
    Domain(String),
    Address(IpAddr),
}

impl Target {
    fn of(host: &str) -> Option<Self> {
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        if let Some(address) = bare {
            return address
                .parse::<Ipv6Addr>()
                .ok()
                .map(|ip| Self::Address(ip.into()));
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(Self::Address(address));
        }
        is_domain(host).then(|| Self::Domain(host.to_ascii_lowercase()))
    }
}

/// Letters, digits, `-` and `_` in labels joined by dots; the last label is no number, so that no spelling of an
/// IPv4 address passes for a domain.
fn is_domain(host: &str) -> bool {
    let good = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().next().is_some_and(|b| b.is_ascii_digit())
        && (last.bytes().all(|b| b.is_ascii_digit())
            || last.starts_with("0x")
            || last.starts_with("0X"));
    host.len() <= 253 && host.split('.').all(good) && !number
}

impl Host {
    fn parse(host: &str) -> Option<Self> {
        if host == "*" {
            return Some(Self::Any);
        }
        if let Some(domain) = host.strip_prefix("*.") {
            return is_domain(domain)
                .then(|| Self::Subdomains(format!(".{}", domain.to_ascii_lowercase())));
        }
        if let Ok(address) = host.parse::<Ipv4Addr>() {
            return Some(Self::Address(address.into()));
        }
        match Target::of(host)? {
            Target::Domain(domain) => Some(Self::Domain(domain)),
            // Without brackets the address's last group would be taken for a port.
            Target::Address(address) if host.starts_with('[') => Some(Self::Address(address)),
            Target::Address(_) => None,
        }
    }

    fn allows(&self, target: &Target) -> bool {
        match (self, target) {
            (Self::Any, _) => true,
            (Self::Subdomains(suffix), Target::Domain(domain)) => domain.ends_with(suffix),
            (Self::Domain(own), Target::Domain(domain)) => own == domain,
            (Self::Address(own), Target::Address(address)) => own == address,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hosts(list: &[&str]) -> AllowedHosts {
        AllowedHosts::parse(list).expect("a list of hosts")
    }

    #[test]
    fn allows_what_is_named_and_nothing_else() {
        for (entry, scheme, host, port, wanted) in [
            ("https://example.com", "https", "example.com", 443, true),
            ("https://example.com", "HTTPS", "Example.COM", 443, true),
            ("https://example.com/", "https", "example.com", 443, true),
            ("https://example.com", "https", "example.com", 8443, false),
            ("https://example.com", "http", "example.com", 443, false),
            (
                "https://example.com",
                "https",
                "www.example.com",
                443,
                false,
            ),
            ("https://example.com", "https", "example.com.", 443, false),
            (
                "https://example.com:8443",
                "https",
                "example.com",
                8443,
                true,
            ),
            (
                "https://*.example.com",
                "https",
                "a.b.example.com",
                443,
                true,
            ),
            ("https://*.example.com", "https", "example.com", 443, false),
            ("https://*.example.com", "https", "aexample.com", 443, false),
            ("https://*", "https", "10.0.0.1", 443, true),
            ("*://db.local:*", "postgres", "db.local", 5433, true),
            ("postgres://db.local", "postgres", "db.local", 5432, true),
            ("http://127.0.0.1:3000", "http", "127.0.0.1", 3000, true),
            ("http://127.0.0.1:3000", "http", "0x7f.1", 3000, false),
            ("http://[::1]:3000", "http", "[::1]", 3000, true),
            ("http://[::1]:3000", "http", "0:0:0:0:0:0:0:1", 3000, true),
            ("http://[::1]", "http", "::1", 80, true),
            ("*://*:*", "http", "x@y", 80, false),
        ] {
            assert_eq!(
                hosts(&[entry]).allows(scheme, host, port),
                wanted,
                "{entry} {scheme}://{host}:{port}"
            );
        }
        assert!(!AllowedHosts::default().allows("http", "localhost", 80));
    }

    #[test]
    fn chained_components() {
        let one = hosts(&["http://classify.spin.internal"]);
        assert!(one.allows_component("classify"));
        assert!(!one.allows_component("route"));
        assert!(hosts(&["http://*.spin.internal"]).allows_component("route"));
        assert!(hosts(&["*://*:*"]).allows_component("route"));
        assert!(!hosts(&["https://example.com"]).allows_component("route"));
        assert!(!hosts(&["postgres://classify.spin.internal"]).allows_component("classify"));
        let entry = AllowedHost::parse("http://classify.spin.internal").expect("an entry");
        assert_eq!(entry.component(), Some("classify"));
        let entry = AllowedHost::parse("http://classifyspin.internal").expect("an entry");
        assert_eq!(entry.component(), None);
    }

    #[test]
    fn refuses_the_rest() {
        for (entry, part) in [
            ("example.com", "no scheme"),
            ("*", "no scheme"),
            ("", "no scheme"),
            ("://example.com", "scheme"),
            ("ht3tp://example.com", "scheme"),
            ("http://example.com/x", "path"),
            ("http://", "host"),
            ("http://a*.example.com", "host"),
            ("http://*.*.com", "host"),
            ("http://*.1", "host"),
            ("http://exa mple.com", "host"),
            ("http://user@example.com", "host"),
            ("http://::1", "host"),
            ("ftp://example.com", "needs a port"),
            ("*://example.com", "needs a port"),
            ("http://example.com:0", "port"),
            ("http://example.com:99999", "port"),
            ("http://example.com:80..90", "does not run ranges of ports"),
            ("http://10.0.0.0/8", "does not run address ranges"),
            ("http://self", "does not run `self`"),
        ] {
            let error = AllowedHost::parse(entry).expect_err(entry).to_string();
            assert!(error.contains(part), "{entry}: {error}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(entry in "\\PC{0,20}", host in "\\PC{0,20}") {
            let _ = AllowedHost::parse(&entry);
            let _ = AllowedHost::parse(&format!("http://{entry}"));
            hosts(&["*://*:*", "http://a.b"]).allows("http", &host, 80);
        }

        #[test]
        fn a_name_allows_itself_only(a in "[a-z]{1,3}(\\.[a-z]{1,3}){0,2}", b in "[a-z]{1,3}(\\.[a-z]{1,3}){0,2}") {
            let one = hosts(&[&format!("http://{a}")]);
            prop_assert_eq!(one.allows("http", &b, 80), a == b);
            let under = hosts(&[&format!("http://*.{a}")]);
            prop_assert_eq!(under.allows("http", &b, 80), b.ends_with(&format!(".{a}")));
        }
    }
}

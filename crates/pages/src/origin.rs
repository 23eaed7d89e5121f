//! Whether a form was sent by a page of this site.
//!
//! Cookies that matter are `SameSite=Strict` already; this keeps other sites
//! from sending messages in a reader's name as well.

use http::StatusCode;
use web::{Context, Problem};

use crate::api::Failure;
use crate::reader::Reader;

/// Refuses what another site sent.
///
/// # Errors
///
/// 403 for a request that a page of another site made.
pub fn check(context: &Context, reader: &Reader) -> Result<(), Failure> {
    let own = own_authority(context.header("spin-full-url").unwrap_or_default())
        .or(context.header("host"))
        .unwrap_or_default();
    if is_own(
        context.header("sec-fetch-site"),
        context.header("origin"),
        own,
    ) {
        return Ok(());
    }
    let problem = Problem::new(StatusCode::FORBIDDEN, "forbidden");
    Err(Failure {
        title: reader.frame.error_foreign.to_owned(),
        detail: reader.frame.error_foreign_detail.to_owned(),
        ..Failure::of(&problem, reader.language, &context.request)
    })
}

fn own_authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split('/')
        .next()
        .filter(|authority| !authority.is_empty())
}

/// What browsers say of where a request comes from. One that says nothing is
/// no browser of today, and has no cookies that another site could use.
fn is_own(site: Option<&str>, origin: Option<&str>, own: &str) -> bool {
    match (site, origin) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => own_authority(origin).is_some_and(|other| other == own),
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        let own = "w.example:3000";
        for (site, origin, expected) in [
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("same-site"), Some("http://w.example:3000"), false),
            (Some("cross-site"), Some("http://w.example:3000"), false),
            (None, Some("http://w.example:3000"), true),
            (None, Some("https://w.example:3000"), true),
            (None, Some("http://w.example"), false),
            (None, Some("http://evil.example"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            assert_eq!(is_own(site, origin, own), expected, "{site:?} {origin:?}");
        }
        assert_eq!(
            own_authority("http://w.example:3000/a?b=http://c"),
            Some(own)
        );
    }
}

//! The default handler of the stage review: what a good reviewer would notice
//! in an answer before it goes out.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "review-handler",
        additional_derives: [PartialEq],
    });
}

mod checks;
mod phrases;

pub use bindings::wenzheng::handlers::types::{
    About, AnswerText, CaseKind, Error, Field, Finding, Inquiry, Severity, Span, Urgency,
};

/// At most as many findings are listed: nobody reads more.
const LISTED: usize = 100;

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-review".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Lists what is to be said of `answer` to `inquiry`, worst first and then in
/// the order of the text.
pub fn check(inquiry: &Inquiry, answer: &AnswerText) -> Vec<Finding> {
    let mut findings = checks::all(inquiry, answer);
    let rank = |severity| match severity {
        Severity::Blocking => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    };
    findings.sort_by_key(|finding| {
        (
            rank(finding.severity),
            finding.span.map_or(0, |span| span.start),
        )
    });
    findings.truncate(LISTED);
    findings
}

#[cfg(target_arch = "wasm32")]
mod component {
    use super::{About, AnswerText, Error, Finding, Inquiry, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::review::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn check(inquiry: Inquiry, answer: AnswerText) -> Result<Vec<Finding>, Error> {
            Ok(super::check(&inquiry, &answer))
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests;

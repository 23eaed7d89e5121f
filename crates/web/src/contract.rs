//! The shared types of `wit/`, and the domain's own turned into them.

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/types.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "contract",
        pub_export_macro: false,
        additional_derives: [serde::Serialize],
    });
}

pub use bindings::wenzheng::handlers::types;

use case::Case;
use case::event::{CaseKind, Judgement, Urgency};
use serde::Serialize;
use serde_json::Value as Json;

/// The kind as the contract has it.
pub fn kind(kind: CaseKind) -> types::CaseKind {
    match kind {
        CaseKind::Complaint => types::CaseKind::Complaint,
        CaseKind::Consultation => types::CaseKind::Consultation,
        CaseKind::Help => types::CaseKind::Help,
        CaseKind::Report => types::CaseKind::Report,
        CaseKind::Suggestion => types::CaseKind::Suggestion,
    }
}

/// The kind as the domain has it.
pub fn kind_of(kind: types::CaseKind) -> CaseKind {
    match kind {
        types::CaseKind::Complaint => CaseKind::Complaint,
        types::CaseKind::Consultation => CaseKind::Consultation,
        types::CaseKind::Help => CaseKind::Help,
        types::CaseKind::Report => CaseKind::Report,
        types::CaseKind::Suggestion => CaseKind::Suggestion,
    }
}

/// The urgency as the contract has it.
pub fn urgency(urgency: Urgency) -> types::Urgency {
    match urgency {
        Urgency::Normal => types::Urgency::Normal,
        Urgency::Urgent => types::Urgency::Urgent,
        Urgency::Emergency => types::Urgency::Emergency,
    }
}

/// The urgency as the domain has it.
pub fn urgency_of(urgency: types::Urgency) -> Urgency {
    match urgency {
        types::Urgency::Normal => Urgency::Normal,
        types::Urgency::Urgent => Urgency::Urgent,
        types::Urgency::Emergency => Urgency::Emergency,
    }
}

/// The inquiry that handlers see: the case with the citizen's message.
/// `original` is the document of the message, `supplements` what the citizen
/// added, oldest first.
pub fn inquiry(case: &Case, original: &Json, supplements: Vec<String>) -> types::Inquiry {
    let text = |name: &str| original[name].as_str().map(str::to_owned);
    types::Inquiry {
        number: case.number.clone(),
        language: case.language.clone(),
        kind: kind(case.kind),
        urgency: urgency(case.urgency),
        subject: text("subject").unwrap_or_default(),
        body: text("body").unwrap_or_default(),
        division: case.division.clone(),
        address: text("address"),
        category: case.category.clone(),
        supplements,
    }
}

/// The name of a handler's error for an event; its text is for the log only.
pub fn error_name(error: &types::Error) -> &'static str {
    match error {
        types::Error::InvalidInput(_) => "invalid-input",
        types::Error::Other(_) => "other",
    }
}

/// Which handler this instance was composed with.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Its name and version, as it says itself.
    pub about: types::About,
    /// SHA-256 of its component, from the file that the build put beside it.
    pub sha256: String,
}

impl Handler {
    /// Asks the handler through `describe` and reads its digest, which the
    /// build writes to the file `handler.json` that the manifest mounts.
    pub fn identify(about: types::About) -> Handler {
        let sha256 = std::fs::read("/handler.json")
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok())
            .and_then(|json| json["sha256"].as_str().map(str::to_owned))
            .unwrap_or_else(|| "unknown".to_owned());
        Handler { about, sha256 }
    }

    /// A judgement of this handler on `input`.
    pub fn judgement(
        &self,
        input: &impl Serialize,
        confidence: Option<u16>,
        evidence: Json,
    ) -> Judgement {
        let input = serde_json::to_vec(input).unwrap_or_default();
        Judgement {
            handler: self.about.name.clone(),
            version: self.about.version.clone(),
            sha256: self.sha256.clone(),
            input: seal::hex(&seal::digest(&[&input])),
            confidence,
            evidence,
        }
    }
}

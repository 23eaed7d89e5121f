//! Asking the handler.

use std::cell::OnceCell;

use case::district::IntakePolicy;
use case::event::{CaseKind, Hold, Judgement, NoDispatchReason};
use serde_json::{Value as Json, json};
use web::Problem;
use web::contract::types::{Error, Field, PersonalKind, PersonalSpan, PersonalValue, Urgency};
use web::contract::{self, Handler};

use bindings::wenzheng::handlers::intake::{self, NoDispatchReason as Reason};
pub use intake::Examination;

use crate::message::{Message, given};

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/intake.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "intake-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
        additional_derives: [serde::Serialize],
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Examines `message` that came by `channel`, and returns what was found with
/// the judgement for the event.
pub fn examine(
    message: &Message,
    channel: &str,
    kind: Option<CaseKind>,
) -> Result<(Examination, Judgement), Problem> {
    let place = message.place.as_ref();
    let contact = message.contact.as_ref();
    let personal = [
        (
            PersonalKind::Name,
            contact.and_then(|contact| given(&contact.name)),
        ),
        (
            PersonalKind::Phone,
            contact.and_then(|contact| given(&contact.phone)),
        ),
        (
            PersonalKind::Email,
            contact.and_then(|contact| given(&contact.email)),
        ),
    ];
    let input = intake::Message {
        channel: channel.to_owned(),
        subject: message.subject.clone().unwrap_or_default(),
        body: message.body.clone().unwrap_or_default(),
        language: given(&message.language).map(str::to_owned),
        kind: kind.map(contract::kind),
        division: place.and_then(|place| place.division.clone()),
        address: place
            .and_then(|place| given(&place.address))
            .map(str::to_owned),
        personal: personal
            .into_iter()
            .filter_map(|(kind, text)| {
                text.map(|text| PersonalValue {
                    kind,
                    text: text.to_owned(),
                })
            })
            .collect(),
    };
    let found = intake::examine(&input).map_err(|error| match error {
        // Nothing was left of it after normalising.
        Error::InvalidInput(_) => Problem::invalid("subject", "empty"),
        Error::Other(text) => Problem::from(store::Error::Unavailable(format!(
            "the intake handler: {text}"
        ))),
    })?;
    let judgement = HANDLER.with(|handler| {
        let handler = handler.get_or_init(|| Handler::identify(intake::describe()));
        let confidence = found
            .no_dispatch
            .as_ref()
            .map(|proposal| proposal.confidence);
        handler.judgement(&input, confidence, evidence(&found))
    });
    Ok((found, judgement))
}

fn evidence(found: &Examination) -> Json {
    let signals: Vec<Json> = found
        .signals
        .iter()
        .map(|signal| json!({ "id": signal.id, "span": signal.evidence }))
        .collect();
    let outcome = found.no_dispatch.as_ref().map(|proposal| {
        json!({
            "reason": reason(proposal.reason),
            "confidence": proposal.confidence,
            "spans": proposal.evidence,
        })
    });
    json!({ "signals": signals, "outcome": outcome, "spam": found.spam })
}

/// Why the case waits for a person before it goes on, if it does. Nobody who
/// calls for help waits because the call looks like noise.
pub fn hold(found: &Examination, policy: &IntakePolicy) -> Option<Hold> {
    match &found.no_dispatch {
        Some(proposal) if proposal.confidence >= policy.hold_outcome => {
            Some(Hold::NoDispatch(reason(proposal.reason)))
        }
        _ if found.spam >= policy.hold_spam && found.urgency == Urgency::Normal => Some(Hold::Spam),
        _ => None,
    }
}

fn reason(reason: Reason) -> NoDispatchReason {
    match reason {
        Reason::EmergencyLine => NoDispatchReason::EmergencyLine,
        Reason::LegalRoute => NoDispatchReason::LegalRoute,
        Reason::NoNewFacts => NoDispatchReason::NoNewFacts,
        Reason::SecretOrPrivacy => NoDispatchReason::SecretOrPrivacy,
        Reason::OutOfScope => NoDispatchReason::OutOfScope,
        Reason::Unlawful => NoDispatchReason::Unlawful,
    }
}

/// A piece of personal data as the document of the original has it, with the
/// names of the contract.
pub fn personal(found: &PersonalSpan) -> Json {
    let kind = match found.kind {
        PersonalKind::Name => "name",
        PersonalKind::Phone => "phone",
        PersonalKind::IdentityNumber => "identity-number",
        PersonalKind::Email => "email",
        PersonalKind::Address => "address",
        PersonalKind::BankAccount => "bank-account",
        PersonalKind::Vehicle => "vehicle",
        PersonalKind::Account => "account",
        PersonalKind::Other => "other",
    };
    let field = match found.span.field {
        Field::Subject => "subject",
        Field::Body => "body",
        Field::Address => "address",
        Field::Answer => "answer",
        Field::Supplement => "supplement",
    };
    json!({ "kind": kind, "field": field, "start": found.span.start, "end": found.span.end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use intake::NoDispatch;

    fn found(confidence: Option<u16>, spam: u16, urgency: Urgency) -> Examination {
        Examination {
            subject: "路灯".into(),
            body: String::new(),
            address: None,
            language: "zh-CN".into(),
            kind: contract::kind(CaseKind::Help),
            urgency,
            signals: Vec::new(),
            personal: Vec::new(),
            missing: Vec::new(),
            spam,
            no_dispatch: confidence.map(|confidence| NoDispatch {
                reason: Reason::LegalRoute,
                confidence,
                evidence: Vec::new(),
            }),
        }
    }

    #[test]
    fn a_person_looks_at_what_might_be_refused() {
        let policy = IntakePolicy {
            hold_outcome: 6000,
            hold_spam: 7000,
        };
        let outcome = Some(Hold::NoDispatch(NoDispatchReason::LegalRoute));
        for (confidence, spam, urgency, expected) in [
            (None, 0, Urgency::Normal, None),
            (Some(5999), 6999, Urgency::Normal, None),
            (Some(6000), 9000, Urgency::Normal, outcome.clone()),
            (Some(9000), 0, Urgency::Emergency, outcome),
            (Some(5999), 7000, Urgency::Normal, Some(Hold::Spam)),
            (None, 9900, Urgency::Emergency, None),
        ] {
            assert_eq!(
                hold(&found(confidence, spam, urgency), &policy),
                expected,
                "{confidence:?} {spam} {urgency:?}"
            );
        }
    }
}

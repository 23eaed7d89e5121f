//! The default handler of the stage intake: the first look at a message.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "intake-handler",
        additional_derives: [PartialEq],
    });
}

mod cues;
mod heard;
mod kind;
mod missing;
mod outcome;
mod signals;
mod spam;
mod tables;

pub use bindings::exports::wenzheng::handlers::intake::{
    Examination, Message, NoDispatch, NoDispatchReason, Signal,
};
pub use bindings::wenzheng::handlers::types::{
    About, CaseKind, Error, Field, PersonalKind, PersonalSpan, PersonalValue, Span, Urgency,
};

use cues::Found;
use text::personal::{self, Kind, Known, Setting};
use text::{Language, View};

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-intake".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// The texts of a message, prepared once for all examiners.
struct Texts<'m> {
    message: &'m Message,
    subject: View,
    body: View,
    /// Where cues stand in subject and body.
    cues: [Vec<Found>; 2],
    language: Language,
}

impl Texts<'_> {
    /// Subject and body with their fields.
    fn views(&self) -> [(Field, &View); 2] {
        [(Field::Subject, &self.subject), (Field::Body, &self.body)]
    }

    /// Subject and body with the cues in them.
    fn cued(&self) -> [(Field, &View, &[Found]); 2] {
        let [subject, body] = &self.cues;
        [
            (Field::Subject, &self.subject, subject),
            (Field::Body, &self.body, body),
        ]
    }

    fn length(&self) -> usize {
        self.subject.chars().len() + self.body.chars().len()
    }
}

/// Examines `message`.
///
/// # Errors
///
/// [`Error::InvalidInput`] when subject and body are both empty after
/// normalising.
pub fn examine(message: &Message) -> Result<Examination, Error> {
    let subject = text::tidy_line(&message.subject);
    let body = text::tidy(&message.body);
    let address = message
        .address
        .as_deref()
        .map(text::tidy_line)
        .filter(|address| !address.is_empty());
    if subject.is_empty() && body.is_empty() {
        return Err(Error::InvalidInput(
            "subject and body are both empty".into(),
        ));
    }
    let language = text::language(&format!("{subject}\n{body}"));
    let views = [View::new(&subject), View::new(&body)];
    let cues = views.each_ref().map(cues::find);
    let [subject_view, body_view] = views;
    let texts = Texts {
        message,
        subject: subject_view,
        body: body_view,
        cues,
        language,
    };
    let signals = signals::find(&texts);
    let personal = personal(message, &subject, &body, address.as_deref());
    let spam = spam::confidence(&texts);
    let kind = message.kind.unwrap_or_else(|| kind::find(&texts));
    Ok(Examination {
        language: tag(language, message.language.as_deref()),
        kind,
        urgency: signals
            .iter()
            .map(|signal| signal.urgency)
            .max_by_key(|urgency| *urgency as u8)
            .unwrap_or(Urgency::Normal),
        missing: missing::find(&texts, kind, address.is_some()),
        no_dispatch: outcome::propose(&texts, &signals, spam),
        spam,
        signals,
        personal,
        subject,
        body,
        address,
    })
}

/// The tag of the language found; the sender's where it says the same more
/// precisely, or where nothing was found and the sender's has the form of one.
fn tag(found: Language, given: Option<&str>) -> String {
    let primary = |tag: &str| {
        tag.split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let formed = |tag: &&str| {
        tag.len() <= 35
            && (2..=3).contains(&primary(tag).len())
            && tag.split('-').all(|part| {
                (1..=8).contains(&part.len())
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    };
    match given.filter(formed) {
        Some(given)
            if found == Language::Undetermined || primary(given) == primary(found.tag()) =>
        {
            given.into()
        }
        _ => found.tag().into(),
    }
}

fn personal(
    message: &Message,
    subject: &str,
    body: &str,
    address: Option<&str>,
) -> Vec<PersonalSpan> {
    let known: Vec<Known<'_>> = message
        .personal
        .iter()
        .map(|value| Known {
            kind: text_kind(value.kind),
            text: &value.text,
        })
        .collect();
    let texts = [
        (Field::Subject, Setting::Citizen, Some(subject)),
        (Field::Body, Setting::Citizen, Some(body)),
        (Field::Address, Setting::Place, address),
    ];
    let mut spans = Vec::new();
    for (field, setting, text) in texts {
        let found = text
            .map(|text| personal::find(text, setting, &known))
            .unwrap_or_default();
        spans.extend(found.into_iter().map(|found| PersonalSpan {
            kind: contract_kind(found.kind),
            span: Span {
                field,
                start: found.start,
                end: found.end,
            },
        }));
    }
    spans
}

fn text_kind(kind: PersonalKind) -> Kind {
    match kind {
        PersonalKind::Name => Kind::Name,
        PersonalKind::Phone => Kind::Phone,
        PersonalKind::IdentityNumber => Kind::IdentityNumber,
        PersonalKind::Email => Kind::Email,
        PersonalKind::Address => Kind::Address,
        PersonalKind::BankAccount => Kind::BankAccount,
        PersonalKind::Vehicle => Kind::Vehicle,
        PersonalKind::Account => Kind::Account,
        PersonalKind::Other => Kind::Other,
    }
}

fn contract_kind(kind: Kind) -> PersonalKind {
    match kind {
        Kind::Name => PersonalKind::Name,
        Kind::Phone => PersonalKind::Phone,
        Kind::IdentityNumber => PersonalKind::IdentityNumber,
        Kind::Email => PersonalKind::Email,
        Kind::Address => PersonalKind::Address,
        Kind::BankAccount => PersonalKind::BankAccount,
        Kind::Vehicle => PersonalKind::Vehicle,
        Kind::Account => PersonalKind::Account,
        Kind::Other => PersonalKind::Other,
    }
}

#[cfg(target_arch = "wasm32")]
mod component {
    use super::{About, Error, Examination, Message, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::intake::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn examine(message: Message) -> Result<Examination, Error> {
            super::examine(&message)
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests;

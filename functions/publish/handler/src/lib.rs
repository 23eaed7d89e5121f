//! The default handler of the stage publish: the public copy of a case.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "publish-handler",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::wenzheng::handlers::publish::{Cut, Passage, PublicCopy};
pub use bindings::wenzheng::handlers::types::{
    About, Error, Field, PersonalKind, PersonalSpan, PersonalValue, Span,
};

use text::Language;
use text::personal::{self, Found, Kind, Known, Setting};

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-publish".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Redacts `passages`: the marked `spans`, every occurrence of a value of
/// `values`, and whatever the finder of personal data sees on its own. Spans
/// of a field that several passages share (`supplement`) are cut out of each.
///
/// # Errors
///
/// [`Error::InvalidInput`] when a span ends before it starts or beyond its
/// passage: it was made for another text, and cutting would hide the wrong
/// words and show the right ones.
pub fn redact(
    passages: &[Passage],
    spans: &[PersonalSpan],
    values: &[PersonalValue],
) -> Result<PublicCopy, Error> {
    let known: Vec<Known<'_>> = values
        .iter()
        .map(|value| Known {
            kind: kind(value.kind),
            text: &value.text,
        })
        .collect();
    let overall = language_of(passages.iter().map(|passage| passage.text.as_str()));
    let mut copy = PublicCopy {
        passages: Vec::with_capacity(passages.len()),
        cuts: Vec::new(),
    };
    for passage in passages {
        let length = passage.text.chars().count() as u64;
        let mut found = personal::find(&passage.text, setting(passage.field), &known);
        for marked in spans
            .iter()
            .filter(|marked| marked.span.field == passage.field)
        {
            let Span { start, end, .. } = marked.span;
            if start > end || u64::from(end) > length {
                return Err(Error::InvalidInput(format!(
                    "span {start}..{end} does not fit a passage of {length} characters"
                )));
            }
            found.push(Found {
                kind: kind(marked.kind),
                start,
                end,
            });
        }
        let language = match text::language(&passage.text) {
            Language::Undetermined => overall,
            language => language,
        };
        let redacted = personal::redact(&passage.text, found, language);
        copy.cuts
            .extend(redacted.cuts.into_iter().map(|(found, label)| Cut {
                field: passage.field,
                start: found.start,
                end: found.end,
                kind: contract_kind(found.kind),
                replacement: label.into(),
            }));
        copy.passages.push(Passage {
            field: passage.field,
            text: redacted.text,
        });
    }
    Ok(copy)
}

/// The language for labels in passages that have none of their own, such as
/// one that is a number only.
fn language_of<'a>(texts: impl Iterator<Item = &'a str>) -> Language {
    match text::language(&texts.collect::<Vec<_>>().join("\n")) {
        Language::Undetermined => Language::Chinese,
        language => language,
    }
}

fn setting(field: Field) -> Setting {
    match field {
        Field::Subject | Field::Body | Field::Supplement => Setting::Citizen,
        Field::Address => Setting::Place,
        Field::Answer => Setting::Official,
    }
}

fn kind(kind: PersonalKind) -> Kind {
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
    use super::{About, Error, Passage, PersonalSpan, PersonalValue, PublicCopy, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::publish::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn redact(
            passages: Vec<Passage>,
            spans: Vec<PersonalSpan>,
            personal: Vec<PersonalValue>,
        ) -> Result<PublicCopy, Error> {
            super::redact(&passages, &spans, &personal)
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests;

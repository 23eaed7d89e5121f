//! The message as it is sent, and what it must keep to.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use case::district::{AttachmentLimits, Limits};
use case::event::CaseKind;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt::Formatter;
use std::marker::PhantomData;
use store::files::File;
use web::rules::Bodies;
use web::sender;
use web::text::Checks;

use crate::files;

/// Longest identifier that a channel may give a message, in characters.
const REFERENCE_CHARS: u32 = 200;
/// Longest language tag; RFC 5646 wants room for at least 35 characters.
const LANGUAGE_CHARS: u32 = 35;

/// Base64 as clients write it: with or without the equals signs at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The body of `POST /api/cases`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// What it is about, in a line. Needed unless there is a body.
    pub subject: Option<String>,
    /// The message.
    pub body: Option<String>,
    /// What the citizen wants; found from the text where it is left out.
    pub kind: Option<String>,
    /// BCP 47 tag of the language; found from the text where it is left out.
    pub language: Option<String>,
    /// By which channel it came; staff only.
    pub channel: Option<String>,
    /// Where it is.
    #[serde(default, deserialize_with = "object")]
    pub place: Option<Place>,
    /// Who asks; all of it may be left out.
    #[serde(default, deserialize_with = "object")]
    pub contact: Option<Contact>,
    /// What the citizen agrees to.
    #[serde(default, deserialize_with = "object")]
    pub consent: Option<Consent>,
    /// Photos and documents.
    #[serde(default, deserialize_with = "objects")]
    pub attachments: Option<Vec<Attachment>>,
    /// The channel's own identifier of the message.
    pub reference: Option<String>,
}

/// Where it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Town or sub-district.
    pub division: Option<String>,
    /// The place in the citizen's words.
    pub address: Option<String>,
}

/// Who asks.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// What the citizen agrees to. Nothing is agreed to by silence.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// To a redacted public copy; else only the citizen sees the answer.
    pub publish: Option<bool>,
}

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its content in base64.
    pub content: String,
}

/// Reads an object as `T`. serde by itself takes an array of the members' values as well, which nobody described.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_any(Members(PhantomData))
    }
}

/// An object, or null.
fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let object: Option<Object<T>> = Option::deserialize(deserializer)?;
    Ok(object.map(|Object(value)| value))
}

/// A list of objects, or null.
fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let objects: Option<Vec<Object<T>>> = Option::deserialize(deserializer)?;
    Ok(objects.map(|objects| objects.into_iter().map(|Object(value)| value).collect()))
}

impl Message {
    /// Notes in `checks` everything that is wrong with the texts and returns
    /// the kind that was chosen.
    pub fn check(&self, limits: &Limits, bodies: &Bodies, checks: &mut Checks) -> Option<CaseKind> {
        let lengths = &limits.text;
        let present =
            |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        if !present(&self.subject) && !present(&self.body) {
            checks.add(
                "subject",
                if self.subject.is_some() {
                    "empty"
                } else {
                    "required"
                },
                None,
            );
        }
        long(
            checks,
            "subject",
            &self.subject,
            lengths.subject_max_chars,
            true,
        );
        long(checks, "body", &self.body, lengths.body_max_chars, true);
        long(checks, "language", &self.language, LANGUAGE_CHARS, false);
        long(checks, "reference", &self.reference, REFERENCE_CHARS, false);
        if let Some(place) = &self.place {
            long(
                checks,
                "place.address",
                &place.address,
                lengths.address_max_chars,
                true,
            );
            let known = |id: &String| bodies.divisions.iter().any(|division| division.id == *id);
            if place.division.as_ref().is_some_and(|id| !known(id)) {
                checks.add("place.division", "unknown-value", None);
            }
        }
        if let Some(contact) = &self.contact {
            long(
                checks,
                "contact.name",
                &contact.name,
                lengths.name_max_chars,
                false,
            );
            long(
                checks,
                "contact.phone",
                &contact.phone,
                lengths.phone_max_chars,
                false,
            );
            long(
                checks,
                "contact.email",
                &contact.email,
                lengths.email_max_chars,
                false,
            );
            if given(&contact.phone).is_some_and(|text| sender::phone(text).is_none()) {
                checks.add("contact.phone", "phone", None);
            }
            if given(&contact.email).is_some_and(|text| sender::email(text).is_none()) {
                checks.add("contact.email", "email", None);
            }
        }
        let kind = self.kind.as_deref().map(|name| kind_of(name).ok_or(()));
        if kind == Some(Err(())) {
            checks.add("kind", "unknown-value", None);
        }
        kind.and_then(Result::ok)
    }

    /// Reads the files, noting in `checks` what is wrong with them.
    pub fn files(&self, limits: &AttachmentLimits, checks: &mut Checks) -> Vec<File> {
        let attachments = self.attachments.as_deref().unwrap_or_default();
        if attachments.len() > limits.max_files as usize {
            checks.add(
                "attachments",
                "too-many-items",
                Some(limits.max_files.into()),
            );
            return Vec::new();
        }
        // Four characters of base64 are three bytes: no need to decode what is too long.
        let total: u64 = attachments
            .iter()
            .map(|attachment| attachment.content.len() as u64 / 4 * 3)
            .sum();
        if total > limits.total_bytes {
            checks.add("attachments", "file-size", Some(limits.total_bytes));
            return Vec::new();
        }
        attachments
            .iter()
            .enumerate()
            .filter_map(|(index, attachment)| attachment.file(index, limits, checks))
            .collect()
    }
}

impl Attachment {
    fn file(&self, index: usize, limits: &AttachmentLimits, checks: &mut Checks) -> Option<File> {
        checks.required(
            &format!("attachments[{index}].name"),
            &self.name,
            limits.name_max_chars,
            false,
        );
        let field = format!("attachments[{index}].content");
        let Ok(content) = BASE64.decode(self.content.as_bytes()) else {
            checks.add(field, "base64", None);
            return None;
        };
        if content.len() as u64 > limits.max_bytes {
            checks.add(field, "file-size", Some(limits.max_bytes));
            return None;
        }
        match files::clean(&content, &limits.media_types) {
            Ok(clean) => Some(File {
                sha256: seal::digest(&[&clean.content]).to_vec(),
                media_type: clean.media_type.to_owned(),
                name: clean.name(&text::tidy_line(&self.name)),
                content: clean.content,
            }),
            Err(fault) => {
                checks.add(field, fault.code(), fault.limit());
                None
            }
        }
    }
}

/// The text, if it says anything.
pub fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// Checks a text whose length counts after tidying. What is tidied away may
/// be as much again and no more, for the text is kept as it came.
fn long(checks: &mut Checks, field: &str, text: &Option<String>, max: u32, lines: bool) {
    let Some(text) = text else { return };
    if text.chars().count() > 2 * max as usize || text::tidy(text).chars().count() > max as usize {
        checks.add(field, "too-long", Some(max.into()));
    } else {
        checks.text(field, text, 2 * max, lines);
    }
}

fn kind_of(name: &str) -> Option<CaseKind> {
    Some(match name {
        "complaint" => CaseKind::Complaint,
        "consultation" => CaseKind::Consultation,
        "help" => CaseKind::Help,
        "report" => CaseKind::Report,
        "suggestion" => CaseKind::Suggestion,
        _ => return None,
    })
}

//! The texts of a case that become its public copy, and what is known to be
//! personal in them.

use case::{Case, EventData};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Error, cases, contacts};
use web::contract::types;
use web::{Database, variables, view};

use crate::judge::bindings::wenzheng::handlers::publish::{Passage, PublicCopy};

/// The contact as intake sealed it, or as it is about to be sent.
#[derive(Default, Deserialize)]
pub struct Contact {
    /// The citizen's name.
    pub name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

impl Contact {
    /// What of it and of the address must not be left in a copy.
    pub fn values(self, address: Option<&str>) -> Vec<types::PersonalValue> {
        let address = address.filter(|address| address.contains(char::is_numeric));
        [
            (types::PersonalKind::Name, self.name),
            (types::PersonalKind::Phone, self.phone),
            (types::PersonalKind::Email, self.email),
            (types::PersonalKind::Address, address.map(str::to_owned)),
        ]
        .into_iter()
        .filter_map(|(kind, text)| text.map(|text| types::PersonalValue { kind, text }))
        .collect()
    }
}

/// What is known to be personal: the contact, an address down to a house, and
/// the phrases that a reviewer wants cut.
pub async fn personal(
    database: &mut Database,
    case: &Case,
    original: &Json,
    phrases: Vec<String>,
) -> Result<Vec<types::PersonalValue>, Error> {
    let sealed = contacts::load(database, &case.number)
        .await?
        .and_then(|contact| contact.sealed);
    let contact: Contact = match sealed {
        Some(sealed) => {
            let plain = variables::keys().await?.open(&case.number, &sealed);
            let plain = plain.map_err(|error| Error::Decode(format!("the contact: {error}")))?;
            serde_json::from_slice(&plain)
                .map_err(|error| Error::Decode(format!("the contact: {error}")))?
        }
        None => Contact::default(),
    };
    let mut values = contact.values(original["address"].as_str());
    let kind = types::PersonalKind::Other;
    values.extend(
        phrases
            .into_iter()
            .map(|text| types::PersonalValue { kind, text }),
    );
    Ok(values)
}

/// The phrases that the reviewer who approved the answer wants cut.
pub async fn phrases(database: &mut Database, case: &Case) -> Result<Vec<String>, Error> {
    let history = cases::history_of(database, case).await?;
    let approved = history
        .iter()
        .rev()
        .find(|event| matches!(event.data, EventData::Approved));
    let Some(approved) = approved else {
        return Ok(Vec::new());
    };
    let document = cases::document(database, &case.number, approved.sequence).await?;
    let Some(cuts) = document.map(|document| document["cuts"].clone()) else {
        return Ok(Vec::new());
    };
    serde_json::from_value(cuts).map_err(|error| Error::Decode(format!("the cuts: {error}")))
}

/// The spans that intake marked; none where one cannot be read, for what is
/// not understood is not left in.
pub fn spans(original: &Json) -> Option<Vec<types::PersonalSpan>> {
    let Some(marked) = original["personal"].as_array() else {
        return Some(Vec::new());
    };
    marked.iter().map(span).collect()
}

/// The names of the contract in documents.
const KINDS: [(types::PersonalKind, &str); 9] = [
    (types::PersonalKind::Name, "name"),
    (types::PersonalKind::Phone, "phone"),
    (types::PersonalKind::IdentityNumber, "identity-number"),
    (types::PersonalKind::Email, "email"),
    (types::PersonalKind::Address, "address"),
    (types::PersonalKind::BankAccount, "bank-account"),
    (types::PersonalKind::Vehicle, "vehicle"),
    (types::PersonalKind::Account, "account"),
    (types::PersonalKind::Other, "other"),
];
const FIELDS: [(types::Field, &str); 5] = [
    (types::Field::Subject, "subject"),
    (types::Field::Body, "body"),
    (types::Field::Address, "address"),
    (types::Field::Answer, "answer"),
    (types::Field::Supplement, "supplement"),
];

fn kind_name(kind: types::PersonalKind) -> &'static str {
    KINDS
        .iter()
        .find(|(other, _)| *other == kind)
        .map_or("other", |(_, name)| name)
}

fn field_name(field: types::Field) -> &'static str {
    FIELDS
        .iter()
        .find(|(other, _)| *other == field)
        .map_or("", |(_, name)| name)
}

fn span(marked: &Json) -> Option<types::PersonalSpan> {
    let (kind, _) = *KINDS.iter().find(|(_, name)| marked["kind"] == *name)?;
    let (field, _) = *FIELDS.iter().find(|(_, name)| marked["field"] == *name)?;
    let index = |name: &str| {
        marked[name]
            .as_u64()
            .and_then(|index| u32::try_from(index).ok())
    };
    Some(types::PersonalSpan {
        kind,
        span: types::Span {
            field,
            start: index("start")?,
            end: index("end")?,
        },
    })
}

/// The texts of a case that the public reads.
pub struct Texts {
    /// What it is about.
    pub subject: String,
    /// The message.
    pub body: String,
    /// What the citizen added.
    pub supplements: Vec<String>,
    /// The answer.
    pub answer: String,
    /// What the answer rests on.
    pub basis: Vec<String>,
    /// Whom to ask.
    pub contact: Option<String>,
}

impl Texts {
    /// The texts as they are; `answer` is the document of the answer.
    pub async fn of(
        database: &mut Database,
        case: &Case,
        original: &Json,
        answer: &Json,
    ) -> Result<Texts, Error> {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let supplements = view::supplements(database, case).await?;
        Ok(Texts {
            subject: text(&original["subject"]),
            body: text(&original["body"]),
            supplements,
            answer: text(&answer["text"]),
            basis: serde_json::from_value(answer["basis"].clone()).unwrap_or_default(),
            contact: answer["contact"].as_str().map(str::to_owned),
        })
    }

    /// The passages in the order in which [`Texts::of_copy`] takes them back.
    pub fn passages(&self) -> Vec<Passage> {
        let passage = |field, text: &String| Passage {
            field,
            text: text.clone(),
        };
        let mut passages = vec![
            passage(types::Field::Subject, &self.subject),
            passage(types::Field::Body, &self.body),
        ];
        passages.extend(
            self.supplements
                .iter()
                .map(|text| passage(types::Field::Supplement, text)),
        );
        let official = std::iter::once(&self.answer)
            .chain(&self.basis)
            .chain(&self.contact);
        passages.extend(official.map(|text| passage(types::Field::Answer, text)));
        passages
    }

    /// The redacted texts; none unless the handler gave back as many as it got.
    pub fn of_copy(copy: &PublicCopy, given: &Texts) -> Option<Texts> {
        let mut texts = copy.passages.iter().map(|passage| passage.text.clone());
        let public = Texts {
            subject: texts.next()?,
            body: texts.next()?,
            supplements: take(&mut texts, given.supplements.len())?,
            answer: texts.next()?,
            basis: take(&mut texts, given.basis.len())?,
            contact: match given.contact {
                Some(_) => Some(texts.next()?),
                None => None,
            },
        };
        texts.next().is_none().then_some(public)
    }

    /// Every text.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        [&self.subject, &self.body]
            .into_iter()
            .chain(&self.supplements)
            .chain([&self.answer])
            .chain(&self.basis)
            .chain(&self.contact)
    }

    /// As the document of the copy has them.
    pub fn document(&self) -> Json {
        json!({
            "subject": self.subject,
            "body": self.body,
            "supplements": self.supplements,
            "answer": self.answer,
            "basis": self.basis,
            "contact": self.contact,
        })
    }

    /// Whether `value` stands in one of them.
    pub fn holds(&self, value: &str) -> bool {
        self.all().any(|text| text.contains(value))
    }
}

fn take(texts: &mut impl Iterator<Item = String>, count: usize) -> Option<Vec<String>> {
    (0..count).map(|_| texts.next()).collect()
}

/// What was cut, by passage and position, and why.
pub fn cuts(copy: &PublicCopy) -> Json {
    copy.cuts
        .iter()
        .map(|cut| {
            json!({
                "field": field_name(cut.field),
                "start": cut.start,
                "end": cut.end,
                "kind": kind_name(cut.kind),
                "replacement": cut.replacement,
            })
        })
        .collect()
}

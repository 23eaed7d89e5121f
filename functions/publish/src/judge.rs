//! Asking the handler for the public copy.

use std::cell::OnceCell;

use case::{Case, EventData, State};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::publications::{self, Publication};
use store::{Error, cases, contacts};
use web::contract::{self, Handler, types};
use web::drain::{Outcome, Worker};
use web::rules::Rules;
use web::step::Step;
use web::{Context, Database, variables, view};

use bindings::wenzheng::handlers::publish::{self, Passage, PublicCopy};

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/publish.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "publish-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
        additional_derives: [serde::Serialize],
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Characters of the message and of the answer that lists show.
const EXCERPT: usize = 120;

/// Makes public copies with the composed handler.
pub struct Judge;

impl Worker for Judge {
    /// The copy.
    const WRITES: bool = true;

    async fn work(
        &self,
        context: &Context,
        database: &mut Database,
        _rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        let Some(answer) = case
            .answer
            .as_ref()
            .filter(|_| case.state == State::Reviewed)
        else {
            return Ok(Outcome::Nothing);
        };
        if !case.consent {
            return Ok(Outcome::Step(private(case)));
        }
        if publications::hold(database, &case.number)
            .await?
            .is_some_and(|now| now != i64::from(case.sequence))
        {
            return Ok(Outcome::Failed("the case changed meanwhile".to_owned()));
        }
        let Some(document) = cases::document(database, &case.number, answer.sequence).await? else {
            return Ok(Outcome::Failed("the answer has no text".to_owned()));
        };
        let personal = personal(database, case, original).await?;
        let texts = Texts::of(database, case, original, &document).await?;
        let Some(spans) = spans(original) else {
            return Ok(Outcome::Failed(
                "the marks of personal data cannot be read".to_owned(),
            ));
        };
        let passages = texts.passages();
        let copy = match publish::redact(&passages, &spans, &personal) {
            Ok(copy) => copy,
            Err(error) => {
                return Ok(Outcome::Failed(format!(
                    "handler: {}",
                    contract::error_name(&error)
                )));
            }
        };
        let Some(public) = Texts::of_copy(&copy, &texts) else {
            return Ok(Outcome::Failed(
                "handler: not the passages that it was given".to_owned(),
            ));
        };
        // Whatever handler this is: what can be checked is checked.
        let unmistakable = |value: &&types::PersonalValue| {
            matches!(
                value.kind,
                types::PersonalKind::Phone | types::PersonalKind::Email
            )
        };
        if personal
            .iter()
            .filter(unmistakable)
            .any(|value| public.holds(&value.text))
        {
            return Ok(Outcome::Failed(
                "handler: a value of the contact is left".to_owned(),
            ));
        }
        let judgement = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(publish::describe()));
            handler.judgement(
                &(&passages, &spans, &personal),
                None,
                json!({ "cuts": copy.cuts.len() }),
            )
        });
        put(context, database, case, &public).await?;
        let document = json!({ "passages": public.document(), "cuts": cuts(&copy) });
        Ok(Outcome::Step(Step::with_document(
            EventData::Published {
                public: true,
                judgement,
            },
            document,
        )))
    }
}

/// Without the citizen's consent there is no copy, and nothing to judge.
fn private(case: &Case) -> Step {
    let judgement = HANDLER.with(|handler| {
        let handler = handler.get_or_init(|| Handler::identify(publish::describe()));
        handler.judgement(&case.consent, None, Json::Null)
    });
    Step::event(EventData::Published {
        public: false,
        judgement,
    })
}

/// The contact as intake sealed it.
#[derive(Default, Deserialize)]
struct Contact {
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

/// What is known to be personal: the contact, and an address down to a house.
async fn personal(
    database: &mut Database,
    case: &Case,
    original: &Json,
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
    let address = original["address"]
        .as_str()
        .filter(|address| address.contains(char::is_numeric));
    let values = [
        (types::PersonalKind::Name, contact.name),
        (types::PersonalKind::Phone, contact.phone),
        (types::PersonalKind::Email, contact.email),
        (types::PersonalKind::Address, address.map(str::to_owned)),
    ];
    Ok(values
        .into_iter()
        .filter_map(|(kind, text)| text.map(|text| types::PersonalValue { kind, text }))
        .collect())
}

/// The spans that intake marked; none where one cannot be read, for what is
/// not understood is not left in.
fn spans(original: &Json) -> Option<Vec<types::PersonalSpan>> {
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
struct Texts {
    subject: String,
    body: String,
    supplements: Vec<String>,
    answer: String,
    basis: Vec<String>,
    contact: Option<String>,
}

impl Texts {
    async fn of(
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
    fn passages(&self) -> Vec<Passage> {
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
    fn of_copy(copy: &PublicCopy, given: &Texts) -> Option<Texts> {
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

    fn all(&self) -> impl Iterator<Item = &String> {
        [&self.subject, &self.body]
            .into_iter()
            .chain(&self.supplements)
            .chain([&self.answer])
            .chain(&self.basis)
            .chain(&self.contact)
    }

    fn document(&self) -> Json {
        json!({
            "subject": self.subject,
            "body": self.body,
            "supplements": self.supplements,
            "answer": self.answer,
            "basis": self.basis,
            "contact": self.contact,
        })
    }

    fn holds(&self, value: &str) -> bool {
        self.all().any(|text| text.contains(value))
    }
}

fn take(texts: &mut impl Iterator<Item = String>, count: usize) -> Option<Vec<String>> {
    (0..count).map(|_| texts.next()).collect()
}

/// What was cut, by passage and position, and why.
fn cuts(copy: &PublicCopy) -> Json {
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

/// Writes the row that the public reads from.
async fn put(
    context: &Context,
    database: &mut Database,
    case: &Case,
    public: &Texts,
) -> Result<(), Error> {
    let Some(answer) = &case.answer else {
        return Ok(());
    };
    // As the event will have it.
    let published_at = context.now.max(case.updated_at);
    let kind = serde_json::to_value(case.kind).map_err(|error| Error::Other(error.to_string()))?;
    let summary = json!({
        "number": case.number,
        "kind": kind,
        "subject": public.subject,
        "excerpt": excerpt(&public.body),
        "answer_excerpt": excerpt(&public.answer),
        "category": case.category,
        "department": answer.department,
        "division": case.division,
        "received_at": case.received_at,
        "published_at": published_at,
    });
    let data = json!({
        "number": case.number,
        "kind": kind,
        "language": case.language,
        "channel": case.channel,
        "category": case.category,
        "department": answer.department,
        "division": case.division,
        "received_at": case.received_at,
        "answered_at": answer.at,
        "published_at": published_at,
        "self_answered": answer.self_answered,
        "subject": public.subject,
        "body": public.body,
        "supplements": public.supplements,
        "answer": public.answer,
        "basis": public.basis,
        "answer_contact": public.contact,
    });
    let searched: Vec<&str> = public.all().map(String::as_str).collect();
    let publication = Publication {
        number: &case.number,
        published_at: published_at.0,
        category: case.category.as_deref(),
        department: &answer.department,
        division: case.division.as_deref(),
        kind: kind.as_str().unwrap_or_default(),
        summary: &summary,
        data: &data,
        terms: &text::search_terms(&searched.join("\n")),
    };
    publications::put(database, &publication, case.public).await
}

/// The beginning of a text on one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

//! How a message that nobody has sent yet would stand in public, so that its
//! citizen can see it before agreeing. Nothing of it is kept.

use serde::Deserialize;
use serde_json::json;
use web::contract::types::Field;
use web::text::Checks;
use web::{Context, Database, Problem, Reply, contract, rules};

use crate::judge::bindings::wenzheng::handlers::publish::{self, Passage};
use crate::texts::{Contact, cuts};

/// The message as far as it is written, and whose it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
}

/// `POST /api/preview`: the same handler, and the same cuts, as when an answer
/// is published.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let message: Message = context.json()?;
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let limits = &rules.limits.text;
    let mut checks = Checks::default();
    checks.text("subject", &message.subject, limits.subject_max_chars, true);
    checks.text("body", &message.body, limits.body_max_chars, true);
    for (field, text, max) in [
        ("address", &message.address, limits.address_max_chars),
        ("name", &message.name, limits.name_max_chars),
        ("phone", &message.phone, limits.phone_max_chars),
        ("email", &message.email, limits.email_max_chars),
    ] {
        checks.text(field, text, max, true);
    }
    checks.finish()?;

    // Tidied as intake does, for that is what is published.
    let address = text::tidy_line(&message.address);
    let contact = Contact {
        name: given(message.name),
        phone: given(message.phone),
        email: given(message.email),
    };
    let passages = [
        (Field::Subject, text::tidy_line(&message.subject)),
        (Field::Body, text::tidy(&message.body)),
    ]
    .map(|(field, text)| Passage { field, text });
    let copy = publish::redact(&passages, &[], &contact.values(Some(&address)))
        .map_err(|error| Problem::internal(format!("handler: {}", contract::error_name(&error))))?;
    let [subject, body] = copy.passages.as_slice() else {
        return Err(Problem::internal(
            "handler: not the passages that it was given",
        ));
    };
    Ok(Reply::ok(&json!({
        "subject": subject.text,
        "body": body.text,
        "cuts": cuts(&copy),
    })))
}

/// The text, if it says anything.
fn given(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

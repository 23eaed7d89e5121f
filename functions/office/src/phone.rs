//! Phone entry: a message taken in on behalf of whoever calls.

use std::rc::Rc;

use http::StatusCode;
use pages::Form;
use pages::api::{Api, Failure};
use pages::data::{District, Named};
use pages::form::new_key;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::{Problem, Reply};

use crate::data::{Listing, Row};
use crate::member::Member;

/// Names in the form and paths in the interface.
const FIELDS: [(&str, &str); 9] = [
    ("phone", "contact.phone"),
    ("name", "contact.name"),
    ("subject", "subject"),
    ("body", "body"),
    ("kind", "kind"),
    ("division", "place.division"),
    ("address", "place.address"),
    ("channel", "channel"),
    ("reference", "reference"),
];

/// The channel that is chosen to begin with, where the district has it: the
/// platform's own telephone number.
const CHANNEL: &str = "phone";

#[derive(askama::Template)]
#[template(path = "new.html")]
struct NewPage<'a> {
    v: &'a Member<'a>,
    district: Rc<District>,
    form: Form,
    /// Key by which intake knows a message that is sent twice.
    key: String,
    /// The cases of the number that was looked up.
    earlier: Option<Vec<Row>>,
    failure: Option<Failure>,
}

impl NewPage<'_> {
    /// What is wrong with the field `name`; nothing where it is right.
    fn error(&self, name: &str) -> &str {
        let Some(failure) = &self.failure else {
            return "";
        };
        let path = FIELDS
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(name, |(_, path)| path);
        failure.field(path)
    }

    fn channel(&self) -> &str {
        self.form.given("channel").unwrap_or(CHANNEL)
    }

    fn channels(&self) -> impl Iterator<Item = &Named> {
        self.district.channels.iter()
    }
}

/// Whether the member takes messages in.
///
/// # Errors
///
/// 403 for the other roles.
fn allowed(api: &Api<'_>, member: &Member<'_>) -> Result<(), Failure> {
    if member.takes_calls() {
        Ok(())
    } else {
        Err(api.failure_of(&Problem::forbidden()))
    }
}

/// `GET /desk/new`.
pub async fn show(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    allowed(api, member)?;
    let page = NewPage {
        v: member,
        district: api.district().await?,
        form: Form::default(),
        key: new_key(),
        earlier: None,
        failure: None,
    };
    Ok(member.page(StatusCode::OK, &page))
}

/// What intake answers to a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Receipt {
    number: String,
    query_code: String,
    urgency: String,
    due: Option<String>,
    missing: Vec<String>,
    advice: Vec<Advice>,
}

/// What to tell the caller at once.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Advice {
    text: String,
}

#[derive(askama::Template)]
#[template(path = "taken.html")]
struct TakenPage<'a> {
    v: &'a Member<'a>,
    receipt: Receipt,
}

impl TakenPage<'_> {
    /// The query code by groups, as it is read out.
    fn groups(&self) -> impl Iterator<Item = &str> {
        self.receipt.query_code.split('-')
    }

    /// What it would help to know, in words; a name that is none of the
    /// platform's own handler stays as it is.
    fn missing(&self) -> impl Iterator<Item = &str> {
        let words = self.v.words;
        self.receipt
            .missing
            .iter()
            .map(move |name| match name.as_str() {
                "details" => words.missing_details,
                "place" => words.missing_place,
                "time" => words.missing_time,
                other => other,
            })
    }
}

/// `POST /desk/new`: looks up the caller's number, or takes the message in.
pub async fn send(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    allowed(api, member)?;
    let form = Form::read(api, member).await?;
    let key = form.key();
    if form.get("look") == "yes" {
        let looked = look_up(api, form.get("phone")).await;
        let (earlier, failure) = match looked {
            Ok(rows) => (Some(rows), None),
            // The number goes to another field than the one of a message.
            Err(failure) if failure.status == 422 => (None, Some(in_form(failure))),
            Err(failure) => return Err(failure),
        };
        let status = failure
            .as_ref()
            .map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        let page = NewPage {
            v: member,
            district: api.district().await?,
            form,
            key,
            earlier,
            failure,
        };
        return Ok(member.page(status, &page));
    }
    let body = message(&form);
    let headers = [("idempotency-key", key.as_str())];
    match api.post("intake", "/api/cases", &headers, &body).await {
        Ok(receipt) => {
            let receipt = serde_json::from_value(receipt).unwrap_or_default();
            let page = TakenPage { v: member, receipt };
            Ok(member.page(StatusCode::CREATED, &page))
        }
        // Nothing that was typed is lost while somebody is on the telephone.
        Err(failure) if matches!(failure.status, 400 | 409 | 413 | 422 | 429 | 503) => {
            let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::BAD_REQUEST);
            let page = NewPage {
                v: member,
                district: api.district().await?,
                key: if failure.code() == "key-reused" {
                    new_key()
                } else {
                    key
                },
                form,
                earlier: None,
                failure: Some(failure),
            };
            Ok(member.page(status, &page))
        }
        Err(failure) => Err(failure),
    }
}

/// The latest cases of a telephone number.
async fn look_up(api: &Api<'_>, phone: &str) -> Result<Vec<Row>, Failure> {
    let body = json!({ "phone": phone });
    let found = api.post("desk", "/api/desk/cases", &[], &body).await?;
    let listing: Listing = serde_json::from_value(found).unwrap_or_default();
    Ok(listing.items)
}

fn in_form(mut failure: Failure) -> Failure {
    for error in &mut failure.errors {
        if error.field == "phone" {
            error.field = "contact.phone".to_owned();
        }
    }
    failure
}

/// The form as the interface takes it; what was left empty is left out.
fn message(form: &Form) -> Json {
    let mut message = json!({ "consent": { "publish": form.get("publish") == "yes" } });
    for (name, path) in FIELDS {
        let Some(value) = form.given(name) else {
            continue;
        };
        match path.split_once('.') {
            Some((group, member)) => message[group][member] = value.into(),
            None => message[path] = value.into(),
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_agreed_to_by_silence_and_nothing_empty_is_sent() {
        assert_eq!(
            message(&Form::default()),
            json!({ "consent": { "publish": false } })
        );
        let form = Form::of(&[
            ("phone", " 13900001111 "),
            ("body", "路灯不亮"),
            ("publish", "yes"),
            ("name", " "),
        ]);
        assert_eq!(
            message(&form),
            json!({ "consent": { "publish": true }, "contact": { "phone": "13900001111" }, "body": "路灯不亮" })
        );
    }
}

//! Asking: the form, what is wrong with it, and what the citizen gets.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::Reply;

use crate::case::remember;
use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::{Article, District, Knowledge, Listing, Row};
use pages::form::{Form, new_key};
use pages::reader::escaped;

/// The fields of the form, each with its name in the interface.
const FIELDS: [(&str, &str); 8] = [
    ("subject", "subject"),
    ("body", "body"),
    ("kind", "kind"),
    ("division", "place.division"),
    ("address", "place.address"),
    ("name", "contact.name"),
    ("phone", "contact.phone"),
    ("email", "contact.email"),
];

/// Cases and articles that are offered while somebody types.
const SIMILAR: usize = 3;

#[derive(askama::Template)]
#[template(path = "ask.html")]
struct AskPage<'a> {
    v: &'a Visitor,
    district: Rc<District>,
    form: Form,
    /// Makes a message that is sent twice one message.
    key: String,
    failure: Option<Failure>,
}

impl AskPage<'_> {
    /// What is wrong with `field`; nothing where it is right.
    fn error(&self, field: &str) -> &str {
        let path = FIELDS
            .iter()
            .find(|(name, _)| *name == field)
            .map_or(field, |(_, path)| path);
        self.errors()
            .find(|(name, _)| *name == field || *name == path)
            .map_or("", |(_, detail)| detail)
    }

    /// All that is wrong: the form's field and what is wrong with it.
    fn errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.failure
            .iter()
            .flat_map(|failure| &failure.errors)
            .map(|error| {
                let name = FIELDS
                    .iter()
                    .find(|(_, path)| *path == error.field)
                    .map_or("", |(name, _)| *name);
                let name = match error.field.starts_with("attachments") {
                    true => "files",
                    false => name,
                };
                (name, error.detail.as_str())
            })
    }

    /// The label of `field`.
    fn label(&self, field: &str) -> &'static str {
        let words = self.v.words;
        match field {
            "subject" => words.ask_subject,
            "body" => words.ask_body,
            "kind" => words.ask_kind,
            "division" => words.ask_division,
            "address" => words.ask_address,
            "name" => words.ask_name,
            "phone" => words.ask_phone,
            "email" => words.ask_email,
            _ => words.ask_photos,
        }
    }

    fn consent(&self) -> &str {
        let text = &self.district.consent.publish;
        self.v.language.pick(&text.text, &text.text_en)
    }

    fn accept(&self) -> String {
        self.district.limits.attachments.media_types.join(",")
    }

    fn megabytes(&self, bytes: &u64) -> String {
        web::catalogue::megabytes(*bytes)
    }

    fn hint(&self, text: &str, value: impl std::fmt::Display) -> String {
        pages::words::fill(text, value)
    }
}

/// `GET /ask`.
pub async fn show(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let district = api.district().await?;
    let page = AskPage {
        v: visitor,
        district,
        form: Form::default(),
        key: new_key(),
        failure: None,
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// What intake answers to a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    number: String,
    query_code: String,
    /// `normal`, `urgent` or `emergency`.
    urgency: String,
    due: Option<String>,
    personal: u32,
    advice: Vec<Advice>,
}

/// What to do at once.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Advice {
    text: String,
}

#[derive(askama::Template)]
#[template(path = "sent.html")]
struct SentPage<'a> {
    v: &'a Visitor,
    sent: Sent,
}

/// `POST /ask`: a message with a kind, a place, a contact and files becomes a
/// case; the answer shows number and query code.
pub async fn send(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let form = Form::read(api, visitor).await?;
    let key = form.key();
    let body = message(&form);
    let mut sent = post(api, &key, &body).await;
    // Somebody went back and wrote something else: that is another message.
    if sent
        .as_ref()
        .is_err_and(|failure| failure.code() == "key-reused")
    {
        sent = post(api, &new_key(), &body).await;
    }
    match sent {
        Ok(sent) => {
            let cookie = remember(&sent.number, &sent.query_code);
            let page = SentPage { v: visitor, sent };
            Ok(visitor
                .page(StatusCode::CREATED, &page)
                .with(SET_COOKIE, cookie))
        }
        Err(failure) if matches!(failure.status, 400 | 409 | 413 | 422 | 429 | 503) => {
            let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::BAD_REQUEST);
            // Nothing that was typed is lost, whatever the reason.
            let district = api.district().await?;
            let retry = failure.retry_after;
            let page = AskPage {
                v: visitor,
                district,
                form,
                key,
                failure: Some(failure),
            };
            let reply = visitor.page(status, &page);
            Ok(match retry {
                Some(seconds) => reply.header(http::header::RETRY_AFTER, seconds.to_string()),
                None => reply,
            })
        }
        Err(failure) => Err(failure),
    }
}

async fn post(api: &Api<'_>, key: &str, body: &Json) -> Result<Sent, Failure> {
    let answer = api
        .post("intake", "/api/cases", &[("idempotency-key", key)], body)
        .await?;
    serde_json::from_value(answer).map_err(|error| {
        let problem = web::Problem::internal(error.to_string());
        Failure::of(&problem, api.language, &api.context.request)
    })
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
    if !form.files.is_empty() {
        message["attachments"] = form
            .files
            .iter()
            .map(|file| json!({ "name": file.name, "content": STANDARD.encode(&file.content) }))
            .collect();
    }
    message
}

#[derive(askama::Template)]
#[template(path = "similar.html")]
struct Similar<'a> {
    v: &'a Visitor,
    articles: Vec<Article>,
    rows: Vec<Row>,
}

/// `GET /ask/similar?q=…`: the part of a page that the script puts under the
/// subject; empty where nothing is like it.
pub async fn similar(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let words: String = api
        .context
        .parameter("q")
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect();
    let mut articles = Vec::new();
    let mut rows = Vec::new();
    if words.trim().chars().count() > 1 {
        let path = format!("/api/knowledge?q={}", escaped(&words));
        let found: Knowledge = api.get("publish", &path).await?;
        articles = found.items;
        articles.truncate(SIMILAR);
        let path = format!("/api/publications?limit={SIMILAR}&q={}", escaped(&words));
        let found: Listing = api.get("publish", &path).await?;
        rows = found.items;
    }
    Ok(visitor.page(
        StatusCode::OK,
        &Similar {
            v: visitor,
            articles,
            rows,
        },
    ))
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
    }
}

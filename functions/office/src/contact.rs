//! Showing a contact in the clear, and proving first who one is.

use pages::Form;
use pages::api::{Api, Failure};
use serde_json::json;
use web::{Problem, Reply};

use crate::case;
use crate::data::Contact;
use crate::member::Member;
use crate::provider;

#[derive(askama::Template)]
#[template(path = "prove.html")]
struct ProvePage<'a> {
    v: &'a Member<'a>,
    number: &'a str,
    purpose: &'a str,
    failure: Option<&'a Failure>,
    /// What the identity provider is called, where there is one.
    provider: Option<String>,
}

impl ProvePage<'_> {
    /// What is wrong with the password.
    fn error(&self) -> &str {
        self.failure.map_or("", |failure| failure.field("password"))
    }
}

/// `POST /desk/cases/{number}/contact`: the case with its contact in the clear.
/// Where that takes a fresh proof, a page asks for the password, which comes
/// here with the same wish.
pub async fn show(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    if !case::is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let form = Form::read(api, member).await?;
    let purpose = form.get("purpose");
    let password = form.raw("password");
    if !password.is_empty() {
        let body = json!({ "password": password });
        match api.post("identity", "/api/session/proof", &[], &body).await {
            Ok(_) => {}
            Err(failure) if matches!(failure.status, 422 | 429) => {
                return Ok(ask(member, number, purpose, &failure, true).await);
            }
            Err(failure) => return Err(failure),
        }
    }
    let path = format!("/api/desk/cases/{number}/contact");
    let body = json!({ "purpose": purpose });
    match api.post("desk", &path, &[], &body).await {
        Ok(contact) => {
            let contact: Contact = serde_json::from_value(contact).unwrap_or_default();
            let contact = Contact {
                clear: true,
                ..contact
            };
            case::with_contact(api, member, number, contact).await
        }
        Err(failure) if failure.code() == "prove-again" => {
            Ok(ask(member, number, purpose, &failure, false).await)
        }
        Err(failure) => Err(failure),
    }
}

/// The page that asks for the password; with what went wrong where there was one.
async fn ask(
    member: &Member<'_>,
    number: &str,
    purpose: &str,
    failure: &Failure,
    tried: bool,
) -> Reply {
    let page = ProvePage {
        v: member,
        number,
        purpose,
        failure: tried.then_some(failure),
        provider: provider::name(member).await,
    };
    member.refusal(failure, &page)
}

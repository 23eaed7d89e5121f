//! Proving again who one is, before what takes a fresh proof.

use pages::Form;
use pages::api::{Api, Failure};
use pages::reader::escaped;
use serde_json::json;
use web::Reply;

use crate::member::Member;
use crate::provider;

/// What somebody wants to do, and does once they have proved who they are.
pub struct Wish<'a> {
    /// Where its form goes.
    pub action: String,
    /// What its form brings along, by name.
    pub fields: Vec<(&'a str, &'a str)>,
    /// The page to go back to without it, and from the identity provider.
    pub back: String,
    /// What going back is called.
    pub back_name: &'a str,
}

#[derive(askama::Template)]
#[template(path = "prove.html")]
struct ProvePage<'a> {
    v: &'a Member<'a>,
    wish: &'a Wish<'a>,
    failure: Option<&'a Failure>,
    /// What the identity provider is called, where there is one.
    provider: Option<String>,
}

impl ProvePage<'_> {
    /// What is wrong with the password.
    fn error(&self) -> &str {
        self.failure.map_or("", |failure| failure.field("password"))
    }

    fn provider_address(&self) -> String {
        let back = escaped(&self.wish.back);
        format!("/desk/sign-in/provider?prove=yes&back={back}")
    }
}

/// Notes the proof where a password came along with `wish`. The page that asks
/// again where it is wrong.
pub async fn check(
    api: &Api<'_>,
    member: &Member<'_>,
    form: &Form,
    wish: &Wish<'_>,
) -> Result<Option<Reply>, Failure> {
    let password = form.raw("password");
    if password.is_empty() {
        return Ok(None);
    }
    let body = json!({ "password": password });
    match api.post("identity", "/api/session/proof", &[], &body).await {
        Ok(_) => Ok(None),
        Err(failure) if matches!(failure.status, 422 | 429) => {
            Ok(Some(page(member, wish, &failure, true).await))
        }
        Err(failure) => Err(failure),
    }
}

/// The page that asks for the password, for the last proof is too old: `failure`.
pub async fn ask(member: &Member<'_>, wish: &Wish<'_>, failure: &Failure) -> Reply {
    page(member, wish, failure, false).await
}

/// The page with what went wrong, where the password was `tried`.
async fn page(member: &Member<'_>, wish: &Wish<'_>, failure: &Failure, tried: bool) -> Reply {
    let page = ProvePage {
        v: member,
        wish,
        failure: tried.then_some(failure),
        provider: provider::name(member).await,
    };
    member.refusal(failure, &page)
}

//! Signing in and out, and one's own password.

use http::header::SET_COOKIE;
use http::{Method, StatusCode};
use pages::Form;
use pages::api::{Api, Failure};
use pages::reader::{cookie, escaped, local, redirect};
use serde::Deserialize;
use serde_json::json;
use web::{Context, Reply};

use crate::member::{Guest, Member};
use crate::provider;

/// The cookie of the session. The prefix makes browsers refuse it from other
/// hosts and without `Secure`, which they allow on `127.0.0.1` and `localhost`
/// also without TLS. It goes with the browser; the session itself ends when
/// the function `identity` says so.
const COOKIE: &str = "__Host-staff";

/// How the cookie of the session may be used.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// The token that this browser keeps. Tokens are letters, digits, `-` and `_`:
/// anything else would not be one of ours and must not reach a header.
pub fn token(context: &Context) -> Option<String> {
    cookie(context, COOKIE).filter(|token| is_token(token))
}

fn is_token(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn forget() -> String {
    format!("{COOKIE}=; Max-Age=0; {ATTRIBUTES}")
}

#[derive(askama::Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    v: &'a Guest,
    /// Where to go afterwards.
    back: &'a str,
    account: &'a str,
    failure: Option<&'a Failure>,
    /// What the identity provider is called, where there is one.
    provider: Option<String>,
}

impl SignInPage<'_> {
    fn provider_address(&self) -> String {
        format!("/desk/sign-in/provider?back={}", escaped(self.back))
    }
}

/// `GET /desk/sign-in`.
pub async fn show(guest: &Guest, context: &Context) -> Reply {
    let page = SignInPage {
        v: guest,
        back: back(context.parameter("back").unwrap_or_default()),
        account: "",
        failure: None,
        provider: provider::name(guest).await,
    };
    guest.page(StatusCode::OK, &page)
}

/// The sign-in page with what went wrong.
pub async fn refusal(guest: &Guest, back: &str, account: &str, failure: &Failure) -> Reply {
    let page = SignInPage {
        v: guest,
        back,
        account,
        failure: Some(failure),
        provider: provider::name(guest).await,
    };
    guest.refusal(failure, &page)
}

/// The header that gives this browser the session `token`.
///
/// # Errors
///
/// An answer of the interface without a token.
pub fn kept(api: &Api<'_>, token: &str) -> Result<String, Failure> {
    if !is_token(token) {
        return Err(api.failure_of(&web::Problem::internal("no token")));
    }
    Ok(format!("{COOKIE}={token}; {ATTRIBUTES}"))
}

/// An address of the desk to go to, or its first page.
pub fn back(address: &str) -> &str {
    let address = local(address);
    let is_desk = address == "/desk"
        || address
            .strip_prefix("/desk")
            .is_some_and(|rest| rest.starts_with(['/', '?']));
    if is_desk { address } else { "/desk" }
}

/// To the sign-in page, and from there back to the page that was asked for.
pub fn expired(context: &Context, guest: &Guest) -> Reply {
    let here = if context.method == Method::GET {
        guest.here.as_str()
    } else {
        "/desk"
    };
    redirect(&format!("/desk/sign-in?back={}", escaped(here))).with(SET_COOKIE, forget())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Begun {
    token: String,
}

/// `POST /desk/sign-in`. What is refused becomes the same page with the reason.
pub async fn sign_in(api: &Api<'_>, guest: &Guest) -> Result<Reply, Failure> {
    let form = Form::read(api, guest).await?;
    let account = form.get("account");
    let body = json!({ "account": account, "password": form.raw("password") });
    let begun = api.post("identity", "/api/session", &[], &body).await;
    match begun {
        Ok(begun) => {
            let begun: Begun = serde_json::from_value(begun).unwrap_or_default();
            let cookie = kept(api, &begun.token)?;
            Ok(redirect(back(form.get("back"))).with(SET_COOKIE, cookie))
        }
        Err(failure) if matches!(failure.status, 401 | 422 | 429) => {
            Ok(refusal(guest, back(form.get("back")), account, &failure).await)
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /desk/sign-out`: ends the session, if there is still one.
pub async fn sign_out(api: &Api<'_>) -> Result<Reply, Failure> {
    if api.token.is_some() {
        let ended = api
            .call(
                "identity",
                Method::DELETE,
                "/api/session",
                &[],
                bytes::Bytes::new(),
            )
            .await;
        match ended {
            Ok(_) => {}
            Err(failure) if failure.status == 401 => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(redirect("/desk/sign-in").with(SET_COOKIE, forget()))
}

#[derive(askama::Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    v: &'a Member<'a>,
    failure: Option<&'a Failure>,
}

impl PasswordPage<'_> {
    /// What is wrong with `field`; nothing where it is right.
    fn error(&self, field: &str) -> &str {
        self.failure.map_or("", |failure| failure.field(field))
    }
}

/// `GET /desk/password`.
pub fn password_page(member: &Member<'_>) -> Reply {
    let page = PasswordPage {
        v: member,
        failure: None,
    };
    member.page(StatusCode::OK, &page)
}

/// `POST /desk/password`.
pub async fn change_password(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let form = Form::read(api, member).await?;
    let body = json!({ "current": form.raw("current"), "new": form.raw("new") });
    let changed = api
        .post("identity", "/api/session/password", &[], &body)
        .await;
    match changed {
        Ok(_) => Ok(redirect("/desk?done=password")),
        Err(failure) if matches!(failure.status, 409 | 422 | 429) => {
            let page = PasswordPage {
                v: member,
                failure: Some(&failure),
            };
            Ok(member.refusal(&failure, &page))
        }
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::{back, is_token};

    #[test]
    fn only_pages_of_the_desk_are_gone_to() {
        assert_eq!(back("/desk/cases/A?x=1"), "/desk/cases/A?x=1");
        assert_eq!(back("/desk?queue=answer"), "/desk?queue=answer");
        for other in [
            "",
            "/",
            "/desks",
            "//example.com/desk",
            "https://a/desk",
            "/api/session",
        ] {
            assert_eq!(back(other), "/desk", "{other:?}");
        }
    }

    #[test]
    fn what_is_no_token_reaches_no_header() {
        assert!(is_token("aB3-_x"));
        for other in ["", "a b", "a\r\nb", "a;b", "é", &"a".repeat(201)] {
            assert!(!is_token(other), "{other:?}");
        }
    }
}

//! Signing in at an identity provider: the browser's way there and back.
//!
//! What the flow needs is decided by the function `identity`; these pages carry
//! it to the browser and back in a cookie.

use bytes::Bytes;
use http::header::{LOCATION, SET_COOKIE};
use http::{Method, StatusCode};
use pages::api::{Api, Failure};
use pages::reader::{cookie, redirect};
use serde::Deserialize;
use serde_json::json;
use web::{Reply, variables};

use crate::member::Guest;
use crate::session;

/// The cookie of a flow that is under way: what `identity` has sealed, and the
/// page to go to afterwards.
///
/// `SameSite=Lax` and not `Strict`, for it must come along when the provider
/// sends the browser back, which is a request that another site has made. The
/// `state` in that request and the seal say that it belongs to this browser's
/// flow.
const COOKIE: &str = "__Host-sign-in";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// For how many seconds the flow is kept, as long as `identity` accepts it.
const SECONDS: u32 = 600;

/// What the provider is called; none where staff cannot sign in at one.
pub async fn name(guest: &Guest) -> Option<String> {
    let issuer = variables::get("oidc_issuer").await.unwrap_or_default();
    if issuer.is_empty() {
        return None;
    }
    let name = variables::get("oidc_name").await.unwrap_or_default();
    Some(if name.is_empty() {
        guest.words.sign_in_provider_name.to_owned()
    } else {
        name
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Begun {
    address: String,
    flow: String,
}

/// `GET /desk/sign-in/provider`: to the provider. A link and not a form, whose
/// way to another site the policy of the pages forbids; nothing is changed by it.
pub async fn leave(api: &Api<'_>, guest: &Guest) -> Result<Reply, Failure> {
    let back = session::back(api.context.parameter("back").unwrap_or_default());
    let proof = api.context.parameter("prove").is_some();
    let api = Api {
        token: api.token.filter(|_| proof),
        ..*api
    };
    let answer = api
        .call(
            "identity",
            Method::POST,
            "/api/session/provider",
            &[],
            Bytes::new(),
        )
        .await;
    let begun: Begun = match answer {
        Ok(answer) => serde_json::from_slice(&answer.body).unwrap_or_default(),
        Err(failure) if failure.status == 503 => {
            return Ok(session::refusal(guest, back, "", &failure).await);
        }
        Err(failure) => return Err(failure),
    };
    let cookie = format!(
        "{COOKIE}={}.{}; Max-Age={SECONDS}; {ATTRIBUTES}",
        begun.flow,
        plain(back)
    );
    Ok(redirect("/desk/sign-in")
        .header(LOCATION, begun.address)
        .with(SET_COOKIE, cookie))
}

/// `back`, where a cookie can hold it.
fn plain(back: &str) -> &str {
    if back.contains([';', ',', '"']) {
        "/desk"
    } else {
        back
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Proved {
    /// None where an open session was proved.
    token: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "signed_in.html")]
struct SignedInPage<'a> {
    v: &'a Guest,
    back: &'a str,
}

/// `GET /desk/sign-in/return`: back from the provider.
///
/// The answer is a page that goes on by itself, and no redirection: a browser
/// does not send the cookie of the session, which is `SameSite=Strict`, with a
/// request that another site began.
pub async fn come_back(api: &Api<'_>, guest: &Guest) -> Result<Reply, Failure> {
    let kept = cookie(api.context, COOKIE).unwrap_or_default();
    let (flow, back) = kept.split_once('.').unwrap_or((&kept, ""));
    let back = session::back(back);
    let value = |name: &str| api.context.parameter(name);
    let body = json!({
        "flow": flow,
        "state": value("state").unwrap_or_default(),
        "code": value("code"),
        "iss": value("iss"),
        "error": value("error"),
    });
    let api = Api {
        token: None,
        ..*api
    };
    let proved = api
        .post("identity", "/api/session/provider/return", &[], &body)
        .await;
    let forget = format!("{COOKIE}=; Max-Age=0; {ATTRIBUTES}");
    match proved {
        Ok(proved) => {
            let proved: Proved = serde_json::from_value(proved).unwrap_or_default();
            let page = SignedInPage { v: guest, back };
            let reply = guest.page(StatusCode::OK, &page).with(SET_COOKIE, forget);
            match proved.token {
                Some(token) => Ok(reply.with(SET_COOKIE, session::kept(&api, &token)?)),
                None => Ok(reply),
            }
        }
        Err(failure) if failure.status == 404 => Err(guest.page_missing(api.context)),
        Err(failure) => Ok(session::refusal(guest, back, "", &failure)
            .await
            .with(SET_COOKIE, forget)),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_page_that_no_cookie_can_hold_is_not_kept() {
        assert_eq!(plain("/desk/cases/A?x=1&y=%2C"), "/desk/cases/A?x=1&y=%2C");
        for other in ["/desk?a=;b", "/desk?a,b", "/desk?\"a"] {
            assert_eq!(plain(other), "/desk");
        }
    }
}

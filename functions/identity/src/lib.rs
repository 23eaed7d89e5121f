//! Who is who: staff accounts, their sessions and passwords, and the keys of
//! channel adapters.
//!
//! - `POST`, `GET`, `DELETE /api/session`: sign in, who am I, sign out;
//! - `POST /api/session/password`: another password;
//! - `POST /api/session/proof`: the password once more;
//! - `POST /api/session/provider` and `/return`: sign in at an identity provider;
//! - `GET`, `POST /api/session/filters`, `DELETE /api/session/filters/{name}`:
//!   kept filters of the list of cases;
//! - `GET`, `POST /api/accounts`, `GET`, `PATCH /api/accounts/{id}`:
//!   administrators keep accounts;
//! - `POST`, `DELETE /api/channels/{channel}/keys`: and keys of channels.

mod accounts;
mod channels;
mod fetch;
mod filters;
mod guard;
mod password;
mod provider;
mod session;

use http::Method;
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::{Answer, Context, Problem, Reply, view};

/// The longest body in bytes: accounts and passwords are short.
const LIMIT: usize = 16 * 1024;

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve("identity", LIMIT, request, route).await
}

async fn route(context: &Context) -> Result<Reply, Problem> {
    match (view::method(context), context.segments().as_slice()) {
        (&Method::POST, ["api", "session"]) => session::sign_in(context).await,
        (&Method::GET, ["api", "session"]) => session::show(context).await,
        (&Method::DELETE, ["api", "session"]) => session::sign_out(context).await,
        (&Method::POST, ["api", "session", "password"]) => session::change_password(context).await,
        (&Method::POST, ["api", "session", "proof"]) => session::prove(context).await,
        (&Method::POST, ["api", "session", "provider"]) => provider::begin(context).await,
        (&Method::POST, ["api", "session", "provider", "return"]) => {
            provider::finish(context).await
        }
        (&Method::GET, ["api", "session", "filters"]) => filters::list(context).await,
        (&Method::POST, ["api", "session", "filters"]) => filters::keep(context).await,
        (&Method::DELETE, ["api", "session", "filters", name]) => {
            filters::forget(context, name).await
        }
        (&Method::GET, ["api", "accounts"]) => accounts::list(context).await,
        (&Method::POST, ["api", "accounts"]) => accounts::create(context).await,
        (&Method::GET, ["api", "accounts", id]) => accounts::show(context, id).await,
        (&Method::PATCH, ["api", "accounts", id]) => accounts::change(context, id).await,
        (&Method::POST, ["api", "channels", channel, "keys"]) => {
            channels::create(context, channel).await
        }
        (&Method::DELETE, ["api", "channels", channel, "keys"]) => {
            channels::revoke(context, channel).await
        }
        (_, ["api", "session"]) => Err(context.method_not_allowed("GET, HEAD, POST, DELETE")),
        (
            _,
            ["api", "session", "password" | "proof" | "provider"]
            | ["api", "session", "provider", "return"],
        ) => Err(context.method_not_allowed("POST")),
        (_, ["api", "session", "filters", _]) => Err(context.method_not_allowed("DELETE")),
        (_, ["api", "accounts"] | ["api", "session", "filters"]) => {
            Err(context.method_not_allowed("GET, HEAD, POST"))
        }
        (_, ["api", "accounts", _]) => Err(context.method_not_allowed("GET, HEAD, PATCH")),
        (_, ["api", "channels", _, "keys"]) => Err(context.method_not_allowed("POST, DELETE")),
        _ => Err(Problem::not_found()),
    }
}

//! The staff's desk in the browser: pages that are made on the server and work
//! without JavaScript.
//!
//! It has no database. What pages show and what forms do goes through the
//! interface of the other functions with the session of whoever is signed in,
//! so that rights, checks and limits are decided in one place. The session's
//! token stays in a cookie that no script can read and no other site can use.
//!
//! - `/desk/sign-in/…`, `/desk/sign-out`, `/desk/password`: the session;
//! - `/desk`: the queues;
//! - `/desk/cases/{number}/…`: one case, and what can be done with it;
//! - `/desk/new`: phone entry;
//! - `/desk/accounts/…`: administrators keep accounts;
//! - `/desk/follow-ups`: what is to be done after answers;
//! - `/desk/hot`, `/desk/letters`: the whole at a glance;
//! - `/desk/emergencies`: what open pages ask for by themselves;
//! - `/desk/assets/…`: style sheet and scripts.

mod accounts;
mod actions;
mod assets;
mod batch;
mod case;
mod contact;
mod data;
mod difference;
mod filters;
mod follow_ups;
mod judged;
mod knowledge;
mod marks;
mod member;
mod phone;
mod prove;
mod provider;
mod queues;
mod session;
mod templates;
mod watch;
mod words;

use http::Method;
use pages::api::{Api, Failure};
use pages::{Reader, origin, reader};
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::{Answer, Context, Problem, Reply, view};

use member::{Guest, Member};

const STAGE: &str = "office";

/// The longest form, in bytes: an answer of the longest length, percent-encoded.
const FORM_LIMIT: usize = 256 * 1024;

#[http_service]
async fn handle(request: Request) -> Answer {
    web::serve_as(STAGE, FORM_LIMIT, request, answer, refuse).await
}

/// The answer: a failure becomes a page, and whoever is not signed in signs in.
async fn answer(context: &Context) -> Result<Reply, Problem> {
    let reader = Reader::of(context);
    let token = session::token(context);
    let api = Api {
        context,
        language: reader.language,
        token: token.as_deref(),
    };
    let guest = Guest::of(reader.with_district(&api).await);
    let result = route(context, &api, &guest).await;
    Ok(result.unwrap_or_else(|failure| match failure.code() {
        "unauthorized" => session::expired(context, &guest),
        "password-change" => reader::redirect("/desk/password"),
        _ => guest.refuse(&failure),
    }))
}

/// The page for a request that cannot be read.
fn refuse(context: &Context, problem: &Problem) -> Reply {
    let guest = Guest::of(Reader::of(context));
    guest.refuse(&Failure::of(problem, guest.language, &context.request))
}

/// What needs no session; the rest is for members of the staff.
async fn route(context: &Context, api: &Api<'_>, guest: &Guest) -> Result<Reply, Failure> {
    let method = view::method(context);
    if *method != Method::GET {
        origin::check(context, guest)?;
    }
    match (method, context.segments().as_slice()) {
        (&Method::GET, ["desk", "sign-in"]) => Ok(session::show(guest, context).await),
        (&Method::GET, ["desk", "sign-in", "provider"]) => provider::leave(api, guest).await,
        (&Method::GET, ["desk", "sign-in", "return"]) => provider::come_back(api, guest).await,
        (&Method::POST, ["desk", "sign-in"]) => session::sign_in(api, guest).await,
        (&Method::POST, ["desk", "sign-out"]) => session::sign_out(api).await,
        (&Method::GET, ["desk", "assets", file]) => assets::OWN
            .file(file)
            .ok_or_else(|| guest.page_missing(context)),
        (&Method::GET, ["desk", "emergencies"]) => Ok(watch::emergencies(api).await),
        (_, ["desk", "sign-in"]) => Err(guest.wrong_method(context, "GET, HEAD, POST")),
        (_, ["desk", "sign-out"]) => Err(guest.wrong_method(context, "POST")),
        (
            _,
            ["desk", "assets", _]
            | ["desk", "emergencies"]
            | ["desk", "sign-in", "provider" | "return"],
        ) => Err(guest.wrong_method(context, "GET, HEAD")),
        (_, segments) => {
            let member = Member::of(api, guest, context).await?;
            let shown = desk(context, api, &member, segments).await;
            // Whose way back it is depends on the role.
            shown.or_else(|failure| match failure.code() {
                "unauthorized" | "password-change" => Err(failure),
                _ => Ok(member.refuse(&failure)),
            })
        }
    }
}

/// The pages of whoever is signed in.
async fn desk(
    context: &Context,
    api: &Api<'_>,
    member: &Member<'_>,
    segments: &[&str],
) -> Result<Reply, Failure> {
    match (view::method(context), segments) {
        (&Method::GET, ["desk", "password"]) => Ok(session::password_page(member)),
        (&Method::POST, ["desk", "password"]) => session::change_password(api, member).await,
        (&Method::GET, ["desk"]) => queues::show(api, member).await,
        (&Method::GET, ["desk", "help"]) => Ok(queues::help(member)),
        (&Method::GET, ["desk", "cases", number]) => case::show(api, member, number).await,
        (&Method::GET, ["desk", "cases", number, "attachments", position]) => {
            case::attachment(api, member, number, position).await
        }
        (&Method::GET, ["desk", "cases.csv"]) => batch::table(api, member).await,
        (&Method::GET, ["desk", "knowledge"]) => knowledge::show(api, member).await,
        (&Method::POST, ["desk", "filters"]) => filters::change(api, member).await,
        (&Method::POST, ["desk", "batch"]) => batch::run(api, member).await,
        (&Method::POST, ["desk", "cases", number, "copy"]) => {
            case::preview(api, member, number).await
        }
        (&Method::GET, ["desk", "templates"]) => templates::show(api, member).await,
        (&Method::POST, ["desk", "templates"]) => templates::change(api, member).await,
        (&Method::POST, ["desk", "cases", number, "template"]) => {
            case::insert(api, member, number).await
        }
        (&Method::POST, ["desk", "cases", number, "contact"]) => {
            contact::show(api, member, number).await
        }
        (&Method::POST, ["desk", "cases", number, action]) => {
            case::act(api, member, number, action).await
        }
        (&Method::GET, ["desk", "new"]) => phone::show(api, member).await,
        (&Method::POST, ["desk", "new"]) => phone::send(api, member).await,
        (&Method::GET, ["desk", "accounts"]) => accounts::list(api, member).await,
        (&Method::POST, ["desk", "accounts"]) => accounts::make(api, member).await,
        (&Method::GET, ["desk", "accounts", id]) => accounts::show(api, member, id).await,
        (&Method::POST, ["desk", "accounts", id]) => accounts::change(api, member, id).await,
        (&Method::GET, ["desk", "follow-ups"]) => follow_ups::show(api, member).await,
        (&Method::GET, ["desk", "hot"]) => watch::hot(api, member).await,
        (&Method::GET, ["desk", "letters"]) => watch::letters(api, member).await,
        (&Method::POST, ["desk", "letters", stage, number]) => {
            watch::revive(api, member, stage, number).await
        }
        (_, ["desk", "batch" | "filters"]) => Err(member.wrong_method(context, "POST")),
        (_, ["desk", "password" | "new" | "templates" | "accounts"] | ["desk", "accounts", _]) => {
            Err(member.wrong_method(context, "GET, HEAD, POST"))
        }
        (
            _,
            ["desk"]
            | [
                "desk",
                "help" | "hot" | "follow-ups" | "letters" | "knowledge" | "cases.csv",
            ]
            | ["desk", "cases", _],
        ) => Err(member.wrong_method(context, "GET, HEAD")),
        _ => Err(member.page_missing(context)),
    }
}

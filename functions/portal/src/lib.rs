//! The citizens' site: pages that are made on the server and work without
//! JavaScript.
//!
//! It has no database. What pages show and what forms send goes through the
//! interface of the other functions, so that rights, checks and limits are
//! decided in one place. A query code never stands in an address: it comes in
//! a form and stays in a cookie of its case.
//!
//! - `/`, `/cases`, `/departments`, `/knowledge`, `/statistics`: what is public;
//! - `/ask`, `/follow`, `/cases/{number}/…`: the citizen's own case;
//! - `/preferences`: language, edition and colours;
//! - `/sitemap.xml`, `/sitemaps/…`, `/robots.txt`, `/assets/…`.

mod ask;
mod assets;
mod browse;
mod case;
mod department;
mod follow;
mod home;
mod knowledge;
mod preferences;
mod preview;
mod sitemap;
mod statistics;
mod visitor;
mod words;

use http::{Method, StatusCode};
use spin_sdk::http::Request;
use spin_sdk::http_service;
use web::{Answer, Context, Problem, Reply, view};

use pages::api::{Api, Failure};
use pages::origin;
use visitor::Visitor;

const STAGE: &str = "portal";

/// The longest message with its files, in bytes: the 9 MiB of files that a
/// message may have, texts, and what multipart adds.
const MESSAGE_LIMIT: usize = 10 * 1024 * 1024;

/// The longest of the other forms, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// The longest message without files, in bytes: 20,000 characters of three
/// bytes, which a form writes as nine.
const TEXT_LIMIT: usize = 256 * 1024;

#[http_service]
async fn handle(request: Request) -> Answer {
    let limit = match request.uri().path() {
        "/ask" => MESSAGE_LIMIT,
        "/ask/preview" => TEXT_LIMIT,
        _ => FORM_LIMIT,
    };
    web::serve_as(STAGE, limit, request, answer, refuse).await
}

/// The answer: a failure becomes a page.
async fn answer(context: &Context) -> Result<Reply, Problem> {
    let visitor = Visitor::of(context);
    let api = Api {
        context,
        language: visitor.language,
        token: None,
    };
    let visitor = visitor.with_district(&api).await;
    Ok(match route(context, &api, &visitor).await {
        Ok(reply) => reply,
        Err(failure) => visitor.refuse(&failure),
    })
}

/// The page for a request that cannot be read.
fn refuse(context: &Context, problem: &Problem) -> Reply {
    let visitor = Visitor::of(context);
    let mut failure = Failure::of(problem, visitor.language, &context.request);
    if problem.status == StatusCode::PAYLOAD_TOO_LARGE && context.segments() == ["ask"] {
        // Browsers keep what was typed for whoever goes back.
        visitor.words.error_large.clone_into(&mut failure.title);
        visitor
            .words
            .error_large_detail
            .clone_into(&mut failure.detail);
    }
    visitor.refuse(&failure)
}

async fn route(context: &Context, api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let method = view::method(context);
    if *method != Method::GET {
        origin::check(context, visitor)?;
    }
    match (method, context.segments().as_slice()) {
        (&Method::GET, [""]) => home::show(api, visitor).await,
        (&Method::GET, ["cases"]) => browse::show(api, visitor).await,
        (&Method::GET, ["departments"]) => browse::departments(api, visitor).await,
        (&Method::GET, ["departments", department]) => {
            department::show(api, visitor, department).await
        }
        (&Method::GET, ["knowledge"]) => knowledge::list(api, visitor).await,
        (&Method::GET, ["knowledge", article]) => knowledge::article(api, visitor, article).await,
        (&Method::GET, ["statistics"]) => statistics::show(api, visitor).await,
        (&Method::GET, ["ask"]) => ask::show(api, visitor).await,
        (&Method::POST, ["ask"]) => ask::send(api, visitor).await,
        (&Method::GET, ["ask", "similar"]) => ask::similar(api, visitor).await,
        (&Method::POST, ["ask", "preview"]) => preview::show(api, visitor).await,
        (&Method::GET, ["follow"]) => follow::show(visitor),
        (&Method::POST, ["follow"]) => follow::enter(api, visitor).await,
        (&Method::GET, ["cases", number]) => case::show(api, visitor, number).await,
        (&Method::GET, ["cases", number, "attachments", position]) => {
            case::attachment(api, number, position).await
        }
        (&Method::POST, ["cases", number, action]) => case::act(api, visitor, number, action).await,
        (&Method::POST, ["preferences"]) => preferences::set(api, visitor).await,
        (&Method::GET, ["sitemap.xml"]) => sitemap::index(api).await,
        (&Method::GET, ["sitemaps", name]) => sitemap::list(api, name).await,
        (&Method::GET, ["robots.txt"]) => sitemap::robots(api).await,
        (&Method::GET, ["assets", file]) => {
            assets::file(file).ok_or_else(|| visitor.page_missing(context))
        }
        (_, ["ask"] | ["follow"]) => Err(visitor.wrong_method(context, "GET, HEAD, POST")),
        (_, ["preferences"] | ["ask", "preview"]) => Err(visitor.wrong_method(context, "POST")),
        (
            _,
            [""]
            | ["cases" | "departments" | "knowledge" | "statistics" | "sitemap.xml" | "robots.txt"]
            | [
                "cases" | "departments" | "knowledge" | "assets" | "sitemaps",
                _,
            ],
        ) => Err(visitor.wrong_method(context, "GET, HEAD")),
        _ => Err(visitor.page_missing(context)),
    }
}

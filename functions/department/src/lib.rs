//! The generic shell of departments: HTTP to the handler that is composed in, and nothing else. With it a department's
//! handler is a Spin application of its own, which the platform calls at the address that stands in its database.
//!
//! - `POST /answer`: an inquiry and articles; answers triage and draft.
//! - `POST /review`: an inquiry and an answer; answers the findings, and what is to be done afterwards.
//! - `GET /`: which handler this is.
//!
//! 404 means that the handler does not look at cases like this. The bodies are those that the runner's own service
//! has (`crates/runner/src/departments.rs`): the records of `wit/` as JSON.

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use serde::{Deserialize, Serialize};
use spin_sdk::http::{Request, Response};
use spin_sdk::http_service;
use std::sync::OnceLock;

use bindings::wenzheng::handlers::department::{self, Description, FollowUp, Triage};
use bindings::wenzheng::handlers::types::{AnswerText, Article, Draft, Error, Finding, Inquiry};

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/department.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "department-function",
        generate_all,
        additional_derives: [serde::Serialize, serde::Deserialize],
    });
}

/// The longest body of a request, in bytes.
const BODY: usize = 4 << 20;

type Reply = Response<Full<Bytes>>;

#[derive(Deserialize)]
struct AnswerAsked {
    inquiry: Inquiry,
    articles: Vec<Article>,
}

#[derive(Deserialize)]
struct ReviewAsked {
    inquiry: Inquiry,
    answer: AnswerText,
}

/// Which handler said it.
#[derive(Clone, Serialize)]
struct Who {
    name: String,
    version: String,
    sha256: String,
}

#[derive(Serialize)]
struct AnswerSaid {
    handler: Who,
    triage: Result<Option<Triage>, Error>,
    draft: Result<Option<Draft>, Error>,
}

#[derive(Serialize)]
struct ReviewSaid {
    handler: Who,
    findings: Result<Vec<Finding>, Error>,
    follow_up: Result<Option<FollowUp>, Error>,
}

/// The digest that `wenzheng handler build` puts beside the component.
#[derive(Deserialize)]
struct Note {
    sha256: String,
}

#[http_service]
async fn handle(request: Request) -> Reply {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY).collect().await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let body = body.to_bytes();
    match (&head.method, head.uri.path().trim_end_matches('/')) {
        (&Method::GET, "") => json(&who()),
        (&Method::POST, "/answer") => answer(&body),
        (&Method::POST, "/review") => review(&body),
        (_, "" | "/answer" | "/review") => status(StatusCode::METHOD_NOT_ALLOWED),
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn answer(body: &[u8]) -> Reply {
    let Ok(asked) = serde_json::from_slice::<AnswerAsked>(body) else {
        return status(StatusCode::BAD_REQUEST);
    };
    if !wants(asked.inquiry.category.as_deref()) {
        return status(StatusCode::NOT_FOUND);
    }
    json(&AnswerSaid {
        handler: who(),
        triage: department::triage_inquiry(&asked.inquiry),
        draft: department::draft_answer(&asked.inquiry, &asked.articles),
    })
}

fn review(body: &[u8]) -> Reply {
    let Ok(asked) = serde_json::from_slice::<ReviewAsked>(body) else {
        return status(StatusCode::BAD_REQUEST);
    };
    if !wants(asked.inquiry.category.as_deref()) {
        return status(StatusCode::NOT_FOUND);
    }
    json(&ReviewSaid {
        handler: who(),
        findings: department::check(&asked.inquiry, &asked.answer),
        follow_up: department::plan_follow_up(&asked.inquiry, &asked.answer),
    })
}

/// What the handler says of itself, asked once.
fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(department::describe)
}

/// Whether the handler wants to see cases of `category`.
fn wants(category: Option<&str>) -> bool {
    let categories = &description().categories;
    categories.is_empty()
        || category.is_some_and(|category| {
            categories.iter().any(|wanted| {
                category
                    .strip_prefix(wanted.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
}

fn who() -> Who {
    static WHO: OnceLock<Who> = OnceLock::new();
    WHO.get_or_init(|| {
        let about = &description().about;
        let sha256 = std::fs::read("/handler.json")
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Note>(&bytes).ok())
            .map_or_else(|| "unknown".to_owned(), |note| note.sha256);
        Who {
            name: about.name.clone(),
            version: about.version.clone(),
            sha256,
        }
    })
    .clone()
}

fn json(body: &impl Serialize) -> Reply {
    // Texts and numbers always have a form in JSON.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    reply.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    reply
}

fn status(status: StatusCode) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = status;
    reply
}

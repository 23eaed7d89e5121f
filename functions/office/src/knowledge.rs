//! The knowledge base beside an answer.

use http::StatusCode;
use pages::api::{Api, Failure};
use pages::data::{Article, Knowledge};
use pages::reader::escaped;
use web::Reply;

use crate::member::Member;

/// Articles that are shown: more are no help beside an answer.
const SHOWN: usize = 8;

/// Characters of a search.
const CHARS: usize = 60;

#[derive(askama::Template)]
#[template(path = "knowledge.html")]
struct KnowledgePage<'a> {
    v: &'a Member<'a>,
    query: &'a str,
    articles: Vec<Article>,
}

/// `GET /desk/knowledge?q=…`. The script takes the list out of the page.
pub async fn show(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let query: String = api
        .context
        .parameter("q")
        .unwrap_or_default()
        .chars()
        .take(CHARS)
        .collect();
    let mut articles = Vec::new();
    if !query.trim().is_empty() {
        let path = format!("/api/knowledge?q={}", escaped(&query));
        articles = api.get::<Knowledge>("publish", &path).await?.items;
        articles.truncate(SHOWN);
    }
    let page = KnowledgePage {
        v: member,
        query: &query,
        articles,
    };
    Ok(member.page(StatusCode::OK, &page))
}

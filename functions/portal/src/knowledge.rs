//! The knowledge base.

use http::StatusCode;
use pulldown_cmark::{Event, Options, Parser, html};
use web::Reply;
use web::language::Language;

use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::{Article, Knowledge, Named};
use pages::reader::escaped;

#[derive(askama::Template)]
#[template(path = "knowledge.html")]
struct KnowledgePage<'a> {
    v: &'a Visitor,
    knowledge: Knowledge,
    words: &'a str,
    class: &'a str,
    failure: Option<Failure>,
}

/// Classes with their articles.
type Classes<'a> = Vec<(&'a Named, Vec<&'a Article>)>;

impl KnowledgePage<'_> {
    /// The two groups of classes, each under its title.
    fn groups(&self) -> [(&'static str, Classes<'_>); 2] {
        let words = self.v.words;
        [
            (words.knowledge_help, self.classes("help")),
            (words.knowledge_policy, self.classes("policy")),
        ]
    }

    /// Classes of `group` with their articles; those without any are left out.
    fn classes(&self, group: &str) -> Classes<'_> {
        self.knowledge
            .classes
            .iter()
            .filter(|class| class.group == group)
            .map(|class| {
                let items = self
                    .knowledge
                    .items
                    .iter()
                    .filter(|item| item.class == class.id);
                (class, items.collect::<Vec<_>>())
            })
            .filter(|(_, items)| !items.is_empty())
            .collect()
    }
}

/// `GET /knowledge`.
pub async fn list(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let parameter = |name| api.context.parameter(name).unwrap_or_default();
    let (words, class) = (parameter("q"), parameter("class"));
    let path = format!(
        "/api/knowledge?q={}&class={}",
        escaped(words),
        escaped(class)
    );
    let (status, knowledge, failure) = match api.get::<Knowledge>("publish", &path).await {
        Ok(knowledge) => (StatusCode::OK, knowledge, None),
        Err(failure) if failure.status == 422 => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Knowledge::default(),
            Some(failure),
        ),
        Err(failure) => return Err(failure),
    };
    let page = KnowledgePage {
        v: visitor,
        knowledge,
        words,
        class,
        failure,
    };
    Ok(visitor.page(status, &page))
}

#[derive(askama::Template)]
#[template(path = "article.html")]
struct ArticlePage<'a> {
    v: &'a Visitor,
    article: &'a Article,
    /// The text as HTML that holds nothing but what Markdown makes.
    text: String,
    text_language: Language,
}

/// `GET /knowledge/{article}`.
pub async fn article(api: &Api<'_>, visitor: &Visitor, id: &str) -> Result<Reply, Failure> {
    let article: Article = api
        .get("publish", &format!("/api/knowledge/{}", escaped(id)))
        .await?;
    let (text, text_language) = article.text(visitor.language);
    let page = ArticlePage {
        v: visitor,
        article: &article,
        text: markdown(text),
        text_language,
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// Markdown as HTML. HTML in it stays text, pictures become their words, and
/// links lead to the web or a telephone only.
fn markdown(text: &str) -> String {
    use pulldown_cmark::{Tag, TagEnd};
    let mut dropped = Vec::new();
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let kept = ["https://", "http://", "tel:", "/"]
                .iter()
                .any(|start| dest_url.starts_with(start));
            dropped.push(!kept);
            kept.then_some(event)
        }
        Event::End(TagEnd::Link) => (!dropped.pop().unwrap_or(false)).then_some(event),
        // A page has its own headings of the first and second level.
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(heading())),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(heading().to_end())),
        event => Some(event),
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

fn heading() -> pulldown_cmark::Tag<'static> {
    pulldown_cmark::Tag::Heading {
        level: pulldown_cmark::HeadingLevel::H3,
        id: None,
        classes: Vec::new(),
        attrs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn nothing_but_what_markdown_makes_gets_through() {
        let html = markdown(
            "# 题\n\n**六十日**内 <script>alert(1)</script> [坏](javascript:alert(1)) [好](https://example.com) ![图](x.png)\n\n- 一\n",
        );
        assert!(
            html.contains("<h3>题</h3>") && html.contains("<strong>六十日</strong>"),
            "{html}"
        );
        assert!(
            html.contains("&lt;script&gt;") && !html.contains("<script"),
            "{html}"
        );
        assert!(
            !html.contains("javascript:") && !html.contains("<img"),
            "{html}"
        );
        assert!(
            html.contains("<a href=\"https://example.com\">好</a>") && html.contains("<li>一</li>"),
            "{html}"
        );
    }
}

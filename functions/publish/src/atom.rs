//! The feed of public copies: Atom 1.0 (RFC 4287).

use std::fmt::Write as _;

use case::time::{Local, Timestamp};
use http::StatusCode;
use serde_json::Value as Json;
use web::rules::{self, Bodies, Rules};
use web::{Context, Database, Problem, Reply, variables, view};

use crate::listing::Query;

/// Entries of the feed.
const ENTRIES: u32 = 50;

/// Seconds for which the feed may be kept.
const KEEP: u32 = 60;

/// `GET /api/publications.atom`, with the filters of the list.
pub async fn feed(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let query = Query::read(context, &rules, &bodies)?;
    let listed = query.page(context, &mut database, ENTRIES).await?;
    let url = variables::get("public_url").await?;
    let feed = Feed {
        context,
        rules: &rules,
        bodies: &bodies,
        url: url.trim_end_matches('/'),
    };
    let body = feed.write(listed.iter().map(|listed| &listed.summary));
    Ok(
        Reply::bytes(StatusCode::OK, "application/atom+xml; charset=utf-8", body)
            .cacheable(context, KEEP),
    )
}

struct Feed<'a> {
    context: &'a Context,
    rules: &'a Rules,
    bodies: &'a Bodies,
    url: &'a str,
}

impl Feed<'_> {
    fn write<'a>(&self, summaries: impl Iterator<Item = &'a Json> + Clone) -> String {
        let identity = &self.rules.identity;
        let language = self.context.language;
        let name = escaped(language.pick(&identity.name, &identity.name_en));
        let title = language.pick("已公开的办件", "published cases");
        let district = escaped(&identity.id);
        let updated = summaries
            .clone()
            .filter_map(|summary| summary["published_at"].as_i64())
            .max();
        let query = self.query();
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
             <id>urn:wenzheng:{district}:publications{query}</id>\n\
             <title>{name} · {title}</title>\n\
             <updated>{}</updated>\n\
             <author><name>{name}</name></author>\n\
             <link rel=\"self\" type=\"application/atom+xml\" href=\"{url}/api/publications.atom{query}\"/>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{url}/cases{query}\"/>\n\
             <link rel=\"alternate\" type=\"application/json\" href=\"{url}/api/publications{query}\"/>",
            language.tag(),
            self.time(updated.unwrap_or_default()),
            url = escaped(self.url),
        );
        for summary in summaries {
            self.entry(&mut text, summary);
        }
        text.push_str("</feed>\n");
        text
    }

    fn entry(&self, text: &mut String, summary: &Json) {
        let member = |name: &str| escaped(summary[name].as_str().unwrap_or_default());
        let language = self.context.language;
        let department = view::department(
            self.bodies,
            summary["department"].as_str().unwrap_or_default(),
            language,
        );
        let published = summary["published_at"].as_i64().unwrap_or_default();
        let number = member("number");
        let category = summary["category"].as_str().map_or_else(String::new, |id| {
            let label = view::category(self.rules, id, language);
            format!(
                "<category term=\"{}\" label=\"{}\"/>\n",
                escaped(id),
                escaped(label)
            )
        });
        let title = match summary["subject"].as_str() {
            Some(subject) if !subject.is_empty() => member("subject"),
            _ => member("excerpt"),
        };
        let _ = writeln!(
            text,
            "<entry>\n\
             <id>urn:wenzheng:{district}:case:{number}:{published}</id>\n\
             <title>{title}</title>\n\
             <published>{at}</published>\n\
             <updated>{at}</updated>\n\
             <author><name>{department}</name></author>\n\
             {category}\
             <link rel=\"alternate\" type=\"text/html\" href=\"{url}/cases/{number}\"/>\n\
             <link rel=\"alternate\" type=\"application/json\" href=\"{url}/api/cases/{number}\"/>\n\
             <summary>{excerpt}\n\n{answer}</summary>\n\
             </entry>",
            district = escaped(&self.rules.identity.id),
            at = self.time(published),
            department = escaped(department),
            url = escaped(self.url),
            excerpt = member("excerpt"),
            answer = member("answer_excerpt"),
        );
    }

    /// The filters of this request as the query of an address.
    fn query(&self) -> String {
        let names = [
            "q",
            "department",
            "category",
            "kind",
            "division",
            "from",
            "to",
        ];
        let mut query = String::new();
        for name in names {
            if let Some(value) = self.context.parameter(name) {
                let sign = if query.is_empty() { "?" } else { "&amp;" };
                let _ = write!(query, "{sign}{name}={}", percent(value));
            }
        }
        query
    }

    fn time(&self, millis: i64) -> String {
        Local {
            at: Timestamp(millis),
            offset: self.rules.offset,
        }
        .to_string()
    }
}

/// A value within the query of an address.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                encoded.push(char::from(byte))
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

/// A text within XML, without the characters that XML 1.0 cannot hold.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            letter if letter.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

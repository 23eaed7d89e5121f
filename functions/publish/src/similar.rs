//! What is like a message before it is sent: the answer may be there already.
//! Nothing of the message is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::publications::Listed;
use store::{articles, publications};
use web::rules;
use web::text::Checks;
use web::{Context, Database, Problem, Reply};

use crate::{knowledge, listing};

/// Articles, and published cases, that are shown at most.
const SHOWN: usize = 5;

/// Published cases that are compared with the message, the newest that share a
/// phrase with it.
const COMPARED: u32 = 200;

/// Phrases of the message that are looked for; a message says what it is about
/// in its first lines.
const PHRASES: usize = 96;

/// What a published case has to share of the message, by weight: measured on
/// nothing yet, and low, for the citizen sees the subjects and decides.
const LEAST: f64 = 0.12;

/// The message as far as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

/// `POST /api/similar`.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let message: Message = context.json()?;
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let limits = &rules.limits.text;
    let mut checks = Checks::default();
    checks.text("subject", &message.subject, limits.subject_max_chars, false);
    checks.text("body", &message.body, limits.body_max_chars, true);
    checks.finish()?;

    let query = format!("{}\n{}", message.subject, message.body);
    let found = articles::search_summaries(&mut database, &query, SHOWN as u32).await?;
    let phrases = phrases(&query);
    let held = publications::holding_any(&mut database, &phrases, COMPARED).await?;

    let today = context.now.date(rules.offset).to_string();
    let articles: Vec<Json> = found
        .into_iter()
        .map(|summary| knowledge::item(summary, &bodies, context, &today))
        .collect();
    let publications: Vec<Json> = alike(&query, &held)
        .into_iter()
        .map(|listed| listing::item(&listed.summary, &rules, &bodies, context.language))
        .collect();
    Ok(Reply::ok(
        &json!({ "articles": articles, "publications": publications }),
    ))
}

/// The phrases of a message: three characters side by side (two pairs) or two
/// words, which are rare enough to say something.
fn phrases(query: &str) -> Vec<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut phrases = Vec::new();
    for phrase in text::query_terms(query) {
        let size = phrase.len().min(2);
        for part in phrase.windows(size) {
            if phrases.len() < PHRASES && seen.insert(part.to_vec()) {
                phrases.push(part.to_vec());
            }
        }
    }
    phrases
}

/// Those of `held` that share most with the message, best first. A term weighs
/// more the fewer of them hold it.
fn alike<'a>(query: &str, held: &'a [Listed]) -> Vec<&'a Listed> {
    let asked: BTreeSet<String> = text::search_terms(query).into_iter().collect();
    let terms: Vec<BTreeSet<String>> = held
        .iter()
        .map(|listed| {
            let text = |name: &str| listed.summary[name].as_str().unwrap_or_default();
            text::search_terms(&format!("{}\n{}", text("subject"), text("excerpt")))
                .into_iter()
                .filter(|term| asked.contains(term))
                .collect()
        })
        .collect();
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for term in terms.iter().flatten() {
        *holders.entry(term).or_default() += 1;
    }
    let all = held.len() as f64;
    let weight = |term: &str| {
        let holders = holders.get(term).copied().unwrap_or(0) as f64;
        ((all + 1.0) / (holders + 0.5)).ln()
    };
    let whole: f64 = asked.iter().map(|term| weight(term)).sum();
    let mut scored: Vec<(f64, &Listed)> = terms
        .iter()
        .zip(held)
        .map(|(terms, listed)| (terms.iter().map(|term| weight(term)).sum::<f64>(), listed))
        .filter(|(score, _)| *score >= whole * LEAST)
        .collect();
    // A stable sort leaves the newest first among equals.
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    scored
        .into_iter()
        .take(SHOWN)
        .map(|(_, listed)| listed)
        .collect()
}

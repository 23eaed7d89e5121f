//! The knowledge base and the search in it.

use std::collections::{BTreeMap, BTreeSet};

use case::district::Article;
use serde_json::{Value as Json, json};

use crate::change::{decode, encode};
use crate::transaction::placeholders;
use crate::{Connection, Dialect, Error, Value};

/// Different terms of a query that count; a message says what it is about
/// in its first lines.
const QUERY_TERMS: usize = 256;

/// Rows written with one statement: far below the parameters that either
/// database takes.
const ROWS: usize = 500;

/// How much more a term in the title, in a question or in the keywords counts
/// than one in the text.
const TITLE: f64 = 3.0;

/// The usual constants of BM25 (Robertson and Zaragoza 2009): how soon
/// repetition stops to count, and how much length does.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Replaces all articles by `articles`, inside the open transaction.
pub async fn replace<C: Connection>(connection: &mut C, articles: &[Article]) -> Result<(), Error> {
    connection
        .query("DELETE FROM article_terms", Vec::new())
        .await?;
    connection.query("DELETE FROM articles", Vec::new()).await?;
    for (index, article) in articles.iter().enumerate() {
        let parameters = vec![
            id(index),
            article.id.as_str().into(),
            article.class.as_str().into(),
            article.category.as_str().into(),
            summary(article).to_string().into(),
            encode(article)?.into(),
        ];
        connection
            .query(
                "INSERT INTO articles (id, article, class, category, summary, data) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                parameters,
            )
            .await?;
    }
    for rows in weights(articles).chunks(ROWS) {
        let mut parameters = Vec::with_capacity(rows.len() * 3);
        for (term, index, weight) in rows {
            parameters.extend([term.as_str().into(), id(*index), Value::Real(*weight)]);
        }
        let statement = format!(
            "INSERT INTO article_terms (term, id, weight) VALUES {}",
            placeholders(rows.len(), 3)
        );
        connection.query(&statement, parameters).await?;
    }
    Ok(())
}

fn id(index: usize) -> Value {
    Value::Integer(index as i64 + 1)
}

/// What lists show of an article.
fn summary(article: &Article) -> Json {
    json!({
        "id": article.id,
        "class": article.class,
        "title": article.title,
        "title_en": article.title_en,
        "category": article.category,
        "department": article.department,
        "updated": article.updated,
        "review_by": article.review_by,
    })
}

/// What each term of each article adds to its rank: BM25 with the weighted
/// fields counted together (BM25F).
fn weights(articles: &[Article]) -> Vec<(String, usize, f64)> {
    let counted: Vec<BTreeMap<String, f64>> = articles.iter().map(counts).collect();
    let lengths: Vec<f64> = counted.iter().map(|counts| counts.values().sum()).collect();
    let average = lengths.iter().sum::<f64>() / (lengths.len() as f64).max(1.0);
    let mut holders: BTreeMap<&str, f64> = BTreeMap::new();
    for term in counted.iter().flat_map(BTreeMap::keys) {
        *holders.entry(term).or_default() += 1.0;
    }
    let total = articles.len() as f64;
    let mut rows = Vec::new();
    for (index, counts) in counted.iter().enumerate() {
        for (term, count) in counts {
            let holders = holders[term.as_str()];
            let rarity = (1.0 + (total - holders + 0.5) / (holders + 0.5)).ln();
            let length = 1.0 - B + B * lengths[index] / average;
            rows.push((
                term.clone(),
                index,
                rarity * count * (K1 + 1.0) / (count + K1 * length),
            ));
        }
    }
    // In the order of the key: the fastest to write.
    rows.sort_by(|left, right| left.0.cmp(&right.0).then(left.1.cmp(&right.1)));
    rows
}

fn counts(article: &Article) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    let mut add = |text: &str, weight: f64| {
        for term in text::search_terms(text) {
            *counts.entry(term).or_default() += weight;
        }
    };
    let heads = [&article.title, &article.title_en];
    for head in heads
        .into_iter()
        .chain(&article.questions)
        .chain(&article.keywords)
    {
        add(head, TITLE);
    }
    add(&article.body, 1.0);
    if let Some(body) = &article.body_en {
        add(body, 1.0);
    }
    counts
}

/// The articles that fit `query` best, best first, at most `limit`.
pub async fn search<C: Connection>(
    connection: &mut C,
    query: &str,
    limit: u32,
) -> Result<Vec<Article>, Error> {
    let rows = ranked(connection, "data", query, limit).await?;
    rows.iter().map(|text| decode(text)).collect()
}

/// The articles that the answer handler is offered for a case: what fits its
/// subject, its body and what the citizen added, best first.
pub async fn candidates<C: Connection>(
    connection: &mut C,
    subject: &str,
    body: &str,
    supplements: &[String],
    limit: u32,
) -> Result<Vec<Article>, Error> {
    let mut query = format!("{subject}\n{body}");
    for supplement in supplements {
        query.push('\n');
        query.push_str(supplement);
    }
    search(connection, &query, limit).await
}

/// Like [`search`], with what lists show of each article.
pub async fn search_summaries<C: Connection>(
    connection: &mut C,
    query: &str,
    limit: u32,
) -> Result<Vec<Json>, Error> {
    let rows = ranked(connection, "summary", query, limit).await?;
    rows.iter().map(|text| decode(text)).collect()
}

async fn ranked<C: Connection>(
    connection: &mut C,
    column: &str,
    query: &str,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let mut terms = BTreeSet::new();
    for term in text::search_terms(query) {
        if terms.len() < QUERY_TERMS {
            terms.insert(term);
        }
    }
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let list = match connection.dialect() {
        Dialect::Sqlite => "SELECT value FROM json_each($1)",
        Dialect::Postgres => "SELECT json_array_elements_text($1::text::json)",
    };
    let statement = format!(
        "SELECT a.{column} FROM (SELECT id, SUM(weight) AS rank FROM article_terms WHERE term IN ({list}) \
         GROUP BY id ORDER BY rank DESC, id LIMIT {limit}) r JOIN articles a ON a.id = r.id \
         ORDER BY r.rank DESC, r.id"
    );
    let rows = connection
        .query(&statement, vec![encode(&terms)?.into()])
        .await?;
    rows.iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// What lists show of all articles, or those of one class.
pub async fn list<C: Connection>(
    connection: &mut C,
    class: Option<&str>,
) -> Result<Vec<Json>, Error> {
    let (condition, parameters) = match class {
        Some(class) => ("WHERE class = $1", vec![class.into()]),
        None => ("", Vec::new()),
    };
    let rows = connection
        .query(
            &format!("SELECT summary FROM articles {condition} ORDER BY id"),
            parameters,
        )
        .await?;
    rows.iter().map(|row| decode(row.text(0)?)).collect()
}

/// The article with the identifier `article`.
pub async fn get<C: Connection>(
    connection: &mut C,
    article: &str,
) -> Result<Option<Article>, Error> {
    let rows = connection
        .query(
            "SELECT data FROM articles WHERE article = $1",
            vec![article.into()],
        )
        .await?;
    rows.first().map(|row| decode(row.text(0)?)).transpose()
}

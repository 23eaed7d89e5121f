//! The district's folder, written into the database.

use crate::database::Connection;
use crate::rules::Rules;
use anyhow::{Context, Result};
use district::Problem;
use serde::{Deserialize, Serialize};
use std::path::Path;
use store::{articles, due, settings, transaction};

/// The row of `settings` that says what was loaded.
const SOURCE: &str = "source";

/// What was loaded.
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) departments: usize,
    pub(crate) articles: usize,
}

/// What the database holds: the digest of all documents.
#[derive(Serialize, Deserialize)]
struct Source {
    sha256: String,
}

/// Loads the district in `folder` unless the database holds it as it is; none if it does.
pub(crate) async fn load_if_changed(
    connection: &mut Connection,
    folder: &Path,
) -> Result<Option<Loaded>> {
    let district = district::load(folder).map_err(|problems| sentence(folder, &problems))?;
    let knowledge = district::knowledge(folder).map_err(|problems| sentence(folder, &problems))?;
    let mut documents = district
        .documents()
        .context("the district cannot be written as JSON")?;
    documents.push(("classes", serde_json::to_string(&knowledge.classes)?));
    let articles_json = serde_json::to_string(&knowledge.articles)?;
    let mut parts: Vec<&[u8]> = documents.iter().map(|(_, json)| json.as_bytes()).collect();
    parts.push(articles_json.as_bytes());
    let source = Source {
        sha256: seal::hex(&seal::digest(&parts)),
    };

    let before: Option<Source> = settings::load(connection, SOURCE).await?;
    if before.is_some_and(|before| before.sha256 == source.sha256) {
        return Ok(None);
    }
    transaction::begin(connection).await?;
    for (name, json) in &documents {
        settings::save(connection, name, json).await?;
    }
    articles::replace(connection, &knowledge.articles).await?;
    settings::save(connection, SOURCE, &serde_json::to_string(&source)?).await?;
    // Deadlines are computed by the rules in force; the column that lists are ordered by follows them.
    let rules = Rules::read(connection).await?;
    due::refresh(connection, &rules.basis()).await?;
    transaction::commit(connection).await?;
    Ok(Some(Loaded {
        name: district.district.name,
        departments: district.departments.len(),
        articles: knowledge.articles.len(),
    }))
}

/// Problems of a district as one error, a line each.
pub(crate) fn sentence(folder: &Path, problems: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}/{problem}", folder.display()))
        .collect();
    anyhow::Error::msg(lines.join("\n"))
}

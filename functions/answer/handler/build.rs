//! Makes the tables of the handler out of the district's knowledge base, its
//! topics without an article and the pairs of characters that are common in
//! citizens' messages, so that the handler's digest names everything that it
//! decides by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use toml::{Table, Value};

#[path = "src/term.rs"]
mod term;

use term::Term;

/// Pairs and the share of messages that hold them, from the folder of this
/// package.
const COMMON: &str = "common.txt";

/// The line around the front matter of an article.
const FENCE: &str = "+++\n";

fn main() {
    let district = env::var("WENZHENG_DISTRICT").unwrap_or("../../../districts/yinzhou".into());
    let folder = PathBuf::from(district).join("knowledge");
    println!("cargo:rerun-if-env-changed=WENZHENG_DISTRICT");
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed={COMMON}");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/term.rs");
    if let Err(error) = make(&folder) {
        println!("cargo::error={error}");
    }
}

fn make(folder: &Path) -> Result<(), String> {
    let articles = articles(folder)?;
    let topics = topics(&folder.join("uncovered.toml"))?;
    let common = common()?;
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);

    let mut holders: BTreeMap<Term, u32> = BTreeMap::new();
    for terms in articles
        .iter()
        .map(|(terms, _)| terms.keys())
        .chain(topics.iter().map(|terms| terms.keys()))
    {
        for term in terms {
            *holders.entry(*term).or_default() += 1;
        }
    }
    let total = (articles.len() + topics.len()) as f64;
    let rarity =
        |holders: u32| (1.0 + (total - f64::from(holders) + 0.5) / (f64::from(holders) + 0.5)).ln();
    let known: BTreeSet<Term> = holders.keys().chain(common.keys()).copied().collect();
    let mut weights = Vec::with_capacity(known.len() * 10);
    for term in known {
        let rarity = rarity(holders.get(&term).copied().unwrap_or(0));
        let weight = rarity * common.get(&term).copied().unwrap_or(1.0);
        weights.extend(term.to_le_bytes());
        weights.extend(((weight * 1000.0).round() as u16).to_le_bytes());
    }
    write(&out.join("weights.bin"), &weights)?;

    let length: u32 = articles.iter().map(|(_, length)| length).sum();
    let mut tables = format!(
        "/// The weight of a term that no table has, in thousandths.\n\
         pub(crate) const UNKNOWN: u16 = {};\n\
         /// The length of the articles on average.\n\
         pub(crate) const LENGTH: u32 = {};\n\
         /// The terms of each topic without an article, in order, with their counts.\n\
         pub(crate) static TOPICS: &[&[(u64, u32)]] = &[\n",
        (rarity(0) * 1000.0).round(),
        length / (articles.len().max(1) as u32),
    );
    for topic in &topics {
        let terms: Vec<(Term, u32)> = topic.iter().map(|(term, count)| (*term, *count)).collect();
        writeln!(tables, "&{terms:?},").map_err(|error| error.to_string())?;
    }
    tables.push_str("];\n");
    write(&out.join("tables.rs"), tables.as_bytes())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// The counts of an article's terms and its length.
type Counted = (BTreeMap<Term, u32>, u32);

fn articles(folder: &Path) -> Result<Vec<Counted>, String> {
    let mut found = Vec::new();
    for class in children(folder)?.iter().filter(|path| path.is_dir()) {
        for file in children(class)? {
            if file.extension().is_some_and(|extension| extension == "md") {
                found.push(article(&file)?);
            }
        }
    }
    Ok(found)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = fs::read_dir(folder)
        .map_err(wrong)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong)?;
    paths.sort();
    Ok(paths)
}

fn article(file: &Path) -> Result<Counted, String> {
    println!("cargo:rerun-if-changed={}", file.display());
    let source = read(file)?.replace("\r\n", "\n");
    let mut parts = source
        .trim_start_matches('\u{feff}')
        .splitn(3, FENCE)
        .skip(1);
    let (Some(front), Some(body)) = (parts.next(), parts.next()) else {
        return Err(format!("{}: no front matter", file.display()));
    };
    let front: Table = front
        .parse()
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let heads = ["title", "title_en", "questions", "keywords"]
        .into_iter()
        .filter_map(|name| front.get(name))
        .flat_map(strings);
    // The heading of the section in English is no term of the article.
    let texts = body.split("\n## English\n");
    Ok(term::count(heads, texts, |_| true))
}

fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

/// The counts of every topic without an article.
fn topics(file: &Path) -> Result<Vec<BTreeMap<Term, u32>>, String> {
    if !file.exists() {
        return Ok(vec![]);
    }
    println!("cargo:rerun-if-changed={}", file.display());
    let wrong = |why: &str| format!("{}: {why}", file.display());
    let table: Table = read(file)?
        .parse()
        .map_err(|error: toml::de::Error| wrong(&error.to_string()))?;
    let list = table
        .get("topic")
        .and_then(Value::as_array)
        .ok_or_else(|| wrong("no [[topic]]"))?;
    list.iter()
        .map(|topic| {
            let words = ["words", "words_en"]
                .into_iter()
                .filter_map(|name| topic.get(name))
                .flat_map(strings);
            let (counts, _) = term::count(words, std::iter::empty(), |_| true);
            match counts.is_empty() {
                true => Err(wrong("a topic without words")),
                false => Ok(counts),
            }
        })
        .collect()
}

/// How much of its weight each common pair keeps: all where one message in
/// 200 or fewer holds it, nothing where every message would.
fn common() -> Result<BTreeMap<Term, f64>, String> {
    let mut found = BTreeMap::new();
    for line in read(Path::new(COMMON))?.lines() {
        if line.starts_with('#') {
            continue;
        }
        let wrong = || format!("{COMMON}: not a pair and a share: {line}");
        let (pair, share) = line.split_once(' ').ok_or_else(wrong)?;
        let share: f64 = share.parse().map_err(|_| wrong())?;
        let kept = (share / 10_000.0).ln() / RARE.ln();
        term::each(pair, |pair| {
            found.insert(term::number(pair), kept.clamp(0.0, 1.0).powf(SOFT));
        });
    }
    Ok(found)
}

/// How steeply the weight of common pairs falls: between 1, which did best for
/// short questions, and 2, which did best for those with much around them.
const SOFT: f64 = 1.25;

/// The share of messages from which on a pair counts as common.
const RARE: f64 = 0.005;

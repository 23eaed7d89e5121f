//! `knowledge/`: the classes and the articles.

use crate::Names;
use crate::calendar::Date;
use crate::document::{Document, Folder, Report, is_english, is_identifier, way};
use crate::uncovered;
use case::district::{Article, Class, Knowledge};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The line that opens and closes the front matter.
const FENCE: &str = "+++";

/// The heading below which the English text stands.
const ENGLISH: &str = "## English";

/// The fewest phrasings of a question.
const MIN_QUESTIONS: usize = 3;

const CLASSES: &str = "knowledge/classes.toml";

/// Reads the classes and every article.
pub(crate) fn read(dir: &Path, names: &Names, report: &mut Report) -> Option<Knowledge> {
    let folder = Folder::read(dir, &[CLASSES], report);
    let document = folder.open(CLASSES, report)?;
    document.only(&["class"], report);
    let classes = document.entries::<Class>("class", report);
    classes.check_ids(|class| &class.id, report);
    let known = document.ids("class");
    for entry in &classes.list {
        entry.text(report, &way!["name"], &entry.value.name);
        entry.english(report, &way!["name_en"], &entry.value.name_en);
    }

    let mut articles = Vec::new();
    let mut seen = BTreeMap::new();
    let mut covered = BTreeSet::new();
    let mut complete = true;
    for (file, path) in article_files(dir, &known, report) {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                report.add(&file, 1, format!("cannot read the file: {error}"));
                complete = false;
                continue;
            }
        };
        let Some((article, line)) = read_article(&file, &text, names, &known, report) else {
            complete = false;
            continue;
        };
        covered.insert(article.class.clone());
        if let Some(other) = seen.insert(article.id.clone(), file.clone()) {
            report.add(
                &file,
                line,
                format!("the id `{}` stands already in {other}", article.id),
            );
        }
        articles.push(article);
    }
    for entry in &classes.list {
        if complete && !covered.contains(&entry.value.id) {
            entry.problem(
                report,
                &way!["id"],
                format!("the class `{}` has no article", entry.value.id),
            );
        }
    }
    articles.sort_by(|a, b| (&a.class, &a.id).cmp(&(&b.class, &b.id)));
    let classes = classes.into_values()?;
    complete.then_some(Knowledge { classes, articles })
}

/// The articles below `knowledge/`, in order, by their names relative to the
/// district's folder; anything else there is reported.
fn article_files(
    dir: &Path,
    classes: &BTreeSet<String>,
    report: &mut Report,
) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for (name, path) in children(&dir.join("knowledge"), "knowledge", report) {
        let file = format!("knowledge/{name}");
        if file == CLASSES || file == uncovered::FILE {
            continue;
        }
        if !path.is_dir() {
            report.add(
                &file,
                1,
                "only classes.toml, uncovered.toml and folders of classes belong here",
            );
            continue;
        }
        if !classes.contains(&name) {
            report.add(
                &file,
                1,
                format!("there is no class `{name}` in classes.toml"),
            );
        }
        for (article, path) in children(&path, &file, report) {
            let file = format!("{file}/{article}");
            if path.is_file() && article.ends_with(".md") {
                files.push((file, path));
            } else {
                report.add(&file, 1, "only articles (*.md) belong here");
            }
        }
    }
    files
}

fn children(dir: &Path, name: &str, report: &mut Report) -> BTreeMap<String, PathBuf> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            report.add(name, 1, format!("cannot read the folder: {error}"));
            return BTreeMap::new();
        }
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Files that editors and file managers leave behind.
            (!name.starts_with('.')).then(|| (name, entry.path()))
        })
        .collect()
}

/// Reads one article; also gives the line of its id.
fn read_article(
    file: &str,
    text: &str,
    names: &Names,
    classes: &BTreeSet<String>,
    report: &mut Report,
) -> Option<(Article, usize)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some((front, body, body_line)) = split(text) else {
        report.add(
            file,
            1,
            format!("the article must begin with front matter between two lines `{FENCE}`"),
        );
        return None;
    };
    let document = Document::parse(file, front, 1, report)?;
    let mut article = document.head::<Article>(&[], report)?;
    if !article.body.is_empty() || article.body_en.is_some() {
        document.problem(
            report,
            &way!["body"],
            "the text stands below the front matter, not in it",
        );
    }
    (article.body, article.body_en) = split_languages(body);
    check(&document, &article, names, classes, report);
    check_place(&document, &article, report);
    if article.body.is_empty() {
        report.add(file, body_line, "the article has no text");
    }
    if article
        .body_en
        .as_deref()
        .is_some_and(|text| !is_english(text))
    {
        report.add(
            file,
            body_line,
            format!("what stands below `{ENGLISH}` is not English"),
        );
    }
    let line = document.line(&way!["id"]);
    Some((article, line))
}

/// Front matter, text, and the line at which the text begins.
fn split(text: &str) -> Option<(&str, &str, usize)> {
    let (first, rest) = text.split_once('\n')?;
    if first.trim_end() != FENCE {
        return None;
    }
    let mut at = 0;
    for (number, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == FENCE {
            return Some((&rest[..at], &rest[at + line.len()..], number + 3));
        }
        at += line.len();
    }
    None
}

fn split_languages(body: &str) -> (String, Option<String>) {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if line.trim_end() == ENGLISH {
            let english = body[at + line.len()..].trim();
            return (body[..at].trim().to_owned(), Some(english.to_owned()));
        }
        at += line.len();
    }
    (body.trim().to_owned(), None)
}

fn check(
    document: &Document<'_>,
    article: &Article,
    names: &Names,
    classes: &BTreeSet<String>,
    report: &mut Report,
) {
    let mut problem = |key: &str, message: String| document.problem(report, &way![key], message);
    if !is_identifier(&article.id) {
        problem(
            "id",
            format!("`{}` is no identifier: use a-z, 0-9 and -", article.id),
        );
    }
    if article.title.trim().is_empty() {
        problem("title", "the text is empty".to_owned());
    }
    if !is_english(&article.title_en) {
        problem("title_en", "the English text is missing".to_owned());
    }
    let questions: BTreeSet<&str> = article
        .questions
        .iter()
        .map(|question| question.trim())
        .filter(|question| !question.is_empty())
        .collect();
    if questions.len() < MIN_QUESTIONS {
        problem(
            "questions",
            format!(
                "{} different questions are too few: {MIN_QUESTIONS} at least",
                questions.len()
            ),
        );
    }
    if !classes.contains(&article.class) {
        problem("class", format!("there is no class `{}`", article.class));
    }
    if !names.categories.contains(&article.category) {
        problem(
            "category",
            format!("there is no category `{}`", article.category),
        );
    }
    if !names.departments.contains(&article.department) {
        problem(
            "department",
            format!("there is no department `{}`", article.department),
        );
    }
    if !article.basis.iter().any(|basis| !basis.trim().is_empty()) {
        problem("basis", "the article rests on nothing".to_owned());
    }
    let updated = Date::parse(&article.updated);
    let review_by = Date::parse(&article.review_by);
    for (key, text, date) in [
        ("updated", &article.updated, updated),
        ("review_by", &article.review_by, review_by),
    ] {
        if date.is_none() {
            problem(key, format!("`{text}` is no date; write YYYY-MM-DD"));
        }
    }
    if let (Some(updated), Some(review_by)) = (updated, review_by)
        && review_by < updated
    {
        problem(
            "review_by",
            format!("{} is before {}", article.review_by, article.updated),
        );
    }
}

/// The article must lie where its front matter says.
fn check_place(document: &Document<'_>, article: &Article, report: &mut Report) {
    let mut parts = document.file.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    if file.strip_suffix(".md") != Some(article.id.as_str()) {
        document.problem(
            report,
            &way!["id"],
            format!("the id `{}` is not the name of the file", article.id),
        );
    }
    if folder != article.class {
        document.problem(
            report,
            &way!["class"],
            format!(
                "the class `{}` is not the name of the folder",
                article.class
            ),
        );
    }
}

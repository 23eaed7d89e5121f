//! The stage answer: whether the right article is found, and whether a question that no article answers is refused.
//!
//! Every question goes the way of a case: the search of the platform's database picks the articles that the handler is
//! offered, and the handler ranks them and drafts or refuses with the district's threshold.

use super::{Arguments, LIMITS, Shipped, median, share};
use crate::database::{self, Connection, Database};
use crate::district_data;
use crate::place::Target;
use crate::prepare::now;
use anyhow::{Context, Result, bail, ensure};
use case::district::{AnswerPolicy, Knowledge};
use case::time::{Offset, Timestamp};
use host::AnswerHandler;
use host::answer::{Article, CaseKind, Drafting, Inquiry, Outcome as Said, Urgency};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;
use store::articles;

#[derive(Debug, Deserialize)]
struct Row {
    question: String,
    covered: String,
    #[serde(default, alias = "expected", alias = "expected_article")]
    article: Option<String>,
}

/// A row that was checked.
struct Question {
    text: String,
    covered: bool,
    /// The articles of which any answers; none when that is not known.
    expected: BTreeSet<String>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let shipped = arguments.handler("answer")?;
    let folder = arguments.district.folder(&shipped.manifest)?;
    let wrong = |problems: Vec<_>| district_data::sentence(&folder, &problems);
    let district = district::load(&folder).map_err(wrong)?;
    let knowledge = district::knowledge(&folder).map_err(wrong)?;
    let questions = questions(arguments, &knowledge)?;
    let offset = Offset::from_minutes(district.district.time_zone_minutes)
        .context("the district's time zone")?;
    let today = Timestamp(now()).date(offset).to_string();

    let scratch = tempfile::tempdir()?;
    let target = Target::Sqlite(scratch.path().join("knowledge.db"));
    database::migrate(&target).await?;
    let mut connection = Database::open(&target).await?.connection().await?;
    articles::replace(&mut connection, &knowledge.articles).await?;

    let mut trial = Trial {
        policy: district.policy.answer,
        today,
        outcome: Outcome::default(),
    };
    trial.all(&shipped, &mut connection, &questions).await?;
    let outcome = trial.outcome;
    if arguments.json {
        let report = outcome.json(shipped.wasm.len(), trial.policy.threshold);
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!(
            "{}",
            outcome.text(shipped.wasm.len(), trial.policy.threshold)
        );
    }
    Ok(match outcome.failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Reads and checks the rows.
fn questions(arguments: &Arguments, knowledge: &Knowledge) -> Result<Vec<Question>> {
    let file = arguments.data.display();
    let rows: Vec<Row> = arguments.rows()?;
    let mut questions = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        // The first line has the names of the columns.
        let line = at + 2;
        let covered = match row.covered.trim() {
            "1" => true,
            "0" => false,
            other => bail!("{file}, row {line}: covered is `{other}`, not 1 or 0"),
        };
        let named = row.article.unwrap_or_default();
        let named = named.trim();
        let expected = meant(named, knowledge);
        if !named.is_empty() {
            ensure!(
                !expected.is_empty(),
                "{file}, row {line}: the knowledge base has no article or class `{named}`"
            );
            ensure!(
                covered,
                "{file}, row {line}: an article is named for a question that is not covered"
            );
        }
        questions.push(Question {
            text: text::tidy(&row.question),
            covered,
            expected,
        });
    }
    Ok(questions)
}

/// The articles that `named` means: an article by its identifier or title, or all of a class by its identifier or name.
fn meant(named: &str, knowledge: &Knowledge) -> BTreeSet<String> {
    let class = knowledge
        .classes
        .iter()
        .find(|class| {
            [&class.id, &class.name, &class.name_en]
                .into_iter()
                .any(|name| name == named)
        })
        .map(|class| class.id.as_str());
    knowledge
        .articles
        .iter()
        .filter(|article| {
            [&article.id, &article.title, &article.title_en]
                .into_iter()
                .any(|name| name == named)
                || class == Some(article.class.as_str())
        })
        .map(|article| article.id.clone())
        .collect()
}

/// How the questions are put.
struct Trial {
    policy: AnswerPolicy,
    /// The date by which articles are stale.
    today: String,
    outcome: Outcome,
}

impl Trial {
    async fn all(
        &mut self,
        shipped: &Shipped,
        connection: &mut Connection,
        questions: &[Question],
    ) -> Result<()> {
        let cache = shipped.manifest.base_dir().join(".wenzheng/cache");
        let mut handler = AnswerHandler::new(&shipped.wasm, &cache, LIMITS)?;
        for (at, question) in questions.iter().enumerate() {
            let inquiry = inquiry(&question.text);
            let found = articles::candidates(
                connection,
                &inquiry.subject,
                &inquiry.body,
                &inquiry.supplements,
                self.policy.max_articles,
            )
            .await?;
            let offered: Vec<Article> = found
                .into_iter()
                .map(|article| offered(article, &self.today))
                .collect();
            let start = Instant::now();
            let said = handler.draft(&inquiry, &offered, self.policy.threshold);
            let micros = start.elapsed().as_secs_f64() * 1_000_000.0;
            self.outcome.micros.push(micros);
            match said {
                Ok(Ok(drafting)) => self
                    .outcome
                    .count(question, &offered, &drafting, &self.policy),
                Ok(Err(error)) => {
                    eprintln!("row {}: the handler refused the input: {error:?}", at + 2);
                    self.outcome.failures += 1;
                }
                Err(error) => {
                    eprintln!("row {}: {error}", at + 2);
                    self.outcome.failures += 1;
                }
            }
        }
        self.outcome.memory = handler.peak_memory();
        Ok(())
    }
}

/// A question as a case: a short one is all subject, a long one is told in the body.
fn inquiry(question: &str) -> Inquiry {
    Inquiry {
        number: String::new(),
        language: text::language(question).tag().into(),
        kind: CaseKind::Consultation,
        urgency: Urgency::Normal,
        subject: String::new(),
        body: question.to_owned(),
        division: None,
        address: None,
        category: None,
        supplements: Vec::new(),
    }
}

fn offered(article: case::district::Article, today: &str) -> Article {
    Article {
        stale: article.review_by.as_str() < today,
        id: article.id,
        title: article.title,
        title_en: article.title_en,
        questions: article.questions,
        keywords: article.keywords,
        body: article.body,
        body_en: article.body_en,
        basis: article.basis,
        department: article.department,
        category: article.category,
        updated: article.updated,
    }
}

/// What came of all questions.
#[derive(Default)]
struct Outcome {
    covered: usize,
    uncovered: usize,
    /// Covered questions whose article is known.
    expected: usize,
    /// Of those, whose article the search offered, stood first, stood among the first three.
    found: usize,
    top1: usize,
    top3: usize,
    answered_covered: usize,
    /// Of the covered questions that were answered: out of the expected article, if one is known.
    answered_right: usize,
    answered_expected: usize,
    refused_uncovered: usize,
    /// Covered and uncovered questions that the centre would have answered without a department.
    self_answered: [usize; 2],
    failures: usize,
    /// Microseconds of each call.
    micros: Vec<f64>,
    memory: usize,
}

impl Outcome {
    fn count(
        &mut self,
        question: &Question,
        offered: &[Article],
        drafting: &Drafting,
        policy: &AnswerPolicy,
    ) {
        let draft = match &drafting.outcome {
            Said::Drafted(draft) => Some(draft),
            Said::Refused(_) => None,
        };
        let alone = draft.is_some_and(|draft| {
            draft.confidence >= policy.self_answer
                && draft.sources.iter().all(|source| !source.stale)
        });
        self.self_answered[usize::from(!question.covered)] += usize::from(alone);
        if !question.covered {
            self.uncovered += 1;
            self.refused_uncovered += usize::from(draft.is_none());
            return;
        }
        self.covered += 1;
        self.answered_covered += usize::from(draft.is_some());
        let expected = &question.expected;
        if expected.is_empty() {
            return;
        }
        let rank = drafting
            .ranked
            .iter()
            .position(|ranked| expected.contains(&ranked.article));
        self.expected += 1;
        self.found += usize::from(offered.iter().any(|article| expected.contains(&article.id)));
        self.top1 += usize::from(rank == Some(0));
        self.top3 += usize::from(rank.is_some_and(|rank| rank < 3));
        if let Some(draft) = draft {
            self.answered_expected += 1;
            self.answered_right += usize::from(
                draft
                    .sources
                    .first()
                    .is_some_and(|source| expected.contains(&source.article)),
            );
        }
    }

    fn json(&self, component: usize, threshold: u16) -> Json {
        json!({
            "rows": self.covered + self.uncovered + self.failures,
            "covered": self.covered,
            "uncovered": self.uncovered,
            "with_article": self.expected,
            "top1": share(self.top1, self.expected),
            "top3": share(self.top3, self.expected),
            "offered": share(self.found, self.expected),
            "answered_covered": share(self.answered_covered, self.covered),
            "answered_right": share(self.answered_right, self.answered_expected),
            "refused_uncovered": share(self.refused_uncovered, self.uncovered),
            "self_answered_covered": share(self.self_answered[0], self.covered),
            "self_answered_uncovered": share(self.self_answered[1], self.uncovered),
            "threshold": f64::from(threshold) / 10_000.0,
            "us_per_question": (median(&self.micros) * 10.0).round() / 10.0,
            "peak_memory_bytes": self.memory,
            "component_bytes": component,
            "failures": self.failures,
        })
    }

    fn text(&self, component: usize, threshold: u16) -> String {
        let line = |name: &str, count: usize, of: usize| match share(count, of) {
            Some(share) => format!("{name:<42}{share:.4}  ({count} of {of})\n"),
            None => format!("{name:<42}no such question\n"),
        };
        let mut text = line("the right article first", self.top1, self.expected);
        text += &line(
            "the right article among the first three",
            self.top3,
            self.expected,
        );
        text += &line(
            "the right article offered to the handler",
            self.found,
            self.expected,
        );
        text += &line("covered, answered", self.answered_covered, self.covered);
        text += &line(
            "  of them out of the right article",
            self.answered_right,
            self.answered_expected,
        );
        text += &line(
            "  sure enough without a department",
            self.self_answered[0],
            self.covered,
        );
        text += &line(
            "not covered, refused",
            self.refused_uncovered,
            self.uncovered,
        );
        text += &line(
            "  sure enough without a department",
            self.self_answered[1],
            self.uncovered,
        );
        text += &format!(
            "district threshold {:.2}; median call {:.1} µs; peak memory {:.1} MiB; component {:.2} MiB; failures {}\n",
            f64::from(threshold) / 10_000.0,
            median(&self.micros),
            self.memory as f64 / f64::from(1 << 20),
            component as f64 / f64::from(1 << 20),
            self.failures
        );
        text
    }
}

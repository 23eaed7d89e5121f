//! What those watch who look after the whole: emergencies, matters that many
//! write about, and jobs that failed for good.

use std::borrow::Cow;

use futures::join;
use http::{StatusCode, header};
use pages::api::{Api, Failure};
use pages::data::{Figures, Statistics};
use pages::reader::{escaped, redirect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::Reply;

use crate::case::is_number;
use crate::data::Listing;
use crate::member::Member;
use crate::queues::{self, QUEUES};

/// Cases of an issue that are named.
const NAMED: usize = 6;

/// What the desk says of hot issues.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hot {
    /// For so many days cases are compared.
    days: u32,
    /// So many cases are a hot issue.
    hot_cases: u32,
    items: Vec<Issue>,
}

/// A matter that many write about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Issue {
    number: String,
    subject: Option<String>,
    beginning: Option<String>,
    category: Option<String>,
    division: Option<String>,
    cases: u32,
    open: u32,
    first_at: String,
    last_at: String,
    numbers: Vec<String>,
}

impl Issue {
    /// The cases that are named; an issue may have hundreds.
    fn named(&self) -> &[String] {
        &self.numbers[..self.numbers.len().min(NAMED)]
    }
}

#[derive(askama::Template)]
#[template(path = "hot.html")]
struct HotPage<'a> {
    v: &'a Member<'a>,
    hot: Hot,
    figures: Figures,
    period: String,
    /// What waits in which queue.
    waiting: Vec<Bar>,
}

/// One bar of a chart.
struct Bar {
    id: &'static str,
    name: &'static str,
    count: i64,
    /// Whether there are as many as are counted, or more.
    more: bool,
    /// How many of them are emergencies.
    emergencies: i64,
    /// Per cent of the longest.
    length: f64,
}

/// The queues in which anything waits, in the order of a case's life.
fn bars(member: &Member<'_>, listing: &Listing) -> Vec<Bar> {
    let longest = listing.counts.values().copied().max().unwrap_or(1).max(1) as f64;
    QUEUES
        .into_iter()
        .filter_map(|id| {
            let count = *listing.counts.get(id)?;
            (count > 0).then(|| Bar {
                id,
                name: queues::name(member, id),
                count,
                more: listing.counts_end_at.is_some_and(|end| count >= end),
                emergencies: listing.emergencies.get(id).copied().unwrap_or_default(),
                length: count as f64 / longest * 100.0,
            })
        })
        .collect()
}

impl HotPage<'_> {
    fn shown(&self) -> [(&'static str, Cow<'static, str>); 6] {
        let (words, figures) = (self.v.words, &self.figures);
        [
            (words.figure_received, figures.received.shown()),
            (words.figure_published, figures.published.shown()),
            (words.figure_rated, figures.rated.shown()),
            (words.figure_reopened, figures.reopened.shown()),
            (words.figure_satisfaction, figures.satisfaction.shown()),
            (words.figure_solved, figures.solved.shown()),
        ]
    }
}

/// `GET /desk/emergencies`: what an open page asks every few seconds. It is for
/// a script: where nobody is signed in it is no redirection, but 401.
pub async fn emergencies(api: &Api<'_>) -> Reply {
    let asked = match api.token {
        Some(_) => api.get::<Json>("desk", "/api/desk/emergencies").await,
        None => Err(api.failure_of(&web::Problem::unauthorized())),
    };
    match asked {
        Ok(found) => Reply::ok(&found).revalidated(api.context),
        Err(failure) => {
            let status = StatusCode::from_u16(failure.status);
            Reply::json(
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                &json!({ "type": failure.kind, "title": failure.title, "status": failure.status }),
            )
            .header(header::CONTENT_TYPE, "application/problem+json")
        }
    }
}

/// `GET /desk/hot`: the district at a glance.
pub async fn hot(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let (hot, statistics, listing) = join!(
        api.get::<Hot>("desk", "/api/desk/hot-issues"),
        api.get::<Statistics>("survey", "/api/statistics"),
        api.get::<Listing>("desk", "/api/desk/cases?limit=1")
    );
    let (statistics, listing) = (statistics?, listing?);
    let page = HotPage {
        v: member,
        hot: hot?,
        waiting: bars(member, &listing),
        period: format!(
            "{} – {}",
            member.date(&statistics.from),
            member.date(&statistics.to)
        ),
        figures: statistics.figures,
    };
    Ok(member.page(StatusCode::OK, &page))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Letters {
    items: Vec<Letter>,
}

/// A job that failed for good.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Letter {
    stage: String,
    number: String,
    attempts: u32,
    created_at: String,
    error: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "letters.html")]
struct LettersPage<'a> {
    v: &'a Member<'a>,
    letters: Vec<Letter>,
    done: bool,
}

/// `GET /desk/letters`.
pub async fn letters(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let letters: Letters = api.get("desk", "/api/desk/dead-letters").await?;
    let page = LettersPage {
        v: member,
        letters: letters.items,
        done: api.context.parameter("done").is_some(),
    };
    Ok(member.page(StatusCode::OK, &page))
}

/// `POST /desk/letters/{stage}/{number}`: one more try.
pub async fn revive(
    api: &Api<'_>,
    member: &Member<'_>,
    stage: &str,
    number: &str,
) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(member.page_missing(api.context));
    }
    let path = format!("/api/desk/dead-letters/{}/{number}", escaped(stage));
    api.post("desk", &path, &[], &Json::Null).await?;
    Ok(redirect("/desk/letters?done=again"))
}

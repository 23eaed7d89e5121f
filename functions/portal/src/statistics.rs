//! The figures, as tables and as bars.

use http::StatusCode;
use web::Reply;

use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::{DepartmentFigures, Figure, Statistics, percent};
use pages::reader::escaped;
use pages::words::fill;

/// Departments that the chart shows.
const BARS: usize = 10;

#[derive(askama::Template)]
#[template(path = "statistics.html")]
struct StatisticsPage<'a> {
    v: &'a Visitor,
    statistics: Statistics,
    bars: Vec<Bar>,
    failure: Option<Failure>,
    from: &'a str,
    to: &'a str,
}

/// One bar of a chart.
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// The figure as it is written.
    pub value: String,
    /// Per cent of the whole width.
    pub length: f64,
    /// Where its name leads; empty for nowhere.
    pub link: String,
}

impl Bar {
    /// A share between 0 and 1.
    pub fn share(name: &str, share: f64) -> Bar {
        Bar {
            name: name.to_owned(),
            value: percent(share),
            length: share * 100.0,
            link: String::new(),
        }
    }
}

impl StatisticsPage<'_> {
    /// The counts, which stand large.
    fn counts(&self) -> [(&str, &Figure); 4] {
        let (words, figures) = (self.v.words, &self.statistics.figures);
        [
            (words.figure_received, &figures.received),
            (words.figure_published, &figures.published),
            (words.figure_rated, &figures.rated),
            (words.figure_reopened, &figures.reopened),
        ]
    }

    /// The shares as bars; those without a whole are left out.
    fn shares(&self) -> Vec<Bar> {
        let (words, figures) = (self.v.words, &self.statistics.figures);
        [
            (words.figure_self_answered, &figures.self_answered),
            (words.figure_response_rate, &figures.response_rate),
            (words.figure_satisfaction, &figures.satisfaction),
            (words.figure_solved, &figures.solved),
        ]
        .into_iter()
        .filter_map(|(name, figure)| Some(Bar::share(name, figure.value?)))
        .collect()
    }

    fn rows(&self) -> [(&str, &Figure); 8] {
        let (words, figures) = (self.v.words, &self.statistics.figures);
        [
            (words.figure_received, &figures.received),
            (words.figure_published, &figures.published),
            (words.figure_self_answered, &figures.self_answered),
            (words.figure_rated, &figures.rated),
            (words.figure_response_rate, &figures.response_rate),
            (words.figure_satisfaction, &figures.satisfaction),
            (words.figure_solved, &figures.solved),
            (words.figure_reopened, &figures.reopened),
        ]
    }

    fn period(&self) -> String {
        let (from, to) = (
            self.v.date(&self.statistics.from),
            self.v.date(&self.statistics.to),
        );
        fill(self.v.words.statistics_period, format!("{from} – {to}"))
    }
}

/// The departments with the most answers.
fn bars(departments: &[DepartmentFigures]) -> Vec<Bar> {
    let mut most: Vec<&DepartmentFigures> =
        departments.iter().filter(|row| row.published > 0).collect();
    most.sort_by_key(|row| std::cmp::Reverse(row.published));
    most.truncate(BARS);
    let longest = most.first().map_or(1, |row| row.published) as f64;
    most.iter()
        .map(|row| Bar {
            name: row.name.clone(),
            value: row.published.to_string(),
            length: row.published as f64 / longest * 100.0,
            link: format!("/departments/{}", row.department),
        })
        .collect()
}

/// `GET /statistics`.
pub async fn show(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let parameter = |name| api.context.parameter(name).unwrap_or_default();
    let (from, to) = (parameter("from"), parameter("to"));
    let path = format!("/api/statistics?from={}&to={}", escaped(from), escaped(to));
    let (status, statistics, failure) = match api.get::<Statistics>("survey", &path).await {
        Ok(statistics) => (StatusCode::OK, statistics, None),
        Err(failure) if failure.status == 422 => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Statistics::default(),
            Some(failure),
        ),
        Err(failure) => return Err(failure),
    };
    let bars = bars(&statistics.departments);
    let from = if from.is_empty() {
        statistics.from.clone()
    } else {
        from.to_owned()
    };
    let to = if to.is_empty() {
        statistics.to.clone()
    } else {
        to.to_owned()
    };
    let page = StatisticsPage {
        v: visitor,
        statistics,
        bars,
        failure,
        from: &from,
        to: &to,
    };
    Ok(visitor.page(status, &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_that_of_the_most_answers() {
        let row = |name: &str, published| DepartmentFigures {
            name: name.into(),
            published,
            ..Default::default()
        };
        let bars = bars(&[row("a", 5), row("b", 10), row("c", 0)]);
        let shown: Vec<_> = bars
            .iter()
            .map(|bar| (bar.name.as_str(), bar.value.as_str(), bar.length))
            .collect();
        assert_eq!(shown, [("b", "10", 100.0), ("a", "5", 50.0)]);
        assert!(super::bars(&[]).is_empty());
    }
}

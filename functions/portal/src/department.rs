//! The page of one department: what it answered last, and how it is doing.

use http::StatusCode;
use web::Reply;

use futures::join;

use crate::statistics::Bar;
use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::{DepartmentFigures, Listing, Named, Statistics};
use pages::reader::escaped;

/// Answers that the page shows.
const LATEST: u32 = 8;

#[derive(askama::Template)]
#[template(path = "department.html")]
struct DepartmentPage<'a> {
    v: &'a Visitor,
    department: &'a Named,
    /// What kind of body it is, in words.
    kind: &'static str,
    latest: Listing,
    /// Its figures of the last days; none while there are none or they cannot be had.
    row: Option<DepartmentFigures>,
    shares: Vec<Bar>,
}

/// `GET /departments/{department}`.
pub async fn show(api: &Api<'_>, visitor: &Visitor, id: &str) -> Result<Reply, Failure> {
    let district = api.district().await?;
    let department = district
        .departments
        .iter()
        .find(|department| department.id == id)
        .ok_or_else(|| visitor.page_missing(api.context))?;
    let id = escaped(id);
    let latest = format!("/api/publications?department={id}&limit={LATEST}");
    let statistics = format!("/api/statistics?department={id}");
    let (latest, statistics) = join!(
        api.get::<Listing>("publish", &latest),
        api.get::<Statistics>("survey", &statistics)
    );
    // The page is of use without its figures.
    let rows = statistics.map_or_else(|_| Vec::new(), |statistics| statistics.departments);
    let row = rows.into_iter().next();
    let page = DepartmentPage {
        v: visitor,
        department,
        kind: crate::browse::kind(visitor.words, &department.kind),
        latest: latest?,
        shares: row
            .as_ref()
            .map_or_else(Vec::new, |row| shares(visitor, row)),
        row,
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// The shares of a department as bars; those without a whole are left out.
fn shares(visitor: &Visitor, row: &DepartmentFigures) -> Vec<Bar> {
    [
        (visitor.words.figure_satisfaction, row.satisfaction),
        (visitor.words.figure_solved, row.solved),
    ]
    .into_iter()
    .filter_map(|(name, share)| Some(Bar::share(name, share?)))
    .collect()
}

//! The home page.

use http::StatusCode;
use web::Reply;

use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::{Figures, Listing, Statistics};

/// Cases that the home page shows.
const LATEST: u32 = 6;

#[derive(askama::Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    v: &'a Visitor,
    latest: Listing,
    /// None while they cannot be had.
    figures: Option<Figures>,
}

/// `GET /`.
pub async fn show(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let path = format!("/api/publications?limit={LATEST}");
    let latest: Listing = api.get("publish", &path).await?;
    // The page is of use without its figures.
    let statistics: Option<Statistics> = api.get("survey", "/api/statistics").await.ok();
    let page = HomePage {
        v: visitor,
        latest,
        figures: statistics.map(|statistics| statistics.figures),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

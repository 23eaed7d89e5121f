//! The home page.

use futures::join;
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
    let (latest, statistics) = join!(
        api.get::<Listing>("publish", &path),
        api.get::<Statistics>("survey", "/api/statistics")
    );
    let page = HomePage {
        v: visitor,
        latest: latest?,
        // The page is of use without its figures.
        figures: statistics.ok().map(|statistics| statistics.figures),
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

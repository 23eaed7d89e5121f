//! What departments have to do after their answers.

use http::StatusCode;
use pages::api::{Api, Failure};
use pages::reader::escaped;
use web::Reply;

use crate::data::{FollowUp, Listing, Row};
use crate::member::Member;

#[derive(askama::Template)]
#[template(path = "follow_ups.html")]
struct FollowUpsPage<'a> {
    v: &'a Member<'a>,
    rows: Vec<(Row, FollowUp)>,
    next: Option<String>,
}

/// `GET /desk/follow-ups`, by when they are due.
pub async fn show(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let path = match api.context.parameter("cursor") {
        Some(cursor) => format!("/api/desk/follow-ups?cursor={}", escaped(cursor)),
        None => "/api/desk/follow-ups".to_owned(),
    };
    let listing: Listing = api.get("desk", &path).await?;
    let page = FollowUpsPage {
        v: member,
        rows: listing
            .items
            .into_iter()
            .filter_map(|mut row| {
                let follow_up = row.follow_up.take()?;
                Some((row, follow_up))
            })
            .collect(),
        next: listing.next.map(|next| escaped(&next)),
    };
    Ok(member.page(StatusCode::OK, &page))
}

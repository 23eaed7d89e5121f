//! What decides, and how that came about.

use http::header;
use publishing::situation::Situation;
use publishing::wire::{StandingView, View};
use serde_json::{Value as Json, json};
use store::{deliveries, handlers};
use web::{Context, Database, Problem, Reply, catalogue, rules};

use crate::publisher;

/// Changes that everybody sees.
const ENTRIES: usize = 100;

/// Deliveries and notices that publishers see.
const SHOWN: i64 = 20;

/// What decides for every department that ever published.
pub async fn all(context: &Context) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let bodies = rules::bodies(database, context.now).await?;
    let mut standings = Vec::new();
    for standing in handlers::standings(database).await? {
        let last = handlers::log(database, &standing.department, 1).await?;
        let two = bodies
            .departments
            .get(&standing.department)
            .is_some_and(|department| department.two_publishers);
        standings.push(StandingView::of(&standing, &last, two));
    }
    Ok(Reply::ok(&json!({ "handlers": standings })))
}

/// The handler of one department.
pub async fn one(context: &Context, department: &str) -> Result<Reply, Problem> {
    let reader = publisher::reader(context, department)?;
    let database = &mut Database::open().await?;
    let offset = rules::rules(database, context.now).await?.offset;
    let situation = Situation::read(database, department)
        .await
        .map_err(publisher::failed)?;
    let view = match reader {
        None => View::public(&situation, ENTRIES, offset),
        Some(signed) => {
            situation
                .publisher(&signed.key)
                .map_err(|refusal| publisher::refused(&refusal))?;
            let delivered = deliveries::of(database, department, SHOWN).await?;
            let notices = handlers::notices(database, department, SHOWN).await?;
            View::inside(&situation, &delivered, notices, offset, |verdict| {
                catalogue::verdict(verdict, context.language).to_owned()
            })
        }
    };
    Ok(Reply::ok(&body(&view)?).header(header::VARY, "Accept-Language, Publisher-Signature"))
}

fn body(view: &View) -> Result<Json, Problem> {
    serde_json::to_value(view).map_err(|error| Problem::internal(error.to_string()))
}

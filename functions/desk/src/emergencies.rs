//! The emergencies that are open, for pages that watch for them.

use case::Role;
use case::time::Timestamp;
use serde_json::{Value as Json, json};
use store::desk;
use web::{Context, Database, Problem, Reply, identity, rules, view};

/// Who sits where emergencies come in.
const ROLES: [Role; 2] = [Role::Operator, Role::Duty];

/// `GET /api/desk/emergencies`: how many, and which came last. Asked every few
/// seconds by each open page, so it is one statement over a small index, and
/// 304 as long as nothing is new; nor does it keep the session from ending.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    identity::require_unused(context, &mut database, &ROLES).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let open = desk::emergencies(&mut database).await?;
    let newest = open.as_ref().map_or(Json::Null, |open| {
        json!({ "number": open.newest, "since": view::time(Timestamp(open.since), rules.offset) })
    });
    let count = open.map_or(0, |open| open.count);
    let body = json!({ "count": count, "counts_end_at": desk::COUNT_LIMIT, "newest": newest });
    Ok(Reply::ok(&body).revalidated(context))
}

//! Finding the cases of whoever calls.

use case::Role;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{contacts, desk};
use web::rules;
use web::{Context, Database, Problem, Reply, identity, sender, variables};

use crate::list;

/// Cases shown of one telephone number.
const SHOWN: u32 = 50;

/// What to look for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    phone: String,
}

/// `POST /api/desk/cases`: the latest cases of a telephone number, by its
/// keyed index.
pub async fn find(context: &Context) -> Result<Reply, Problem> {
    let search: Search = context.json()?;
    let mut database = Database::open().await?;
    identity::require(context, &mut database, &[Role::Operator, Role::Duty]).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let phone = sender::phone(&search.phone).ok_or_else(|| Problem::invalid("phone", "phone"))?;
    let indexes: Vec<Vec<u8>> = variables::keys()
        .await?
        .indexes("phone", &phone)
        .iter()
        .map(|index| index.to_vec())
        .collect();
    let mut numbers = contacts::by_phone(&mut database, &indexes, SHOWN).await?;
    numbers.dedup();
    let listed = desk::named(&mut database, &numbers).await?;
    let items: Vec<Json> = listed
        .iter()
        .map(|listed| list::row(listed, &rules, context))
        .collect();
    Ok(Reply::ok(&json!({ "items": items })))
}

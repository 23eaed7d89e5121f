//! Orders about what was published before: carried out at once.

use http::StatusCode;
use publishing::order::Order;
use publishing::situation::{Situation, order_in};
use publishing::wire::{Done, Name, Ordered, StandingView};
use serde_json::json;
use store::transaction;
use web::{Context, Database, Problem, Reply};

use crate::publisher::{self, Signed};

/// Carries an order out, if a publisher of the department has signed it as
/// things stand.
pub async fn take(context: &Context, department: &str) -> Result<Reply, Problem> {
    let signed = publisher::required(context)?;
    let ordered: Ordered = context.json()?;
    let order = order_of(&ordered)?;
    let database = &mut Database::open().await?;
    transaction::begin(database).await?;
    let result = carry_out(context, database, department, &signed, &ordered, &order).await;
    match &result {
        Ok(_) => transaction::commit(database).await?,
        Err(_) => transaction::rollback(database).await,
    }
    let done = result?;
    context.log(
        "info",
        &json!({
            "event": "handler-order",
            "department": department,
            "action": done.action,
            "revision": done.standing.revision,
        }),
    );
    let body = serde_json::to_value(&done).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Reply::json(StatusCode::OK, &body))
}

async fn carry_out(
    context: &Context,
    database: &mut Database,
    department: &str,
    signed: &Signed,
    ordered: &Ordered,
    order: &Order,
) -> Result<Done, Problem> {
    let situation = Situation::read(database, department)
        .await
        .map_err(publisher::failed)?;
    situation
        .publisher(&signed.key)
        .map_err(|refusal| publisher::refused(&refusal))?;
    // Before anything else: what was true when it was signed may be so no more.
    if ordered.revision != situation.standing.revision + 1 {
        return Err(publisher::stale());
    }
    let change = order_in(
        database,
        &situation,
        order,
        context.now.0,
        &signed.key,
        &signed.signature,
    )
    .await
    .map_err(publisher::failed)?;
    let after = Situation::read(database, department)
        .await
        .map_err(publisher::failed)?;
    Ok(Done {
        action: change.action.to_owned(),
        standing: StandingView::of(&after.standing, &after.log, after.two),
    })
}

/// The order that the fields make; those that do not belong to it are named.
fn order_of(ordered: &Ordered) -> Result<Order, Problem> {
    if ordered.to.is_some() && ordered.order != Name::Rollback {
        return Err(Problem::invalid("to", "not-for-order"));
    }
    if ordered.at.is_some() && ordered.order != Name::Endpoint {
        return Err(Problem::invalid("at", "not-for-order"));
    }
    Ok(match ordered.order {
        Name::Promote => Order::Promote,
        Name::Rollback => Order::Rollback { to: ordered.to },
        Name::Disable => Order::Disable,
        Name::Confirm => Order::Confirm,
        Name::Endpoint => match &ordered.at {
            Some(address) => Order::Endpoint(address.clone()),
            None => return Err(Problem::invalid("at", "required")),
        },
    })
}

//! Keys with which the adapters of channels hand over messages.

use http::StatusCode;
use serde_json::json;
use store::console;
use web::{Context, Database, Problem, Reply, rules};

use crate::accounts::proved_admin;

/// Makes a key; it is in the answer and nowhere else. Earlier keys stay
/// valid, so that an adapter can change over.
pub async fn create(context: &Context, channel: &str) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let admin = proved_admin(context, database).await?;
    known(context, database, channel).await?;
    let key = seal::token().map_err(|error| Problem::internal(error.to_string()))?;
    console::insert_channel_key(database, &seal::token_digest(&key), channel, context.now.0)
        .await?;
    context.log(
        "info",
        &json!({ "event": "channel-key-made", "channel": channel, "by": admin.id }),
    );
    Ok(Reply::json(
        StatusCode::CREATED,
        &json!({ "channel": channel, "key": key }),
    ))
}

/// Revokes all keys of the channel.
pub async fn revoke(context: &Context, channel: &str) -> Result<Reply, Problem> {
    let database = &mut Database::open().await?;
    let admin = proved_admin(context, database).await?;
    known(context, database, channel).await?;
    let revoked = console::revoke_channel_keys(database, channel, context.now.0).await?;
    context.log(
        "info",
        &json!({ "event": "channel-keys-revoked", "channel": channel, "by": admin.id }),
    );
    Ok(Reply::ok(
        &json!({ "channel": channel, "revoked": revoked }),
    ))
}

async fn known(context: &Context, database: &mut Database, channel: &str) -> Result<(), Problem> {
    let bodies = rules::bodies(database, context.now).await?;
    bodies
        .channels
        .iter()
        .any(|known| known.id == channel)
        .then_some(())
        .ok_or_else(Problem::not_found)
}

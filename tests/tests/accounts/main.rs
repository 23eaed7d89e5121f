//! Who may come in, who may do what, and what of a case each of them sees.

mod keeping;
mod logins;
mod proof;
mod rights;
mod sight;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use case::{Role, State};
use reqwest::Method;
use serde_json::{Value as Json, json};
use wenzheng_tests::browser::Browser;
use wenzheng_tests::cases::POLICE;
use wenzheng_tests::platform::unique;
use wenzheng_tests::runner::IMPATIENT;
use wenzheng_tests::{Caller, Driver, Platform, Reply, Runner, Staff};

/// The district lets somebody try an account so often.
const FAILURES: usize = 5;

async fn login(platform: &Platform, account: &str, password: &str) -> Result<Reply> {
    platform
        .post(
            Caller::Anyone,
            "/api/session",
            &json!({ "account": account, "password": password }),
        )
        .await
}

async fn change(platform: &Platform, account: &str, body: &Json) -> Result<Reply> {
    let headers = [("content-type", "application/json".to_owned())];
    let path = format!("/api/accounts/{account}");
    let body = Some(body.to_string().into_bytes());
    platform
        .send(
            Caller::Staff(platform.admin()),
            Method::PATCH,
            &path,
            &headers,
            body,
        )
        .await
}

async fn who(platform: &Platform, staff: &Staff) -> Result<Reply> {
    platform.get(Caller::Staff(staff), "/api/session").await
}

/// A problem without what differs from request to request.
fn bare(reply: &Reply) -> Json {
    let mut body = reply.json();
    body["request"] = Json::Null;
    body
}

fn fields(reply: &Reply) -> Vec<Json> {
    let body = reply.json();
    body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["field"].clone())
        .collect()
}

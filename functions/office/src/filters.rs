//! The filters that somebody keeps.

use bytes::Bytes;
use http::Method;
use pages::Form;
use pages::api::{Api, Failure};
use pages::reader::{escaped, redirect};
use serde::Deserialize;
use serde_json::json;
use web::Reply;

use crate::member::Member;
use crate::queues::Wanted;

/// A kept filter.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// What its owner calls it.
    pub name: String,
    queue: Option<String>,
    state: Option<String>,
    department: Option<String>,
}

impl Kept {
    /// The query of the list that it stands for.
    pub fn query(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let wanted = Wanted {
            queue: part(&self.queue),
            state: part(&self.state),
            department: part(&self.department),
            ..Wanted::default()
        };
        wanted.from("")
    }
}

/// The filters of whoever is signed in.
pub async fn kept(api: &Api<'_>) -> Result<Vec<Kept>, Failure> {
    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct All {
        filters: Vec<Kept>,
    }
    let all: All = api.get("identity", "/api/session/filters").await?;
    Ok(all.filters)
}

/// `POST /desk/filters`: keeps what the list is narrowed to, or forgets a filter.
pub async fn change(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let form = Form::read(api, member).await?;
    let part = |name: &str| Some(form.get(name)).filter(|part| !part.is_empty());
    let narrowed = Kept {
        name: form.get("name").to_owned(),
        queue: part("queue").map(str::to_owned),
        state: part("state").map(str::to_owned),
        department: part("department").map(str::to_owned),
    };
    let path = "/api/session/filters";
    match part("forget") {
        Some(name) => {
            let path = format!("{path}/{}", escaped(name));
            let forgotten = api.call("identity", Method::DELETE, &path, &[], Bytes::new());
            match forgotten.await {
                Ok(_) => {}
                // It was forgotten already, on another page.
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => return Err(failure),
            }
        }
        None => {
            let body = json!({
                "name": narrowed.name,
                "queue": narrowed.queue,
                "state": narrowed.state,
                "department": narrowed.department,
            });
            api.post("identity", path, &[], &body).await?;
        }
    }
    Ok(redirect(&format!("/desk{}", narrowed.query())))
}

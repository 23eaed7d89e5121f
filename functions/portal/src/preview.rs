//! How the public copy of a message would look, before anybody agrees to it.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::Reply;

use pages::Form;
use pages::api::{Api, Failure};

use crate::visitor::Visitor;

/// The fields of the form that matter, as the interface names them too.
const FIELDS: [&str; 6] = ["subject", "body", "address", "name", "phone", "email"];

/// What publish makes of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Copy {
    subject: String,
    body: String,
    cuts: Vec<Json>,
}

#[derive(askama::Template)]
#[template(path = "preview.html")]
struct PreviewPage<'a> {
    v: &'a Visitor,
    copy: Option<Copy>,
    failure: Option<Failure>,
}

/// `POST /ask/preview`: a page beside the form, which is left as it is; the
/// script shows the same inside the form. Nothing is stored.
pub async fn show(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let form = Form::read(api, visitor).await?;
    let message: Json = FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), json!(form.given(name)?))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let answer = api.post("publish", "/api/preview", &[], &message).await;
    let (status, copy, failure) = match answer {
        Ok(copy) => (StatusCode::OK, serde_json::from_value(copy).ok(), None),
        Err(failure) if failure.status == 422 => {
            (StatusCode::UNPROCESSABLE_ENTITY, None, Some(failure))
        }
        Err(failure) => return Err(failure),
    };
    let page = PreviewPage {
        v: visitor,
        copy,
        failure,
    };
    Ok(visitor.page(status, &page))
}

//! Language, edition and colours, remembered in cookies.

use http::header::SET_COOKIE;
use web::Reply;

use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::form::Form;
use pages::reader::{Theme, local, redirect, remember};

/// `POST /preferences`: sets what is given and goes back to where the reader was.
pub async fn set(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let form = Form::read(api, visitor).await?;
    let mut reply = redirect(local(form.get("back")));
    for (name, known) in [
        ("language", &["zh-CN", "en"][..]),
        ("edition", &["elder", "standard"]),
    ] {
        if let Some(value) = known.iter().find(|value| **value == form.get(name)) {
            reply = reply.with(SET_COOKIE, remember(name, value));
        }
    }
    if let Some(theme) = Theme::named(form.get("theme")) {
        reply = reply.with(SET_COOKIE, remember("theme", theme.name()));
    }
    Ok(reply)
}

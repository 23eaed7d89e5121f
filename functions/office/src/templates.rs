//! Templates of answers: the page that keeps them, and putting one into an answer.

use bytes::Bytes;
use http::{Method, StatusCode};
use pages::Form;
use pages::api::{Api, Failure};
use pages::data::Named;
use pages::form::new_key;
use pages::reader::{escaped, redirect};
use serde::Deserialize;
use serde_json::json;
use web::Reply;

use crate::data::Case;
use crate::member::Member;

/// A template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Template {
    /// Identifier.
    pub id: String,
    /// The department whose it is; none for all.
    pub department: Option<String>,
    /// What it is called.
    pub title: String,
    /// The text, with placeholders.
    pub body: String,
    /// Whether the member may change it.
    own: bool,
}

/// The templates that a member may use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Templates {
    /// By title.
    pub templates: Vec<Template>,
    /// The date in the district.
    today: String,
}

/// The templates of whoever is signed in.
pub async fn load(api: &Api<'_>) -> Result<Templates, Failure> {
    api.get("desk", "/api/desk/templates").await
}

impl Templates {
    /// `typed` with the template `id` behind it, filled in for `case`; what was
    /// typed stays as it is.
    pub fn insert(&self, id: &str, typed: &str, case: &Case, member: &Member<'_>) -> String {
        let Some(template) = self.templates.iter().find(|template| template.id == id) else {
            return typed.to_owned();
        };
        let department = case.department.as_deref().unwrap_or_default();
        let original = &case.original;
        let title = member.titled(original.subject.as_deref(), original.body.as_deref());
        let filled = filled(
            &template.body,
            &[
                (["{编号}", "{number}"], &case.number),
                (["{标题}", "{subject}"], &title),
                (["{单位}", "{department}"], member.department(department)),
                (["{日期}", "{date}"], &member.date(&self.today)),
            ],
        );
        if typed.trim().is_empty() {
            filled
        } else {
            format!("{}\n\n{filled}", typed.trim_end())
        }
    }
}

/// `text` with its placeholders filled, each as a whole: what is filled in is
/// never looked at again.
fn filled(text: &str, values: &[([&str; 2], &str)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        result.push_str(before);
        let found = values.iter().find_map(|(names, value)| {
            let name = names.iter().find(|name| from.starts_with(**name))?;
            Some((name.len(), *value))
        });
        let (length, value) = found.unwrap_or((1, "{"));
        result.push_str(value);
        rest = &from[length..];
    }
    result.push_str(rest);
    result
}

#[derive(askama::Template)]
#[template(path = "templates.html")]
struct TemplatesPage<'a> {
    v: &'a Member<'a>,
    /// Those that the member keeps.
    own: Vec<Template>,
    departments: &'a [Named],
    /// What was refused: the template and why.
    refused: Option<(Template, Failure)>,
}

impl TemplatesPage<'_> {
    /// One to be made.
    fn blank(&self) -> Template {
        Template {
            id: new_key(),
            ..Template::default()
        }
    }
}

/// `GET /desk/templates`.
pub async fn show(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    page(api, member, None).await
}

async fn page(
    api: &Api<'_>,
    member: &Member<'_>,
    refused: Option<(Template, Failure)>,
) -> Result<Reply, Failure> {
    if !member.keeps_templates() {
        return Err(api.failure_of(&web::Problem::forbidden()));
    }
    let status = match &refused {
        Some((_, failure)) => StatusCode::from_u16(failure.status).unwrap_or_default(),
        None => StatusCode::OK,
    };
    let all = load(api).await?.templates;
    let page = TemplatesPage {
        v: member,
        own: all.into_iter().filter(|template| template.own).collect(),
        departments: match member.account.department {
            Some(_) => &[],
            None => member.departments(),
        },
        refused,
    };
    Ok(member.page(status, &page))
}

/// `POST /desk/templates`: makes one, changes it or deletes it.
pub async fn change(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    let form = Form::read(api, member).await?;
    let template = Template {
        id: form.get("id").to_owned(),
        department: form.given("department").map(str::to_owned),
        title: form.get("title").to_owned(),
        body: form.get("body").to_owned(),
        own: true,
    };
    let path = format!("/api/desk/templates/{}", escaped(&template.id));
    let (method, body) = if form.given("delete").is_some() {
        (Method::DELETE, Bytes::new())
    } else {
        let body = json!({
            "title": template.title,
            "body": template.body,
            "department": template.department,
        });
        (Method::PUT, body.to_string().into())
    };
    match api.call("desk", method, &path, &[], body).await {
        Ok(_) => Ok(redirect("/desk/templates")),
        Err(failure) if matches!(failure.status, 409 | 422) => {
            page(api, member, Some((template, failure))).await
        }
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn placeholders_are_filled_once() {
        let values = [
            (["{编号}", "{number}"], "YZ1"),
            (["{标题}", "{subject}"], "关于{编号}的"),
        ];
        for (text, expected) in [
            ("{标题}（{编号}）", "关于{编号}的（YZ1）"),
            ("Case {number}", "Case YZ1"),
            ("{其他} {", "{其他} {"),
            ("{{编号}}", "{YZ1}"),
            ("没有", "没有"),
        ] {
            assert_eq!(filled(text, &values), expected, "{text}");
        }
    }
}

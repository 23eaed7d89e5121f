//! The page of a case: the public copy, or everything for whoever has its
//! query code, with what the citizen can do.

use std::rc::Rc;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use web::identity::QUERY_CODE;
use web::{Problem, Reply};

use crate::visitor::Visitor;
use pages::api::{Api, Failure};
use pages::data::{Case, District};
use pages::form::Form;
use pages::reader::{cookie, escaped, redirect};

/// Seconds for which a browser keeps a query code: long enough to read and to
/// write, short enough for a device that others use.
const KEPT: u32 = 3600;

/// Longest case number that is looked for.
const NUMBER_CHARS: usize = 40;

/// Characters of a question that search engines are given as what the page is about.
const SUMMARY_CHARS: usize = 120;

#[derive(askama::Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    v: &'a Visitor,
    district: Rc<District>,
    case: Case,
    /// What has just been done, in words.
    done: &'a str,
    /// What was tried and refused.
    failed: Option<Failed<'a>>,
}

/// A form that was refused, to be shown again as it was filled in.
struct Failed<'a> {
    action: &'a str,
    form: Form,
    failure: Failure,
}

impl CasePage<'_> {
    /// What was typed into `field` of the form for `action`.
    fn typed(&self, action: &str, field: &str) -> &str {
        self.failed
            .as_ref()
            .filter(|failed| failed.action == action)
            .map_or("", |failed| failed.form.raw(field))
    }

    /// What is wrong with `field` of the form for `action`; nothing where it is right.
    fn error(&self, action: &str, field: &str) -> &str {
        self.failed
            .as_ref()
            .filter(|failed| failed.action == action)
            .and_then(|failed| {
                failed
                    .failure
                    .errors
                    .iter()
                    .find(|error| error.field == field)
            })
            .map_or("", |error| &error.detail)
    }

    /// What search engines show of it: the beginning of the public question, on one line.
    fn summary(&self) -> String {
        let body = self.case.body.as_deref().unwrap_or_default();
        if self.case.is_own() || body.is_empty() {
            return self.v.words.home_lead.to_owned();
        }
        let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().take(SUMMARY_CHARS).collect()
    }

    fn division(&self) -> &str {
        let id = self.case.division.as_deref().unwrap_or_default();
        District::name_of(&self.district.divisions, id, self.v.language)
    }

    fn grade<'a>(&'a self, id: &'a str) -> &'a str {
        District::name_of(&self.district.grades, id, self.v.language)
    }
}

/// The page for a number that shows nothing to this reader: unknown, not
/// public, or not with this code, which all look the same.
#[derive(askama::Template)]
#[template(path = "hidden.html")]
struct HiddenPage<'a> {
    v: &'a Visitor,
    number: &'a str,
}

fn hidden(visitor: &Visitor, number: &str) -> Reply {
    visitor.page(StatusCode::NOT_FOUND, &HiddenPage { v: visitor, number })
}

/// Whether `text` could be a case number: letters, digits and hyphens.
pub fn is_number(text: &str) -> bool {
    (1..=NUMBER_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The cookie that keeps the query code of case `number` in this browser. Its
/// prefix makes browsers refuse it from other hosts and without `Secure`, which
/// they allow on `127.0.0.1` and `localhost` also without TLS.
pub fn remember(number: &str, code: &str) -> String {
    format!(
        "__Host-case-{number}={code}; Path=/; Max-Age={KEPT}; Secure; HttpOnly; SameSite=Strict"
    )
}

fn forget(number: &str) -> String {
    format!("__Host-case-{number}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// Whether this browser keeps a query code of case `number`.
pub fn is_kept(context: &web::Context, number: &str) -> bool {
    cookie(context, &format!("__Host-case-{number}")).is_some()
}

/// The query code of case `number` that this browser keeps.
fn kept(api: &Api<'_>, number: &str) -> Option<String> {
    let code = cookie(api.context, &format!("__Host-case-{number}"))?;
    Some(plain_code(&code)).filter(|code| !code.is_empty())
}

/// A query code as it may stand in a header: letters, digits and hyphens.
pub fn plain_code(code: &str) -> String {
    code.chars()
        .map(half_width)
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect::<String>()
        .to_ascii_uppercase()
}

/// The ASCII letter of a full-width one, which Chinese keyboards give.
pub fn half_width(letter: char) -> char {
    match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        letter => letter,
    }
}

/// `GET /cases/{number}`.
pub async fn show(api: &Api<'_>, visitor: &Visitor, number: &str) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Ok(hidden(visitor, ""));
    }
    let own = match kept(api, number) {
        Some(code) => found(api.own::<Case>(number, &code).await)?,
        None => None,
    };
    let case = match own {
        Some(case) => case,
        None => match found(api.get("publish", &format!("/api/cases/{number}")).await)? {
            Some(case) => case,
            None => return Ok(hidden(visitor, number)),
        },
    };
    let words = visitor.words;
    let done = match api.context.parameter("done") {
        Some("supplement") => words.done_supplement,
        Some("reply") => words.done_reply,
        Some("withdrawal") => words.done_withdrawal,
        Some("rating") => words.done_rating,
        Some("reopening") => words.done_reopening,
        _ => "",
    };
    let district = api.district().await?;
    let done = if case.is_own() { done } else { "" };
    let page = CasePage {
        v: visitor,
        district,
        case,
        done,
        failed: None,
    };
    Ok(visitor.page(StatusCode::OK, &page))
}

/// What was found, if it was.
fn found<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// `POST /cases/{number}/{action}`.
pub async fn act(
    api: &Api<'_>,
    visitor: &Visitor,
    number: &str,
    action: &str,
) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Ok(hidden(visitor, ""));
    }
    if action == "leave" {
        return Ok(redirect("/follow").with(SET_COOKIE, forget(number)));
    }
    let form = Form::read(api, visitor).await?;
    let Some((function, body)) = order(action, &form) else {
        return Err(Failure::of(
            &Problem::not_found(),
            visitor.language,
            &api.context.request,
        ));
    };
    let Some(code) = kept(api, number) else {
        return Ok(hidden(visitor, number));
    };
    let path = format!("/api/cases/{number}/{action}");
    match api
        .post(function, &path, &[(QUERY_CODE, &code)], &body)
        .await
    {
        Ok(_) => Ok(redirect(&format!("/cases/{number}?done={action}"))
            .with(SET_COOKIE, remember(number, &code))),
        Err(failure) if matches!(failure.status, 409 | 422) => {
            let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::CONFLICT);
            let case: Case = api.own(number, &code).await?;
            let district = api.district().await?;
            let failed = Some(Failed {
                action,
                form,
                failure,
            });
            let page = CasePage {
                v: visitor,
                district,
                case,
                done: "",
                failed,
            };
            Ok(visitor.page(status, &page))
        }
        Err(failure) => Err(failure),
    }
}

/// What a form asks of which function.
fn order(action: &str, form: &Form) -> Option<(&'static str, Json)> {
    Some(match action {
        "supplement" | "reply" => ("answer", json!({ "text": form.raw("text") })),
        "withdrawal" => ("intake", json!({})),
        "reopening" => ("survey", json!({ "reason": form.raw("reason") })),
        "rating" => {
            let mut rating = json!({});
            if let Some(grade) = form.given("grade") {
                rating["grade"] = grade.into();
            }
            match form.get("solved") {
                "yes" => rating["solved"] = true.into(),
                "no" => rating["solved"] = false.into(),
                _ => {}
            }
            if let Some(comment) = form.given("comment") {
                rating["comment"] = comment.into();
            }
            ("survey", rating)
        }
        _ => return None,
    })
}

/// `GET /cases/{number}/attachments/{position}`: a file of the citizen's own.
pub async fn attachment(api: &Api<'_>, number: &str, position: &str) -> Result<Reply, Failure> {
    let missing = || Failure::of(&Problem::not_found(), api.language, &api.context.request);
    if !is_number(number) {
        return Err(missing());
    }
    let code = kept(api, number).ok_or_else(missing)?;
    let path = format!("/api/cases/{number}/attachments/{}", escaped(position));
    let headers = [(QUERY_CODE, code.as_str())];
    let answer = api
        .call("publish", Method::GET, &path, &headers, Bytes::new())
        .await?;
    Ok(answer.private_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_cannot_leave_their_place_in_an_address() {
        assert!(is_number("YZ20260213-48201937"));
        for strange in ["", "a/b", "..", "a b", "é", "a?b", "a;b", &"1".repeat(41)] {
            assert!(!is_number(strange), "{strange:?}");
        }
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(plain_code(" ７k2m-q9xd\r\n04tr;"), "7K2M-Q9XD04TR");
        assert_eq!(plain_code("；\u{0}"), "");
    }
}

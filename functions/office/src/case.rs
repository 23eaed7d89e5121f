//! One case: everything that the role may see, and everything that it may do.

mod view;

use bytes::Bytes;
use futures::join;
use http::{Method, StatusCode};
use pages::Form;
use pages::api::{Api, Failure};
use pages::data::{Case as PublicCase, Row as PublicRow};
use pages::reader::{escaped, redirect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::{Problem, Reply};

use crate::actions;
use crate::data::{Case, Contact, Copy};
use crate::judged;
use crate::member::Member;
use crate::queues::{self, Wanted};
use crate::templates::{self, Templates};
use view::{ActionForm, CasePage, Sent};

/// Longest case number that is looked for.
const NUMBER_CHARS: usize = 40;

/// Published answers that are offered beside the form of an answer.
const ALIKE: usize = 3;

/// Whether `text` could be a case number: letters, digits and hyphens.
pub fn is_number(text: &str) -> bool {
    (1..=NUMBER_CHARS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `GET /desk/cases/{number}`.
pub async fn show(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    let done = api.context.parameter("done");
    match page(api, member, number, done, None, None).await {
        // What was done took the case out of this role's sight.
        Err(failure) if failure.is_not_found() && done.is_some() => {
            let queue = queues::known(api.context.parameter("queue").unwrap_or_default());
            let list = Wanted::queue(queue).from("");
            let joint = if list.is_empty() { "?" } else { "&" };
            Ok(redirect(&format!("/desk{list}{joint}done=case")))
        }
        result => result.map(|page| member.page(StatusCode::OK, &page)),
    }
}

/// The page of case `number` with its `contact` in the clear.
pub async fn with_contact(
    api: &Api<'_>,
    member: &Member<'_>,
    number: &str,
    contact: Contact,
) -> Result<Reply, Failure> {
    let mut page = page(api, member, number, None, None, None).await?;
    page.case.contact = Some(contact);
    Ok(member.page(StatusCode::OK, &page))
}

async fn page<'a>(
    api: &Api<'_>,
    member: &'a Member<'a>,
    number: &str,
    done: Option<&str>,
    sent: Option<Sent>,
    preview: Option<Copy>,
) -> Result<CasePage<'a>, Failure> {
    if !is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let case: Case = api
        .get("desk", &format!("/api/desk/cases/{number}"))
        .await?;
    let queue = match &sent {
        Some(sent) => queues::known(sent.form.get("queue")),
        None => queues::known(api.context.parameter("queue").unwrap_or_default()),
    };
    let next = async {
        match done {
            Some(_) => queues::next(api, queue, number).await,
            None => Ok(None),
        }
    };
    // Whoever decides on publication sees what would be published.
    let preview = async {
        match preview {
            None if case.consent.publish && case.action("approve").is_some() => {
                copy_of(api, number, &json!([])).await.map(Some)
            }
            preview => Ok(preview),
        }
    };
    let templates = async {
        match case.action("answer") {
            Some(_) => templates::load(api).await,
            None => Ok(Templates::default()),
        }
    };
    let (copy, alike, next, preview, templates, district) = join!(
        public_copy(api, &case),
        alike(api, &case),
        next,
        preview,
        templates,
        api.district()
    );
    let (copy, next, preview) = (copy?, next?, preview?);
    let (templates, district) = (templates?, district?);
    let tried = sent.as_ref().map(|sent| sent.action.as_str());
    Ok(CasePage {
        v: member,
        district,
        forms: forms(&case, tried),
        categories: judged::categories(&case, member),
        departments: judged::departments(&case, member),
        copy,
        alike,
        preview,
        case,
        done: match done {
            Some(_) => member.words.done,
            None => "",
        },
        queue,
        next,
        done_action: done.map_or("", actions::known),
        templates,
        sent,
    })
}

/// The public copy, where there is one.
async fn public_copy(api: &Api<'_>, case: &Case) -> Result<Option<PublicCase>, Failure> {
    if !case.public {
        return Ok(None);
    }
    let path = format!("/api/cases/{}", case.number);
    match api.get("publish", &path).await {
        Ok(copy) => Ok(Some(copy)),
        // It was taken off meanwhile.
        Err(failure) if failure.is_not_found() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// What the function `publish` finds that is like a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    publications: Vec<PublicRow>,
}

/// Published answers to questions like this one, for whoever answers it. They help and no more: where they cannot be
/// had the page goes without them.
async fn alike(api: &Api<'_>, case: &Case) -> Vec<PublicRow> {
    if case.action("answer").is_none() {
        return Vec::new();
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let message = json!({
        "subject": text(&case.original.subject),
        "body": text(&case.original.body),
    });
    let found = api.post("publish", "/api/similar", &[], &message).await;
    let found: Found = found
        .ok()
        .and_then(|found| serde_json::from_value(found).ok())
        .unwrap_or_default();
    found
        .publications
        .into_iter()
        .filter(|row| row.number != case.number)
        .take(ALIKE)
        .collect()
}

/// The public copy as it would be now with `cuts`.
async fn copy_of(api: &Api<'_>, number: &str, cuts: &Json) -> Result<Copy, Failure> {
    let path = format!("/api/desk/cases/{number}/copy");
    let copy = api
        .post("publish", &path, &[], &json!({ "cuts": cuts }))
        .await?;
    Ok(serde_json::from_value(copy).unwrap_or_default())
}

/// `POST /desk/cases/{number}/template`: the page with a template put into the
/// answer, behind what was typed.
pub async fn insert(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    let form = Form::read(api, member).await?;
    let sent = Sent {
        action: "answer".to_owned(),
        form,
        failure: None,
    };
    let mut page = page(api, member, number, None, Some(sent), None).await?;
    if let Some(sent) = &mut page.sent {
        let typed = sent.form.raw("text");
        let id = sent.form.get("template");
        let text = page.templates.insert(id, typed, &page.case, member);
        sent.form.set("text", text);
    }
    Ok(member.page(StatusCode::OK, &page))
}

/// `POST /desk/cases/{number}/copy`: the page with the public copy as it would
/// be with the cuts that stand in the form of the approval.
pub async fn preview(api: &Api<'_>, member: &Member<'_>, number: &str) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let form = Form::read(api, member).await?;
    let order = actions::order(actions::fields("approve", false), &form);
    let (copy, failure) = match copy_of(api, number, &order["cuts"]).await {
        Ok(copy) => (Some(copy), None),
        Err(failure) if failure.status == 422 => (None, Some(failure)),
        Err(failure) => return Err(failure),
    };
    let status = match failure {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let sent = Sent {
        action: "approve".to_owned(),
        form,
        failure,
    };
    let page = page(api, member, number, None, Some(sent), copy).await?;
    Ok(member.page(status, &page))
}

/// The forms of what can be done now: those that are one button, then the
/// others, the most likely ones first. The likeliest
/// one that has something to fill in stands open, or the one that was refused.
fn forms(case: &Case, tried: Option<&str>) -> Vec<ActionForm> {
    let mut forms: Vec<ActionForm> = case
        .actions
        .iter()
        .map(|action| ActionForm {
            // Without consent there is no copy to cut anything out of.
            fields: match action.action.as_str() {
                "approve" if !case.consent.publish => &[],
                name => actions::fields(name, action.reason),
            },
            resource: actions::resource(&action.action),
            name: action.action.clone(),
            title: action.title.clone(),
            open: false,
        })
        .collect();
    forms.sort_by_key(|form| (!form.is_plain(), actions::rank(&form.name)));
    let first = forms.iter().position(|form| match tried {
        Some(tried) => form.name == tried,
        None => !form.is_plain() && form.name != "send-back" && actions::is_likely(&form.name),
    });
    if let Some(form) = first.and_then(|first| forms.get_mut(first)) {
        form.open = true;
    }
    forms
}

/// `POST /desk/cases/{number}/{action}`.
pub async fn act(
    api: &Api<'_>,
    member: &Member<'_>,
    number: &str,
    resource: &str,
) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(api.failure_of(&Problem::not_found()));
    }
    let Some((action, stage, reason)) = actions::taken_at(resource) else {
        return Err(member.page_missing(api.context));
    };
    let form = Form::read(api, member).await?;
    let body = actions::order(actions::fields(action, reason), &form);
    let path = format!("/api/cases/{number}/{resource}");
    match api.post(stage, &path, &[], &body).await {
        Ok(_) => {
            let queue = queues::known(form.get("queue"));
            let from = match queue {
                "" => String::new(),
                queue => format!("&queue={queue}"),
            };
            Ok(redirect(&format!(
                "/desk/cases/{number}?done={action}{from}"
            )))
        }
        Err(failure) if matches!(failure.status, 409 | 422) => {
            let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::CONFLICT);
            let sent = Sent {
                action: action.to_owned(),
                form,
                failure: Some(failure),
            };
            let page = page(api, member, number, None, Some(sent), None).await?;
            Ok(member.page(status, &page))
        }
        Err(failure) => Err(failure),
    }
}

/// `GET /desk/cases/{number}/attachments/{position}`: a file, as the function
/// `publish` gives it to this role.
pub async fn attachment(
    api: &Api<'_>,
    member: &Member<'_>,
    number: &str,
    position: &str,
) -> Result<Reply, Failure> {
    if !is_number(number) {
        return Err(member.page_missing(api.context));
    }
    let path = format!("/api/cases/{number}/attachments/{}", escaped(position));
    let answer = api
        .call("publish", Method::GET, &path, &[], Bytes::new())
        .await?;
    Ok(answer.private_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Action;

    fn case(actions: &[&str]) -> Case {
        let action = |name: &&str| Action {
            action: (*name).to_owned(),
            reason: *name == "supervise",
            ..Action::default()
        };
        Case {
            actions: actions.iter().map(action).collect(),
            ..Case::default()
        }
    }

    #[test]
    fn the_likeliest_form_stands_first_and_open() {
        let forms = forms(&case(&["supervise", "accept", "answer", "return"]), None);
        let names: Vec<&str> = forms.iter().map(|form| form.name.as_str()).collect();
        assert_eq!(names, ["accept", "answer", "return", "supervise"]);
        assert_eq!(forms.iter().filter(|form| form.open).count(), 1);
        assert!(forms[1].open && forms[0].is_plain());
    }

    #[test]
    fn a_refused_form_stands_open() {
        let forms = forms(&case(&["answer", "return"]), Some("return"));
        assert!(!forms[0].open && forms[1].open);
    }

    #[test]
    fn numbers_cannot_leave_their_place_in_an_address() {
        assert!(is_number("YZ20260213-48201937"));
        for strange in ["", "a/b", "..", "a b", "é", "a?b", &"1".repeat(41)] {
            assert!(!is_number(strange), "{strange:?}");
        }
    }
}

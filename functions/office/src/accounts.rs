//! The accounts of the staff, which administrators keep.

use ::case::Role;
use bytes::Bytes;
use http::{Method, StatusCode};
use pages::Form;
use pages::api::{Api, Failure};
use pages::reader::{escaped, redirect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use web::{Problem, Reply};

use crate::member::{Account, Member};
use crate::prove::{self, Wish};
use crate::provider;
use crate::queues::query;

/// Accounts on one page.
const PAGE: &str = "50";

/// What the forms of an account bring along.
const FIELDS: [&str; 7] = [
    "do",
    "revision",
    "id",
    "name",
    "role",
    "department",
    "subject",
];

/// Whether the member keeps accounts.
///
/// # Errors
///
/// 403 for the other roles.
fn allowed(api: &Api<'_>, member: &Member<'_>) -> Result<(), Failure> {
    if member.keeps_accounts() {
        Ok(())
    } else {
        Err(api.failure_of(&Problem::forbidden()))
    }
}

/// The names of all roles.
pub fn roles() -> impl Iterator<Item = &'static str> {
    Role::ALL.into_iter().map(Role::name)
}

/// What the list is narrowed to: the names of the interface.
#[derive(Default)]
struct Wanted {
    role: String,
    department: String,
    /// `true`, `false` or nothing.
    disabled: String,
    /// Where the page begins.
    cursor: String,
}

impl Wanted {
    /// What the address of the page asks for.
    fn of(api: &Api<'_>) -> Wanted {
        let value = |name: &str| api.context.parameter(name).unwrap_or_default().to_owned();
        Wanted {
            role: value("role"),
            department: value("department"),
            disabled: value("disabled"),
            cursor: value("cursor"),
        }
    }

    /// The query of the page that begins at `cursor`, with at most `limit` accounts.
    fn query(&self, cursor: &str, limit: &str) -> String {
        query(&[
            ("role", &self.role),
            ("department", &self.department),
            ("disabled", &self.disabled),
            ("limit", limit),
            ("cursor", cursor),
        ])
    }
}

/// A page of accounts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listing {
    accounts: Vec<Account>,
    next: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "accounts.html")]
struct AccountsPage<'a> {
    v: &'a Member<'a>,
    wanted: Wanted,
    listing: Listing,
    /// What was typed of an account to be made.
    typed: Form,
    failure: Option<Failure>,
}

impl AccountsPage<'_> {
    /// What was typed into `field`.
    fn value(&self, field: &str) -> &str {
        self.typed.raw(field)
    }

    /// What is wrong with `field`; nothing where it is right.
    fn error(&self, field: &str) -> String {
        let failure = self.failure.as_ref();
        failure.map_or_else(String::new, |failure| failure.field(field).to_owned())
    }

    /// What the next page begins with, as an address.
    fn next(&self) -> Option<String> {
        let next = self.listing.next.as_deref()?;
        Some(format!("/desk/accounts{}", self.wanted.query(next, "")))
    }
}

/// `GET /desk/accounts`.
pub async fn list(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    allowed(api, member)?;
    listed(api, member, Wanted::of(api), Form::default(), None).await
}

/// The list, with the form of a new account as it was `typed`.
async fn listed(
    api: &Api<'_>,
    member: &Member<'_>,
    wanted: Wanted,
    typed: Form,
    failure: Option<Failure>,
) -> Result<Reply, Failure> {
    let path = format!("/api/accounts{}", wanted.query(&wanted.cursor, PAGE));
    let page = AccountsPage {
        v: member,
        listing: api.get("identity", &path).await?,
        wanted,
        typed,
        failure,
    };
    Ok(match &page.failure {
        Some(failure) => member.refusal(failure, &page),
        None => member.page(StatusCode::OK, &page),
    })
}

/// What the interface answers about one account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    account: Account,
    /// The one-time password, where one was made.
    password: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "account_password.html")]
struct PasswordPage<'a> {
    v: &'a Member<'a>,
    title: &'a str,
    account: &'a Account,
    password: &'a str,
}

/// The page that shows a one-time password. It is in no other answer, and the
/// form that led here is refused when it is sent again.
fn one_time(
    member: &Member<'_>,
    status: StatusCode,
    title: &str,
    account: &Account,
    password: &str,
) -> Reply {
    let page = PasswordPage {
        v: member,
        title,
        account,
        password,
    };
    member.page(status, &page)
}

/// `POST /desk/accounts`: makes an account.
pub async fn make(api: &Api<'_>, member: &Member<'_>) -> Result<Reply, Failure> {
    allowed(api, member)?;
    let form = Form::read(api, member).await?;
    let wish = wish(member, &form, "/desk/accounts".to_owned());
    if let Some(page) = prove::check(api, member, &form, &wish).await? {
        return Ok(page);
    }
    let mut body = json!({ "id": form.get("id"), "name": form.get("name") });
    for name in ["role", "department"] {
        if let Some(value) = form.given(name) {
            body[name] = value.into();
        }
    }
    match api.post("identity", "/api/accounts", &[], &body).await {
        Ok(made) => {
            let made: Answer = serde_json::from_value(made).unwrap_or_default();
            let password = made.password.unwrap_or_default();
            let (status, title) = (StatusCode::CREATED, member.words.account_made);
            Ok(one_time(member, status, title, &made.account, &password))
        }
        Err(failure) if failure.code() == "prove-again" => {
            Ok(prove::ask(member, &wish, &failure).await)
        }
        Err(failure) if failure.status == 422 => {
            listed(api, member, Wanted::default(), form, Some(failure)).await
        }
        Err(failure) => Err(failure),
    }
}

/// What somebody wants who sent `form` to `action`.
fn wish<'a>(member: &Member<'_>, form: &'a Form, action: String) -> Wish<'a> {
    Wish {
        fields: FIELDS
            .into_iter()
            .map(|name| (name, form.raw(name)))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        back: action.clone(),
        action,
        back_name: member.words.accounts_back_undone,
    }
}

/// What can be done with an account; each has a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Name, role and department.
    Keep,
    /// A new one-time password.
    Reset,
    Disable,
    Enable,
    /// Who the person is at the identity provider.
    Link,
    Unlink,
}

impl Step {
    const ALL: [Step; 6] = [
        Step::Keep,
        Step::Reset,
        Step::Disable,
        Step::Enable,
        Step::Link,
        Step::Unlink,
    ];

    /// As it stands in the form and in the address afterwards.
    fn name(self) -> &'static str {
        match self {
            Step::Keep => "keep",
            Step::Reset => "reset",
            Step::Disable => "disable",
            Step::Enable => "enable",
            Step::Link => "link",
            Step::Unlink => "unlink",
        }
    }

    fn named(name: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.name() == name)
    }

    /// The change as the interface takes it, of the account that was seen with
    /// `revision`.
    fn change(self, form: &Form, revision: i64) -> Json {
        let mut change = match self {
            Step::Keep => json!({
                "name": form.get("name"),
                "role": form.given("role"),
                "department": form.given("department"),
            }),
            Step::Reset => json!({ "reset_password": true }),
            Step::Disable => json!({ "disabled": true }),
            Step::Enable => json!({ "disabled": false }),
            Step::Link => json!({ "subject": form.get("subject") }),
            Step::Unlink => json!({ "subject": null }),
        };
        change["revision"] = revision.into();
        change
    }
}

/// A step that was refused.
struct Refused {
    step: Step,
    typed: Form,
    failure: Failure,
}

#[derive(askama::Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    v: &'a Member<'a>,
    /// The account as it is now.
    account: Account,
    /// The revision that the forms bring along.
    revision: i64,
    refused: Option<Refused>,
    /// What was done just now.
    done: &'a str,
    /// What the identity provider is called, where there is one.
    provider: Option<String>,
}

impl AccountPage<'_> {
    /// What stands in `field`: what was typed where it was refused, and else
    /// what the account has.
    fn value(&self, field: &str) -> &str {
        match self.refused_as(field) {
            Some(refused) => refused.typed.raw(field),
            None => self.now(field),
        }
    }

    /// What the account has in `field`; nothing where it has none.
    fn now(&self, field: &str) -> &str {
        let account = &self.account;
        match field {
            "name" => &account.name,
            "role" => &account.role,
            "department" => account.department.as_deref().unwrap_or_default(),
            "subject" => account.link.as_ref().map_or("", |link| &link.subject),
            _ => "",
        }
    }

    /// The refused step whose form has `field`.
    fn refused_as(&self, field: &str) -> Option<&Refused> {
        let of = if field == "subject" {
            Step::Link
        } else {
            Step::Keep
        };
        self.refused.as_ref().filter(|refused| refused.step == of)
    }

    /// What is wrong with `field`, or what it is now where somebody else has
    /// changed the account; nothing where it is right.
    fn error(&self, field: &str) -> String {
        let Some(refused) = self.refused_as(field) else {
            return String::new();
        };
        let failure = &refused.failure;
        match failure.code() {
            "stale-account" if refused.typed.get(field) != self.now(field) => {
                pages::words::fill(self.v.words.account_now, self.shown(field))
            }
            "last-admin" if field == "role" => failure.detail.clone(),
            _ => failure.field(field).to_owned(),
        }
    }

    /// What the account has in `field`, in words.
    fn shown(&self, field: &str) -> &str {
        match (field, self.now(field)) {
            ("role", role) => self.v.role(role),
            ("department" | "subject", "") => self.v.words.account_no_department,
            ("department", id) => self.v.department(id),
            (_, text) => text,
        }
    }

    /// The steps that have no fields: name, title, and what they bring about.
    fn plain(&self) -> [(&'static str, &'static str, &'static str); 2] {
        let words = self.v.words;
        let reset = (
            Step::Reset.name(),
            words.account_reset,
            words.account_reset_lead,
        );
        let other = if self.account.disabled {
            (
                Step::Enable.name(),
                words.account_enable,
                words.account_enable_lead,
            )
        } else {
            (
                Step::Disable.name(),
                words.account_disable,
                words.account_disable_lead,
            )
        };
        [reset, other]
    }

    /// Whether the form of the link is at hand, for it was refused.
    fn is_linking(&self) -> bool {
        let steps = [Step::Link, Step::Unlink];
        let refused = self.refused.as_ref();
        refused.is_some_and(|refused| steps.contains(&refused.step))
    }

    /// Why the step `name`, which has no fields, was refused.
    fn refusal_of(&self, name: &str) -> &str {
        self.refused
            .as_ref()
            .filter(|refused| refused.step.name() == name)
            .map_or("", |refused| &refused.failure.detail)
    }

    /// Whether it is the account of whoever looks at it.
    fn is_own(&self) -> bool {
        self.account.id == self.v.account.id
    }
}

/// `GET /desk/accounts/{id}`.
pub async fn show(api: &Api<'_>, member: &Member<'_>, id: &str) -> Result<Reply, Failure> {
    allowed(api, member)?;
    one(api, member, id, None).await
}

/// The account `id` as it is now, with the form that was refused.
async fn one(
    api: &Api<'_>,
    member: &Member<'_>,
    id: &str,
    refused: Option<Refused>,
) -> Result<Reply, Failure> {
    let answer: Answer = api.get("identity", &address(id)).await?;
    let words = member.words;
    let done = api.context.parameter("done").and_then(Step::named);
    let page = AccountPage {
        v: member,
        revision: match &refused {
            // Whoever corrects a form decides on what they have seen.
            Some(refused) if refused.failure.code() != "stale-account" => seen(&refused.typed),
            _ => answer.account.revision,
        },
        account: answer.account,
        refused,
        done: match done {
            Some(Step::Disable) => words.account_was_disabled,
            Some(Step::Enable) => words.account_was_enabled,
            Some(_) => words.account_kept,
            None => "",
        },
        provider: provider::name(member).await,
    };
    Ok(match &page.refused {
        Some(refused) => member.refusal(&refused.failure, &page),
        None => member.page(StatusCode::OK, &page),
    })
}

/// Where the interface has the account `id`.
fn address(id: &str) -> String {
    format!("/api/accounts/{}", escaped(id))
}

/// The revision that `form` brings along; one that no account has where it brings none.
fn seen(form: &Form) -> i64 {
    form.get("revision").parse().unwrap_or(-1)
}

/// `POST /desk/accounts/{id}`: changes an account.
pub async fn change(api: &Api<'_>, member: &Member<'_>, id: &str) -> Result<Reply, Failure> {
    allowed(api, member)?;
    let form = Form::read(api, member).await?;
    let Some(step) = Step::named(form.get("do")) else {
        return Err(api.failure_of(&Problem::invalid("do", "unknown-value")));
    };
    let page = format!("/desk/accounts/{}", escaped(id));
    let wish = wish(member, &form, page.clone());
    if let Some(page) = prove::check(api, member, &form, &wish).await? {
        return Ok(page);
    }
    let body: Bytes = step.change(&form, seen(&form)).to_string().into();
    let changed = api
        .call("identity", Method::PATCH, &address(id), &[], body)
        .await;
    match changed {
        Ok(answer) => {
            let changed: Answer = serde_json::from_slice(&answer.body).unwrap_or_default();
            Ok(match &changed.password {
                Some(password) => {
                    let title = member.words.account_was_reset;
                    one_time(member, StatusCode::OK, title, &changed.account, password)
                }
                None => redirect(&format!("{page}?done={}", step.name())),
            })
        }
        Err(failure) if failure.code() == "prove-again" => {
            Ok(prove::ask(member, &wish, &failure).await)
        }
        Err(failure) if matches!(failure.status, 409 | 422) => {
            let refused = Refused {
                step,
                typed: form,
                failure,
            };
            one(api, member, id, Some(refused)).await
        }
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_changes_what_it_is_for_and_nothing_else() {
        let form = Form::of(&[
            ("name", " 李四 "),
            ("role", "reviewer"),
            ("department", ""),
            ("subject", "248289761001"),
        ]);
        let keep = json!({ "name": "李四", "role": "reviewer", "department": null, "revision": 3 });
        for (step, expected) in [
            (Step::Keep, keep),
            (
                Step::Reset,
                json!({ "reset_password": true, "revision": 3 }),
            ),
            (Step::Disable, json!({ "disabled": true, "revision": 3 })),
            (Step::Enable, json!({ "disabled": false, "revision": 3 })),
            (
                Step::Link,
                json!({ "subject": "248289761001", "revision": 3 }),
            ),
            (Step::Unlink, json!({ "subject": null, "revision": 3 })),
        ] {
            assert_eq!(step.change(&form, 3), expected);
            assert_eq!(Step::named(step.name()), Some(step));
        }
    }

    #[test]
    fn a_form_without_a_revision_changes_nothing() {
        assert_eq!(seen(&Form::of(&[("revision", "7")])), 7);
        for other in ["", "x", "7.0"] {
            assert_eq!(seen(&Form::of(&[("revision", other)])), -1, "{other:?}");
        }
    }
}

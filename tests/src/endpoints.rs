//! Every endpoint, with what is needed to call it well: tests that try
//! everything take it from here, so that a new endpoint is one line.

use anyhow::Result;
use case::lifecycle::{TABLE, Transition};
use case::{Action, Party, Role, State};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::cases::{Driver, POLICE, Submitted};
use crate::platform::{Caller, Platform, Staff, unique};
use crate::table;

/// Who calls an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Nobody in particular.
    Anyone,
    /// The citizen of the case.
    Citizen,
    /// The adapter of a channel.
    Channel,
    /// Staff.
    Staff(Role),
    /// Whoever has the key of the sweep.
    Relay,
}

/// One endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path; [`Ground::fill`] replaces what stands in braces.
    pub path: String,
    /// Who may call it.
    pub by: By,
    /// A body that is right and has every field; none where there is no body.
    pub body: Option<Json>,
    /// The parameters of its query, each with a value that is right.
    pub query: &'static [(&'static str, &'static str)],
    /// The action on a case that it takes.
    pub action: Option<Action>,
}

/// Stands for the password of somebody who is made for the call.
const PASSWORD: &str = "{password}";

/// Every endpoint of the platform.
pub fn all() -> Vec<Endpoint> {
    use Role::{Admin, Operator, Supervisor};
    let mut all: Vec<Endpoint> = TABLE.iter().map(action).collect();
    let send = |method: Method, path: &str, by: By, body: Json| Endpoint {
        method,
        path: path.to_owned(),
        by,
        body: Some(body),
        query: &[],
        action: None,
    };
    let read = |path: &str, by: By, query: &'static [(&'static str, &'static str)]| Endpoint {
        method: Method::GET,
        path: path.to_owned(),
        by,
        body: None,
        query,
        action: None,
    };
    let delete = |path: &str, by: By| Endpoint {
        method: Method::DELETE,
        ..read(path, by, &[])
    };
    all.extend([
        send(Method::POST, "/api/cases", By::Channel, message()),
        read("/api/cases/{number}", By::Citizen, &[]),
        read("/api/cases/{number}/attachments/{position}", By::Citizen, &[]),
        read(
            "/api/publications",
            By::Anyone,
            &[
                ("limit", "5"),
                ("cursor", ""),
                ("q", "户口"),
                ("department", POLICE),
                ("category", "public-security.household"),
                ("kind", "consultation"),
                ("division", "zhonghe"),
                ("from", "2026-01-01"),
                ("to", "2036-12-31"),
            ],
        ),
        read("/api/publications.atom", By::Anyone, &[("q", "户口"), ("department", POLICE)]),
        read("/api/knowledge", By::Anyone, &[("q", "户口"), ("class", "household-registration")]),
        read("/api/knowledge/{article}", By::Anyone, &[]),
        send(
            Method::POST,
            "/api/similar",
            By::Anyone,
            json!({ "subject": "买房迁户口", "body": "外省户口，在鄞州买了房，怎么把户口迁过来？" }),
        ),
        send(
            Method::POST,
            "/api/preview",
            By::Anyone,
            json!({ "subject": "路灯不亮", "body": "泰康中路的路灯坏了。", "name": "张三" }),
        ),
        read("/api/district", By::Anyone, &[]),
        read("/api/lifecycle.json", By::Anyone, &[]),
        read("/api/openapi.json", By::Anyone, &[]),
        read(
            "/api/statistics",
            By::Anyone,
            &[("from", "2026-01-01"), ("to", "2026-12-31"), ("department", POLICE)],
        ),
        send(Method::POST, "/api/session", By::Anyone, json!({ "account": "{account}", "password": PASSWORD })),
        read("/api/session", By::Staff(Operator), &[]),
        delete("/api/session", By::Staff(Operator)),
        send(
            Method::POST,
            "/api/session/password",
            By::Staff(Operator),
            json!({ "current": PASSWORD, "new": "long enough {unique}" }),
        ),
        read("/api/session/filters", By::Staff(Operator), &[]),
        send(
            Method::POST,
            "/api/session/filters",
            By::Staff(Operator),
            json!({ "name": "我的", "queue": "answer", "state": "handling", "department": POLICE }),
        ),
        delete("/api/session/filters/{filter}", By::Staff(Operator)),
        send(Method::POST, "/api/session/proof", By::Staff(Operator), json!({ "password": PASSWORD })),
        Endpoint { method: Method::POST, ..read("/api/session/provider", By::Anyone, &[]) },
        send(
            Method::POST,
            "/api/session/provider/return",
            By::Anyone,
            json!({ "flow": "sealed", "state": "state", "code": "code", "iss": "https://id.example", "error": "access_denied" }),
        ),
        read(
            "/api/accounts",
            By::Staff(Admin),
            &[("limit", "5"), ("role", "officer"), ("department", POLICE), ("disabled", "false")],
        ),
        send(
            Method::POST,
            "/api/accounts",
            By::Staff(Admin),
            json!({ "id": "test-{unique}", "name": "测试", "role": "officer", "department": POLICE }),
        ),
        read("/api/accounts/{account}", By::Staff(Admin), &[]),
        send(
            Method::PATCH,
            "/api/accounts/{account}",
            By::Staff(Admin),
            json!({ "name": "测试", "role": "officer", "department": POLICE, "disabled": false, "reset_password": false, "subject": null }),
        ),
        Endpoint { method: Method::POST, ..read("/api/channels/{channel}/keys", By::Staff(Admin), &[]) },
        delete("/api/channels/{channel}/keys", By::Staff(Admin)),
        read(
            "/api/desk/cases",
            By::Staff(Supervisor),
            &[("limit", "5"), ("cursor", ""), ("queue", "answer"), ("state", "assigned"), ("department", POLICE)],
        ),
        send(Method::POST, "/api/desk/cases", By::Staff(Operator), json!({ "phone": "13900001111" })),
        read("/api/desk/cases/{number}", By::Staff(Supervisor), &[]),
        send(Method::POST, "/api/desk/cases/{number}/contact", By::Staff(Operator), json!({ "purpose": "call" })),
        send(Method::POST, "/api/desk/cases/{number}/copy", By::Staff(Supervisor), json!({ "cuts": ["户口"] })),
        read("/api/desk/emergencies", By::Staff(Operator), &[]),
        read("/api/desk/follow-ups", By::Staff(Supervisor), &[("limit", "5"), ("cursor", ""), ("department", POLICE)]),
        read("/api/desk/templates", By::Staff(Admin), &[]),
        send(
            Method::PUT,
            "/api/desk/templates/{template}",
            By::Staff(Admin),
            json!({ "title": "上门核实", "body": "您好！{编号}收到。{单位} {日期}", "department": POLICE }),
        ),
        delete("/api/desk/templates/{template}", By::Staff(Admin)),
        read("/api/desk/hot-issues", By::Staff(Supervisor), &[]),
        read("/api/desk/dead-letters", By::Staff(Supervisor), &[("limit", "5")]),
        Endpoint { method: Method::POST, ..read("/api/desk/dead-letters/{stage}/{number}", By::Staff(Supervisor), &[]) },
        Endpoint { method: Method::POST, ..read("/api/relay/sweep", By::Relay, &[]) },
        read("/api/handlers", By::Anyone, &[]),
        read("/api/departments/{department}/handler", By::Anyone, &[]),
    ]);
    all
}

/// Endpoints that only a publisher of a department can call, whose key the platform's operator has to register first:
/// `tests/registry` tries them.
pub fn signed() -> Vec<Endpoint> {
    ["handler", "handler/order"]
        .map(|path| Endpoint {
            method: Method::POST,
            path: format!("/api/departments/{{department}}/{path}"),
            by: By::Anyone,
            body: Some(json!({})),
            query: &[],
            action: None,
        })
        .into()
}

/// The endpoint of a row of the life-cycle table.
fn action(row: &Transition) -> Endpoint {
    let mut body = table::body(row, "{other}");
    let more = match row.action {
        Action::Assign => json!({ "co_handling": ["housing-construction"], "reason": "测试" }),
        Action::Return => json!({ "suggested": "housing-construction" }),
        Action::Answer => json!({ "adopt_draft": false }),
        Action::GrantExtension => json!({ "working_days": 1 }),
        Action::Approve => json!({ "cuts": ["户口"] }),
        Action::Rate => json!({ "comment": "测试" }),
        _ => json!({}),
    };
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let by = match row.parties.iter().find(|party| **party != Party::System) {
        Some(Party::Staff(role)) => By::Staff(*role),
        Some(Party::Citizen) => By::Citizen,
        _ => By::Staff(Role::Supervisor),
    };
    Endpoint {
        method: Method::POST,
        path: format!("/api/cases/{{number}}/{}", row.resource),
        by,
        body: Some(body),
        query: &[],
        action: Some(row.action),
    }
}

/// A message with every field.
fn message() -> Json {
    json!({
        "subject": "户口迁移咨询",
        "body": "我和爱人都是外省户口，在鄞州买了一套房，户口迁移时能不能先迁一个人的？（{unique}）",
        "kind": "consultation",
        "language": "zh-CN",
        "channel": "web",
        "place": { "division": "zhonghe", "address": "泰康中路" },
        "contact": { "name": "测试市民", "phone": "13900001111", "email": "someone@example.com" },
        "consent": { "publish": true },
        "attachments": [{ "name": "照片.png", "content": PNG }],
        "reference": "{unique}",
    })
}

/// A picture of one point.
pub const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// What one call of an endpoint is about.
pub struct Ground {
    /// The case.
    pub case: Submitted,
    other: Submitted,
    /// Whoever calls, if it is staff.
    staff: Staff,
    /// The account that the call is about, and its password.
    account: String,
    password: String,
}

impl Ground {
    /// Prepares what `endpoint` needs to be called well. `other` is a case of no further use.
    pub async fn new(
        driver: &Driver<'_>,
        endpoint: &Endpoint,
        other: &Submitted,
    ) -> Result<Ground> {
        let platform = driver.platform;
        let case = match endpoint.action {
            Some(action) => case_for(driver, action).await?,
            None if endpoint.path.contains("{number}") => {
                driver.submit(&endpoint_message()).await?
            }
            None => other.clone(),
        };
        let body = endpoint
            .body
            .as_ref()
            .map(Json::to_string)
            .unwrap_or_default();
        let (account, password) = match endpoint.by {
            _ if endpoint.path.contains("{account}") => {
                platform.hire(Role::Officer, Some(POLICE)).await?
            }
            By::Anyone if body.contains("{account}") => {
                let (staff, password) = platform.recruit(Role::Reporter, None).await?;
                (staff.account, password)
            }
            _ => Default::default(),
        };
        let mut ground = Ground {
            case,
            other: other.clone(),
            staff: driver.officer.clone(),
            account,
            password,
        };
        match (endpoint.by, endpoint.path.as_str()) {
            // Whoever ends the session, or replaces the password, is of no more use afterwards.
            (By::Staff(role), "/api/session" | "/api/session/password" | "/api/session/proof") => {
                (ground.staff, ground.password) = platform.recruit(role, None).await?;
            }
            (By::Staff(Role::Admin), _) => ground.staff = platform.admin().clone(),
            (By::Staff(Role::Officer), _) => {}
            (By::Staff(role), _) => ground.staff = platform.staff(role, None, 0).await?,
            (By::Relay, _) => platform.relay_key().clone_into(&mut ground.staff.token),
            _ => {}
        }
        Ok(ground)
    }

    /// The caller.
    pub fn caller(&self, by: By) -> Caller<'_> {
        match by {
            By::Anyone => Caller::Anyone,
            By::Citizen => Caller::Citizen(&self.case.code),
            By::Channel => Caller::Channel,
            By::Staff(_) | By::Relay => Caller::Staff(&self.staff),
        }
    }

    /// `text` with its placeholders replaced.
    pub fn fill(&self, text: &str) -> String {
        text.replace("{number}", &self.case.number)
            .replace("{other}", &self.other.number)
            .replace("{account}", &self.account)
            .replace(PASSWORD, &self.password)
            .replace("{article}", "couple-flat-move-one-first")
            .replace("{channel}", "phone")
            .replace("{department}", POLICE)
            .replace("{template}", "on-site")
            .replace("{filter}", "%E6%88%91%E7%9A%84")
            .replace("{stage}", "classify")
            .replace("{position}", "1")
            .replace("{unique}", &unique())
    }

    /// A body with its placeholders replaced.
    pub fn fill_body(&self, body: &Json) -> Json {
        serde_json::from_str(&self.fill(&body.to_string())).unwrap_or_default()
    }
}

fn endpoint_message() -> Json {
    let text = message().to_string().replace("{unique}", &unique());
    serde_json::from_str(&text).unwrap_or_default()
}

/// A case on which `action` can be taken.
async fn case_for(driver: &Driver<'_>, action: Action) -> Result<Submitted> {
    let operator = Caller::Staff(&driver.operator);
    let officer = Caller::Staff(&driver.officer);
    let row = action.transition();
    Ok(match action {
        Action::Admit => {
            let body = format!("法院已经判了，我不服判决，请政府改过来。{}", unique());
            driver
                .submit(&json!({ "subject": "不服判决", "body": body }))
                .await?
        }
        Action::Adjudicate => {
            let case = driver.in_state(State::Assigned, false).await?;
            driver
                .act(
                    officer,
                    &case.number,
                    "return",
                    &json!({ "reason": "不属本单位职责", "basis": "责任清单" }),
                )
                .await?;
            case
        }
        Action::GrantExtension | Action::RefuseExtension => {
            let case = driver.in_state(State::Handling, false).await?;
            driver
                .act(
                    officer,
                    &case.number,
                    "extension-request",
                    &json!({ "working_days": 1, "reason": "核实" }),
                )
                .await?;
            case
        }
        Action::EndEmergency => {
            let case = driver.in_state(State::Handling, false).await?;
            driver
                .act(
                    operator,
                    &case.number,
                    "emergency",
                    &json!({ "reason": "测试" }),
                )
                .await?;
            case
        }
        Action::Retract => driver.in_state(State::Published, true).await?,
        // Nobody can hold a case in this state: the action is refused to people anyway.
        Action::Publish => driver.in_state(State::Answered, false).await?,
        // With a department, so that an officer may.
        _ if row.own_department => {
            let state = row
                .from
                .iter()
                .find(|state| !matches!(state, State::Received | State::Classified));
            driver
                .in_state(state.copied().unwrap_or(State::Assigned), false)
                .await?
        }
        _ => driver.in_state(row.from[0], false).await?,
    })
}

/// The platform as endpoints need it.
impl Platform {
    /// Somebody of `role` who is made for one purpose, with the password.
    pub async fn recruit(&self, role: Role, department: Option<&str>) -> Result<(Staff, String)> {
        let (account, one_time) = self.hire(role, department).await?;
        let first = self.sign_in(&account, &one_time).await?;
        let password = format!("long enough {}", unique());
        let change = json!({ "current": one_time, "new": password });
        self.post(Caller::Staff(&first), "/api/session/password", &change)
            .await?
            .expect(204)?;
        Ok((self.sign_in(&account, &password).await?, password))
    }
}

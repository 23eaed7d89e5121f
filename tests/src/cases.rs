//! Cases for tests, brought into whatever state a test needs.

use anyhow::{Context, Result, bail};
use case::{Role, State};
use serde_json::{Value as Json, json};

use crate::platform::{Caller, Platform, Reply, Staff, unique};

/// The department that the household question goes to.
pub const POLICE: &str = "public-security";

/// A case that a test made.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// Its number.
    pub number: String,
    /// The citizen's query code.
    pub code: String,
}

/// Plays citizens and staff.
pub struct Driver<'a> {
    /// The platform.
    pub platform: &'a Platform,
    /// An operator of the centre.
    pub operator: Staff,
    /// An officer of the public-security bureau.
    pub officer: Staff,
    /// A reviewer.
    pub reviewer: Staff,
    /// A supervisor.
    pub supervisor: Staff,
}

impl<'a> Driver<'a> {
    /// Makes the accounts that it needs.
    pub async fn new(platform: &'a Platform) -> Result<Driver<'a>> {
        Ok(Driver {
            platform,
            operator: platform.staff(Role::Operator, None, 0).await?,
            officer: platform.staff(Role::Officer, Some(POLICE), 0).await?,
            reviewer: platform.staff(Role::Reviewer, None, 0).await?,
            supervisor: platform.staff(Role::Supervisor, None, 0).await?,
        })
    }

    /// Sends a message as a channel adapter would.
    pub async fn submit(&self, message: &Json) -> Result<Submitted> {
        let reply = self
            .platform
            .post(Caller::Channel, "/api/cases", message)
            .await?
            .expect(201)?
            .json();
        Ok(Submitted {
            number: reply["number"].as_str().context("no number")?.to_owned(),
            code: reply["query_code"]
                .as_str()
                .context("no query code")?
                .to_owned(),
        })
    }

    /// The household question, in words of its own each time.
    pub fn household(&self, publish: bool) -> Json {
        json!({
            "subject": "户口迁移咨询",
            "body": format!(
                "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，户口迁移时能不能先迁一个人的？（{}）",
                unique()
            ),
            "kind": "consultation",
            "place": { "division": "zhonghe" },
            "contact": { "name": "测试市民", "phone": "13900001111" },
            "consent": { "publish": publish },
        })
    }

    /// A message of which no handler can say what it is about.
    pub fn obscure(&self) -> Json {
        json!({ "subject": "想问一下", "body": format!("上次说的那个怎么样了，想再了解一下。{}", unique()) })
    }

    /// Where case `number` stands, as the supervisor sees it.
    pub async fn view(&self, number: &str) -> Result<Json> {
        let path = format!("/api/desk/cases/{number}");
        Ok(self
            .platform
            .get(Caller::Staff(&self.supervisor), &path)
            .await?
            .expect(200)?
            .json())
    }

    /// Waits until `ready` says so of the desk's view of the case.
    pub async fn until(
        &self,
        number: &str,
        what: &str,
        ready: impl Fn(&Json) -> bool,
    ) -> Result<Json> {
        self.platform
            .eventually(&format!("{number}: {what}"), async || {
                let view = self.view(number).await?;
                Ok(ready(&view).then_some(view))
            })
            .await
    }

    /// Waits until the case is in `state`.
    pub async fn until_state(&self, number: &str, state: State) -> Result<Json> {
        self.until(number, state.name(), |view| view["state"] == state.name())
            .await
    }

    /// Takes an action and expects it to work.
    pub async fn act(
        &self,
        caller: Caller<'_>,
        number: &str,
        resource: &str,
        body: &Json,
    ) -> Result<Json> {
        Ok(self
            .try_act(caller, number, resource, body)
            .await?
            .expect(200)?
            .json())
    }

    /// Takes an action.
    pub async fn try_act(
        &self,
        caller: Caller<'_>,
        number: &str,
        resource: &str,
        body: &Json,
    ) -> Result<Reply> {
        self.platform
            .post(caller, &format!("/api/cases/{number}/{resource}"), body)
            .await
    }

    /// A new case in `state`, at the public-security bureau once it is with a
    /// department. `publish` is the citizen's consent.
    pub async fn in_state(&self, state: State, publish: bool) -> Result<Submitted> {
        let operator = Caller::Staff(&self.operator);
        let officer = Caller::Staff(&self.officer);
        match state {
            State::Received | State::Declined | State::Explained | State::Merged => {
                let case = self.submit(&self.obscure()).await?;
                self.until(&case.number, "left to a person", |view| {
                    kinds(view).contains(&"classification-abstained".to_owned())
                })
                .await?;
                match state {
                    State::Declined => {
                        self.act(
                            operator,
                            &case.number,
                            "decline",
                            &json!({ "reason": "测试" }),
                        )
                        .await?;
                    }
                    State::Explained => {
                        let body = json!({ "reason": "out-of-scope" });
                        self.act(operator, &case.number, "explanation", &body)
                            .await?;
                    }
                    State::Merged => {
                        let other = self.submit(&self.obscure()).await?;
                        let body = json!({ "into": other.number });
                        self.act(operator, &case.number, "merger", &body).await?;
                    }
                    _ => {}
                }
                Ok(case)
            }
            State::Classified => self.classified().await,
            State::Withdrawn => {
                let case = Box::pin(self.in_state(State::Assigned, publish)).await?;
                self.act(
                    Caller::Citizen(&case.code),
                    &case.number,
                    "withdrawal",
                    &json!({}),
                )
                .await?;
                Ok(case)
            }
            _ => {
                let case = self.submit(&self.household(publish)).await?;
                self.assigned(&case).await?;
                if state == State::Assigned {
                    return Ok(case);
                }
                self.act(officer, &case.number, "acceptance", &json!({}))
                    .await?;
                if state == State::Handling {
                    return Ok(case);
                }
                if state == State::WaitingCitizen {
                    self.act(
                        officer,
                        &case.number,
                        "question",
                        &json!({ "text": "房产证何时取得？" }),
                    )
                    .await?;
                    return Ok(case);
                }
                self.act(officer, &case.number, "answer", &answer()).await?;
                // The findings are in before the case is used, so that nothing changes under a test.
                self.until(&case.number, "examined", |view| {
                    kinds(view).contains(&"examined".to_owned())
                })
                .await?;
                if state == State::Answered {
                    return Ok(case);
                }
                self.act(
                    Caller::Staff(&self.reviewer),
                    &case.number,
                    "approval",
                    &json!({}),
                )
                .await?;
                if state == State::Reviewed {
                    bail!("a reviewed case is published at once: no test can hold it there");
                }
                self.until_state(&case.number, State::Published).await?;
                let rating = match state {
                    State::Published => return Ok(case),
                    State::Rated | State::ClosedUnsolved => {
                        json!({ "grade": "fairly-satisfied", "solved": false })
                    }
                    _ => json!({ "grade": "satisfied", "solved": true }),
                };
                self.act(Caller::Citizen(&case.code), &case.number, "rating", &rating)
                    .await?;
                if state == State::ClosedUnsolved {
                    let body = json!({ "reason": "电话回访：未解决" });
                    self.act(operator, &case.number, "closure-unsolved", &body)
                        .await?;
                }
                let view = self.view(&case.number).await?;
                if view["state"] != state.name() {
                    bail!("meant to be {}, is {}", state.name(), view["state"]);
                }
                Ok(case)
            }
        }
    }

    /// Waits until the case is with the public-security bureau and the
    /// knowledge base has been looked at.
    pub async fn assigned(&self, case: &Submitted) -> Result<()> {
        self.until(&case.number, "drafted", |view| {
            view["state"] == "assigned"
                && kinds(view)
                    .iter()
                    .any(|kind| kind == "drafted" || kind == "draft-refused")
        })
        .await?;
        Ok(())
    }

    /// A case with a category that no department leads: the router leaves it to
    /// a person.
    async fn classified(&self) -> Result<Submitted> {
        let case = Box::pin(self.in_state(State::Received, false)).await?;
        let body = json!({ "category": "party" });
        self.act(
            Caller::Staff(&self.operator),
            &case.number,
            "classification",
            &body,
        )
        .await?;
        self.until(&case.number, "routing left to a person", |view| {
            kinds(view).contains(&"routing-abstained".to_owned())
        })
        .await?;
        Ok(case)
    }
}

/// The kinds of the events in the desk's view of a case.
pub fn kinds(view: &Json) -> Vec<String> {
    let events = view["events"].as_array().cloned().unwrap_or_default();
    events
        .iter()
        .filter_map(|event| event["kind"].as_str().map(str::to_owned))
        .collect()
}

/// A proper answer to the household question.
pub fn answer() -> Json {
    json!({
        "text": "您好！夫妻双方共有的房屋，可以由其中一方先申请户口迁入，另一方之后再以投靠方式迁入。\
                 请携带身份证、户口簿、结婚证和不动产权证书到房屋所在地派出所办理，5个工作日内办结。\
                 如有疑问，请拨打81812345咨询。",
        "basis": ["《中华人民共和国户口登记条例》"],
        "contact": "81812345",
    })
}

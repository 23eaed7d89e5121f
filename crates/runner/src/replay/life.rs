//! The life of one case.

use super::Message;
use crate::client::Refused;
use crate::player::{Player, Submitted, View, is_conflict};
use anyhow::{Result, bail};
use case::Role;
use serde_json::{Value as Json, json};

/// What became of a message.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// It has a case.
    pub(crate) taken_in: bool,
    /// The same message was handed over before.
    pub(crate) duplicate: bool,
    /// The platform refused it: the code of the problem.
    pub(crate) refused: Option<String>,
    /// It went wrong: what and where.
    pub(crate) failure: Option<String>,
    /// Where the case stands in the end.
    pub(crate) view: Option<View>,
}

/// What a department answers here: the steps are the matter, not the words.
const ANSWER: &str = "您好！您反映的情况已收到。经核实，相关部门已按规定办理，办理结果将在5个工作日内告知您。如有疑问，请拨打81812345咨询。";

/// Plays one message from the channel to the citizen's rating.
pub(super) async fn live(player: &Player, channel: &str, message: &Message) -> Life {
    let mut life = Life::default();
    let submitted = match player.submit(channel, &message.id, &body(message)).await {
        Ok(submitted) => submitted,
        Err(error) => {
            match error.downcast_ref::<Refused>() {
                Some(refused) if refused.code == "duplicate" => life.duplicate = true,
                Some(refused) if refused.status.is_client_error() => {
                    life.refused = Some(refused.code.clone())
                }
                _ => life.failure = Some(format!("message {}: {error:#}", message.id)),
            }
            return life;
        }
    };
    life.taken_in = true;
    match go_on(player, &submitted).await {
        Ok(view) => life.view = Some(view),
        Err(error) => {
            life.failure = Some(format!(
                "message {}, case {}: {error:#}",
                message.id, submitted.number
            ))
        }
    }
    life
}

fn body(message: &Message) -> Json {
    json!({
        "subject": message.subject,
        "body": message.body,
        "consent": { "publish": true },
    })
}

/// Does what people do until it is somebody's turn who understands the matter, or the case has ended.
async fn go_on(player: &Player, case: &Submitted) -> Result<View> {
    let number = case.number.as_str();
    // Each round takes one step, and there are fewer steps than this.
    for _ in 0..12 {
        let view = player.settled(number).await?;
        let department = view
            .department
            .clone()
            .unwrap_or_else(|| player.centre().to_owned());
        let step = match view.state.as_str() {
            "received" => match held(&view) {
                Some(Held::Outcome(reason)) => {
                    player
                        .act_as(
                            Role::Operator,
                            number,
                            "explanation",
                            &json!({ "reason": reason }),
                        )
                        .await
                }
                Some(Held::Spam) => {
                    player
                        .act_as(
                            Role::Operator,
                            number,
                            "decline",
                            &json!({ "reason": "与政务服务无关" }),
                        )
                        .await
                }
                None => return Ok(view),
            },
            "assigned" if view.self_answer => {
                player
                    .act_as(
                        Role::Operator,
                        number,
                        "answer",
                        &json!({ "adopt_draft": true }),
                    )
                    .await
            }
            "assigned" => {
                player
                    .act_for(&department, number, "acceptance", &json!({}))
                    .await
            }
            "handling" => {
                player
                    .act_for(&department, number, "answer", &json!({ "text": ANSWER }))
                    .await
            }
            "answered" => {
                player
                    .act_as(Role::Reviewer, number, "approval", &json!({}))
                    .await
            }
            "published" => {
                player
                    .act_as_citizen(
                        case,
                        "rating",
                        &json!({ "grade": "satisfied", "solved": true }),
                    )
                    .await
            }
            _ => return Ok(view),
        };
        // After a lost answer the step may have been taken already: the next round sees it.
        if let Err(error) = step
            && !is_conflict(&error)
        {
            return Err(error.context(format!("in the state {}", view.state)));
        }
    }
    bail!("the case does not come to an end")
}

enum Held {
    Outcome(String),
    Spam,
}

fn held(view: &View) -> Option<Held> {
    match &view.held {
        Json::Null => None,
        Json::Object(hold) => match hold.get("no-dispatch").and_then(Json::as_str) {
            Some(reason) => Some(Held::Outcome(reason.to_owned())),
            None => Some(Held::Spam),
        },
        _ => Some(Held::Spam),
    }
}

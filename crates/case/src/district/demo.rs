//! Demonstration data: `demo/`, loaded only when asked for.

use crate::event::{CaseKind, NoDispatchReason};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use thiserror::Error;

/// A demonstration account: one `[[account]]` of `demo/accounts.toml`. The
/// file has no passwords; they are made at the start and printed once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccount {
    /// Login name.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Role: operator, officer, reviewer, supervisor, leader, duty, reporter
    /// or admin.
    pub role: String,
    /// The officer's department.
    #[serde(default)]
    pub department: Option<String>,
}

/// A demonstration case: one `[[case]]` of `demo/cases.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoCase {
    /// The channel that it comes by.
    pub channel: String,
    /// Subject line.
    pub subject: String,
    /// Body.
    pub body: String,
    /// What the citizen wants, if the citizen said so.
    #[serde(default)]
    pub kind: Option<CaseKind>,
    /// Town or sub-district.
    #[serde(default)]
    pub division: Option<String>,
    /// The place in the citizen's words.
    #[serde(default)]
    pub address: Option<String>,
    /// Who sent it; none means anonymous.
    #[serde(default)]
    pub contact: Option<DemoContact>,
    /// The citizen agrees to publication.
    pub publish: bool,
    /// The right category: what a person decides when the platform abstains
    /// or is wrong.
    pub category: String,
    /// The right department: whom a person chooses when the platform abstains
    /// or is wrong.
    pub department: String,
    /// What staff and citizen do with it, in order; see [`Step`].
    #[serde(default)]
    pub script: Vec<String>,
}

impl DemoCase {
    /// The script as steps.
    ///
    /// # Errors
    /// The first entry that is no step.
    pub fn steps(&self) -> Result<Vec<Step>, DemoScriptError> {
        self.script.iter().map(|entry| entry.parse()).collect()
    }
}

/// A made-up sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoContact {
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
}

/// One step of a demonstration script. Written as `name` or `name:TEXT`.
///
/// Classification and routing are the platform's own and are no steps; where
/// it abstained or was wrong, the player corrects it as the case's `category`
/// and `department` say before the script begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `accept`: the department takes the case.
    Accept,
    /// `return:REASON`: the department returns it (退单) to the centre.
    Return(String),
    /// `route:DEPARTMENT:REASON`: the centre decides whose it is.
    Route {
        /// The department.
        department: String,
        /// Why.
        reason: String,
    },
    /// `ask:TEXT`: the department asks the citizen for facts; the clock stops.
    Ask(String),
    /// `supplement:TEXT`: the citizen adds facts; the clock goes on.
    Supplement(String),
    /// `extend:AMOUNT:REASON`: the department asks for so many working days
    /// more, and the supervisor agrees.
    Extend {
        /// Working days.
        working_days: u32,
        /// Why.
        reason: String,
    },
    /// `answer:TEXT`: the department answers.
    Answer(String),
    /// `self-answer:TEXT`: the centre answers. When the knowledge base has
    /// drafted an answer, that draft is sent instead of TEXT.
    SelfAnswer(String),
    /// `send-back:REASON`: the reviewer sends the answer back.
    SendBack(String),
    /// `approve`: the reviewer approves; the case is then published, or the
    /// citizen alone sees the answer, as the consent says.
    Approve,
    /// `decline:OUTCOME`: the centre answers with one of the six outcomes.
    Decline(NoDispatchReason),
    /// `withdraw`: the citizen takes the case back.
    Withdraw,
    /// `rate:GRADE:solved|unsolved:COMMENT`: the citizen rates, 5 is best;
    /// the last two may be left out (solved, no words).
    Rate {
        /// 1 to 5.
        grade: u8,
        /// The citizen says that the matter is solved.
        solved: bool,
        /// The citizen's words; may be empty.
        comment: String,
    },
}

/// An entry of a script that is no step.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{entry}` is no step: {problem}")]
pub struct DemoScriptError {
    /// The entry.
    pub entry: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl FromStr for Step {
    type Err = DemoScriptError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        let (name, rest) = entry.split_once(':').unwrap_or((entry, ""));
        let wrong = |problem| DemoScriptError {
            entry: entry.to_owned(),
            problem,
        };
        let text = || match rest.trim() {
            "" => Err(wrong("a text is missing after the colon")),
            text => Ok(text.to_owned()),
        };
        let pair = || match rest.split_once(':') {
            Some((first, second)) if !first.is_empty() && !second.trim().is_empty() => {
                Ok((first, second.trim().to_owned()))
            }
            _ => Err(wrong(
                "two parts are needed after the name, with a colon between",
            )),
        };
        let alone = |step| {
            if rest.is_empty() {
                Ok(step)
            } else {
                Err(wrong("nothing may follow the name"))
            }
        };
        match name {
            "accept" => alone(Step::Accept),
            "approve" => alone(Step::Approve),
            "withdraw" => alone(Step::Withdraw),
            "return" => text().map(Step::Return),
            "ask" => text().map(Step::Ask),
            "supplement" => text().map(Step::Supplement),
            "answer" => text().map(Step::Answer),
            "self-answer" => text().map(Step::SelfAnswer),
            "send-back" => text().map(Step::SendBack),
            "route" => pair().map(|(department, reason)| Step::Route {
                department: department.to_owned(),
                reason,
            }),
            "extend" => {
                let (days, reason) = pair()?;
                let working_days = days
                    .parse()
                    .ok()
                    .filter(|days| *days > 0)
                    .ok_or(wrong("the number of working days is wrong"))?;
                Ok(Step::Extend {
                    working_days,
                    reason,
                })
            }
            "decline" => match rest {
                "emergency-line" => Ok(Step::Decline(NoDispatchReason::EmergencyLine)),
                "legal-route" => Ok(Step::Decline(NoDispatchReason::LegalRoute)),
                "no-new-facts" => Ok(Step::Decline(NoDispatchReason::NoNewFacts)),
                "secret-or-privacy" => Ok(Step::Decline(NoDispatchReason::SecretOrPrivacy)),
                "out-of-scope" => Ok(Step::Decline(NoDispatchReason::OutOfScope)),
                "unlawful" => Ok(Step::Decline(NoDispatchReason::Unlawful)),
                _ => Err(wrong("that is none of the six outcomes")),
            },
            "rate" => {
                let mut parts = rest.splitn(3, ':');
                let grade = parts
                    .next()
                    .and_then(|grade| grade.parse().ok())
                    .filter(|grade| (1..=5).contains(grade))
                    .ok_or(wrong("the grade is not 1 to 5"))?;
                let solved = match parts.next() {
                    None | Some("solved") => true,
                    Some("unsolved") => false,
                    Some(_) => return Err(wrong("after the grade comes `solved` or `unsolved`")),
                };
                Ok(Step::Rate {
                    grade,
                    solved,
                    comment: parts.next().unwrap_or_default().trim().to_owned(),
                })
            }
            _ => Err(wrong("there is no step of that name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let read = |entry: &str| entry.parse::<Step>();
        assert_eq!(read("accept"), Ok(Step::Accept));
        assert_eq!(
            read("answer: 您好：请带身份证"),
            Ok(Step::Answer("您好：请带身份证".into()))
        );
        assert_eq!(
            read("route:water:属于排水管网"),
            Ok(Step::Route {
                department: "water".into(),
                reason: "属于排水管网".into()
            })
        );
        assert_eq!(
            read("extend:5:需现场检测"),
            Ok(Step::Extend {
                working_days: 5,
                reason: "需现场检测".into()
            })
        );
        assert_eq!(
            read("decline:legal-route"),
            Ok(Step::Decline(NoDispatchReason::LegalRoute))
        );
        assert_eq!(
            read("rate:5"),
            Ok(Step::Rate {
                grade: 5,
                solved: true,
                comment: String::new()
            })
        );
        assert_eq!(
            read("rate:2:unsolved:还在漏水: 没人来"),
            Ok(Step::Rate {
                grade: 2,
                solved: false,
                comment: "还在漏水: 没人来".into()
            })
        );
    }

    #[test]
    fn what_is_no_step_is_refused() {
        for entry in [
            "",
            "accepts",
            "accept:now",
            "answer",
            "answer: ",
            "route:water",
            "route::why",
            "extend:0:why",
            "extend:many:why",
            "decline:other",
            "rate",
            "rate:6",
            "rate:0",
            "rate:5:maybe",
        ] {
            assert!(entry.parse::<Step>().is_err(), "{entry}");
        }
    }
}

//! Taking the decisions of one case again, each with its own component and on what it saw.

use super::components::Components;
use super::decision::{self, Stage, beyond, digest, judged, recorded};
use super::{Again, Outcome};
use crate::candidate;
use crate::database::Connection;
use crate::handler::past::{Past, date, offered};
use crate::rules;
use anyhow::Result;
use case::district::{Category, Department, Policy};
use case::event::{Finding, Judgement};
use case::time::Offset;
use case::{Case, Event, EventData};
use host::department::contract::{Article, Inquiry};
use host::route::Candidate;
use manifest::Manifest;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The input is partly sealed: only the platform itself, with its key, could make it again.
pub(super) const SEALED: &str = "it rests on the citizen's contact, which is sealed";
/// Stages whose handlers see no text and take no part of it into an event.
pub(super) const OPEN: &str =
    "what it saw is all in the event, and stages like it are not run again";
const GONE: &str = "its component is no longer there";
const ERASED: &str = "what it looked at is no longer there";
pub(super) const ABSENT: &str = "no handler answered then, so there is nothing to run again";
const FAILED: &str = "the component breaks down";
const KNOWLEDGE: &str = "the articles on offer or the policy have changed since";
const DISTRICT: &str = "the departments or the policy have changed since";
const POLICY: &str = "the policy has changed since";
const OTHER: &str = "what it looked at is not what it was";

/// One case, with what its decisions rest on.
pub(super) struct Replay<'a> {
    connection: &'a mut Connection,
    past: &'a Past,
    components: Components,
    policy: Policy,
    departments: BTreeMap<String, Department>,
    categories: Vec<Category>,
    offset: Offset,
}

/// A decision as it was, before it is taken again.
struct Moment<'a> {
    event: &'a Event,
    judgement: &'a Judgement,
    case: Case,
}

impl<'a> Replay<'a> {
    pub(super) async fn new(
        connection: &'a mut Connection,
        manifest: &Manifest,
        past: &'a Past,
    ) -> Result<Replay<'a>> {
        let departments: Vec<Department> = rules::part(connection, "departments").await?;
        Ok(Replay {
            past,
            components: Components::of(manifest),
            policy: rules::part(connection, "policy").await?,
            departments: departments
                .into_iter()
                .map(|department| (department.id.clone(), department))
                .collect(),
            categories: rules::part(connection, "categories").await?,
            offset: rules::offset(connection).await?,
            connection,
        })
    }

    /// All decisions of the case, or only that of event `only`.
    pub(super) async fn all(&mut self, only: Option<u32>) -> Result<Vec<Again>> {
        let mut all = Vec::new();
        for event in &self.past.events {
            let Some((stage, judgement)) = judged(&event.data) else {
                continue;
            };
            if only.is_some_and(|only| only != event.sequence) {
                continue;
            }
            let again = |judgement: &Judgement, outcome| Again {
                sequence: event.sequence,
                stage,
                handler: judgement.handler.clone(),
                version: judgement.version.clone(),
                sha256: judgement.sha256.clone(),
                outcome,
            };
            let outcome = match stage {
                Stage::Intake | Stage::Publish => Outcome::Not(SEALED),
                Stage::Survey => Outcome::Not(OPEN),
                _ => {
                    let moment = Moment {
                        event,
                        judgement,
                        case: self.past.before(event.sequence)?,
                    };
                    match stage {
                        Stage::Classify => self.classify(&moment).await?,
                        Stage::Route => self.route(&moment).await?,
                        Stage::Review
                            if matches!(event.data, EventData::FollowUpPlanned { .. }) =>
                        {
                            self.follow_up(&moment).await?
                        }
                        Stage::Review => {
                            let (default, own) = self.review(&moment).await?;
                            all.push(again(judgement, default));
                            all.extend(own);
                            continue;
                        }
                        _ => {
                            let (first, own) = self.answer(&moment).await?;
                            all.push(again(judgement, first));
                            all.extend(own);
                            continue;
                        }
                    }
                }
            };
            all.push(again(judgement, outcome));
        }
        Ok(all)
    }

    async fn classify(&mut self, moment: &Moment<'_>) -> Result<Outcome> {
        let Some(inquiry) = self.past.inquiry(&moment.case, Vec::new()) else {
            return Ok(Outcome::Not(ERASED));
        };
        let threshold = self.policy.classify.threshold;
        let changed = moment.changed(&(&inquiry, threshold), POLICY);
        let sha256 = &moment.judgement.sha256;
        let Some(mut handler) = self.components.classify(self.connection, sha256).await? else {
            return Ok(Outcome::Not(GONE));
        };
        let Ok(said) = handler.classify(&inquiry, threshold) else {
            return Ok(Outcome::Not(FAILED));
        };
        let known = |id: &str| self.categories.iter().any(|category| category.id == id);
        let now = decision::classified(said, known);
        Ok(Outcome::of(&moment.recorded(None), &now, changed))
    }

    async fn route(&mut self, moment: &Moment<'_>) -> Result<Outcome> {
        let Some(inquiry) = self.past.inquiry(&moment.case, Vec::new()) else {
            return Ok(Outcome::Not(ERASED));
        };
        let candidates = self.candidates(&inquiry);
        let ids: Vec<&str> = candidates
            .iter()
            .map(|candidate| candidate.department.as_str())
            .collect();
        let threshold = self.policy.route.threshold;
        let changed = moment.changed(&(&inquiry, ids, threshold), DISTRICT);
        let sha256 = &moment.judgement.sha256;
        let Some(mut handler) = self.components.route(self.connection, sha256).await? else {
            return Ok(Outcome::Not(GONE));
        };
        let Ok(said) = handler.route(&inquiry, &candidates, threshold) else {
            return Ok(Outcome::Not(FAILED));
        };
        let known = |id: &str| self.departments.contains_key(id);
        let now = decision::routed(said, known);
        Ok(Outcome::of(&moment.recorded(None), &now, changed))
    }

    /// The departments that the stage route offers its handler.
    fn candidates(&self, inquiry: &Inquiry) -> Vec<Candidate> {
        let texts = [
            inquiry.subject.as_str(),
            inquiry.body.as_str(),
            inquiry.address.as_deref().unwrap_or_default(),
        ];
        let division = inquiry.division.as_deref();
        case::district::candidates(self.departments.values(), division, &texts)
            .into_iter()
            .map(candidate::of)
            .collect()
    }

    /// The decision of the event, and that of the department's handler where another one decided beside it.
    async fn answer(&mut self, moment: &Moment<'_>) -> Result<(Outcome, Option<Again>)> {
        let case = &moment.case;
        let Some(inquiry) = self.past.inquiry(case, self.past.supplements(case)) else {
            return Ok((Outcome::Not(ERASED), None));
        };
        let policy = self.policy.answer;
        let today = date(moment.event, self.offset);
        let articles = offered(self.connection, &inquiry, policy.max_articles, &today).await?;
        let named: Vec<(&str, &str)> = articles
            .iter()
            .map(|article| (article.id.as_str(), article.updated.as_str()))
            .collect();
        let document = self.past.document(moment.event.sequence);
        let department = &moment.judgement.evidence["department"];
        let adopted = department.is_object() && department["handler"].is_null();
        if adopted && !moment.is_refusal() {
            let changed = moment.changed(&(&inquiry, named), KNOWLEDGE);
            let mut recorded = moment.recorded(document);
            recorded["outcome"] = department["outcome"].clone();
            recorded["triage"] = document.map_or(Json::Null, |document| document["triage"].clone());
            let sha256 = &moment.judgement.sha256;
            let outcome = self
                .department(sha256, &inquiry, &articles, &recorded, changed)
                .await?;
            return Ok((outcome, None));
        }
        let changed = moment.changed(&(&inquiry, named, policy.threshold), KNOWLEDGE);
        let sha256 = &moment.judgement.sha256;
        let default = match self.components.answer(self.connection, sha256).await? {
            None => Outcome::Not(GONE),
            Some(mut handler) => match handler.draft(&inquiry, &articles, policy.threshold) {
                Err(_) => Outcome::Not(FAILED),
                Ok(said) => {
                    let now = decision::drafted(said);
                    Outcome::of(&moment.recorded(document), &now, changed)
                }
            },
        };
        let Some(own) = Own::of(department) else {
            return Ok((default, None));
        };
        let outcome = match own.again() {
            Some(not) => not,
            None => {
                let triage = document.map_or(Json::Null, |document| document["triage"].clone());
                let recorded = json!({ "outcome": own.outcome, "triage": triage });
                self.department(&own.sha256, &inquiry, &articles, &recorded, changed)
                    .await?
            }
        };
        Ok((default, Some(own.row(moment, Stage::Answer, outcome))))
    }

    /// A department's handler at the stage answer.
    async fn department(
        &mut self,
        sha256: &str,
        inquiry: &Inquiry,
        articles: &[Article],
        recorded: &Json,
        changed: Option<&'static str>,
    ) -> Result<Outcome> {
        let Some(handler) = self.components.department(self.connection, sha256).await? else {
            return Ok(Outcome::Not(GONE));
        };
        let triage = handler.triage(inquiry).0;
        let said = triage.and_then(|triage| Ok((triage, handler.draft(inquiry, articles).0?)));
        let mut now = decision::opinion(said);
        if recorded["outcome"] == "contract" {
            // The platform refused the text for its length or form, which the event does not keep.
            now["outcome"] = "contract".into();
        }
        // A draft that was not taken is not kept.
        if recorded.get("text").is_none()
            && let Json::Object(now) = &mut now
        {
            for part in ["text", "sources", "confidence"] {
                now.remove(part);
            }
        }
        Ok(Outcome::of(recorded, &now, changed))
    }

    /// What the default found, and what the department's handler did. The event has both in one list.
    async fn review(&mut self, moment: &Moment<'_>) -> Result<(Outcome, Option<Again>)> {
        let case = &moment.case;
        let inquiry = self.past.inquiry(case, Vec::new());
        let (Some(inquiry), Some(answer)) = (inquiry, self.past.answer(case)) else {
            return Ok((Outcome::Not(ERASED), None));
        };
        let EventData::Examined { findings: all, .. } = &moment.event.data else {
            return Ok((Outcome::Not(ERASED), None));
        };
        let changed = moment.changed(&(&inquiry, &answer), OTHER);
        let sha256 = &moment.judgement.sha256;
        let default = match self.components.review(self.connection, sha256).await? {
            None => Err(Outcome::Not(GONE)),
            Some(mut handler) => match handler.check(&inquiry, &answer) {
                Err(_) => Err(Outcome::Not(FAILED)),
                Ok(Ok(found)) => Ok(found.into_iter().map(decision::finding).collect()),
                Ok(Err(_)) => Ok(vec![Finding {
                    code: "not-checked".to_owned(),
                    severity: "warning".to_owned(),
                    span: None,
                }]),
            },
        };
        let own = Own::of(&moment.judgement.evidence["department"]);
        let mut others: Result<Vec<Finding>, Outcome> = Ok(Vec::new());
        let mut follow_up = None;
        if let Some(own) = &own {
            others = match own.again() {
                Some(not) => Err(not),
                None => match self
                    .components
                    .department(self.connection, &own.sha256)
                    .await?
                {
                    None => Err(Outcome::Not(GONE)),
                    Some(handler) => {
                        let found = handler.check(&inquiry, &answer).0;
                        follow_up = own.follow_up.as_ref().map(|recorded| {
                            decision::follow_up(handler.follow_up(&inquiry, &answer).0, recorded)
                        });
                        Ok(match found {
                            Ok(Ok(found)) if own.outcome == "findings" => {
                                found.into_iter().map(decision::finding).collect()
                            }
                            _ => Vec::new(),
                        })
                    }
                },
            };
        }
        let none: Vec<Finding> = Vec::new();
        let found = |findings: &[Finding]| json!({ "findings": findings });
        let first = match &default {
            Err(_) => Outcome::Not(GONE),
            Ok(default) => {
                // What is the department's in the list is not the default's.
                let rest = beyond(all, others.as_ref().unwrap_or(&none));
                let rest = match &others {
                    Ok(_) => rest,
                    // What the department said cannot be made again: only what is missing can be seen.
                    Err(_) => beyond(all, &beyond(all, default)),
                };
                Outcome::of(
                    &found(&sorted(rest)),
                    &found(&sorted(default.clone())),
                    changed,
                )
            }
        };
        let Some(own) = own else {
            return Ok((first, None));
        };
        let outcome = match others {
            Err(not) => not,
            Ok(others) => {
                let rest = beyond(all, default.as_ref().unwrap_or(&none));
                let recorded = json!({ "findings": sorted(rest), "follow_up": own.follow_up });
                let now = json!({ "findings": sorted(others), "follow_up": follow_up });
                Outcome::of(&recorded, &now, changed)
            }
        };
        Ok((first, Some(own.row(moment, Stage::Review, outcome))))
    }

    /// What the department's handler planned to be done after the answer.
    async fn follow_up(&mut self, moment: &Moment<'_>) -> Result<Outcome> {
        // It was asked when the answer was examined, unless a reviewer was faster.
        let asked = moment.case.examined.unwrap_or(moment.event.sequence);
        let case = self.past.before(asked)?;
        let inquiry = self.past.inquiry(&case, Vec::new());
        let answer = self.past.answer(&case);
        let document = self.past.document(moment.event.sequence);
        let (Some(inquiry), Some(answer), Some(document)) = (inquiry, answer, document) else {
            return Ok(Outcome::Not(ERASED));
        };
        let changed = moment.changed(&(&inquiry, &answer), OTHER);
        let sha256 = &moment.judgement.sha256;
        let Some(handler) = self.components.department(self.connection, sha256).await? else {
            return Ok(Outcome::Not(GONE));
        };
        let now = decision::planned(handler.follow_up(&inquiry, &answer).0);
        Ok(Outcome::of(&moment.recorded(Some(document)), &now, changed))
    }
}

/// The order of an event's list says nothing about whose a finding is.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|left, right| {
        (&left.code, &left.severity, left.span).cmp(&(&right.code, &right.severity, right.span))
    });
    findings
}

impl Moment<'_> {
    fn recorded(&self, document: Option<&Json>) -> Json {
        recorded(&self.event.data, document)
    }

    fn is_refusal(&self) -> bool {
        matches!(self.event.data, EventData::DraftRefused { .. })
    }

    /// What has changed, where `input` is not the one of then.
    fn changed(&self, input: &impl serde::Serialize, what: &'static str) -> Option<&'static str> {
        (digest(input) != self.judgement.input).then_some(what)
    }
}

/// What an event says of a department's handler that was asked beside the default.
struct Own {
    handler: String,
    version: String,
    sha256: String,
    outcome: String,
    /// When something is to be done after the answer; none where it was not asked for that.
    follow_up: Option<Json>,
}

impl Own {
    fn of(note: &Json) -> Option<Own> {
        let text = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
        note.is_object().then(|| Own {
            handler: text("handler"),
            version: text("version"),
            sha256: text("sha256"),
            outcome: text("outcome"),
            follow_up: note.get("follow_up").cloned(),
        })
    }

    /// Why it cannot be run again, if it cannot: it never answered, or not for a reason of its own.
    fn again(&self) -> Option<Outcome> {
        let external = [
            "time",
            "busy",
            "resting",
            "host",
            "unreachable",
            "refused",
            "address",
        ];
        (self.sha256.is_empty() || external.contains(&self.outcome.as_str()))
            .then_some(Outcome::Not(ABSENT))
    }

    fn row(self, moment: &Moment<'_>, stage: Stage, outcome: Outcome) -> Again {
        Again {
            sequence: moment.event.sequence,
            stage,
            handler: self.handler,
            version: self.version,
            sha256: self.sha256,
            outcome,
        }
    }
}

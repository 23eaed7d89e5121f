//! What the event of a decision says, and what the same handler says now, in one form.

use case::EventData;
use case::event::{Finding, Judgement};
use host::answer::{Drafting, Outcome, Refusal};
use host::classify::{Abstention, Classification};
use host::department::contract::{self, Error, FollowUp, Severity, Triage};
use host::department::{CallError, contract::Draft};
use host::route::Routing;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// Which stage a handler decided at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Intake,
    Classify,
    Route,
    Answer,
    Review,
    Publish,
    Survey,
}

/// The stage and the judgement of an event, where a handler decided it.
pub(super) fn judged(data: &EventData) -> Option<(Stage, &Judgement)> {
    Some(match data {
        EventData::Received { judgement, .. } => (Stage::Intake, judgement),
        EventData::Classified { judgement, .. } => (Stage::Classify, judgement.as_ref()?),
        EventData::ClassificationAbstained { judgement, .. } => (Stage::Classify, judgement),
        EventData::Assigned { judgement, .. } => (Stage::Route, judgement.as_ref()?),
        EventData::RoutingAbstained { judgement } => (Stage::Route, judgement),
        EventData::Drafted { judgement, .. } | EventData::DraftRefused { judgement, .. } => {
            (Stage::Answer, judgement)
        }
        EventData::Examined { judgement, .. } | EventData::FollowUpPlanned { judgement, .. } => {
            (Stage::Review, judgement)
        }
        EventData::Published { judgement, .. } => (Stage::Publish, judgement),
        EventData::Rated { judgement, .. } => (Stage::Survey, judgement),
        _ => return None,
    })
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Stage::Intake => "intake",
            Stage::Classify => "classify",
            Stage::Route => "route",
            Stage::Answer => "answer",
            Stage::Review => "review",
            Stage::Publish => "publish",
            Stage::Survey => "survey",
        }
    }
}

/// SHA-256 of an input, as events have it.
pub(super) fn digest(input: &impl Serialize) -> String {
    let input = serde_json::to_vec(input).unwrap_or_default();
    seal::hex(&seal::digest(&[&input]))
}

/// What the event of a stage with a default handler says; `document` is what was written beside it.
pub(super) fn recorded(data: &EventData, document: Option<&Json>) -> Json {
    match data {
        EventData::Classified {
            category,
            judgement: Some(judgement),
        } => json!({
            "category": category,
            "confidence": judgement.confidence,
            "ranked": judgement.evidence["ranked"],
        }),
        EventData::ClassificationAbstained { reason, judgement } => {
            abstained(reason, &judgement.evidence)
        }
        EventData::Assigned {
            department,
            co_handling,
            responsibility,
            judgement: Some(judgement),
        } => json!({
            "department": department,
            "co_handling": co_handling,
            "responsibility": responsibility,
            "confidence": judgement.confidence,
            "ranked": judgement.evidence["ranked"],
        }),
        EventData::RoutingAbstained { judgement } => abstained("person", &judgement.evidence),
        EventData::Drafted {
            sources, judgement, ..
        } => json!({
            "text": document.map_or(Json::Null, |document| document["text"].clone()),
            "sources": sources,
            "confidence": judgement.confidence,
        }),
        EventData::DraftRefused { reason, judgement } => json!({
            "refused": reason,
            "facts": judgement.evidence["facts"],
            "error": judgement.evidence["error"],
        }),
        EventData::Examined { findings, .. } => json!({ "findings": findings }),
        EventData::FollowUpPlanned { after_days, .. } => json!({
            "after_days": after_days,
            "text": document.map_or(Json::Null, |document| document["text"].clone()),
        }),
        _ => Json::Null,
    }
}

fn abstained(reason: &str, evidence: &Json) -> Json {
    json!({ "abstained": reason, "error": evidence["error"], "ranked": evidence["ranked"] })
}

/// What a department's handler plans to be done after an answer, as the event has it.
pub(super) fn planned(said: Result<Result<Option<FollowUp>, Error>, CallError>) -> Json {
    match said {
        Ok(Ok(Some(follow_up))) => {
            json!({ "after_days": follow_up.after_days, "text": follow_up.task })
        }
        _ => json!({}),
    }
}

/// As the stage review notes down what is to be done after an answer. What the platform refused for its form, it
/// refuses again: the event does not keep the text.
pub(super) fn follow_up(
    said: Result<Result<Option<FollowUp>, Error>, CallError>,
    recorded: &Json,
) -> Json {
    match said {
        Ok(Ok(Some(_))) if recorded == "contract" => recorded.clone(),
        Ok(Ok(Some(follow_up))) => json!({ "after_days": follow_up.after_days }),
        Ok(Ok(None)) => Json::Null,
        Ok(Err(_)) | Err(_) => "error".into(),
    }
}

/// A default handler's own word that it has no result.
pub(super) fn refusal(error: &Error) -> Json {
    match error {
        Error::InvalidInput(_) => "invalid-input".into(),
        Error::Other(_) => "other".into(),
    }
}

/// As the stage classify writes it down; `known` says whether the district has a category.
pub(super) fn classified(
    said: Result<Classification, Error>,
    known: impl Fn(&str) -> bool,
) -> Json {
    let said = match said {
        Ok(said) => said,
        Err(error) => {
            return json!({ "abstained": "handler-error", "error": refusal(&error), "ranked": null });
        }
    };
    let ranked: Vec<Json> = said
        .ranked
        .iter()
        .map(|ranked| {
            json!({ "category": ranked.category, "confidence": ranked.confidence, "spans": ranked.evidence })
        })
        .collect();
    let abstain = |reason: &str| json!({ "abstained": reason, "error": null, "ranked": ranked });
    if let Some(abstention) = said.abstained {
        return abstain(match abstention {
            Abstention::BelowThreshold => "below-threshold",
            Abstention::NoText => "no-text",
            Abstention::UnknownLanguage => "unknown-language",
            Abstention::NoEvidence => "no-evidence",
            Abstention::UnusualText => "unusual-text",
        });
    }
    match said.ranked.first() {
        Some(first) if known(&first.category) => {
            json!({ "category": first.category, "confidence": first.confidence, "ranked": ranked })
        }
        Some(_) => abstain("unknown-category"),
        None => abstain("no-evidence"),
    }
}

/// As the stage route writes it down; `known` says whether the district has a department.
pub(super) fn routed(said: Result<Routing, Error>, known: impl Fn(&str) -> bool) -> Json {
    let said = match said {
        Ok(said) => said,
        Err(error) => {
            return json!({ "abstained": "person", "error": refusal(&error), "ranked": null });
        }
    };
    let ranked: Vec<Json> = said
        .ranked
        .iter()
        .map(|ranked| {
            json!({
                "department": ranked.department,
                "confidence": ranked.confidence,
                "responsibility": ranked.responsibility,
                "reasons": ranked.reasons,
            })
        })
        .collect();
    match said.ranked.into_iter().next() {
        Some(first) if !said.person_decides && known(&first.department) => {
            let co_handling: Vec<String> = said
                .co_handling
                .into_iter()
                .filter(|id| known(id) && *id != first.department)
                .collect();
            json!({
                "department": first.department,
                "co_handling": co_handling,
                "responsibility": first.responsibility,
                "confidence": first.confidence,
                "ranked": ranked,
            })
        }
        _ => json!({ "abstained": "person", "error": null, "ranked": ranked }),
    }
}

/// As the stage answer writes the default's word down.
pub(super) fn drafted(said: Result<Drafting, Error>) -> Json {
    let refused = |reason: &str, facts: Json, error: Json| json!({ "refused": reason, "facts": facts, "error": error });
    match said {
        Err(error) => refused("handler-error", Json::Null, refusal(&error)),
        Ok(drafting) => match drafting.outcome {
            Outcome::Drafted(draft) => draft_of(&draft),
            Outcome::Refused(Refusal::NothingFits) => {
                refused("nothing-fits", Json::Null, Json::Null)
            }
            Outcome::Refused(Refusal::NeedsFacts(facts)) => {
                refused("needs-facts", facts.into(), Json::Null)
            }
        },
    }
}

fn draft_of(draft: &Draft) -> Json {
    json!({ "text": draft.body, "sources": draft.sources, "confidence": draft.confidence })
}

/// A finding as events have it.
pub(super) fn finding(finding: contract::Finding) -> Finding {
    let severity = match finding.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Blocking => "blocking",
    };
    Finding {
        code: finding.code,
        severity: severity.to_owned(),
        span: finding.span.map(|span| (span.start, span.end)),
    }
}

/// What stands in `all` beyond `others`, each as often as it is more.
pub(super) fn beyond(all: &[Finding], others: &[Finding]) -> Vec<Finding> {
    let mut others = others.to_vec();
    all.iter()
        .filter(
            |finding| match others.iter().position(|other| other == *finding) {
                Some(at) => {
                    others.swap_remove(at);
                    false
                }
                None => true,
            },
        )
        .cloned()
        .collect()
}

/// What a department's handler said at the stage answer.
pub(super) type AnswerSaid =
    Result<(Result<Option<Triage>, Error>, Result<Option<Draft>, Error>), CallError>;

/// As the stage answer writes a department's word down.
pub(super) fn opinion(said: AnswerSaid) -> Json {
    let (triage, draft) = match said {
        Ok(said) => said,
        Err(error) => return json!({ "outcome": error.name() }),
    };
    let triage = triage.ok().flatten();
    let name = triage.as_ref().map(triage_name);
    let mut decision = Map::new();
    if let Some(triage) = &triage {
        decision.insert("triage".to_owned(), proposal(triage));
    }
    let outcome = match &draft {
        Ok(Some(_)) => name.unwrap_or("draft"),
        Ok(None) => name.unwrap_or("nothing"),
        Err(_) => "error",
    };
    decision.insert("outcome".to_owned(), outcome.into());
    if let Ok(Some(draft)) = &draft
        && let Json::Object(draft) = draft_of(draft)
    {
        decision.extend(draft);
    }
    Json::Object(decision)
}

fn triage_name(triage: &Triage) -> &'static str {
    match triage {
        Triage::Accept(_) => "accept",
        Triage::SendBack(_) => "send-back",
        Triage::Ask(_) => "ask",
    }
}

fn proposal(triage: &Triage) -> Json {
    match triage {
        Triage::Accept(section) => json!({ "accept": section }),
        Triage::Ask(questions) => json!({ "ask": questions }),
        Triage::SendBack(back) => json!({
            "send-back": { "reason": back.reason, "basis": back.basis, "suggested": back.suggested }
        }),
    }
}

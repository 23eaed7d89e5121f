//! What the department's own handler thinks of a case that has come to it.

use case::EventData;
use serde::Serialize;
use serde_json::{Value as Json, json};
use web::department::{AnswerSaid, Asked, Draft, Who};
use web::rules::Rules;
use web::step::Step;

/// What came of asking the department's handler, as far as it can be used.
pub enum Opinion {
    /// There is no handler, or it does not look at cases like this.
    None,
    /// It has a draft, and perhaps a proposal what to do with the case.
    Drafted {
        /// Which release it is.
        who: Who,
        /// Its draft.
        draft: Draft,
        /// Its proposal: the name and what the officer is shown.
        triage: Option<(&'static str, Json)>,
    },
    /// It has no draft, so that the default's stands.
    Beside {
        /// For the event: which release it is and what came of it.
        note: Json,
        /// What the officer is shown.
        proposal: Option<Json>,
    },
}

impl Opinion {
    /// What of the answer can be used: texts within the limits of what people write.
    pub fn of(asked: Asked<AnswerSaid>, rules: &Rules) -> Opinion {
        let limits = &rules.limits.text;
        let (who, said) = match asked {
            Asked::Nobody => return Opinion::None,
            Asked::Failed(who, reason) => {
                let note = match who {
                    Some(who) => who.note(&reason),
                    None => json!({ "outcome": reason }),
                };
                return Opinion::Beside {
                    note,
                    proposal: None,
                };
            }
            Asked::Said(who, said) => (who, said),
        };
        let max = limits.reason_max_chars as usize;
        let triage = said.triage.ok().flatten().and_then(|triage| {
            let proposal = triage.proposal(max)?;
            Some((triage.name(), proposal))
        });
        let outcome = match said.draft {
            Ok(Some(draft)) if draft.is_sound(limits.answer_max_chars as usize) => {
                return Opinion::Drafted { who, draft, triage };
            }
            Ok(Some(_)) => "contract",
            Ok(None) => triage.as_ref().map_or("nothing", |(name, _)| name),
            Err(_) => "error",
        };
        Opinion::Beside {
            note: who.note(outcome),
            proposal: triage.map(|(_, proposal)| proposal),
        }
    }

    /// What the officer is shown beside the default's draft.
    pub fn proposal(&self) -> Option<&Json> {
        match self {
            Opinion::Beside { proposal, .. } => proposal.as_ref(),
            _ => None,
        }
    }

    /// The default's `evidence`, with what the department's handler had to say.
    pub fn beside(&self, mut evidence: Json) -> Json {
        if let Opinion::Beside { note, .. } = self {
            if evidence.is_null() {
                evidence = json!({});
            }
            evidence["department"] = note.clone();
        }
        evidence
    }
}

/// The department's draft stands. It goes to the department's officer and never straight to the citizen: only the
/// platform's own knowledge base is answered from without one.
pub fn adopted(
    who: &Who,
    draft: Draft,
    triage: Option<(&'static str, Json)>,
    input: &impl Serialize,
) -> Step {
    let outcome = triage.as_ref().map_or("draft", |(name, _)| name);
    let judgement = who.judgement(input, Some(draft.confidence), outcome);
    let mut document = json!({ "text": draft.body, "sources": draft.sources });
    if let Some((_, proposal)) = triage {
        document["triage"] = proposal;
    }
    Step::with_document(
        EventData::Drafted {
            sources: draft.sources,
            self_answer: false,
            judgement,
        },
        document,
    )
}

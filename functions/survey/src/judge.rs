//! Asking the handler what follows from a rating.

use std::cell::OnceCell;

use case::Case;
use case::deadline::Duty;
use case::event::{Consequence, Grade, Judgement};
use serde_json::{Value as Json, json};
use web::contract::{self, Handler};
use web::rules::Rules;
use web::step;

use bindings::wenzheng::handlers::survey;

use crate::rating::Rating;

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/survey.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "survey-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
        additional_derives: [serde::Serialize],
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// What follows from a rating.
pub struct Judged {
    /// What happens to the case.
    pub consequence: Consequence,
    /// The supervisor hears of it.
    pub tell_supervisor: bool,
    /// Why, in kebab case.
    pub reason: String,
    /// Who judged.
    pub judgement: Judgement,
}

/// Lets the handler judge `rating`. Where it fails, a person calls the citizen
/// and the supervisor hears of it.
pub fn judge(rules: &Rules, case: &Case, rating: &Rating) -> Judged {
    let rated = survey::RatedCase {
        kind: contract::kind(case.kind),
        urgency: contract::urgency(case.urgency),
        reopened: case.reopened.into(),
        self_answered: case
            .answer
            .as_ref()
            .is_some_and(|answer| answer.self_answered),
        late: is_late(rules, case),
    };
    let given = survey::Rating {
        grade: match rating.grade {
            Grade::VeryDissatisfied => survey::Grade::VeryDissatisfied,
            Grade::Dissatisfied => survey::Grade::Dissatisfied,
            Grade::FairlySatisfied => survey::Grade::FairlySatisfied,
            Grade::Satisfied => survey::Grade::Satisfied,
            Grade::VerySatisfied => survey::Grade::VerySatisfied,
        },
        solved: rating.solved,
        comment: rating.comment.clone(),
    };
    let judged = survey::judge(rated, &given);
    HANDLER.with(|handler| {
        let handler = handler.get_or_init(|| Handler::identify(survey::describe()));
        let judgement = |evidence: Json| handler.judgement(&(&rated, &given), None, evidence);
        match judged {
            Ok(judged) => Judged {
                consequence: match judged.outcome {
                    survey::Outcome::CloseSolved => Consequence::CloseSolved,
                    survey::Outcome::CloseUnsolved => Consequence::CloseUnsolved,
                    survey::Outcome::Reopen => Consequence::Reopen,
                    survey::Outcome::CallBack => Consequence::CallBack,
                },
                tell_supervisor: judged.tell_supervisor,
                reason: judged.reason,
                judgement: judgement(json!({ "late": rated.late })),
            },
            Err(error) => Judged {
                consequence: Consequence::CallBack,
                tell_supervisor: true,
                reason: "handler-error".to_owned(),
                judgement: judgement(json!({ "error": contract::error_name(&error) })),
            },
        }
    })
}

/// Whether the answer went out after its deadline.
fn is_late(rules: &Rules, case: &Case) -> bool {
    let deadline = case.deadline_of(Duty::Answer, &step::basis(rules));
    deadline
        .zip(case.published_at)
        .is_some_and(|(deadline, published)| published > deadline.due)
}

//! Taking a rating.

use case::event::Grade;
use case::{Action, EventData};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::step::{self, Step};
use web::text::Checks;
use web::{Context, Problem, Reply, view};

use crate::judge;

/// A rating as it comes in.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// How satisfied.
    pub grade: Grade,
    /// Whether the matter is solved.
    pub solved: bool,
    /// What the citizen says about it.
    pub comment: Option<String>,
    /// The sequence of the case that the caller has seen.
    #[serde(skip_serializing)]
    pub sequence: Option<u32>,
}

/// `POST /api/cases/{number}/rating`.
pub async fn rate(context: &Context, number: &str) -> Result<Reply, Problem> {
    let mut input: Rating = context.json()?;
    input.comment = input.comment.filter(|comment| !comment.trim().is_empty());
    step::take(
        context,
        number,
        Action::Rate,
        input.sequence,
        async |_, scene| {
            view::within_survey(
                scene.case,
                Action::Rate,
                scene.actor,
                scene.rules,
                context.now,
            )?;
            let mut checks = Checks::default();
            if let Some(comment) = &input.comment {
                checks.text(
                    "comment",
                    comment,
                    scene.rules.limits.text.comment_max_chars,
                    true,
                );
            }
            checks.finish()?;
            let judged = judge::judge(scene.rules, scene.case, &input);
            let data = EventData::Rated {
                grade: input.grade,
                solved: input.solved,
                consequence: judged.consequence,
                tell_supervisor: judged.tell_supervisor,
                reason: judged.reason,
                judgement: judged.judgement,
            };
            let document = input
                .comment
                .as_ref()
                .map(|comment| json!({ "text": comment }));
            Ok(Step {
                events: vec![(data, document)],
                ..Step::default()
            })
        },
    )
    .await
}

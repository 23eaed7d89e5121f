//! Asking the handler for the public copy.

use std::cell::OnceCell;

use case::fold::Answered;
use case::{Case, EventData, State};
use serde_json::{Value as Json, json};
use store::publications::Publication;
use store::{Error, cases};
use web::contract::{self, Handler, types};
use web::drain::{Outcome, Worker};
use web::rules::Rules;
use web::step::Step;
use web::{Context, Database};

use crate::texts::{Texts, cuts, personal, phrases, spans};
use bindings::wenzheng::handlers::publish;

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/publish.wit"
)]
pub(crate) mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "publish-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
        additional_derives: [serde::Serialize],
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Characters of the message and of the answer that lists show.
const EXCERPT: usize = 120;

/// Makes public copies with the composed handler.
pub struct Judge;

impl Worker for Judge {
    async fn work(
        &self,
        context: &Context,
        database: &mut Database,
        _rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        let Some(answer) = case
            .answer
            .as_ref()
            .filter(|_| case.state == State::Reviewed)
        else {
            return Ok(Outcome::Nothing);
        };
        if !case.consent {
            return Ok(Outcome::Step(private(case)));
        }
        let Some(document) = cases::document(database, &case.number, answer.sequence).await? else {
            return Ok(Outcome::Failed("the answer has no text".to_owned()));
        };
        let phrases = phrases(database, case).await?;
        let personal = personal(database, case, original, phrases).await?;
        let texts = Texts::of(database, case, original, &document).await?;
        let Some(spans) = spans(original) else {
            return Ok(Outcome::Failed(
                "the marks of personal data cannot be read".to_owned(),
            ));
        };
        let passages = texts.passages();
        let copy = match publish::redact(&passages, &spans, &personal) {
            Ok(copy) => copy,
            Err(error) => {
                return Ok(Outcome::Failed(format!(
                    "handler: {}",
                    contract::error_name(&error)
                )));
            }
        };
        let Some(public) = Texts::of_copy(&copy, &texts) else {
            return Ok(Outcome::Failed(
                "handler: not the passages that it was given".to_owned(),
            ));
        };
        // Whatever handler this is: what can be checked is checked.
        let unmistakable = |value: &&types::PersonalValue| {
            matches!(
                value.kind,
                types::PersonalKind::Phone | types::PersonalKind::Email
            )
        };
        if personal
            .iter()
            .filter(unmistakable)
            .any(|value| public.holds(&value.text))
        {
            return Ok(Outcome::Failed(
                "handler: a value of the contact is left".to_owned(),
            ));
        }
        let judgement = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(publish::describe()));
            handler.judgement(
                &(&passages, &spans, &personal),
                None,
                json!({ "cuts": copy.cuts.len() }),
            )
        });
        let document = json!({ "passages": public.document(), "cuts": cuts(&copy) });
        let published = EventData::Published {
            public: true,
            judgement,
        };
        Ok(Outcome::Step(Step {
            copy: Some(Box::new(publication(context, case, answer, &public)?)),
            ..Step::with_document(published, document)
        }))
    }
}

/// Without the citizen's consent there is no copy, and nothing to judge.
fn private(case: &Case) -> Step {
    let judgement = HANDLER.with(|handler| {
        let handler = handler.get_or_init(|| Handler::identify(publish::describe()));
        handler.judgement(&case.consent, None, Json::Null)
    });
    Step::event(EventData::Published {
        public: false,
        judgement,
    })
}

/// What the public reads of the case, whose `answer` is published.
fn publication(
    context: &Context,
    case: &Case,
    answer: &Answered,
    public: &Texts,
) -> Result<Publication, Error> {
    // As the event will have it.
    let published_at = context.now.max(case.updated_at);
    let kind = serde_json::to_value(case.kind).map_err(|error| Error::Other(error.to_string()))?;
    let summary = json!({
        "number": case.number,
        "kind": kind,
        "subject": public.subject,
        "excerpt": excerpt(&public.body),
        "answer_excerpt": excerpt(&public.answer),
        "category": case.category,
        "department": answer.department,
        "division": case.division,
        "received_at": case.received_at,
        "published_at": published_at,
    });
    let data = json!({
        "number": case.number,
        "kind": kind,
        "language": case.language,
        "channel": case.channel,
        "category": case.category,
        "department": answer.department,
        "division": case.division,
        "received_at": case.received_at,
        "answered_at": answer.at,
        "published_at": published_at,
        "self_answered": answer.self_answered,
        "subject": public.subject,
        "body": public.body,
        "supplements": public.supplements,
        "answer": public.answer,
        "basis": public.basis,
        "answer_contact": public.contact,
    });
    let searched: Vec<&str> = public.all().map(String::as_str).collect();
    Ok(Publication {
        number: case.number.clone(),
        published_at: published_at.0,
        category: case.category.clone(),
        department: answer.department.clone(),
        division: case.division.clone(),
        kind: kind.as_str().unwrap_or_default().to_owned(),
        summary,
        data,
        terms: text::search_terms(&searched.join("\n")),
        replaces: case.public,
    })
}

/// The beginning of a text on one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

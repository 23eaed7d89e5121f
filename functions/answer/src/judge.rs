//! Finding articles and asking the handler for a draft.

use std::cell::OnceCell;

use case::{Case, EventData, State};
use serde_json::{Value as Json, json};
use store::{Error, articles};
use web::contract::{self, Handler, types};
use web::department::{self, AnswerSaid, Asked};
use web::drain::{Outcome, Worker};
use web::rules::Rules;
use web::step::Step;
use web::{Context, Database, view};

use crate::STAGE;
use crate::opinion::{Opinion, adopted};
use bindings::wenzheng::handlers::answer::{
    self, Drafting, Outcome as Drafted, RankedArticle, Refusal,
};

#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/answer.wit"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "answer-function",
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
    });
}

thread_local! {
    static HANDLER: OnceCell<Handler> = const { OnceCell::new() };
}

/// Articles of a ranking that an event keeps: as many as the contract allows.
const RANKED: usize = 5;

/// Drafts with the composed handler.
pub struct Judge;

impl Worker for Judge {
    async fn work(
        &self,
        context: &Context,
        database: &mut Database,
        rules: &Rules,
        case: &Case,
        original: &Json,
    ) -> Result<Outcome, Error> {
        if !matches!(case.state, State::Assigned | State::Handling) {
            return Ok(Outcome::Nothing);
        }
        let supplements = view::supplements(database, case).await?;
        let inquiry = contract::inquiry(case, original, supplements);
        let policy = rules.policy.answer;
        let found = articles::candidates(
            database,
            &inquiry.subject,
            &inquiry.body,
            &inquiry.supplements,
            policy.max_articles,
        )
        .await?;
        let today = context.now.date(rules.offset).to_string();
        let offered: Vec<types::Article> = found
            .into_iter()
            .map(|article| offered(article, &today))
            .collect();
        // An article is named by its identifier and the date of its revision.
        let named: Vec<_> = offered
            .iter()
            .map(|article| (article.id.clone(), article.updated.clone()))
            .collect();
        let input = || json!({ "inquiry": inquiry, "articles": offered });
        let asked: Asked<AnswerSaid> = department::ask(database, case, STAGE, input).await?;
        let opinion = Opinion::of(asked, rules);
        if let Opinion::Drafted { who, draft, triage } = opinion {
            return Ok(Outcome::Step(adopted(
                &who,
                draft,
                triage,
                &(inquiry, named),
            )));
        }
        let drafted = answer::draft_answer(&inquiry, &offered, policy.threshold);
        let step = HANDLER.with(|handler| {
            let handler = handler.get_or_init(|| Handler::identify(answer::describe()));
            let input = (inquiry, named, policy.threshold);
            decide(handler, &input, policy.self_answer, drafted, &opinion)
        });
        Ok(Outcome::Step(step))
    }
}

fn offered(article: case::district::Article, today: &str) -> types::Article {
    types::Article {
        stale: article.review_by.as_str() < today,
        id: article.id,
        title: article.title,
        title_en: article.title_en,
        questions: article.questions,
        keywords: article.keywords,
        body: article.body,
        body_en: article.body_en,
        basis: article.basis,
        department: article.department,
        category: article.category,
        updated: article.updated,
    }
}

/// What follows from the default handler's word where the department has no
/// draft of its own; a handler that fails has no draft.
fn decide(
    handler: &Handler,
    input: &(types::Inquiry, Vec<(String, String)>, u16),
    self_answer: u16,
    drafted: Result<Drafting, types::Error>,
    opinion: &Opinion,
) -> Step {
    let refused = |reason: &str, evidence: Json| {
        let judgement = handler.judgement(input, None, opinion.beside(evidence));
        let event = EventData::DraftRefused {
            reason: reason.to_owned(),
            judgement,
        };
        match opinion.proposal() {
            Some(proposal) => Step::with_document(event, json!({ "triage": proposal })),
            None => Step::event(event),
        }
    };
    let Drafting { ranked, outcome } = match drafted {
        Ok(drafting) => drafting,
        Err(error) => {
            return refused(
                "handler-error",
                json!({ "error": contract::error_name(&error) }),
            );
        }
    };
    let articles = evidence(ranked);
    let draft = match outcome {
        Drafted::Drafted(draft) => draft,
        Drafted::Refused(Refusal::NothingFits) => {
            return refused("nothing-fits", json!({ "articles": articles }));
        }
        Drafted::Refused(Refusal::NeedsFacts(facts)) => {
            return refused(
                "needs-facts",
                json!({ "facts": facts, "articles": articles }),
            );
        }
    };
    let stale = draft.sources.iter().any(|source| source.stale);
    let sources: Vec<_> = draft
        .sources
        .into_iter()
        .map(|source| case::event::Source {
            article: source.article,
            title: source.title,
            updated: source.updated,
            stale: source.stale,
        })
        .collect();
    let evidence = opinion.beside(json!({ "articles": articles }));
    let judgement = handler.judgement(input, Some(draft.confidence), evidence);
    let mut document = json!({ "text": draft.body, "sources": sources });
    if let Some(proposal) = opinion.proposal() {
        document["triage"] = proposal.clone();
    }
    // What is due for revision goes to the department, not straight to the citizen.
    let self_answer = !stale && draft.confidence >= self_answer;
    Step::with_document(
        EventData::Drafted {
            sources,
            self_answer,
            judgement,
        },
        document,
    )
}

/// The ranking as the event keeps it.
fn evidence(ranked: Vec<RankedArticle>) -> Vec<Json> {
    ranked
        .into_iter()
        .take(RANKED)
        .map(|ranked| json!({ "article": ranked.article, "confidence": ranked.confidence }))
        .collect()
}

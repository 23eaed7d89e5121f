//! The default handlers, called instead of composed in.
//!
//! A function and a handler each have the types of the contract for
//! themselves, as two components do; what the boundary between components
//! copies is copied here as well, from one type to the other.

#![deny(missing_docs)]

mod convert;

#[allow(
    missing_docs,
    dead_code,
    reason = "generated; the documentation is in wit/"
)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../../wit",
        inline: "
            package native:functions;
            world all {
                import wenzheng:handlers/intake@1.0.0;
                import wenzheng:handlers/classify@1.0.0;
                import wenzheng:handlers/route@1.0.0;
                import wenzheng:handlers/answer@1.0.0;
                import wenzheng:handlers/review@1.0.0;
                import wenzheng:handlers/publish@1.0.0;
                import wenzheng:handlers/survey@1.0.0;
            }
        ",
        world: "native:functions/all",
        generate_all,
        with: { "wenzheng:handlers/types@1.0.0": web::contract::types },
        additional_derives: [serde::Serialize],
    });
}

use convert::{about, all, enums, error, finding, inquiry, span};
use web::contract::types;

/// The stage intake.
pub mod intake {
    use super::*;
    pub use bindings::wenzheng::handlers::intake::{
        Examination, Message, NoDispatch, NoDispatchReason, Signal,
    };
    use intake_handler as handler;

    about!();
    error!();
    span!();
    enums! {
        to_kind: types::CaseKind => handler::CaseKind { Complaint Consultation Help Report Suggestion }
        kind: handler::CaseKind => types::CaseKind { Complaint Consultation Help Report Suggestion }
        urgency: handler::Urgency => types::Urgency { Normal Urgent Emergency }
        to_personal: types::PersonalKind => handler::PersonalKind { Name Phone IdentityNumber Email Address BankAccount Vehicle Account Other }
        personal: handler::PersonalKind => types::PersonalKind { Name Phone IdentityNumber Email Address BankAccount Vehicle Account Other }
        reason: handler::NoDispatchReason => NoDispatchReason { EmergencyLine LegalRoute NoNewFacts SecretOrPrivacy OutOfScope Unlawful }
    }

    /// Examines a message.
    pub fn examine(message: &Message) -> Result<Examination, types::Error> {
        let personal_values = message.personal.iter().map(|value| handler::PersonalValue {
            kind: to_personal(value.kind),
            text: value.text.clone(),
        });
        let found = handler::examine(&handler::Message {
            channel: message.channel.clone(),
            subject: message.subject.clone(),
            body: message.body.clone(),
            language: message.language.clone(),
            kind: message.kind.map(to_kind),
            division: message.division.clone(),
            address: message.address.clone(),
            personal: personal_values.collect(),
        })
        .map_err(error)?;
        Ok(Examination {
            subject: found.subject,
            body: found.body,
            address: found.address,
            language: found.language,
            kind: kind(found.kind),
            urgency: urgency(found.urgency),
            signals: all(found.signals, |signal| Signal {
                id: signal.id,
                urgency: urgency(signal.urgency),
                evidence: span(signal.evidence),
            }),
            personal: all(found.personal, |personal_span| types::PersonalSpan {
                kind: personal(personal_span.kind),
                span: span(personal_span.span),
            }),
            missing: found.missing,
            spam: found.spam,
            no_dispatch: found.no_dispatch.map(|outcome| NoDispatch {
                reason: reason(outcome.reason),
                confidence: outcome.confidence,
                evidence: all(outcome.evidence, span),
            }),
        })
    }
}

/// The stage classify.
pub mod classify {
    use super::*;
    pub use bindings::wenzheng::handlers::classify::{Abstention, Classification, RankedCategory};
    use classify_handler as handler;

    about!();
    span!();
    inquiry!();
    enums! {
        abstention: handler::Abstention => Abstention { BelowThreshold NoText UnknownLanguage NoEvidence UnusualText }
    }

    /// Classifies an inquiry.
    pub fn classify_inquiry(
        asked: &types::Inquiry,
        threshold: u16,
    ) -> Result<Classification, types::Error> {
        let found = handler::classify(&inquiry(asked), threshold);
        Ok(Classification {
            ranked: all(found.ranked, |ranked| RankedCategory {
                category: ranked.category,
                confidence: ranked.confidence,
                evidence: all(ranked.evidence, span),
            }),
            abstained: found.abstained.map(abstention),
        })
    }
}

/// The stage route.
pub mod route {
    use super::*;
    pub use bindings::wenzheng::handlers::route::{
        Candidate, RankedDepartment, Responsibility, Routing,
    };
    use route_handler as handler;

    about!();
    inquiry!();

    /// Routes an inquiry.
    pub fn route_inquiry(
        asked: &types::Inquiry,
        candidates: &[Candidate],
        threshold: u16,
    ) -> Result<Routing, types::Error> {
        let candidates: Vec<_> = candidates.iter().map(candidate).collect();
        let found = handler::route(&inquiry(asked), &candidates, threshold);
        Ok(Routing {
            ranked: all(found.ranked, |ranked| RankedDepartment {
                department: ranked.department,
                confidence: ranked.confidence,
                responsibility: ranked.responsibility,
                reasons: ranked.reasons,
            }),
            co_handling: found.co_handling,
            person_decides: found.person_decides,
        })
    }

    fn candidate(candidate: &Candidate) -> handler::Candidate {
        let responsibilities =
            candidate
                .responsibilities
                .iter()
                .map(|entry| handler::Responsibility {
                    id: entry.id.clone(),
                    title: entry.title.clone(),
                    basis: entry.basis.clone(),
                    categories: entry.categories.clone(),
                    lead: entry.lead,
                });
        handler::Candidate {
            department: candidate.department.clone(),
            names: candidate.names.clone(),
            division: candidate.division.clone(),
            duties: candidate.duties.clone(),
            responsibilities: responsibilities.collect(),
        }
    }
}

/// The stage answer.
pub mod answer {
    use super::*;
    use answer_handler as handler;
    pub use bindings::wenzheng::handlers::answer::{Drafting, Outcome, RankedArticle, Refusal};

    about!();
    inquiry!();

    /// Drafts an answer.
    pub fn draft_answer(
        asked: &types::Inquiry,
        articles: &[types::Article],
        threshold: u16,
    ) -> Result<Drafting, types::Error> {
        let articles: Vec<_> = articles.iter().map(article).collect();
        let drafting = handler::draft_answer(&inquiry(asked), &articles, threshold);
        Ok(Drafting {
            ranked: all(drafting.ranked, |ranked| RankedArticle {
                article: ranked.article,
                confidence: ranked.confidence,
            }),
            outcome: outcome(drafting.outcome),
        })
    }

    fn outcome(outcome: handler::Outcome) -> Outcome {
        match outcome {
            handler::Outcome::Refused(handler::Refusal::NothingFits) => {
                Outcome::Refused(Refusal::NothingFits)
            }
            handler::Outcome::Refused(handler::Refusal::NeedsFacts(facts)) => {
                Outcome::Refused(Refusal::NeedsFacts(facts))
            }
            handler::Outcome::Drafted(draft) => Outcome::Drafted(types::Draft {
                body: draft.body,
                sources: all(draft.sources, |source| types::Source {
                    article: source.article,
                    title: source.title,
                    updated: source.updated,
                    stale: source.stale,
                }),
                confidence: draft.confidence,
            }),
        }
    }

    fn article(article: &types::Article) -> handler::Article {
        handler::Article {
            id: article.id.clone(),
            title: article.title.clone(),
            title_en: article.title_en.clone(),
            questions: article.questions.clone(),
            keywords: article.keywords.clone(),
            body: article.body.clone(),
            body_en: article.body_en.clone(),
            basis: article.basis.clone(),
            department: article.department.clone(),
            category: article.category.clone(),
            updated: article.updated.clone(),
            stale: article.stale,
        }
    }
}

/// The stage review.
pub mod review {
    use super::*;
    use review_handler as handler;

    about!();
    span!();
    inquiry!();
    finding!();

    /// Looks at an answer.
    pub fn check(
        asked: &types::Inquiry,
        answer: &types::AnswerText,
    ) -> Result<Vec<types::Finding>, types::Error> {
        let answer = handler::AnswerText {
            department: answer.department.clone(),
            body: answer.body.clone(),
            basis: answer.basis.clone(),
            contact: answer.contact.clone(),
        };
        Ok(all(handler::check(&inquiry(asked), &answer), finding))
    }
}

/// The stage publish.
pub mod publish {
    use super::*;
    pub use bindings::wenzheng::handlers::publish::{Cut, Passage, PublicCopy};
    use publish_handler as handler;

    about!();
    error!();
    enums! {
        to_field: types::Field => handler::Field { Subject Body Address Answer Supplement }
        field: handler::Field => types::Field { Subject Body Address Answer Supplement }
        to_personal: types::PersonalKind => handler::PersonalKind { Name Phone IdentityNumber Email Address BankAccount Vehicle Account Other }
        personal: handler::PersonalKind => types::PersonalKind { Name Phone IdentityNumber Email Address BankAccount Vehicle Account Other }
    }

    /// Makes the public copy.
    pub fn redact(
        passages: &[Passage],
        spans: &[types::PersonalSpan],
        values: &[types::PersonalValue],
    ) -> Result<PublicCopy, types::Error> {
        let passages: Vec<_> = passages
            .iter()
            .map(|passage| handler::Passage {
                field: to_field(passage.field),
                text: passage.text.clone(),
            })
            .collect();
        let spans: Vec<_> = spans
            .iter()
            .map(|marked| handler::PersonalSpan {
                kind: to_personal(marked.kind),
                span: handler::Span {
                    field: to_field(marked.span.field),
                    start: marked.span.start,
                    end: marked.span.end,
                },
            })
            .collect();
        let values: Vec<_> = values
            .iter()
            .map(|value| handler::PersonalValue {
                kind: to_personal(value.kind),
                text: value.text.clone(),
            })
            .collect();
        let copy = handler::redact(&passages, &spans, &values).map_err(error)?;
        Ok(PublicCopy {
            passages: all(copy.passages, |passage| Passage {
                field: field(passage.field),
                text: passage.text,
            }),
            cuts: all(copy.cuts, |cut| Cut {
                field: field(cut.field),
                start: cut.start,
                end: cut.end,
                kind: personal(cut.kind),
                replacement: cut.replacement,
            }),
        })
    }
}

/// The stage survey.
pub mod survey {
    use super::*;
    pub use bindings::wenzheng::handlers::survey::{
        Consequence, Grade, Outcome, RatedCase, Rating,
    };
    use survey_handler as handler;

    about!();
    enums! {
        to_kind: types::CaseKind => handler::CaseKind { Complaint Consultation Help Report Suggestion }
        to_urgency: types::Urgency => handler::Urgency { Normal Urgent Emergency }
        to_grade: Grade => handler::Grade { VeryDissatisfied Dissatisfied FairlySatisfied Satisfied VerySatisfied }
        outcome: handler::Outcome => Outcome { CloseSolved CloseUnsolved Reopen CallBack }
    }

    /// Judges a rating.
    pub fn judge(rated: RatedCase, rating: &Rating) -> Result<Consequence, types::Error> {
        let rated = handler::RatedCase {
            kind: to_kind(rated.kind),
            urgency: to_urgency(rated.urgency),
            reopened: rated.reopened,
            self_answered: rated.self_answered,
            late: rated.late,
        };
        let rating = handler::Rating {
            grade: to_grade(rating.grade),
            solved: rating.solved,
            comment: rating.comment.clone(),
        };
        let consequence = handler::judge(&rated, &rating);
        Ok(Consequence {
            outcome: outcome(consequence.outcome),
            tell_supervisor: consequence.tell_supervisor,
            reason: consequence.reason,
        })
    }
}

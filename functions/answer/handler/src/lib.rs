//! The default handler of the stage answer: a first answer out of the
//! articles of the knowledge base that full-text search found.

#![deny(missing_docs)]

#[allow(missing_docs)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "answer-handler",
        additional_derives: [PartialEq],
    });
}

mod compose;
mod score;
mod term;

pub use bindings::exports::wenzheng::handlers::answer::{
    Drafting, Outcome, RankedArticle, Refusal,
};
pub use bindings::wenzheng::handlers::types::{
    About, Article, CaseKind, Draft, Error, Inquiry, Source, Urgency,
};

/// A second article is named beside the first from this share of its score
/// on.
const ALSO: f64 = 0.85;

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-answer".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Articles that a ranking names.
const RANKED: usize = 5;

/// Ranks `articles` and drafts an answer to `inquiry` out of the best; refuses
/// below `threshold`, in ten-thousandths, and without a word to go by.
pub fn draft_answer(inquiry: &Inquiry, articles: &[Article], threshold: u16) -> Drafting {
    let question = score::Question::of(inquiry);
    if question.is_empty() {
        return refused(Refusal::NeedsFacts(vec!["question".into()]), vec![]);
    }
    let scored = score::rank(&question, inquiry, articles);
    let best = &scored[..scored.len().min(RANKED)];
    let ranked: Vec<RankedArticle> = best
        .iter()
        .zip(score::confidences(&question, inquiry.kind, best))
        .map(|(one, confidence)| RankedArticle {
            article: articles[one.article].id.clone(),
            confidence,
        })
        .collect();
    let Some((first, confidence)) = scored
        .first()
        .zip(ranked.first().map(|first| first.confidence))
        .filter(|(_, confidence)| *confidence >= threshold)
    else {
        return refused(Refusal::NothingFits, ranked);
    };
    let main = &articles[first.article];
    let also: Vec<&Article> = scored[1..]
        .iter()
        .filter(|other| other.score >= first.score * ALSO)
        .map(|other| &articles[other.article])
        .filter(|article| article.category == main.category)
        .take(1)
        .collect();
    let sources = std::iter::once(main)
        .chain(also.iter().copied())
        .map(source)
        .collect();
    Drafting {
        ranked,
        outcome: Outcome::Drafted(Draft {
            body: compose::body(inquiry, main, &also),
            sources,
            confidence,
        }),
    }
}

fn refused(refusal: Refusal, ranked: Vec<RankedArticle>) -> Drafting {
    Drafting {
        ranked,
        outcome: Outcome::Refused(refusal),
    }
}

fn source(article: &Article) -> Source {
    Source {
        article: article.id.clone(),
        title: article.title.clone(),
        updated: article.updated.clone(),
        stale: article.stale,
    }
}

#[cfg(target_arch = "wasm32")]
mod component {
    use super::{About, Article, Drafting, Error, Inquiry, bindings};

    struct Component;

    impl bindings::exports::wenzheng::handlers::answer::Guest for Component {
        fn describe() -> About {
            super::describe()
        }

        fn draft_answer(
            inquiry: Inquiry,
            articles: Vec<Article>,
            threshold: u16,
        ) -> Result<Drafting, Error> {
            Ok(super::draft_answer(&inquiry, &articles, threshold))
        }
    }

    bindings::export!(Component with_types_in bindings);
}

#[cfg(test)]
mod tests;

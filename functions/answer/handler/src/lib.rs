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

pub use bindings::exports::wenzheng::handlers::answer::{Drafting, Refusal};
pub use bindings::wenzheng::handlers::types::{
    About, Article, CaseKind, Draft, Error, Inquiry, Source, Urgency,
};

/// A second article is named beside the first from this share of its score
/// on, in hundredths.
const ALSO: u32 = 85;

/// Which handler this is.
pub fn describe() -> About {
    About {
        name: "wenzheng-answer".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Drafts an answer to `inquiry` out of `articles`; refuses below
/// `threshold`, in ten-thousandths, and without a word to go by.
pub fn draft_answer(inquiry: &Inquiry, articles: &[Article], threshold: u16) -> Drafting {
    let question = score::Question::of(inquiry);
    if question.is_empty() {
        return Drafting::Refused(Refusal::NeedsFacts(vec!["question".into()]));
    }
    let ranked = score::rank(&question, inquiry, articles);
    let Some(first) = ranked.first() else {
        return Drafting::Refused(Refusal::NothingFits);
    };
    let second = ranked.get(1).map_or(0, |ranked| ranked.score);
    let confidence = score::confidence(inquiry.kind, first.score, second);
    if confidence < threshold {
        return Drafting::Refused(Refusal::NothingFits);
    }
    let main = &articles[first.article];
    let also: Vec<&Article> = ranked[1..]
        .iter()
        .filter(|ranked| ranked.score * 100 >= first.score * ALSO)
        .map(|ranked| &articles[ranked.article])
        .filter(|article| article.category == main.category)
        .take(1)
        .collect();
    let sources = std::iter::once(main)
        .chain(also.iter().copied())
        .map(source)
        .collect();
    Drafting::Drafted(Draft {
        body: compose::body(inquiry, main, &also),
        sources,
        confidence,
    })
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

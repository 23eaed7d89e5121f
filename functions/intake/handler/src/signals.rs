//! Signs of an emergency.

use text::{Hit, Phrases, sentence_at, sentences};

use crate::tables::{SIGNAL_PHRASES, SIGNALS, Sign};
use crate::{Signal, Span, Texts, Urgency};

/// How far around a phrase, in characters, another can take it back. Messages
/// without full stops are one sentence, and what is said at its end does not
/// concern its beginning.
const REACH: usize = 30;

/// The signs in the texts, each once, with the first sentence that shows it;
/// emergencies first.
pub(crate) fn find(texts: &Texts<'_>) -> Vec<Signal> {
    let mut found: Vec<Signal> = Vec::new();
    for (field, view) in texts.views() {
        let hits = Phrases::new(SIGNAL_PHRASES).all(view);
        if hits.is_empty() {
            continue;
        }
        let sentences = sentences(view);
        for hit in &hits {
            let Sign::Means(sign) = *hit.value else {
                continue;
            };
            let (id, urgency) = SIGNALS[sign];
            let Some(sentence) = sentence_at(&sentences, hit.start) else {
                continue;
            };
            if found.iter().any(|signal| signal.id == id) || taken_back(hit, sign, sentence, &hits)
            {
                continue;
            }
            let (start, end) = view.span(sentence.start, sentence.end);
            found.push(Signal {
                id: id.into(),
                urgency,
                evidence: Span { field, start, end },
            });
        }
    }
    let (mut found, urgent): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|signal| signal.urgency == Urgency::Emergency);
    found.extend(urgent);
    found
}

fn taken_back(
    hit: &Hit<'_, Sign>,
    sign: usize,
    sentence: text::Sentence,
    hits: &[Hit<'_, Sign>],
) -> bool {
    let from = sentence.start.max(hit.start.saturating_sub(REACH));
    let to = sentence.end.min(hit.end + REACH);
    let first = hits.partition_point(|other| other.start < from);
    hits[first..]
        .iter()
        .take_while(|other| other.start < to)
        .any(|other| *other.value == Sign::Unless(sign) && other.end <= to)
}

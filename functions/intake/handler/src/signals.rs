//! Signs of an emergency.
//!
//! A sign is a phrase that says it alone, or several words that say it together ([`Cue`]). It is taken back by what
//! stands around it: "if a fire breaks out", "last year", "we suggest"; and by a model, where all of it sounds like
//! everyday life. Where no words are left, the model listens for itself ([`heard`]).

use text::{Hit, Phrases, Sentence, View, sentence_at, sentences};

use model::alarm::LATIN;

use crate::heard;
use crate::tables::{CUES, Cue, LISTS, NEVER_CALM, SIGNAL_PHRASES, SIGNALS, Sign};
use crate::{Field, Signal, Span, Texts, Urgency};

/// How far around a phrase, in characters, another can take it back. Messages
/// without full stops are one sentence, and what is said at its end does not
/// concern its beginning.
const REACH: usize = 30;
/// How far before a sign the word stands that says it has not happened.
const DIRECT: usize = 3;
/// A longer message, in characters, tells a story: in it, a sign that comes late is mostly told and not reported.
const LONG: usize = 120;
/// What stands among so many first characters of the body is what the message is about.
const HEAD: usize = 60;

/// A stretch of a text that shows a sign.
#[derive(Clone, Copy, Debug)]
struct Shown {
    sign: usize,
    start: usize,
    end: usize,
}

/// The signs in the texts, each once, with the first sentence that shows it;
/// emergencies first.
pub(crate) fn find(texts: &Texts<'_>) -> Vec<Signal> {
    let mut found: Vec<Signal> = Vec::new();
    let long = texts.length() > LONG;
    // A brief message is one cry: a single word may be a sign in it.
    let brief = texts.length() <= heard::most(texts.language);
    let hits = texts
        .views()
        .map(|(_, view)| Phrases::new(SIGNAL_PHRASES).all(view));
    for ((field, view), hits) in texts.views().into_iter().zip(&hits) {
        if hits.is_empty() {
            continue;
        }
        let sentences = sentences(view);
        for shown in shown(view, hits, &sentences, brief) {
            let (id, urgency) = SIGNALS[shown.sign];
            if found.iter().any(|signal| signal.id == id) {
                continue;
            }
            let Some(sentence) = sentence_at(&sentences, shown.start) else {
                continue;
            };
            let near = Near::of(view, shown, sentence, hits);
            let late = long && field == Field::Body && shown.start >= HEAD;
            if near.takes_back(shown.sign) || late && !near.call {
                continue;
            }
            if !NEVER_CALM.contains(&shown.sign)
                && heard::calms(view, sentence, shown.start, texts.language, brief)
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
    if found.is_empty() {
        found.extend(heard::find(texts, &hits, brief));
    }
    found
}

/// Everything that may be a sign, in order.
fn shown(view: &View, hits: &[Hit<'_, Sign>], sentences: &[Sentence], brief: bool) -> Vec<Shown> {
    let mut words: Vec<Vec<(usize, usize)>> = vec![Vec::new(); LISTS];
    let mut all = Vec::new();
    for hit in hits {
        match *hit.value {
            Sign::Means(sign) => all.push(Shown {
                sign,
                start: hit.start,
                end: hit.end,
            }),
            Sign::Part(list) => words[list].push((hit.start, hit.end)),
            _ => {}
        }
    }
    for cue in CUES.iter().filter(|cue| brief || !cue.brief) {
        if cue.parts.iter().all(|list| !words[*list].is_empty()) {
            together(view, cue, &words, sentences, &mut all);
        }
    }
    all.sort_by_key(|shown| shown.start);
    all
}

/// Adds every place where the parts of `cue` stand together.
fn together(
    view: &View,
    cue: &Cue,
    words: &[Vec<(usize, usize)>],
    sentences: &[Sentence],
    all: &mut Vec<Shown>,
) {
    let Some((first, others)) = cue.parts.split_first() else {
        return;
    };
    for anchor in &words[*first] {
        let Some(sentence) = sentence_at(sentences, anchor.0) else {
            continue;
        };
        let latin = view.chars()[anchor.0].is_ascii_alphabetic();
        let reach = if latin { cue.reach * LATIN } else { cue.reach };
        let from = sentence.start.max(anchor.0.saturating_sub(reach));
        let to = sentence.end.min(anchor.1 + reach);
        let mut taken = vec![*anchor];
        let whole = others.iter().all(|list| {
            let list = &words[*list];
            let at = list.partition_point(|word| word.0 < from);
            let free = list[at..]
                .iter()
                .take_while(|word| word.0 < to)
                .filter(|word| word.1 <= to)
                .find(|word| {
                    taken
                        .iter()
                        .all(|other| word.1 <= other.0 || other.1 <= word.0)
                });
            taken.extend(free);
            free.is_some()
        });
        if whole {
            let start = taken.iter().map(|word| word.0).min();
            let end = taken.iter().map(|word| word.1).max();
            all.push(Shown {
                sign: cue.sign,
                start: start.unwrap_or(anchor.0),
                end: end.unwrap_or(anchor.1),
            });
        }
    }
}

/// What stands around a sign in its sentence.
struct Near<'h> {
    hits: Vec<&'h Sign>,
    before: bool,
    around: bool,
    now: bool,
    call: bool,
}

impl<'h> Near<'h> {
    fn of(view: &View, shown: Shown, sentence: Sentence, hits: &'h [Hit<'_, Sign>]) -> Self {
        let from = sentence.start.max(shown.start.saturating_sub(REACH));
        let to = sentence.end.min(shown.end + REACH);
        let first = hits.partition_point(|other| other.start < from);
        let mut near = Self {
            hits: Vec::new(),
            before: false,
            around: false,
            now: false,
            call: false,
        };
        let inside = hits[first..]
            .iter()
            .take_while(|other| other.start < to)
            .filter(|other| other.end <= to);
        for hit in inside {
            match hit.value {
                Sign::Before => {
                    let inside = hit.start > shown.start && hit.end < shown.end;
                    near.before |= inside || directly(view, hit.end, shown.start);
                }
                Sign::Around => near.around = true,
                Sign::Now => near.now = true,
                Sign::Call => near.call = true,
                other => near.hits.push(other),
            }
        }
        near
    }

    fn takes_back(&self, sign: usize) -> bool {
        let calm = self.before || self.around && !self.now;
        calm && !NEVER_CALM.contains(&sign) || self.hits.contains(&&Sign::Unless(sign))
    }
}

/// Whether a sign that starts at `to` follows a word that ends at `from`, with no stop between them.
fn directly(view: &View, from: usize, to: usize) -> bool {
    from <= to
        && to <= from + DIRECT
        && view.chars()[from..to]
            .iter()
            .all(|c| c.is_alphanumeric() || *c == ' ')
}

//! What the trained model hears: danger that the district's words do not name, and everyday life in which a word means
//! none.

use std::ops::Range;
use std::sync::OnceLock;

use model::alarm::{Alarm, BRIEF, LATIN, WINDOW};
use text::{Hit, Language, Sentence, View, clauses, sentences};

use crate::tables::{HEARD, SIGNALS, Sign};
use crate::{Field, Signal, Span, Texts};

static BYTES: &[u8] = include_bytes!("../../../../models/urgency.bin");
static MODEL: OnceLock<Option<Alarm<'static>>> = OnceLock::new();

/// The model, unless the district has no signal for it. `build.rs` has read the same bytes.
fn model() -> Option<&'static Alarm<'static>> {
    HEARD?;
    MODEL.get_or_init(|| Alarm::new(BYTES).ok()).as_ref()
}

/// As many characters of a text in `language` as say what one of a Chinese text does.
fn times(language: Language) -> usize {
    match language {
        Language::English => LATIN,
        _ => 1,
    }
}

/// The most characters of a brief message.
pub(crate) fn most(language: Language) -> usize {
    BRIEF * times(language)
}

/// The part of the texts that sounds most like an emergency, if it sounds enough like one and none of the words in it,
/// which `hits` has for each of [`Texts::views`], takes it back: a window of clauses, or subject or body of a `brief`
/// message. `None` in a district without a signal for it.
pub(crate) fn find(
    texts: &Texts<'_>,
    hits: &[Vec<Hit<'_, Sign>>; 2],
    brief: bool,
) -> Option<Signal> {
    let (id, urgency) = SIGNALS[HEARD?];
    let model = model()?;
    let threshold = model.threshold(texts.length() / times(texts.language));
    let mut best: Option<(f32, Field, &View, Range<usize>)> = None;
    for ((field, view), hits) in texts.views().into_iter().zip(hits) {
        let mut judge = |part: Range<usize>, score| {
            if best.as_ref().is_none_or(|(most, ..)| score > *most) && !is_calm(hits, &part) {
                best = Some((score, field, view, part));
            }
        };
        let Some(all) = all(view) else {
            continue;
        };
        if brief {
            let score = model.score(view.chars());
            if model.hears(score) {
                judge(all.start..all.end, score);
            }
            continue;
        }
        let wholes = match field {
            Field::Subject => vec![all],
            _ => sentences(view),
        };
        for whole in wholes {
            let clauses = clauses(view, whole, 0);
            let clauses = clauses.iter().map(|clause| clause.start..clause.end);
            let clauses = model.listen(view.chars(), clauses);
            for (part, score) in model.windows(&clauses, WINDOW * times(texts.language)) {
                if score >= threshold {
                    judge(part, score);
                }
            }
        }
    }
    let (_, field, view, part) = best?;
    let (start, end) = view.span(part.start, part.end);
    Some(Signal {
        id: id.into(),
        urgency,
        evidence: Span { field, start, end },
    })
}

/// Whether words in `part` say that it is a request, a rule, a habit or long past, and none that it is now.
fn is_calm(hits: &[Hit<'_, Sign>], part: &Range<usize>) -> bool {
    let from = hits.partition_point(|hit| hit.start < part.start);
    let inside = hits[from..]
        .iter()
        .take_while(|hit| hit.start < part.end)
        .filter(|hit| hit.end <= part.end);
    inside.clone().any(|hit| *hit.value == Sign::Around)
        && !inside.clone().any(|hit| *hit.value == Sign::Now)
}

/// Whether the part of `sentence` around `at` sounds so much like everyday life that a word there is no sign of danger;
/// a `brief` text is one part.
pub(crate) fn calms(
    view: &View,
    sentence: Sentence,
    at: usize,
    language: Language,
    brief: bool,
) -> bool {
    let part = if brief {
        all(view).unwrap_or(sentence)
    } else {
        clauses(view, sentence, most(language))
            .into_iter()
            .rfind(|part| part.start <= at)
            .unwrap_or(sentence)
    };
    model().is_some_and(|model| model.calms(model.score(&view.chars()[part.start..part.end])))
}

fn all(view: &View) -> Option<Sentence> {
    let end = view.chars().len();
    (end > 0).then_some(Sentence { start: 0, end })
}

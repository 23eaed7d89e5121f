//! What the trained model hears: danger that the district's words do not name, and everyday life in which a word means
//! none.

use std::sync::OnceLock;

use model::alarm::{Alarm, BRIEF, LATIN};
use text::{Language, Sentence, View, clauses, sentences};

use crate::signals::is_calm;
use crate::tables::{HEARD, SIGNALS};
use crate::{Field, Signal, Span, Texts};

static BYTES: &[u8] = include_bytes!("../../../../models/urgency.bin");
static MODEL: OnceLock<Option<Alarm<'static>>> = OnceLock::new();

/// The model, unless the district has no signal for it. `build.rs` has read the same bytes.
fn model() -> Option<&'static Alarm<'static>> {
    HEARD?;
    MODEL.get_or_init(|| Alarm::new(BYTES).ok()).as_ref()
}

/// The most characters that are judged as one.
pub(crate) fn most(language: Language) -> usize {
    match language {
        Language::English => BRIEF * LATIN,
        _ => BRIEF,
    }
}

/// The part of the texts that sounds most like an emergency, if it sounds enough like one; of a `brief` message subject
/// and body are one part each. `None` in a district without a signal for it.
pub(crate) fn find(texts: &Texts<'_>, brief: bool) -> Option<Signal> {
    let (id, urgency) = SIGNALS[HEARD?];
    let model = model()?;
    let mut best: Option<(f32, Field, &View, Sentence)> = None;
    for (field, view) in texts.views() {
        let wholes = if brief || field == Field::Subject {
            all(view).into_iter().collect()
        } else {
            sentences(view)
        };
        for whole in wholes {
            for part in parts(view, whole, texts.language, brief) {
                let score = model.score(&view.chars()[part.start..part.end]);
                if model.hears(score, brief)
                    && best.as_ref().is_none_or(|(most, ..)| score > *most)
                    && !is_calm(view, whole, part)
                {
                    best = Some((score, field, view, part));
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

/// Whether the part of `sentence` around `at` sounds so much like everyday life that a word there is no sign of danger;
/// a `brief` text is one part.
pub(crate) fn calms(
    view: &View,
    sentence: Sentence,
    at: usize,
    language: Language,
    brief: bool,
) -> bool {
    let whole = if brief {
        all(view).unwrap_or(sentence)
    } else {
        sentence
    };
    let part = parts(view, whole, language, brief)
        .into_iter()
        .rfind(|part| part.start <= at)
        .unwrap_or(whole);
    model().is_some_and(|model| model.calms(model.score(&view.chars()[part.start..part.end])))
}

/// What is judged as one.
fn parts(view: &View, whole: Sentence, language: Language, brief: bool) -> Vec<Sentence> {
    if brief {
        vec![whole]
    } else {
        clauses(view, whole, most(language))
    }
}

fn all(view: &View) -> Option<Sentence> {
    let end = view.chars().len();
    (end > 0).then_some(Sentence { start: 0, end })
}

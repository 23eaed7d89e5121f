//! What the trained model hears, where the district's words find nothing.

use std::sync::OnceLock;

use model::alarm::Alarm;
use text::{Sentence, View, sentences};

use crate::signals::is_calm;
use crate::tables::{HEARD, SIGNALS};
use crate::{Field, Signal, Span, Texts};

static BYTES: &[u8] = include_bytes!("../../../../models/urgency.bin");
static MODEL: OnceLock<Option<Alarm<'static>>> = OnceLock::new();

/// The sentence that sounds most like an emergency, if it sounds enough like one; of a `brief` message subject and body
/// are one sentence each. `None` in a district without a signal for it.
pub(crate) fn find(texts: &Texts<'_>, brief: bool) -> Option<Signal> {
    let (id, urgency) = SIGNALS[HEARD?];
    // `build.rs` has read the same bytes.
    let model = MODEL.get_or_init(|| Alarm::new(BYTES).ok()).as_ref()?;
    let mut best: Option<(f32, Field, &View, Sentence)> = None;
    for (field, view) in texts.views() {
        for sentence in stretches(field, view, brief) {
            let score = model.score(&view.chars()[sentence.start..sentence.end]);
            if model.hears(score, brief)
                && best.as_ref().is_none_or(|(most, ..)| score > *most)
                && !is_calm(view, sentence)
            {
                best = Some((score, field, view, sentence));
            }
        }
    }
    let (_, field, view, sentence) = best?;
    let (start, end) = view.span(sentence.start, sentence.end);
    Some(Signal {
        id: id.into(),
        urgency,
        evidence: Span { field, start, end },
    })
}

/// What is judged as one.
fn stretches(field: Field, view: &View, brief: bool) -> Vec<Sentence> {
    if brief || field == Field::Subject {
        let end = view.chars().len();
        return if end > 0 {
            vec![Sentence { start: 0, end }]
        } else {
            Vec::new()
        };
    }
    sentences(view)
}

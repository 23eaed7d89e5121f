//! What the trained model says.

use std::sync::OnceLock;

use model::{Grams, Judgement, Model};

use crate::tables::LABELLED;
use crate::{Field, Span};

static BYTES: &[u8] = include_bytes!("../../../../models/classify.bin");
static MODEL: OnceLock<Option<Model<'static>>> = OnceLock::new();

/// Of a message's pairs of characters, at least this part, in hundredths, was
/// seen in training. A bound for what is plainly another language or subject,
/// not a fitted one.
const FAMILIAR: usize = 40;
/// A text with fewer pairs says too little to call it strange.
const TELLING: usize = 12;

/// With fewer known pairs and no keyword a message is a sigh, not a matter.
const ENOUGH: usize = 4;

/// With fewer known pairs a message is a few words, unlike what was learned
/// from: a keyword among them says more than the model.
const SURE_ENOUGH: usize = 8;

/// The model's judgement of a message.
pub(crate) struct Learned {
    model: Option<&'static Model<'static>>,
    judgement: Option<Judgement>,
}

impl Learned {
    /// Judges a message by its subject, its body and what follows.
    pub fn judge(grams: &[Grams]) -> Self {
        // `build.rs` has read and checked the same bytes.
        let model = MODEL.get_or_init(|| Model::new(BYTES).ok()).as_ref();
        let judgement = model
            .zip(grams.split_first())
            .map(|(model, (subject, others))| model.judge(subject, others));
        Self { model, judgement }
    }

    /// Whether there is anything to judge by.
    pub fn knows_enough(&self) -> bool {
        self.judgement
            .as_ref()
            .is_some_and(|judgement| judgement.known >= ENOUGH)
    }

    /// Whether keywords, if there are any, say more.
    pub fn says_little(&self) -> bool {
        self.judgement
            .as_ref()
            .is_none_or(|judgement| judgement.known < SURE_ENOUGH)
    }

    /// Whether hardly anything of a text that says enough was seen in training.
    pub fn is_strange(&self) -> bool {
        self.judgement.as_ref().is_some_and(|judgement| {
            judgement.pairs >= TELLING && 100 * judgement.known < FAMILIAR * judgement.pairs
        })
    }

    /// The categories of the first level that have been learned, best first:
    /// how sure the first is, and what it leaves the others, in
    /// ten-thousandths.
    pub fn tops(&self) -> Vec<(u16, u16)> {
        let (Some(model), Some(judgement)) = (self.model, &self.judgement) else {
            return Vec::new();
        };
        let mut shares: Vec<(u16, f32)> = LABELLED
            .iter()
            .zip(&judgement.shares)
            .filter_map(|(category, share)| Some(((*category)?, *share)))
            .collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let Some((_, first)) = shares.first().copied() else {
            return Vec::new();
        };
        let sure = model.confidence(first);
        let rest: f32 = shares[1..].iter().map(|(_, share)| share).sum();
        shares
            .iter()
            .enumerate()
            .map(|(place, (category, share))| {
                let sure = match place {
                    0 => sure,
                    _ if rest > 0.0 => ((1.0 - sure) * share / rest).min(sure),
                    _ => 0.0,
                };
                (*category, (sure * 10_000.0 + 0.5) as u16)
            })
            .collect()
    }

    /// Where the words stand that speak most for the category `top` of the
    /// first level: at most `most`.
    pub fn spans(&self, top: u16, most: usize) -> Vec<Span> {
        let class = LABELLED.iter().position(|category| *category == Some(top));
        let (Some(model), Some(judgement), Some(class)) = (self.model, &self.judgement, class)
        else {
            return Vec::new();
        };
        model
            .pieces(judgement, class, most)
            .into_iter()
            .filter_map(|piece| {
                // Supplements are several texts, which a span cannot tell apart.
                let field = match piece.text {
                    0 => Field::Subject,
                    1 => Field::Body,
                    _ => return None,
                };
                Some(Span {
                    field,
                    start: piece.start,
                    end: piece.end,
                })
            })
            .collect()
    }
}

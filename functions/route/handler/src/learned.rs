//! What the trained model says: which family of bodies a message is for.

use std::sync::OnceLock;

use model::Model;

use crate::score::{Score, Words};

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

static BYTES: &[u8] = include_bytes!("../../../../models/route.bin");
static MODEL: OnceLock<Option<Model<'static>>> = OnceLock::new();

/// With fewer known pairs of characters a message says nothing to the model.
const ENOUGH: usize = 4;
/// Points of a family that is certain. What a category is worth stands beside
/// it, so that the responsibility list can contradict the model. For a figure
/// of the whole handler, learn without a fifth (`cargo xtask train --only route
/// --leave-out N`), build (`cargo xtask handler route`) and let `wenzheng
/// evaluate route` judge the rows that were left out: above 900 it hardly
/// matters.
const POINTS: f32 = 900.0;
/// A share that says nothing.
const LITTLE: f32 = 0.02;
/// What each body of a family has beside its points for the matter, when its
/// part of the family's points is told, and what the family's first has more.
const SISTER: u32 = 60;
const ELDEST: u32 = 120;

/// Adds to `scores` what the model says of `words`. The body of a family that
/// most speaks for gets all points of the family, its sisters less.
pub(crate) fn add(scores: &mut [Score<'_>], words: &Words) {
    // `build.rs` has read and checked the same bytes.
    let Some(model) = MODEL.get_or_init(|| Model::new(BYTES).ok()) else {
        return;
    };
    let (subject, others) = words.grams();
    let judgement = model.judge(&subject, std::slice::from_ref(&others));
    if judgement.known < ENOUGH {
        return;
    }
    let mut most = vec![0; judgement.shares.len()];
    let found: Vec<Option<(usize, u32)>> = scores
        .iter()
        .map(|score| {
            let department = score.candidate.department.as_str();
            let at = FAMILIES.binary_search_by(|entry| entry.0.cmp(department));
            let (_, class, eldest) = FAMILIES[at.ok()?];
            let weight = score.matter + SISTER + if eldest { ELDEST } else { 0 };
            most[class] = weight.max(most[class]);
            Some((class, weight))
        })
        .collect();
    for (score, found) in scores.iter_mut().zip(found) {
        let Some((class, weight)) = found else {
            continue;
        };
        let share = judgement.shares[class];
        if share < LITTLE {
            continue;
        }
        let points = (POINTS * share * weight as f32 / most[class] as f32) as u32;
        if points > 0 {
            score.points += points;
            score
                .reasons
                .push(format!("family:{}", model.classes()[class]));
        }
    }
}

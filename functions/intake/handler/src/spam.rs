//! Advertising and noise.

use std::collections::BTreeSet;

use text::Language;

use crate::cues::Cue;
use crate::{Field, Texts};

/// How sure it is that the message is spam, in ten-thousandths. Whoever
/// complains about advertising quotes it; so such words halve the figure.
pub(crate) fn confidence(texts: &Texts<'_>) -> u16 {
    let mut score = 0u32;
    let mut complains = false;
    let (mut letters, mut total) = (0usize, 0usize);
    let mut distinct = BTreeSet::new();
    for (field, view, cues) in texts.cued() {
        let mut adverts = BTreeSet::new();
        let mut links = 0u32;
        for (start, end, cue) in cues {
            match cue {
                Cue::Advert => drop(adverts.insert(&view.chars()[*start..*end])),
                Cue::Link => links += 1,
                Cue::Report | Cue::Complaint | Cue::Question => complains = true,
                _ => {}
            }
        }
        let weight = if field == Field::Subject { 2 } else { 1 };
        score += adverts.len() as u32 * 2200 * weight + links.min(3) * 1200;
        letters += view
            .chars()
            .iter()
            .filter(|c| text::is_alphanumeric(**c))
            .count();
        total += view.chars().iter().filter(|c| !c.is_whitespace()).count();
        distinct.extend(
            view.chars()
                .iter()
                .copied()
                .filter(|c| text::is_alphanumeric(*c)),
        );
    }
    if complains {
        score /= 2;
    }
    score += match letters {
        0 => 9500,
        _ if letters * 10 < total * 3 => 5000,
        _ => 0,
    };
    // The same few characters over and over.
    let few = match letters {
        0..20 => false,
        20..400 => distinct.len() * 8 < letters.min(80),
        _ => distinct.len() < 15,
    };
    if few {
        score += 6000;
    }
    // Digits and signs in no language, yet not a short number or name.
    if texts.language == Language::Undetermined
        && letters > 0
        && distinct.iter().all(char::is_ascii_digit)
    {
        score += 4000;
    }
    score.min(9900) as u16
}

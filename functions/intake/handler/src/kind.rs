//! What a citizen wants, where the citizen did not say.

use crate::cues::Cue;
use crate::{CaseKind, Field, Texts};

/// The kind that most cues speak for; a request for help if none does.
pub(crate) fn find(texts: &Texts<'_>) -> CaseKind {
    let (mut complaint, mut question, mut help, mut report, mut suggestion) = (0, 0, 0, 0, 0);
    let mut authority = false;
    for (field, view, cues) in texts.cued() {
        // What a citizen puts into the subject says more about the message.
        let weight = if field == Field::Subject { 3 } else { 1 };
        for (_, _, cue) in cues {
            match cue {
                Cue::Complaint => complaint += 2 * weight,
                Cue::Question => question += 2 * weight,
                Cue::Help => help += 2 * weight,
                Cue::Report => report += 2 * weight,
                Cue::Suggestion => suggestion += 3 * weight,
                Cue::Authority => authority = true,
                _ => {}
            }
        }
        question += view.chars().iter().filter(|c| **c == '?').count().min(3) * weight;
    }
    // "投诉" against a shop or a neighbour is a report, against an authority a complaint.
    if complaint > 0 && !authority {
        (report, complaint) = (report + complaint, 0);
    }
    let best = [
        (complaint, CaseKind::Complaint),
        (suggestion, CaseKind::Suggestion),
        (report, CaseKind::Report),
        (question, CaseKind::Consultation),
        (help + 1, CaseKind::Help),
    ];
    // Of equals the first stands.
    best.into_iter()
        .rev()
        .max_by_key(|(score, _)| *score)
        .map_or(CaseKind::Help, |(_, kind)| kind)
}

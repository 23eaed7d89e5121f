//! Facts that a department is likely to ask for.

use text::View;

use crate::cues::{Cue, Found};
use crate::{CaseKind, Texts};

/// Fewer letters than this tell nobody what happened.
const DETAILS: usize = 10;
/// Two characters before a word for a place that do not make a name of it:
/// `我们小区` is any estate.
const UNNAMED: &[&str] = &[
    "我们", "我家", "这个", "那个", "一个", "附近", "我的", "他们", "你们", "某个", "哪个", "哪些",
    "什么", "所有", "各个", "很多", "整个", "有个", "咱们", "家的", "里的", "本地", "住的", "在的",
    "个别", "其他", "到了", "去了", "回家",
];

/// Names of the missing facts: `details`, `place`, `time`.
pub(crate) fn find(texts: &Texts<'_>, kind: CaseKind, has_address: bool) -> Vec<String> {
    let mut missing = Vec::new();
    let letters = |view: &View| {
        view.chars()
            .iter()
            .filter(|c| text::is_alphanumeric(**c))
            .count()
    };
    if letters(&texts.subject) + letters(&texts.body) < DETAILS {
        missing.push("details".into());
    }
    let happened = matches!(
        kind,
        CaseKind::Complaint | CaseKind::Help | CaseKind::Report
    );
    if happened && !has_address && !texts.cued().iter().any(|(_, view, cues)| place(view, cues)) {
        missing.push("place".into());
    }
    if matches!(kind, CaseKind::Complaint | CaseKind::Report)
        && !texts.cued().iter().any(|(_, view, cues)| time(view, cues))
    {
        missing.push("time".into());
    }
    missing
}

/// Whether a place is named.
fn place(view: &View, cues: &[Found]) -> bool {
    let chars = view.chars();
    cues.iter()
        .filter(|(_, _, cue)| *cue == Cue::Place)
        .any(|(start, _, _)| {
            let Some(before) = start.checked_sub(2).map(|from| &chars[from..*start]) else {
                return false;
            };
            if chars[*start].is_ascii() {
                return before[0].is_ascii_alphanumeric();
            }
            let name: String = before.iter().collect();
            before.iter().all(|c| text::is_alphanumeric(*c)) && !UNNAMED.contains(&name.as_str())
        })
}

/// Whether a time is named.
fn time(view: &View, cues: &[Found]) -> bool {
    let numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十几多两".contains(c);
    let unit = |c: char| "年月日号点时天周:".contains(c);
    view.chars()
        .windows(2)
        .any(|pair| numeral(pair[0]) && unit(pair[1]))
        || view
            .chars()
            .windows(3)
            .any(|three| numeral(three[0]) && three[1] == '个' && unit(three[2]))
        || cues.iter().any(|(_, _, cue)| *cue == Cue::Time)
}

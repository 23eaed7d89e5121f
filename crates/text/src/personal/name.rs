//! Names of persons: behind words that announce them, before titles, beside
//! telephone numbers, and as the signature of a text.

use super::name_tables::{AMBIGUOUS, BEFORE_TITLE, COMPOUND, CUES, Cue, GIVEN, SURNAMES, WORDS};
use super::{Kind, Raw, Scan, Setting, han};
use crate::phrases::Phrases;

/// Characters behind a name that go on with the sentence.
const FOLLOWERS: &str = "的是在于因被和与向住家今现年男女电手身户有说于，";

pub(super) fn scan(scan: &Scan, out: &mut Vec<Raw>) {
    let mut names = Vec::new();
    // Beside a number: `张建国 138…`.
    let numbers: Vec<usize> = out
        .iter()
        .filter(|raw| matches!(raw.kind, Kind::Phone | Kind::IdentityNumber))
        .map(|raw| raw.start)
        .collect();
    let citizen = scan.setting != Setting::Official;
    for hit in Phrases::new(CUES).all(&scan.view) {
        names.extend(match *hit.value {
            Cue::Strong if citizen => announced(scan, hit.end, true),
            Cue::Weak if citizen => announced(scan, hit.end, false),
            Cue::Title { polite } if citizen || polite => titled(scan, hit.start),
            Cue::English { least, most } => english(scan, hit.end, least, most),
            _ => None,
        });
    }
    if citizen {
        names.extend(numbers.into_iter().filter_map(|start| beside(scan, start)));
        names.extend(signature(scan));
    }
    out.extend(names.into_iter().map(|(start, end)| Raw {
        kind: Kind::Name,
        start,
        end,
    }));
}

/// Length of the surname at `index`; 0 if there is none.
fn surname(scan: &Scan, index: usize) -> usize {
    if COMPOUND.iter().any(|name| scan.stands(index, name)) {
        2
    } else {
        usize::from(SURNAMES.contains(scan.at(index)))
    }
}

/// Length of a whole name at `index` that could hardly be anything else; the
/// longer of two is tried first and has to end where `ends` says.
fn full(scan: &Scan, index: usize, ends: impl Fn(usize) -> bool) -> Option<usize> {
    let surname = surname(scan, index);
    let word = WORDS.iter().any(|word| scan.stands(index, word));
    if surname == 0 || word {
        return None;
    }
    [2, 1]
        .into_iter()
        .map(|given| surname + given)
        .find(|length| {
            (index + surname..index + length).all(|at| GIVEN.contains(scan.at(at)))
                && ends(index + length)
        })
}

/// A name behind a word that announces it and ends at `start`.
fn announced(scan: &Scan, mut start: usize, mut sure: bool) -> Option<(usize, usize)> {
    while matches!(scan.at(start), ':' | ' ' | '(' | '叫' | '=' | '"' | '“') {
        sure |= matches!(scan.at(start), ':' | '叫' | '=');
        start += 1;
    }
    let ends = |end: usize| !han(scan.at(end)) || FOLLOWERS.contains(scan.at(end));
    let likely = |length: &usize| sure || *length > 2 || !AMBIGUOUS.contains(scan.at(start));
    if let Some(length) = full(scan, start, ends).filter(likely) {
        return Some((start, start + length));
    }
    if !sure {
        return None;
    }
    let run = (0..13)
        .take_while(|ahead| han(scan.at(start + ahead)) || scan.at(start + ahead) == '·')
        .count();
    let dotted = (0..run).any(|ahead| scan.at(start + ahead) == '·');
    let length = match surname(scan, start) {
        // A name of another people, if nothing else stands there.
        0 => {
            if dotted || matches!(run, 2..=4) {
                run
            } else {
                0
            }
        }
        _ if dotted => run,
        surname => {
            // What stands alone behind the colon is the name; else two characters of it are.
            let most = if run <= 4 {
                run.saturating_sub(surname)
            } else {
                2
            };
            let given = (0..most)
                .take_while(|ahead| {
                    let c = scan.at(start + surname + ahead);
                    han(c) && !(FOLLOWERS.contains(c) && !(*ahead == 0 && GIVEN.contains(c)))
                })
                .count();
            if given == 0 { 0 } else { surname + given }
        }
    };
    (length >= 2).then_some((start, start + length))
}

/// A name before the title at `index`.
fn titled(scan: &Scan, index: usize) -> Option<(usize, usize)> {
    if index >= 2 && BEFORE_TITLE.iter().any(|word| scan.stands(index - 2, word)) {
        return None;
    }
    // A surname that is a common word too starts a name only where a name can start.
    let starts =
        |start: usize| !scan.before(start).is_alphanumeric() || !AMBIGUOUS.contains(scan.at(start));
    for back in [4, 3, 2] {
        let Some(start) = index.checked_sub(back) else {
            continue;
        };
        if full(scan, start, |end| end == index).is_some() && starts(start) {
            return Some((start, index));
        }
    }
    if let Some(start) = index
        .checked_sub(2)
        .filter(|start| COMPOUND.iter().any(|name| scan.stands(*start, name)))
    {
        return Some((start, index));
    }
    let start = index.checked_sub(1)?;
    (SURNAMES.contains(scan.at(start)) && starts(start)).then_some((start, index))
}

/// A name before the number at `number`, with nothing but a word for the
/// number between them.
fn beside(scan: &Scan, number: usize) -> Option<(usize, usize)> {
    let mut end = number;
    while end > 0
        && number - end < 12
        && " ,:(、;+电话手机号码联系方式身份证是的".contains(scan.before(end))
    {
        end -= 1;
    }
    [4, 3, 2].into_iter().find_map(|back| {
        let start = end.checked_sub(back)?;
        let bounded = !han(scan.before(start));
        (bounded && full(scan, start, |at| at == end).is_some()).then_some((start, end))
    })
}

/// A name that is a whole line among the last three.
fn signature(scan: &Scan) -> Option<(usize, usize)> {
    let chars = scan.chars();
    let mut end = chars.len();
    for _ in 0..3 {
        let start = chars[..end]
            .iter()
            .rposition(|c| *c == '\n')
            .map_or(0, |feed| feed + 1);
        if start == 0 {
            return None;
        }
        if full(scan, start, |at| at == end).is_some() {
            return Some((start, end));
        }
        end = start - 1;
    }
    None
}

/// A name in an English text, behind a word that announces it and ends at `end`.
fn english(scan: &Scan, end: usize, least: usize, most: usize) -> Option<(usize, usize)> {
    let mut start = end;
    while matches!(scan.at(start), ' ' | '.' | ',' | '\n') && start < end + 4 {
        start += 1;
    }
    let (words, end) = capitals(scan, start, most);
    (words >= least).then_some((start, end))
}

/// How many capitalised Latin words stand at `start`, and where they end.
fn capitals(scan: &Scan, start: usize, most: usize) -> (usize, usize) {
    let (mut words, mut end, mut index) = (0, start, start);
    while words < most {
        let letters = (0..40)
            .take_while(|ahead| {
                let c = scan.at(index + ahead);
                (c.is_alphabetic() && !han(c)) || matches!(c, '-' | '\'')
            })
            .count();
        let first = scan.original.get(scan.view.original(index) as usize);
        if letters == 0 || !first.is_some_and(|c| c.is_uppercase()) {
            break;
        }
        (words, end) = (words + 1, index + letters);
        index = end + usize::from(scan.at(end) == '.') + 1;
    }
    (words, end)
}

/// The single words of a name in Latin letters that are long enough to be
/// looked for, folded.
pub(super) fn latin_parts(name: &str) -> Vec<Vec<char>> {
    let view = crate::view::View::new(name);
    view.chars()
        .split(|c| !c.is_alphanumeric())
        .filter(|word| word.len() >= 3 && word.iter().all(|c| c.is_ascii_lowercase()))
        .map(<[char]>::to_vec)
        .collect()
}

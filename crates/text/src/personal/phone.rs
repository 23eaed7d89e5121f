//! Telephone numbers: mobile, landline, foreign.

use super::digits::{Group, number};
use super::{Kind, Raw, Scan, Setting};

/// Words that make seven or eight digits a telephone number.
const CUES: &[&str] = &[
    "电话",
    "手机",
    "座机",
    "固话",
    "致电",
    "来电",
    "拨打",
    "联系方式",
    "联系我",
    "短信",
    "号码",
    "tel",
    "phone",
    "call",
    "mobile",
];

pub(super) fn scan(scan: &Scan, groups: &[Group], out: &mut Vec<Raw>) {
    let chars = scan.chars();
    for (index, group) in groups.iter().enumerate() {
        let rest = &groups[index..];
        let end = mobile(chars, rest)
            .or_else(|| foreign(scan, rest))
            .or_else(|| landline(scan, rest))
            .or_else(|| local(scan, rest));
        if let Some(end) = end {
            // The plus sign belongs to the number.
            let start = group.start - usize::from(scan.before(group.start) == '+');
            out.push(Raw {
                kind: Kind::Phone,
                start,
                end,
            });
        }
    }
    in_words(scan, out);
}

/// A mainland mobile number, with or without the country's prefix.
fn mobile(chars: &[char], groups: &[Group]) -> Option<usize> {
    for (count, prefix) in [
        (11, &[][..]),
        (12, &[0]),
        (13, &[8, 6]),
        (15, &[0, 0, 8, 6]),
    ] {
        let Some(number) = number(chars, groups, count) else {
            continue;
        };
        let local = number.digits.strip_prefix(prefix);
        let starts = local.is_some_and(|local| local[0] == 1 && (3..=9).contains(&local[1]));
        if starts && !date(groups) {
            return Some(number.end);
        }
    }
    None
}

/// `1998-05-…`: a year and a month are not the start of a number.
fn date(groups: &[Group]) -> bool {
    let length = |group: &Group| group.end - group.start;
    matches!(groups, [year, month, ..] if length(year) == 4 && length(month) <= 2)
}

/// A plus sign and 8 to 15 digits.
fn foreign(scan: &Scan, groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    if scan.before(first.start) != '+' {
        return None;
    }
    (8..=15)
        .rev()
        .find_map(|count| number(scan.chars(), groups, count))
        .map(|number| number.end)
}

/// An area code with a trunk zero and seven or eight digits; only a citizen's
/// is personal.
fn landline(scan: &Scan, groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    let length = first.end - first.start;
    if scan.setting == Setting::Official || !(matches!(length, 3 | 4) || length >= 10) {
        return None;
    }
    let found = (10..=12)
        .rev()
        .find_map(|count| number(scan.chars(), groups, count))?;
    let area = match found.digits.as_slice() {
        [0, 1 | 2, ..] => 3,
        [0, 3..=9, ..] => 4,
        _ => return None,
    };
    let local = &found.digits[area..];
    (matches!(local.len(), 7 | 8) && (2..=8).contains(&local[0]))
        .then(|| extension(scan, found.end))
}

/// Seven or eight digits behind a word that makes them a telephone number.
fn local(scan: &Scan, groups: &[Group]) -> Option<usize> {
    let first = groups.first()?;
    if scan.setting == Setting::Official || first.end - first.start < 3 || date(groups) {
        return None;
    }
    let found = [8, 7]
        .into_iter()
        .find_map(|count| number(scan.chars(), groups, count))?;
    // Numbers on 12345 are the hotlines of governments.
    let public = found.digits.ends_with(&[1, 2, 3, 4, 5]);
    let personal = found.digits[0] >= 2 && !public && scan.cued(first.start, 10, CUES);
    personal.then(|| extension(scan, found.end))
}

/// The end of a number with the extension that may follow it.
fn extension(scan: &Scan, end: usize) -> usize {
    if scan.at(end) != '转' {
        return end;
    }
    let digits = (1..=6)
        .take_while(|offset| scan.at(end + offset).is_ascii_digit())
        .count();
    if digits == 0 { end } else { end + 1 + digits }
}

/// Eleven Chinese numerals in a row, as numbers are written to escape filters.
fn in_words(scan: &Scan, out: &mut Vec<Raw>) {
    let numeral = |c: char| "零〇一二三四五六七八九幺".contains(c);
    let mut start = 0;
    for index in 0..=scan.chars().len() {
        if numeral(scan.at(index)) {
            continue;
        }
        if index - start == 11 && matches!(scan.at(start), '一' | '幺') {
            out.push(Raw {
                kind: Kind::Phone,
                start,
                end: index,
            });
        }
        start = index + 1;
    }
}

//! Numbers of identity cards, passports and permits.

use super::digits::{Group, number, value};
use super::{Kind, Raw, Scan};

const CARD: &[&str] = &["身份证", "证件", "公民身份", "id card", "identity"];
const PAPERS: &[&str] = &[
    "护照",
    "通行证",
    "台胞证",
    "回乡证",
    "居留",
    "军官证",
    "士兵证",
    "驾驶证",
    "证件",
    "passport",
    "permit",
];

pub(super) fn scan(scan: &Scan, groups: &[Group], out: &mut Vec<Raw>) {
    for (index, group) in groups.iter().enumerate() {
        if let Some(end) = card(scan, &groups[index..]) {
            out.push(Raw {
                kind: Kind::IdentityNumber,
                start: group.start,
                end,
            });
        }
        if let Some((start, end)) = paper(scan, *group) {
            out.push(Raw {
                kind: Kind::IdentityNumber,
                start,
                end,
            });
        }
    }
}

/// A resident identity card of 18 characters, or of 15 digits as before 1999.
fn card(scan: &Scan, groups: &[Group]) -> Option<usize> {
    let chars = scan.chars();
    let start = groups.first()?.start;
    if let Some(found) = number(chars, groups, 18) {
        let sure = birthday(&found.digits[6..14]) || checks(&found.digits, found.digits[17]);
        return (sure || scan.cued(start, 16, CARD)).then_some(found.end);
    }
    if let Some(found) = number(chars, groups, 17) {
        let cross = found.end + usize::from(matches!(scan.at(found.end), ' ' | '-'));
        let alone = !scan.at(cross + 1).is_ascii_alphanumeric();
        let sure = birthday(&found.digits[6..14]) || checks(&found.digits, 10);
        return (scan.at(cross) == 'x' && alone && sure).then_some(cross + 1);
    }
    let found = number(chars, groups, 15)?;
    let born = [&[1, 9], &found.digits[6..12]].concat();
    let sure = (1..=8).contains(&found.digits[0]) && birthday(&born);
    (sure || scan.cued(start, 16, CARD)).then_some(found.end)
}

/// Whether eight digits are a day on which somebody now alive was born.
fn birthday(digits: &[u8]) -> bool {
    (1900..2100).contains(&value(&digits[..4]))
        && (1..=12).contains(&value(&digits[4..6]))
        && (1..=31).contains(&value(&digits[6..8]))
}

/// Whether the check character (10 for X) is the one of GB 11643.
fn checks(digits: &[u8], check: u8) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u8; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    CHECKS[sum as usize % 11] == check
}

/// A passport or permit: letters that are in use for them and eight digits,
/// or anything of the kind behind a word that says so.
fn paper(scan: &Scan, group: Group) -> Option<(usize, usize)> {
    let letters = (1..=3)
        .take_while(|back| {
            group
                .start
                .checked_sub(*back)
                .is_some_and(|index| scan.at(index).is_ascii_lowercase())
        })
        .count();
    let start = group.start - letters;
    let edges = scan.view.is_edge(start) && scan.view.is_edge(group.end);
    let digits = group.end - group.start;
    let usual = match letters {
        1 => match scan.at(start) {
            'e' | 'g' | 'd' | 's' | 'p' => digits == 8,
            'c' | 'h' | 'm' | 'k' => matches!(digits, 8 | 10),
            _ => false,
        },
        2 => scan.at(start) == 'e' && digits == 7,
        _ => false,
    };
    let cued = (letters < 3 && (6..=10).contains(&digits)) && scan.cued(start, 14, PAPERS);
    (edges && (usual || cued)).then_some((start, group.end))
}

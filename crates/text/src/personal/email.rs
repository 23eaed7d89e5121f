//! E-mail addresses.

use super::{Kind, Raw, Scan, Setting};

/// Longest local part and domain (RFC 5321), which also bound the work.
const LOCAL: usize = 64;
const DOMAIN: usize = 255;

pub(super) fn scan(scan: &Scan, out: &mut Vec<Raw>) {
    for at in (0..scan.chars().len()).filter(|index| scan.at(*index) == '@') {
        let Some((start, end)) = around(scan, at) else {
            continue;
        };
        let domain: String = scan.chars()[at + 1..end].iter().collect();
        let authority = domain.ends_with("gov.cn");
        if !(scan.setting == Setting::Official && authority) {
            out.push(Raw {
                kind: Kind::Email,
                start,
                end,
            });
        }
    }
}

fn around(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    // Somebody who spaces the sign out still means an address.
    let left = at - usize::from(scan.before(at) == ' ');
    let right = at + 1 + usize::from(scan.at(at + 1) == ' ');
    let local = (1..=LOCAL)
        .take_while(|back| {
            let c = left.checked_sub(*back).map_or('\n', |index| scan.at(index));
            c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
        })
        .count();
    let domain = (0..DOMAIN)
        .take_while(|ahead| {
            let c = scan.at(right + ahead);
            c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
        })
        .count();
    let mut end = right + domain;
    while end > right && matches!(scan.before(end), '.' | '-') {
        end -= 1;
    }
    let name = &scan.chars()[right..end];
    let top = name
        .iter()
        .rev()
        .take_while(|c| c.is_ascii_lowercase())
        .count();
    let dotted = top >= 2 && name.len() > top + 1 && name[name.len() - top - 1] == '.';
    (local > 0 && dotted).then_some((left - local, end))
}

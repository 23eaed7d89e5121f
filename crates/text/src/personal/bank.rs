//! Bank cards and accounts.

use super::digits::{Group, number};
use super::{Kind, Raw, Scan};

const CUES: &[&str] = &[
    "卡号",
    "账号",
    "帐号",
    "账户",
    "帐户",
    "银行卡",
    "存折",
    "account",
    "card no",
    "iban",
];

pub(super) fn scan(scan: &Scan, groups: &[Group], out: &mut Vec<Raw>) {
    for (index, group) in groups.iter().enumerate() {
        let rest = &groups[index..];
        // The longest first: a shorter one may be the start of a longer one.
        let card = (16..=19).rev().find_map(|count| {
            let found = number(scan.chars(), rest, count)?;
            ((3..=9).contains(&found.digits[0]) && luhn(&found.digits)).then_some(found.end)
        });
        let end = card.or_else(|| {
            if !scan.cued(group.start, 12, CUES) {
                return None;
            }
            (9..=30)
                .rev()
                .find_map(|count| number(scan.chars(), rest, count))
                .map(|found| found.end)
        });
        if let Some(end) = end {
            out.push(Raw {
                kind: Kind::BankAccount,
                start: group.start,
                end,
            });
        }
    }
}

/// Whether the last digit is the check digit of ISO/IEC 7812.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

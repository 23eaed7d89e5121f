//! Cutting personal data out of a text.

use super::{Found, Kind, merge};
use crate::language::Language;

/// A text without its personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The text with a label in the place of every cut.
    pub text: String,
    /// What was cut, in order, with what stands there now; the offsets are
    /// those of the original.
    pub cuts: Vec<(Found, &'static str)>,
}

/// What stands in the place of personal data, in Chinese where the text is
/// Chinese and else in English. Never a part of the value: a few digits of a
/// number, together with a place, are often enough to know the person.
pub fn label(kind: Kind, language: Language) -> &'static str {
    let (chinese, english) = match kind {
        Kind::Name => ("[姓名]", "[name]"),
        Kind::Phone => ("[电话]", "[phone]"),
        Kind::IdentityNumber => ("[证件号]", "[identity number]"),
        Kind::Email => ("[邮箱]", "[e-mail]"),
        Kind::Address => ("[住址]", "[address]"),
        Kind::BankAccount => ("[银行账号]", "[bank account]"),
        Kind::Vehicle => ("[车牌]", "[vehicle]"),
        Kind::Account => ("[账号]", "[account]"),
        Kind::Other => ("[隐去]", "[withheld]"),
    };
    if language == Language::Chinese {
        chinese
    } else {
        english
    }
}

/// Cuts the stretches `found` out of `text`. They may overlap and reach past
/// the end; labels are in `language`.
pub fn redact(text: &str, found: Vec<Found>, language: Language) -> Redacted {
    let chars: Vec<char> = text.chars().collect();
    let total = u32::try_from(chars.len()).unwrap_or(u32::MAX);
    let inside = |found: Found| Found {
        start: found.start.min(total),
        end: found.end.min(total),
        ..found
    };
    let mut redacted = Redacted {
        text: String::with_capacity(text.len()),
        cuts: Vec::new(),
    };
    let mut from = 0;
    for cut in merge(found.into_iter().map(inside).collect()) {
        let label = label(cut.kind, language);
        redacted.text.extend(&chars[from..cut.start as usize]);
        redacted.text.push_str(label);
        redacted.cuts.push((cut, label));
        from = cut.end as usize;
    }
    redacted.text.extend(&chars[from..]);
    redacted
}

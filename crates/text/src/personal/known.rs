//! Values that are known to be personal, wherever they stand.

use super::{Found, Kind, Known, Setting, address, name};
use crate::view::View;

/// Adds every occurrence of the `known` values in `text`, whatever stands
/// between their letters and digits that is neither.
pub(super) fn find(text: &str, known: &[Known<'_>], found: &mut Vec<Found>) {
    if known.is_empty() {
        return;
    }
    let tight = View::tight(text);
    let loose = View::new(text);
    // The view of words knows where Latin words end, the tight one does not.
    let edge = |at: u32, loose: &View| {
        let index = loose_index(loose, at);
        loose.is_edge(index)
    };
    for known in known {
        for variant in variants(known) {
            for start in occurrences(tight.chars(), &variant.chars) {
                let (start, end) = tight.span(start, start + variant.chars.len());
                if !variant.whole_words || (edge(start, &loose) && edge(end, &loose)) {
                    found.push(Found {
                        kind: known.kind,
                        start,
                        end,
                    });
                }
            }
        }
    }
}

/// Index of the first character of `view` that stands at or behind `at`.
fn loose_index(view: &View, at: u32) -> usize {
    let (mut low, mut high) = (0, view.chars().len());
    while low < high {
        let middle = (low + high) / 2;
        if view.original(middle) < at {
            low = middle + 1
        } else {
            high = middle
        }
    }
    low
}

struct Variant {
    chars: Vec<char>,
    /// Counts only where it is not part of a longer Latin word.
    whole_words: bool,
}

/// The forms in which a value may turn up.
fn variants(known: &Known<'_>) -> Vec<Variant> {
    let whole = View::tight(known.text).chars().to_vec();
    let mut forms = vec![];
    match known.kind {
        Kind::Phone => forms.extend(shorter_phones(&whole)),
        Kind::Address => forms.extend(address_tails(known.text)),
        Kind::Name => forms.extend(name::latin_parts(known.text)),
        _ => {}
    }
    forms.push(whole);
    forms.sort_unstable();
    forms.dedup();
    forms
        .into_iter()
        .filter(|chars| chars.len() >= 2)
        .map(|chars| {
            let latin = chars.iter().all(|c| c.is_ascii_lowercase());
            Variant {
                whole_words: latin && (chars.len() < 4 || known.kind == Kind::Name),
                chars,
            }
        })
        .collect()
}

/// The number without the prefix of the country, and without the area code.
fn shorter_phones(whole: &[char]) -> Vec<Vec<char>> {
    let text: String = whole.iter().collect();
    let national = ["0086", "86"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix).filter(|rest| rest.len() >= 10))
        .unwrap_or(&text);
    let mut forms = vec![national.chars().collect::<Vec<char>>()];
    if national.starts_with('0') && (10..=12).contains(&national.len()) {
        let area = if national.starts_with("01") || national.starts_with("02") {
            3
        } else {
            4
        };
        forms.push(national.chars().skip(area).collect());
    }
    forms
}

/// The part of an address that tells the home, and the road with it.
fn address_tails(value: &str) -> Vec<Vec<char>> {
    let view = View::new(value);
    address::tails(value, Setting::Place)
        .into_iter()
        .map(|(start, end)| {
            View::tight(&view.chars()[start..end].iter().collect::<String>())
                .chars()
                .to_vec()
        })
        // A house number alone is too common to be searched for.
        .filter(|tail| tail.len() >= 5)
        .collect()
}

/// Every occurrence of `needle`, overlapping ones too, by Knuth, Morris and
/// Pratt: linear whatever the two hold.
fn occurrences(text: &[char], needle: &[char]) -> Vec<usize> {
    let mut border = vec![0; needle.len()];
    let mut length = 0;
    for index in 1..needle.len() {
        while length > 0 && needle[index] != needle[length] {
            length = border[length - 1];
        }
        length += usize::from(needle[index] == needle[length]);
        border[index] = length;
    }
    let mut found = Vec::new();
    let mut matched = 0;
    for (index, c) in text.iter().enumerate() {
        while matched > 0 && *c != needle[matched] {
            matched = border[matched - 1];
        }
        matched += usize::from(*c == needle[matched]);
        if matched == needle.len() {
            found.push(index + 1 - matched);
            matched = border[matched - 1];
        }
    }
    found
}

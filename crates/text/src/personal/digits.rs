//! Digits in groups, as people space out long numbers.

/// Digits that stand together, as indices into the view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
}

/// A number that was read over one or several groups.
#[derive(Debug)]
pub(super) struct Number {
    pub digits: Vec<u8>,
    pub end: usize,
}

/// All groups of digits, in order.
pub(super) fn groups(chars: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, c) in chars.iter().enumerate() {
        if !c.is_ascii_digit() {
            continue;
        }
        match groups.last_mut() {
            Some(last) if last.end == index => last.end += 1,
            _ => groups.push(Group {
                start: index,
                end: index + 1,
            }),
        }
    }
    groups
}

/// Reads exactly `count` digits from the first of `groups` on, over groups
/// that are at most two separators apart; `None` unless the last digit ends
/// its group.
pub(super) fn number(chars: &[char], groups: &[Group], count: usize) -> Option<Number> {
    let mut digits = Vec::with_capacity(count);
    let mut end = groups.first()?.start;
    for group in groups {
        let gap = &chars[end..group.start];
        if gap.len() > 2
            || !gap
                .iter()
                .all(|c| matches!(c, ' ' | '-' | '.' | '·' | '_' | '(' | ')'))
        {
            return None;
        }
        // Decimals are no parts of one number.
        if gap.contains(&'.') && group.end - group.start == 2 {
            return None;
        }
        if digits.len() + (group.end - group.start) > count {
            return None;
        }
        digits.extend(
            chars[group.start..group.end]
                .iter()
                .map(|c| *c as u8 - b'0'),
        );
        end = group.end;
        if digits.len() == count {
            return Some(Number { digits, end });
        }
    }
    None
}

/// The number that `digits` write.
pub(super) fn value(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |value, digit| value * 10 + u32::from(*digit))
}

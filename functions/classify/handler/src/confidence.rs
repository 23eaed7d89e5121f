//! From scores to calibrated confidence, in whole numbers throughout, so that
//! every machine gives the same.

/// The lead of the first category over the second, as a share of its score,
/// and how often the first was right: both in ten-thousandths. Fitted by
/// isotonic regression to 7,361 public messages of a contest of 2020 whose
/// seven classes are seven of the fifteen categories of the first level; the
/// keywords of `districts/yinzhou` as of 2026-11.
const TOP: &[(u32, u32)] = &[
    (0, 3300),
    (1000, 5000),
    (2000, 5900),
    (2500, 6300),
    (3200, 7000),
    (4000, 7550),
    (4750, 8050),
    (5500, 8550),
    (6000, 9050),
    (6500, 9400),
    (7000, 9650),
    (8000, 9750),
    (9000, 9900),
];

/// The same for a category of the second level among its sisters, given that
/// the first level is right. There are no labels to fit it to yet: these are
/// estimates, below what the first level shows for the same lead.
const CHILD: &[(u32, u32)] = &[
    (0, 6000),
    (1500, 8000),
    (3000, 9000),
    (5000, 9500),
    (8000, 9800),
];

/// Added to the score that the lead is divided by, in hundredths of a weight:
/// a little evidence is no certainty, even when nothing contradicts it.
const DOUBT: u32 = 500;

/// Confidence that the category of the first level with the best score is
/// right, by keywords alone.
pub(crate) fn of_top(first: u32, second: u32) -> u16 {
    curve(TOP, lead(first, second))
}

/// Confidence in a category of the second level under one with `parent`.
pub(crate) fn of_child(parent: u16, own: u32, rival: u32) -> u16 {
    let share = u32::from(curve(CHILD, lead(own, rival)));
    // One that is behind has what the first leaves it.
    let share = if own < rival {
        10_000 - u32::from(curve(CHILD, lead(rival, own)))
    } else {
        share
    };
    (u32::from(parent) * share / 10_000) as u16
}

fn lead(first: u32, second: u32) -> u32 {
    let lead =
        u64::from(first.saturating_sub(second)) * 10_000 / (u64::from(first) + u64::from(DOUBT));
    lead as u32
}

/// The straight line between the points of `table`.
fn curve(table: &[(u32, u32)], x: u32) -> u16 {
    let after = table.partition_point(|(at, _)| *at <= x);
    let (x0, y0) = table[after.max(1) - 1];
    let y = match table.get(after) {
        Some((x1, y1)) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        None => y0,
    };
    y as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_lead_is_more_confidence() {
        let all: Vec<u16> = (0..=10_000).map(|lead| curve(TOP, lead)).collect();
        assert!(all.is_sorted() && all[0] == 3300 && all[10_000] == 9900);
        assert_eq!(of_top(0, 0), 3300);
        assert!(of_top(300, 0) < of_top(3000, 0));
        assert!(of_top(3000, 2900) < of_top(3000, 1000));
        assert_eq!(of_top(u32::MAX, 0), 9900);
        assert!(of_child(9000, 100, 900) < of_child(9000, 900, 100));
    }
}

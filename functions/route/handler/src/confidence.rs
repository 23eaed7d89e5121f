//! From points to confidence, in whole numbers.

/// The lead of the first department over the second as a share of its points,
/// and the confidence that follows, both in ten-thousandths. An estimate:
/// there are no labelled routings of the district to fit it to yet, so it
/// stays below what the same lead shows for categories.
const CURVE: &[(u32, u32)] = &[
    (0, 3500),
    (1000, 5500),
    (2000, 6600),
    (3500, 7600),
    (5000, 8400),
    (6500, 9000),
    (8000, 9400),
];

/// Added to the points that the lead is divided by: little evidence is no
/// certainty, even when nothing contradicts it.
const DOUBT: u32 = 150;

/// Confidence in the first of two.
pub(crate) fn of(first: u32, second: u32) -> u16 {
    let lead =
        u64::from(first.saturating_sub(second)) * 10_000 / (u64::from(first) + u64::from(DOUBT));
    let lead = lead as u32;
    let after = CURVE.partition_point(|(at, _)| *at <= lead);
    let (x0, y0) = CURVE[after.max(1) - 1];
    let y = match CURVE.get(after) {
        Some((x1, y1)) => y0 + (y1 - y0) * (lead - x0) / (x1 - x0),
        None => y0,
    };
    y as u16
}

#[cfg(test)]
mod tests {
    #[test]
    fn more_lead_is_more_confidence() {
        assert_eq!(super::of(0, 0), 3500);
        assert!(super::of(600, 600) < super::of(600, 300));
        assert!(super::of(100, 0) < super::of(900, 0));
        assert_eq!(super::of(u32::MAX, 0), 9400);
    }
}

//! The interval in which a share lies.

/// The 97.5th percentile of the normal distribution: two of them leave 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % score interval of `part` out of `whole` (Wilson 1927), which says
/// something sensible of small numbers too; none of none.
pub fn interval(part: i64, whole: i64) -> Option<(f64, f64)> {
    if whole <= 0 {
        return None;
    }
    let (part, whole) = (part as f64, whole as f64);
    let share = part / whole;
    let square = Z * Z;
    let centre = share + square / (2.0 * whole);
    let spread = Z * (share * (1.0 - share) / whole + square / (4.0 * whole * whole)).sqrt();
    let scale = 1.0 + square / whole;
    Some((
        ((centre - spread) / scale).max(0.0),
        ((centre + spread) / scale).min(1.0),
    ))
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn agrees_with_published_values() {
        // Newcombe 1998, table I, method 3.
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = interval(part, whole).unwrap_or_default();
            assert!(
                (found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5,
                "{part}/{whole}: {found_low} {found_high}"
            );
        }
        assert_eq!(interval(0, 0), None);
    }
}

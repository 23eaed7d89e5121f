//! Case numbers: `YZ20260213-48201937`.

use case::time::{Offset, Timestamp};
use seal::RandomError;

/// Digits before the check digit: ten million numbers a day, so that nobody
/// can guess one and a collision is rare.
const DIGITS: u64 = 10_000_000;

/// The quasigroup of order 10 of H. M. Damm (2004): it finds every wrong
/// digit and every two neighbours in the wrong order.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// A new number: the district's prefix, its date, seven random digits and
/// the check digit over date and digits.
pub fn draw(prefix: &str, at: Timestamp, offset: Offset) -> Result<String, RandomError> {
    let (year, month, day) = at.date(offset).ymd();
    let random = u64::from_le_bytes(seal::random::<8>()?) % DIGITS;
    let digits = format!("{year:04}{month:02}{day:02}{random:07}");
    let check = check_digit(&digits);
    let (date, rest) = digits.split_at(digits.len() - 7);
    Ok(format!("{prefix}{date}-{rest}{check}"))
}

/// The check digit of the digits in `text`; with the right one appended it is 0.
fn check_digit(text: &str) -> u8 {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |row, digit| {
            DAMM[usize::from(row)][usize::from(digit - b'0')]
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_paper() {
        assert_eq!(check_digit("572"), 4);
        assert_eq!(check_digit("5724"), 0);
    }

    #[test]
    fn a_slip_of_the_pen_is_found() {
        let at: Timestamp = "2026-02-13T23:30:00+08:00".parse().unwrap();
        for _ in 0..200 {
            let number = draw("YZ", at, Offset::CHINA).unwrap();
            assert_eq!(number.len(), 19, "{number}");
            assert!(number.starts_with("YZ20260213-"), "{number}");
            assert_eq!(check_digit(&number), 0, "{number}");
            let bytes = number.as_bytes();
            for at in 11..19 {
                for digit in (b'0'..=b'9').filter(|digit| *digit != bytes[at]) {
                    let mut wrong = bytes.to_vec();
                    wrong[at] = digit;
                    assert_ne!(check_digit(std::str::from_utf8(&wrong).unwrap()), 0);
                }
                if at > 11 && bytes[at] != bytes[at - 1] {
                    let mut wrong = bytes.to_vec();
                    wrong.swap(at, at - 1);
                    assert_ne!(check_digit(std::str::from_utf8(&wrong).unwrap()), 0);
                }
            }
        }
    }
}

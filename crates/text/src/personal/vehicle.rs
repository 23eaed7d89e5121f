//! Registration marks of vehicles.

use super::{Kind, Raw, Scan};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

pub(super) fn scan(scan: &Scan, out: &mut Vec<Raw>) {
    for start in 0..scan.chars().len() {
        if !PROVINCES.contains(scan.at(start)) || !scan.at(start + 1).is_ascii_lowercase() {
            continue;
        }
        let separators = (2..5)
            .take_while(|ahead| matches!(scan.at(start + ahead), '·' | '.' | '-' | ' '))
            .count();
        let first = start + 2 + separators;
        let length = (0..7)
            .take_while(|ahead| scan.at(first + ahead).is_ascii_alphanumeric())
            .count();
        let digits = (0..length)
            .filter(|ahead| scan.at(first + ahead).is_ascii_digit())
            .count();
        // Learners, police, trailers and cars from across the border.
        let special = "学警挂港澳".contains(scan.at(first + length));
        let end = first + length + usize::from(special);
        // Five characters, six with new energy, four before a special one.
        let fits = matches!(length, 5 | 6) || (special && length == 4);
        if fits && digits >= 2 {
            out.push(Raw {
                kind: Kind::Vehicle,
                start,
                end,
            });
        }
    }
}

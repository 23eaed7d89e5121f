//! The name that one request carries through every component and every log line.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The header that carries it, in requests and responses.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id that `headers` bring along, or a new one.
pub(crate) fn of(headers: &HeaderMap) -> HeaderValue {
    match headers.get(HEADER) {
        Some(value) if is_valid(value.as_bytes()) => value.clone(),
        _ => new(),
    }
}

/// Up to 64 letters, digits, `-`, `_` and `.`: nothing that could break out of a log line or a header.
fn is_valid(value: &[u8]) -> bool {
    (1..=64).contains(&value.len())
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// 16 hexadecimal digits that no other request of this process has, and hardly one of another.
fn new() -> HeaderValue {
    static SEED: OnceLock<u64> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let seed = *SEED.get_or_init(|| RandomState::new().hash_one(std::process::id()));
    // The finisher of splitmix64 is a bijection: different counts give different ids.
    let mut z = seed.wrapping_add(
        COUNT
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15),
    );
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let mut text = [0; 16];
    for (index, digit) in text.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(z >> (60 - 4 * index) & 15) as usize];
    }
    HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_valid_id_is_kept_and_another_is_replaced() {
        let mut headers = HeaderMap::new();
        for (given, kept) in [
            ("abc-1_2.3", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
        ] {
            headers.insert(HEADER, HeaderValue::from_static(given));
            assert_eq!(of(&headers) == given, kept, "{given}");
        }
        headers.insert(
            HEADER,
            HeaderValue::from_str(&"x".repeat(65)).expect("a value"),
        );
        assert_eq!(of(&headers).len(), 16);
    }

    #[test]
    fn new_ids_differ() {
        let ids: HashSet<_> = (0..1000).map(|_| new()).collect();
        assert_eq!(ids.len(), 1000);
    }
}

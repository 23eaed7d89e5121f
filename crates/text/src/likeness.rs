//! Whether two messages are likely about the same matter.
//!
//! A message is seen as the set of its search terms (pairs of Chinese characters, words of other scripts). How alike
//! two are is the Sørensen-Dice coefficient of their sets. Which of many messages are worth comparing, their
//! *buckets* say: two messages with much in common share a bucket, two with little hardly ever (MinHash with banding:
//! Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3).

use std::collections::BTreeSet;

use crate::search_terms;

/// Buckets of a message. With two minima each, messages whose sets have a Jaccard index of 0.2 share one half of the
/// time, of 0.3 four times in five, of 0.5 nearly always.
pub const BUCKETS: usize = 16;

/// Minima that make a bucket.
const MINIMA: usize = 2;

/// So many characters of the body are looked at: what a message is about stands at its beginning, and long stories
/// have their words in common.
const HEAD: usize = 200;

/// Terms that say nothing about a matter.
const COMMON: &[&str] = &[
    "投诉", "举报", "咨询", "建议", "请问", "关于", "问题", "希望", "领导", "政府", "部门", "你好",
    "您好", "我们", "反映", "解决", "处理", "求助", "如何", "怎么", "什么", "为什", "能否", "是否",
    "可以", "尊敬", "敬的", "谢谢", "有关", "关部", "相关", "没有", "现在", "已经", "一直", "一个",
    "尽快", "小区", "业主", "居民", "情况", "进行", "因为", "所以", "但是", "如果", "the", "a",
    "an", "is", "are", "of", "to", "in", "on", "and", "our", "we", "it", "please", "has", "have",
    "for", "at",
];

/// What a message is about, as far as its words say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    terms: BTreeSet<u64>,
}

impl Matter {
    /// The matter of a message with this subject and body.
    pub fn of(subject: &str, body: &str) -> Self {
        let head: String = body.chars().take(HEAD).collect();
        let terms = search_terms(subject)
            .into_iter()
            .chain(search_terms(&head))
            .filter(|term| !COMMON.contains(&term.as_str()))
            .map(|term| fnv(term.as_bytes()))
            .collect();
        Self { terms }
    }

    /// The buckets that the message falls into, in no order; none where it has no words. They are stored: the
    /// function must never give others for the same text.
    pub fn buckets(&self) -> Vec<i64> {
        if self.terms.is_empty() {
            return Vec::new();
        }
        let minimum = |seed: u64| {
            let hashes = self.terms.iter().map(|term| mix(term ^ mix(seed)));
            hashes.min().unwrap_or_default()
        };
        (0..BUCKETS as u64)
            .map(|bucket| {
                let first = bucket * MINIMA as u64;
                let both = (first..first + MINIMA as u64)
                    .fold(bucket, |hash, seed| mix(hash ^ minimum(seed)));
                // The same 64 bits: databases have signed integers.
                i64::from_ne_bytes(both.to_ne_bytes())
            })
            .collect()
    }

    /// How alike two matters are, in ten-thousandths: 10,000 for the same words, 0 for none in common.
    pub fn likeness(&self, other: &Self) -> u16 {
        let all = self.terms.len() + other.terms.len();
        if all == 0 {
            return 0;
        }
        let common = self.terms.intersection(&other.terms).count();
        u16::try_from(2 * common * 10_000 / all).unwrap_or(10_000)
    }
}

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finaliser of SplitMix64: every bit of the input counts for every bit of the result.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(a: &Matter, b: &Matter) -> usize {
        let buckets = a.buckets();
        b.buckets()
            .iter()
            .filter(|bucket| buckets.contains(bucket))
            .count()
    }

    #[test]
    fn other_words_for_the_same_matter_are_alike() {
        let first = Matter::of(
            "嵩江中路路灯不亮",
            "嵩江中路和四明路口的路灯三天不亮了，晚上看不见路。",
        );
        let again = Matter::of(
            "路灯坏了没人修",
            "四明路口嵩江中路这边的路灯不亮，已经三天，晚上骑车看不见路。",
        );
        let other = Matter::of(
            "公园长椅坏了没人修",
            "湿地公园北门的长椅断了两根木条，老人坐不了。",
        );
        assert!(first.likeness(&again) > 4500, "{}", first.likeness(&again));
        assert!(first.likeness(&other) < 1000, "{}", first.likeness(&other));
        assert!(shared(&first, &again) > 0);
        assert_eq!(shared(&first, &other), 0);
    }

    #[test]
    fn the_same_text_has_the_same_buckets() {
        let matter = Matter::of("停水", "宋诏桥小区停水两天了");
        assert_eq!(matter.buckets().len(), BUCKETS);
        assert_eq!(shared(&matter, &matter.clone()), BUCKETS);
        assert_eq!(matter.likeness(&matter), 10_000);
        // Stored buckets must stay what they are.
        assert_eq!(mix(1), 0x910a_2dec_8902_5cc1);
        assert_eq!(fnv(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn no_words_are_no_matter() {
        let empty = Matter::of("", "。。。");
        assert!(empty.buckets().is_empty());
        assert_eq!(empty.likeness(&empty), 0);
    }
}

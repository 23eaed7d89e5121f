//! Terms of a text as numbers, and how often the fields of an article say
//! them. The build script counts with the same code.

use std::collections::BTreeMap;

/// A term as a number: pairs of characters exactly, longer words by a hash
/// (FNV-1a), of which a clash does no more than shift a score.
pub(crate) type Term = u64;

/// How much more a term in the title, a question or the keywords counts than
/// one in the text.
pub(crate) const HEAD: u32 = 3;

/// English words that say nothing about the matter of a question.
const EMPTY: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "been", "before", "but", "by", "can", "could", "did", "do", "does", "doesn", "don", "for",
    "from", "get", "go", "going", "had", "has", "have", "he", "hello", "her", "here", "hi", "him",
    "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "know", "ll", "m", "make",
    "may", "me", "might", "must", "my", "need", "no", "not", "of", "off", "on", "one", "or", "our",
    "out", "please", "re", "s", "she", "should", "so", "some", "t", "tell", "than", "thank",
    "thanks", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "to", "too", "up", "us", "ve", "want", "was", "we", "were", "what", "when", "where", "which",
    "while", "who", "why", "will", "with", "would", "you", "your",
];

/// The number of a term.
pub(crate) fn number(term: &[char]) -> Term {
    match term {
        [one] => *one as u64,
        [one, two] => (*one as u64) << 21 | *two as u64,
        _ => {
            let hash = term.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, c| {
                (hash ^ *c as u64).wrapping_mul(0x100_0000_01b3)
            });
            hash | 1 << 63
        }
    }
}

/// Whether `term` is one of `words`, none of which is longer than six.
pub(crate) fn among(term: &[char], words: &[&str]) -> bool {
    term.len() <= 6
        && words
            .iter()
            .any(|word| word.chars().eq(term.iter().copied()))
}

/// Hands over each term of `text` that says something.
pub(crate) fn each(text: &str, mut take: impl FnMut(&[char])) {
    text::terms(text, |term| {
        if !term[0].is_ascii() || !among(term, EMPTY) {
            take(term);
        }
    });
}

/// The weighted counts of the terms of an article that `wanted` names, and
/// the sum of all its counts, which is its length.
pub(crate) fn count<'a>(
    heads: impl Iterator<Item = &'a str>,
    texts: impl Iterator<Item = &'a str>,
    wanted: impl Fn(Term) -> bool,
) -> (BTreeMap<Term, u32>, u32) {
    let mut counts = BTreeMap::new();
    let mut length = 0;
    let mut add = |text: &str, weight: u32| {
        text::terms(text, |term| {
            length += weight;
            let number = number(term);
            if wanted(number) {
                *counts.entry(number).or_default() += weight;
            }
        });
    };
    heads.for_each(|text| add(text, HEAD));
    texts.for_each(|text| add(text, 1));
    (counts, length)
}

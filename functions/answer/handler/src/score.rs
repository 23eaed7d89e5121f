//! How well an article answers a question, and how sure that is.
//!
//! Articles are ranked by BM25 over pairs of characters and words, with the
//! usual constants (Robertson and Zaragoza 2009): title, questions and
//! keywords count three times. How much a term says is compiled in: rare in
//! the knowledge base of the district, and not common in what citizens write
//! (`common.txt`: shares of pairs in 13,000 real messages).
//!
//! The same sum is made for the topics without an article that the district
//! lists (`knowledge/uncovered.toml`). The confidence that the first article
//! answers is a logistic function of three numbers: its score, the score of
//! the best topic without an article, and the weight of the question as a
//! whole, which a long text reaches without saying more. Its four constants
//! were fitted to `tests/data/questions_development.csv` alone (227 questions;
//! `tests/data/README.md` says how).

use std::collections::BTreeSet;

use crate::term::{self, Term};
use crate::{Article, CaseKind, Inquiry};

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// The weights of terms, in order: eight bytes of the term and two of its
/// weight in thousandths, both little-endian.
static WEIGHTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weights.bin"));

/// Bytes of an entry of [`WEIGHTS`].
const ENTRY: usize = 10;

/// How soon repetition stops to count, and how much length does.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// An article of the category that the case has, and one that is due for
/// revision, against others. Not fitted: the questions have neither.
const SAME_CATEGORY: f64 = 1.1;
const STALE: f64 = 0.95;

/// Terms of a question that are looked at; a message says what it is about
/// in its first lines.
const TERMS: usize = 512;

/// What a term says, in thousandths of a nat.
fn weight(term: Term) -> u16 {
    let at = |index: usize| &WEIGHTS[index * ENTRY..(index + 1) * ENTRY];
    let key = |index: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&at(index)[..8]);
        Term::from_le_bytes(bytes)
    };
    let (mut low, mut high) = (0, WEIGHTS.len() / ENTRY);
    while low < high {
        let middle = low + (high - low) / 2;
        if key(middle) < term {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    match low < WEIGHTS.len() / ENTRY && key(low) == term {
        true => u16::from_le_bytes([at(low)[8], at(low)[9]]),
        false => UNKNOWN,
    }
}

/// Pairs that greet and ask without a matter.
const GREETING: &[&str] = &[
    "关于", "咨询", "问题", "请问", "想问", "问一", "一下", "你好", "您好", "怎么", "么办", "如何",
    "什么", "可以", "是否", "能否", "吗", "我们", "我的", "我想", "谢谢", "有没", "没有", "需要",
    "要什", "哪些", "鄞州", "州区", "宁波", "现在", "这个", "以吗", "该怎", "应该", "为什", "哪里",
    "办理", "理吗", "多少",
];

/// What is asked: the different terms in order, with their weights.
pub(crate) struct Question {
    terms: Vec<(Term, f64)>,
    /// Something else than greetings.
    matter: bool,
}

impl Question {
    /// What `inquiry` asks.
    pub fn of(inquiry: &Inquiry) -> Self {
        let mut seen = BTreeSet::new();
        let mut matter = false;
        let texts = [&inquiry.subject, &inquiry.body];
        for text in texts.into_iter().chain(&inquiry.supplements) {
            term::each(text, |term| {
                matter = matter || !term::among(term, GREETING);
                if seen.len() < TERMS {
                    seen.insert(term::number(term));
                }
            });
        }
        let terms = seen
            .into_iter()
            .map(|term| (term, f64::from(weight(term)) / 1000.0))
            .collect();
        Self { terms, matter }
    }

    /// Whether there is nothing to go by.
    pub fn is_empty(&self) -> bool {
        !self.matter
    }

    fn asks(&self, term: Term) -> bool {
        self.terms
            .binary_search_by_key(&term, |(term, _)| *term)
            .is_ok()
    }

    /// BM25 of a document of `length` whose terms `count` counts.
    fn score(&self, length: u32, count: impl Fn(Term) -> u32) -> f64 {
        let norm = K1 * (1.0 - B + B * f64::from(length) / f64::from(LENGTH.max(1)));
        self.terms
            .iter()
            .map(|(term, weight)| {
                let count = f64::from(count(*term));
                weight * count * (K1 + 1.0) / (count + norm)
            })
            .sum()
    }

    /// The score of the best topic without an article.
    fn uncovered(&self) -> f64 {
        TOPICS
            .iter()
            .map(|topic| {
                let length: u32 = topic.iter().map(|(_, count)| count).sum();
                self.score(length, |term| {
                    topic
                        .binary_search_by_key(&term, |(term, _)| *term)
                        .map_or(0, |at| topic[at].1)
                })
            })
            .fold(0.0, f64::max)
    }
}

/// An article by its index, with its score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub article: usize,
    pub score: f64,
}

/// The articles that share anything with the question, best first.
pub(crate) fn rank(question: &Question, inquiry: &Inquiry, articles: &[Article]) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = articles
        .iter()
        .enumerate()
        .map(|(index, article)| {
            let mut score = fit(question, article);
            if inquiry.category.as_ref() == Some(&article.category) {
                score *= SAME_CATEGORY;
            }
            if article.stale {
                score *= STALE;
            }
            Ranked {
                article: index,
                score,
            }
        })
        .filter(|ranked| ranked.score > 0.0)
        .collect();
    ranked.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| articles[a.article].id.cmp(&articles[b.article].id))
    });
    ranked
}

fn fit(question: &Question, article: &Article) -> f64 {
    let heads = [&article.title, &article.title_en]
        .into_iter()
        .chain(&article.questions)
        .chain(&article.keywords);
    let texts = std::iter::once(&article.body).chain(&article.body_en);
    let (counts, length) = term::count(
        heads.map(String::as_str),
        texts.map(String::as_str),
        |term| question.asks(term),
    );
    question.score(length, |term| counts.get(&term).copied().unwrap_or(0))
}

/// The constants of the logistic function: by the score of the article, the
/// score of the best topic without one, the weight of the question, and
/// what is added.
const SCORE: f64 = 0.225;
const UNCOVERED: f64 = -0.164;
const WHOLE: f64 = -0.0075;
const ADDED: f64 = -2.93;

/// The logistic function at the whole numbers from -5 to 5, in
/// ten-thousandths: what lies between is interpolated, so that every machine
/// computes the same.
const LOGISTIC: [f64; 11] = [
    67.0, 180.0, 474.0, 1192.0, 2689.0, 5000.0, 7311.0, 8808.0, 9526.0, 9820.0, 9933.0,
];

fn logistic(z: f64) -> f64 {
    let place = z.clamp(-5.0, 5.0) + 5.0;
    let index = (place as usize).min(LOGISTIC.len() - 2);
    let part = place - index as f64;
    LOGISTIC[index] * (1.0 - part) + LOGISTIC[index + 1] * part
}

/// How likely an article answers, in ten-thousandths, for each of `ranked`:
/// what is said for one is no longer there for those behind it.
///
/// Whoever wants something done is seldom served with an article. So a report,
/// a complaint or a suggestion never reaches what answering without a
/// department takes; a request for help does where an article is certain.
pub(crate) fn confidences(question: &Question, kind: CaseKind, ranked: &[Ranked]) -> Vec<u16> {
    let served = match kind {
        CaseKind::Consultation => 1.0,
        CaseKind::Help => 0.9,
        CaseKind::Complaint | CaseKind::Report | CaseKind::Suggestion => 0.75,
    };
    let whole: f64 = question.terms.iter().map(|(_, weight)| weight).sum();
    let others = UNCOVERED * question.uncovered() + WHOLE * whole + ADDED;
    let mut left = 10_000.0;
    ranked
        .iter()
        .map(|ranked| {
            let alone = logistic(SCORE * ranked.score + others);
            let taken = alone * left / 10_000.0;
            left -= taken;
            (taken * served) as u16
        })
        .collect()
}

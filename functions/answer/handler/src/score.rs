//! How well an article answers a question: by the terms that they share,
//! rare ones weighing more, in whole numbers throughout.

use std::collections::{BTreeMap, BTreeSet};

use text::{View, sentences};

use crate::compose::english_part;
use crate::{Article, CaseKind, Inquiry};

/// Terms that say nothing about the matter of a question.
const COMMON: &[&str] = &[
    "a", "an", "and", "are", "can", "do", "for", "have", "hello", "how", "i", "in", "is", "it",
    "my", "of", "on", "please", "the", "to", "what", "where", "with", "you", "关于", "咨询",
    "问题", "请问", "想问", "问一", "一下", "你好", "您好", "怎么", "么办", "如何", "什么", "可以",
    "是否", "能否", "吗", "我们", "我的", "我想", "谢谢", "有没", "没有", "需要", "要什", "哪些",
    "鄞州", "州区", "宁波", "现在", "这个", "以吗", "该怎", "应该", "为什", "哪里", "办理", "理吗",
    "多少",
];

/// What is asked.
pub(crate) struct Question {
    /// The terms of subject, body and supplements.
    all: BTreeSet<Term>,
    /// Those of the subject and of the sentences that ask.
    focus: BTreeSet<Term>,
}

impl Question {
    /// What `inquiry` asks.
    pub fn of(inquiry: &Inquiry) -> Self {
        let mut focus = terms(&inquiry.subject);
        let mut all = focus.clone();
        let texts = std::iter::once(&inquiry.body).chain(&inquiry.supplements);
        let mut asked = BTreeSet::new();
        for text in texts {
            all.extend(terms(text));
            let view = View::new(text);
            for sentence in sentences(&view) {
                let sentence: String = view.chars()[sentence.start..sentence.end].iter().collect();
                if sentence.ends_with('?')
                    || ["吗", "怎么", "如何", "能否", "是否"]
                        .iter()
                        .any(|word| sentence.contains(word))
                {
                    asked.extend(terms(&sentence));
                }
            }
        }
        focus.extend(asked);
        if focus.is_empty() {
            focus.clone_from(&all);
        }
        Self { all, focus }
    }

    /// Whether there is nothing to go by.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// A term as a number: pairs of characters exactly, longer words by a hash
/// (FNV-1a), of which a clash does no more than shift a score.
type Term = u64;

fn number(term: &[char]) -> Term {
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

/// Hands over each term of `text` that says something.
fn each_term(text: &str, mut take: impl FnMut(Term)) {
    text::terms(text, |term| {
        let common = term.len() <= 6
            && COMMON
                .iter()
                .any(|common| common.chars().eq(term.iter().copied()));
        if !common {
            take(number(term));
        }
    });
}

fn terms(text: &str) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    each_term(text, |term| {
        terms.insert(term);
    });
    terms
}

/// An article by its index, with how well it fits from 0 to 1,000.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub article: usize,
    pub score: u32,
}

/// The articles that share anything with the question, best first.
pub(crate) fn rank(question: &Question, inquiry: &Inquiry, articles: &[Article]) -> Vec<Ranked> {
    let documents: Vec<Document> = articles
        .iter()
        .map(|article| Document::of(article, question))
        .collect();
    let mut found_in: BTreeMap<Term, u32> = BTreeMap::new();
    for document in &documents {
        for term in &document.heads {
            *found_in.entry(*term).or_default() += 1;
        }
    }
    let weight = |term: Term| 120 / (2 + found_in.get(&term).copied().unwrap_or(0).min(58));
    let mut ranked: Vec<Ranked> = documents
        .iter()
        .zip(articles)
        .enumerate()
        .map(|(index, (document, article))| {
            let mut score = document.fit(question, weight);
            if score > 0 && inquiry.category.as_ref() == Some(&article.category) {
                score += 80;
            }
            if article.stale {
                score = score * 9 / 10;
            }
            Ranked {
                article: index,
                score: score.min(1000),
            }
        })
        .filter(|ranked| ranked.score > 0)
        .collect();
    ranked.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| articles[a.article].id.cmp(&articles[b.article].id))
    });
    ranked
}

struct Document {
    /// The terms of the title and of each question.
    phrasings: Vec<BTreeSet<Term>>,
    heads: BTreeSet<Term>,
    /// The terms that are asked for and stand in its body.
    body: BTreeSet<Term>,
}

impl Document {
    fn of(article: &Article, question: &Question) -> Self {
        let mut phrasings: Vec<BTreeSet<Term>> = std::iter::once(&article.title)
            .chain(&article.questions)
            .map(|text| terms(text))
            .collect();
        // English questions find an article by its English section.
        phrasings.extend(
            english_part(&article.body)
                .and_then(|part| part.split('.').next())
                .map(terms),
        );
        let heads = phrasings.iter().flatten().copied().collect();
        let mut body = BTreeSet::new();
        text::terms(&article.body, |term| {
            let term = number(term);
            if question.focus.contains(&term) {
                body.insert(term);
            }
        });
        Self {
            phrasings,
            heads,
            body,
        }
    }

    /// From 0 to 920: how much of one of its phrasings the question says, and
    /// how much of what is asked the article holds.
    fn fit(&self, question: &Question, weight: impl Fn(Term) -> u32) -> u32 {
        let sum =
            |terms: &mut dyn Iterator<Item = &Term>| terms.map(|term| weight(*term)).sum::<u32>();
        let said = self
            .phrasings
            .iter()
            .map(|phrasing| {
                let shared = sum(&mut phrasing.iter().filter(|term| question.all.contains(*term)));
                // A phrasing of one term is soon said in full; it counts as one of three.
                let whole = sum(&mut phrasing.iter()).max(90);
                shared * 1000 / whole
            })
            .max()
            .unwrap_or(0);
        let asked = sum(&mut question.focus.iter()).max(90);
        let heads = sum(&mut question
            .focus
            .iter()
            .filter(|term| self.heads.contains(*term)));
        let body = sum(&mut question
            .focus
            .iter()
            .filter(|term| !self.heads.contains(*term) && self.body.contains(*term)));
        let held = (heads * 1000 + body * 500) / asked;
        (said * 50 + held * 42) / 100
    }
}

/// Score and confidence, the former in thousandths, the latter in
/// ten-thousandths. Fitted to the 691 questions of the 98 articles of
/// `districts/yinzhou` as of 2026-11, each asked while it was taken out of its
/// article: of 68 with 8,000 to 9,000, 60 found their article.
const CURVE: &[(u32, u32)] = &[
    (0, 0),
    (100, 1500),
    (200, 3500),
    (300, 5500),
    (400, 7000),
    (500, 8200),
    (600, 9000),
    (750, 9500),
];

/// Confidence that the first article answers the question: by its score, and
/// less where the second comes close. Whoever wants something done is seldom
/// served with an article, so that those drafts stay below any threshold for
/// answering without a department.
pub(crate) fn confidence(kind: CaseKind, first: u32, second: u32) -> u16 {
    let after = CURVE.partition_point(|(at, _)| *at <= first);
    let (x0, y0) = CURVE[after.max(1) - 1];
    let alone = match CURVE.get(after) {
        Some((x1, y1)) => y0 + (y1 - y0) * (first - x0) / (x1 - x0),
        None => y0,
    };
    let lead = first.saturating_sub(second) * 1000 / first.max(1);
    let served = match kind {
        CaseKind::Consultation => 100,
        CaseKind::Help => 85,
        CaseKind::Complaint | CaseKind::Report | CaseKind::Suggestion => 75,
    };
    (alone * (700 + lead.min(300)) / 1000 * served / 100) as u16
}

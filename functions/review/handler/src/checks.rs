//! The checks, each on its own.

use std::collections::BTreeSet;

use text::personal::{self, Kind, Setting};
use text::{Hit, Phrases, View, sentence_at, sentences};

use crate::phrases::{COMMON, Sign, TABLE};
use crate::{AnswerText, CaseKind, Field, Finding, Inquiry, Severity, Span, Urgency};

/// Fewer characters than this do not answer anybody.
const SHORT: usize = 30;
/// Shares of the subject's and of the body's terms, in hundredths, of which an
/// answer has to reach one. Of 2,283 real pairs of message and official reply
/// 13 % reach neither; of the same replies under other messages, 85 %.
const SUBJECT: usize = 8;
const BODY: usize = 6;

pub(crate) fn all(inquiry: &Inquiry, answer: &AnswerText) -> Vec<Finding> {
    let view = View::new(&answer.body);
    let hits = Phrases::new(TABLE).longest(&view);
    let mut findings = Vec::new();
    length(&view, &mut findings);
    personal_data(answer, &mut findings);
    wording(&view, &hits, &mut findings);
    promises(&view, &hits, &mut findings);
    not_answered(inquiry, answer, &view, &mut findings);
    basis(inquiry, answer, &mut findings);
    contact(answer, &view, &hits, &mut findings);
    date(inquiry, &view, &hits, &mut findings);
    findings
}

fn finding(code: &str, severity: Severity, span: Option<(u32, u32)>) -> Finding {
    let span = span.map(|(start, end)| Span {
        field: Field::Answer,
        start,
        end,
    });
    Finding {
        code: code.into(),
        severity,
        span,
    }
}

fn length(view: &View, findings: &mut Vec<Finding>) {
    match view.chars().iter().filter(|c| c.is_alphanumeric()).count() {
        0 => findings.push(finding("too-short", Severity::Blocking, None)),
        length if length < SHORT => findings.push(finding("too-short", Severity::Warning, None)),
        _ => {}
    }
}

/// Personal data block where they have no business in an answer; a number
/// that the department gives as its contact is its own affair.
fn personal_data(answer: &AnswerText, findings: &mut Vec<Finding>) {
    let chars: Vec<char> = answer.body.chars().collect();
    let tight = |text: &str| View::tight(text).chars().iter().collect::<String>();
    let contact = tight(answer.contact.as_deref().unwrap_or_default());
    for found in personal::find(&answer.body, Setting::Official, &[]) {
        let value: String = chars[found.start as usize..found.end as usize]
            .iter()
            .collect();
        if contact.contains(&tight(&value)) {
            continue;
        }
        let severity = match found.kind {
            Kind::IdentityNumber | Kind::BankAccount | Kind::Phone => Severity::Blocking,
            _ => Severity::Warning,
        };
        findings.push(finding(
            "personal-data",
            severity,
            Some((found.start, found.end)),
        ));
    }
}

fn wording(view: &View, hits: &[Hit<'_, Sign>], findings: &mut Vec<Finding>) {
    for hit in hits {
        let (code, severity) = match hit.value {
            Sign::Empty => ("empty-phrase", Severity::Note),
            Sign::Rude => ("tone", Severity::Warning),
            _ => continue,
        };
        findings.push(finding(code, severity, Some(view.span(hit.start, hit.end))));
    }
}

/// A promise binds only with a day or a period in the same sentence.
fn promises(view: &View, hits: &[Hit<'_, Sign>], findings: &mut Vec<Finding>) {
    let sentences = sentences(view);
    let mut last = None;
    for hit in hits.iter().filter(|hit| *hit.value == Sign::Promise) {
        let Some(sentence) = sentence_at(&sentences, hit.start) else {
            continue;
        };
        // One sentence is one promise, however often it says "soon".
        if last.replace(sentence) == Some(sentence) {
            continue;
        }
        let first = hits.partition_point(|hit| hit.start < sentence.start);
        let kept = hits[first..]
            .iter()
            .take_while(|hit| hit.start < sentence.end)
            .any(|hit| *hit.value == Sign::When)
            || dated(&view.chars()[sentence.start..sentence.end]);
        if !kept {
            let span = view.span(hit.start, hit.end);
            findings.push(finding(
                "promise-without-date",
                Severity::Warning,
                Some(span),
            ));
        }
    }
}

/// Whether a number stands before a unit of time.
fn dated(chars: &[char]) -> bool {
    let digit = |c: char| c.is_ascii_digit() || "一二三四五六七八九十两半".contains(c);
    // "三号楼" is a place, "三号" a day.
    let place = |at: usize| {
        chars
            .get(at)
            .is_some_and(|c| "楼线门院桥房室店幢栋".contains(*c))
    };
    chars.windows(2).enumerate().any(|(at, pair)| {
        digit(pair[0]) && "年月日号天周".contains(pair[1]) && !(pair[1] == '号' && place(at + 2))
    }) || chars
        .windows(3)
        .any(|three| digit(three[0]) && three[1] == '个' && "月工小".contains(three[2]))
        || chars.windows(8).any(|date| {
            date.iter().enumerate().all(|(at, c)| match at {
                4 | 7 => matches!(c, '-' | '/' | '.'),
                _ => c.is_ascii_digit(),
            })
        })
}

/// Whether the answer takes up the matter. An answer in another language
/// shares no words with the question, and is left to the reviewer.
fn not_answered(inquiry: &Inquiry, answer: &AnswerText, view: &View, findings: &mut Vec<Finding>) {
    let asked = format!("{}\n{}", inquiry.subject, inquiry.body);
    let comparable = view.chars().iter().any(|c| c.is_alphanumeric())
        && text::language(&asked) == text::language(&answer.body);
    if !comparable {
        return;
    }
    let subject = overlap(&inquiry.subject, &answer.body).map(|share| share < SUBJECT);
    let body = overlap(&inquiry.body, &answer.body).map(|share| share < BODY);
    let missed = match (subject, body) {
        (Some(subject), Some(body)) => subject && body,
        (one, other) => one.or(other).unwrap_or(false),
    };
    if missed {
        findings.push(finding("not-answered", Severity::Warning, None));
    }
}

/// The share of the terms of `asked` that stand in `answered`, in hundredths;
/// `None` where too little was asked to tell.
pub(crate) fn overlap(asked: &str, answered: &str) -> Option<usize> {
    let terms: BTreeSet<String> = text::search_terms(asked)
        .into_iter()
        .filter(|term| !COMMON.contains(&term.as_str()))
        .collect();
    if terms.len() < 4 {
        return None;
    }
    let given: BTreeSet<String> = text::search_terms(answered).into_iter().collect();
    Some(terms.iter().filter(|term| given.contains(*term)).count() * 100 / terms.len())
}

/// A question about policy, or a refusal, is answered out of a rule.
fn basis(inquiry: &Inquiry, answer: &AnswerText, findings: &mut Vec<Finding>) {
    let quoted = answer.body.contains('《') || answer.body.contains("规定第");
    if answer.basis.iter().all(|basis| basis.trim().is_empty()) && !quoted {
        let severity = match inquiry.kind {
            CaseKind::Consultation => Severity::Warning,
            _ => Severity::Note,
        };
        findings.push(finding("no-basis", severity, None));
    }
}

fn contact(answer: &AnswerText, view: &View, hits: &[Hit<'_, Sign>], findings: &mut Vec<Finding>) {
    let given = answer
        .contact
        .as_deref()
        .is_some_and(|contact| !contact.trim().is_empty());
    // A word for a contact and a number of some length.
    let said = hits.iter().any(|hit| *hit.value == Sign::Contact)
        && view
            .chars()
            .split(|c| !c.is_ascii_digit())
            .any(|digits| digits.len() >= 5);
    if !given && !said {
        findings.push(finding("no-contact", Severity::Note, None));
    }
}

/// Whoever asked for something to be done wants to know when.
fn date(inquiry: &Inquiry, view: &View, hits: &[Hit<'_, Sign>], findings: &mut Vec<Finding>) {
    let wants = !matches!(inquiry.kind, CaseKind::Consultation);
    let promised = findings
        .iter()
        .any(|finding| finding.code == "promise-without-date");
    let said = hits.iter().any(|hit| *hit.value == Sign::When) || dated(view.chars());
    if wants && !said && !promised {
        let severity = match inquiry.urgency {
            Urgency::Normal => Severity::Note,
            Urgency::Urgent | Urgency::Emergency => Severity::Warning,
        };
        findings.push(finding("no-date", severity, None));
    }
}

//! What would become of one case under two handlers, and what is different. Pure.

use host::department::Cost;
use host::department::contract::{Draft, Finding, Triage};

/// A part of a handler and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) part: &'static str,
    pub(super) what: String,
}

impl Word {
    pub(super) fn new(part: &'static str, what: &str) -> Word {
        Word {
            part,
            what: what.to_owned(),
        }
    }
}

/// What becomes of a case under one handler over the platform's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Side {
    /// The handler wanted to see the case.
    pub(super) asked: bool,
    pub(super) triage: Option<Triage>,
    /// What the officer is shown: the handler's draft, else the default's.
    pub(super) draft: Option<Draft>,
    /// The draft is the handler's.
    pub(super) own_draft: bool,
    /// The handler's own.
    pub(super) findings: Vec<Finding>,
    /// Calls that came to nothing.
    pub(super) trouble: Vec<Word>,
    /// Time of all calls together, and the most memory of one.
    pub(super) cost: Cost,
}

/// What is different between two sides.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) before: Side,
    pub(super) after: Side,
    /// Another decision, or the same one with other words.
    pub(super) triage: Changed,
    pub(super) draft: Changed,
    /// Codes of findings that only the candidate makes.
    pub(super) added: Vec<String>,
    /// Codes of findings that the candidate makes no more.
    pub(super) removed: Vec<String>,
}

/// How much of something is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    Same,
    /// The same decision in other words; another text of a draft.
    Reworded,
    /// Another decision; a draft where there was none.
    New,
    /// Nothing where there was something.
    Gone,
}

impl Effect {
    pub(super) fn between(before: Side, after: Side) -> Effect {
        let triage = match (&before.triage, &after.triage) {
            (left, right) if left == right => Changed::Same,
            (Some(_), None) => Changed::Gone,
            (Some(left), Some(right)) if kind(left) == kind(right) => Changed::Reworded,
            _ => Changed::New,
        };
        let draft = match (&before.draft, &after.draft) {
            (None, None) => Changed::Same,
            (Some(left), Some(right))
                if left.body == right.body && left.sources == right.sources =>
            {
                Changed::Same
            }
            (Some(_), Some(_)) => Changed::Reworded,
            (None, Some(_)) => Changed::New,
            (Some(_), None) => Changed::Gone,
        };
        let added = beyond(&after.findings, &before.findings);
        let removed = beyond(&before.findings, &after.findings);
        Effect {
            before,
            after,
            triage,
            draft,
            added,
            removed,
        }
    }

    /// Whether anybody would notice.
    pub(super) fn is_none(&self) -> bool {
        self.triage == Changed::Same
            && self.draft == Changed::Same
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.before.trouble == self.after.trouble
    }
}

/// The codes of what stands in `all` beyond `others`, each as often as it is more; where it lies counts.
fn beyond(all: &[Finding], others: &[Finding]) -> Vec<String> {
    let mut others: Vec<&Finding> = others.iter().collect();
    all.iter()
        .filter(|finding| {
            let known = others.iter().position(|other| other == finding);
            if let Some(at) = known {
                others.swap_remove(at);
            }
            known.is_none()
        })
        .map(|finding| finding.code.clone())
        .collect()
}

/// The decision without its words.
pub(super) fn kind(triage: &Triage) -> &'static str {
    match triage {
        Triage::Accept(_) => "accept",
        Triage::SendBack(_) => "send-back",
        Triage::Ask(_) => "ask",
    }
}

/// The decision in its words, a line each.
pub(super) fn words(triage: &Triage) -> Vec<String> {
    match triage {
        Triage::Accept(section) => vec![section.clone()],
        Triage::Ask(questions) => questions.clone(),
        Triage::SendBack(back) => {
            let mut words = vec![back.reason.clone(), back.basis.clone()];
            words.extend(back.suggested.clone());
            words
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::department::contract::{Severity, Source};

    fn draft(body: &str) -> Option<Draft> {
        Some(Draft {
            body: body.to_owned(),
            sources: vec![Source {
                article: "a".to_owned(),
                title: "a".to_owned(),
                updated: "2026-01-01".to_owned(),
                stale: false,
            }],
            confidence: 9_000,
        })
    }

    fn found(codes: &[&str]) -> Vec<Finding> {
        codes
            .iter()
            .map(|code| Finding {
                code: (*code).to_owned(),
                severity: Severity::Note,
                span: None,
            })
            .collect()
    }

    fn ask(question: &str) -> Option<Triage> {
        Some(Triage::Ask(vec![question.to_owned()]))
    }

    #[test]
    fn what_nobody_notices_is_no_effect() {
        let side = Side {
            triage: ask("哪里？"),
            draft: draft("您好"),
            findings: found(&["tone"]),
            ..Side::default()
        };
        // What it costs is shown elsewhere.
        let dearer = Side {
            cost: Cost {
                memory: 1,
                ..Cost::default()
            },
            ..side.clone()
        };
        assert!(Effect::between(side, dearer).is_none());
    }

    #[test]
    fn what_changes_is_named() {
        let before = Side {
            triage: ask("哪里？"),
            draft: draft("您好"),
            findings: found(&["tone", "tone"]),
            ..Side::default()
        };
        let after = Side {
            triage: Some(Triage::Accept("照明".to_owned())),
            draft: draft("您好！"),
            findings: found(&["tone", "fee-named"]),
            ..Side::default()
        };
        let effect = Effect::between(before.clone(), after);
        assert_eq!(
            (effect.triage, effect.draft),
            (Changed::New, Changed::Reworded)
        );
        assert_eq!(
            (effect.added, effect.removed),
            (vec!["fee-named".to_owned()], vec!["tone".to_owned()])
        );
        let reworded = Side {
            triage: ask("哪条路？"),
            ..before.clone()
        };
        assert_eq!(
            Effect::between(before.clone(), reworded).triage,
            Changed::Reworded
        );
        let nothing = Effect::between(before.clone(), Side::default());
        assert_eq!(
            (nothing.triage, nothing.draft),
            (Changed::Gone, Changed::Gone)
        );
        let broken = Side {
            trouble: vec![Word::new("draft", "trap")],
            ..before.clone()
        };
        assert!(!Effect::between(before, broken).is_none());
    }
}

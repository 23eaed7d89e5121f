//! One sample case put to a handler, and what came of it beside what was expected.

use super::sample::{Maybe, Sample};
use host::department::contract::{Draft, Error, Finding, FollowUp, Triage};
use host::department::{CallError, Called, Cost, DepartmentHandler};

/// What a handler said in one function: a result, its own word that it has none, or a breakdown.
type Said<T> = Result<Result<T, Error>, CallError>;

/// All that a handler said to one sample case.
#[derive(Debug, PartialEq)]
pub(crate) struct Trial {
    pub(crate) triage: Said<Option<Triage>>,
    pub(crate) draft: Said<Option<Draft>>,
    /// Only where the sample has an answer.
    pub(crate) findings: Option<Said<Vec<Finding>>>,
    pub(crate) follow_up: Option<Said<Option<FollowUp>>>,
}

/// A part of a trial that is not as expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Which function.
    pub(crate) part: &'static str,
    /// Lines that were expected.
    pub(crate) expected: Vec<String>,
    /// Lines that came.
    pub(crate) got: Vec<String>,
}

/// Puts `sample` to `handler`; the cost is the greatest of its calls.
pub(crate) fn put(handler: &DepartmentHandler, sample: &Sample, department: &str) -> (Trial, Cost) {
    let inquiry = sample.inquiry();
    let mut most = Cost::default();
    let mut count = |cost: Cost| most = most.most(cost);
    let triage = counted(handler.triage(&inquiry), &mut count);
    let articles = sample.articles(department);
    let draft = counted(handler.draft(&inquiry, &articles), &mut count);
    let answer = sample.answer(department);
    let findings = answer
        .as_ref()
        .map(|answer| counted(handler.check(&inquiry, answer), &mut count));
    let follow_up = answer
        .as_ref()
        .map(|answer| counted(handler.follow_up(&inquiry, answer), &mut count));
    let trial = Trial {
        triage,
        draft,
        findings,
        follow_up,
    };
    (trial, most)
}

fn counted<T>((said, cost): Called<T>, count: &mut impl FnMut(Cost)) -> Result<T, CallError> {
    count(cost);
    said
}

impl Trial {
    /// The breakdowns, by function.
    pub(crate) fn breakdowns(&self) -> Vec<(&'static str, &CallError)> {
        let parts = [
            ("triage", self.triage.as_ref().err()),
            ("draft", self.draft.as_ref().err()),
            (
                "check",
                self.findings.as_ref().and_then(|said| said.as_ref().err()),
            ),
            (
                "follow-up",
                self.follow_up.as_ref().and_then(|said| said.as_ref().err()),
            ),
        ];
        parts
            .into_iter()
            .filter_map(|(part, error)| Some((part, error?)))
            .collect()
    }

    /// Where the trial is not as `sample` expects it.
    pub(crate) fn differences(&self, sample: &Sample) -> Vec<Difference> {
        let expect = &sample.expect;
        let mut all = Vec::new();
        if let Some(Maybe(expected)) = &expect.triage {
            let expected = expected.clone().map(Triage::from);
            all.extend(compare(
                "triage",
                triage_lines(expected.as_ref()),
                self.triage_lines(),
            ));
        }
        if let Some(Maybe(expected)) = &expect.draft {
            match (expected, &self.draft) {
                (Some(expected), Ok(Ok(Some(draft)))) => {
                    let missing: Vec<String> = expected
                        .contains
                        .iter()
                        .filter(|part| !draft.body.contains(*part))
                        .map(|part| format!("contains “{part}”"))
                        .collect();
                    if !missing.is_empty() {
                        let got = draft.body.lines().map(str::to_owned).collect();
                        all.push(Difference {
                            part: "draft",
                            expected: missing,
                            got,
                        });
                    }
                    if let Some(sources) = &expected.sources {
                        all.extend(compare("draft sources", sources.clone(), sources_of(draft)));
                    }
                }
                (Some(expected), _) => all.push(Difference {
                    part: "draft",
                    expected: expected
                        .contains
                        .iter()
                        .map(|part| format!("contains “{part}”"))
                        .collect(),
                    got: self.draft_lines(),
                }),
                (None, _) => {
                    all.extend(compare(
                        "draft",
                        vec!["none".to_owned()],
                        self.draft_lines(),
                    ));
                }
            }
        }
        if let (Some(expected), Some(said)) = (&expect.findings, &self.findings) {
            let got = lines(said, |findings| {
                findings
                    .iter()
                    .map(|finding| finding.code.clone())
                    .collect()
            });
            all.extend(compare("findings", expected.clone(), got));
        }
        if let (Some(Maybe(expected)), Some(said)) = (&expect.follow_up, &self.follow_up) {
            let expected = expected.clone().map(FollowUp::from);
            let got = lines(said, |said| follow_up_lines(said.as_ref()));
            all.extend(compare(
                "follow-up",
                follow_up_lines(expected.as_ref()),
                got,
            ));
        }
        all
    }

    /// A word or two for each function, for a table.
    pub(crate) fn summary(&self) -> [String; 4] {
        let first = |lines: Vec<String>| {
            let more = lines.len().saturating_sub(1);
            let line = lines
                .into_iter()
                .next()
                .unwrap_or_else(|| "none".to_owned());
            if more > 0 {
                format!("{line} +{more}")
            } else {
                line
            }
        };
        let draft = match &self.draft {
            Ok(Ok(Some(draft))) => first(sources_of(draft)),
            _ => first(self.draft_lines()),
        };
        let findings = self.findings.as_ref().map_or_else(
            || "–".to_owned(),
            |said| {
                first(lines(said, |all| {
                    all.iter().map(|finding| finding.code.clone()).collect()
                }))
            },
        );
        let follow_up = self.follow_up.as_ref().map_or_else(
            || "–".to_owned(),
            |said| first(lines(said, |said| follow_up_lines(said.as_ref()))),
        );
        [first(self.triage_lines()), draft, findings, follow_up]
    }

    fn triage_lines(&self) -> Vec<String> {
        lines(&self.triage, |triage| triage_lines(triage.as_ref()))
    }

    fn draft_lines(&self) -> Vec<String> {
        lines(&self.draft, |draft| match draft {
            Some(draft) => draft.body.lines().map(str::to_owned).collect(),
            None => vec!["none".to_owned()],
        })
    }
}

fn lines<T>(said: &Said<T>, show: impl FnOnce(&T) -> Vec<String>) -> Vec<String> {
    match said {
        Ok(Ok(said)) => show(said),
        Ok(Err(Error::InvalidInput(text))) => vec![format!("error: invalid input: {text}")],
        Ok(Err(Error::Other(text))) => vec![format!("error: {text}")],
        Err(error) => vec![format!("failed: {error}")],
    }
}

fn triage_lines(triage: Option<&Triage>) -> Vec<String> {
    match triage {
        None => vec!["none".to_owned()],
        Some(Triage::Accept(section)) => vec![format!("accept: {section}")],
        Some(Triage::Ask(questions)) => questions
            .iter()
            .map(|question| format!("ask: {question}"))
            .collect(),
        Some(Triage::SendBack(back)) => {
            let mut lines = vec![
                format!("send-back: {}", back.reason),
                format!("basis: {}", back.basis),
            ];
            lines.extend(
                back.suggested
                    .iter()
                    .map(|department| format!("suggested: {department}")),
            );
            lines
        }
    }
}

fn follow_up_lines(follow_up: Option<&FollowUp>) -> Vec<String> {
    match follow_up {
        None => vec!["none".to_owned()],
        Some(follow_up) => vec![format!(
            "after {} days: {}",
            follow_up.after_days, follow_up.task
        )],
    }
}

fn sources_of(draft: &Draft) -> Vec<String> {
    draft
        .sources
        .iter()
        .map(|source| source.article.clone())
        .collect()
}

fn compare(part: &'static str, expected: Vec<String>, got: Vec<String>) -> Option<Difference> {
    (expected != got).then_some(Difference {
        part,
        expected,
        got,
    })
}

impl std::fmt::Display for Difference {
    /// The lines that differ, `-` what was expected and `+` what came; what is alike has neither.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "    {}: - expected  + got", self.part)?;
        for line in &self.expected {
            let mark = if self.got.contains(line) { ' ' } else { '-' };
            writeln!(f, "      {mark} {line}")?;
        }
        for line in self.got.iter().filter(|line| !self.expected.contains(line)) {
            writeln!(f, "      + {line}")?;
        }
        // The same lines in another order.
        if self.got.iter().all(|line| self.expected.contains(line))
            && self.got.len() == self.expected.len()
        {
            writeln!(f, "      (in this order: {})", self.got.join(" · "))?;
        }
        Ok(())
    }
}

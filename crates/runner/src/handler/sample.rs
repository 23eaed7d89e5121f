//! A department's sample cases: `cases.toml` beside its handler.

use anyhow::{Context, Result, ensure};
use host::department::contract::{
    AnswerText, Article, CaseKind, FollowUp, Inquiry, ReturnReason, Triage, Urgency,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::fs;
use std::path::Path;

/// The file of the sample cases in a department's folder.
pub(crate) const FILE: &str = "cases.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Samples {
    #[serde(rename = "case", default)]
    cases: Vec<Sample>,
}

/// What a citizen may write, and what the handler must say to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Sample {
    pub(crate) name: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    language: Option<String>,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    urgency: Haste,
    division: Option<String>,
    address: Option<String>,
    category: Option<String>,
    #[serde(default)]
    supplements: Vec<String>,
    /// What the knowledge base offers for the draft.
    #[serde(default)]
    articles: Vec<SampleArticle>,
    /// What was answered; without it, neither findings nor follow-up are asked for.
    answer: Option<SampleAnswer>,
    #[serde(default)]
    pub(crate) expect: Expect,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Complaint,
    #[default]
    Consultation,
    Help,
    Report,
    Suggestion,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Haste {
    #[default]
    Normal,
    Urgent,
    Emergency,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SampleArticle {
    id: String,
    title: String,
    #[serde(default)]
    title_en: String,
    body: String,
    body_en: Option<String>,
    #[serde(default)]
    questions: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    basis: Vec<String>,
    #[serde(default)]
    updated: String,
    #[serde(default)]
    stale: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleAnswer {
    body: String,
    #[serde(default)]
    basis: Vec<String>,
    contact: Option<String>,
}

/// What must come of a sample case. What is left out may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Expect {
    pub(crate) triage: Option<Maybe<ExpectedTriage>>,
    pub(crate) draft: Option<Maybe<ExpectedDraft>>,
    /// The codes of the findings, in order.
    pub(crate) findings: Option<Vec<String>>,
    pub(crate) follow_up: Option<Maybe<ExpectedFollowUp>>,
}

/// Something, or the word `"none"`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        if value.as_str() == Some("none") {
            return Ok(Maybe(None));
        }
        T::deserialize(value)
            .map(|value| Maybe(Some(value)))
            .map_err(D::Error::custom)
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum ExpectedTriage {
    Accept(String),
    SendBack(ExpectedReturn),
    Ask(Vec<String>),
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedReturn {
    reason: String,
    basis: String,
    suggested: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedDraft {
    /// What stands in the text.
    #[serde(default)]
    pub(crate) contains: Vec<String>,
    /// The identifiers of the sources, in order.
    pub(crate) sources: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExpectedFollowUp {
    after_days: u16,
    task: String,
}

impl From<ExpectedTriage> for Triage {
    fn from(expected: ExpectedTriage) -> Triage {
        match expected {
            ExpectedTriage::Accept(section) => Triage::Accept(section),
            ExpectedTriage::Ask(questions) => Triage::Ask(questions),
            ExpectedTriage::SendBack(back) => Triage::SendBack(ReturnReason {
                reason: back.reason,
                basis: back.basis,
                suggested: back.suggested,
            }),
        }
    }
}

impl From<ExpectedFollowUp> for FollowUp {
    fn from(expected: ExpectedFollowUp) -> FollowUp {
        FollowUp {
            after_days: expected.after_days,
            task: expected.task,
        }
    }
}

impl Sample {
    /// The inquiry as the platform hands it over.
    pub(crate) fn inquiry(&self) -> Inquiry {
        Inquiry {
            number: String::new(),
            language: self.language.clone().unwrap_or_else(|| "zh-CN".to_owned()),
            kind: match self.kind {
                Kind::Complaint => CaseKind::Complaint,
                Kind::Consultation => CaseKind::Consultation,
                Kind::Help => CaseKind::Help,
                Kind::Report => CaseKind::Report,
                Kind::Suggestion => CaseKind::Suggestion,
            },
            urgency: match self.urgency {
                Haste::Normal => Urgency::Normal,
                Haste::Urgent => Urgency::Urgent,
                Haste::Emergency => Urgency::Emergency,
            },
            subject: text::tidy_line(&self.subject),
            body: text::tidy(&self.body),
            division: self.division.clone(),
            address: self.address.clone(),
            category: self.category.clone(),
            supplements: self.supplements.clone(),
        }
    }

    /// The articles that the knowledge base offers.
    pub(crate) fn articles(&self, department: &str) -> Vec<Article> {
        self.articles
            .iter()
            .map(|article| Article {
                id: article.id.clone(),
                title: article.title.clone(),
                title_en: article.title_en.clone(),
                questions: article.questions.clone(),
                keywords: article.keywords.clone(),
                body: article.body.clone(),
                body_en: article.body_en.clone(),
                basis: article.basis.clone(),
                department: department.to_owned(),
                category: self.category.clone().unwrap_or_default(),
                updated: article.updated.clone(),
                stale: article.stale,
            })
            .collect()
    }

    /// What was answered, if the sample says it.
    pub(crate) fn answer(&self, department: &str) -> Option<AnswerText> {
        self.answer.as_ref().map(|answer| AnswerText {
            department: department.to_owned(),
            body: answer.body.clone(),
            basis: answer.basis.clone(),
            contact: answer.contact.clone(),
        })
    }

    /// A case that no department expects: whatever comes of it, the handler must not break down.
    fn odd(name: &str, subject: &str, body: String) -> Sample {
        Sample {
            name: name.to_owned(),
            subject: subject.to_owned(),
            body,
            language: None,
            kind: Kind::default(),
            urgency: Haste::default(),
            division: None,
            address: None,
            category: None,
            supplements: Vec::new(),
            articles: Vec::new(),
            answer: Some(SampleAnswer {
                body: String::new(),
                basis: Vec::new(),
                contact: None,
            }),
            expect: Expect::default(),
        }
    }
}

/// What the gate adds to every department's own cases: empty, long and foreign texts.
pub(crate) fn odd() -> Vec<Sample> {
    vec![
        Sample::odd("(empty)", "", String::new()),
        Sample::odd(
            "(20,000 characters)",
            "很长的来信",
            "路灯不亮。".repeat(4_000),
        ),
        Sample::odd(
            "(English)",
            "A question",
            "Where do I ask about this?".into(),
        ),
        Sample::odd(
            "(emoji and rare characters)",
            "👨‍👩‍👧‍👦",
            "𠮷野家😀\u{200d}\u{fe0f}龘".into(),
        ),
        Sample::odd("(one character)", "？", "a".into()),
    ]
}

/// Reads the sample cases of the department in `folder`.
pub(crate) fn read(folder: &Path) -> Result<Vec<Sample>> {
    let file = folder.join(FILE);
    let text = fs::read_to_string(&file).with_context(|| {
        format!(
            "{} cannot be read; a handler needs sample cases, at least one",
            file.display()
        )
    })?;
    parse(&text).with_context(|| file.display().to_string())
}

/// The sample cases in `text`.
pub(crate) fn parse(text: &str) -> Result<Vec<Sample>> {
    let samples: Samples = toml::from_str(text)?;
    ensure!(
        !samples.cases.is_empty(),
        "there is no [[case]]; a handler needs sample cases, at least one"
    );
    for sample in &samples.cases {
        let asks = sample.expect.findings.is_some() || sample.expect.follow_up.is_some();
        ensure!(
            !asks || sample.answer.is_some(),
            "case “{}” expects findings or a follow-up, and has no [case.answer] to look at",
            sample.name
        );
    }
    Ok(samples.cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_read_with_what_they_expect() {
        let text = r#"
            [[case]]
            name = "一"
            subject = "树倒了"
            expect = { triage = "none", draft.contains = ["绿化"] }
            [[case]]
            name = "二"
            kind = "complaint"
            answer.body = "您好。"
            [case.expect]
            triage.send-back = { reason = "不归我们", basis = "条例", suggested = "parks" }
            findings = ["tone"]
            follow-up = { after-days = 7, task = "回访" }
        "#;
        let samples = parse(text).expect("cases");
        assert_eq!(samples[0].expect.triage, Some(Maybe(None)));
        let draft = samples[0]
            .expect
            .draft
            .clone()
            .expect("named")
            .0
            .expect("some");
        assert_eq!(draft.contains, ["绿化"]);
        assert_eq!(samples[0].inquiry().kind, CaseKind::Consultation);
        assert_eq!(samples[1].inquiry().kind, CaseKind::Complaint);
        let triage = samples[1]
            .expect
            .triage
            .clone()
            .expect("named")
            .0
            .expect("some");
        let Triage::SendBack(back) = Triage::from(triage) else {
            panic!("a return")
        };
        assert_eq!(back.suggested.as_deref(), Some("parks"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, word) in [
            ("", "no [[case]]"),
            ("[[case]]\nname = 'a'\nsubjekt = 'b'", "subjekt"),
            (
                "[[case]]\nname = 'a'\nexpect.findings = []",
                "[case.answer]",
            ),
            ("[[case]]\nname = 'a'\nexpect.triage = 'nothing'", "nothing"),
        ] {
            let error = format!("{:#}", parse(text).expect_err(text));
            assert!(error.contains(word), "{error}");
        }
    }
}

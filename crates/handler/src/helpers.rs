//! Short ways to say what handlers say most.

use crate::{
    About, AnswerText, CaseKind, Description, Draft, Field, Finding, FollowUp, Inquiry, Severity,
    Source, Span, Urgency,
};

impl Description {
    /// The handler of `department`, in `version`, for all cases of the department.
    pub fn new(name: &str, version: &str, department: &str) -> Description {
        Description {
            about: About {
                name: name.to_owned(),
                version: version.to_owned(),
            },
            department: department.to_owned(),
            categories: Vec::new(),
        }
    }

    /// Only for cases of these categories and of those below them.
    #[must_use]
    pub fn for_categories(mut self, categories: &[&str]) -> Description {
        self.categories = categories.iter().map(|&id| id.to_owned()).collect();
        self
    }
}

impl Inquiry {
    /// An inquiry as tests need it: a question in Chinese without anything else known.
    pub fn asking(subject: &str, body: &str) -> Inquiry {
        Inquiry {
            number: String::new(),
            language: "zh-CN".to_owned(),
            kind: CaseKind::Consultation,
            urgency: Urgency::Normal,
            subject: subject.to_owned(),
            body: body.to_owned(),
            division: None,
            address: None,
            category: None,
            supplements: Vec::new(),
        }
    }

    /// All that the citizen wrote: subject, body, place and what was added, a line for each.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}", self.subject, self.body);
        for part in self.address.iter().chain(&self.supplements) {
            text.push('\n');
            text.push_str(part);
        }
        text
    }

    /// Whether the citizen wrote `word`, anywhere.
    pub fn mentions(&self, word: &str) -> bool {
        self.subject.contains(word)
            || self.body.contains(word)
            || self
                .address
                .as_ref()
                .is_some_and(|text| text.contains(word))
            || self.supplements.iter().any(|text| text.contains(word))
    }

    /// Whether the citizen wrote one of `words`.
    pub fn mentions_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.mentions(word))
    }
}

impl Draft {
    /// A draft that rests on one entry of the department's own table: its identifier, title and date of revision
    /// (`2026-09-01`). `confidence` is in ten-thousandths.
    pub fn from_table(
        body: String,
        confidence: u16,
        id: &str,
        title: &str,
        updated: &str,
    ) -> Draft {
        let source = Source {
            article: id.to_owned(),
            title: title.to_owned(),
            updated: updated.to_owned(),
            stale: false,
        };
        Draft {
            body,
            sources: vec![source],
            confidence,
        }
    }
}

impl Finding {
    /// A finding about the answer as a whole.
    pub fn new(code: &str, severity: Severity) -> Finding {
        Finding {
            code: code.to_owned(),
            severity,
            span: None,
        }
    }

    /// A finding about the first place in `answer` where `words` stand; about the whole, where they do not.
    pub fn at(code: &str, severity: Severity, answer: &AnswerText, words: &str) -> Finding {
        let span = answer.body.find(words).map(|byte| {
            let start = answer.body[..byte].chars().count();
            let end = start + words.chars().count();
            let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            Span {
                field: Field::Answer,
                start: index(start),
                end: index(end),
            }
        });
        Finding {
            span,
            ..Finding::new(code, severity)
        }
    }
}

impl FollowUp {
    /// `task` for the department's officer, so many calendar days after publication.
    pub fn after_days(after_days: u16, task: &str) -> FollowUp {
        FollowUp {
            after_days,
            task: task.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_was_written_counts() {
        let mut inquiry = Inquiry::asking("树倒了", "挡住了路");
        assert!(inquiry.mentions("树") && inquiry.mentions("挡住"));
        assert!(!inquiry.mentions("学校"));
        inquiry.address = Some("学校门口".to_owned());
        inquiry.supplements.push("已经三天了".to_owned());
        assert!(inquiry.mentions_any(&["公园", "学校"]) && inquiry.mentions("三天"));
        assert_eq!(inquiry.text(), "树倒了\n挡住了路\n学校门口\n已经三天了");
    }

    #[test]
    fn spans_count_characters() {
        let answer = AnswerText {
            department: "parks".to_owned(),
            body: "您好，我们会尽快处理。".to_owned(),
            basis: Vec::new(),
            contact: None,
        };
        let finding = Finding::at("promise-without-date", Severity::Warning, &answer, "尽快");
        let span = finding.span.expect("a place");
        assert_eq!((span.start, span.end), (6, 8));
        assert_eq!(
            Finding::at("tone", Severity::Note, &answer, "滚").span,
            None
        );
    }
}

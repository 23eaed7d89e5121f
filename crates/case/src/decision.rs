//! What people decided about a case: the labels that training learns from.

use crate::event::{Event, EventData};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which category a case has.
    Category,
    /// Which department leads it.
    Department,
}

impl Question {
    /// The stage that learns from it, as it stands in exported labels.
    pub fn stage(self) -> &'static str {
        match self {
            Question::Category => "classify",
            Question::Department => "route",
        }
    }
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A member of staff chose it.
    Person,
    /// The department that a handler had chosen accepted the case.
    Acceptance,
}

impl By {
    /// As it stands in exported labels.
    pub fn name(self) -> &'static str {
        match self {
            By::Person => "person",
            By::Acceptance => "acceptance",
        }
    }
}

/// One decision that holds at the end of a case's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What was decided.
    pub question: Question,
    /// Identifier of the category or department.
    pub label: &'a str,
    /// What the handler had said last; none if it had left it to a person.
    pub machine: Option<&'a str>,
    /// Who decided.
    pub by: By,
}

/// The category and the department that a person stands for at the end of
/// `history`. What only a handler said is no label: learning from it would
/// make its mistakes surer.
pub fn decisions(history: &[Event]) -> Vec<Decision<'_>> {
    category(history)
        .into_iter()
        .chain(department(history))
        .collect()
}

fn category(history: &[Event]) -> Option<Decision<'_>> {
    let (mut machine, mut decided) = (None, None);
    for event in history {
        if let EventData::Classified {
            category,
            judgement,
        } = &event.data
        {
            match judgement {
                Some(_) => (machine, decided) = (Some(category.as_str()), None),
                None => decided = Some(category.as_str()),
            }
        }
    }
    decided.map(|label| Decision {
        question: Question::Category,
        label,
        machine,
        by: By::Person,
    })
}

fn department(history: &[Event]) -> Option<Decision<'_>> {
    let (mut machine, mut decided) = (None, None);
    // Whose word the present lead is, while nobody has answered for it.
    let mut proposed = None;
    for event in history {
        match &event.data {
            EventData::Assigned {
                department,
                judgement: Some(_),
                ..
            } => {
                machine = Some(department.as_str());
                (proposed, decided) = (machine, None);
            }
            EventData::Assigned { department, .. }
            | EventData::Transferred { department }
            | EventData::Adjudicated { department } => {
                (proposed, decided) = (None, Some((department.as_str(), By::Person)));
            }
            EventData::Accepted => {
                decided = decided.or(proposed.map(|lead| (lead, By::Acceptance)));
            }
            // A department that says the case is not its own takes its word back.
            EventData::Returned { .. } => (proposed, decided) = (None, None),
            _ => {}
        }
    }
    decided.map(|(label, by)| Decision {
        question: Question::Department,
        label,
        machine,
        by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::event::Judgement;
    use crate::time::Timestamp;

    fn judged() -> Option<Judgement> {
        Some(Judgement {
            handler: "a-handler".into(),
            version: "1.0.0".into(),
            sha256: String::new(),
            input: String::new(),
            confidence: None,
            evidence: serde_json::Value::Null,
        })
    }

    fn history(data: Vec<EventData>) -> Vec<Event> {
        (1..)
            .zip(data)
            .map(|(sequence, data)| Event {
                sequence,
                at: Timestamp(0),
                actor: Actor::Channel {
                    channel: "web".into(),
                },
                request: String::new(),
                data,
            })
            .collect()
    }

    fn classified(category: &str, judgement: Option<Judgement>) -> EventData {
        EventData::Classified {
            category: category.into(),
            judgement,
        }
    }

    fn assigned(department: &str, judgement: Option<Judgement>) -> EventData {
        EventData::Assigned {
            department: department.into(),
            co_handling: Vec::new(),
            responsibility: None,
            judgement,
        }
    }

    fn returned(department: &str) -> EventData {
        EventData::Returned {
            department: department.into(),
            suggested: None,
        }
    }

    fn said(data: Vec<EventData>) -> Vec<(String, Option<String>, &'static str)> {
        decisions(&history(data))
            .into_iter()
            .map(|one| {
                let name = format!("{}:{}", one.question.stage(), one.label);
                (name, one.machine.map(str::to_owned), one.by.name())
            })
            .collect()
    }

    fn one(
        name: &str,
        machine: Option<&str>,
        by: &'static str,
    ) -> (String, Option<String>, &'static str) {
        (name.into(), machine.map(str::to_owned), by)
    }

    #[test]
    fn what_only_a_handler_said_is_no_label() {
        assert_eq!(
            said(vec![classified("a", judged()), assigned("x", judged())]),
            []
        );
    }

    #[test]
    fn a_person_corrects_a_category() {
        assert_eq!(
            said(vec![classified("a", judged()), classified("b", None)]),
            [one("classify:b", Some("a"), "person")]
        );
        assert_eq!(
            said(vec![classified("b", None)]),
            [one("classify:b", None, "person")]
        );
        assert_eq!(
            said(vec![classified("b", None), classified("a", judged())]),
            []
        );
    }

    #[test]
    fn a_department_confirms_by_accepting() {
        assert_eq!(
            said(vec![assigned("x", judged()), EventData::Accepted]),
            [one("route:x", Some("x"), "acceptance")]
        );
        assert_eq!(
            said(vec![
                assigned("x", judged()),
                EventData::Accepted,
                returned("x")
            ]),
            []
        );
    }

    #[test]
    fn the_last_word_of_a_person_counts() {
        let adjudicated = EventData::Adjudicated {
            department: "y".into(),
        };
        assert_eq!(
            said(vec![
                assigned("x", judged()),
                returned("x"),
                adjudicated,
                EventData::Accepted
            ]),
            [one("route:y", Some("x"), "person")]
        );
    }
}

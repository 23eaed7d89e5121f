//! When the next thing about a case is due.

use std::collections::BTreeMap;

use crate::calendar::Calendar;
use crate::deadline::{Deadline, Duty, ExtensionError, Matter, Term, select_rule};
use crate::district::{Category, DeadlineRule, Deadlines, TimeLimit, TimeUnit};
use crate::fold::Case;
use crate::state::{Family, State};
use crate::time::Timestamp;

/// What deadlines are computed from beside the case itself.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineBasis<'a> {
    /// The rules.
    pub deadlines: &'a Deadlines,
    /// The calendar.
    pub calendar: &'a Calendar,
    /// The categories, which may name a rule of their own.
    pub categories: &'a BTreeMap<String, Category>,
}

impl Case {
    /// The rule that applies to the case; none when none fits.
    pub fn rule<'a>(&self, basis: &DeadlineBasis<'a>) -> Option<&'a DeadlineRule> {
        let category = self.category.as_deref();
        let named = category
            .and_then(|id| basis.categories.get(id))
            .and_then(|category| category.deadline.as_deref());
        select_rule(
            &basis.deadlines.rules,
            &Matter {
                kind: self.kind,
                urgency: self.urgency,
                category,
                named,
            },
        )
    }

    /// The deadline of the duty that is next: dispatch until a department
    /// leads the case, then the answer. None when the case is not open.
    pub fn deadline(&self, basis: &DeadlineBasis<'_>) -> Option<Deadline> {
        let duty = match self.state {
            State::Received | State::Classified => Duty::Dispatch,
            _ => Duty::Answer,
        };
        (self.state.family() == Family::Open)
            .then(|| self.deadline_of(duty, basis))
            .flatten()
    }

    /// The deadline of `duty`, whatever the state.
    pub fn deadline_of(&self, duty: Duty, basis: &DeadlineBasis<'_>) -> Option<Deadline> {
        self.with_term(duty, basis, |term| term.deadline(basis.calendar))
    }

    /// The deadline that `more` time, asked for at `at`, would give; or why it
    /// cannot be had. None when no rule fits the case.
    pub fn extended(
        &self,
        duty: Duty,
        more: TimeLimit,
        at: Timestamp,
        basis: &DeadlineBasis<'_>,
    ) -> Option<Result<Deadline, ExtensionError>> {
        self.with_term(duty, basis, |term| term.extended(more, at, basis.calendar))
    }

    fn with_term<T>(
        &self,
        duty: Duty,
        basis: &DeadlineBasis<'_>,
        read: impl FnOnce(&Term<'_>) -> T,
    ) -> Option<T> {
        let granted = match self.extension.granted {
            0 => Vec::new(),
            days => vec![TimeLimit {
                amount: days.into(),
                unit: TimeUnit::WorkingDay,
            }],
        };
        Some(read(&Term {
            rule: self.rule(basis)?,
            version: &basis.deadlines.version,
            duty,
            start: self.clock.started,
            pauses: &self.clock.pauses,
            extensions: &granted,
        }))
    }
}

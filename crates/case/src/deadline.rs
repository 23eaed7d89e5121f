//! Deadlines: when something is due, and the arithmetic of it.
//!
//! A deadline is computed from the events, the district's rule and the
//! calendar whenever it is needed; it is never stored as the truth. The same
//! [`Term`] and calendar give the same [`Deadline`] at any time and place, and
//! its explanation lets anybody compute it again by hand.
//!
//! How days are counted follows the Civil Code (民法典):
//!
//! - **Minutes and hours** run by the clock from the start, day and night,
//!   holidays too (§201 para. 2); a pause puts the due time off by its length.
//! - **Days** do not count the day of the start (§201 para. 1): the next day,
//!   or for working days the next working day, is the first.
//! - **The end** is 24:00 of the last day (§203 para. 2). The same paragraph
//!   lets a period end at the close of business where there are business
//!   hours; but the platform takes answers day and night, so there are none
//!   that could close. As the platform counts whole milliseconds,
//!   [`Deadline::due`] is the last one of the day, 23:59:59.999, which every
//!   reader of a date and time shows on the right day.
//! - **A last day without work**, be it of a holiday or a weekend, gives way to
//!   the next working day (§203 para. 1).
//! - **A pause**, while the citizen is asked or the case is merged into
//!   another one, puts a limit in days off by one counted day for every
//!   counted day at whose end the clock stood. A question that is answered the
//!   same day changes nothing, and whoever had three days left when asking has
//!   three days left when the answer comes. It follows that the order in which
//!   pauses are given, and whether one is given whole or in parts, makes no
//!   difference.
//! - **An extension** begins where the limit before it ends, after any move off
//!   a day without work, so it always adds its whole length.

mod explain;
mod rule;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use explain::{Skipped, Step, WhySkipped};
pub use rule::{Matter, select_rule};

use crate::calendar::{Calendar, Day, Knowledge};
use crate::clock::Pause;
use crate::district::{DeadlineRule, TimeLimit, TimeUnit};
use crate::time::{Date, HOUR, MINUTE, Timestamp};

/// What has to be done by the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// The centre passes the case to a department.
    Dispatch,
    /// The department accepts or returns it.
    Accept,
    /// The answer.
    Answer,
}

/// All that a deadline is computed from, but for the calendar.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    /// The rule that applies.
    pub rule: &'a DeadlineRule,
    /// Version of the rules.
    pub version: &'a str,
    /// What has to be done.
    pub duty: Duty,
    /// When the clock started.
    pub start: Timestamp,
    /// When it stood, in any order.
    pub pauses: &'a [Pause],
    /// The extensions that were granted, in the order of granting. They count
    /// for the answer only.
    pub extensions: &'a [TimeLimit],
}

/// When something is due, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// What has to be done.
    pub duty: Duty,
    /// The last instant that is in time. While the clock stands: the one that
    /// there would be, had it run on at once.
    pub due: Timestamp,
    /// From this instant the lamp is yellow.
    pub warn_from: Timestamp,
    /// Since when the clock stands, if it does.
    pub standing_since: Option<Timestamp>,
    /// Identifier of the rule.
    pub rule: String,
    /// The arithmetic, step by step.
    pub explanation: Vec<Step>,
}

/// How a deadline is doing, in the colours that users of local platforms know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lamp {
    /// There is time.
    Green,
    /// At most one working day, or at most a fifth of the time, is left. For
    /// limits in minutes and hours only the fifth counts.
    Yellow,
    /// Overdue.
    Red,
}

/// Why an extension cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExtensionError {
    /// The rule allows none, or the duty is not the answer.
    #[error("this deadline cannot be extended")]
    NotExtendable,
    /// It was asked for after the deadline.
    #[error("an extension must be asked for before the deadline")]
    Overdue {
        /// The deadline that has passed.
        due: Timestamp,
    },
    /// It is longer than the rule allows, together with those before it.
    #[error("all extensions together are longer than the rule allows")]
    TooLong {
        /// The latest deadline that the rule allows.
        latest: Timestamp,
    },
}

impl Term<'_> {
    /// The limit that the rule sets for the duty.
    pub fn limit(&self) -> TimeLimit {
        match self.duty {
            Duty::Dispatch => self.rule.dispatch,
            Duty::Accept => self.rule.accept,
            Duty::Answer => self.rule.answer,
        }
    }

    /// The deadline.
    pub fn deadline(&self, calendar: &Calendar) -> Deadline {
        Count::new(self, calendar).finish()
    }

    /// The deadline that there would be with one more extension, asked for at
    /// `at`.
    ///
    /// # Errors
    /// When the rule or the time does not allow it.
    pub fn extended(
        &self,
        extension: TimeLimit,
        at: Timestamp,
        calendar: &Calendar,
    ) -> Result<Deadline, ExtensionError> {
        let longest = match self.rule.max_extension {
            Some(longest) if self.duty == Duty::Answer => longest,
            _ => return Err(ExtensionError::NotExtendable),
        };
        let now = self.deadline(calendar);
        if now.lamp(at) == Lamp::Red {
            return Err(ExtensionError::Overdue { due: now.due });
        }
        let all: Vec<TimeLimit> = self.extensions.iter().copied().chain([extension]).collect();
        let asked = Term {
            extensions: &all,
            ..*self
        }
        .deadline(calendar);
        let latest = Term {
            extensions: &[longest],
            ..*self
        }
        .deadline(calendar)
        .due;
        // Limits of one unit compare as they are; else the days that they lead to do.
        let too_long = if all.iter().all(|limit| limit.unit == longest.unit) {
            all.iter().map(|limit| u64::from(limit.amount)).sum::<u64>() > u64::from(longest.amount)
        } else {
            asked.due > latest
        };
        if too_long {
            Err(ExtensionError::TooLong { latest })
        } else {
            Ok(asked)
        }
    }
}

impl Deadline {
    /// The lamp at `now`. While the clock stands the lamp stays as it was when
    /// it stopped.
    pub fn lamp(&self, now: Timestamp) -> Lamp {
        let now = self.standing_since.map_or(now, |since| since.min(now));
        if now > self.due {
            Lamp::Red
        } else if now >= self.warn_from {
            Lamp::Yellow
        } else {
            Lamp::Green
        }
    }
}

/// Where the counting has come to.
#[derive(Clone, Copy)]
enum Reached {
    /// An instant.
    Instant(Timestamp),
    /// The end of a day.
    Day(Date),
}

/// The counting of one term.
struct Count<'a> {
    calendar: &'a Calendar,
    term: &'a Term<'a>,
    /// The stretches in which the clock stood and runs again: in order, apart.
    pauses: Vec<(Timestamp, Timestamp)>,
    standing_since: Option<Timestamp>,
    reached: Reached,
    /// The days that counted.
    days: Vec<Date>,
    /// Milliseconds of the limits in minutes and hours.
    millis: i64,
    steps: Vec<Step>,
}

impl<'a> Count<'a> {
    fn new(term: &'a Term<'a>, calendar: &'a Calendar) -> Self {
        let (pauses, standing_since) = joined(term.pauses);
        let step = Step::Started {
            at: term.start.local(calendar.offset()),
            duty: term.duty,
            limit: term.limit(),
            rule: term.rule.id.clone(),
            name: term.rule.name.clone(),
            name_en: term.rule.name_en.clone(),
            basis: term.rule.basis.clone(),
            rules: term.version.to_owned(),
            calendar: calendar.version().to_owned(),
        };
        Count {
            calendar,
            term,
            pauses,
            standing_since,
            reached: Reached::Instant(term.start),
            days: Vec::new(),
            millis: 0,
            steps: vec![step],
        }
    }

    fn finish(mut self) -> Deadline {
        self.add(self.term.limit(), false);
        if self.term.duty == Duty::Answer {
            for extension in self.term.extensions {
                self.add(*extension, true);
            }
        }
        let offset = self.calendar.offset();
        let (due, warn_from) = match self.reached {
            Reached::Instant(due) => (due, due.plus(-(self.millis / 5))),
            Reached::Day(last) => (last.end(offset).plus(-1), self.warn_from(last)),
        };
        for year in Calendar::years_of(self.term.start.date(offset), due.date(offset)) {
            match self.calendar.knowledge(year) {
                Knowledge::Final => {}
                knowledge => self.steps.push(Step::UncertainYear { year, knowledge }),
            }
        }
        if let Some(since) = self.standing_since {
            self.steps.push(Step::Stands {
                since: since.local(offset),
            });
        }
        self.steps.push(Step::Due {
            at: due.local(offset),
        });
        Deadline {
            duty: self.term.duty,
            due,
            warn_from: warn_from.max(self.term.start),
            standing_since: self.standing_since,
            rule: self.term.rule.id.clone(),
            explanation: self.steps,
        }
    }

    fn add(&mut self, limit: TimeLimit, extension: bool) {
        match limit.unit {
            TimeUnit::Minute => self.add_millis(limit, MINUTE, extension),
            TimeUnit::Hour => self.add_millis(limit, HOUR, extension),
            TimeUnit::WorkingDay | TimeUnit::CalendarDay => self.add_days(limit, extension),
        }
    }

    fn add_millis(&mut self, limit: TimeLimit, unit: i64, extension: bool) {
        let offset = self.calendar.offset();
        let from = match self.reached {
            Reached::Instant(at) => at,
            Reached::Day(date) => date.end(offset).plus(-1),
        };
        let millis = i64::from(limit.amount).saturating_mul(unit);
        let mut to = from.plus(millis);
        let mut stood = Vec::new();
        for &(stop, run) in &self.pauses {
            let stop = stop.max(from);
            if stop < run && stop < to {
                to = to.plus(run.since(stop));
                stood.push((stop.local(offset), run.local(offset)));
            }
        }
        self.millis = self.millis.saturating_add(millis);
        self.reached = Reached::Instant(to);
        self.steps.push(Step::Ran {
            limit,
            extension,
            from: from.local(offset),
            to: to.local(offset),
            stood,
        });
    }

    fn add_days(&mut self, limit: TimeLimit, extension: bool) {
        let from = match self.reached {
            Reached::Instant(at) => at.date(self.calendar.offset()),
            Reached::Day(date) => date,
        };
        let (mut skipped, mut make_up) = (Vec::new(), Vec::new());
        let mut date = from;
        for _ in 0..limit.amount {
            let Some(next) = self.next_day(date, limit.unit, &mut skipped) else {
                break;
            };
            date = next;
            if limit.unit == TimeUnit::WorkingDay && self.calendar.day(date) == Day::MakeUp {
                make_up.push(date);
            }
            self.days.push(date);
        }
        self.steps.push(Step::Counted {
            limit,
            extension,
            from: from.next(),
            to: date,
            skipped,
            make_up,
        });
        if !self.calendar.is_working_day(date) {
            let mut skipped = Vec::new();
            if let Some(to) = self.next_day(date, TimeUnit::WorkingDay, &mut skipped) {
                self.steps.push(Step::Moved {
                    from: date,
                    to,
                    skipped,
                });
                self.days.pop();
                self.days.push(to);
                date = to;
            }
        }
        self.reached = Reached::Day(date);
    }

    /// The next day after `date` that counts; the days on the way go to
    /// `skipped`. None at the end of the calendar.
    fn next_day(&self, date: Date, unit: TimeUnit, skipped: &mut Vec<Skipped>) -> Option<Date> {
        let mut date = date;
        while date < Date::MAX {
            date = date.next();
            let why = match self.calendar.day(date) {
                Day::Weekend if unit == TimeUnit::WorkingDay => WhySkipped::Weekend,
                Day::Holiday(holiday) if unit == TimeUnit::WorkingDay => WhySkipped::Holiday {
                    name: holiday.name.clone(),
                    name_en: holiday.name_en.clone(),
                },
                _ if self.stands_at_end_of(date) => WhySkipped::ClockStood,
                _ => return Some(date),
            };
            match skipped.last_mut() {
                Some(last) if last.why == why && last.to.next() == date => last.to = date,
                _ => skipped.push(Skipped {
                    from: date,
                    to: date,
                    why,
                }),
            }
        }
        None
    }

    fn stands_at_end_of(&self, date: Date) -> bool {
        let end = date.end(self.calendar.offset());
        let index = self.pauses.partition_point(|&(_, run)| run < end);
        self.pauses.get(index).is_some_and(|&(stop, _)| stop < end)
    }

    /// From when at most one working day, or at most a fifth of the counted
    /// days, is left.
    fn warn_from(&self, last: Date) -> Timestamp {
        let offset = self.calendar.offset();
        let one_day_left = self.calendar.subtract_working_days(last, 1).end(offset);
        let fifth = self.days.len() / 5;
        match self
            .days
            .len()
            .checked_sub(fifth)
            .and_then(|index| self.days.get(index))
        {
            Some(date) => one_day_left.min(date.start(offset)),
            None => one_day_left,
        }
    }
}

/// The pauses in order, without overlap; those that touch are one. Apart: since
/// when the clock stands.
fn joined(pauses: &[Pause]) -> (Vec<(Timestamp, Timestamp)>, Option<Timestamp>) {
    let standing_since = pauses
        .iter()
        .filter(|pause| pause.to.is_none())
        .map(|pause| pause.from)
        .min();
    let mut closed: Vec<(Timestamp, Timestamp)> = pauses
        .iter()
        .filter_map(|pause| Some((pause.from, pause.to?)))
        .filter(|(from, to)| from < to)
        .collect();
    closed.sort_unstable();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(closed.len());
    for (from, to) in closed {
        match joined.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => joined.push((from, to)),
        }
    }
    (joined, standing_since)
}

#[cfg(test)]
mod tests;

//! The clock ledger: when the clock of a case ran, when it stood still and
//! why, and in whose hands the case was meanwhile.
//!
//! Figures about departments rest on the time that each of them *held* a case
//! while the clock ran, never on the time from start to end: nobody answers
//! for hours that the case spent with somebody else, or waiting for its
//! citizen. The ledger is computed from the events, never stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::event::{Event, EventData};
use crate::time::Timestamp;

/// A stretch of time during which the clock stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pause {
    /// When it stopped.
    pub from: Timestamp,
    /// When it ran again; none while it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// Something that happened to the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub kind: MarkKind,
}

/// What can happen to a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mark", rename_all = "kebab-case")]
pub enum MarkKind {
    /// It starts; again when the case is reopened.
    Start,
    /// It stands still from now on.
    Stop {
        /// Why.
        reason: StopReason,
    },
    /// It runs again.
    Resume,
    /// The case is in the hands of this unit from now on.
    HeldBy {
        /// Identifier of the department.
        unit: String,
    },
    /// It has reached its end.
    End,
}

/// Why a clock stands still. Every reason shifts the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The citizen was asked for facts.
    WaitingCitizen,
    /// The case goes on in another one.
    Merged,
}

/// A stretch of time in which nothing about the clock changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// Its start.
    pub from: Timestamp,
    /// Its end; none when it goes on.
    pub to: Option<Timestamp>,
    /// Why the clock stood; none when it ran.
    pub stopped: Option<StopReason>,
    /// Who held the case; none before the first unit was named.
    pub holder: Option<String>,
}

/// How long a unit held a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Milliseconds during which the clock ran, day and night.
    pub running_millis: i64,
    /// Milliseconds of those during which offices were open.
    pub working_millis: i64,
    /// Milliseconds during which the clock stood in its hands. They count
    /// against nobody.
    pub standing_millis: i64,
}

/// The intervals of a clock, in order and without overlap. Between an end and
/// the next start there is a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    started: Option<Timestamp>,
    intervals: Vec<Interval>,
}

impl Ledger {
    /// The ledger of these marks. They are put in order of time first, those
    /// of the same instant stay as they come. A mark that changes nothing
    /// (a stop while the clock stands, a resumption while it runs, anything
    /// but a start before the start and after the end) is passed over; only
    /// the holder is remembered at any time.
    pub fn from_marks(marks: &[Mark]) -> Ledger {
        let mut marks: Vec<&Mark> = marks.iter().collect();
        marks.sort_by_key(|mark| mark.at);
        let mut started = None;
        let mut intervals = Vec::new();
        let mut holder: Option<String> = None;
        // The interval that is open, while the clock is started and not ended.
        let mut open: Option<(Timestamp, Option<StopReason>)> = None;
        for mark in marks {
            let next = match (&mark.kind, open) {
                (MarkKind::Start, None) => Some((mark.at, None)),
                (MarkKind::Stop { reason }, Some((_, None))) => Some((mark.at, Some(*reason))),
                (MarkKind::Resume, Some((_, Some(_)))) => Some((mark.at, None)),
                (MarkKind::HeldBy { .. }, Some((_, stopped))) => Some((mark.at, stopped)),
                (MarkKind::End, Some(_)) => None,
                (MarkKind::HeldBy { unit }, None) => {
                    holder = Some(unit.clone());
                    continue;
                }
                _ => continue,
            };
            if let Some((from, stopped)) = open
                && from < mark.at
            {
                intervals.push(Interval {
                    from,
                    to: Some(mark.at),
                    stopped,
                    holder: holder.clone(),
                });
            }
            if let MarkKind::HeldBy { unit } = &mark.kind {
                holder = Some(unit.clone());
            }
            if mark.kind == MarkKind::Start {
                started = Some(mark.at);
            }
            open = next;
        }
        if let Some((from, stopped)) = open {
            intervals.push(Interval {
                from,
                to: None,
                stopped,
                holder,
            });
        }
        Ledger { started, intervals }
    }

    /// The ledger of a case's history; `centre` is the identifier of the
    /// inquiry centre, which holds the case until a department does, while a
    /// return is in dispute, and while an answer is in review.
    pub fn of_events<'a>(events: impl IntoIterator<Item = &'a Event>, centre: &str) -> Ledger {
        Ledger::from_marks(&marks(events, centre))
    }

    /// When the clock started last; none when it never did.
    pub fn started(&self) -> Option<Timestamp> {
        self.started
    }

    /// The intervals.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// The stretches during which the clock stood since it last started, for
    /// [`crate::deadline::Term`]. Neighbours are joined.
    pub fn pauses(&self) -> Vec<Pause> {
        let mut pauses: Vec<Pause> = Vec::new();
        let stopped = self
            .intervals
            .iter()
            .filter(|interval| interval.stopped.is_some());
        for interval in stopped.filter(|interval| Some(interval.from) >= self.started) {
            match pauses.last_mut() {
                Some(last) if last.to == Some(interval.from) => last.to = interval.to,
                _ => pauses.push(Pause {
                    from: interval.from,
                    to: interval.to,
                }),
            }
        }
        pauses
    }

    /// Milliseconds until `now` during which the clock ran.
    pub fn running_time(&self, now: Timestamp) -> i64 {
        self.held(None, now)
            .values()
            .map(|held| held.running_millis)
            .sum()
    }

    /// Milliseconds until `now` during which the clock ran and offices were
    /// open.
    pub fn working_time(&self, calendar: &Calendar, now: Timestamp) -> i64 {
        self.held(Some(calendar), now)
            .values()
            .map(|held| held.working_millis)
            .sum()
    }

    /// How long each unit held the case until `now`, by the unit's identifier;
    /// time before a unit was named stands under the empty one.
    pub fn by_holder(&self, calendar: &Calendar, now: Timestamp) -> BTreeMap<&str, Held> {
        self.held(Some(calendar), now)
    }

    fn held(&self, calendar: Option<&Calendar>, now: Timestamp) -> BTreeMap<&str, Held> {
        let mut all: BTreeMap<&str, Held> = BTreeMap::new();
        for interval in self.intervals.iter().filter(|interval| interval.from < now) {
            let to = interval.to.unwrap_or(now).min(now);
            let held = all
                .entry(interval.holder.as_deref().unwrap_or_default())
                .or_default();
            let length = to.since(interval.from);
            if interval.stopped.is_some() {
                held.standing_millis += length;
            } else {
                held.running_millis += length;
                held.working_millis += calendar.map_or(0, |calendar| {
                    calendar.working_time_between(interval.from, to)
                });
            }
        }
        all
    }
}

/// What a case's events say about its clock.
fn marks<'a>(events: impl IntoIterator<Item = &'a Event>, centre: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut department = centre.to_owned();
    let mut waiting = false;
    for event in events {
        let mut mark = |kind| marks.push(Mark { at: event.at, kind });
        let held_by = |unit: &str| MarkKind::HeldBy {
            unit: unit.to_owned(),
        };
        match &event.data {
            EventData::Received { .. } | EventData::Reconsidered => {
                centre.clone_into(&mut department);
                mark(held_by(centre));
                mark(MarkKind::Start);
            }
            EventData::Assigned {
                department: unit, ..
            }
            | EventData::Transferred { department: unit }
            | EventData::Adjudicated { department: unit } => {
                unit.clone_into(&mut department);
                mark(held_by(unit));
            }
            EventData::Returned { .. } | EventData::Answered { .. } => mark(held_by(centre)),
            EventData::SentBack => mark(held_by(&department)),
            EventData::Asked => {
                waiting = true;
                mark(MarkKind::Stop {
                    reason: StopReason::WaitingCitizen,
                });
            }
            EventData::Replied | EventData::Resumed => {
                waiting = false;
                mark(MarkKind::Resume);
            }
            EventData::Merged { .. } => mark(MarkKind::Stop {
                reason: StopReason::Merged,
            }),
            // What waited for the citizen before the merger waits again.
            EventData::Unmerged if !waiting => mark(MarkKind::Resume),
            EventData::Declined
            | EventData::Explained { .. }
            | EventData::Withdrawn
            | EventData::Published { .. } => {
                waiting = false;
                mark(MarkKind::End);
            }
            EventData::Reopened => {
                mark(held_by(&department));
                mark(MarkKind::Start);
            }
            EventData::Rated {
                consequence: crate::event::Consequence::Reopen,
                ..
            } => {
                mark(held_by(&department));
                mark(MarkKind::Start);
            }
            _ => {}
        }
    }
    marks
}

#[cfg(test)]
mod tests;

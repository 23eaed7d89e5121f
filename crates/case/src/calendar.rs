//! Working days and working hours: weekends, holidays and make-up working
//! days (调休).
//!
//! The State Council announces each year's holidays in the autumn before. A
//! calendar therefore knows some years; of the others it knows the weekends
//! only, and [`Calendar::knowledge`] says so, that explanations can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde::Serialize;
use thiserror::Error;

use crate::district::{Calendar as CalendarData, CalendarStatus};
use crate::time::{DAY, Date, MINUTE, Offset, TimeError, Timestamp, time_of_day};

/// The longest holiday that is believed, in days; a longer one is a slip of
/// the pen. (The longest so far had nine.)
const LONGEST_HOLIDAY: i32 = 31;

/// The working days of a district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    offset: Offset,
    years: BTreeMap<i32, Knowledge>,
    names: Vec<HolidayName>,
    free: BTreeMap<Date, usize>,
    make_up: BTreeSet<Date>,
    /// Start and end in milliseconds since midnight, in order, apart.
    hours: Vec<(i64, i64)>,
    version: String,
}

/// What a holiday is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HolidayName {
    /// In Chinese.
    pub name: String,
    /// In English.
    pub name_en: String,
}

/// What a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day<'a> {
    /// Monday to Friday.
    Working,
    /// A Saturday or Sunday on which offices work in exchange for a day of a
    /// holiday.
    MakeUp,
    /// Saturday or Sunday.
    Weekend,
    /// A day of a holiday, be it a weekday or not.
    Holiday(&'a HolidayName),
}

/// What a calendar knows of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knowledge {
    /// The year as announced.
    Final,
    /// Holidays computed from the rule; the announcement may shift days.
    Provisional,
    /// Weekends only.
    Unknown,
}

/// Why the data make no calendar.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// A date or time cannot be read.
    #[error("{text:?}: {reason}")]
    Unreadable {
        /// What stands there.
        text: String,
        /// What is wrong.
        reason: TimeError,
    },
    /// A year stands there twice.
    #[error("the year {0} occurs twice")]
    YearTwice(i32),
    /// A holiday ends before it begins, or lasts for more than a month.
    #[error(
        "the holiday {name} from {from} to {to} ends before it begins or is longer than {LONGEST_HOLIDAY} days"
    )]
    HolidaySpan {
        /// Its name in Chinese.
        name: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// A make-up working day that falls into a holiday.
    #[error("{0} is a make-up working day and part of a holiday")]
    WorkingHoliday(Date),
    /// A make-up working day from Monday to Friday.
    #[error("{0} is a make-up working day, but no Saturday or Sunday")]
    WorkingWeekday(Date),
    /// Working hours that end before they begin or overlap.
    #[error("the working hours are not in order")]
    Hours,
}

impl Calendar {
    /// The calendar that the district's data describe, at the district's
    /// offset. Where two holidays share a day, it bears the first one's name.
    ///
    /// # Errors
    /// When dates or times cannot be read or contradict each other.
    pub fn new(data: &CalendarData, offset: Offset) -> Result<Calendar, CalendarError> {
        let mut calendar = Calendar {
            offset,
            years: BTreeMap::new(),
            names: Vec::new(),
            free: BTreeMap::new(),
            make_up: BTreeSet::new(),
            hours: Vec::new(),
            version: String::new(),
        };
        for year in &data.years {
            let knowledge = match year.status {
                CalendarStatus::Final => Knowledge::Final,
                CalendarStatus::Provisional => Knowledge::Provisional,
            };
            if calendar.years.insert(year.year, knowledge).is_some() {
                return Err(CalendarError::YearTwice(year.year));
            }
            for holiday in &year.holidays {
                let (from, to) = (date(&holiday.from)?, date(&holiday.to)?);
                let days = from.days_until(to);
                if !(0..LONGEST_HOLIDAY).contains(&days) {
                    return Err(CalendarError::HolidaySpan {
                        name: holiday.name.clone(),
                        from,
                        to,
                    });
                }
                for day in 0..=days {
                    calendar
                        .free
                        .entry(from.plus_days(day))
                        .or_insert(calendar.names.len());
                }
                calendar.names.push(HolidayName {
                    name: holiday.name.clone(),
                    name_en: holiday.name_en.clone(),
                });
            }
            for text in &year.working {
                let day = date(text)?;
                if !day.weekday().is_weekend() {
                    return Err(CalendarError::WorkingWeekday(day));
                }
                calendar.make_up.insert(day);
            }
        }
        // After all years: a holiday at New Year may reach into the next one.
        if let Some(day) = calendar
            .make_up
            .iter()
            .find(|day| calendar.free.contains_key(day))
        {
            return Err(CalendarError::WorkingHoliday(*day));
        }
        for [from, to] in [&data.hours.morning, &data.hours.afternoon] {
            let (from, to) = (time(from)?, time(to)?);
            if to <= from || calendar.hours.last().is_some_and(|&(_, end)| from < end) {
                return Err(CalendarError::Hours);
            }
            calendar.hours.push((from, to));
        }
        calendar.version = calendar.digest();
        Ok(calendar)
    }

    /// A name for exactly these days and hours, such as `2024-2027.5d21c0e6`:
    /// the known years and a digest. Two calendars that could give two
    /// different deadlines have two different versions.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The district's offset.
    pub fn offset(&self) -> Offset {
        self.offset
    }

    /// What the calendar knows of a year.
    pub fn knowledge(&self, year: i32) -> Knowledge {
        self.years.get(&year).copied().unwrap_or(Knowledge::Unknown)
    }

    /// What a day is.
    pub fn day(&self, date: Date) -> Day<'_> {
        if self.make_up.contains(&date) {
            Day::MakeUp
        } else if let Some(name) = self
            .free
            .get(&date)
            .and_then(|&index| self.names.get(index))
        {
            Day::Holiday(name)
        } else if date.weekday().is_weekend() {
            Day::Weekend
        } else {
            Day::Working
        }
    }

    /// Offices work on that day.
    pub fn is_working_day(&self, date: Date) -> bool {
        matches!(self.day(date), Day::Working | Day::MakeUp)
    }

    /// The `days`-th working day after `date`, which itself does not count;
    /// `date` when `days` is 0. It stops at [`Date::MAX`].
    pub fn add_working_days(&self, date: Date, days: u32) -> Date {
        self.walk(date, days, 1)
    }

    /// The `days`-th working day before `date`, which itself does not count;
    /// `date` when `days` is 0. It stops at [`Date::MIN`].
    pub fn subtract_working_days(&self, date: Date, days: u32) -> Date {
        self.walk(date, days, -1)
    }

    /// How many working days lie after `from` and not after `to`; the same
    /// number, negative, when `to` is before `from`. So
    /// `working_days_between(d, add_working_days(d, n)) == n`, and the numbers
    /// of two stretches that meet add up.
    pub fn working_days_between(&self, from: Date, to: Date) -> i32 {
        if to < from {
            return -self.working_days_between(to, from);
        }
        let days =
            (1..=from.days_until(to)).filter(|&day| self.is_working_day(from.plus_days(day)));
        i32::try_from(days.count()).unwrap_or(i32::MAX)
    }

    /// `at` when offices are open then; otherwise the instant at which they
    /// open next.
    pub fn next_working_instant(&self, at: Timestamp) -> Timestamp {
        let (mut date, mut time) = (at.date(self.offset), at.time_of_day(self.offset));
        loop {
            if self.is_working_day(date)
                && let Some(&(from, _)) = self.hours.iter().find(|&&(_, to)| time < to)
            {
                // An instant beyond the last day of the calendar has that day's date.
                return date.start(self.offset).plus(from.max(time)).max(at);
            }
            if date == Date::MAX {
                return at;
            }
            (date, time) = (date.next(), 0);
        }
    }

    /// Milliseconds between two instants during which offices are open; 0
    /// when `to` is not after `from`.
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let (first, last) = (from.date(self.offset), to.date(self.offset));
        (0..=first.days_until(last))
            .map(|day| first.plus_days(day))
            .filter(|&date| self.is_working_day(date))
            .flat_map(|date| {
                self.hours
                    .iter()
                    .map(move |&hours| (date.start(self.offset), hours))
            })
            .map(|(midnight, (open, close))| {
                midnight
                    .plus(close)
                    .min(to)
                    .since(midnight.plus(open).max(from))
                    .max(0)
            })
            .sum()
    }

    /// The years from the first to the last date.
    pub(crate) fn years_of(from: Date, to: Date) -> RangeInclusive<i32> {
        from.year()..=to.year()
    }

    fn walk(&self, date: Date, days: u32, step: i32) -> Date {
        let (mut date, mut left) = (date, days);
        while left > 0 {
            let next = date.plus_days(step);
            if next == date {
                break;
            }
            date = next;
            left -= u32::from(self.is_working_day(date));
        }
        date
    }

    fn digest(&self) -> String {
        // FNV-1a: it names versions, nobody's safety rests on it.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut eat = |number: i64| {
            for byte in number.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        eat(self.offset.minutes().into());
        for (year, knowledge) in &self.years {
            eat((*year).into());
            eat(*knowledge as i64);
        }
        for (mark, days) in [
            (1, self.free.keys().copied().collect::<Vec<_>>()),
            (2, self.make_up.iter().copied().collect()),
        ] {
            eat(mark);
            for day in days {
                eat(day.start(Offset::UTC).millis() / DAY);
            }
        }
        for (from, to) in &self.hours {
            eat(from / MINUTE);
            eat(to / MINUTE);
        }
        let hash = (hash >> 32) ^ (hash & 0xffff_ffff);
        match (self.years.keys().next(), self.years.keys().next_back()) {
            (Some(first), Some(last)) => format!("{first}-{last}.{hash:08x}"),
            _ => format!("weekends.{hash:08x}"),
        }
    }
}

fn date(text: &str) -> Result<Date, CalendarError> {
    text.parse().map_err(|reason| CalendarError::Unreadable {
        text: text.to_owned(),
        reason,
    })
}

fn time(text: &str) -> Result<i64, CalendarError> {
    time_of_day(text).map_err(|reason| CalendarError::Unreadable {
        text: text.to_owned(),
        reason,
    })
}

#[cfg(test)]
pub(crate) mod tests;

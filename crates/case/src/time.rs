//! Instants, civil dates and RFC 3339, without a clock and without zone data.
//!
//! The arithmetic is this module's own, some sixty lines of the proleptic
//! Gregorian calendar, instead of a date library: a district has one fixed
//! offset (the whole of China keeps +08:00 the whole year), so there are no
//! zone rules to carry, and this code is compiled into every component. A test
//! walks through every day of the years 1 to 9999.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Milliseconds of a second.
pub const SECOND: i64 = 1000;
/// Milliseconds of a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Milliseconds of an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
///
/// In JSON it is that number, as the events store it; [`rfc3339`] and
/// [`Local`] write it for people.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// How far local time is ahead of UTC, in minutes, the whole year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Offset(i16);

/// A day of the calendar, of the years 1 to 9999. In JSON: `"2026-09-01"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// An instant as the clocks of a place show it. In JSON it is RFC 3339 to the
/// second with the offset: `"2026-02-13T16:38:40+08:00"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Local {
    /// The instant.
    pub at: Timestamp,
    /// The place's offset.
    pub offset: Offset,
}

/// A text that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Not a date of the form `YYYY-MM-DD` that exists.
    #[error("not a date of the form YYYY-MM-DD")]
    Date,
    /// Not a time of day of the form `HH:MM`, 00:00 to 24:00.
    #[error("not a time of day of the form HH:MM")]
    TimeOfDay,
    /// Not an RFC 3339 date and time.
    #[error("not a date and time of the form YYYY-MM-DDTHH:MM:SS+HH:MM")]
    DateTime,
    /// An offset of a whole day or more.
    #[error("an offset must be less than 24 hours")]
    Offset,
}

impl Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The instant `millis` later (earlier when negative); it stops at the
    /// ends of the range.
    pub fn plus(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative when it is later.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The day on which the instant falls in a place. Instants outside the
    /// years 1 to 9999 fall on the first or the last day of that range.
    pub fn date(self, offset: Offset) -> Date {
        let days = self.plus(offset.millis()).0.div_euclid(DAY);
        Date(days.clamp(i64::from(Date::MIN.0), i64::from(Date::MAX.0)) as i32)
    }

    /// Milliseconds since midnight in a place.
    pub fn time_of_day(self, offset: Offset) -> i64 {
        self.plus(offset.millis()).0.rem_euclid(DAY)
    }

    /// The instant as the clocks of a place show it.
    pub fn local(self, offset: Offset) -> Local {
        Local { at: self, offset }
    }
}

impl Offset {
    /// UTC itself.
    pub const UTC: Offset = Offset(0);
    /// China: +08:00.
    pub const CHINA: Offset = Offset(8 * 60);

    /// An offset of that many minutes east of Greenwich.
    ///
    /// # Errors
    /// [`TimeError::Offset`] for 24 hours or more in either direction.
    pub fn from_minutes(minutes: i32) -> Result<Offset, TimeError> {
        match i16::try_from(minutes) {
            Ok(minutes @ -1439..=1439) => Ok(Offset(minutes)),
            _ => Err(TimeError::Offset),
        }
    }

    /// Minutes east of Greenwich.
    pub fn minutes(self) -> i32 {
        self.0.into()
    }

    fn millis(self) -> i64 {
        i64::from(self.0) * MINUTE
    }
}

impl Date {
    /// The first day: 0001-01-01.
    pub const MIN: Date = Date(-719_162);
    /// The last day: 9999-12-31.
    pub const MAX: Date = Date(2_932_896);

    /// The day with that year (1 to 9999), month and day of the month; none
    /// when there is no such day.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // Years begin in March here, so that the leap day is the last one and
        // every month starts at a fixed distance; 400 years have 146,097 days.
        let (month, day) = (month as i32, day as i32);
        let year_from_march = if month <= 2 { year - 1 } else { year };
        let era = year_from_march.div_euclid(400);
        let year_of_era = year_from_march.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let date = Date(era * 146_097 + day_of_era - 719_468);
        // 30 February would be 1 or 2 March: the way back tells.
        (date.ymd() == (year, month as u32, day as u32)).then_some(date)
    }

    /// Year, month and day of the month.
    pub fn ymd(self) -> (i32, u32, u32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = era * 400 + year_of_era + i32::from(month <= 2);
        (year, month as u32, day as u32)
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i32 {
        self.ymd().0
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        use Weekday::*;
        // 1970-01-01 was a Thursday.
        [
            Thursday, Friday, Saturday, Sunday, Monday, Tuesday, Wednesday,
        ][self.0.rem_euclid(7) as usize]
    }

    /// The day so many days later (earlier when negative); it stops at
    /// [`Date::MIN`] and [`Date::MAX`].
    pub fn plus_days(self, days: i32) -> Date {
        Date(self.0.saturating_add(days).clamp(Date::MIN.0, Date::MAX.0))
    }

    /// The next day.
    pub fn next(self) -> Date {
        self.plus_days(1)
    }

    /// The day before.
    pub fn previous(self) -> Date {
        self.plus_days(-1)
    }

    /// Days from this day to `later`; negative when that one is earlier.
    pub fn days_until(self, later: Date) -> i32 {
        later.0 - self.0
    }

    /// The instant at which the day begins in a place (00:00).
    pub fn start(self, offset: Offset) -> Timestamp {
        Timestamp(i64::from(self.0) * DAY - offset.millis())
    }

    /// The instant at which the day ends in a place (24:00), which is the
    /// first one of the next day.
    pub fn end(self, offset: Offset) -> Timestamp {
        self.start(offset).plus(DAY)
    }
}

impl Weekday {
    /// Saturday or Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self, Weekday::Saturday | Weekday::Sunday)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Date, TimeError> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return Err(TimeError::Date);
        };
        let year = number(&[*y1, *y2, *y3, *y4]).ok_or(TimeError::Date)?;
        let month = number(&[*m1, *m2]).ok_or(TimeError::Date)?;
        let day = number(&[*d1, *d2]).ok_or(TimeError::Date)?;
        Date::new(year as i32, month, day).ok_or(TimeError::Date)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Local {
    /// `2026-02-13 16:38:40`, as people read it.
    pub fn plain(self) -> String {
        let (date, hour, minute, second) = self.parts();
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }

    fn parts(self) -> (Date, i64, i64, i64) {
        let millis = self.at.time_of_day(self.offset);
        (
            self.at.date(self.offset),
            millis / HOUR,
            millis / MINUTE % 60,
            millis / SECOND % 60,
        )
    }
}

impl fmt::Display for Local {
    /// RFC 3339 to the second; what is below a second is cut off.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, hour, minute, second) = self.parts();
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}")?;
        match self.offset.minutes() {
            0 => f.write_str("Z"),
            minutes => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(
                    f,
                    "{sign}{:02}:{:02}",
                    minutes.abs() / 60,
                    minutes.abs() % 60
                )
            }
        }
    }
}

impl FromStr for Local {
    type Err = TimeError;

    /// Reads RFC 3339 with any offset and any fraction of a second, of which
    /// three digits count. The leap second `:60` is the next minute's first.
    fn from_str(text: &str) -> Result<Local, TimeError> {
        parse_date_time(text).ok_or(TimeError::DateTime)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339, as [`Local`] does.
    fn from_str(text: &str) -> Result<Timestamp, TimeError> {
        Ok(text.parse::<Local>()?.at)
    }
}

impl Serialize for Local {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Local {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Local, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// For `#[serde(with = "case::time::rfc3339")]`: a [`Timestamp`] as RFC 3339
/// to the second in UTC (`"2026-02-13T08:38:40Z"`). Use [`Local`] where the
/// district's offset should show.
pub mod rfc3339 {
    use super::*;

    /// Writes it.
    ///
    /// # Errors
    /// Those of the serialiser.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        at.local(Offset::UTC).serialize(serializer)
    }

    /// Reads it, with any offset.
    ///
    /// # Errors
    /// When it is not an RFC 3339 date and time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Ok(Local::deserialize(deserializer)?.at)
    }
}

/// Milliseconds since midnight of a time of day `HH:MM`, `00:00` to `24:00`.
///
/// # Errors
/// [`TimeError::TimeOfDay`] for anything else.
pub fn time_of_day(text: &str) -> Result<i64, TimeError> {
    let [h1, h2, b':', m1, m2] = text.as_bytes() else {
        return Err(TimeError::TimeOfDay);
    };
    match (number(&[*h1, *h2]), number(&[*m1, *m2])) {
        (Some(hour @ 0..=23), Some(minute @ 0..=59)) => {
            Ok(i64::from(hour) * HOUR + i64::from(minute) * MINUTE)
        }
        (Some(24), Some(0)) => Ok(DAY),
        _ => Err(TimeError::TimeOfDay),
    }
}

fn parse_date_time(text: &str) -> Option<Local> {
    let (date, rest) = text.split_at_checked(10)?;
    let date: Date = date.parse().ok()?;
    let (clock, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let (hours, seconds) = clock.split_at_checked(5)?;
    let minutes = time_of_day(hours).ok().filter(|&millis| millis < DAY)?;
    let seconds = number(seconds.strip_prefix(':')?.as_bytes()).filter(|&seconds| seconds <= 60)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at_checked(rest.bytes().take_while(u8::is_ascii_digit).count())?,
        None => ("0", rest),
    };
    if fraction.is_empty() {
        return None;
    }
    let millis = fraction
        .bytes()
        .chain(*b"00")
        .take(3)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => Offset::UTC,
        (sign @ ("+" | "-"), rest) => {
            let minutes = time_of_day(rest).ok().filter(|&millis| millis < DAY)? / MINUTE;
            Offset::from_minutes(if sign == "-" {
                -(minutes as i32)
            } else {
                minutes as i32
            })
            .ok()?
        }
        _ => return None,
    };
    let at = date
        .start(offset)
        .plus(minutes + i64::from(seconds) * SECOND + millis);
    Some(Local { at, offset })
}

/// The number that the ASCII digits stand for.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests;

//! `calendar.toml`.

use crate::document::{Document, Entry, Report, way};
use case::district::{Calendar, CalendarYear, Holiday, WorkingHours};
use std::collections::BTreeMap;

/// A day: year, month and day of the month, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    year: i32,
    month: u32,
    day: u32,
}

impl Date {
    /// Reads `YYYY-MM-DD`, which must be a day of the Gregorian calendar.
    pub(crate) fn parse(text: &str) -> Option<Date> {
        let number = |range: std::ops::Range<usize>| {
            let digits = text.get(range)?;
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| digits.parse::<u32>().ok())?
        };
        if text.len() != 10 || text.get(4..5)? != "-" || text.get(7..8)? != "-" {
            return None;
        }
        let date = Date {
            year: i32::try_from(number(0..4)?).ok()?,
            month: number(5..7)?,
            day: number(8..10)?,
        };
        let fits = (1..=12).contains(&date.month) && (1..=date.month_length()).contains(&date.day);
        fits.then_some(date)
    }

    fn month_length(self) -> u32 {
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        }
    }

    /// Saturday or Sunday, by Sakamoto's method.
    fn is_weekend(self) -> bool {
        const SHIFT: [i32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = if self.month < 3 {
            self.year - 1
        } else {
            self.year
        };
        let shift = SHIFT
            .get(self.month as usize - 1)
            .copied()
            .unwrap_or_default();
        let weekday = (year + year / 4 - year / 100 + year / 400 + shift + self.day as i32) % 7;
        weekday == 0 || weekday == 6
    }
}

/// Reads the calendar.
pub(crate) fn read(document: Option<&Document<'_>>, report: &mut Report) -> Option<Calendar> {
    let document = document?;
    document.only(&["year", "hours"], report);
    let hours = document.value::<WorkingHours>("hours", report);
    if let Some(hours) = &hours {
        check_hours(document, hours, report);
    }
    let years = document.entries::<CalendarYear>("year", report);
    let mut before: Option<i32> = None;
    for entry in &years.list {
        let year = entry.value.year;
        if let Some(before) = before
            && year != before + 1
        {
            entry.problem(
                report,
                &way!["year"],
                format!("after {before} must come {}, not {year}", before + 1),
            );
        }
        before = Some(year);
        entry.text(report, &way!["source"], &entry.value.source);
        check_year(entry, report);
    }
    Some(Calendar {
        years: years.into_values()?,
        hours: hours?,
    })
}

fn check_hours(document: &Document<'_>, hours: &WorkingHours, report: &mut Report) {
    let mut last: Option<(u32, u32)> = None;
    for (key, times) in [("morning", &hours.morning), ("afternoon", &hours.afternoon)] {
        for (at, text) in times.iter().enumerate() {
            let way = way!["hours", key, at];
            match time(text) {
                None => document.problem(
                    report,
                    &way,
                    format!("`{text}` is no time of day; write HH:MM"),
                ),
                Some(time) => {
                    if last.is_some_and(|last| time <= last) {
                        document.problem(
                            report,
                            &way,
                            format!("`{text}` is not after the time before it"),
                        );
                    }
                    last = Some(time);
                }
            }
        }
    }
}

fn time(text: &str) -> Option<(u32, u32)> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some((hours, minutes))
}

fn check_year(entry: &Entry<'_, '_, CalendarYear>, report: &mut Report) {
    let year = entry.value.year;
    let mut free: Vec<(Date, Date, &Holiday)> = Vec::new();
    for (at, holiday) in entry.value.holidays.iter().enumerate() {
        entry.text(report, &way!["holiday", at, "name"], &holiday.name);
        entry.english(report, &way!["holiday", at, "name_en"], &holiday.name_en);
        let from = day(entry, &way!["holiday", at, "from"], &holiday.from, report);
        let to = day(entry, &way!["holiday", at, "to"], &holiday.to, report);
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        if to < from {
            entry.problem(
                report,
                &way!["holiday", at, "to"],
                format!("{} is before {}", holiday.to, holiday.from),
            );
        }
        // A New Year holiday may begin in the old year.
        if to.year != year || from.year < year - 1 {
            entry.problem(
                report,
                &way!["holiday", at, "to"],
                format!("{} is not in {year}", holiday.to),
            );
        }
        if let Some((_, _, other)) = free
            .iter()
            .find(|(start, end, _)| from <= *end && *start <= to)
        {
            entry.problem(
                report,
                &way!["holiday", at, "from"],
                format!(
                    "{} ({}) overlaps {} ({})",
                    holiday.name, holiday.from, other.name, other.from
                ),
            );
        }
        free.push((from, to, holiday));
    }
    let mut seen = BTreeMap::new();
    for (at, text) in entry.value.working.iter().enumerate() {
        let way = way!["working", at];
        let Some(date) = day(entry, &way, text, report) else {
            continue;
        };
        if date.year != year {
            entry.problem(report, &way, format!("{text} is not in {year}"));
        }
        if !date.is_weekend() {
            entry.problem(
                report,
                &way,
                format!("{text} is a working day anyway: make-up days are Saturdays and Sundays"),
            );
        }
        if let Some((_, _, holiday)) = free
            .iter()
            .find(|(start, end, _)| *start <= date && date <= *end)
        {
            entry.problem(
                report,
                &way,
                format!("{text} is free as well: {}", holiday.name),
            );
        }
        if seen.insert(date, at).is_some() {
            entry.problem(report, &way, format!("{text} stands twice"));
        }
    }
}

fn day(
    entry: &Entry<'_, '_, CalendarYear>,
    way: &[crate::document::Step],
    text: &str,
    report: &mut Report,
) -> Option<Date> {
    let date = Date::parse(text);
    if date.is_none() {
        entry.problem(
            report,
            way,
            format!("`{text}` is no date; write YYYY-MM-DD"),
        );
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for good in ["2024-02-29", "2026-12-31", "2000-02-29", "0001-01-01"] {
            assert!(Date::parse(good).is_some(), "{good}");
        }
        for bad in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-4-1",
            "26-04-01",
            "",
            "2026/04/01",
            "２０２６-04-01",
            "+026-04-01",
        ] {
            assert!(Date::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn weekends_are_known() {
        let weekend = |text: &str| Date::parse(text).map(Date::is_weekend);
        assert_eq!(weekend("2026-02-14"), Some(true));
        assert_eq!(weekend("2026-09-20"), Some(true));
        assert_eq!(weekend("2026-11-23"), Some(false));
        assert_eq!(weekend("2024-02-29"), Some(false));
        assert_eq!(weekend("2023-01-01"), Some(true));
    }
}

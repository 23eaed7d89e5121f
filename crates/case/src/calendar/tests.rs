use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::time::{DAY, HOUR};

/// The calendar of China for 2024 to 2026 as the General Office of the State
/// Council announced it, with 2027 as far as it can be foreseen.
#[rustfmt::skip]
pub(crate) fn china_data() -> CalendarData {
    let holiday = |name: &str, name_en: &str, from: &str, to: &str| json!({ "name": name, "name_en": name_en, "from": from, "to": to });
    serde_json::from_value(json!({
        "hours": { "morning": ["08:30", "12:00"], "afternoon": ["14:00", "17:30"] },
        "year": [
            { "year": 2024, "status": "final", "source": "国办发明电〔2023〕7号", "holiday": [
                holiday("元旦", "New Year's Day", "2023-12-30", "2024-01-01"),
                holiday("春节", "Spring Festival", "2024-02-10", "2024-02-17"),
                holiday("清明节", "Qingming Festival", "2024-04-04", "2024-04-06"),
                holiday("劳动节", "Labour Day", "2024-05-01", "2024-05-05"),
                holiday("端午节", "Dragon Boat Festival", "2024-06-10", "2024-06-10"),
                holiday("中秋节", "Mid-Autumn Festival", "2024-09-15", "2024-09-17"),
                holiday("国庆节", "National Day", "2024-10-01", "2024-10-07"),
            ], "working": ["2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12"] },
            { "year": 2025, "status": "final", "source": "国办发明电〔2024〕12号", "holiday": [
                holiday("元旦", "New Year's Day", "2025-01-01", "2025-01-01"),
                holiday("春节", "Spring Festival", "2025-01-28", "2025-02-04"),
                holiday("清明节", "Qingming Festival", "2025-04-04", "2025-04-06"),
                holiday("劳动节", "Labour Day", "2025-05-01", "2025-05-05"),
                holiday("端午节", "Dragon Boat Festival", "2025-05-31", "2025-06-02"),
                holiday("国庆节、中秋节", "National Day and Mid-Autumn Festival", "2025-10-01", "2025-10-08"),
            ], "working": ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"] },
            { "year": 2026, "status": "final", "source": "国务院办公厅，2025年11月4日", "holiday": [
                holiday("元旦", "New Year's Day", "2026-01-01", "2026-01-03"),
                holiday("春节", "Spring Festival", "2026-02-15", "2026-02-23"),
                holiday("清明节", "Qingming Festival", "2026-04-04", "2026-04-06"),
                holiday("劳动节", "Labour Day", "2026-05-01", "2026-05-05"),
                holiday("端午节", "Dragon Boat Festival", "2026-06-19", "2026-06-21"),
                holiday("中秋节", "Mid-Autumn Festival", "2026-09-25", "2026-09-27"),
                holiday("国庆节", "National Day", "2026-10-01", "2026-10-07"),
            ], "working": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"] },
            { "year": 2027, "status": "provisional", "source": "《全国年节及纪念日放假办法》", "holiday": [
                holiday("元旦", "New Year's Day", "2027-01-01", "2027-01-01"),
                holiday("春节", "Spring Festival", "2027-02-05", "2027-02-10"),
            ] },
        ],
    }))
    .unwrap()
}

/// [`china_data`] as a calendar.
pub(crate) fn china() -> Calendar {
    Calendar::new(&china_data(), Offset::CHINA).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("{}+08:00", text.replace(' ', "T")).parse().unwrap()
}

/// The announcements, written down a second time the other way round: for the
/// days around each holiday, in order, whether offices work (w) or not (-).
#[test]
#[rustfmt::skip]
fn days_around_the_holidays_of_three_years() {
    let calendar = china();
    for (first, days) in [
        // 2024
        ("2023-12-29", "w---wwww--"),
        ("2024-02-02", "w-wwwwww--------wwwwww--"),
        ("2024-04-03", "w---wwwwww-"),
        ("2024-04-26", "w-www-----wwwwww-w"),
        ("2024-06-07", "w---wwww--"),
        ("2024-09-13", "ww---www--"),
        ("2024-09-27", "w-ww-------wwwww-wwwww--"),
        // 2025
        ("2024-12-30", "ww-ww--"),
        ("2025-01-24", "w-ww--------wwww-wwwww--"),
        ("2025-04-03", "w---wwwww--"),
        ("2025-04-25", "w-wwww-----wwww--"),
        ("2025-05-30", "w---wwww--"),
        ("2025-09-26", "w-www--------www-wwwww--"),
        // 2026
        ("2025-12-31", "w---wwwwww--"),
        ("2026-02-13", "ww---------wwwww-wwwww--"),
        ("2026-04-03", "w---wwww--"),
        ("2026-04-30", "w-----wwww-wwwww--"),
        ("2026-06-18", "w---wwwww--"),
        ("2026-09-18", "w-wwwww---www-------www-wwwww--"),
    ] {
        let first = day(first);
        let found: String = (0..days.len() as i32).map(|index| if calendar.is_working_day(first.plus_days(index)) { 'w' } else { '-' }).collect();
        assert_eq!(found, days, "from {first}");
    }
}

#[test]
fn the_working_days_of_whole_years() {
    // 366 and 365 days less weekends and holidays, plus make-up days.
    for (year, days) in [(2024, 251), (2025, 248), (2026, 248)] {
        let last = Date::new(year, 12, 31).unwrap();
        let before = Date::new(year - 1, 12, 31).unwrap();
        assert_eq!(china().working_days_between(before, last), days, "{year}");
    }
}

#[test]
fn what_days_are() {
    let calendar = china();
    assert_eq!(calendar.day(day("2026-02-13")), Day::Working);
    assert_eq!(calendar.day(day("2026-02-14")), Day::MakeUp);
    assert_eq!(calendar.day(day("2026-03-01")), Day::Weekend);
    let Day::Holiday(holiday) = calendar.day(day("2026-02-22")) else {
        panic!("a Sunday of the holiday")
    };
    assert_eq!(
        (holiday.name.as_str(), holiday.name_en.as_str()),
        ("春节", "Spring Festival")
    );
    // The holiday of 2024 began in 2023, a year that is not known otherwise.
    assert!(matches!(calendar.day(day("2023-12-30")), Day::Holiday(_)));
    assert_eq!(calendar.knowledge(2023), Knowledge::Unknown);
    assert_eq!(calendar.knowledge(2026), Knowledge::Final);
    assert_eq!(calendar.knowledge(2027), Knowledge::Provisional);
    // Of an unknown year weekends are known: National Day 2028 works.
    assert_eq!(calendar.day(day("2028-10-03")), Day::Working);
    assert_eq!(calendar.day(day("2028-10-01")), Day::Weekend);
}

#[test]
fn the_version_tells_calendars_apart() {
    let calendar = china();
    assert!(
        calendar.version().starts_with("2024-2027."),
        "{}",
        calendar.version()
    );
    assert_eq!(china().version(), calendar.version());
    let version = |change: &dyn Fn(&mut CalendarData)| {
        let mut data = china_data();
        change(&mut data);
        Calendar::new(&data, Offset::CHINA)
            .unwrap()
            .version()
            .to_owned()
    };
    let changed = [
        version(&|data| data.years[2].working.clear()),
        version(&|data| drop(data.years[2].holidays.pop())),
        version(&|data| data.years[3].status = CalendarStatus::Final),
        version(&|data| data.hours.afternoon[1] = "18:00".into()),
        version(&|data| data.years.clear()),
        Calendar::new(&china_data(), Offset::UTC)
            .unwrap()
            .version()
            .to_owned(),
        calendar.version().to_owned(),
    ];
    assert_eq!(
        changed.iter().collect::<BTreeSet<_>>().len(),
        changed.len(),
        "{changed:?}"
    );
    // A better source or name changes no deadline.
    assert_eq!(
        version(&|data| data.years[0].source.push('。')),
        calendar.version()
    );
}

#[test]
fn data_that_make_no_calendar() {
    let error = |change: &dyn Fn(&mut CalendarData)| {
        let mut data = china_data();
        change(&mut data);
        Calendar::new(&data, Offset::CHINA).unwrap_err()
    };
    let unreadable = |text: &str, reason| CalendarError::Unreadable {
        text: text.into(),
        reason,
    };
    assert_eq!(
        error(&|data| data.years[0].holidays[1].to = "2024-02-30".into()),
        unreadable("2024-02-30", TimeError::Date)
    );
    assert_eq!(
        error(&|data| data.years[0].working.push("4 May".into())),
        unreadable("4 May", TimeError::Date)
    );
    assert_eq!(
        error(&|data| data.hours.morning[0] = "8".into()),
        unreadable("8", TimeError::TimeOfDay)
    );
    assert_eq!(
        error(&|data| data.years[1].year = 2024),
        CalendarError::YearTwice(2024)
    );
    assert_eq!(
        error(&|data| data.years[0].working.push("2024-02-11".into())),
        CalendarError::WorkingHoliday(day("2024-02-11"))
    );
    // Found whichever year stands first.
    assert_eq!(
        error(&|data| data.years[0].working.push("2025-02-01".into())),
        CalendarError::WorkingHoliday(day("2025-02-01"))
    );
    assert_eq!(
        error(&|data| data.years[0].working.push("2024-03-01".into())),
        CalendarError::WorkingWeekday(day("2024-03-01"))
    );
    for to in ["2024-02-09", "2024-03-12"] {
        assert!(matches!(
            error(&|data| data.years[0].holidays[1].to = to.into()),
            CalendarError::HolidaySpan { .. }
        ));
    }
    for change in [
        |data: &mut CalendarData| data.hours.morning.swap(0, 1),
        |data: &mut CalendarData| {
            std::mem::swap(&mut data.hours.morning, &mut data.hours.afternoon)
        },
        |data: &mut CalendarData| data.hours.afternoon[0] = "11:00".into(),
    ] {
        assert_eq!(error(&change), CalendarError::Hours);
    }
}

#[test]
#[rustfmt::skip]
fn working_hours() {
    let calendar = china();
    for (from, next) in [
        ("2026-02-13 16:38:40", "2026-02-13 16:38:40"),
        ("2026-02-13 08:30:00", "2026-02-13 08:30:00"),
        ("2026-02-13 07:00:00", "2026-02-13 08:30:00"),
        ("2026-02-13 12:00:00", "2026-02-13 14:00:00"),
        ("2026-02-13 17:30:00", "2026-02-14 08:30:00"),
        ("2026-02-14 17:30:00", "2026-02-24 08:30:00"),
        ("2026-02-17 10:00:00", "2026-02-24 08:30:00"),
    ] {
        assert_eq!(calendar.next_working_instant(at(from)), at(next), "after {from}");
    }
    for (from, to, hours) in [
        ("2026-02-13 00:00:00", "2026-02-14 00:00:00", 7.0),
        ("2026-02-13 11:00:00", "2026-02-13 15:00:00", 2.0),
        ("2026-02-13 12:30:00", "2026-02-13 13:30:00", 0.0),
        ("2026-02-13 16:30:00", "2026-02-24 09:00:00", 1.0 + 7.0 + 0.5),
        ("2026-02-15 00:00:00", "2026-02-24 00:00:00", 0.0),
        ("2026-02-14 10:00:00", "2026-02-13 10:00:00", 0.0),
    ] {
        assert_eq!(calendar.working_time_between(at(from), at(to)), (hours * HOUR as f64) as i64, "{from} to {to}");
    }
}

#[test]
fn the_ends_of_time() {
    let calendar = china();
    assert_eq!(
        calendar.add_working_days(Date::MAX.plus_days(-3), u32::MAX),
        Date::MAX
    );
    assert_eq!(
        calendar.subtract_working_days(Date::MIN.plus_days(3), u32::MAX),
        Date::MIN
    );
    let end = Date::MAX.end(Offset::CHINA);
    assert_eq!(calendar.next_working_instant(end), end);
}

fn any_day() -> impl Strategy<Value = Date> {
    // From 2023 to 2028: known, provisional and unknown years.
    (0..2190).prop_map(|days| day("2023-01-01").plus_days(days))
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    (any_day(), 0..DAY).prop_map(|(day, time)| day.start(Offset::CHINA).plus(time))
}

proptest! {
    #[test]
    fn adding_then_subtracting(date in any_day(), days in 0..300_u32) {
        let calendar = china();
        let later = calendar.add_working_days(date, days);
        prop_assert_eq!(calendar.working_days_between(date, later), days as i32);
        prop_assert_eq!(calendar.working_days_between(later, date), -(days as i32));
        prop_assert!(days == 0 || calendar.is_working_day(later));
        // Free days count for nothing: from one, the way back ends on the working day before it.
        let start = if days == 0 || calendar.is_working_day(date) { date } else { calendar.subtract_working_days(date, 1) };
        prop_assert_eq!(calendar.subtract_working_days(later, days), start);
    }

    #[test]
    fn adding_is_additive_and_monotone(date in any_day(), other in any_day(), a in 0..100_u32, b in 0..100_u32) {
        let calendar = china();
        prop_assert_eq!(
            calendar.add_working_days(calendar.add_working_days(date, a), b),
            calendar.add_working_days(date, a + b)
        );
        let (early, late) = (date.min(other), date.max(other));
        prop_assert!(calendar.add_working_days(early, a) <= calendar.add_working_days(late, a));
        prop_assert!(calendar.add_working_days(date, a) < calendar.add_working_days(date, a + 1));
    }

    #[test]
    fn counting_is_additive(a in any_day(), b in any_day(), c in any_day()) {
        let calendar = china();
        prop_assert_eq!(
            calendar.working_days_between(a, b) + calendar.working_days_between(b, c),
            calendar.working_days_between(a, c)
        );
    }

    #[test]
    fn working_time_is_additive_and_bounded(mut instants in proptest::array::uniform3(any_instant())) {
        let calendar = china();
        instants.sort();
        let [a, b, c] = instants;
        let whole = calendar.working_time_between(a, c);
        prop_assert_eq!(calendar.working_time_between(a, b) + calendar.working_time_between(b, c), whole);
        prop_assert!((0..=c.since(a)).contains(&whole));
    }

    #[test]
    fn the_next_working_instant_is_one(at in any_instant()) {
        let calendar = china();
        let next = calendar.next_working_instant(at);
        prop_assert!(next >= at);
        prop_assert_eq!(calendar.next_working_instant(next), next);
        prop_assert!(calendar.is_working_day(next.date(Offset::CHINA)));
        prop_assert_eq!(calendar.working_time_between(at, next), 0);
        prop_assert_eq!(calendar.working_time_between(next, next.plus(1)), 1);
    }
}

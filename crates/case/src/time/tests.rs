use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_day_of_nine_thousand_years() {
    let mut date = Date::MIN;
    assert_eq!(
        date.weekday(),
        Weekday::Monday,
        "0001-01-01 of the Gregorian calendar was a Monday"
    );
    for year in 1..=9999 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if leap { 29 } else { 28 };
        for (month, days) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            assert_eq!(Date::new(year, month, days + 1), None);
            for day in 1..=days {
                assert_eq!(date.ymd(), (year, month, day));
                assert_eq!(Date::new(year, month, day), Some(date));
                date = date.next();
            }
        }
    }
    assert_eq!(date, Date::MAX, "and stays there");
    assert_eq!(Date::MAX.to_string(), "9999-12-31");
    assert_eq!(Date::MIN.previous(), Date::MIN);
}

#[test]
#[rustfmt::skip]
fn known_days() {
    for (text, weekday) in [
        ("1970-01-01", Weekday::Thursday),
        ("2000-02-29", Weekday::Tuesday),
        ("2024-02-29", Weekday::Thursday),
        ("2026-02-17", Weekday::Tuesday),
        ("2026-09-20", Weekday::Sunday),
        ("2025-10-11", Weekday::Saturday),
    ] {
        let date: Date = text.parse().unwrap();
        assert_eq!(date.weekday(), weekday, "{text}");
        assert_eq!(date.to_string(), text);
    }
}

#[test]
#[rustfmt::skip]
fn what_is_no_date() {
    for text in [
        "",
        "2026-2-17",
        "2026-02-30",
        "2025-02-29",
        "1900-02-29",
        "0000-01-01",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "2026-01-32",
        "+026-01-01",
        "2026-01-01 ",
        "２026-01-01",
        "2026/01/01",
        "20260101",
    ] {
        assert_eq!(text.parse::<Date>(), Err(TimeError::Date), "{text:?}");
    }
    assert_eq!(Date::new(i32::MAX, u32::MAX, u32::MAX), None);
}

#[test]
fn times_of_day() {
    assert_eq!(time_of_day("00:00"), Ok(0));
    assert_eq!(time_of_day("08:30"), Ok(8 * HOUR + 30 * MINUTE));
    assert_eq!(time_of_day("24:00"), Ok(DAY));
    for text in [
        "", "8:30", "08:60", "24:01", "25:00", "08-30", "08:3a", "08:300",
    ] {
        assert_eq!(time_of_day(text), Err(TimeError::TimeOfDay), "{text:?}");
    }
}

#[test]
fn date_and_time() {
    let instant = at("2026-02-13T16:38:40+08:00");
    assert_eq!(instant.millis(), 1_770_971_920_000);
    assert_eq!(
        instant.local(Offset::CHINA).to_string(),
        "2026-02-13T16:38:40+08:00"
    );
    assert_eq!(instant.local(Offset::CHINA).plain(), "2026-02-13 16:38:40");
    assert_eq!(
        instant.local(Offset::UTC).to_string(),
        "2026-02-13T08:38:40Z"
    );
    assert_eq!(at("2026-02-13T08:38:40Z"), instant);
    assert_eq!(at("2026-02-13t03:08:40.0009-05:30"), instant);
    assert_eq!(at("2026-02-13 08:38:40.5z"), instant.plus(500));
    assert_eq!(at("2026-02-13T08:38:40.123456789Z"), instant.plus(123));
    assert_eq!(
        at("2016-12-31T23:59:60Z"),
        at("2017-01-01T00:00:00Z"),
        "the leap second"
    );
    assert_eq!(
        Timestamp(-1).local(Offset::UTC).to_string(),
        "1969-12-31T23:59:59Z"
    );
    let india = Offset::from_minutes(330).unwrap();
    assert_eq!(
        Timestamp(0).local(india).to_string(),
        "1970-01-01T05:30:00+05:30"
    );
    let newfoundland = Offset::from_minutes(-210).unwrap();
    assert_eq!(
        Timestamp(0).local(newfoundland).to_string(),
        "1969-12-31T20:30:00-03:30"
    );
    assert_eq!(Offset::from_minutes(1440), Err(TimeError::Offset));
    assert_eq!(Offset::from_minutes(i32::MIN), Err(TimeError::Offset));
    assert_eq!(Offset::from_minutes(-32768), Err(TimeError::Offset));
}

#[test]
#[rustfmt::skip]
fn what_is_no_date_and_time() {
    for text in [
        "",
        "2026-02-13",
        "2026-02-13T08:38:40",
        "2026-02-13T08:38Z",
        "2026-02-30T08:38:40Z",
        "2026-02-13T24:00:00Z",
        "2026-02-13T08:60:40Z",
        "2026-02-13T08:38:61Z",
        "2026-02-13T08:38:40.Z",
        "2026-02-13T08:38:40+0800",
        "2026-02-13T08:38:40+24:00",
        "2026-02-13T08:38:40ZZ",
        "2026-02-13T08:38:40+08:00 ",
        "2026-02-1３T08:38:40Z",
        "2026-02-13T08:38:40.１Z",
        "2026-02-13T08:38:40é",
        "二〇二六年二月十三日",
    ] {
        assert_eq!(text.parse::<Local>(), Err(TimeError::DateTime), "{text:?}");
    }
}

#[test]
fn days_begin_and_end_where_the_place_is() {
    let date: Date = "2026-02-13".parse().unwrap();
    assert_eq!(date.start(Offset::CHINA), at("2026-02-12T16:00:00Z"));
    assert_eq!(date.end(Offset::CHINA), date.next().start(Offset::CHINA));
    assert_eq!(date.end(Offset::CHINA).plus(-1).date(Offset::CHINA), date);
    assert_eq!(
        at("2026-02-12T16:30:00Z").time_of_day(Offset::CHINA),
        30 * MINUTE
    );
}

#[test]
fn instants_beyond_the_calendar_do_no_harm() {
    for instant in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX].map(Timestamp) {
        let local = instant.local(Offset::CHINA);
        assert!([Date::MIN, Date::MAX].contains(&instant.date(Offset::CHINA)));
        assert!(local.to_string().parse::<Local>().is_ok());
        assert_eq!(
            instant
                .plus(instant.millis().signum() * 5)
                .millis()
                .signum(),
            instant.millis().signum()
        );
    }
}

#[test]
fn in_json() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Record {
        stored: Timestamp,
        #[serde(with = "rfc3339")]
        shown: Timestamp,
        local: Local,
        date: Date,
    }
    let instant = Timestamp(1_770_971_920_000);
    let record = Record {
        stored: instant,
        shown: instant,
        local: instant.local(Offset::CHINA),
        date: instant.date(Offset::CHINA),
    };
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(
        json,
        r#"{"stored":1770971920000,"shown":"2026-02-13T08:38:40Z","local":"2026-02-13T16:38:40+08:00","date":"2026-02-13"}"#
    );
    assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    assert!(serde_json::from_str::<Date>("\"2026-02-30\"").is_err());
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(seconds in -62_135_000_000_i64..=253_402_000_000, minutes in -1439..1440) {
        let local = Timestamp(seconds * SECOND).local(Offset::from_minutes(minutes).unwrap());
        prop_assert_eq!(local.to_string().parse::<Local>(), Ok(local));
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>(), tail in "[0-9TtZz:.+-]{0,30}") {
        let _ = text.parse::<Local>();
        let _ = text.parse::<Date>();
        let _ = time_of_day(&text);
        let _ = format!("2026-02-13{tail}").parse::<Local>();
    }
}

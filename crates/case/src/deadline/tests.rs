use proptest::prelude::*;

use super::*;
use crate::calendar::tests::{china, china_data};
use crate::district::{CaseKind, Urgency};
use crate::time::{DAY, Offset};

use TimeUnit::*;

fn limit(amount: u32, unit: TimeUnit) -> TimeLimit {
    TimeLimit { amount, unit }
}

fn at(text: &str) -> Timestamp {
    let text = if text.len() == 10 {
        format!("{text}T00:00:00")
    } else {
        text.replace(' ', "T")
    };
    let seconds = if text.len() == 16 { ":00" } else { "" };
    format!("{text}{seconds}+08:00").parse().unwrap()
}

/// The last millisecond of a day.
fn end_of(day: &str) -> Timestamp {
    day.parse::<Date>().unwrap().end(Offset::CHINA).plus(-1)
}

fn pause(from: &str, to: &str) -> Pause {
    Pause { from: at(from), to: Some(at(to)) }
}

fn rule(answer: TimeLimit, max_extension: Option<TimeLimit>) -> DeadlineRule {
    DeadlineRule {
        id: "complaint".into(),
        name: "投诉".into(),
        name_en: "Complaint".into(),
        kinds: Vec::new(),
        urgency: None,
        applies: Vec::new(),
        priority: 0,
        dispatch: limit(24, Hour),
        accept: limit(1, WorkingDay),
        answer,
        max_extension,
        basis: "办理规定".into(),
    }
}

fn compute(
    amount: TimeLimit,
    start: Timestamp,
    pauses: &[Pause],
    extensions: &[TimeLimit],
) -> Deadline {
    let rule = rule(amount, None);
    Term {
        rule: &rule,
        version: "2026-01",
        duty: Duty::Answer,
        start,
        pauses,
        extensions,
    }
    .deadline(&china())
}

fn zh(deadline: &Deadline) -> Vec<String> {
    deadline.explanation.iter().map(Step::zh).collect()
}

/// Each line was counted by hand on the calendar of the announcements.
#[test]
fn limits_in_working_days() {
    for (what, days, start, last) in [
        // 2026: 14 and 28 February work, 15 to 23 February are free.
        (
            "complaint, 7 days (Zhoushan)",
            7,
            "2026-02-13 16:38:40",
            "2026-03-02",
        ),
        (
            "help, 5 days, received on a make-up Saturday",
            5,
            "2026-02-14 20:00",
            "2026-02-28",
        ),
        ("consultation, 3 days", 3, "2026-02-12 09:00", "2026-02-24"),
        (
            "received in the middle of the holiday",
            7,
            "2026-02-18 10:00",
            "2026-03-03",
        ),
        (
            "received in the first minute of a day",
            1,
            "2026-02-13 00:00",
            "2026-02-14",
        ),
        (
            "received in the last minute of a day",
            1,
            "2026-02-13 23:59",
            "2026-02-14",
        ),
        (
            "sign for it within 1 day (Tianjin)",
            1,
            "2026-02-14 20:00",
            "2026-02-24",
        ),
        (
            "received on a free Sunday",
            1,
            "2026-03-01 12:00",
            "2026-03-02",
        ),
        // 2025: 28 September and 11 October work, 1 to 8 October are free.
        (
            "complaint over National Day",
            7,
            "2025-09-26 10:00",
            "2025-10-13",
        ),
        (
            "ends on a make-up Saturday",
            3,
            "2025-09-30 17:00",
            "2025-10-11",
        ),
        (
            "five days (Jinan) over 27 April, which works",
            5,
            "2025-04-24 08:00",
            "2025-04-30",
        ),
        (
            "error report, 3 days, over 26 January, which works",
            3,
            "2025-01-24 15:00",
            "2025-02-05",
        ),
        // 2024
        ("help over Labour Day", 5, "2024-04-26 11:00", "2024-05-07"),
        (
            "old Shenzhen rule, 13 days over Spring Festival",
            13,
            "2024-02-02 09:30",
            "2024-02-26",
        ),
        (
            "leaders' board of Wuhan, 10 days over National Day",
            10,
            "2024-09-27 14:00",
            "2024-10-16",
        ),
        (
            "over Mid-Autumn, 14 September works",
            3,
            "2024-09-13 12:00",
            "2024-09-19",
        ),
        // Others
        (
            "objection to a misrouted petition, 5 days",
            5,
            "2026-04-30 16:00",
            "2026-05-11",
        ),
        (
            "government information, 20 days over two holidays",
            20,
            "2026-09-15 10:00",
            "2026-10-19",
        ),
        (
            "over New Year, 4 January works",
            3,
            "2025-12-31 10:00",
            "2026-01-06",
        ),
    ] {
        let deadline = compute(limit(days, WorkingDay), at(start), &[], &[]);
        assert_eq!(deadline.due, end_of(last), "{what}: {:#?}", zh(&deadline));
    }
}

#[test]
fn limits_in_calendar_days() {
    for (what, days, start, last) in [
        ("ends on a working day", 7, "2026-03-02 10:00", "2026-03-09"),
        (
            "would end in Spring Festival",
            15,
            "2026-02-06 10:00",
            "2026-02-24",
        ),
        ("would end on a Sunday", 5, "2026-03-10 10:00", "2026-03-16"),
        (
            "general matter, 7 days (DB11/T 2021), would end at Dragon Boat",
            7,
            "2026-06-12 10:00",
            "2026-06-22",
        ),
        (
            "complex matter, 15 days, would end at Dragon Boat",
            15,
            "2026-06-04 10:00",
            "2026-06-22",
        ),
        (
            "ends on a Saturday that works",
            15,
            "2025-09-26 10:00",
            "2025-10-11",
        ),
        (
            "petition registered within 15 days, would end at National Day",
            15,
            "2026-09-21 10:00",
            "2026-10-08",
        ),
        (
            "petition decided within 60 days",
            60,
            "2026-01-05 10:00",
            "2026-03-06",
        ),
    ] {
        let deadline = compute(limit(days, CalendarDay), at(start), &[], &[]);
        assert_eq!(deadline.due, end_of(last), "{what}: {:#?}", zh(&deadline));
    }
}

#[test]
fn limits_by_the_clock_know_no_holidays() {
    for (what, amount, start, due) in [
        (
            "emergency on New Year's Eve, 2 hours",
            limit(2, Hour),
            "2026-02-16 23:30",
            "2026-02-17 01:30",
        ),
        (
            "danger to life: sign within 15 minutes (Tianjin)",
            limit(15, Minute),
            "2026-02-17 00:00",
            "2026-02-17 00:15",
        ),
        (
            "water and gas: sign within 30 minutes",
            limit(30, Minute),
            "2026-10-01 08:45",
            "2026-10-01 09:15",
        ),
        (
            "accept within 24 hours (Ningbo)",
            limit(24, Hour),
            "2026-02-14 20:00",
            "2026-02-15 20:00",
        ),
        (
            "emergency information online within 4 hours",
            limit(4, Hour),
            "2026-03-01 22:00",
            "2026-03-02 02:00",
        ),
    ] {
        assert_eq!(compute(amount, at(start), &[], &[]).due, at(due), "{what}");
    }
}

#[test]
fn each_duty_has_its_limit() {
    let rule = rule(limit(7, WorkingDay), None);
    let due = |duty| {
        let start = at("2026-02-14 20:00");
        // Nobody but the author of the answer gets more time.
        let extensions = if duty == Duty::Answer {
            &[][..]
        } else {
            &[limit(5, WorkingDay)][..]
        };
        Term {
            rule: &rule,
            version: "1",
            duty,
            start,
            pauses: &[],
            extensions,
        }
        .deadline(&china())
        .due
    };
    assert_eq!(due(Duty::Dispatch), at("2026-02-15 20:00"));
    assert_eq!(due(Duty::Accept), end_of("2026-02-24"));
    assert_eq!(due(Duty::Answer), end_of("2026-03-03"));
}

#[test]
fn pauses_put_days_off() {
    for (what, pauses, last) in [
        ("none", vec![], "2026-03-02"),
        (
            "at the end of 25, 26, 27, 28 February and 2 March",
            vec![pause("2026-02-25 10:00", "2026-03-03 15:00")],
            "2026-03-09",
        ),
        (
            "answered the same day",
            vec![pause("2026-02-25 10:00", "2026-02-25 15:00")],
            "2026-03-02",
        ),
        (
            "over one night",
            vec![pause("2026-02-25 23:00", "2026-02-26 01:00")],
            "2026-03-03",
        ),
        (
            "over Spring Festival, which does not count anyway",
            vec![pause("2026-02-15 08:00", "2026-02-23 20:00")],
            "2026-03-02",
        ),
        (
            "asked on the last day",
            vec![pause("2026-03-02 10:00", "2026-03-04 09:00")],
            "2026-03-04",
        ),
        (
            "a whole day from midnight to midnight",
            vec![pause("2026-02-25", "2026-02-26")],
            "2026-03-03",
        ),
        (
            "after the end",
            vec![pause("2026-03-03 00:00", "2026-03-10 00:00")],
            "2026-03-02",
        ),
        (
            "before the start and on the day of the start",
            vec![pause("2026-02-01 00:00", "2026-02-14 10:00")],
            "2026-03-02",
        ),
        (
            "end before start",
            vec![pause("2026-02-27 00:00", "2026-02-24 10:00")],
            "2026-03-02",
        ),
        (
            "two, the later one reached only by the first",
            vec![
                pause("2026-03-03 09:00", "2026-03-05 09:00"),
                pause("2026-02-25 10:00", "2026-02-26 10:00"),
            ],
            "2026-03-05",
        ),
    ] {
        let deadline = compute(
            limit(7, WorkingDay),
            at("2026-02-13 16:38:40"),
            &pauses,
            &[],
        );
        assert_eq!(deadline.due, end_of(last), "{what}: {:#?}", zh(&deadline));
    }
    // The last day would be Sunday 15 March; the clock stands over it and over Monday night.
    let deadline = compute(
        limit(5, CalendarDay),
        at("2026-03-10 10:00"),
        &[pause("2026-03-16 09:00", "2026-03-17 09:00")],
        &[],
    );
    assert_eq!(deadline.due, end_of("2026-03-17"), "{:#?}", zh(&deadline));
}

#[test]
fn pauses_put_hours_off_by_their_length() {
    let due = |pauses: &[Pause]| compute(limit(24, Hour), at("2026-02-14 20:00"), pauses, &[]).due;
    assert_eq!(
        due(&[pause("2026-02-15 08:00", "2026-02-15 18:00")]),
        at("2026-02-16 06:00")
    );
    assert_eq!(
        due(&[pause("2026-02-14 10:00", "2026-02-14 21:00")]),
        at("2026-02-15 21:00")
    );
    assert_eq!(
        due(&[pause("2026-02-15 20:00", "2026-02-15 22:00")]),
        at("2026-02-15 20:00"),
        "stopped when it was due"
    );
    assert_eq!(
        due(&[
            pause("2026-02-15 21:00", "2026-02-15 22:00"),
            pause("2026-02-15 08:00", "2026-02-15 10:00")
        ]),
        at("2026-02-15 23:00"),
        "the first makes the second fall into the term"
    );
}

#[test]
fn a_clock_that_stands_is_due_as_if_it_ran_on() {
    let start = at("2026-02-13 16:38:40");
    let open = Pause { from: at("2026-02-28 10:00"), to: None };
    let deadline = compute(limit(7, WorkingDay), start, &[open], &[]);
    assert_eq!(deadline.due, end_of("2026-03-02"));
    assert_eq!(deadline.standing_since, Some(open.from));
    assert_eq!(
        deadline.lamp(at("2026-04-01 10:00")),
        Lamp::Green,
        "as it was when it stopped"
    );
    assert!(
        zh(&deadline).contains(&"自2026-02-28 10:00:00起暂停计时，恢复后期限顺延".to_owned()),
        "{:#?}",
        zh(&deadline)
    );
    let overdue = compute(limit(1, WorkingDay), start, &[open], &[]);
    assert_eq!(
        overdue.lamp(at("2026-04-01 10:00")),
        Lamp::Red,
        "it was overdue when it stopped"
    );
}

#[test]
fn extensions_begin_at_the_end() {
    let start = at("2026-02-12 09:00");
    let due = |base, extensions: &[TimeLimit]| compute(base, start, &[], extensions).due;
    // Without extension: 24 February.
    let three = limit(3, WorkingDay);
    assert_eq!(due(three, &[limit(5, WorkingDay)]), end_of("2026-03-02"));
    assert_eq!(
        due(three, &[limit(2, WorkingDay), limit(3, WorkingDay)]),
        end_of("2026-03-02")
    );
    assert_eq!(due(three, &[limit(20, CalendarDay)]), end_of("2026-03-16"));
    assert_eq!(due(three, &[limit(4, CalendarDay)]), end_of("2026-02-28"));
    assert_eq!(
        due(three, &[limit(5, CalendarDay)]),
        end_of("2026-03-02"),
        "1 March is a Sunday"
    );
    assert_eq!(
        due(three, &[limit(2, Hour)]),
        at("2026-02-25 02:00").plus(-1)
    );
    // 14 days would end on 26 February; 3 days on Sunday 15, so on 24 February, and one day more on the 25th.
    assert_eq!(
        due(limit(3, CalendarDay), &[limit(1, CalendarDay)]),
        end_of("2026-02-25")
    );
    // By the clock, then in days.
    assert_eq!(
        due(limit(24, Hour), &[limit(2, CalendarDay)]),
        end_of("2026-02-24"),
        "13 + 2 is the first day of the holiday"
    );
    assert_eq!(
        due(limit(24, Hour), &[limit(24, Hour)]),
        at("2026-02-14 09:00")
    );
    // 60 days and 30 more for a petition: 5 April is Qingming.
    let petition = compute(
        limit(60, CalendarDay),
        at("2026-01-05 10:00"),
        &[],
        &[limit(30, CalendarDay)],
    );
    assert_eq!(petition.due, end_of("2026-04-07"));
}

#[test]
fn which_extensions_are_allowed() {
    let calendar = china();
    let allowed = rule(limit(3, WorkingDay), Some(limit(20, CalendarDay)));
    let never = rule(limit(2, Hour), None);
    fn term<'a>(rule: &'a DeadlineRule, extensions: &'a [TimeLimit]) -> Term<'a> {
        Term {
            rule,
            version: "1",
            duty: Duty::Answer,
            start: at("2026-02-12 09:00"),
            pauses: &[],
            extensions,
        }
    }
    let before = at("2026-02-24 12:00");
    let latest = end_of("2026-03-16");
    let ask = |granted: &[TimeLimit], more, at| {
        term(&allowed, granted)
            .extended(more, at, &calendar)
            .map(|deadline| deadline.due)
    };
    assert_eq!(ask(&[], limit(20, CalendarDay), before), Ok(latest));
    assert_eq!(
        ask(&[], limit(21, CalendarDay), before),
        Err(ExtensionError::TooLong { latest })
    );
    assert_eq!(
        ask(&[limit(15, CalendarDay)], limit(6, CalendarDay), before),
        Err(ExtensionError::TooLong { latest })
    );
    assert_eq!(
        ask(&[], limit(15, WorkingDay), before),
        Ok(latest),
        "15 working days end on the same day"
    );
    assert_eq!(
        ask(&[], limit(16, WorkingDay), before),
        Err(ExtensionError::TooLong { latest })
    );
    assert_eq!(
        ask(&[], limit(u32::MAX, CalendarDay), before),
        Err(ExtensionError::TooLong { latest })
    );
    let due = end_of("2026-02-24");
    assert!(
        ask(&[], limit(1, WorkingDay), due).is_ok(),
        "in the last millisecond"
    );
    assert_eq!(
        ask(&[], limit(1, WorkingDay), due.plus(1)),
        Err(ExtensionError::Overdue { due })
    );
    assert_eq!(
        term(&never, &[]).extended(limit(1, Hour), at("2026-02-12 09:10"), &calendar),
        Err(ExtensionError::NotExtendable)
    );
    let dispatch = Term {
        duty: Duty::Dispatch,
        ..term(&allowed, &[])
    };
    assert_eq!(
        dispatch.extended(limit(1, Hour), before, &calendar),
        Err(ExtensionError::NotExtendable)
    );
}

#[test]
fn lamps() {
    for (amount, start, yellow, red) in [
        // Sunday 1 March: only Monday, the last working day, is left.
        (
            limit(7, WorkingDay),
            "2026-02-13 16:38:40",
            "2026-03-01",
            "2026-03-03",
        ),
        // The last fifth of 20 days are 14, 15, 16 and 19 October.
        (
            limit(20, WorkingDay),
            "2026-09-15 10:00",
            "2026-10-14",
            "2026-10-20",
        ),
        // Always one working day left.
        (
            limit(1, WorkingDay),
            "2026-02-14 20:00",
            "2026-02-14 20:00",
            "2026-02-25",
        ),
        (
            limit(1, WorkingDay),
            "2026-03-03 10:00",
            "2026-03-04",
            "2026-03-05",
        ),
        // The last fifth of 15 days are 8, 9 and, for 7 March is a Saturday … see below.
        (
            limit(15, CalendarDay),
            "2026-03-02 10:00",
            "2026-03-15",
            "2026-03-18",
        ),
        (
            limit(2, Hour),
            "2026-02-16 23:30",
            "2026-02-17 01:06",
            "2026-02-17 01:30:00",
        ),
        (
            limit(24, Hour),
            "2026-02-14 20:00",
            "2026-02-15 15:12",
            "2026-02-15 20:00:00",
        ),
    ] {
        let deadline = compute(amount, at(start), &[], &[]);
        let yellow = at(yellow);
        // The due time itself is in time: by the clock to the millisecond, in days up to midnight.
        let red = if matches!(amount.unit, Hour) {
            at(red).plus(1)
        } else {
            at(red)
        };
        let what = format!("{amount:?} from {start}");
        if yellow > at(start) {
            assert_eq!(deadline.lamp(yellow.plus(-1)), Lamp::Green, "{what}");
        }
        assert_eq!(
            deadline.lamp(yellow),
            Lamp::Yellow,
            "{what}: {:?}",
            deadline.warn_from.local(Offset::CHINA)
        );
        assert_eq!(deadline.lamp(red.plus(-1)), Lamp::Yellow, "{what}");
        assert_eq!(deadline.lamp(red), Lamp::Red, "{what}");
    }
}

#[test]
fn the_explanation_in_words() {
    let calendar = china();
    let deadline = compute(
        limit(7, WorkingDay),
        at("2026-02-13 16:38:40"),
        &[pause("2026-02-25 10:00", "2026-02-27 15:00")],
        &[limit(9, CalendarDay)],
    );
    let version = calendar.version();
    assert_eq!(
        zh(&deadline),
        [
            format!(
                "2026-02-13 16:38:40开始计时，适用“投诉”（complaint，规则版本2026-01，日历版本{version}）：答复期限7个工作日，开始的当日不计入。依据：办理规定"
            ),
            "自2026-02-14起计7个工作日，至2026-03-04；不计入：2026-02-15至2026-02-23（春节）、2026-02-25至2026-02-26（暂停计时）、2026-03-01（周末）；调休上班日计入：2026-02-14、2026-02-28".to_owned(),
            "自2026-03-05起延期9个自然日，至2026-03-13".to_owned(),
            "截止时间：2026-03-13 23:59:59".to_owned(),
        ]
    );
    let en: Vec<String> = deadline.explanation.iter().map(Step::en).collect();
    assert_eq!(
        en,
        [
            format!(
                "Started 2026-02-13 16:38:40 under “Complaint” (complaint, rules 2026-01, calendar {version}): answer within 7 working days; the day of the start does not count. Basis: 办理规定"
            ),
            "From 2026-02-14 7 working days, to 2026-03-04; not counted: 2026-02-15 to 2026-02-23 (Spring Festival), 2026-02-25 to 2026-02-26 (clock stood), 2026-03-01 (weekend); make-up working days counted: 2026-02-14, 2026-02-28".to_owned(),
            "From 2026-03-05 extended by 9 calendar days, to 2026-03-13".to_owned(),
            "Due: 2026-03-13 23:59:59".to_owned(),
        ]
    );
}

#[test]
fn other_steps_in_words() {
    let moved = compute(limit(15, CalendarDay), at("2026-02-06 10:00"), &[], &[]);
    assert!(zh(&moved).contains(&"最后一日2026-02-21不是工作日，顺延至2026-02-24；不计入：2026-02-22至2026-02-23（春节）".to_owned()));
    let ran = compute(
        limit(1, Hour),
        at("2026-02-16 23:30"),
        &[pause("2026-02-16 23:40", "2026-02-16 23:50")],
        &[limit(30, Minute)],
    );
    assert_eq!(
        zh(&ran)[1..],
        [
            "自2026-02-16 23:30:00起计1小时，至2026-02-17 00:40:00；暂停计时：2026-02-16 23:40:00至2026-02-16 23:50:00",
            "自2026-02-17 00:40:00起延期30分钟，至2026-02-17 01:10:00",
            "截止时间：2026-02-17 01:10:00",
        ]
    );
    assert_eq!(
        ran.explanation[1].en(),
        "From 2026-02-16 23:30:00 1 hour, to 2026-02-17 00:40:00; the clock stood: 2026-02-16 23:40:00 to 2026-02-16 23:50:00"
    );
    // 2027 is provisional and 2028 unknown: 31 December, then 3 and 4 January.
    let uncertain = compute(limit(3, WorkingDay), at("2027-12-30 10:00"), &[], &[]);
    assert_eq!(uncertain.due, end_of("2028-01-04"));
    assert_eq!(
        zh(&uncertain)[2..],
        [
            "2027年放假安排尚未公布，暂按规定推算",
            "日历中没有2028年的放假安排，只扣除周末",
            "截止时间：2028-01-04 23:59:59"
        ]
    );
    assert_eq!(
        uncertain.explanation[3].en(),
        "The calendar does not know the holidays of 2028; only weekends are left out"
    );
}

#[test]
fn the_explanation_as_data() {
    let deadline = compute(
        limit(15, CalendarDay),
        at("2026-02-06 10:00"),
        &[pause("2026-02-07 10:00", "2026-02-08 10:00")],
        &[],
    );
    let json = serde_json::to_value(&deadline).unwrap();
    assert_eq!(json["due"], end_of("2026-02-24").millis());
    assert_eq!(
        json["explanation"].as_array().unwrap()[1..],
        [
            serde_json::json!({
                "kind": "counted", "limit": { "amount": 15, "unit": "calendar-day" }, "extension": false,
                "from": "2026-02-07", "to": "2026-02-22", "make_up": [],
                "skipped": [{ "from": "2026-02-07", "to": "2026-02-07", "why": "clock-stood" }],
            }),
            serde_json::json!({
                "kind": "moved", "from": "2026-02-22", "to": "2026-02-24",
                "skipped": [{ "from": "2026-02-23", "to": "2026-02-23", "why": "holiday", "name": "春节", "name_en": "Spring Festival" }],
            }),
            serde_json::json!({ "kind": "due", "at": "2026-02-24T23:59:59+08:00" }),
        ]
    );
}

#[test]
fn a_new_calendar_gives_a_new_deadline_and_a_new_version() {
    let rule = rule(limit(1, WorkingDay), None);
    let term = Term {
        rule: &rule,
        version: "1",
        duty: Duty::Answer,
        start: at("2027-09-30 10:00"),
        pauses: &[],
        extensions: &[],
    };
    let before = term.deadline(&china());
    assert_eq!(
        before.due,
        end_of("2027-10-01"),
        "the provisional year of this test has no National Day"
    );
    let mut data = china_data();
    data.years[3].holidays.push(crate::district::Holiday {
        name: "国庆节".into(),
        name_en: "National Day".into(),
        from: "2027-10-01".into(),
        to: "2027-10-07".into(),
    });
    let after = term.deadline(&Calendar::new(&data, Offset::CHINA).unwrap());
    assert_eq!(after.due, end_of("2027-10-08"));
    assert_ne!(
        before.explanation[0], after.explanation[0],
        "the version shows"
    );
}

#[test]
fn which_rule_applies() {
    let base = rule(limit(7, WorkingDay), None);
    let make = |id: &str, priority, kinds: &[CaseKind], urgency, applies: &[&str]| DeadlineRule {
        id: id.into(),
        priority,
        kinds: kinds.to_vec(),
        urgency,
        applies: applies.iter().map(|&id| id.to_owned()).collect(),
        ..base.clone()
    };
    let rules = [
        make("general", 0, &[], None, &[]),
        make("general-again", 0, &[], None, &[]),
        make("consultation", 0, &[CaseKind::Consultation], None, &[]),
        make("police", 0, &[], None, &["public-security"]),
        make("household", 0, &[], None, &["public-security.household"]),
        make(
            "household-question",
            0,
            &[CaseKind::Consultation],
            None,
            &["traffic", "public-security.household"],
        ),
        make("urgent", 0, &[], Some(Urgency::Urgent), &[]),
        make(
            "urgent-traffic",
            0,
            &[],
            Some(Urgency::Urgent),
            &["traffic"],
        ),
        make("emergency", 100, &[], Some(Urgency::Emergency), &[]),
        make(
            "discipline",
            50,
            &[CaseKind::Complaint, CaseKind::Report],
            None,
            &["discipline"],
        ),
        make("named", 0, &[CaseKind::Help], None, &["elsewhere"]),
    ];
    use CaseKind::*;
    use Urgency::*;
    for (kind, urgency, category, named, expected) in [
        (Suggestion, Normal, None, None, "general"),
        (Suggestion, Normal, Some("housing"), None, "general"),
        (Consultation, Normal, Some("housing"), None, "consultation"),
        (
            Consultation,
            Normal,
            Some("public-security.fire"),
            None,
            "police",
        ),
        (Help, Normal, Some("public-security"), None, "police"),
        (
            Help,
            Normal,
            Some("public-security-training"),
            None,
            "general",
        ),
        (
            Help,
            Normal,
            Some("public-security.household"),
            None,
            "household",
        ),
        (
            Help,
            Normal,
            Some("public-security.household.move"),
            None,
            "household",
        ),
        (
            Consultation,
            Normal,
            Some("public-security.household"),
            None,
            "household-question",
        ),
        (
            Help,
            Urgent,
            Some("public-security.household"),
            None,
            "urgent",
        ),
        (Help, Urgent, Some("traffic.bus"), None, "urgent-traffic"),
        (Help, Emergency, Some("discipline"), None, "emergency"),
        (Report, Emergency, Some("discipline"), None, "emergency"),
        (Report, Urgent, Some("discipline"), None, "discipline"),
        (Suggestion, Normal, Some("discipline"), None, "general"),
        (
            Help,
            Normal,
            Some("public-security.household"),
            Some("named"),
            "named",
        ),
        (Help, Normal, None, Some("named"), "named"),
        (Report, Normal, Some("housing"), Some("named"), "general"),
        (Help, Emergency, Some("housing"), Some("named"), "emergency"),
        (
            Help,
            Normal,
            Some("housing"),
            Some("no-such-rule"),
            "general",
        ),
    ] {
        let matter = Matter {
            kind,
            urgency,
            category,
            named,
        };
        assert_eq!(
            select_rule(&rules, &matter).map(|rule| rule.id.as_str()),
            Some(expected),
            "{matter:?}"
        );
    }
    let matter = Matter {
        kind: Help,
        urgency: Normal,
        category: None,
        named: None,
    };
    assert_eq!(select_rule(&rules[3..], &matter), None);
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    // To the minute, from the autumn of 2025 to the spring of 2026.
    (0..240 * 24 * 60_i64).prop_map(|minutes| at("2025-09-01").plus(minutes * MINUTE))
}

fn any_limit() -> impl Strategy<Value = TimeLimit> {
    prop_oneof![
        (1..300_u32).prop_map(|amount| limit(amount, Minute)),
        (1..200_u32).prop_map(|amount| limit(amount, Hour)),
        (1..40_u32).prop_map(|amount| limit(amount, WorkingDay)),
        (1..60_u32).prop_map(|amount| limit(amount, CalendarDay)),
    ]
}

fn any_pauses() -> impl Strategy<Value = Vec<Pause>> {
    let pause = (any_instant(), 0..20 * DAY / MINUTE).prop_map(|(from, minutes)| Pause { from, to: Some(from.plus(minutes * MINUTE)) });
    proptest::collection::vec(pause, 0..6)
}

/// The limit in working days a second time, in the plainest way.
fn reference(days: u32, start: Timestamp, pauses: &[Pause]) -> Timestamp {
    let (calendar, mut date, mut counted) = (china(), start.date(Offset::CHINA), 0);
    while counted < days {
        date = date.next();
        let midnight = date.next().start(Offset::CHINA);
        let stands = pauses
            .iter()
            .any(|pause| pause.from < midnight && pause.to.is_some_and(|to| to >= midnight));
        counted += u32::from(calendar.is_working_day(date) && !stands);
    }
    date.next().start(Offset::CHINA).plus(-1)
}

proptest! {
    #[test]
    fn working_days_by_the_reference(days in 1..40_u32, start in any_instant(), pauses in any_pauses()) {
        prop_assert_eq!(compute(limit(days, WorkingDay), start, &pauses, &[]).due, reference(days, start, &pauses));
    }

    #[test]
    fn the_order_of_pauses_makes_no_difference(
        amount in any_limit(), start in any_instant(), pauses in any_pauses().prop_flat_map(|pauses| (Just(pauses.clone()), Just(pauses).prop_shuffle())),
    ) {
        let (one, other) = pauses;
        prop_assert_eq!(compute(amount, start, &one, &[]), compute(amount, start, &other, &[]));
    }

    #[test]
    fn pauses_in_parts_are_the_same_pauses(amount in any_limit(), start in any_instant(), pauses in any_pauses(), cut in 0.0..1.0_f64) {
        let parts: Vec<Pause> = pauses
            .iter()
            .flat_map(|&Pause { from, to }| {
                let to = to.unwrap();
                let middle = from.plus((to.since(from) as f64 * cut) as i64);
                [Pause { from, to: Some(middle) }, Pause { from: middle, to: Some(to) }]
            })
            .collect();
        prop_assert_eq!(compute(amount, start, &pauses, &[]), compute(amount, start, &parts, &[]));
    }

    #[test]
    fn a_pause_never_takes_time_away(amount in any_limit(), start in any_instant(), pauses in any_pauses(), extension in any_limit()) {
        let all = compute(amount, start, &pauses, &[extension]);
        for index in 0..pauses.len() {
            let mut fewer = pauses.clone();
            fewer.remove(index);
            prop_assert!(compute(amount, start, &fewer, &[extension]).due <= all.due);
        }
    }

    #[test]
    fn later_or_longer_is_never_earlier(amount in any_limit(), start in any_instant(), later in any_instant(), pauses in any_pauses()) {
        let (start, later) = (start.min(later), start.max(later));
        let due = compute(amount, start, &pauses, &[]).due;
        prop_assert!(due <= compute(amount, later, &pauses, &[]).due);
        let longer = limit(amount.amount + 1, amount.unit);
        prop_assert!(due <= compute(longer, start, &pauses, &[]).due);
    }

    #[test]
    fn an_extension_always_adds_its_length(amount in any_limit(), start in any_instant(), pauses in any_pauses(), extension in any_limit()) {
        let before = compute(amount, start, &pauses, &[]);
        let after = compute(amount, start, &pauses, &[extension]);
        prop_assert!(after.due > before.due);
        if matches!(extension.unit, Minute | Hour) {
            let millis = i64::from(extension.amount) * if extension.unit == Hour { HOUR } else { MINUTE };
            prop_assert!(after.due.since(before.due) >= millis);
        } else {
            let days = before.due.date(Offset::CHINA).days_until(after.due.date(Offset::CHINA));
            prop_assert!(days >= extension.amount as i32);
        }
    }

    #[test]
    fn days_end_on_working_days_after_the_start(amount in any_limit(), start in any_instant(), pauses in any_pauses()) {
        let deadline = compute(amount, start, &pauses, &[]);
        prop_assert!(deadline.due > start);
        prop_assert!(deadline.warn_from >= start && deadline.warn_from <= deadline.due);
        if matches!(amount.unit, WorkingDay | CalendarDay) {
            let last = deadline.due.date(Offset::CHINA);
            prop_assert!(china().is_working_day(last));
            prop_assert_eq!(last.end(Offset::CHINA).plus(-1), deadline.due);
        }
        prop_assert_eq!(&deadline, &compute(amount, start, &pauses, &[]));
        for step in &deadline.explanation {
            prop_assert!(!step.zh().is_empty() && !step.en().is_empty());
        }
    }

    #[test]
    fn an_open_pause_gives_what_was_due_when_it_began(amount in any_limit(), start in any_instant(), pauses in any_pauses(), length in 0..30 * DAY) {
        // Stopped while the deadline was still ahead: when it runs again, no less time is left, but for the day itself.
        let due = compute(amount, start, &pauses, &[]).due;
        let from = pauses.iter().filter_map(|pause| pause.to).max().unwrap_or(start).max(start);
        prop_assume!(from < due);
        let with = |to| {
            let all: Vec<Pause> = pauses.iter().copied().chain([Pause { from, to }]).collect();
            compute(amount, start, &all, &[])
        };
        let standing = with(None);
        prop_assert_eq!(standing.due, due);
        prop_assert_eq!(standing.standing_since, Some(from));
        let to = from.plus(length);
        let resumed = with(Some(to));
        prop_assert_eq!(resumed.standing_since, None);
        prop_assert!(resumed.due >= to, "a pause makes nothing overdue");
        if matches!(amount.unit, Minute | Hour) {
            prop_assert_eq!(resumed.due.since(to), due.since(from));
        }
    }
}

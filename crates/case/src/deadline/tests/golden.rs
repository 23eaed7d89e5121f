//! Due times, lamps and extensions, computed by hand.

use super::*;

/// Each line was counted by hand on the calendar of the announcements.
#[test]
#[rustfmt::skip]
fn limits_in_working_days() {
    for (what, days, start, last) in [
        // 2026: 14 and 28 February work, 15 to 23 February are free.
        ("complaint, 7 days (Zhoushan)", 7, "2026-02-13 16:38:40", "2026-03-02"),
        ("help, 5 days, received on a make-up Saturday", 5, "2026-02-14 20:00", "2026-02-28"),
        ("consultation, 3 days", 3, "2026-02-12 09:00", "2026-02-24"),
        ("received in the middle of the holiday", 7, "2026-02-18 10:00", "2026-03-03"),
        ("received in the first minute of a day", 1, "2026-02-13 00:00", "2026-02-14"),
        ("received in the last minute of a day", 1, "2026-02-13 23:59", "2026-02-14"),
        ("sign for it within 1 day (Tianjin)", 1, "2026-02-14 20:00", "2026-02-24"),
        ("received on a free Sunday", 1, "2026-03-01 12:00", "2026-03-02"),
        // 2025: 28 September and 11 October work, 1 to 8 October are free.
        ("complaint over National Day", 7, "2025-09-26 10:00", "2025-10-13"),
        ("ends on a make-up Saturday", 3, "2025-09-30 17:00", "2025-10-11"),
        ("five days (Jinan) over 27 April, which works", 5, "2025-04-24 08:00", "2025-04-30"),
        ("error report, 3 days, over 26 January, which works", 3, "2025-01-24 15:00", "2025-02-05"),
        // 2024
        ("help over Labour Day", 5, "2024-04-26 11:00", "2024-05-07"),
        ("old Shenzhen rule, 13 days over Spring Festival", 13, "2024-02-02 09:30", "2024-02-26"),
        ("leaders' board of Wuhan, 10 days over National Day", 10, "2024-09-27 14:00", "2024-10-16"),
        ("over Mid-Autumn, 14 September works", 3, "2024-09-13 12:00", "2024-09-19"),
        // Others
        ("objection to a misrouted petition, 5 days", 5, "2026-04-30 16:00", "2026-05-11"),
        ("government information, 20 days over two holidays", 20, "2026-09-15 10:00", "2026-10-19"),
        ("over New Year, 4 January works", 3, "2025-12-31 10:00", "2026-01-06"),
    ] {
        let deadline = compute(limit(days, WorkingDay), at(start), &[], &[]);
        assert_eq!(deadline.due, end_of(last), "{what}: {:#?}", zh(&deadline));
    }
}

#[test]
#[rustfmt::skip]
fn limits_in_calendar_days() {
    for (what, days, start, last) in [
        ("ends on a working day", 7, "2026-03-02 10:00", "2026-03-09"),
        ("would end in Spring Festival", 15, "2026-02-06 10:00", "2026-02-24"),
        ("would end on a Sunday", 5, "2026-03-10 10:00", "2026-03-16"),
        ("general matter, 7 days (DB11/T 2021), would end at Dragon Boat", 7, "2026-06-12 10:00", "2026-06-22"),
        ("complex matter, 15 days, would end at Dragon Boat", 15, "2026-06-04 10:00", "2026-06-22"),
        ("ends on a Saturday that works", 15, "2025-09-26 10:00", "2025-10-11"),
        ("petition registered within 15 days, would end at National Day", 15, "2026-09-21 10:00", "2026-10-08"),
        ("petition decided within 60 days", 60, "2026-01-05 10:00", "2026-03-06"),
    ] {
        let deadline = compute(limit(days, CalendarDay), at(start), &[], &[]);
        assert_eq!(deadline.due, end_of(last), "{what}: {:#?}", zh(&deadline));
    }
}

#[test]
#[rustfmt::skip]
fn limits_by_the_clock_know_no_holidays() {
    for (what, amount, start, due) in [
        ("emergency on New Year's Eve, 2 hours", limit(2, Hour), "2026-02-16 23:30", "2026-02-17 01:30"),
        ("danger to life: sign within 15 minutes (Tianjin)", limit(15, Minute), "2026-02-17 00:00", "2026-02-17 00:15"),
        ("water and gas: sign within 30 minutes", limit(30, Minute), "2026-10-01 08:45", "2026-10-01 09:15"),
        ("accept within 24 hours (Ningbo)", limit(24, Hour), "2026-02-14 20:00", "2026-02-15 20:00"),
        ("emergency information online within 4 hours", limit(4, Hour), "2026-03-01 22:00", "2026-03-02 02:00"),
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
#[rustfmt::skip]
fn pauses_put_days_off() {
    for (what, pauses, last) in [
        ("none", vec![], "2026-03-02"),
        ("at the end of 25, 26, 27, 28 February and 2 March", vec![pause("2026-02-25 10:00", "2026-03-03 15:00")], "2026-03-09"),
        ("answered the same day", vec![pause("2026-02-25 10:00", "2026-02-25 15:00")], "2026-03-02"),
        ("over one night", vec![pause("2026-02-25 23:00", "2026-02-26 01:00")], "2026-03-03"),
        ("over Spring Festival, which does not count anyway", vec![pause("2026-02-15 08:00", "2026-02-23 20:00")], "2026-03-02"),
        ("asked on the last day", vec![pause("2026-03-02 10:00", "2026-03-04 09:00")], "2026-03-04"),
        ("a whole day from midnight to midnight", vec![pause("2026-02-25", "2026-02-26")], "2026-03-03"),
        ("after the end", vec![pause("2026-03-03 00:00", "2026-03-10 00:00")], "2026-03-02"),
        ("before the start and on the day of the start", vec![pause("2026-02-01 00:00", "2026-02-14 10:00")], "2026-03-02"),
        ("end before start", vec![pause("2026-02-27 00:00", "2026-02-24 10:00")], "2026-03-02"),
        (
            "two, the later one reached only by the first",
            vec![pause("2026-03-03 09:00", "2026-03-05 09:00"), pause("2026-02-25 10:00", "2026-02-26 10:00")],
            "2026-03-05",
        ),
    ] {
        let deadline = compute(limit(7, WorkingDay), at("2026-02-13 16:38:40"), &pauses, &[]);
        assert_eq!(deadline.due, end_of(last), "{what}: {:#?}", zh(&deadline));
    }
    // The last day would be Sunday 15 March; the clock stands over it and over Monday night.
    let deadline = compute(limit(5, CalendarDay), at("2026-03-10 10:00"), &[pause("2026-03-16 09:00", "2026-03-17 09:00")], &[]);
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
    let open = Pause {
        from: at("2026-02-28 10:00"),
        to: None,
    };
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
#[rustfmt::skip]
fn lamps() {
    for (amount, start, yellow, red) in [
        // Sunday 1 March: only Monday, the last working day, is left.
        (limit(7, WorkingDay), "2026-02-13 16:38:40", "2026-03-01", "2026-03-03"),
        // The last fifth of 20 days are 14, 15, 16 and 19 October.
        (limit(20, WorkingDay), "2026-09-15 10:00", "2026-10-14", "2026-10-20"),
        // Received on a Sunday: one working day is left from the first.
        (limit(1, WorkingDay), "2026-03-01 12:00", "2026-03-01 12:00", "2026-03-03"),
        (limit(1, WorkingDay), "2026-02-14 20:00", "2026-02-15", "2026-02-25"),
        (limit(1, WorkingDay), "2026-03-03 10:00", "2026-03-04", "2026-03-05"),
        // The last fifth of 15 days are 15, 16 and 17 March.
        (limit(15, CalendarDay), "2026-03-02 10:00", "2026-03-15", "2026-03-18"),
        (limit(2, Hour), "2026-02-16 23:30", "2026-02-17 01:06", "2026-02-17 01:30:00"),
        (limit(24, Hour), "2026-02-14 20:00", "2026-02-15 15:12", "2026-02-15 20:00:00"),
    ] {
        let deadline = compute(amount, at(start), &[], &[]);
        let yellow = at(yellow);
        // The due time itself is in time: by the clock to the millisecond, in days up to midnight.
        let red = if matches!(amount.unit, Hour) { at(red).plus(1) } else { at(red) };
        let what = format!("{amount:?} from {start}");
        if yellow > at(start) {
            assert_eq!(deadline.lamp(yellow.plus(-1)), Lamp::Green, "{what}");
        }
        assert_eq!(deadline.lamp(yellow), Lamp::Yellow, "{what}: {:?}", deadline.warn_from.local(Offset::CHINA));
        assert_eq!(deadline.lamp(red.plus(-1)), Lamp::Yellow, "{what}");
        assert_eq!(deadline.lamp(red), Lamp::Red, "{what}");
    }
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

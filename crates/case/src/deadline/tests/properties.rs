//! What holds for every deadline.

use proptest::prelude::*;

use super::*;

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
    let pause = (any_instant(), 0..20 * DAY / MINUTE).prop_map(|(from, minutes)| Pause {
        from,
        to: Some(from.plus(minutes * MINUTE)),
    });
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

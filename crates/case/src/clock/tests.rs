use proptest::prelude::*;

use super::*;
use crate::actor::Actor;
use crate::calendar::tests::china;
use crate::event::Judgement;
use crate::time::{HOUR, MINUTE};

fn at(text: &str) -> Timestamp {
    format!("{}:00+08:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

fn mark(text: &str, kind: MarkKind) -> Mark {
    Mark { at: at(text), kind }
}

fn held_by(unit: &str) -> MarkKind {
    MarkKind::HeldBy { unit: unit.into() }
}

const WAITING: MarkKind = MarkKind::Stop {
    reason: StopReason::WaitingCitizen,
};

/// Friday to Monday: received, passed to the police, the citizen asked over
/// the week-end, back to the police, answered.
fn history() -> Vec<Mark> {
    vec![
        mark("2026-03-06 09:00", held_by("centre")),
        mark("2026-03-06 09:00", MarkKind::Start),
        mark("2026-03-06 10:00", held_by("police")),
        mark("2026-03-06 16:30", WAITING),
        mark("2026-03-08 20:00", MarkKind::Resume),
        mark("2026-03-09 11:00", held_by("centre")),
        mark("2026-03-09 15:00", MarkKind::End),
    ]
}

#[test]
fn intervals_and_figures() {
    let ledger = Ledger::from_marks(&history());
    let interval = |from: &str, to: &str, stopped, holder: &str| Interval {
        from: at(from),
        to: Some(at(to)),
        stopped,
        holder: Some(holder.into()),
    };
    assert_eq!(
        ledger.intervals(),
        [
            interval("2026-03-06 09:00", "2026-03-06 10:00", None, "centre"),
            interval("2026-03-06 10:00", "2026-03-06 16:30", None, "police"),
            interval(
                "2026-03-06 16:30",
                "2026-03-08 20:00",
                Some(StopReason::WaitingCitizen),
                "police"
            ),
            interval("2026-03-08 20:00", "2026-03-09 11:00", None, "police"),
            interval("2026-03-09 11:00", "2026-03-09 15:00", None, "centre"),
        ]
    );
    assert_eq!(ledger.started(), Some(at("2026-03-06 09:00")));
    let pause = Pause {
        from: at("2026-03-06 16:30"),
        to: Some(at("2026-03-08 20:00")),
    };
    assert_eq!(ledger.pauses(), [pause]);

    let (calendar, now) = (china(), at("2026-04-01 00:00"));
    let held = ledger.by_holder(&calendar, now);
    assert_eq!(
        held["centre"],
        Held {
            running_millis: 5 * HOUR,
            working_millis: 3 * HOUR,
            standing_millis: 0
        },
        "an hour on Friday; 11:00 to 12:00 and 14:00 to 15:00 on Monday"
    );
    assert_eq!(
        held["police"],
        Held {
            running_millis: 21 * HOUR + 30 * MINUTE,
            working_millis: 7 * HOUR,
            standing_millis: 51 * HOUR + 30 * MINUTE
        },
        "10:00 to 12:00 and 14:00 to 16:30 on Friday, 8:30 to 11:00 on Monday"
    );
    assert_eq!(ledger.running_time(now), 26 * HOUR + 30 * MINUTE);
    assert_eq!(ledger.working_time(&calendar, now), 10 * HOUR);
    // Seen from the midst of it.
    let now = at("2026-03-06 11:00");
    assert_eq!(ledger.running_time(now), 2 * HOUR);
    assert_eq!(
        ledger.by_holder(&calendar, now)["police"].working_millis,
        HOUR
    );
    assert!(
        ledger
            .by_holder(&calendar, at("2026-03-06 09:00"))
            .is_empty()
    );
}

#[test]
fn what_goes_on() {
    let ledger = Ledger::from_marks(&history()[..4]);
    let last = ledger.intervals().last().unwrap();
    assert_eq!(
        (last.to, last.stopped),
        (None, Some(StopReason::WaitingCitizen))
    );
    assert_eq!(
        ledger.pauses(),
        [Pause {
            from: at("2026-03-06 16:30"),
            to: None
        }]
    );
    let held = ledger.by_holder(&china(), at("2026-03-06 17:30"))["police"].clone();
    assert_eq!(held.standing_millis, HOUR);
}

#[test]
fn marks_that_change_nothing() {
    let mut marks = history();
    for (text, kind) in [
        ("2026-03-05 09:00", WAITING),
        ("2026-03-05 09:00", MarkKind::Resume),
        ("2026-03-05 09:00", MarkKind::End),
        ("2026-03-06 09:30", MarkKind::Start),
        ("2026-03-06 11:00", MarkKind::Resume),
        (
            "2026-03-07 11:00",
            MarkKind::Stop {
                reason: StopReason::Merged,
            },
        ),
        ("2026-03-10 11:00", MarkKind::Resume),
        ("2026-03-10 11:00", MarkKind::End),
    ] {
        marks.push(mark(text, kind));
    }
    assert_eq!(Ledger::from_marks(&marks), Ledger::from_marks(&history()));
    assert_eq!(Ledger::from_marks(&[]), Ledger::default());
    assert_eq!(Ledger::default().pauses(), []);
}

#[test]
fn a_reopened_case_has_the_pauses_of_its_last_round() {
    let mut marks = history();
    marks.push(mark("2026-03-20 09:00", MarkKind::Start));
    let ledger = Ledger::from_marks(&marks);
    assert_eq!(ledger.pauses(), []);
    assert_eq!(ledger.started(), Some(at("2026-03-20 09:00")));
    assert_eq!(
        ledger.running_time(at("2026-03-20 10:00")),
        27 * HOUR + 30 * MINUTE,
        "the gap does not count"
    );
    marks.push(mark("2026-03-20 11:00", WAITING));
    marks.push(mark("2026-03-20 12:00", held_by("traffic")));
    marks.push(mark("2026-03-20 13:00", MarkKind::Resume));
    let pause = Pause {
        from: at("2026-03-20 11:00"),
        to: Some(at("2026-03-20 13:00")),
    };
    assert_eq!(
        Ledger::from_marks(&marks).pauses(),
        [pause],
        "one pause, although it changed hands"
    );
}

fn judgement() -> Judgement {
    serde_json::from_value(
        serde_json::json!({ "handler": "h", "version": "1", "sha256": "", "input": "" }),
    )
    .unwrap()
}

/// Events one hour apart, the first at 09:00.
fn events(data: Vec<EventData>) -> Vec<Event> {
    (1..)
        .zip(data)
        .map(|(sequence, data)| Event {
            sequence,
            at: at("2026-03-06 08:00").plus(i64::from(sequence) * HOUR),
            actor: Actor::Citizen,
            request: String::new(),
            data,
        })
        .collect()
}

fn received() -> EventData {
    serde_json::from_value(serde_json::json!({
        "kind": "received", "channel": "web", "case_kind": "consultation", "language": "zh", "urgency": "normal",
        "publish": true, "attachments": 0, "judgement": judgement(),
    }))
    .unwrap()
}

fn summary(data: Vec<EventData>) -> Vec<(i64, Option<i64>, Option<StopReason>, String)> {
    let events = events(data);
    let start = events[0].at;
    let hours = |at: Timestamp| at.since(start) / HOUR;
    Ledger::of_events(&events, "centre")
        .intervals()
        .iter()
        .map(|interval| {
            let holder = interval.holder.clone().unwrap_or_default();
            (
                hours(interval.from),
                interval.to.map(hours),
                interval.stopped,
                holder,
            )
        })
        .collect()
}

fn assigned(department: &str) -> EventData {
    EventData::Assigned {
        department: department.into(),
        co_handling: Vec::new(),
        responsibility: None,
        judgement: None,
    }
}

fn answered() -> EventData {
    EventData::Answered {
        department: "police".into(),
        adopted: false,
        self_answered: false,
    }
}

#[test]
fn the_way_of_a_case() {
    let (centre, police) = ("centre".to_owned(), "police".to_owned());
    assert_eq!(
        summary(vec![
            received(),
            assigned("housing"),
            EventData::Returned {
                department: "housing".into(),
                suggested: None
            },
            EventData::Adjudicated {
                department: "police".into()
            },
            EventData::Asked,
            EventData::Replied,
            answered(),
            EventData::SentBack,
            answered(),
            EventData::Approved,
            EventData::Published {
                public: true,
                judgement: judgement()
            },
            EventData::ClosedUnsolved,
            EventData::Reopened,
        ]),
        [
            (0, Some(1), None, centre.clone()),
            (1, Some(2), None, "housing".to_owned()),
            (2, Some(3), None, centre.clone()),
            (3, Some(4), None, police.clone()),
            (4, Some(5), Some(StopReason::WaitingCitizen), police.clone()),
            (5, Some(6), None, police.clone()),
            (6, Some(7), None, centre.clone()),
            (7, Some(8), None, police.clone()),
            (8, Some(10), None, centre),
            (12, None, None, police),
        ]
    );
}

#[test]
fn a_merger_and_its_exact_inverse() {
    let merged = || EventData::Merged { into: "YZ1".into() };
    let (running, waiting) = (None, Some(StopReason::WaitingCitizen));
    let states = |data| {
        summary(data)
            .into_iter()
            .map(|(_, _, stopped, _)| stopped)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        states(vec![received(), merged(), EventData::Unmerged]),
        [running, Some(StopReason::Merged), running]
    );
    assert_eq!(
        states(vec![
            received(),
            assigned("police"),
            EventData::Asked,
            merged(),
            EventData::Unmerged,
            EventData::Replied
        ]),
        [running, running, waiting, running],
        "it waits for the citizen all the while"
    );
}

fn any_marks() -> impl Strategy<Value = Vec<Mark>> {
    let kind = prop_oneof![
        Just(MarkKind::Start),
        Just(WAITING),
        Just(MarkKind::Stop {
            reason: StopReason::Merged
        }),
        Just(MarkKind::Resume),
        Just(held_by("police")),
        Just(held_by("centre")),
        Just(MarkKind::End),
    ];
    let mark = (0..5000_i64, kind).prop_map(|(minutes, kind)| Mark {
        at: at("2026-02-12 09:00").plus(minutes * MINUTE),
        kind,
    });
    proptest::collection::vec(mark, 0..30)
}

proptest! {
    #[test]
    fn intervals_are_in_order_and_apart(marks in any_marks(), now in 0..6000_i64) {
        let ledger = Ledger::from_marks(&marks);
        let intervals = ledger.intervals();
        for pair in intervals.windows(2) {
            prop_assert!(pair[0].to.is_some_and(|to| to <= pair[1].from));
        }
        for interval in intervals {
            prop_assert!(interval.to.is_none_or(|to| interval.from < to));
        }
        for pauses in ledger.pauses().windows(2) {
            prop_assert!(pauses[0].to.is_some_and(|to| to < pauses[1].from));
        }
        // All the time is somebody's, and no more than has passed.
        let (calendar, now) = (china(), at("2026-02-12 09:00").plus(now * MINUTE));
        let held = ledger.by_holder(&calendar, now);
        let whole: i64 = intervals
            .iter()
            .filter(|interval| interval.from < now)
            .map(|interval| interval.to.unwrap_or(now).min(now).since(interval.from))
            .sum();
        prop_assert_eq!(held.values().map(|held| held.running_millis + held.standing_millis).sum::<i64>(), whole);
        prop_assert_eq!(held.values().map(|held| held.running_millis).sum::<i64>(), ledger.running_time(now));
        for held in held.values() {
            prop_assert!((0..=held.running_millis).contains(&held.working_millis));
        }
    }

    #[test]
    fn time_only_grows(marks in any_marks(), one in 0..6000_i64, other in 0..6000_i64) {
        let ledger = Ledger::from_marks(&marks);
        let now = |minutes: i64| at("2026-02-12 09:00").plus(minutes * MINUTE);
        let (early, late) = (now(one.min(other)), now(one.max(other)));
        prop_assert!(ledger.running_time(early) <= ledger.running_time(late));
        prop_assert!(ledger.working_time(&china(), early) <= ledger.working_time(&china(), late));
    }
}

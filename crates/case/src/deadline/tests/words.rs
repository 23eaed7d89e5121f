//! The explanation as data and in words.

use super::*;

#[test]
#[rustfmt::skip]
fn the_explanation_in_words() {
    let calendar = china();
    let deadline =
        compute(limit(7, WorkingDay), at("2026-02-13 16:38:40"), &[pause("2026-02-25 10:00", "2026-02-27 15:00")], &[limit(9, CalendarDay)]);
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

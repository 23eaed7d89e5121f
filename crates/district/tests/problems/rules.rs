//! Mistakes in deadlines, calendar, limits and policy.

use super::*;

#[test]
fn deadlines() {
    one(
        "deadlines.toml",
        "amount = 24",
        "amount = 0",
        &["deadlines.toml:10: the amount must be at least 1"],
    );
    one(
        "deadlines.toml",
        "applies = [\"papers\"]",
        "applies = [\"cars\"]",
        &["deadlines.toml:8: there is no category `cars`"],
    );
    one(
        "deadlines.toml",
        "kinds = [\"consultation\"]",
        "kinds = [\"question\"]",
        &[
            "deadlines.toml:7: unknown variant `question`, expected one of `complaint`, `consultation`, `help`, `report`, `suggestion`",
        ],
    );
    one(
        "deadlines.toml",
        "id = \"general\"",
        "id = \"general\"\nurgency = \"urgent\"",
        &[
            "deadlines.toml:1: no rule fits every case: one must have neither kinds, urgency nor applies",
        ],
    );
    one(
        "deadlines.toml",
        "unit = \"hour\"",
        "unit = \"week\"",
        &[
            "deadlines.toml:10: unknown variant `week`, expected one of `minute`, `hour`, `working-day`, `calendar-day`",
        ],
    );
}

#[test]
fn the_calendar() {
    one(
        "calendar.toml",
        "\"2026-01-04\"",
        "\"2026-01-05\"",
        &[
            "calendar.toml:9: 2026-01-05 is a working day anyway: make-up days are Saturdays and Sundays",
        ],
    );
    one(
        "calendar.toml",
        "\"2026-01-04\"",
        "\"2026-01-03\"",
        &["calendar.toml:9: 2026-01-03 is free as well: 元旦"],
    );
    one(
        "calendar.toml",
        "\"2026-01-04\"",
        "\"2026-02-14\"",
        &["calendar.toml:9: 2026-02-14 stands twice"],
    );
    one(
        "calendar.toml",
        "\"2026-01-04\"",
        "\"2025-01-04\"",
        &["calendar.toml:9: 2025-01-04 is not in 2026"],
    );
    one(
        "calendar.toml",
        "from = \"2026-02-15\"",
        "from = \"2026-01-03\"",
        &[
            "calendar.toml:9: 2026-01-04 is free as well: 春节",
            "calendar.toml:9: 2026-02-14 is free as well: 春节",
            "calendar.toml:12: 春节 (2026-01-03) overlaps 元旦 (2026-01-01)",
        ],
    );
    one(
        "calendar.toml",
        "to = \"2026-01-03\"",
        "to = \"2026-02-30\"",
        &["calendar.toml:11: `2026-02-30` is no date; write YYYY-MM-DD"],
    );
    one(
        "calendar.toml",
        "to = \"2026-01-03\"",
        "to = \"2025-12-31\"",
        &[
            "calendar.toml:11: 2025-12-31 is before 2026-01-01",
            "calendar.toml:11: 2025-12-31 is not in 2026",
        ],
    );
    one(
        "calendar.toml",
        "\"13:30\"",
        "\"11:30\"",
        &["calendar.toml:3: `11:30` is not after the time before it"],
    );
    one(
        "calendar.toml",
        "\"13:30\"",
        "\"1:30\"",
        &["calendar.toml:3: `1:30` is no time of day; write HH:MM"],
    );
    let year = "[[year]]\nyear = 2028\nstatus = \"final\"\nsource = \"x\"\nholiday = []\n\n[[year]]\nyear = 2026";
    one(
        "calendar.toml",
        "[[year]]\nyear = 2026",
        year,
        &["calendar.toml:12: after 2028 must come 2029, not 2026"],
    );
}

#[test]
fn limits_and_policy() {
    one(
        "limits.toml",
        "body_max_chars = 5000",
        "body_max_chars = 0",
        &["limits.toml:11: `body_max_chars` must be at least 1"],
    );
    one(
        "limits.toml",
        "total_bytes = 9_437_184",
        "total_bytes = 5",
        &["limits.toml:28: `total_bytes` is less than `max_bytes`"],
    );
    one(
        "limits.toml",
        "\"image/png\"",
        "\"png\"",
        &["limits.toml:30: `png` is no media type such as image/png"],
    );
    one(
        "policy.toml",
        "threshold = 6000",
        "threshold = 60000",
        &["policy.toml:4: `threshold` is in ten-thousandths: 0 to 10000"],
    );
    one(
        "policy.toml",
        "self_answer = 8000",
        "self_answer = 4000",
        &["policy.toml:11: `self_answer` is less than `threshold`"],
    );
    one(
        "policy.toml",
        "backoff_seconds = [1, 60]",
        "backoff_seconds = []",
        &["policy.toml:29: there is no time to wait"],
    );
    one(
        "policy.toml",
        "urgency = \"emergency\"",
        "urgency = \"normal\"",
        &["policy.toml:36: a sign of an emergency is `urgent` or `emergency`"],
    );
    one(
        "policy.toml",
        "\"着火\"",
        "\"消防演练着火\"",
        &["policy.toml:40: `消防演练着火` can never be found: `演练` in `unless` is part of it"],
    );
    one(
        "policy.toml",
        "departments = [\"centre\"]",
        "departments = [\"fire\"]",
        &["policy.toml:37: there is no department `fire`"],
    );
    one(
        "policy.toml",
        "id = \"unlawful\"",
        "id = \"out-of-scope\"",
        &[
            "policy.toml:1: an outcome is missing: Unlawful",
            "policy.toml:79: the outcome stands already in line 72",
        ],
    );
    one(
        "policy.toml",
        "text_en = \"Explanation\"",
        "text_en = \"说明\"",
        &["policy.toml:48: the English text is missing"],
    );
}

//! `deadlines.toml`, `limits.toml` and `policy.toml`.

use crate::Names;
use crate::document::{Document, Entry, Report, is_english, way};
use case::district::{
    AnswerPolicy, AttachmentLimits, CaseKind, ClassifyPolicy, DeadlineRule, Deadlines, Flood,
    IntakePolicy, JobPolicy, LikenessPolicy, Limits, LoginLimits, NoDispatchReason, Outcome,
    Policy, ProcedurePolicy, RoutePolicy, SessionLimits, Signal, SurveyPolicy, TextLimits, Urgency,
};
use std::collections::BTreeSet;

/// The highest confidence.
const FULL: u16 = 10_000;

/// The outcomes that a district must have a text for: all that there are.
const OUTCOMES: [NoDispatchReason; 6] = [
    NoDispatchReason::EmergencyLine,
    NoDispatchReason::LegalRoute,
    NoDispatchReason::NoNewFacts,
    NoDispatchReason::SecretOrPrivacy,
    NoDispatchReason::OutOfScope,
    NoDispatchReason::Unlawful,
];

/// Reads the deadline rules.
pub(crate) fn read_deadlines(
    document: Option<&Document<'_>>,
    names: &Names,
    report: &mut Report,
) -> Option<Deadlines> {
    let document = document?;
    document.only(&["version", "rule"], report);
    let version = version(document, report);
    let rules = document.entries::<DeadlineRule>("rule", report);
    rules.check_ids(|rule| &rule.id, report);
    for entry in &rules.list {
        let rule = &entry.value;
        entry.text(report, &way!["name"], &rule.name);
        entry.english(report, &way!["name_en"], &rule.name_en);
        entry.text(report, &way!["basis"], &rule.basis);
        for category in &rule.applies {
            if !names.categories.contains(category) {
                entry.problem(
                    report,
                    &way!["applies"],
                    format!("there is no category `{category}`"),
                );
            }
        }
        let mut kinds = BTreeSet::<CaseKind>::new();
        if rule.kinds.iter().any(|kind| !kinds.insert(*kind)) {
            entry.problem(report, &way!["kinds"], "a kind stands twice");
        }
        let limits = [
            ("dispatch", Some(rule.dispatch)),
            ("accept", Some(rule.accept)),
            ("answer", Some(rule.answer)),
            ("max_extension", rule.max_extension),
        ];
        for (key, limit) in limits {
            if limit.is_some_and(|limit| limit.amount == 0) {
                entry.problem(report, &way![key], "the amount must be at least 1");
            }
        }
    }
    let fallback = |rule: &DeadlineRule| {
        rule.kinds.is_empty() && rule.urgency.is_none() && rule.applies.is_empty()
    };
    if rules.complete && !rules.list.iter().any(|entry| fallback(&entry.value)) {
        document.problem(
            report,
            &[],
            "no rule fits every case: one must have neither kinds, urgency nor applies",
        );
    }
    Some(Deadlines {
        version: version?,
        rules: rules.into_values()?,
    })
}

fn version(document: &Document<'_>, report: &mut Report) -> Option<String> {
    let version = document.value::<String>("version", report)?;
    if version.trim().is_empty() {
        document.problem(report, &way!["version"], "the text is empty");
    }
    Some(version)
}

/// Reports every number of `numbers` that is zero; they stand in the table
/// `table`, or at the top of the file when it is empty.
fn positive(document: &Document<'_>, table: &str, numbers: &[(&str, u64)], report: &mut Report) {
    for (key, number) in numbers {
        if *number == 0 {
            let way = if table.is_empty() {
                vec![(*key).into()]
            } else {
                way![table, *key].to_vec()
            };
            document.problem(report, &way, format!("`{key}` must be at least 1"));
        }
    }
}

/// Reads the limits.
pub(crate) fn read_limits(document: Option<&Document<'_>>, report: &mut Report) -> Option<Limits> {
    let document = document?;
    document.only(
        &[
            "text",
            "attachments",
            "flood",
            "duplicate_window_seconds",
            "login",
            "session",
        ],
        report,
    );
    let text = document.value::<TextLimits>("text", report);
    if let Some(text) = text {
        check_text_limits(document, text, report);
    }
    let attachments = document.value::<AttachmentLimits>("attachments", report);
    if let Some(attachments) = &attachments {
        check_attachments(document, attachments, report);
    }
    let flood = document.entries::<Flood>("flood", report);
    for entry in &flood.list {
        if entry.value.window_seconds == 0 {
            entry.problem(
                report,
                &way!["window_seconds"],
                "`window_seconds` must be at least 1",
            );
        }
        if entry.value.max == 0 {
            entry.problem(report, &way!["max"], "`max` must be at least 1");
        }
    }
    let duplicate_window_seconds = document.value::<u64>("duplicate_window_seconds", report);
    let login = document.value::<LoginLimits>("login", report);
    if let Some(login) = login {
        let numbers = [
            ("max_failures", u64::from(login.max_failures)),
            ("client_max_failures", u64::from(login.client_max_failures)),
            ("window_seconds", login.window_seconds),
            ("lock_seconds", login.lock_seconds),
        ];
        positive(document, "login", &numbers, report);
    }
    let session = document.value::<SessionLimits>("session", report);
    if let Some(session) = session {
        positive(
            document,
            "session",
            &[
                ("idle_seconds", session.idle_seconds),
                ("proof_seconds", session.proof_seconds),
            ],
            report,
        );
        if session.max_seconds < session.idle_seconds {
            document.problem(
                report,
                &way!["session", "max_seconds"],
                "`max_seconds` is less than `idle_seconds`",
            );
        }
    }
    Some(Limits {
        text: text?,
        attachments: attachments?,
        flood: flood.into_values()?,
        duplicate_window_seconds: duplicate_window_seconds?,
        login: login?,
        session: session?,
    })
}

fn check_text_limits(document: &Document<'_>, text: TextLimits, report: &mut Report) {
    let numbers = [
        ("subject_max_chars", text.subject_max_chars),
        ("body_max_chars", text.body_max_chars),
        ("address_max_chars", text.address_max_chars),
        ("name_max_chars", text.name_max_chars),
        ("phone_max_chars", text.phone_max_chars),
        ("email_max_chars", text.email_max_chars),
        ("answer_max_chars", text.answer_max_chars),
        ("supplement_max_chars", text.supplement_max_chars),
        ("supplements_max", text.supplements_max),
        ("question_max_chars", text.question_max_chars),
        ("reason_max_chars", text.reason_max_chars),
        ("comment_max_chars", text.comment_max_chars),
        ("search_max_chars", text.search_max_chars),
    ];
    positive(
        document,
        "text",
        &numbers.map(|(key, number)| (key, u64::from(number))),
        report,
    );
}

fn check_attachments(document: &Document<'_>, attachments: &AttachmentLimits, report: &mut Report) {
    let numbers = [
        ("max_bytes", attachments.max_bytes),
        ("name_max_chars", u64::from(attachments.name_max_chars)),
    ];
    positive(document, "attachments", &numbers, report);
    if attachments.total_bytes < attachments.max_bytes {
        document.problem(
            report,
            &way!["attachments", "total_bytes"],
            "`total_bytes` is less than `max_bytes`",
        );
    }
    for (at, media_type) in attachments.media_types.iter().enumerate() {
        let parts: Vec<&str> = media_type.split('/').collect();
        if parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
            document.problem(
                report,
                &way!["attachments", "media_types", at],
                format!("`{media_type}` is no media type such as image/png"),
            );
        }
    }
}

/// Reads what the stages decide by.
pub(crate) fn read_policy(
    document: Option<&Document<'_>>,
    names: &Names,
    report: &mut Report,
) -> Option<Policy> {
    let document = document?;
    let known = [
        "version",
        "intake",
        "classify",
        "route",
        "answer",
        "survey",
        "procedure",
        "jobs",
        "likeness",
        "signal",
        "outcome",
    ];
    document.only(&known, report);
    let version = version(document, report);
    let intake = document.value::<IntakePolicy>("intake", report);
    let classify = document.value::<ClassifyPolicy>("classify", report);
    let route = document.value::<RoutePolicy>("route", report);
    let answer = document.value::<AnswerPolicy>("answer", report);
    let thresholds = [
        (
            "intake",
            "hold_outcome",
            intake.map(|policy| policy.hold_outcome),
        ),
        ("intake", "hold_spam", intake.map(|policy| policy.hold_spam)),
        (
            "classify",
            "threshold",
            classify.map(|policy| policy.threshold),
        ),
        ("route", "threshold", route.map(|policy| policy.threshold)),
        ("answer", "threshold", answer.map(|policy| policy.threshold)),
        (
            "answer",
            "self_answer",
            answer.map(|policy| policy.self_answer),
        ),
    ];
    for (table, key, threshold) in thresholds {
        if threshold.is_some_and(|threshold| threshold > FULL) {
            document.problem(
                report,
                &way![table, key],
                format!("`{key}` is in ten-thousandths: 0 to {FULL}"),
            );
        }
    }
    if let Some(answer) = answer {
        positive(
            document,
            "answer",
            &[("max_articles", u64::from(answer.max_articles))],
            report,
        );
        if answer.self_answer < answer.threshold {
            document.problem(
                report,
                &way!["answer", "self_answer"],
                "`self_answer` is less than `threshold`",
            );
        }
    }
    let survey = document.value::<SurveyPolicy>("survey", report);
    if let Some(survey) = survey {
        positive(
            document,
            "survey",
            &[("window_days", u64::from(survey.window_days))],
            report,
        );
        if !(1..=5).contains(&survey.supervisor_grade) {
            document.problem(
                report,
                &way!["survey", "supervisor_grade"],
                "a grade is 1 to 5",
            );
        }
    }
    let procedure = document.value::<ProcedurePolicy>("procedure", report);
    if let Some(procedure) = procedure {
        let numbers = [
            ("adjudicate_hours", u64::from(procedure.adjudicate_hours)),
            ("citizen_wait_days", u64::from(procedure.citizen_wait_days)),
        ];
        positive(document, "procedure", &numbers, report);
    }
    let jobs = document.value::<JobPolicy>("jobs", report);
    if let Some(jobs) = &jobs {
        let numbers = [
            ("lease_seconds", jobs.lease_seconds),
            ("max_attempts", u64::from(jobs.max_attempts)),
            ("batch", u64::from(jobs.batch)),
        ];
        positive(document, "jobs", &numbers, report);
        if jobs.backoff_seconds.is_empty() {
            document.problem(
                report,
                &way!["jobs", "backoff_seconds"],
                "there is no time to wait",
            );
        }
    }
    let likeness = document.value::<LikenessPolicy>("likeness", report);
    if let Some(likeness) = &likeness {
        let numbers = [
            ("threshold", u64::from(likeness.threshold)),
            ("days", u64::from(likeness.days)),
            // One case alone is no issue.
            ("hot_cases", u64::from(likeness.hot_cases.saturating_sub(1))),
        ];
        positive(document, "likeness", &numbers, report);
    }
    let signals = document.entries::<Signal>("signal", report);
    signals.check_ids(|signal| &signal.id, report);
    for entry in &signals.list {
        check_signal(entry, names, report);
    }
    let outcomes = document.entries::<Outcome>("outcome", report);
    for entry in &outcomes.list {
        check_outcome(entry, report);
    }
    for reason in OUTCOMES {
        let mut same = outcomes
            .list
            .iter()
            .filter(|entry| entry.value.id == reason);
        match (same.next(), same.next()) {
            (Some(first), Some(second)) => {
                let line = first.line(&way!["id"]);
                second.problem(
                    report,
                    &way!["id"],
                    format!("the outcome stands already in line {line}"),
                );
            }
            (None, _) if outcomes.complete => {
                document.problem(report, &[], format!("an outcome is missing: {reason:?}"));
            }
            _ => {}
        }
    }
    Some(Policy {
        version: version?,
        intake: intake?,
        classify: classify?,
        route: route?,
        answer: answer?,
        survey: survey?,
        procedure: procedure?,
        jobs: jobs?,
        likeness: likeness?,
        signals: signals.into_values()?,
        outcomes: outcomes.into_values()?,
    })
}

fn check_signal(entry: &Entry<'_, '_, Signal>, names: &Names, report: &mut Report) {
    let signal = &entry.value;
    entry.text(report, &way!["name"], &signal.name);
    entry.english(report, &way!["name_en"], &signal.name_en);
    entry.text(report, &way!["advice"], &signal.advice);
    entry.english(report, &way!["advice_en"], &signal.advice_en);
    if signal.urgency == Urgency::Normal {
        entry.problem(
            report,
            &way!["urgency"],
            "a sign of an emergency is `urgent` or `emergency`",
        );
    }
    if signal.departments.is_empty() {
        entry.problem(
            report,
            &way!["departments"],
            "the duty desk has nobody to call",
        );
    }
    for (at, department) in signal.departments.iter().enumerate() {
        if !names.departments.contains(department) {
            entry.problem(
                report,
                &way!["departments", at],
                format!("there is no department `{department}`"),
            );
        }
    }
    if signal.phrases.is_empty() {
        entry.problem(report, &way!["phrases"], "there is no phrase");
    }
    let mut seen = BTreeSet::new();
    for (at, phrase) in signal.phrases.iter().enumerate() {
        let way = way!["phrases", at];
        entry.text(report, &way, phrase);
        if !seen.insert(phrase) {
            entry.problem(report, &way, format!("`{phrase}` stands twice"));
        }
        if let Some(word) = signal
            .unless
            .iter()
            .find(|word| phrase.contains(word.as_str()))
        {
            entry.problem(
                report,
                &way,
                format!("`{phrase}` can never be found: `{word}` in `unless` is part of it"),
            );
        }
    }
    for (at, word) in signal.unless.iter().enumerate() {
        entry.text(report, &way!["unless", at], word);
    }
}

fn check_outcome(entry: &Entry<'_, '_, Outcome>, report: &mut Report) {
    let outcome = &entry.value;
    entry.text(report, &way!["name"], &outcome.name);
    entry.english(report, &way!["name_en"], &outcome.name_en);
    entry.text(report, &way!["text"], &outcome.text);
    if !is_english(&outcome.text_en) {
        entry.problem(report, &way!["text_en"], "the English text is missing");
    }
    for (at, phrase) in outcome.phrases.iter().enumerate() {
        entry.text(report, &way!["phrases", at], phrase);
    }
}

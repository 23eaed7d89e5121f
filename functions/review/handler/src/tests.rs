use super::*;
use proptest::prelude::*;

fn inquiry(kind: CaseKind, subject: &str) -> Inquiry {
    Inquiry {
        number: "YZ1".into(),
        language: "zh-CN".into(),
        kind,
        urgency: Urgency::Normal,
        subject: subject.into(),
        body: String::new(),
        division: None,
        address: None,
        category: None,
        supplements: vec![],
    }
}

fn answer(body: &str) -> AnswerText {
    AnswerText {
        department: "law-enforcement".into(),
        body: body.into(),
        basis: vec![],
        contact: None,
    }
}

fn codes(kind: CaseKind, subject: &str, body: &str) -> Vec<String> {
    check(&inquiry(kind, subject), &answer(body))
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn a_good_answer_has_no_findings() {
    let body = "您好！您反映的嵩江中路路灯不亮一事，我们9月1日到现场查看，是线路被施工挖断，当晚已经修复。\
如仍有问题，请拨打87650000。依据《城市照明管理规定》。";
    assert_eq!(
        codes(CaseKind::Help, "嵩江中路路灯不亮", body),
        Vec::<String>::new()
    );
}

#[test]
fn an_empty_phrase_answer_has_many() {
    let body =
        "您好，我局高度重视，将按照相关规定尽快处理，感谢您对我们工作的理解和支持，祝您生活愉快。";
    assert_eq!(
        codes(CaseKind::Help, "嵩江中路路灯不亮", body),
        [
            "not-answered",
            "promise-without-date",
            "no-basis",
            "no-contact",
            "empty-phrase",
            "empty-phrase"
        ]
    );
}

#[test]
fn personal_data_block_unless_they_are_the_contact() {
    let mut given = answer("经查，当事人身份证330203199003071234，手机13800001234，张先生已签收。");
    let findings = check(&inquiry(CaseKind::Report, ""), &given);
    assert_eq!(findings[0].severity, Severity::Blocking);
    let spans: Vec<(u32, u32)> = findings
        .iter()
        .filter(|finding| finding.code == "personal-data")
        .filter_map(|finding| finding.span.map(|span| (span.start, span.end)))
        .collect();
    assert_eq!(spans, [(9, 27), (30, 41), (42, 43)]);
    given.contact = Some("王科长 138-0000-1234".into());
    let blocked = check(&inquiry(CaseKind::Report, ""), &given)
        .iter()
        .filter(|finding| finding.severity == Severity::Blocking)
        .count();
    assert_eq!(blocked, 1);
}

#[test]
fn each_check_sees_its_own() {
    let has = |kind, subject: &str, body: &str, code: &str| {
        codes(kind, subject, body).iter().any(|c| c == code)
    };
    assert!(has(CaseKind::Help, "", "", "too-short"));
    assert!(has(CaseKind::Help, "", "已处理。", "too-short"));
    assert!(has(
        CaseKind::Help,
        "",
        "这件事不归我们管，你自己想办法，去找别的单位，他们会告诉你怎么办的。",
        "tone"
    ));
    assert!(!has(
        CaseKind::Help,
        "",
        "我们将尽快处理，3日内完成。",
        "promise-without-date"
    ));
    assert!(!has(
        CaseKind::Help,
        "",
        "近期施工，2026-09-01前完工。",
        "promise-without-date"
    ));
    assert!(has(
        CaseKind::Help,
        "",
        "我们近期施工。已于3日到场。",
        "promise-without-date"
    ));
    assert!(has(CaseKind::Help, "", "我们已经修好。", "no-date"));
    assert!(has(CaseKind::Help, "", "三号楼的电梯已经修好。", "no-date"));
    assert!(!has(CaseKind::Help, "", "电梯三号修好。", "no-date"));
    assert!(!has(CaseKind::Consultation, "", "可以办理。", "no-date"));
    // Another language is not compared.
    assert!(!has(
        CaseKind::Consultation,
        "How do I renew my residence permit",
        "您好，请带护照到窗口办理。",
        "not-answered"
    ));
}

#[test]
fn tables_are_sorted() {
    assert!(
        crate::phrases::TABLE
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0)
    );
    assert!(
        crate::phrases::TABLE
            .iter()
            .all(|(phrase, _)| text::fold_phrase(phrase) == *phrase)
    );
}

#[test]
fn extreme_texts() {
    for body in [
        "",
        "。。。",
        "\u{301}",
        &"字a1 尽快".repeat(15_000),
        &"1".repeat(100_000),
    ] {
        assert!(!check(&inquiry(CaseKind::Help, body), &answer(body)).is_empty());
    }
}

proptest! {
    #[test]
    fn spans_stay_inside(subject in any::<String>(), body in any::<String>()) {
        let length = body.chars().count() as u32;
        for finding in check(&inquiry(CaseKind::Complaint, &subject), &answer(&body)) {
            prop_assert!(finding.span.is_none_or(|span| span.start < span.end && span.end <= length));
        }
    }
}

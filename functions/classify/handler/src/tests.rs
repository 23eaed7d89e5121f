use super::*;
use proptest::prelude::*;

fn inquiry(subject: &str, body: &str) -> Inquiry {
    Inquiry {
        number: "YZ1".into(),
        language: "zh-CN".into(),
        kind: CaseKind::Help,
        urgency: Urgency::Normal,
        subject: subject.into(),
        body: body.into(),
        division: None,
        address: None,
        category: None,
        supplements: vec![],
    }
}

fn best(subject: &str, body: &str) -> String {
    let found = classify(&inquiry(subject, body), 0);
    found
        .ranked
        .first()
        .map_or(String::new(), |first| first.category.clone())
}

#[test]
fn categories_of_everyday_messages() {
    let cases = [
        (
            "户口迁移咨询",
            "在鄞州买了房，夫妻能先迁一个人的户口吗",
            "public-security",
        ),
        // Lifts have a category of their own (特种设备与电梯), and that is where
        // the training data has them, whoever fails to repair them.
        (
            "物业不管电梯",
            "小区电梯坏了一周，物业公司收了物业费不修",
            "commerce.special-equipment",
        ),
        (
            "物业不公开账目",
            "物业公司收了三年物业费，公共收益从来没有公示，业委会也不管",
            "urban",
        ),
        (
            "工地拖欠工资",
            "包工头欠我们农民工工资三个月不发，没有劳动合同",
            "labour",
        ),
        ("医保报销比例", "异地住院医疗费用怎么报销", "labour"),
        (
            "幼儿园入学",
            "没有本地户口的孩子小学入学报名需要什么",
            "education",
        ),
        (
            "工厂排放刺鼻废气",
            "晚上偷排废气，河水发黑发臭",
            "environment",
        ),
        ("公交车不准点", "班次太少，等公交半小时", "urban"),
    ];
    for (subject, body, top) in cases {
        assert!(
            best(subject, body).starts_with(top),
            "{subject}: {}",
            best(subject, body)
        );
    }
}

#[test]
fn evidence_shows_the_words() {
    let found = classify(&inquiry("Ｗ户口迁移", "户口在外省"), 0);
    let first = &found.ranked[0];
    assert!(!first.evidence.is_empty());
    assert!(
        first
            .evidence
            .iter()
            .all(|span| span.end > span.start && (span.field != Field::Subject || span.start >= 1))
    );
}

#[test]
fn abstains_with_a_reason() {
    let reason = |subject: &str, body: &str, threshold| {
        classify(&inquiry(subject, body), threshold).abstained
    };
    assert_eq!(reason("", "。。。", 0), Some(Abstention::NoText));
    assert_eq!(reason("", "", 0), Some(Abstention::NoText));
    assert_eq!(
        reason("Уличный фонарь", "не работает", 0),
        Some(Abstention::UnknownLanguage)
    );
    assert_eq!(reason("嗯嗯", "呃呃呃", 0), Some(Abstention::NoEvidence));
    assert_eq!(
        reason("户口迁移", "", 10_000),
        Some(Abstention::BelowThreshold)
    );
    assert_eq!(reason("户口迁移", "户口本", 0), None);
}

#[test]
fn texts_that_are_no_messages_are_left_to_a_person() {
    let reason = |subject: &str, body: &str| classify(&inquiry(subject, body), 6000).abstained;
    for (body, expected) in [
        (
            "The street lamp near our gate is broken",
            Abstention::UnknownLanguage,
        ),
        (
            "街灯が壊れています。修理をお願いします",
            Abstention::UnknownLanguage,
        ),
        ("가로등이 고장났어요", Abstention::UnknownLanguage),
        ("！？。…… ——", Abstention::NoText),
        (&"字".repeat(100_000), Abstention::UnusualText),
        (
            &"小区物业不修电梯。".repeat(12_000),
            Abstention::UnusualText,
        ),
    ] {
        let shown: String = body.chars().take(20).collect();
        assert_eq!(reason("", body), Some(expected), "{shown}");
    }
    // Scripts in a jumble, characters without words, and talk about nothing.
    for body in [
        "你hello好привет吗 مرحبا 안녕 です ok 1234 ???",
        "龘靐齉爩麤灪籱龖厵滟爨癵驫麣纞虋讟钃鸜麷鞻韽",
        "上次说的那个怎么样了，想再了解一下。",
    ] {
        assert!(reason("想问一下", body).is_some(), "{body}");
    }
}

#[test]
fn the_first_is_the_likeliest_of_the_first_level() {
    let message = inquiry("户口迁移咨询", "夫妻能不能先迁一个人的户口，社保也要转吗");
    let open = classify(&message, 0);
    let first_level = classify(&message, 10_000);
    assert_eq!(first_level.abstained, Some(Abstention::BelowThreshold));
    assert!(
        open.ranked[0]
            .category
            .starts_with(&first_level.ranked[0].category)
    );
    assert!(!first_level.ranked[0].category.contains('.'));
}

#[test]
fn falls_back_to_the_first_level() {
    // Nothing but a threshold between child and parent makes the difference.
    let message = inquiry("户口", "");
    let open = classify(&message, 0);
    let child = open.ranked[0].clone();
    assert!(child.category.contains('.'));
    let strict = classify(&message, child.confidence + 1);
    match strict.abstained {
        None => assert_eq!(
            strict.ranked[0].category,
            child.category.split('.').next().unwrap_or_default()
        ),
        Some(reason) => assert_eq!(reason, Abstention::BelowThreshold),
    }
}

#[test]
fn supplements_count_once() {
    let mut message = inquiry("咨询一件事", "请问");
    message.supplements = vec!["户口".into(); 3];
    let thrice = classify(&message, 0);
    message.supplements.truncate(1);
    assert_eq!(thrice, classify(&message, 0));
    assert!(thrice.ranked[0].evidence.is_empty());
}

#[test]
fn extreme_texts() {
    for text in [
        "。",
        "\u{301}\u{301}",
        &"字a1 户口".repeat(15_000),
        &"1".repeat(100_000),
    ] {
        let found = classify(&inquiry(text, text), 6000);
        assert!(found.ranked.len() <= RANKED);
    }
}

#[test]
fn tables_are_sorted() {
    assert!(tables::KEYWORDS.is_sorted());
    assert!(
        tables::KEYWORDS
            .iter()
            .all(|(word, _)| text::fold_phrase(word) == *word)
    );
}

proptest! {
    #[test]
    fn ranks_in_order_inside_the_text(subject in any::<String>(), body in any::<String>(), words in proptest::collection::vec(0usize..10_000, 0..20)) {
        let words: String = words.iter().map(|at| tables::KEYWORDS[at % tables::KEYWORDS.len()].0).collect();
        let body = format!("{body}{words}");
        let found = classify(&inquiry(&subject, &body), 6000);
        prop_assert!(found.ranked.len() <= RANKED);
        prop_assert!(found.ranked.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence));
        prop_assert!(found.ranked.iter().all(|ranked| ranked.confidence <= 10_000));
        for span in found.ranked.iter().flat_map(|ranked| &ranked.evidence) {
            let length = if span.field == Field::Subject { subject.chars().count() } else { body.chars().count() };
            prop_assert!(span.start < span.end && span.end as usize <= length);
        }
    }
}

/// The model has learned nothing of household registration, but much of flats.
#[test]
fn keywords_of_what_was_not_learned_hold_whatever_stands_beside_them() {
    for number in 0u64..300 {
        let mark = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let body = format!(
            "我和爱人都是外省户口，在鄞州买了一套房，房产证上写了两个人的名字，户口迁移时能不能先迁一个人的？（{mark:x}）"
        );
        let found = classify(&inquiry("户口迁移咨询", &body), 6000);
        let first = found.ranked.first().expect("a category");
        assert!(
            first.category.starts_with("public-security") && found.abstained.is_none(),
            "{mark:x}: {} {}",
            first.category,
            first.confidence
        );
    }
}

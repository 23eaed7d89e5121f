use super::*;
use proptest::prelude::*;

fn message(subject: &str, body: &str) -> Message {
    Message {
        channel: "web".into(),
        subject: subject.into(),
        body: body.into(),
        language: None,
        kind: None,
        division: None,
        address: None,
        personal: vec![],
    }
}

#[track_caller]
fn examined(subject: &str, body: &str) -> Examination {
    examine(&message(subject, body)).expect("not empty")
}

fn ids(examination: &Examination) -> Vec<&str> {
    examination
        .signals
        .iter()
        .map(|signal| signal.id.as_str())
        .collect()
}

#[test]
fn an_ordinary_question() {
    let body = "我和爱人户口在外省，在鄞州区买了房子，房产证写两个人的名字。请问可以一个人先把户口迁过来吗？";
    let found = examined("户口迁移\u{200b}咨询", body);
    assert_eq!(found.subject, "户口迁移咨询");
    assert_eq!(found.language, "zh-CN");
    assert_eq!(found.kind, CaseKind::Consultation);
    assert_eq!(found.urgency, Urgency::Normal);
    assert_eq!(
        (found.spam, found.no_dispatch, found.missing.len()),
        (0, None, 0)
    );
    assert!(found.personal.is_empty(), "{:?}", found.personal);
}

#[test]
fn kinds() {
    let cases = [
        (
            "投诉街道办工作人员推诿",
            "材料交了三次都不受理",
            CaseKind::Complaint,
        ),
        ("投诉楼下烧烤店油烟", "每天晚上营业到凌晨", CaseKind::Report),
        ("建议增设公交站", "上下班高峰人很多", CaseKind::Suggestion),
        (
            "居住证怎么办理",
            "请问需要什么材料？",
            CaseKind::Consultation,
        ),
        ("嵩江路路灯坏了", "希望尽快维修", CaseKind::Help),
        ("", "小区门口", CaseKind::Help),
        (
            "How to renew a residence permit",
            "What documents do I need?",
            CaseKind::Consultation,
        ),
    ];
    for (subject, body, kind) in cases {
        assert_eq!(examined(subject, body).kind, kind, "{subject}");
    }
    let mut given = message("居住证怎么办理", "");
    given.kind = Some(CaseKind::Report);
    assert_eq!(examine(&given).expect("not empty").kind, CaseKind::Report);
}

#[test]
fn signs_of_an_emergency() {
    let found = examined("家里闻到煤气味", "厨房。楼道里闻到燃气很重的味道！求助。");
    assert_eq!(ids(&found), ["gas-leak"]);
    assert_eq!(found.urgency, Urgency::Emergency);
    assert_eq!(
        (
            found.signals[0].evidence.start,
            found.signals[0].evidence.end
        ),
        (0, 7)
    );
    let found = examined("停水两天", "小区停水，还有人被困在电梯里。");
    assert_eq!(found.urgency, Urgency::Emergency);
    assert_eq!(
        found.signals.last().map(|signal| signal.urgency),
        Some(Urgency::Urgent)
    );
    for (subject, body) in [
        ("咨询消防演练", "单位组织消防演练，模拟起火怎么报备"),
        ("老小区没有电梯", "五楼的老人上下不便"),
        ("手机没电了", "充电宝扫不出来"),
    ] {
        assert_eq!(
            examined(subject, body).urgency,
            Urgency::Normal,
            "{subject}"
        );
    }
    // What takes a sign back has to stand near it.
    let far = format!("楼上起火了，{}，去年也来过", "请快点来人看看情况".repeat(5));
    assert_eq!(ids(&examined("", &far)), ["fire"]);
}

/// The rows of a file of the project's own sentences.
fn rows(file: &str) -> Vec<csv::StringRecord> {
    let file = format!("{}/../../../tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(file).expect("the file is there");
    reader.records().map(|row| row.expect("a row")).collect()
}

/// Caught emergencies and false alarms of the sentences of a file, each as the body that `message` makes of it and its
/// number, in shares of each kind.
fn measured(file: &str, message: impl Fn(usize, &str) -> String) -> (f64, f64) {
    let (mut all, mut alarms) = ([0.0; 2], [0.0; 2]);
    for (number, row) in rows(file).iter().enumerate() {
        let urgent = usize::from(&row[1] == "1");
        all[urgent] += 1.0;
        if examined("", &message(number, &row[0])).urgency != Urgency::Normal {
            alarms[urgent] += 1.0;
        }
    }
    (alarms[1] / all[1], alarms[0] / all[0])
}

#[test]
fn the_model_hears_what_no_word_says() {
    let heard = model::alarm::SIGNAL;
    // Nothing in it is a sign by itself, and the whole line is the evidence.
    let line = "有个工人手被卷住，血一直流";
    let found = examined("", line);
    assert_eq!(ids(&found), [heard]);
    let signal = &found.signals[0];
    assert_eq!(
        (signal.urgency, signal.evidence.end as usize),
        (Urgency::Emergency, line.chars().count())
    );
    // In a long message, the sentence.
    let calm =
        "您好，我是本小区的住户，想反映一下物业收费标准的问题，希望有关部门给予答复。".repeat(4);
    let long = examined("", &format!("{calm}{line}。{calm}"));
    assert_eq!(ids(&long), [heard]);
    let evidence = long.signals[0].evidence;
    let start = calm.chars().count();
    assert_eq!(evidence.start as usize, start);
    assert_eq!(evidence.end as usize, start + line.chars().count() + 1);
    assert_eq!(examined("", &calm).urgency, Urgency::Normal);
    // What is heard by a word is not heard twice.
    assert_eq!(ids(&examined("", "楼上起火了，快来人")), ["fire"]);
}

#[test]
fn emergencies_are_caught() {
    let alone = |_, sentence: &str| sentence.to_owned();
    let (caught, alarms) = measured("urgency_development.csv", alone);
    // The model was learned from these.
    assert!(caught >= 0.99 && alarms <= 0.01, "{caught} {alarms}");
    // Not looked at while the cues and the model were made.
    let (caught, alarms) = measured("urgency_test.csv", alone);
    assert!(caught >= 0.98 && alarms <= 0.07, "{caught} {alarms}");
}

#[test]
fn emergencies_are_caught_where_there_is_no_full_stop() {
    let texts = rows("run_on.csv");
    let text = |number: usize| &texts[number % texts.len()][0];
    for number in 0..texts.len() {
        let both = format!("{}，{}", text(number), text(number + 1));
        assert_eq!(examined("", &both).urgency, Urgency::Normal, "{both}");
    }
    let between = |number: usize, sentence: &str| {
        let sentence = sentence.trim_end_matches(['。', '！', '？']);
        format!("{}，{sentence}，{}", text(number), text(number + 1))
    };
    let (caught, alarms) = measured("urgency_test.csv", between);
    assert!(caught >= 0.8 && alarms <= 0.03, "{caught} {alarms}");
}

#[test]
fn what_is_said_around_a_sign() {
    let urgency = |body: &str| examined("", body).urgency;
    for (calm, alarm) in [
        ("去年楼下着火，至今没有赔", "楼下着火了"),
        (
            "担心楼房倒塌，请派人看看",
            "我很担心，楼房倒塌了，有人压在下面",
        ),
        ("小区经常停水", "小区停水两天了"),
        ("请问电梯困人的保费谁交", "电梯困人，现在还没有人来"),
        ("How to report a fire hazard", "Our kitchen is on fire"),
    ] {
        assert_eq!(urgency(calm), Urgency::Normal, "{calm}");
        assert_ne!(urgency(alarm), Urgency::Normal, "{alarm}");
    }
    // Far into a long story, a sign counts where somebody calls for help.
    let story = "我们小区交房以后，物业换了两家，车位、绿化和门禁的事情一直没有结果。".repeat(4);
    let late = |end: &str| {
        let found = examined("", &format!("{story}{end}"));
        ids(&found).contains(&"fire")
    };
    assert!(!late("楼下的店着火。"));
    assert!(late("楼下的店着火，快来人。"));
}

#[test]
fn personal_data_of_all_three_texts() {
    let mut given = message("沈佳的路灯", "电话138 0000 1234，沈 佳");
    given.address = Some("天童南路\t100号 ".into());
    given.personal = vec![PersonalValue {
        kind: PersonalKind::Name,
        text: "沈佳".into(),
    }];
    let found = examine(&given).expect("not empty");
    assert_eq!(found.address.as_deref(), Some("天童南路 100号"));
    let spans: Vec<(Field, u32, u32)> = found
        .personal
        .iter()
        .map(|p| (p.span.field, p.span.start, p.span.end))
        .collect();
    assert_eq!(
        spans,
        [
            (Field::Subject, 0, 2),
            (Field::Body, 2, 15),
            (Field::Body, 16, 19),
            (Field::Address, 5, 9)
        ]
    );
}

#[test]
fn missing_facts() {
    assert_eq!(examined("路灯坏了", "").missing, ["details", "place"]);
    assert_eq!(
        examined("举报我们小区有人偷倒垃圾", "没有人来管这件事情").missing,
        ["place", "time"]
    );
    assert!(
        examined("举报宋诏桥小区有人偷倒垃圾", "昨晚十点")
            .missing
            .is_empty()
    );
    let mut given = message("路灯坏了好几天没人来", "");
    given.address = Some("嵩江中路".into());
    assert!(examine(&given).expect("not empty").missing.is_empty());
}

#[test]
fn spam_and_noise() {
    let high = [
        "代开发票加微信",
        "低息贷款日结点击链接http://x.cn",
        "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
        "。。。！！！",
    ];
    for text in high {
        assert!(examined("", text).spam >= 4000, "{text}");
    }
    let low = [
        "举报有人在小区贴代开发票的小广告",
        "垃圾没人清运，臭",
        "Broken lamp near our gate",
        "请看www.example.cn的通知",
    ];
    for text in low {
        assert!(examined("", text).spam < 3000, "{text}");
    }
}

#[test]
fn outcomes_need_strong_evidence() {
    let reason = |subject: &str, body: &str| {
        examined(subject, body)
            .no_dispatch
            .map(|found| found.reason)
    };
    assert_eq!(
        reason("着火了我要报警", "快派救护车"),
        Some(NoDispatchReason::EmergencyLine)
    );
    assert_eq!(
        reason("不服法院判决", "法院已判，我认为判决不公"),
        Some(NoDispatchReason::LegalRoute)
    );
    assert_eq!(
        reason("", "还是上次那件事"),
        Some(NoDispatchReason::NoNewFacts)
    );
    assert_eq!(
        reason("谁举报的我", "请告诉我举报人是谁"),
        Some(NoDispatchReason::SecretOrPrivacy)
    );
    assert_eq!(
        reason("请海曙区政府修路", ""),
        Some(NoDispatchReason::OutOfScope)
    );
    assert_eq!(
        reason("可代开发票", "加微信，代开各类发票"),
        Some(NoDispatchReason::Unlawful)
    );

    assert_eq!(reason("我要报警没人理", "派出所不接电话"), None);
    assert_eq!(reason("请海曙区政府和鄞州区一起修路", ""), None);
    let long = format!(
        "开发商拖延交房，有业主已经起诉，{}",
        "我想问问住建部门是否可以调解".repeat(8)
    );
    assert_eq!(reason("延期交房", &long), None);
    let quoted = format!(
        "街道把材料给了对方，对方问举报人是谁，{}",
        "这样是不是违反规定".repeat(8)
    );
    assert_eq!(reason("投诉泄露举报信息", &quoted), None);
}

#[test]
fn languages() {
    let tag = |text: &str, given: Option<&str>| {
        let mut message = message("", text);
        message.language = given.map(Into::into);
        examine(&message).expect("not empty").language
    };
    assert_eq!(tag("小區門口的路燈壞了", Some("zh-Hant")), "zh-Hant");
    assert_eq!(tag("The lamp is broken", Some("zh-CN")), "en");
    assert_eq!(tag("Le réverbère est cassé", Some("fr")), "fr");
    assert_eq!(tag("Le réverbère est cassé", Some("<script>")), "und");
    assert_eq!(tag("123", None), "und");
}

#[test]
fn empty_messages_are_refused() {
    for (subject, body) in [("", ""), (" \u{200b}", "\n\t\u{feff}")] {
        assert!(matches!(
            examine(&message(subject, body)),
            Err(Error::InvalidInput(_))
        ));
    }
}

#[test]
fn extreme_texts() {
    for text in [
        "。",
        "\u{301}\u{301}",
        &"字a1 着火".repeat(15_000),
        &"1".repeat(100_000),
        &"停水，".repeat(33_000),
    ] {
        let found = examined(text, text);
        assert!(found.personal.windows(2).all(|pair| {
            pair[0].span.field != pair[1].span.field || pair[0].span.end <= pair[1].span.start
        }));
    }
}

proptest! {
    #[test]
    fn spans_stay_inside(subject in any::<String>(), body in any::<String>(), value in "\\PC{0,6}") {
        let mut message = message(&subject, &body);
        message.personal = vec![PersonalValue { kind: PersonalKind::Other, text: value }];
        if let Ok(found) = examine(&message) {
            let length = |field| match field {
                Field::Subject => found.subject.chars().count() as u32,
                _ => found.body.chars().count() as u32,
            };
            let spans = found.personal.iter().map(|personal| personal.span).chain(found.signals.iter().map(|signal| signal.evidence));
            for span in spans {
                prop_assert!(span.start < span.end && span.end <= length(span.field));
            }
        }
    }
}

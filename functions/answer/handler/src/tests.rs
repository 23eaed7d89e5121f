use super::*;
use proptest::prelude::*;

fn inquiry(language: &str, subject: &str, body: &str) -> Inquiry {
    Inquiry {
        number: "YZ1".into(),
        language: language.into(),
        kind: CaseKind::Consultation,
        urgency: Urgency::Normal,
        subject: subject.into(),
        body: body.into(),
        division: None,
        address: None,
        category: None,
        supplements: vec![],
    }
}

fn article(id: &str, title: &str, questions: &[&str], body: &str) -> Article {
    Article {
        id: id.into(),
        title: title.into(),
        title_en: String::new(),
        questions: questions
            .iter()
            .map(|question| question.to_string())
            .collect(),
        keywords: vec![],
        body: body.into(),
        body_en: None,
        basis: vec!["《户口登记条例》".into()],
        department: "public-security".into(),
        category: "public-security.household".into(),
        updated: "2026-09-01".into(),
        stale: false,
    }
}

impl Article {
    fn english(mut self, title: &str, body: &str) -> Self {
        self.title_en = title.into();
        self.body_en = Some(body.into());
        self
    }
}

fn articles() -> Vec<Article> {
    vec![
        article(
            "move-in",
            "购房落户：夫妻能否一人先迁",
            &[
                "买了房怎么迁户口",
                "夫妻一方先迁户口可以吗",
                "外省户口怎么迁到鄞州",
            ],
            "可以。带身份证、户口簿和不动产权证到派出所。",
        )
        .english(
            "Moving a household registration",
            "You may move your household registration alone. Bring your ID card.",
        ),
        article(
            "lost-card",
            "身份证丢了怎么补",
            &["身份证遗失补领", "异地能补身份证吗"],
            "到任一派出所申请补领，二十日内领取。",
        ),
        article(
            "school",
            "小学入学报名条件",
            &["幼升小怎么报名", "外来务工子女入学"],
            "每年五月在网上报名。",
        ),
    ]
}

fn drafted(inquiry: &Inquiry) -> Draft {
    match draft_answer(inquiry, &articles(), 4500).outcome {
        Outcome::Drafted(draft) => draft,
        Outcome::Refused(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn an_answer_has_no_marks_of_markdown() {
    let moving = article(
        "moving",
        "户口怎么迁",
        &["户口怎么迁"],
        "请在**30 日内**办理。\n\n- 带身份证",
    );
    let body = compose::body(&inquiry("zh-CN", "户口怎么迁", ""), &moving, &[]);
    assert!(body.contains("请在30 日内办理。\n\n- 带身份证"), "{body}");
}

#[test]
fn drafts_out_of_the_best_article() {
    let asked = inquiry(
        "zh-CN",
        "户口迁移咨询",
        "我们夫妻户口在外省，在鄞州买房，可以一个人先迁户口吗？",
    );
    let draft = drafted(&asked);
    assert_eq!(draft.sources[0].article, "move-in");
    assert!(draft.body.starts_with("您好！") && draft.body.contains("不动产权证"));
    assert!(
        draft.body.contains("依据：《户口登记条例》") && draft.body.contains("更新于2026-09-01")
    );
    assert!(!draft.body.contains("English"), "{}", draft.body);
    assert!(draft.confidence >= 4500);
}

#[test]
fn answers_in_english_where_it_can() {
    let asked = inquiry(
        "en",
        "Household registration",
        "May I move my household registration alone?",
    );
    let draft = drafted(&asked);
    assert_eq!(draft.sources[0].article, "move-in");
    assert!(
        draft.body.contains("Bring your ID card") && !draft.body.contains("派出所"),
        "{}",
        draft.body
    );
    let asked = inquiry("en-GB", "身份证丢了怎么补", "");
    assert!(drafted(&asked).body.contains("in Chinese so far"));
}

#[test]
fn refuses_without_a_good_one() {
    let refusal = |subject: &str, body: &str| match draft_answer(
        &inquiry("zh-CN", subject, body),
        &articles(),
        4500,
    )
    .outcome
    {
        Outcome::Refused(refusal) => refusal,
        Outcome::Drafted(draft) => panic!("{}", draft.body),
    };
    assert_eq!(
        refusal("河道污染", "晚上有人往河里倒泥浆，水都是黄的"),
        Refusal::NothingFits
    );
    assert_eq!(
        refusal("请问", "。。。"),
        Refusal::NeedsFacts(vec!["question".into()])
    );
    let asked = inquiry("zh-CN", "户口", "户口");
    assert_eq!(
        draft_answer(&asked, &[], 0).outcome,
        Outcome::Refused(Refusal::NothingFits)
    );
    let refused = draft_answer(&asked, &articles(), 10_000);
    assert_eq!(refused.outcome, Outcome::Refused(Refusal::NothingFits));
    assert_eq!(refused.ranked[0].article, "move-in");
}

#[test]
fn stale_articles_weigh_less_and_say_so() {
    let mut all = articles();
    let mut twin = all[1].clone();
    twin.id = "a-twin".into();
    twin.stale = true;
    all.push(twin);
    let asked = inquiry("zh-CN", "身份证丢了怎么补", "异地能补身份证吗？");
    let Outcome::Drafted(draft) = draft_answer(&asked, &all, 0).outcome else {
        panic!("nothing drafted")
    };
    let sources: Vec<(&str, bool)> = draft
        .sources
        .iter()
        .map(|source| (source.article.as_str(), source.stale))
        .collect();
    assert_eq!(sources, [("lost-card", false), ("a-twin", true)]);
    assert_eq!(draft.body.matches("已到复核期").count(), 1);
    assert!(
        draft.body.contains("（更新于2026-09-01）"),
        "{}",
        draft.body
    );
}

#[test]
fn a_sure_consultation_can_be_answered_without_a_department() {
    let mut asked = inquiry(
        "zh-CN",
        "身份证丢了怎么补",
        "身份证在外地丢了，异地能补领吗？几天能领到身份证？",
    );
    let consultation = drafted(&asked).confidence;
    assert!(consultation >= 8000, "{consultation}");
    for kind in [CaseKind::Complaint, CaseKind::Report, CaseKind::Suggestion] {
        asked.kind = kind;
        assert!(drafted(&asked).confidence < 8000);
    }
}

#[test]
fn a_matter_without_an_article_is_refused_for_a_common_word() {
    // The words of losing and replacing are those of the article on cards.
    let asked = inquiry(
        "zh-CN",
        "",
        "高铁票买错了，火车票丢了，身份证能进站改签退票吗",
    );
    let drafting = draft_answer(&asked, &articles(), 4500);
    assert_eq!(drafting.outcome, Outcome::Refused(Refusal::NothingFits));
    assert_eq!(drafting.ranked[0].article, "lost-card");
}

#[test]
fn extreme_texts() {
    for text in [
        "",
        "。",
        "\u{301}",
        &"字a1 户口".repeat(15_000),
        &"1".repeat(100_000),
    ] {
        draft_answer(&inquiry("zh-CN", text, text), &articles(), 0);
        draft_answer(
            &inquiry("zh-CN", "户口", ""),
            &[article(text, text, &[text], text)],
            0,
        );
    }
}

proptest! {
    #[test]
    fn sources_are_never_empty(language in "[a-z]{0,3}", subject in "\\PC{0,20}", body in any::<String>(), threshold in 0u16..=10_000) {
        let asked = inquiry(&language, &subject, &format!("{body}户口怎么迁"));
        let drafting = draft_answer(&asked, &articles(), threshold);
        prop_assert!(drafting.ranked.len() <= 5);
        prop_assert!(drafting.ranked.iter().all(|ranked| ranked.confidence <= 10_000));
        if let Outcome::Drafted(draft) = drafting.outcome {
            prop_assert!(!draft.sources.is_empty() && !draft.body.is_empty());
            prop_assert!(draft.confidence >= threshold && draft.confidence <= 10_000);
        }
    }
}

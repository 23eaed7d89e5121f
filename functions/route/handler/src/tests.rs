use super::*;
use proptest::prelude::*;

fn inquiry(category: &str, subject: &str, body: &str) -> Inquiry {
    Inquiry {
        number: "YZ1".into(),
        language: "zh-CN".into(),
        kind: CaseKind::Consultation,
        urgency: Urgency::Normal,
        subject: subject.into(),
        body: body.into(),
        division: None,
        address: None,
        category: (!category.is_empty()).then(|| category.into()),
        supplements: vec![],
    }
}

fn entry(id: &str, categories: &[&str], lead: bool) -> Responsibility {
    Responsibility {
        id: id.into(),
        title: "职责".into(),
        basis: "《条例》".into(),
        categories: categories
            .iter()
            .map(|category| category.to_string())
            .collect(),
        lead,
    }
}

fn department(
    id: &str,
    names: &[&str],
    duties: &[&str],
    entries: Vec<Responsibility>,
) -> Candidate {
    let owned = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
    Candidate {
        department: id.into(),
        names: owned(names),
        division: None,
        duties: owned(duties),
        responsibilities: entries,
    }
}

fn candidates() -> Vec<Candidate> {
    let mut town = department(
        "zhonghe",
        &["中河街道"],
        &["小区管理"],
        vec![entry("zhonghe-01", &["urban.property-management"], false)],
    );
    town.division = Some("zhonghe".into());
    let mut other = department(
        "xiaying",
        &["下应街道"],
        &["小区管理"],
        vec![entry("xiaying-01", &["urban.property-management"], false)],
    );
    other.division = Some("xiaying".into());
    vec![
        town,
        other,
        department(
            "public-security",
            &["宁波市公安局鄞州分局", "公安分局"],
            &["户口迁移", "户籍登记", "身份证"],
            vec![entry("ga-01", &["public-security.household"], true)],
        ),
        department(
            "housing",
            &["区住建局"],
            &["物业费", "维修资金"],
            vec![
                entry("zj-01", &["urban.property-management"], true),
                entry("zj-02", &["urban"], true),
            ],
        ),
        department(
            "education",
            &["区教育局"],
            &["入学"],
            vec![
                entry("jy-01", &["education.school"], true),
                entry("jy-02", &["public-security.household"], false),
            ],
        ),
    ]
}

#[test]
fn the_golden_case_goes_to_the_police() {
    let asked = inquiry(
        "public-security.household",
        "户口迁移咨询",
        "夫妻在鄞州买房，可以一个人先迁户口吗？",
    );
    let routing = route(&asked, &candidates(), 6500);
    assert!(!routing.person_decides);
    let first = &routing.ranked[0];
    assert_eq!(first.department, "public-security");
    assert_eq!(first.responsibility.as_deref(), Some("ga-01"));
    assert_eq!(
        first.reasons,
        [
            "category:public-security.household",
            "duty:户口迁移",
            "family:public-security"
        ]
    );
    assert_eq!(routing.co_handling, ["education"]);
}

#[test]
fn towns_take_part_in_their_own_cases_only() {
    let mut asked = inquiry("urban.property-management", "物业费涨价", "业委会没有同意");
    asked.division = Some("zhonghe".into());
    let routing = route(&asked, &candidates(), 6500);
    assert_eq!(routing.ranked[0].department, "housing");
    assert_eq!(routing.co_handling, ["zhonghe"]);
    let town = &routing.ranked[1];
    assert_eq!(town.department, "zhonghe");
    assert!(town.reasons.contains(&"place:zhonghe".to_string()));
    assert!(
        routing
            .ranked
            .iter()
            .all(|ranked| ranked.department != "xiaying")
    );
}

#[test]
fn a_name_or_a_place_alone_is_for_a_person() {
    let routing = route(
        &inquiry("", "公安分局和中河街道", "一件事"),
        &candidates(),
        0,
    );
    assert!(routing.person_decides);
    let reasons = |department: &str| {
        let found = |ranked: &&RankedDepartment| ranked.department == department;
        routing
            .ranked
            .iter()
            .find(found)
            .map(|ranked| &ranked.reasons)
    };
    let expected = ["name:中河街道", "place:zhonghe"].map(String::from);
    assert_eq!(reasons("zhonghe"), Some(&expected.to_vec()));
    let expected = ["name:公安分局", "family:public-security"].map(String::from);
    assert_eq!(reasons("public-security"), Some(&expected.to_vec()));
}

#[test]
fn the_model_alone_decides_nothing() {
    let asked = inquiry("", "孩子上学", "今年小学一年级什么时候报名，需要带什么材料");
    let routing = route(&asked, &candidates(), 0);
    assert_eq!(routing.ranked[0].department, "education");
    assert_eq!(routing.ranked[0].reasons, ["family:education"]);
    assert!(routing.person_decides);
}

#[test]
fn the_exact_entry_before_the_one_above() {
    let routing = route(
        &inquiry("urban.property-management", "", "问"),
        &candidates(),
        0,
    );
    assert_eq!(routing.ranked[0].responsibility.as_deref(), Some("zj-01"));
    let routing = route(&inquiry("urban.lighting", "", "问"), &candidates(), 0);
    assert_eq!(routing.ranked[0].responsibility.as_deref(), Some("zj-02"));
    // The category of the first level finds those who lead below it.
    let routing = route(&inquiry("education", "", "问"), &candidates(), 0);
    assert_eq!(routing.ranked[0].department, "education");
    assert!(
        route(&inquiry("urbane", "", "问"), &candidates(), 0)
            .ranked
            .is_empty()
    );
}

#[test]
fn equals_and_nobody_are_for_a_person() {
    let twins = [
        department("b", &[], &[], vec![entry("b-1", &["x"], true)]),
        department("a", &[], &[], vec![entry("a-1", &["x"], true)]),
    ];
    let routing = route(&inquiry("x", "", "问"), &twins, 6500);
    assert!(routing.person_decides);
    assert_eq!(routing.ranked[0].department, "a");
    assert!(route(&inquiry("x", "", "问"), &[], 0).person_decides);
    assert!(route(&inquiry("", "", ""), &candidates(), 0).person_decides);
}

#[test]
fn extreme_texts() {
    for text in [
        "",
        "。",
        "\u{301}",
        &"字a1 户口迁移".repeat(12_000),
        &"1".repeat(100_000),
    ] {
        assert!(
            route(&inquiry("", text, text), &candidates(), 0)
                .ranked
                .len()
                <= RANKED
        );
    }
}

proptest! {
    #[test]
    fn order_does_not_matter(subject in "\\PC{0,30}", body in any::<String>(), turn in 0usize..5, threshold in 0u16..=10_000) {
        let asked = inquiry("urban.property-management", &subject, &body);
        let mut turned = candidates();
        turned.rotate_left(turn);
        let routing = route(&asked, &candidates(), threshold);
        prop_assert_eq!(&routing, &route(&asked, &turned, threshold));
        prop_assert!(routing.ranked.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence));
        prop_assert!(!routing.co_handling.contains(&routing.ranked[0].department));
    }
}

//! The model district loads without a problem and carries the figures of the
//! platform that it is modelled on.

use case::district::{ChannelKind, ClassGroup, DepartmentKind, District};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn yinzhou() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../districts/yinzhou"
    ))
}

#[track_caller]
fn clean<T>(result: Result<T, Vec<district::Problem>>) -> T {
    result.unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{} problems:\n{}", lines.len(), lines.join("\n"))
    })
}

fn load() -> District {
    clean(district::load(&yinzhou()))
}

#[test]
fn it_has_the_figures_of_the_model() {
    let district = load();
    let channels = |kind| {
        district
            .channels
            .iter()
            .filter(|channel| channel.kind == kind)
            .count()
    };
    assert_eq!(district.departments.len(), 88);
    assert_eq!(channels(ChannelKind::Hotline), 33);
    assert_eq!(channels(ChannelKind::Platform), 11);
    assert_eq!(
        district
            .categories
            .iter()
            .filter(|category| category.parent.is_none())
            .count(),
        15
    );
    assert_eq!(district.district.phone, "81812345");
    let years: Vec<i32> = district
        .calendar
        .years
        .iter()
        .map(|year| year.year)
        .collect();
    assert_eq!(years, [2024, 2025, 2026, 2027]);
}

#[test]
fn every_category_has_an_owner_and_every_body_a_part() {
    let district = load();
    for category in district
        .categories
        .iter()
        .filter(|category| category.parent.is_some())
    {
        assert!(
            category.article.is_some(),
            "{} has no default entry",
            category.id
        );
        assert!(
            category.keywords.len() >= 5,
            "{} has few keywords",
            category.id
        );
    }
    for division in &district.divisions {
        let office = district
            .departments
            .iter()
            .find(|department| department.id == division.department);
        let kinds = [DepartmentKind::Town, DepartmentKind::Subdistrict];
        assert!(
            office.is_some_and(|office| kinds.contains(&office.kind)),
            "{}",
            division.id
        );
    }
}

#[test]
fn the_question_of_the_model_platform_is_about_household_registration() {
    let text = "夫妻双方均为外省户籍，在鄞州买了一套房、房产证写两个人名字，能否一方先迁户口";
    let mut scores: Vec<(f64, String)> = load()
        .categories
        .iter()
        .map(|category| {
            let found = category
                .keywords
                .iter()
                .filter(|keyword| text.contains(&keyword.word));
            (
                found.map(|keyword| keyword.weight).sum(),
                category.id.clone(),
            )
        })
        .collect();
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert_eq!(scores[0].1, "public-security.household");
    assert!(scores[0].0 >= 2.0 * scores[1].0, "{:?}", &scores[..2]);
}

#[test]
fn its_parts_pass_through_json_unchanged() {
    let district = load();
    let mut object = String::from("{");
    for (at, (key, json)) in district.documents().expect("JSON").into_iter().enumerate() {
        if at > 0 {
            object.push(',');
        }
        object.push_str(&format!("\"{key}\":{json}"));
    }
    object.push('}');
    let back: District = serde_json::from_str(&object).expect("the same types");
    assert_eq!(back, district);
}

#[test]
fn its_knowledge_covers_every_class() {
    let knowledge = clean(district::knowledge(&yinzhou()));
    let classes = |group| {
        knowledge
            .classes
            .iter()
            .filter(|class| class.group == group)
            .count()
    };
    assert_eq!(classes(ClassGroup::Help), 13);
    assert_eq!(classes(ClassGroup::Policy), 48);
    let covered: BTreeSet<&str> = knowledge
        .articles
        .iter()
        .map(|article| article.class.as_str())
        .collect();
    assert_eq!(covered.len(), 61);
}

#[test]
fn its_demonstration_is_whole() {
    let demo = clean(district::demo(&yinzhou()));
    assert_eq!(demo.cases.len(), 24);
    assert_eq!(demo.cases[0].category, "public-security.household");
    let roles: BTreeSet<&str> = demo
        .accounts
        .iter()
        .map(|account| account.role.as_str())
        .collect();
    assert_eq!(roles.len(), 8);
}

/// A question as a citizen would put it, and the article that answers it; none where no article does.
#[derive(serde::Deserialize)]
struct Question {
    question: String,
    covered: u8,
    article: Option<String>,
}

/// The articles that the questions of `part` are about.
fn asked(part: &str) -> BTreeSet<String> {
    let file = format!(
        "{}/../../tests/data/questions_{part}.csv",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut reader = csv::Reader::from_path(&file).expect("the file of the questions");
    let mut articles = BTreeSet::new();
    for row in reader.deserialize() {
        let row: Question = row.expect("a question");
        assert!(!row.question.trim().is_empty(), "{file} has an empty row");
        assert_eq!(row.covered == 1, row.article.is_some(), "{}", row.question);
        articles.extend(row.article);
    }
    articles
}

/// What is tuned on one part says nothing about the other only while they share no article.
#[test]
fn questions_fit_the_articles_and_their_parts_share_none() {
    let articles: BTreeSet<String> = clean(district::knowledge(&yinzhou()))
        .articles
        .into_iter()
        .map(|article| article.id)
        .collect();
    let (development, test) = (asked("development"), asked("test"));
    assert!(development.is_disjoint(&test));
    assert_eq!(&development | &test, articles);
}

#[test]
fn every_body_has_a_family_and_towns_go_by_place() {
    let families = clean(district::families(&yinzhou()));
    let district = load();
    assert!((12..=18).contains(&families.len()), "{}", families.len());
    for family in &families {
        for id in &family.departments {
            let body = district
                .departments
                .iter()
                .find(|body| body.id == *id)
                .expect("a department");
            assert_eq!(body.division.is_some(), family.by_place, "{id}");
        }
    }
    let label = |reply: &str| {
        district::label(&families, reply).map(|label| families[label.family].id.as_str())
    };
    assert_eq!(
        label("经河东市交警支队核实，该处将增设标线。"),
        Some("public-security")
    );
    assert_eq!(
        label("感谢您对城市管理工作的关注！"),
        Some("urban-management")
    );
    assert_eq!(label("来信收悉，正在核实。"), None);
}

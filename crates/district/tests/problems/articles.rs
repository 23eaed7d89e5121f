//! Mistakes in the knowledge base, the demonstration and the families.

use super::*;

#[test]
fn knowledge() {
    let article = "knowledge/papers/household.md";
    one(
        article,
        ", \"落户要什么材料\"",
        "",
        &["knowledge/papers/household.md:6: 2 different questions are too few: 3 at least"],
    );
    one(
        article,
        "\"2026-09-01\"",
        "\"2026-9-1\"",
        &["knowledge/papers/household.md:10: `2026-9-1` is no date; write YYYY-MM-DD"],
    );
    one(
        article,
        "\"2027-09-01\"",
        "\"2025-09-01\"",
        &["knowledge/papers/household.md:11: 2025-09-01 is before 2026-09-01"],
    );
    one(
        article,
        "title_en = \"How to move a registration\"",
        "title_en = \"\"",
        &["knowledge/papers/household.md:5: the English text is missing"],
    );
    one(
        article,
        "category = \"papers.household\"",
        "category = \"papers.car\"",
        &["knowledge/papers/household.md:7: there is no category `papers.car`"],
    );
    one(
        article,
        "department = \"centre\"",
        "department = \"west\"",
        &["knowledge/papers/household.md:8: there is no department `west`"],
    );
    one(
        article,
        "id = \"household\"",
        "id = \"moving\"",
        &["knowledge/papers/household.md:2: the id `moving` is not the name of the file"],
    );
    one(
        article,
        "basis = [\"《户口登记条例》第十条\"]",
        "basis = []",
        &["knowledge/papers/household.md:9: the article rests on nothing"],
    );
    one(
        article,
        "请到派出所办理。\n",
        "",
        &["knowledge/papers/household.md:14: the article has no text"],
    );
    one(
        article,
        "+++\nid",
        "id",
        &[
            "knowledge/papers/household.md:1: the article must begin with front matter between two lines `+++`",
        ],
    );
    one(
        article,
        "keywords = [\"户口\"]",
        "keyword = [\"户口\"]",
        &["knowledge/papers/household.md:12: unknown field `keyword`"],
    );
    one(
        "knowledge/classes.toml",
        "id = \"papers\"",
        "id = \"cars\"",
        &[
            "knowledge/classes.toml:2: the class `cars` has no article",
            "knowledge/papers:1: there is no class `papers` in classes.toml",
            "knowledge/papers/household.md:3: there is no class `papers`",
        ],
    );
}

#[test]
fn a_class_without_article_and_a_stray_file() {
    let (_temporary, dir) = copy();
    fs::rename(
        dir.join("knowledge/papers/household.md"),
        dir.join("knowledge/papers/household.txt"),
    )
    .expect("renamed");
    assert_eq!(
        problems(&dir),
        [
            "knowledge/classes.toml:2: the class `papers` has no article",
            "knowledge/papers/household.txt:1: only articles (*.md) belong here",
        ]
    );
}

#[test]
fn two_articles_with_one_id() {
    let (_temporary, dir) = copy();
    let article = fs::read_to_string(dir.join("knowledge/papers/household.md")).expect("the file");
    fs::write(dir.join("knowledge/papers/moving.md"), article).expect("written");
    assert_eq!(
        problems(&dir),
        [
            "knowledge/papers/moving.md:2: the id `household` is not the name of the file",
            "knowledge/papers/moving.md:2: the id `household` stands already in knowledge/papers/household.md",
        ]
    );
}

#[test]
fn demonstration() {
    one(
        "demo/accounts.toml",
        "department = \"east\"\n",
        "",
        &["demo/accounts.toml:4: an officer needs a `department`"],
    );
    one(
        "demo/accounts.toml",
        "department = \"east\"",
        "department = \"west\"",
        &["demo/accounts.toml:5: there is no department `west`"],
    );
    one(
        "demo/cases.toml",
        "\"approve\"",
        "\"agree\"",
        &["demo/cases.toml:11: `agree` is no step: there is no step of that name"],
    );
    one(
        "demo/cases.toml",
        "\"approve\"",
        "\"route:west:管辖\"",
        &["demo/cases.toml:11: there is no department `west`"],
    );
    one(
        "demo/cases.toml",
        "channel = \"web\"",
        "channel = \"fax\"",
        &["demo/cases.toml:2: there is no channel `fax`"],
    );
    one(
        "demo/cases.toml",
        "division = \"east\"",
        "division = \"north\"",
        &["demo/cases.toml:6: there is no division `north`"],
    );
    let long = format!("subject = \"{}\"", "问".repeat(101));
    one(
        "demo/cases.toml",
        "subject = \"怎样迁户口\"",
        &long,
        &["demo/cases.toml:3: the text is longer than 100 characters"],
    );
}

#[test]
fn families_of_bodies_are_checked_where_there_are_any() {
    let (_temporary, dir) = copy();
    let text = r#"[[family]]
id = "all"
name = "全部"
name_en = "All"
departments = ["nobody"]
names = ["局", "教育局", "教育局"]
"#;
    fs::write(dir.join("families.toml"), text).expect("written");
    let found = problems(&dir);
    for expected in [
        "families.toml:5: there is no department `nobody`",
        "families.toml:6: `局` is too short: 2 characters at least",
        "families.toml:6: `教育局` stands already in line 6",
    ] {
        assert!(found.iter().any(|line| line == expected), "{found:?}");
    }
    assert!(
        found.iter().any(|line| line.ends_with("has no family")),
        "{found:?}"
    );
}

#[test]
fn topics_without_an_article_are_checked() {
    let file = "knowledge/uncovered.toml";
    for (old, new, expected) in [
        (
            "id = \"street-lamps\"",
            "id = \"street lamps\"",
            "knowledge/uncovered.toml:6: ",
        ),
        (
            "words_en = [\"street lamp\", \"light\", \"dark\", \"streetlight\"]",
            "words_en = []",
            "knowledge/uncovered.toml:8: there must be at least one word",
        ),
        (
            "words_en = [\"street lamp\",",
            "words_in_english = [\"street lamp\",",
            "knowledge/uncovered.toml:",
        ),
    ] {
        let found = broken(&[(file, old, new)]);
        assert!(
            found.iter().any(|line| line.starts_with(expected)),
            "{new}: {found:?}"
        );
    }
}

//! Every mistake in a district's folder is found, with file and line: a sound
//! district is broken in one place at a time.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy of the sound district, in a folder of the right name.
fn copy() -> (TempDir, PathBuf) {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let target = temporary.path().join("sound");
    copy_folder(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sound"),
        &target,
    );
    (temporary, target)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("the folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Puts `new` for the first `old` in `file` and says what is then wrong.
fn broken(edits: &[(&str, &str, &str)]) -> Vec<String> {
    let (_temporary, dir) = copy();
    for (file, old, new) in edits {
        let path = dir.join(file);
        let text = fs::read_to_string(&path).expect("the file");
        assert!(text.contains(old), "{file} has no {old:?}");
        fs::write(path, text.replacen(old, new, 1)).expect("written");
    }
    problems(&dir)
}

fn problems(dir: &Path) -> Vec<String> {
    let problems = district::check(dir).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

/// One edit, and exactly the problems that it causes.
#[track_caller]
fn one(file: &str, old: &str, new: &str, expected: &[&str]) {
    assert_eq!(
        broken(&[(file, old, new)]),
        expected,
        "{file}: {old:?} -> {new:?}"
    );
}

#[test]
fn the_sound_district_has_no_problem() {
    let (_temporary, dir) = copy();
    assert_eq!(problems(&dir), Vec::<String>::new());
    let district = district::load(&dir).expect("loads");
    assert_eq!(district.departments.len(), 2);
    assert_eq!(district.deadlines.rules.len(), 2);
    let knowledge = district::knowledge(&dir).expect("loads");
    assert_eq!(knowledge.articles[0].body, "请到派出所办理。");
    assert_eq!(
        knowledge.articles[0].body_en.as_deref(),
        Some("Please go to the police station.")
    );
    assert_eq!(
        district::demo(&dir).expect("loads").cases[0]
            .steps()
            .expect("steps")
            .len(),
        4
    );
}

#[test]
fn syntax_types_and_unknown_fields() {
    one(
        "channels.toml",
        "kind = \"own\"",
        "kind = own",
        &["channels.toml:5: string values must be quoted, expected literal string"],
    );
    one(
        "channels.toml",
        "kind = \"own\"",
        "kind = \"owned\"",
        &["channels.toml:5: unknown variant `owned`, expected one of `hotline`, `platform`, `own`"],
    );
    one(
        "channels.toml",
        "name_en = \"Site\"\n",
        "",
        &["channels.toml:1: missing field `name_en`"],
    );
    one(
        "channels.toml",
        "kind = \"own\"",
        "kind = \"own\"\ncolour = \"red\"",
        &["channels.toml:6: unknown field `colour`"],
    );
    one(
        "channels.toml",
        "[[channel]]",
        "title = 1\n[[channel]]",
        &["channels.toml:1: unknown field `title`"],
    );
    one(
        "district.toml",
        "phone = \"81810000\"",
        "phone = 81810000",
        &["district.toml:6: invalid type: integer `81810000`, expected a string"],
    );
    one(
        "district.toml",
        "format = 1",
        "format = 1\nowner = \"me\"",
        &["district.toml:2: unknown field `owner`"],
    );
    one(
        "categories.toml",
        "weight = 3.0",
        "weight = \"high\"",
        &["categories.toml:14: invalid type: string \"high\", expected f64"],
    );
    one(
        "categories.toml",
        "weight = 3.0",
        "weight = 3.0, color = 1",
        &["categories.toml:14: unknown field `color`"],
    );
    one(
        "limits.toml",
        "[login]",
        "[logins]",
        &[
            "limits.toml:1: missing field `login`",
            "limits.toml:62: unknown field `logins`",
        ],
    );
    one(
        "policy.toml",
        "batch = 50",
        "batch = -1",
        &["policy.toml:30: invalid value: integer `-1`, expected u32"],
    );
}

#[test]
fn a_file_that_is_missing() {
    let (_temporary, dir) = copy();
    fs::remove_file(dir.join("channels.toml")).expect("removed");
    let found = problems(&dir);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("channels.toml:1: cannot read the file"),
        "{found:?}"
    );
    assert!(district::load(&dir).is_err());
}

#[test]
fn many_mistakes_at_once() {
    let found = broken(&[
        ("district.toml", "format = 1", "format = 2"),
        ("channels.toml", "kind = \"own\"", "kind = \"owned\""),
        (
            "channels.toml",
            "id = \"hotline-12345\"",
            "id = \"Hotline\"",
        ),
        ("categories.toml", "weight = 5.0", "weight = 50.0"),
        (
            "demo/accounts.toml",
            "role = \"officer\"",
            "role = \"king\"",
        ),
    ]);
    assert_eq!(
        found,
        [
            "categories.toml:15: the weight 50 of `落户` is not 0.5 to 5",
            "channels.toml:5: unknown variant `owned`, expected one of `hotline`, `platform`, `own`",
            "channels.toml:9: `Hotline` is no identifier: use a-z, 0-9 and -",
            "demo/accounts.toml:4: there is no role `king`: operator, officer, reviewer, supervisor, leader, duty, reporter, admin",
            "district.toml:1: format 2 is not known; this program reads format 1",
        ]
    );
}

#[test]
fn identity_and_divisions() {
    one(
        "district.toml",
        "id = \"sound\"",
        "id = \"other\"",
        &["district.toml:2: the id `other` is not the name of the folder"],
    );
    one(
        "district.toml",
        "name_en = \"Sample District\"",
        "name_en = \"样例\"",
        &["district.toml:4: the English text is missing"],
    );
    one(
        "district.toml",
        "\"SA\"",
        "\"sa\"",
        &["district.toml:5: the prefix must be one to six capital letters A-Z"],
    );
    one(
        "district.toml",
        "480",
        "4800",
        &["district.toml:7: there is no such time zone: -720 to 840 minutes"],
    );
    one(
        "district.toml",
        "centre = \"centre\"",
        "centre = \"middle\"",
        &[
            "departments.toml:6: the centre is `middle`, as district.toml says",
            "district.toml:8: there is no department `middle`",
        ],
    );
    one(
        "district.toml",
        "department = \"east\"",
        "department = \"west\"",
        &[
            "departments.toml:22: the office of `east` is `west`, as district.toml says",
            "district.toml:15: there is no department `west`",
        ],
    );
    one(
        "district.toml",
        "kind = \"subdistrict\"",
        "kind = \"town\"",
        &["departments.toml:21: `east` is of another kind in district.toml"],
    );
}

#[test]
fn departments() {
    one(
        "departments.toml",
        "\"热线\", \"派单\"",
        "\"热线\", \"热线\"",
        &["departments.toml:7: `热线` stands twice"],
    );
    one(
        "departments.toml",
        "[\"热线\", \"派单\", \"督办\", \"回访\"]",
        "[\"热线\"]",
        &["departments.toml:7: 1 duties are too few: 4 at least"],
    );
    one(
        "departments.toml",
        "id = \"east-01\"",
        "id = \"centre-01\"",
        &["departments.toml:26: the id `centre-01` stands already in line 10"],
    );
    one(
        "departments.toml",
        "categories = [\"papers.household\"]",
        "categories = [\"papers.car\"]",
        &[
            "categories.toml:7: no department leads in `papers.household`",
            "categories.toml:12: the entry `centre-01` does not cover this category",
            "departments.toml:13: there is no category `papers.car`",
        ],
    );
    one(
        "departments.toml",
        "kind = \"centre\"",
        "kind = \"agency\"",
        &["departments.toml:1: no department has the kind `centre`"],
    );
    one(
        "departments.toml",
        "division = \"east\"\n",
        "",
        &["departments.toml:21: the office of a town or sub-district must name its `division`"],
    );
    one(
        "departments.toml",
        "division = \"east\"",
        "division = \"west\"",
        &["departments.toml:22: there is no division `west`"],
    );
    one(
        "departments.toml",
        "kind = \"centre\"",
        "kind = \"centre\"\ndivision = \"east\"",
        &["departments.toml:7: only the office of a town or sub-district has a `division`"],
    );
    one(
        "departments.toml",
        "basis = \"国办发〔2020〕53号\"",
        "basis = \" \"",
        &["departments.toml:12: the text is empty"],
    );
    one(
        "departments.toml",
        "role = \"co\"",
        "role = \"boss\"",
        &["departments.toml:30: unknown variant `boss`, expected `lead` or `co`"],
    );
}

#[test]
fn categories() {
    let found = broken(&[(
        "categories.toml",
        "parent = \"papers\"",
        "parent = \"cars\"",
    )]);
    assert_eq!(
        found,
        ["categories.toml:10: there is no category of level 1 `cars`"]
    );
    one(
        "categories.toml",
        "parent = \"papers\"\n",
        "",
        &["categories.toml:7: `papers.household` needs `parent = \"papers\"`"],
    );
    one(
        "categories.toml",
        "deadline = \"general\"",
        "deadline = \"soon\"",
        &["categories.toml:11: there is no deadline rule `soon`"],
    );
    one(
        "categories.toml",
        "article = \"centre-01\"",
        "article = \"centre-09\"",
        &["categories.toml:12: there is no entry `centre-09` in the responsibility list"],
    );
    one(
        "categories.toml",
        "article = \"centre-01\"",
        "article = \"east-01\"",
        &["categories.toml:12: in the entry `east-01` the department does not lead"],
    );
    one(
        "categories.toml",
        "word = \"落户\"",
        "word = \"户口\"",
        &["categories.toml:15: `户口` stands twice"],
    );
    one(
        "categories.toml",
        "weight = 3.0",
        "weight = 0.1",
        &["categories.toml:14: the weight 0.1 of `户口` is not 0.5 to 5"],
    );
    one(
        "categories.toml",
        "name_en = \"Papers\"",
        "name_en = \"\"",
        &["categories.toml:4: the English text is missing"],
    );
}

#[test]
fn channels() {
    one(
        "channels.toml",
        "kind = \"own\"\nfeedback = \"web\"",
        "kind = \"own\"\nfeedback = \"none\"",
        &["channels.toml:6: an entry of the centre's own needs a way back"],
    );
    one(
        "channels.toml",
        "number = \"12345\"",
        "number = \"call us\"",
        &["channels.toml:13: the telephone number may have digits and - only"],
    );
    one(
        "channels.toml",
        "id = \"hotline-12345\"",
        "id = \"web\"",
        &["channels.toml:9: the id `web` stands already in line 2"],
    );
}

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

//! Every mistake in a district's folder is found, with file and line: a sound
//! district is broken in one place at a time.

mod articles;
mod lists;
mod rules;

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

//! Every folder under `tests/cases` is a manifest and the problems that it has: `spin.toml` and `problems.txt`, one
//! problem a line as `wenzheng check` prints it. A new case is a new folder.

use manifest::{Manifest, check};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

#[test]
fn every_case_has_the_problems_it_says() {
    let mut cases: Vec<_> = fs::read_dir(folder())
        .expect("the folder of cases")
        .map(|entry| entry.expect("a folder").path())
        .collect();
    cases.sort();
    assert!(cases.len() > 20, "the cases are gone");
    let mut failures = String::new();
    for case in cases {
        let text = fs::read_to_string(case.join("spin.toml")).expect("spin.toml");
        let expected = fs::read_to_string(case.join("problems.txt")).expect("problems.txt");
        let problems = match Manifest::parse(Path::new("spin.toml"), &text) {
            Ok(manifest) => check(&manifest, &case),
            Err(problems) => problems,
        };
        let found: String = problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect();
        if found.trim_end() != expected.trim_end() {
            let name = case.file_name().unwrap_or_default().to_string_lossy();
            failures.push_str(&format!("{name}: expected\n{expected}but found\n{found}\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn texts() -> Vec<String> {
    fs::read_dir(folder())
        .expect("the folder of cases")
        .map(|entry| {
            fs::read_to_string(entry.expect("a folder").path().join("spin.toml"))
                .expect("spin.toml")
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Pieces of two manifests put together, with a few characters in between that mean something.
    #[test]
    fn no_text_makes_it_panic(
        texts in Just(texts()),
        which in any::<[prop::sample::Index; 2]>(),
        cuts in any::<[prop::sample::Index; 2]>(),
        between in "[\\[\\]{}\"'=.,\\n#a1é ]{0,4}",
    ) {
        let [first, second] = which.map(|index| index.get(&texts).as_str());
        let cut = |text: &str, at: prop::sample::Index| {
            let at = at.index(text.len() + 1);
            (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
        };
        let text = format!("{}{between}{}", &first[..cut(first, cuts[0])], &second[cut(second, cuts[1])..]);
        match Manifest::parse(Path::new("spin.toml"), &text) {
            Ok(manifest) => prop_assert!(!manifest.warnings().iter().any(|problem| problem.is_error())),
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                let lines = text.matches('\n').count() + 1;
                prop_assert!(problems.iter().all(|problem| problem.is_error() && problem.line <= lines));
            }
        }
    }
}

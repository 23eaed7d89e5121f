//! Every program of the workspace asks for the same features of a shared crate, so that it is built once.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// What is built by one call of cargo: arguments for `cargo tree`.
const SELECTIONS: [(&str, &[&str]); 5] = [
    (
        "cargo xtask",
        &["--package", "xtask", "--edges", "normal,no-proc-macro"],
    ),
    (
        "the runner",
        &["--package", "wenzheng", "--edges", "normal,no-proc-macro"],
    ),
    (
        "the crates' own tests",
        &[
            "--package",
            "host",
            "--package",
            "sql",
            "--package",
            "store",
            "--package",
            "wenzheng",
            "--package",
            "xtask",
            "--edges",
            "normal,dev,no-proc-macro",
        ],
    ),
    (
        "the end-to-end suite",
        &[
            "--package",
            "wenzheng-tests",
            "--edges",
            "normal,dev,no-proc-macro",
        ],
    ),
    (
        "the bench",
        &["--package", "bench", "--edges", "normal,no-proc-macro"],
    ),
];

/// The features of each third-party crate in one selection.
fn features(selection: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args([
            "tree", "--locked", "--prefix", "none", "--format", "{p}|{f}",
        ])
        .args(selection)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line = line.strip_suffix(" (*)").unwrap_or(line);
        // Crates of this workspace have their folder in parentheses.
        if let Some((name, features)) = line.split_once('|')
            && !name.contains('(')
        {
            crates
                .entry(name.to_owned())
                .or_default()
                .insert(features.to_owned());
        }
    }
    assert!(crates.len() > 20, "hardly any crates: {crates:?}");
    crates
}

#[test]
fn shared_crates_have_one_set_of_features() {
    let mut first: BTreeMap<String, (&str, BTreeSet<String>)> = BTreeMap::new();
    let mut differences = Vec::new();
    for (name, selection) in SELECTIONS {
        for (package, features) in features(selection) {
            let (other, expected) = first
                .entry(package.clone())
                .or_insert_with(|| (name, features.clone()));
            if *expected != features {
                differences.push(format!(
                    "{package}: {other} {expected:?}, {name} {features:?}"
                ));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "add these to crates/workspace-hack/Cargo.toml, each with the union of its features:\n{}",
        differences.join("\n")
    );
}

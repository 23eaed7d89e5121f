//! `demo/`: accounts and cases for a demonstration.

use crate::document::{Entry, Folder, Report, way};
use crate::{Demo, Names};
use case::district::{DemoAccount, DemoCase, District, Step, TextLimits};
use std::path::Path;

const ACCOUNTS: &str = "demo/accounts.toml";
const CASES: &str = "demo/cases.toml";

/// What a member of staff can be.
const ROLES: [&str; 8] = [
    "operator",
    "officer",
    "reviewer",
    "supervisor",
    "leader",
    "duty",
    "reporter",
    "admin",
];

/// Reads the accounts and the cases.
pub(crate) fn read(
    dir: &Path,
    district: Option<&District>,
    names: &Names,
    report: &mut Report,
) -> Option<Demo> {
    let folder = Folder::read(dir, &[ACCOUNTS, CASES], report);
    let accounts = read_accounts(&folder, names, report);
    let cases = read_cases(
        &folder,
        district.map(|district| &district.limits.text),
        names,
        report,
    );
    Some(Demo {
        accounts: accounts?,
        cases: cases?,
    })
}

fn read_accounts(folder: &Folder, names: &Names, report: &mut Report) -> Option<Vec<DemoAccount>> {
    let document = folder.open(ACCOUNTS, report)?;
    document.only(&["account"], report);
    let accounts = document.entries::<DemoAccount>("account", report);
    accounts.check_ids(|account| &account.id, report);
    for entry in &accounts.list {
        let account = &entry.value;
        entry.text(report, &way!["name"], &account.name);
        if !ROLES.contains(&account.role.as_str()) {
            entry.problem(
                report,
                &way!["role"],
                format!("there is no role `{}`: {}", account.role, ROLES.join(", ")),
            );
        }
        match &account.department {
            Some(department) if !names.departments.contains(department) => {
                entry.problem(
                    report,
                    &way!["department"],
                    format!("there is no department `{department}`"),
                );
            }
            None if account.role == "officer" => {
                entry.problem(report, &way!["role"], "an officer needs a `department`");
            }
            _ => {}
        }
    }
    accounts.into_values()
}

fn read_cases(
    folder: &Folder,
    limits: Option<&TextLimits>,
    names: &Names,
    report: &mut Report,
) -> Option<Vec<DemoCase>> {
    let document = folder.open(CASES, report)?;
    document.only(&["case"], report);
    let cases = document.entries::<DemoCase>("case", report);
    for entry in &cases.list {
        let case = &entry.value;
        entry.text(report, &way!["subject"], &case.subject);
        entry.text(report, &way!["body"], &case.body);
        if let Some(limits) = limits {
            length(
                entry,
                "subject",
                &case.subject,
                limits.subject_max_chars,
                report,
            );
            length(entry, "body", &case.body, limits.body_max_chars, report);
        }
        let references = [
            ("channel", Some(&case.channel), &names.channels),
            ("division", case.division.as_ref(), &names.divisions),
            ("category", Some(&case.category), &names.categories),
            ("department", Some(&case.department), &names.departments),
        ];
        for (key, id, known) in references {
            if let Some(id) = id
                && !known.contains(id)
            {
                entry.problem(report, &way![key], format!("there is no {key} `{id}`"));
            }
        }
        for (at, step) in case.script.iter().enumerate() {
            let way = way!["script", at];
            match step.parse::<Step>() {
                Ok(Step::Route { department, .. }) if !names.departments.contains(&department) => {
                    entry.problem(
                        report,
                        &way,
                        format!("there is no department `{department}`"),
                    );
                }
                Ok(_) => {}
                Err(error) => entry.problem(report, &way, error.to_string()),
            }
        }
    }
    cases.into_values()
}

fn length(entry: &Entry<'_, '_, DemoCase>, key: &str, text: &str, max: u32, report: &mut Report) {
    // A limit of nothing is a mistake of its own, in limits.toml.
    if max > 0 && text.chars().count() > max as usize {
        entry.problem(
            report,
            &way![key],
            format!("the text is longer than {max} characters"),
        );
    }
}

//! The sample departments in their three languages: built with the tools that they pin, and put through the gate.

use crate::build;
use crate::platform::Platform;
use crate::tools::{find, heading, output, python_environment, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds every sample department, runs its sample cases and the gate.
pub(crate) fn check(root: &Path) -> Result<()> {
    build::runner(root)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("departments")).context("departments/")? {
        let folder = entry?.path();
        if folder.join("cases.toml").is_file() {
            names.push(folder);
        }
    }
    names.sort();
    for folder in names {
        heading(&format!("department: {}", folder.display()));
        install(&folder)?;
        for command in ["build", "test", "check"] {
            run(
                Command::new(build::runner_file(root))
                    .current_dir(root)
                    .args(["handler", command])
                    .arg(&folder),
                &format!("wenzheng handler {command}"),
            )?;
        }
    }
    Ok(())
}

/// The sample whose language needs no tool that the platform does not need, and its department.
const SAMPLE: (&str, &str) = ("departments/public-security", "public-security");

/// Builds the sample in Rust and publishes it on a platform that runs already and has an SQLite file.
pub(crate) fn publish_sample(root: &Path, platform: &Platform) -> Result<()> {
    let (folder, department) = SAMPLE;
    let key = platform.folder().join("publisher.key");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(build::runner_file(root));
        command.current_dir(root).arg("handler").args(arguments);
        command
    };
    let what = "publishing a department's handler";
    output(&mut command(&["build", folder]), what)?;
    let public = output(command(&["key", "new"]).arg(&key), what)?;
    let add = ["key", "add", department, public.trim(), "--holder", "测试"];
    let mut add = command(&add);
    output(add.arg("--sqlite").arg(platform.sqlite()), what)?;
    let mut publish = command(&["publish", folder]);
    publish
        .arg("--key")
        .arg(&key)
        .arg("--state-dir")
        .arg(platform.state())
        .arg("--sqlite")
        .arg(platform.sqlite());
    output(&mut publish, what)?;
    Ok(())
}

/// Installs the tool of the department's language into its folder, as its README says.
fn install(folder: &Path) -> Result<()> {
    let requirements = folder.join("requirements.txt");
    if requirements.is_file() {
        let packages = fs::read_to_string(&requirements)
            .with_context(|| format!("{} cannot be read", requirements.display()))?;
        let file = requirements.display().to_string();
        python_environment(&folder.join(".venv"), &packages, &["--requirement", &file])?;
    }
    if folder.join("package.json").is_file() && !folder.join("node_modules/.bin").is_dir() {
        let Some(npm) = find("npm") else {
            bail!("npm is not there: install Node 20 or later")
        };
        let arguments = ["install", "--no-audit", "--no-fund", "--no-package-lock"];
        let mut command = Command::new(npm);
        output(
            command.current_dir(folder).args(arguments),
            "installing the tool for JavaScript",
        )?;
    }
    Ok(())
}

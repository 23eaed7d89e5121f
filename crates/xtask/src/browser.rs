//! The tests in a real browser: Debian's Chromium, driven by Playwright out of `tests/browser`.

use crate::build;
use crate::platform::Platform;
use crate::tools::{apt_install, find, heading, python_environment, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names that Chromium goes by.
const PROGRAMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// The browser, and type with Chinese characters.
const PACKAGES: [&str; 2] = ["chromium", "fonts-noto-cjk"];

/// Browsers at the same time.
const AT_ONCE: &str = "2";

/// Runs the tests on a platform that runs already. Where there is no Chromium and none can be installed, they are
/// left out, which is said loudly; with `CI` set that is a failure.
pub(crate) fn run_on(root: &Path, platform: &Platform, tests: &[String]) -> Result<()> {
    let Some(chromium) = chromium()? else {
        return Ok(());
    };
    let tests_folder = root.join("tests/browser");
    let python = install(root, &tests_folder)?;
    let pictures = root.join("target/browser/pictures");
    if pictures.exists() {
        fs::remove_dir_all(&pictures)
            .with_context(|| format!("{} cannot be emptied", pictures.display()))?;
    }
    let mut command = Command::new(python);
    command
        .current_dir(&tests_folder)
        .args([
            "-B",
            "-m",
            "pytest",
            "--numprocesses",
            AT_ONCE,
            "--durations",
            "5",
        ])
        .args(tests.iter().map(|test| format!("test_{test}.py")))
        .env("WENZHENG_BROWSER_OUTPUT", &pictures)
        .env("WENZHENG_CHROMIUM", chromium)
        .envs(platform.environment());
    run(&mut command, "the tests in the browser")
        .with_context(|| format!("pictures are in {}", pictures.display()))
}

/// Takes the pictures that stand in the documentation, of a platform with the demonstration.
pub(crate) fn run_pictures(root: &Path) -> Result<()> {
    build::everything(root)?;
    let chromium = chromium()?.context("pictures need Chromium")?;
    let tests = root.join("tests/browser");
    let python = install(root, &tests)?;
    let platform = Platform::start(root, "pictures", None)?;
    let mut command = Command::new(python);
    command
        .current_dir(&tests)
        .args(["-B", "walk.py"])
        .arg(root.join("docs/pictures"))
        .env("WENZHENG_CHROMIUM", chromium)
        .envs(platform.environment());
    run(&mut command, "taking the pictures")?;
    platform.stop()
}

/// The machine's Chromium, installed if need be and possible.
pub(crate) fn chromium() -> Result<Option<PathBuf>> {
    let program = || PROGRAMS.iter().find_map(|name| find(name));
    if let Some(program) = program() {
        return Ok(Some(program));
    }
    heading("Installing Chromium");
    if find("apt-get").is_some() {
        if let Err(error) = apt_install(&PACKAGES) {
            eprintln!("   {error:#}");
        }
        if let Some(program) = program() {
            return Ok(Some(program));
        }
    }
    if std::env::var_os("CI").is_some() {
        bail!("there is no Chromium and it cannot be installed: install it by hand");
    }
    heading("NOT TESTED IN A BROWSER: there is no Chromium, and it cannot be installed here");
    Ok(None)
}

/// Python with what the tests need, in an environment of its own in `target/`.
fn install(root: &Path, tests: &Path) -> Result<PathBuf> {
    let folder = root.join("target/browser/python");
    let file = tests.join("requirements.txt");
    let packages =
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let file = file.display().to_string();
    python_environment(&folder, &packages, &["--requirement", &file])?;
    Ok(folder.join("bin/python"))
}

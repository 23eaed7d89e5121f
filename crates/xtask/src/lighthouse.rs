//! Lighthouse, Google's audit of web pages, on the pages that citizens see most.

use crate::browser;
use crate::build;
use crate::platform::Platform;
use crate::tools::{find, heading, output, run};
use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::Command;

/// From npm, pinned so that a run can be repeated.
const PACKAGE: &str = "lighthouse@12.8.2";

/// The least that is wanted of each category, of 100.
const GOAL: u32 = 95;

const CATEGORIES: [&str; 4] = ["performance", "accessibility", "best-practices", "seo"];

/// Builds everything, starts it with the demonstration, and audits home, ask, list and a case, as seen from a slow
/// telephone and from a desk.
pub(crate) fn run_lighthouse(root: &Path) -> Result<()> {
    build::everything(root)?;
    let npx = find("npx").context("Lighthouse needs Node.js: install npm (Debian: nodejs, npm)")?;
    let chromium = browser::chromium()?.context("Lighthouse needs Chromium")?;
    let folder = root.join("target/lighthouse");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let platform = Platform::start(root, "lighthouse", None)?;
    let pages = [
        ("home", "/".to_owned()),
        ("ask", "/ask".to_owned()),
        ("list", "/cases".to_owned()),
        ("case", format!("/cases/{}", newest(&platform)?)),
    ];
    heading(&format!("{PACKAGE}: {}", CATEGORIES.join(", ")));
    let mut low = Vec::new();
    for (name, path) in &pages {
        for (device, options) in [("telephone", &[][..]), ("desk", &["--preset=desktop"])] {
            let report = folder.join(format!("{name}-{device}.json"));
            let mut command = Command::new(&npx);
            command
                .current_dir(&folder)
                .args(["--yes", PACKAGE])
                .arg(format!("{}{path}", platform.url()))
                .args(options)
                .args(["--quiet", "--output=json"])
                .arg(format!("--output-path={}", report.display()))
                .arg("--chrome-flags=--headless=new --no-sandbox --lang=zh-CN")
                .env("CHROME_PATH", &chromium);
            run(&mut command, "lighthouse")?;
            let text = fs::read_to_string(&report)
                .with_context(|| format!("{} cannot be read", report.display()))?;
            let scores = scores(&serde_json::from_str(&text).context("Lighthouse's report")?)?;
            eprintln!("   {name:<5} {device:<10} {scores:?}");
            if scores.iter().any(|score| *score < GOAL) {
                low.push(format!("{name} ({device})"));
            }
        }
    }
    platform.stop()?;
    ensure!(
        low.is_empty(),
        "under {GOAL}: {}; the reports are in {}",
        low.join(", "),
        folder.display()
    );
    Ok(())
}

/// The points of each category, of 100.
fn scores(report: &Json) -> Result<[u32; 4]> {
    let mut scores = [0; 4];
    for (score, category) in scores.iter_mut().zip(CATEGORIES) {
        let share = report["categories"][category]["score"]
            .as_f64()
            .with_context(|| format!("the report has no score for {category}"))?;
        *score = (share * 100.0).round() as u32;
    }
    Ok(scores)
}

/// The number of the newest published case.
fn newest(platform: &Platform) -> Result<String> {
    let address = format!("{}/api/publications?limit=1", platform.url());
    let text = output(
        Command::new("curl").args(["--silent", "--show-error", "--fail", &address]),
        "the list of published cases",
    )?;
    let list: Json = serde_json::from_str(&text).context("the list of published cases")?;
    list["items"][0]["number"]
        .as_str()
        .map(str::to_owned)
        .context("the demonstration has published nothing")
}

#[cfg(test)]
mod tests {
    use super::scores;
    use serde_json::json;

    #[test]
    fn points_are_read_out_of_a_report() {
        let score = |share: f64| json!({ "score": share });
        let report = json!({ "categories": {
            "performance": score(0.994), "accessibility": score(1.0), "best-practices": score(0.96), "seo": score(0.5),
        } });
        assert_eq!(scores(&report).expect("all are there"), [99, 100, 96, 50]);
        assert!(scores(&json!({ "categories": {} })).is_err());
    }
}

//! `wenzheng export --labels`: messages with what people decided about them.

use crate::database::Connection;
use anyhow::{Context, Result};
use case::decision::{self, Decision};
use serde_json::Value as Json;
use std::io::Write;
use store::export::cell;
use store::{cases, labels};
use text::personal::{self, Setting};

/// Cases read at a time.
const PAGE: u32 = 500;
/// What `cargo xtask train --labels` reads.
const COLUMNS: [&str; 7] = [
    "number", "stage", "subject", "body", "label", "machine", "by",
];
/// The citizen's message stands beside the first event.
const ORIGINAL: u32 = 1;

/// Writes a row for every decision that holds. A case whose original was erased
/// has nothing to learn from and is left out.
pub(super) async fn write(connection: &mut Connection, output: impl Write) -> Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(COLUMNS)?;
    let mut after = String::new();
    loop {
        let page = labels::page(connection, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(last);
        for number in &page {
            let history = cases::history(connection, number).await?;
            let decisions = decision::decisions(&history);
            if decisions.is_empty() {
                continue;
            }
            if let Some(original) = cases::document(connection, number, ORIGINAL).await? {
                for decision in decisions {
                    writer.write_record(row(number, &original, decision))?;
                }
            }
        }
    }
    writer.flush().context("the output cannot be written")
}

fn row(number: &str, original: &Json, decision: Decision<'_>) -> [String; 7] {
    let text = |name: &str| cut(original[name].as_str().unwrap_or_default());
    [
        number.to_owned(),
        decision.question.stage().to_owned(),
        text("subject"),
        text("body"),
        decision.label.to_owned(),
        decision.machine.unwrap_or_default().to_owned(),
        decision.by.name().to_owned(),
    ]
}

/// `message` without the personal data that a machine finds in it.
fn cut(message: &str) -> String {
    let found = personal::find(message, Setting::Citizen, &[]);
    let redacted = personal::redact(message, found, text::language(message));
    cell(&redacted.text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use case::decision::{By, Question};

    #[test]
    fn a_row_has_no_telephone_and_no_formula() {
        let original =
            serde_json::json!({ "subject": "=1+1", "body": "路灯不亮，请联系13812345678" });
        let decision = Decision {
            question: Question::Department,
            label: "law-enforcement",
            machine: None,
            by: By::Person,
        };
        let row = row("YZ1", &original, decision);
        assert_eq!(row[1..3], ["route".to_owned(), "'=1+1".to_owned()]);
        assert_eq!(row[3], "路灯不亮，请联系[电话]");
        assert_eq!(row[4..], ["law-enforcement", "", "person"]);
    }
}

//! `wenzheng export`: open data, out of the public copies and nothing else; or
//! what people decided, for learning from use.

mod labels;

use crate::account::connect;
use crate::place::Place;
use crate::rules;
use anyhow::{Context, Result};
use case::time::{Offset, Timestamp};
use serde_json::{Map, Value as Json};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use store::export::{self, Publication};

/// Copies read at a time.
const PAGE: u32 = 500;

/// The columns of CSV; the last ones are taken from the public copy.
const COLUMNS: [&str; 6] = [
    "number",
    "published_at",
    "kind",
    "category",
    "department",
    "division",
];
const COPY_COLUMNS: [&str; 3] = ["subject", "body", "answer"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Instead of the public copies, a CSV file of the categories and departments that people chose, for `cargo xtask
    /// train --labels`. It holds messages that are not public, with the personal data cut that a machine finds: keep it
    /// like the cases.
    #[arg(long, conflicts_with = "format")]
    labels: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// One JSON object a line.
    Jsonl,
    /// A table for spreadsheets; cells that a spreadsheet would take for a formula begin with an apostrophe.
    Csv,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut connection = connect(&arguments.place).await?;
    if arguments.labels {
        labels::write(&mut connection, io::stdout().lock()).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let offset = rules::offset(&mut connection).await?;
    let mut output = Output::new(arguments.format)?;
    let mut after = 0;
    loop {
        let page = export::page(&mut connection, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for publication in &page {
            output.write(object(publication, offset))?;
        }
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

enum Output {
    Jsonl(BufWriter<io::Stdout>),
    Csv(Box<csv::Writer<io::Stdout>>),
}

impl Output {
    fn new(format: Format) -> Result<Output> {
        Ok(match format {
            Format::Jsonl => Output::Jsonl(BufWriter::new(io::stdout())),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(io::stdout());
                writer.write_record(COLUMNS.iter().chain(&COPY_COLUMNS))?;
                Output::Csv(Box::new(writer))
            }
        })
    }

    fn write(&mut self, object: Map<String, Json>) -> Result<()> {
        match self {
            Output::Jsonl(writer) => {
                writeln!(writer, "{}", Json::Object(object)).context("the output cannot be written")
            }
            Output::Csv(writer) => {
                let cell = |name: &str| match object.get(name) {
                    Some(Json::String(text)) => export::cell(text).into_owned(),
                    None | Some(Json::Null) => String::new(),
                    Some(other) => export::cell(&other.to_string()).into_owned(),
                };
                let record = COLUMNS.iter().chain(&COPY_COLUMNS).map(|name| cell(name));
                writer
                    .write_record(record)
                    .context("the output cannot be written")
            }
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Output::Jsonl(mut writer) => writer.flush(),
            Output::Csv(mut writer) => writer.flush(),
        }
        .context("the output cannot be written")
    }
}

/// The public copy with the columns of its row around it.
fn object(publication: &Publication, offset: Offset) -> Map<String, Json> {
    let mut object = Map::new();
    let mut set = |name: &str, value: Json| object.insert(name.to_owned(), value);
    set("number", publication.number.as_str().into());
    set(
        "published_at",
        Timestamp(publication.published_at)
            .local(offset)
            .to_string()
            .into(),
    );
    set("kind", publication.kind.as_str().into());
    set("category", publication.category.as_deref().into());
    set("department", publication.department.as_str().into());
    set("division", publication.division.as_deref().into());
    if let Json::Object(copy) = &publication.data {
        for (name, value) in copy {
            object
                .entry(name.clone())
                .or_insert_with(|| match value.as_i64() {
                    Some(at) if name.ends_with("_at") => {
                        Timestamp(at).local(offset).to_string().into()
                    }
                    _ => value.clone(),
                });
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_goes_before_the_copy() {
        let publication = Publication {
            id: 1,
            number: "YZ1".to_owned(),
            published_at: 0,
            category: None,
            department: "water".to_owned(),
            division: None,
            kind: "help".to_owned(),
            data: serde_json::json!({ "number": "other", "subject": "漏水", "received_at": 1000 }),
        };
        let object = object(&publication, Offset::from_minutes(480).expect("an offset"));
        assert_eq!(object["number"], "YZ1");
        assert_eq!(object["published_at"], "1970-01-01T08:00:00+08:00");
        assert_eq!(object["subject"], "漏水");
        assert_eq!(object["received_at"], "1970-01-01T08:00:01+08:00");
        assert_eq!(object["category"], Json::Null);
    }
}

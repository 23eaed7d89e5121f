//! Counts how many citizens' messages hold each pair of Han characters and
//! prints those that are common, in ten-thousandths of the messages: the file
//! `common.txt` of this package.
//!
//! `cargo run -p answer-handler --example common_pairs -- messages.csv answers.csv hot.csv > common.txt`
//!
//! Of every file the columns subject, body and question are read, as far as
//! it has them.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

/// Pairs in fewer messages than this, in ten-thousandths, are not common.
const LEAST: f64 = 50.0;

fn main() -> Result<(), Box<dyn Error>> {
    let mut holders: BTreeMap<String, u32> = BTreeMap::new();
    let mut messages = 0_u32;
    for file in std::env::args().skip(1) {
        let mut reader = csv::Reader::from_path(&file)?;
        let columns: Vec<usize> = reader
            .headers()?
            .iter()
            .enumerate()
            .filter(|(_, name)| ["subject", "body", "question"].contains(name))
            .map(|(at, _)| at)
            .collect();
        for row in reader.records() {
            let row = row?;
            let terms: BTreeSet<String> = columns
                .iter()
                .filter_map(|at| row.get(*at))
                .flat_map(text::search_terms)
                .filter(|term| term.chars().count() == 2 && term.chars().all(|c| c >= '\u{3400}'))
                .collect();
            for term in terms {
                *holders.entry(term).or_default() += 1;
            }
            messages += 1;
        }
    }
    println!(
        "# Pairs of characters and how many of 10,000 messages hold them; made by examples/common_pairs.rs."
    );
    for (pair, count) in holders {
        let share = f64::from(count) * 10_000.0 / f64::from(messages);
        if share >= LEAST {
            println!("{pair} {share:.0}");
        }
    }
    Ok(())
}

//! Makes the tables of signs, outcomes and places out of the district's
//! `policy.toml`, `signs.toml` and `district.toml`, so that the handler's digest names everything that it decides by;
//! and checks the model that is compiled in.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use model::alarm::{Alarm, SIGNAL};
use toml::{Table, Value};

#[path = "build/signs.rs"]
mod signs;

/// The trained model, from the folder of this package.
const MODEL: &str = "../../../models/urgency.bin";

fn main() {
    let district = env::var("WENZHENG_DISTRICT").unwrap_or("../../../districts/yinzhou".into());
    println!("cargo:rerun-if-env-changed=WENZHENG_DISTRICT");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    if let Err(error) = generate(&PathBuf::from(district)) {
        println!("cargo::error={error}");
    }
}

fn generate(district: &Path) -> Result<(), String> {
    let read = |name: &str| -> Result<Table, String> {
        let file = district.join(name);
        println!("cargo:rerun-if-changed={}", file.display());
        let source =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        source
            .parse()
            .map_err(|error| format!("{}: {error}", file.display()))
    };
    let mut out = tables(&read("policy.toml")?, &read("signs.toml")?)?;
    places(&mut out, &read("district.toml")?)?;
    println!("cargo:rerun-if-changed={MODEL}");
    let bytes = fs::read(MODEL).map_err(|error| format!("{MODEL}: {error}"))?;
    Alarm::new(&bytes).map_err(|error| format!("{MODEL}: {error}"))?;
    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(PathBuf::from(folder).join("tables.rs"), out).map_err(|error| error.to_string())
}

/// The names of the district and of what is in it.
fn places(out: &mut String, district: &Table) -> Result<(), String> {
    let name = district
        .get("name")
        .and_then(Value::as_str)
        .ok_or("the district has no name")?;
    let own = name.rsplit_once('市').map_or(name, |(_, own)| own);
    let mut names = vec![name, own];
    // "鄞州" for "鄞州区", but not one character alone.
    names.extend(
        own.char_indices()
            .next_back()
            .map(|(last, _)| &own[..last])
            .filter(|stem| stem.len() > 3),
    );
    for division in list(district, "division")? {
        names.push(text(division, "name")?);
        names.extend(words(division, "aliases")?);
    }
    let names = names
        .into_iter()
        .map(|name| (text::fold_phrase(name), "()".to_owned()))
        .collect();
    table(out, "PLACES", "()", names)
}

fn tables(policy: &Table, cues: &Table) -> Result<String, String> {
    let mut out = String::new();

    let signals = list(policy, "signal")?;
    out.push_str("pub(crate) static SIGNALS: &[(&str, Urgency)] = &[\n");
    for signal in signals {
        let urgency = match text(signal, "urgency")? {
            "emergency" => "Emergency",
            "urgent" => "Urgent",
            other => return Err(format!("unknown urgency {other:?}")),
        };
        writeln!(out, "({:?}, Urgency::{urgency}),", text(signal, "id")?)
            .map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");

    let mut phrases = Vec::new();
    for (index, signal) in signals.iter().enumerate() {
        for (key, value) in [("phrases", "Means"), ("unless", "Unless")] {
            for phrase in words(signal, key)? {
                phrases.push((text::fold_phrase(phrase), format!("Sign::{value}({index})")));
            }
        }
    }
    let ids = signals
        .iter()
        .map(|signal| text(signal, "id"))
        .collect::<Result<Vec<_>, _>>()?;
    let heard = ids.iter().position(|id| *id == SIGNAL);
    writeln!(out, "pub(crate) const HEARD: Option<usize> = {heard:?};")
        .map_err(|error| error.to_string())?;
    signs::tables(&mut out, cues, &ids, &mut phrases)
        .map_err(|error| format!("signs.toml: {error}"))?;
    table(&mut out, "SIGNAL_PHRASES", "Sign", phrases)?;

    let mut phrases = Vec::new();
    for outcome in list(policy, "outcome")? {
        let reason = match text(outcome, "id")? {
            "emergency-line" => "EmergencyLine",
            "legal-route" => "LegalRoute",
            "no-new-facts" => "NoNewFacts",
            "secret-or-privacy" => "SecretOrPrivacy",
            "out-of-scope" => "OutOfScope",
            "unlawful" => "Unlawful",
            other => return Err(format!("unknown outcome {other:?}")),
        };
        for phrase in words(outcome, "phrases")? {
            phrases.push((
                text::fold_phrase(phrase),
                format!("NoDispatchReason::{reason}"),
            ));
        }
    }
    table(&mut out, "OUTCOME_PHRASES", "NoDispatchReason", phrases)?;
    Ok(out)
}

/// Writes a table as [`text::Phrases`] wants it.
fn table(
    out: &mut String,
    name: &str,
    value: &str,
    mut phrases: Vec<(String, String)>,
) -> Result<(), String> {
    phrases.sort();
    phrases.dedup();
    writeln!(out, "pub(crate) static {name}: &[(&str, {value})] = &[")
        .map_err(|e| e.to_string())?;
    for (phrase, value) in phrases.iter().filter(|(phrase, _)| !phrase.is_empty()) {
        writeln!(out, "({phrase:?}, {value}),").map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");
    Ok(())
}

fn list<'a>(table: &'a Table, key: &str) -> Result<&'a Vec<Value>, String> {
    table
        .get(key)
        .and_then(Value::as_array)
        .ok_or(format!("no [[{key}]]"))
}

fn text<'a>(entry: &'a Value, key: &str) -> Result<&'a str, String> {
    entry
        .get(key)
        .and_then(Value::as_str)
        .ok_or(format!("an entry without {key}"))
}

fn words<'a>(entry: &'a Value, key: &str) -> Result<Vec<&'a str>, String> {
    match entry.get(key) {
        None => Ok(Vec::new()),
        Some(value) => value
            .as_array()
            .and_then(|words| words.iter().map(Value::as_str).collect())
            .ok_or(format!("{key} is not a list of texts")),
    }
}

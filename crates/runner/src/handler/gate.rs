//! The gate: what a department's handler must be before anything is published.

use super::sample::{self, Sample};
use super::trial::{self, Difference, Trial};
use host::Engine;
use host::department::contract::Description;
use host::department::{Cost, DepartmentHandler, DepartmentLimits};
use manifest::{Import, component_bytes, handler_report};
use std::path::Path;

pub(crate) use publishing::MAX_SIZE;

/// What the component exports.
const EXPORT: &str = "wenzheng:handlers/department@1.0.0";
/// The only thing that it may import.
const TYPES: &str = "wenzheng:handlers/types@1.0.0";
/// Longest name of a handler and of a section, in characters.
const MAX_NAME: usize = 64;

/// What the gate looked at, one line each, as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) checks: Vec<Check>,
    /// Set when everything was all right.
    pub(crate) passed: Option<Passed>,
}

/// One thing that was looked at.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) what: &'static str,
    /// What was found; what is wrong, and what to do about it.
    pub(crate) result: Result<String, String>,
}

/// A handler that may be published.
#[derive(Debug)]
pub(crate) struct Passed {
    /// The component: what is archived and run.
    pub(crate) component: Vec<u8>,
    pub(crate) sha256: seal::Hash,
    pub(crate) description: Description,
}

/// A sample case with what came of it.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) trial: Trial,
    pub(crate) cost: Cost,
    pub(crate) differences: Vec<Difference>,
}

/// Tries `wasm` with `samples`, of which the platform has none when something is handed in; compiled code is kept in
/// `cache`. It goes on behind everything else that runs here, for that may be the platform.
///
/// # Errors
/// When there is no thread for it.
pub(crate) fn judge(
    wasm: &[u8],
    samples: &[Sample],
    cache: &Path,
) -> Result<Verdict, std::io::Error> {
    host::behind_all(|| {
        let mut verdict = Verdict::default();
        // Every step needs the one before it: the first refusal ends the look.
        let _ = steps(wasm, samples, cache, &mut verdict);
        verdict
    })
}

/// The refusal is in the verdict.
struct Refused;

impl Verdict {
    fn note(&mut self, what: &'static str, result: Result<String, String>) -> Result<(), Refused> {
        let refused = result.is_err();
        self.checks.push(Check { what, result });
        if refused { Err(Refused) } else { Ok(()) }
    }
}

fn steps(
    wasm: &[u8],
    samples: &[Sample],
    cache: &Path,
    verdict: &mut Verdict,
) -> Result<(), Refused> {
    verdict.note("size", size(wasm.len()))?;
    let (component, sha256, imports, exports) = match read(wasm) {
        Ok(read) => read,
        Err(error) => return verdict.note("component", Err(error)),
    };
    verdict.note("component", Ok(format!("valid, sha256 {sha256}")))?;
    verdict.note("imports", imported(&imports))?;
    verdict.note("exports", exported(&exports))?;
    let handler = match ready(&component, cache) {
        Ok(handler) => handler,
        Err(error) => return verdict.note("contract", Err(error)),
    };
    verdict.note("contract", Ok("fits the world department-handler".into()))?;
    let description = match described(&handler) {
        Ok(description) => description,
        Err(error) => return verdict.note("description", Err(error)),
    };
    let about = &description.about;
    verdict.note(
        "description",
        Ok(format!(
            "{} {} of {}",
            about.name, about.version, description.department
        )),
    )?;
    let tried = tries(&handler, samples, &description.department);
    if !samples.is_empty() {
        verdict.note("sample cases", as_expected(samples, &tried))?;
    }
    let odd = sample::odd();
    let odd_tried = tries(&handler, &odd, &description.department);
    verdict.note("odd texts", unbroken(&odd, &odd_tried))?;
    let (asked, first) = match samples {
        [] => (&odd[..], &odd_tried),
        samples => (samples, &tried),
    };
    let again = tries(&handler, asked, &description.department);
    verdict.note("twice alike", alike(asked, first, &again))?;
    let cost = tried
        .iter()
        .chain(&odd_tried)
        .chain(&again)
        .fold(Cost::default(), |most, tried| most.most(tried.cost));
    verdict.note("cost", Ok(dearest(cost)))?;
    verdict.passed = Some(Passed {
        sha256: seal::digest(&[&component]),
        component,
        description,
    });
    Ok(())
}

/// A handler that can be called, on an engine of its own. It is compiled behind everything else that runs here, for
/// that may be the platform.
pub(crate) fn ready(component: &[u8], cache: &Path) -> Result<DepartmentHandler, String> {
    let limits = DepartmentLimits::default();
    let engine = Engine::for_departments(limits.memory).map_err(|error| error.to_string())?;
    DepartmentHandler::new_behind(&engine, component, cache, limits).map_err(|error| {
        format!("{error}\n  Build it against the wit/ of this platform's version.")
    })
}

/// Puts every sample to the handler.
pub(crate) fn tries(
    handler: &DepartmentHandler,
    samples: &[Sample],
    department: &str,
) -> Vec<Tried> {
    samples
        .iter()
        .map(|sample| {
            let (trial, cost) = trial::put(handler, sample, department);
            let differences = trial.differences(sample);
            Tried {
                trial,
                cost,
                differences,
            }
        })
        .collect()
}

/// Whether a component of `size` bytes is taken, and what to say of it.
pub(crate) fn size(size: usize) -> Result<String, String> {
    if size > MAX_SIZE {
        return Err(format!(
            "{} MiB, and at most {} MiB are taken\n  Build it optimised and without symbols; move large tables into fewer, shorter entries.",
            size >> 20,
            MAX_SIZE >> 20
        ));
    }
    Ok(format!(
        "{} KiB of at most {} MiB",
        size.div_ceil(1024),
        MAX_SIZE >> 20
    ))
}

type Read = (Vec<u8>, String, Vec<Import>, Vec<String>);

fn read(wasm: &[u8]) -> Result<Read, String> {
    let component = component_bytes(wasm)
        .map_err(|error| {
            let advice = if error.to_string().contains("wasi_snapshot_preview1") {
                "\n  It is made for WASI; in Rust, build for wasm32-unknown-unknown, as `wenzheng handler build` does."
            } else {
                "\n  `wenzheng handler build` makes a component out of a department's folder."
            };
            format!("{error}{advice}")
        })?
        .into_owned();
    let report = handler_report(&component).map_err(|error| error.to_string())?;
    Ok((component, report.sha256, report.imports, report.exports))
}

/// All that it imports and may not, each with what it is for.
fn imported(imports: &[Import]) -> Result<String, String> {
    let refused: Vec<&Import> = imports
        .iter()
        .filter(|import| !(import.types_only && import.name == TYPES))
        .collect();
    if refused.is_empty() {
        return Ok("nothing but types".into());
    }
    let mut text = format!(
        "it imports {} that no handler may import:",
        things(refused.len())
    );
    for import in &refused {
        text.push_str(&format!("\n    {}: {}", import.name, purpose(&import.name)));
    }
    text.push_str(
        "\n  A handler has the inquiry and its own tables, nothing else, so that the same inquiry always gives the same answer.\
         \n  Rust: build for wasm32-unknown-unknown (`wenzheng handler build`), and leave out crates that read clocks, files or random numbers.\
         \n  Python: componentize-py with --stub-wasi.  JavaScript: componentize-js with all features disabled.",
    );
    Err(text)
}

fn things(count: usize) -> String {
    match count {
        1 => "one thing".to_owned(),
        count => format!("{count} things"),
    }
}

/// What an import is for, in the words of who meant to use it.
fn purpose(import: &str) -> &'static str {
    const KNOWN: &[(&str, &str)] = &[
        ("wasi:clocks/", "reads the time"),
        ("wasi:random/", "random numbers"),
        ("wasi:filesystem/", "files"),
        ("wasi:sockets/", "network connections"),
        ("wasi:http/", "HTTP requests"),
        (
            "wasi:cli/environment",
            "environment variables and arguments",
        ),
        ("wasi:cli/", "the terminal and the end of the process"),
        ("wasi:io/", "streams"),
        ("wasi:config/", "settings"),
        ("wasi:keyvalue/", "a key-value store"),
        ("spin:", "a service of Spin"),
        ("fermyon:", "a service of Spin"),
        (
            "wenzheng:handlers/",
            "another part of this contract, or another version of it",
        ),
    ];
    KNOWN
        .iter()
        .find(|(prefix, _)| import.starts_with(prefix))
        .map_or("something of the host", |(_, purpose)| purpose)
}

fn exported(exports: &[String]) -> Result<String, String> {
    if exports.iter().any(|export| export == EXPORT) {
        return Ok(EXPORT.to_owned());
    }
    let has = if exports.is_empty() {
        "nothing".to_owned()
    } else {
        exports.join(", ")
    };
    Err(format!(
        "it exports {has}, and not {EXPORT}\n  In Rust: implement `Department` and name your type in `wenzheng_handler::export!`, in a crate whose crate-type is cdylib."
    ))
}

fn described(handler: &DepartmentHandler) -> Result<Description, String> {
    let (description, _) = handler.describe();
    let description = description.map_err(|error| format!("`describe`: {error}"))?;
    let about = &description.about;
    if !is_identifier(&about.name) {
        return Err(format!(
            "its name “{}” is not kebab-case of at most {MAX_NAME} characters, such as `parks-trees`",
            about.name
        ));
    }
    if let Err(error) = semver::Version::parse(&about.version) {
        return Err(format!(
            "its version “{}” is not a semantic version: {error}",
            about.version
        ));
    }
    if !is_identifier(&description.department) {
        return Err(format!(
            "“{}” is no identifier of a department",
            description.department
        ));
    }
    Ok(description)
}

/// Lower-case letters, digits and single hyphens, as identifiers of the district are.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit())
        })
}

fn as_expected(samples: &[Sample], tried: &[Tried]) -> Result<String, String> {
    unbroken(samples, tried)?;
    let mut text = String::new();
    for (sample, tried) in samples.iter().zip(tried) {
        if !tried.differences.is_empty() {
            text.push_str(&format!("\n  “{}”\n", sample.name));
            for difference in &tried.differences {
                text.push_str(&difference.to_string());
            }
        }
    }
    if text.is_empty() {
        return Ok(format!("all {} as expected", samples.len()));
    }
    let wrong = tried
        .iter()
        .filter(|tried| !tried.differences.is_empty())
        .count();
    Err(format!(
        "{wrong} of {} not as expected{}",
        samples.len(),
        text.trim_end()
    ))
}

fn unbroken(samples: &[Sample], tried: &[Tried]) -> Result<String, String> {
    let broken: String = samples
        .iter()
        .zip(tried)
        .flat_map(|(sample, tried)| {
            tried
                .trial
                .breakdowns()
                .into_iter()
                .map(|(part, error)| format!("\n  “{}”, {part}: {error}", sample.name))
        })
        .collect();
    if broken.is_empty() {
        Ok(format!("{} of them, nothing broke", samples.len()))
    } else {
        Err(format!("it breaks down{broken}"))
    }
}

fn alike(samples: &[Sample], first: &[Tried], second: &[Tried]) -> Result<String, String> {
    let other = samples
        .iter()
        .zip(first.iter().zip(second))
        .find(|(_, (first, second))| first.trial != second.trial);
    match other {
        None => Ok("the same answers in both runs".into()),
        Some((sample, _)) => Err(format!(
            "“{}” has another answer when it is asked again\n  An answer may depend on nothing but the inquiry.",
            sample.name
        )),
    }
}

fn dearest(cost: Cost) -> String {
    let limits = DepartmentLimits::default();
    format!(
        "dearest call {:.1} ms of {} ms, {:.1} MiB of {} MiB",
        cost.time.as_secs_f64() * 1_000.0,
        limits.time.as_millis(),
        cost.memory as f64 / f64::from(1 << 20),
        limits.memory >> 20
    )
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for check in &self.checks {
            match &check.result {
                Ok(found) => writeln!(f, "✓ {:<13} {found}", check.what)?,
                Err(wrong) => writeln!(f, "✗ {:<13} {wrong}", check.what)?,
            }
        }
        Ok(())
    }
}

//! The secrets that the manifest requires, made once and kept in `.env`, where Spin reads them too.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The file in the working directory.
const FILE: &str = ".env";

const SECRET_KEY: &str = "SPIN_VARIABLE_SECRET_KEY";
const RELAY_KEY: &str = "SPIN_VARIABLE_RELAY_KEY";

/// Makes the secrets that neither the environment, nor `given` (`name=value`), nor `.env` has.
///
/// `sealed` says whether the database holds sealed contacts already: a new key could not open them, so then none is
/// made.
pub(crate) fn ensure(given: &[String], sealed: bool) -> Result<()> {
    let file = Path::new(FILE);
    let kept = names(file)?;
    let missing = |name: &str| {
        let argument = format!(
            "{}=",
            name.trim_start_matches("SPIN_VARIABLE_")
                .to_ascii_lowercase()
        );
        std::env::var_os(name).is_none()
            && !kept.iter().any(|own| own == name)
            && !given.iter().any(|given| given.starts_with(&argument))
    };
    let mut lines = String::new();
    if missing(SECRET_KEY) {
        if sealed {
            bail!(
                "{SECRET_KEY} is not set, and the database holds contacts that were sealed with it: put the key back into {FILE} or the environment"
            );
        }
        lines += &format!("{SECRET_KEY}={}\n", STANDARD.encode(seal::random::<32>()?));
    }
    if missing(RELAY_KEY) {
        lines += &format!("{RELAY_KEY}={}\n", seal::token()?);
    }
    if lines.is_empty() {
        return Ok(());
    }
    append(file, &lines)
        .with_context(|| format!("{FILE} cannot be written: give yourself the right to write here, or set {SECRET_KEY} and {RELAY_KEY}"))?;
    eprintln!(
        "Made secret keys in {FILE}. Keep a copy of it in a safe place: without it no contact can be read."
    );
    Ok(())
}

fn names(file: &Path) -> Result<Vec<String>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let lines = dotenvy::from_path_iter(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    // The text of an error may hold a secret.
    lines
        .map(|line| {
            line.map(|(name, _)| name).map_err(|_| {
                anyhow::anyhow!("{} cannot be read as a list of NAME=value", file.display())
            })
        })
        .collect()
}

fn append(file: &Path, lines: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let needs_break = fs::read(file).is_ok_and(|old| old.last().is_some_and(|last| *last != b'\n'));
    let mut open = options.open(file)?;
    if needs_break {
        open.write_all(b"\n")?;
    }
    open.write_all(lines.as_bytes())?;
    open.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(".env");
        assert_eq!(
            names(&file).expect("no file is no name"),
            Vec::<String>::new()
        );
        append(&file, "A=1\n").expect("made");
        fs::write(&file, "A=1").expect("without a line break at the end");
        append(&file, "B=2\n").expect("appended");
        assert_eq!(names(&file).expect("a list"), ["A", "B"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(".env");
        append(&file, "A=1\n").expect("made");
        assert_eq!(
            fs::metadata(&file).expect("metadata").permissions().mode() & 0o777,
            0o600
        );
    }
}

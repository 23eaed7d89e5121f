//! The root of the repository, other programs, and what they need.

use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the components and the handlers are compiled for.
pub(crate) const TARGETS: [&str; 2] = [FUNCTION_TARGET, HANDLER_TARGET];
pub(crate) const FUNCTION_TARGET: &str = "wasm32-wasip2";
pub(crate) const HANDLER_TARGET: &str = "wasm32-unknown-unknown";

/// The folder with `spin.toml`, here or above.
pub(crate) fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    here.ancestors()
        .find(|folder| folder.join("spin.toml").is_file() && folder.join("crates/xtask").is_dir())
        .map(Path::to_owned)
        .context("there is no spin.toml here or above: run cargo xtask inside the repository")
}

/// A heading in the output, so that a long run shows where it is.
pub(crate) fn heading(text: &str) {
    eprintln!("\n== {text}");
}

/// What `cargo run` tells a program about its own package. To another cargo it would be a changed environment, for
/// which build scripts (ring's, and all that stands on it) run again, and once more at the next `cargo xtask`.
const OWN_PACKAGE: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// `cargo` with the repository as its folder and `target/` as its target folder, which spin.toml counts on.
pub(crate) fn cargo<S: AsRef<OsStr>>(
    root: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(arguments)
        .env("CARGO_TARGET_DIR", root.join("target"));
    for (name, _) in std::env::vars_os() {
        let own = name
            .to_str()
            .is_some_and(|name| OWN_PACKAGE.iter().any(|prefix| name.starts_with(prefix)));
        if own {
            command.env_remove(name);
        }
    }
    command
}

/// Runs `command` to its end with its output shown; `what` says what failed when it does.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| {
        format!(
            "{what}: the program {} cannot be started",
            command.get_program().to_string_lossy()
        )
    })?;
    ensure!(status.success(), "{what} failed ({status})");
    Ok(())
}

/// Runs `command` and returns what it printed.
pub(crate) fn output(command: &mut Command, what: &str) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| {
        format!(
            "{what}: the program {} cannot be started",
            command.get_program().to_string_lossy()
        )
    })?;
    ensure!(output.status.success(), "{what} failed ({})", output.status);
    String::from_utf8(output.stdout).with_context(|| format!("{what}: the output is not text"))
}

/// The program `name`, if the machine has it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Installs Debian packages, as the superuser or with sudo.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = match find("sudo") {
            Some(sudo) if !is_root() => {
                let mut command = Command::new(sudo);
                command.arg("apt-get");
                command
            }
            _ => Command::new("apt-get"),
        };
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command, "apt-get")
    };
    apt(&["update", "--quiet"])?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    apt(&[&install, packages].concat())
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A Python environment in `folder` with the packages that pip is told to install, made anew when they change.
pub(crate) fn python_environment(folder: &Path, packages: &str, arguments: &[&str]) -> Result<()> {
    let note = folder.join("packages");
    if std::fs::read_to_string(&note).is_ok_and(|installed| installed == packages) {
        return Ok(());
    }
    let Some(python) = find("python3") else {
        bail!("this needs Python 3: install python3 and python3-venv");
    };
    run(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(folder),
        "python3 -m venv (Debian: package python3-venv)",
    )?;
    run(
        Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(arguments),
        "pip install",
    )
    .context("Python packages could not be fetched: check the network")?;
    std::fs::write(&note, packages).with_context(|| format!("{} cannot be written", note.display()))
}

/// Makes sure that something can be built here at all.
pub(crate) fn preflight(root: &Path) -> Result<()> {
    writable(root)?;
    toolchain()?;
    targets()
}

fn writable(root: &Path) -> Result<()> {
    let target = root.join("target");
    let probe = target.join(".writable");
    let tried = std::fs::create_dir_all(&target).and_then(|()| std::fs::write(&probe, b""));
    if let Err(error) = tried {
        bail!(
            "the folder {} cannot be written ({error}): copy the repository to a folder of yours, or give yourself the right to write here",
            target.display()
        );
    }
    let _ = std::fs::remove_file(probe);
    Ok(())
}

fn toolchain() -> Result<()> {
    let wanted = version(env!("CARGO_PKG_RUST_VERSION"))
        .context("rust-version in Cargo.toml is not a version")?;
    let text = output(rustc().arg("--version"), "rustc --version")?;
    let found = text.split_whitespace().nth(1).and_then(version);
    match found {
        Some(found) if found >= wanted => Ok(()),
        _ => bail!(
            "this needs Rust {} or later, and here is {}: run `rustup update stable`",
            env!("CARGO_PKG_RUST_VERSION"),
            text.trim()
        ),
    }
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Adds the rustup targets that are missing.
fn targets() -> Result<()> {
    let mut missing = Vec::new();
    for target in TARGETS {
        let folder = output(
            rustc().args(["--print", "target-libdir", "--target", target]),
            "rustc --print target-libdir",
        )?;
        let has_std = std::fs::read_dir(folder.trim()).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        });
        if !has_std {
            missing.push(target);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    heading(&format!("Adding the Rust targets {list}"));
    if find("rustup").is_none() {
        bail!(
            "the Rust targets {list} are missing and there is no rustup to add them: install them with the system's Rust packages, or Rust with rustup"
        );
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add"]).args(&missing);
    // Outside the repository's own toolchain nothing is built, so the targets must be those of the one in use.
    if let Ok(toolchain) = std::env::var("RUSTUP_TOOLCHAIN") {
        command.args(["--toolchain", &toolchain]);
    }
    run(&mut command, "rustup target add").with_context(|| {
        format!("the Rust targets {list} could not be fetched: check the network (or the proxy), then run `rustup target add {list}`")
    })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_compare() {
        assert!(version("1.95.0") >= version("1.95"));
        assert!(version("1.100.0-nightly") > version("1.95"));
        assert!(version("1.94.1") < version("1.95"));
        assert_eq!(version("rustc"), None);
    }
}

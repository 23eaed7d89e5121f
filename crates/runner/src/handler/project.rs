//! A department's folder: where its parts are, and how its component is built.

use super::gate;
use super::new::Language;
use anyhow::{Context, Result, anyhow, bail, ensure};
use manifest::component_bytes;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a handler in Rust is compiled for: a target that has nothing of an operating system.
const TARGET: &str = "wasm32-unknown-unknown";
/// The module of a handler in Python.
const PYTHON: &str = "handler.py";
/// The module of a handler in JavaScript.
const JAVASCRIPT: &str = "handler.js";
/// What a handler is, in the contract.
const WORLD: &str = "department-handler";
/// The contract that a handler is made for, which this program was built with.
const CONTRACT: [(&str, &str); 2] = [
    (
        "department.wit",
        include_str!("../../../../wit/department.wit"),
    ),
    ("types.wit", include_str!("../../../../wit/types.wit")),
];

/// The folder of one department's handler.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Project {
    /// The department's folder.
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

impl Project {
    /// Where the built component is.
    pub(crate) fn component(&self) -> PathBuf {
        self.folder.join("target/handler.wasm")
    }

    /// Reads the built component; one that the gate would refuse for its size is not read.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        let file = self.component();
        let unreadable = || {
            format!(
                "{} cannot be read; run `wenzheng handler build {}` first",
                file.display(),
                self.folder.display()
            )
        };
        let length = fs::metadata(&file).with_context(unreadable)?.len();
        gate::size(usize::try_from(length).unwrap_or(usize::MAX))
            .map_err(|error| anyhow!("{}: {error}", file.display()))?;
        fs::read(&file).with_context(unreadable)
    }

    /// Builds the component, and beside it the digest that a Spin application of it names; returns its size.
    pub(crate) fn build(&self) -> Result<usize> {
        let made = match language(&self.folder) {
            Some(Language::Rust) => self.cargo()?,
            Some(Language::Python) => self.componentize_py()?,
            Some(Language::JavaScript) => self.componentize_js()?,
            None => bail!(
                "{} has no Cargo.toml, {PYTHON} or {JAVASCRIPT}; a component made in another language goes to {} as it is",
                self.folder.display(),
                self.component().display()
            ),
        };
        let core = fs::read(&made).with_context(|| format!("{} cannot be read", made.display()))?;
        let component = component_bytes(&core)
            .with_context(|| format!("no component can be made of {}", made.display()))?;
        let note = self.folder.join("target/handler/handler.json");
        let sha256 = seal::hex(&seal::digest(&[&component]));
        write(&note, format!("{{\"sha256\":\"{sha256}\"}}\n").as_bytes())?;
        write(&self.component(), &component)?;
        Ok(component.len())
    }

    /// Runs cargo and returns the module it made.
    fn cargo(&self) -> Result<PathBuf> {
        let output = Command::new("cargo")
            .current_dir(&self.folder)
            .args(["build", "--release", "--target", TARGET])
            .args(["--message-format", "json-render-diagnostics"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be started: install Rust from https://rustup.rs")?;
        if !output.status.success() {
            bail!("the build failed; if the target is missing, run: rustup target add {TARGET}");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        module(&messages).context(
            "the build made no module: the crate needs crate-type = [\"cdylib\"] under [lib] in Cargo.toml",
        )
    }

    /// Runs componentize-py and returns the component it made.
    fn componentize_py(&self) -> Result<PathBuf> {
        let folder =
            fs::canonicalize(&self.folder).with_context(|| self.folder.display().to_string())?;
        let (made, contract) = self.prepare(&folder)?;
        let tool = tool(&folder, ".venv/bin", "componentize-py", Language::Python)?;
        let module = PYTHON.trim_end_matches(".py");
        // Without WASI: what reads a clock, a file or a random number fails when it is called.
        let mut command = Command::new(tool);
        command
            .arg("--quiet")
            .arg("--wit-path")
            .arg(&contract)
            .args(["--world", WORLD, "componentize", "--stub-wasi"])
            .arg("--python-path")
            .arg(&folder)
            .arg(module)
            .arg("--output")
            .arg(&made);
        made_by(&mut command, "componentize-py", &folder)?;
        Ok(made)
    }

    /// Runs componentize-js and returns the component it made.
    fn componentize_js(&self) -> Result<PathBuf> {
        let folder =
            fs::canonicalize(&self.folder).with_context(|| self.folder.display().to_string())?;
        let (made, contract) = self.prepare(&folder)?;
        let tool = tool(
            &folder,
            "node_modules/.bin",
            "componentize-js",
            Language::JavaScript,
        )?;
        let mut command = Command::new(tool);
        command
            .arg(JAVASCRIPT)
            .arg("--wit")
            .arg(&contract)
            .args(["--world-name", WORLD, "--disable"])
            .args(["random", "stdio", "clocks", "http", "fetch-event"])
            .arg("--out")
            .arg(&made);
        made_by(&mut command, "componentize-js", &folder)?;
        Ok(made)
    }

    /// Where a tool puts what it makes, and the folder with the contract that it works from.
    fn prepare(&self, folder: &Path) -> Result<(PathBuf, PathBuf)> {
        let contract = folder.join("target/wit");
        for (name, text) in CONTRACT {
            write(&contract.join(name), text.as_bytes())?;
        }
        Ok((folder.join("target/made.wasm"), contract))
    }
}

/// Runs a language's tool in `folder`.
fn made_by(command: &mut Command, name: &str, folder: &Path) -> Result<()> {
    let status = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("{name} cannot be started"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// The program `name`: in the folder `own` of the department's, else on the way of the shell.
fn tool(folder: &Path, own: &str, name: &str, language: Language) -> Result<PathBuf> {
    let own = folder.join(own).join(name);
    if own.is_file() {
        return Ok(own);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    found.with_context(|| {
        let first = installation(language).unwrap_or_default();
        format!(
            "{name} is not installed; in {}, run: {first}",
            folder.display()
        )
    })
}

/// How the tool of a language is installed into a department's folder; none where there is nothing of the kind.
pub(super) fn installation(language: Language) -> Option<&'static str> {
    match language {
        Language::Rust => None,
        Language::Python => {
            Some("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt")
        }
        Language::JavaScript => Some("npm install"),
    }
}

/// What language the handler in `folder` is written in.
pub(super) fn language(folder: &Path) -> Option<Language> {
    [
        ("Cargo.toml", Language::Rust),
        (PYTHON, Language::Python),
        (JAVASCRIPT, Language::JavaScript),
    ]
    .into_iter()
    .find(|(file, _)| folder.join(file).is_file())
    .map(|(_, language)| language)
}

/// Writes a file in one step, with its folder.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    let unfinished = file.with_extension("new");
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&unfinished, content))
        .and_then(|()| fs::rename(&unfinished, file))
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// The last module of WebAssembly that cargo's messages name: the package's own comes last.
fn module(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .rfind(|name| {
            name.extension()
                .is_some_and(|extension| extension == "wasm")
        })
}

/// The folder of this repository, here or above `from`: it has the crate `wenzheng-handler`.
pub(super) fn find_repository(from: &Path) -> Option<PathBuf> {
    let from = fs::canonicalize(from).ok()?;
    from.ancestors()
        .find(|folder| {
            folder.join("crates/handler/Cargo.toml").is_file()
                && folder.join("wit/department.wit").is_file()
        })
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_own_module_is_found() {
        let messages = r#"{"reason":"compiler-artifact","filenames":["a/libx.rlib"]}
{"reason":"compiler-artifact","filenames":["a/parks.wasm","a/libparks.rlib"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(module(messages), Some(PathBuf::from("a/parks.wasm")));
        assert_eq!(module("not json"), None);
    }

    #[test]
    fn the_repository_is_found_above() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = find_repository(&here.join("src")).expect("a repository");
        assert!(found.join("crates/runner").is_dir());
    }

    #[test]
    fn what_is_too_large_is_refused_without_being_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = Project {
            folder: folder.path().to_owned(),
        };
        fs::create_dir(folder.path().join("target")).expect("made");
        let file = fs::File::create(project.component()).expect("made");
        // Nobody has as much memory.
        file.set_len(1 << 42).expect("a file with a hole");
        let error = project.read().expect_err("too large").to_string();
        assert!(error.contains("at most 32 MiB are taken"), "{error}");
    }

    #[test]
    fn a_missing_tool_is_named_with_what_installs_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = tool(
            folder.path(),
            ".venv/bin",
            "componentize-nothing",
            Language::Python,
        )
        .expect_err("there is none");
        let error = error.to_string();
        assert!(
            error.contains("componentize-nothing is not installed")
                && error.contains("pip install"),
            "{error}"
        );
    }
}

//! `wenzheng handler new`: a department's folder to begin with.

use super::gate::is_identifier;
use super::project;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A language that a handler can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// A component of some 100 KiB; a call takes microseconds.
    Rust,
    /// With componentize-py; a component of some 18 MiB.
    Python,
    /// With componentize-js; a component of some 12 MiB.
    #[value(name = "javascript", alias = "js")]
    JavaScript,
}

/// The files of a template of `templates/`, which `spin new` takes as well; `{{department}}` and `{{repository}}` are
/// filled in.
macro_rules! template {
    ($name:literal: $($file:literal),*) => {
        &[$((
            $file,
            include_str!(concat!("../../../../templates/", $name, "/content/", $file)),
        )),*]
    };
}

const RUST: Files = template!("department-rust":
    ".gitignore", "Cargo.toml", "README.md", "cases.toml", "spin.toml", "src/lib.rs");
const PYTHON: Files = template!("department-python":
    ".gitignore", "README.md", "cases.toml", "handler.py", "requirements.txt", "spin.toml");
const JAVASCRIPT: Files = template!("department-javascript":
    ".gitignore", "README.md", "cases.toml", "handler.js", "package.json", "spin.toml");

/// Names and texts.
type Files = &'static [(&'static str, &'static str)];

impl Language {
    fn files(self) -> Files {
        match self {
            Language::Rust => RUST,
            Language::Python => PYTHON,
            Language::JavaScript => JAVASCRIPT,
        }
    }
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder to make.
    folder: PathBuf,
    /// Identifier of the department, as the district's data has it; else the folder's name.
    #[arg(long)]
    department: Option<String>,
    /// The language to write it in.
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    language: Language,
    /// This repository's folder, for the crate wenzheng-handler and the shell on Spin; else it is looked for above the
    /// new folder and here.
    #[arg(long, value_name = "FOLDER")]
    repository: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let folder = &arguments.folder;
    let department = match &arguments.department {
        Some(department) => department.clone(),
        None => folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .context("the folder has no name; say --department")?,
    };
    ensure!(
        is_identifier(&department),
        "“{department}” is no identifier of a department: lower-case letters, digits and hyphens"
    );
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} has something in it already", folder.display());
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let repository = match &arguments.repository {
        Some(repository) => {
            fs::canonicalize(repository).with_context(|| repository.display().to_string())?
        }
        None => project::find_repository(folder)
            .or_else(|| project::find_repository(Path::new(".")))
            .context(
                "the repository of Wenzheng is not found: run this inside it, or say --repository",
            )?,
    };
    let repository = relative(&fs::canonicalize(folder)?, &repository);
    write(folder, arguments.language, &department, &repository)?;
    println!("Made {}. Next:", folder.display());
    if let Some(first) = project::installation(arguments.language) {
        println!("  cd {} && {first} && cd -", folder.display());
    }
    println!("  wenzheng handler build {}", folder.display());
    println!("  wenzheng handler test {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, language: Language, department: &str, repository: &Path) -> Result<()> {
    // Windows takes slashes too, and TOML takes no backslashes.
    let repository = repository.to_string_lossy().replace('\\', "/");
    for (name, template) in language.files() {
        let file = folder.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("{} cannot be made", parent.display()))?;
        }
        let text = template
            .replace("{{department}}", department)
            .replace("{{repository}}", &repository);
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// The way from the folder `from` to `to`, both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    // Nothing in common but the root: the absolute path is shorter and plainer.
    if common <= 1 {
        return to.to_owned();
    }
    let mut way: PathBuf = from.components().skip(common).map(|_| "..").collect();
    way.extend(to.components().skip(common));
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 3] = [Language::Rust, Language::Python, Language::JavaScript];

    #[test]
    fn every_template_is_filled_in_completely() {
        for language in LANGUAGES {
            let directory = tempfile::tempdir().expect("a directory");
            write(directory.path(), language, "parks", Path::new("../..")).expect("written");
            let read =
                |name: &str| fs::read_to_string(directory.path().join(name)).expect("a file");
            for (name, _) in language.files() {
                let text = read(name);
                assert!(!text.contains("{{"), "{name}: {text}");
            }
            assert_eq!(
                project::language(directory.path()),
                Some(language),
                "what is made is known again"
            );
            let spin = read("spin.toml");
            assert!(
                spin.contains(r#""../../target/wasm32-wasip2/component/department.wasm""#),
                "{spin}"
            );
            let cases = super::super::sample::parse(&read("cases.toml"));
            assert!(cases.is_ok(), "{cases:?}");
        }
        let cargo = RUST
            .iter()
            .find(|(name, _)| *name == "Cargo.toml")
            .expect("a file");
        assert!(
            cargo
                .1
                .contains(r#"path = "{{repository}}/crates/handler""#)
        );
    }

    /// `spin new` takes all files of a folder: it must get what `wenzheng handler new` writes.
    #[test]
    fn templates_have_no_other_files() {
        for (name, language) in [
            ("rust", Language::Rust),
            ("python", Language::Python),
            ("javascript", Language::JavaScript),
        ] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../templates")
                .join(format!("department-{name}"));
            let mut found = Vec::new();
            files_under(&folder.join("content"), "", &mut found);
            found.sort();
            let known: Vec<&str> = language.files().iter().map(|(name, _)| *name).collect();
            assert_eq!(found, known);
            let manifest =
                fs::read_to_string(folder.join("metadata/spin-template.toml")).expect("a manifest");
            let manifest: toml::Table = toml::from_str(&manifest).expect("TOML");
            let parameters = manifest["parameters"].as_table().expect("parameters");
            let mut names: Vec<&String> = parameters.keys().collect();
            names.sort();
            assert_eq!(names, ["department", "repository"]);
        }
    }

    fn files_under(folder: &Path, before: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                files_under(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn ways_are_relative_where_that_is_shorter() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(
            way("/a/b/departments/x", "/a/b/crates/handler"),
            Path::new("../../crates/handler")
        );
        assert_eq!(
            way("/x/y", "/a/crates/handler"),
            Path::new("/a/crates/handler")
        );
    }
}

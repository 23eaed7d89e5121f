//! What a manifest says, after it was read.

use crate::names::DependencyName;
use crate::problem::{Located, Position, Problem};
use crate::route::Route;
use crate::template::Template;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A manifest that was read and found consistent in itself.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub(crate) file: PathBuf,
    pub(crate) warnings: Vec<Problem>,
    /// `[application]`.
    pub application: Application,
    /// `[variables]`, by name.
    pub variables: BTreeMap<String, Variable>,
    /// `[[trigger.http]]`, in the order of the file.
    pub triggers: Vec<Trigger>,
    /// `[component.<id>]`, by id.
    pub components: BTreeMap<String, Component>,
}

/// `[application]`.
#[derive(Clone, Debug, Default)]
pub struct Application {
    /// The application's name.
    pub name: String,
    /// Its version; empty if it says none.
    pub version: String,
    /// What it is for; empty if it says nothing.
    pub description: String,
    /// Who wrote it.
    pub authors: Vec<String>,
}

/// One entry of `[variables]`. It has a default exactly if it is not required.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Where its name stands.
    pub position: Position,
    /// The value if no provider has one; without it a provider must.
    pub default: Option<String>,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// What it is for; empty if it says nothing.
    pub description: String,
}

/// One `[[trigger.http]]`.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Where the trigger begins.
    pub position: Position,
    /// Its id; if the manifest gives none, one made of its place in the list.
    pub id: String,
    /// Who can reach it.
    pub route: Located<TriggerRoute>,
    /// What answers.
    pub target: Target,
}

/// Who can reach a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriggerRoute {
    /// Everybody, on this route.
    Public(Route),
    /// Only other components, as `http://<component>.spin.internal`.
    Private,
}

/// What answers a trigger's requests.
#[derive(Clone, Debug)]
pub enum Target {
    /// The component of this id.
    Component(Located<String>),
    /// Always the same response, from the host.
    Static(StaticResponse),
}

/// `static_response` of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticResponse {
    /// The status, 200 to 599.
    pub status: u16,
    /// Header names and values, valid as such.
    pub headers: Vec<(String, String)>,
    /// The body; without it, empty.
    pub body: Option<String>,
}

/// One `[component.<id>]`.
#[derive(Clone, Debug)]
pub struct Component {
    /// Where its id stands.
    pub position: Position,
    /// The file of the component, relative to the manifest's folder.
    pub source: Located<PathBuf>,
    /// What it is for; empty if it says nothing.
    pub description: String,
    /// What the component can read by `spin:variables`: templates over the application's variables.
    pub variables: BTreeMap<String, Located<Template>>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// What it can read of the file system.
    pub files: Vec<Located<FileMount>>,
    /// Whom it may call: templates over the application's variables.
    pub allowed_outbound_hosts: Vec<Located<Template>>,
    /// The labels of the databases that it may open.
    pub sqlite_databases: Vec<Located<String>>,
    /// How it is built.
    pub build: Option<Build>,
    /// The components that satisfy imports of it, in the order of the file.
    pub dependencies: Vec<Dependency>,
}

impl Component {
    /// The fields that give it a capability of its own, which the component of a dependency must not have.
    pub(crate) fn own_capabilities(&self) -> Vec<&'static str> {
        [
            (
                "allowed_outbound_hosts",
                self.allowed_outbound_hosts.is_empty(),
            ),
            ("dependencies", self.dependencies.is_empty()),
            ("environment", self.environment.is_empty()),
            ("files", self.files.is_empty()),
            ("sqlite_databases", self.sqlite_databases.is_empty()),
            ("variables", self.variables.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, empty)| (!empty).then_some(name))
        .collect()
    }
}

/// One entry of `files`: a file or a folder that a component can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMount {
    /// The file or folder, relative to the manifest's folder and inside it.
    pub source: PathBuf,
    /// Where the component finds it, relative to its root; empty is the root itself. A folder's content stands
    /// right under it.
    pub destination: String,
}

/// `[component.<id>.build]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Shell commands, to be run one after the other.
    pub commands: Vec<String>,
    /// Where to run them, relative to the manifest's folder.
    pub workdir: Option<PathBuf>,
    /// Which files, when changed, make a new build necessary (patterns).
    pub watch: Vec<String>,
}

/// One entry of `[component.<id>.dependencies]`.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Which imports it is for.
    pub name: Located<DependencyName>,
    /// Where the component comes from.
    pub source: DependencySource,
    /// The export to plug in; without it, the one called like the import.
    pub export: Option<String>,
}

/// Where a dependency's component comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencySource {
    /// The source of another component of this manifest.
    Component(String),
    /// A file, relative to the manifest's folder.
    Path(PathBuf),
}

impl Manifest {
    /// Reads and validates the manifest in the file `path`.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file. Warnings alone are no error:
    /// [`Manifest::warnings`] has them.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Vec<Problem>> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such manifest".to_owned(),
                std::io::ErrorKind::InvalidData => "the manifest is not UTF-8 text".to_owned(),
                _ => format!("the manifest cannot be read: {error}"),
            };
            vec![Problem::error(path, Position::default(), message)]
        })?;
        Self::parse(path, &text)
    }

    /// Reads and validates the text of a manifest; `path` is what problems name and what relative paths start at.
    ///
    /// # Errors
    /// As [`Manifest::load`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let (manifest, mut problems) = crate::parse::parse(path, text);
        if let Some(manifest) = &manifest {
            problems.extend(crate::validate::validate(manifest));
        }
        problems.sort_by_key(|problem| (problem.line, problem.column));
        match manifest {
            Some(mut manifest) if !problems.iter().any(Problem::is_error) => {
                manifest.warnings = problems;
                Ok(manifest)
            }
            _ => {
                // What is unused or odd may be so because of an error.
                problems.retain(Problem::is_error);
                Err(problems)
            }
        }
    }

    /// The manifest's file, as it was named to [`Manifest::load`].
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The folder of the manifest, which its relative paths start at.
    pub fn base_dir(&self) -> &Path {
        match self.file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// What was found while reading that does not hinder running.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Whether the component has an HTTP trigger, public or private.
    pub fn has_trigger(&self, component: &str) -> bool {
        self.triggers.iter().any(
            |trigger| matches!(&trigger.target, Target::Component(id) if id.value == component),
        )
    }

    pub(crate) fn error(&self, at: Position, message: impl Into<String>) -> Problem {
        Problem::error(&self.file, at, message)
    }

    pub(crate) fn warning(&self, at: Position, message: impl Into<String>) -> Problem {
        Problem::warning(&self.file, at, message)
    }
}

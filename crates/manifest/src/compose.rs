//! Plugging the components of `dependencies` into the component that imports them.
//!
//! As in Spin: each dependency is matched with the direct imports of the main component, its export takes their place,
//! everything that the main component exports is exported again, and whatever is still imported becomes an import of
//! the result. Unlike in Spin, a dependency may import nothing but its types, so that nothing has to be denied to it,
//! and two dependencies out of one package do not get into each other's way.

use crate::model::{Component, Dependency, DependencySource, Manifest};
use crate::names::DependencyName;
use crate::problem::{Located, Position, Problem};
use crate::wasm;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use wac_graph::types::{SubtypeChecker, WorldId};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// A loader for [`compose`] that reads files of the folder `base_dir`.
pub fn file_loader(base_dir: &Path) -> impl FnMut(&Path) -> io::Result<Vec<u8>> {
    move |path| std::fs::read(base_dir.join(path))
}

/// The component `id` with its dependencies plugged in, ready to be compiled. `load` gets a file's path as the
/// manifest has it.
///
/// # Errors
/// What hinders the composition, with the line of the component's source or of the dependency.
pub fn compose(
    manifest: &Manifest,
    id: &str,
    load: &mut dyn FnMut(&Path) -> io::Result<Vec<u8>>,
) -> Result<Vec<u8>, Problem> {
    let Some(component) = manifest.components.get(id) else {
        return Err(manifest.error(Position::default(), format!("there is no component `{id}`")));
    };
    let composition = Composition {
        manifest,
        id,
        component,
    };
    composition.compose(load)
}

/// What is to be composed.
struct Composition<'m> {
    manifest: &'m Manifest,
    id: &'m str,
    component: &'m Component,
}

/// An instance in the graph.
#[derive(Clone, Copy)]
struct Instance {
    world: WorldId,
    node: NodeId,
}

impl<'m> Composition<'m> {
    fn compose(
        &self,
        load: &mut dyn FnMut(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<Vec<u8>, Problem> {
        let source = &self.component.source;
        let main = self.load(source, source.position, self.component, load)?;
        if self.component.dependencies.is_empty() {
            return Ok(main);
        }
        let mut graph = CompositionGraph::new();
        let main = self.instantiate(&mut graph, "main", main, source)?;
        let mut plugged: BTreeMap<String, &Located<DependencyName>> = BTreeMap::new();
        for dependency in &self.component.dependencies {
            let imports = self.imports_for(&graph, main, dependency)?;
            for import in &imports {
                if let Some(first) = plugged.insert(import.clone(), &dependency.name) {
                    return Err(self.error(
                        dependency,
                        format!(
                            "`{}` (line {}) and `{}` are both for the import {import} of `{}`; remove one",
                            first.value, first.position.line, dependency.name.value, self.id
                        ),
                    ));
                }
            }
            self.plug(&mut graph, main, dependency, &imports, load)?;
        }
        self.finish(&mut graph, main)
    }

    fn error(&self, dependency: &Dependency, message: impl Into<String>) -> Problem {
        self.manifest.error(dependency.name.position, message)
    }

    /// Reads a file and makes a component of it. `built` is the component whose build makes the file.
    fn load(
        &self,
        path: &Path,
        at: Position,
        built: &Component,
        load: &mut dyn FnMut(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<Vec<u8>, Problem> {
        let bytes = load(path).map_err(|error| {
            self.manifest
                .error(at, not_loaded(path, &error, Some(built)))
        })?;
        self.encode(path, at, &bytes)
    }

    fn encode(&self, path: &Path, at: Position, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        wasm::component_bytes(bytes)
            .map(|component| component.into_owned())
            .map_err(|error| {
                self.manifest
                    .error(at, format!("{} cannot be used: {error}", path.display()))
            })
    }

    fn instantiate(
        &self,
        graph: &mut CompositionGraph,
        name: &str,
        component: Vec<u8>,
        source: &Located<PathBuf>,
    ) -> Result<Instance, Problem> {
        let fail = |error: String| {
            self.manifest.error(
                source.position,
                format!("{} cannot be used: {error}", source.value.display()),
            )
        };
        let package = wasm::package(name, component, graph.types_mut())
            .map_err(|error| fail(error.to_string()))?;
        let world = package.ty();
        let package = graph
            .register_package(package)
            .map_err(|error| fail(error.to_string()))?;
        Ok(Instance {
            world,
            node: graph.instantiate(package),
        })
    }

    /// The imports of the main component that the dependency is for.
    fn imports_for(
        &self,
        graph: &CompositionGraph,
        main: Instance,
        dependency: &Dependency,
    ) -> Result<Vec<String>, Problem> {
        let imports = &graph.types()[main.world].imports;
        let matched: Vec<_> = imports
            .keys()
            .filter(|import| dependency.name.matches(import))
            .cloned()
            .collect();
        if !matched.is_empty() {
            return Ok(matched);
        }
        let name = &dependency.name.value;
        if let Some(other) = imports
            .keys()
            .find(|import| differ_in_version(name, import))
        {
            return Err(self.error(
                dependency,
                format!(
                    "the dependency names {name}, but `{}` imports {}",
                    self.id,
                    versioned(other)
                ),
            ));
        }
        // What the host provides is not what somebody meant to plug.
        let own: Vec<_> = imports
            .keys()
            .filter(|import| {
                !["wasi:", "spin:", "fermyon:"]
                    .iter()
                    .any(|host| import.starts_with(host))
            })
            .map(String::as_str)
            .collect();
        let imported = if own.is_empty() {
            "nothing that a dependency could be for".to_owned()
        } else {
            own.join(", ")
        };
        Err(self.error(
            dependency,
            format!(
                "`{}` has no import for the dependency {name}; it imports {imported}",
                self.id
            ),
        ))
    }

    fn plug(
        &self,
        graph: &mut CompositionGraph,
        main: Instance,
        dependency: &Dependency,
        imports: &[String],
        load: &mut dyn FnMut(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<(), Problem> {
        let (path, built) = self.dependency_source(dependency)?;
        let at = dependency.name.position;
        let bytes =
            load(path).map_err(|error| self.manifest.error(at, not_loaded(path, &error, built)))?;
        let source = Located {
            value: path.to_owned(),
            position: at,
        };
        let plug = self.encode(path, at, &bytes)?;
        let name = format!("dependency {}", dependency.name.value);
        let plug = self.instantiate(graph, &name, plug, &source)?;
        let offending = wasm::offending_imports(graph.types(), plug.world);
        if !offending.is_empty() {
            return Err(self.error(
                dependency,
                format!(
                    "{} imports {}; a handler may import nothing but the types of its own package",
                    path.display(),
                    offending.join(", ")
                ),
            ));
        }
        for import in imports {
            let export = self.export_for(graph, plug, dependency, import, path)?;
            self.check_types(graph, main, plug, dependency, import, &export, path)?;
            let alias = graph
                .alias_instance_export(plug.node, &export)
                .map_err(|error| self.error(dependency, error.to_string()))?;
            graph
                .set_instantiation_argument(main.node, import, alias)
                .map_err(|error| self.error(dependency, chain(&error)))?;
        }
        Ok(())
    }

    fn dependency_source(
        &self,
        dependency: &'m Dependency,
    ) -> Result<(&'m Path, Option<&'m Component>), Problem> {
        match &dependency.source {
            DependencySource::Path(path) => Ok((path, None)),
            DependencySource::Component(id) => match self.manifest.components.get(id) {
                Some(component) => Ok((&component.source, Some(component))),
                None => Err(self.error(dependency, format!("there is no component `{id}`"))),
            },
        }
    }

    /// The export of the dependency that takes the import's place.
    fn export_for(
        &self,
        graph: &CompositionGraph,
        plug: Instance,
        dependency: &Dependency,
        import: &str,
        path: &Path,
    ) -> Result<String, Problem> {
        let exports = &graph.types()[plug.world].exports;
        let wanted = dependency.export.as_deref().unwrap_or(import);
        if exports.contains_key(wanted) {
            return Ok(wanted.to_owned());
        }
        let path = path.display();
        let other_version = DependencyName::parse(wanted).ok().and_then(|wanted| {
            exports
                .keys()
                .find(|export| differ_in_version(&wanted, export))
        });
        if let Some(export) = other_version {
            return Err(self.error(
                dependency,
                format!(
                    "handler {path} exports {export}, function `{}` imports {}",
                    self.id,
                    versioned(wanted)
                ),
            ));
        }
        if matches!(
            &dependency.name.value,
            DependencyName::Package {
                interface: None,
                ..
            }
        ) {
            return Err(self.error(
                dependency,
                format!(
                    "{} stands for a whole package, so handler {path} must export every interface of it that function `{}` imports, and {wanted} is missing; name the interface instead",
                    dependency.name.value, self.id
                ),
            ));
        }
        let has: Vec<_> = exports.keys().map(String::as_str).collect();
        let has = if has.is_empty() {
            "nothing".to_owned()
        } else {
            has.join(", ")
        };
        Err(self.error(
            dependency,
            format!("handler {path} does not export {wanted}, which function `{}` imports; it exports {has}", self.id),
        ))
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one import with all that its message names"
    )]
    fn check_types(
        &self,
        graph: &CompositionGraph,
        main: Instance,
        plug: Instance,
        dependency: &Dependency,
        import: &str,
        export: &str,
        path: &Path,
    ) -> Result<(), Problem> {
        let types = graph.types();
        let mut cache = Default::default();
        let mut checker = SubtypeChecker::new(&mut cache);
        checker
            .is_subtype(
                types[plug.world].exports[export],
                types,
                types[main.world].imports[import],
                types,
            )
            .map_err(|error| {
                self.error(
                    dependency,
                    format!(
                        "{export} of {} does not fit {import} of `{}`: {error:#}; build both against the same WIT",
                        path.display(),
                        self.id
                    ),
                )
            })
    }

    fn finish(&self, graph: &mut CompositionGraph, main: Instance) -> Result<Vec<u8>, Problem> {
        let fail = |error: String| {
            self.manifest.error(
                self.component.position,
                format!("component `{}` cannot be composed: {error}", self.id),
            )
        };
        let exports: Vec<_> = graph.types()[main.world].exports.keys().cloned().collect();
        for export in exports {
            let alias = graph
                .alias_instance_export(main.node, &export)
                .map_err(|error| fail(error.to_string()))?;
            graph
                .export(alias, &export)
                .map_err(|error| fail(error.to_string()))?;
        }
        let options = EncodeOptions {
            define_components: true,
            validate: true,
            processor: None,
        };
        graph.encode(options).map_err(|error| fail(chain(&error)))
    }
}

/// Why a file is not there, and what makes it.
pub(crate) fn not_loaded(path: &Path, error: &io::Error, built: Option<&Component>) -> String {
    let path = path.display();
    if error.kind() != io::ErrorKind::NotFound {
        return format!("{path} cannot be read: {error}");
    }
    match built.and_then(|component| component.build.as_ref()) {
        Some(build) => format!(
            "{path} is not there: run cargo xtask build (or `{}`)",
            build.commands.join(" && ")
        ),
        None => format!("{path} is not there: run cargo xtask build"),
    }
}

/// Whether `name` would be for `other` if it named another version or none.
fn differ_in_version(name: &DependencyName, other: &str) -> bool {
    match name {
        DependencyName::Package {
            package,
            interface,
            version: Some(_),
        } => {
            let any_version = DependencyName::Package {
                package: package.clone(),
                interface: interface.clone(),
                version: None,
            };
            any_version.matches(other) && !name.matches(other)
        }
        _ => false,
    }
}

/// `@1.0.0` of an interface's name, or the whole name if it has no version.
fn versioned(name: &str) -> &str {
    name.find('@').map_or(name, |at| &name[at..])
}

/// An error with all its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

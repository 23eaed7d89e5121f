//! `[component.<id>]` and what stands in it.

use crate::model::{Build, Component, Dependency, DependencySource, FileMount};
use crate::names::{self, DependencyName};
use crate::parse::{required_string, text};
use crate::problem::Located;
use crate::reader::{Field, Problems, Table};
use crate::template::Template;
use std::collections::BTreeMap;
use std::path::{Component as PathPart, Path, PathBuf};

pub(crate) fn component(mut table: Table, problems: &mut Problems) -> Option<Component> {
    let source = source(&mut table, problems);
    let component = Component {
        position: table.position,
        // A place that is missing or wrong was reported; the rest is read all the same.
        source: source.unwrap_or(Located {
            value: PathBuf::new(),
            position: table.position,
        }),
        description: text(&mut table, problems, "description"),
        variables: variables(&mut table, problems),
        environment: environment(&mut table, problems),
        files: table
            .take(problems, "files")
            .map_or(Vec::new(), |field| field.list(problems))
            .iter()
            .filter_map(|field| mount(field, problems))
            .collect(),
        allowed_outbound_hosts: table
            .strings(problems, "allowed_outbound_hosts")
            .into_iter()
            .filter_map(|host| template(host, problems))
            .collect(),
        sqlite_databases: databases(&mut table, problems),
        build: table
            .take(problems, "build")
            .and_then(|field| build(&field, problems)),
        dependencies: dependencies(&mut table, problems),
    };
    refuse_the_rest(&mut table, problems);
    table.take(problems, "tool");
    table.finish(problems);
    Some(component)
}

fn refuse_the_rest(table: &mut Table, problems: &mut Problems) {
    for (key, what, instead) in [
        ("ai_models", "AI models", "remove `ai_models`"),
        (
            "allowed_http_hosts",
            "the old `allowed_http_hosts`",
            "write `allowed_outbound_hosts`",
        ),
        (
            "dependencies_inherit_configuration",
            "dependencies with capabilities",
            "remove it, a dependency may import nothing but types",
        ),
        (
            "exclude_files",
            "`exclude_files`",
            "name in `files` what is to be read",
        ),
        (
            "key_value_stores",
            "key-value stores",
            "use `sqlite_databases`",
        ),
        ("profile", "build profiles", "remove `profile`"),
        (
            "targets",
            "checks against target environments",
            "remove `targets`, `wenzheng check` checks against this runner",
        ),
    ] {
        table.refuse(problems, key, what, instead);
    }
}

fn source(table: &mut Table, problems: &mut Problems) -> Option<Located<PathBuf>> {
    let field = table.take(problems, "source");
    if let Some(field) = field.filter(|field| !field.is_string()) {
        problems.error(
            field.position,
            "wenzheng does not run components from a URL or a registry; `source` must be the path of a local file",
        );
        return None;
    }
    let path = required_string(table, problems, "source")?;
    Some(Located {
        value: PathBuf::from(path.value),
        position: path.position,
    })
}

fn template(text: Located<String>, problems: &mut Problems) -> Option<Located<Template>> {
    match Template::parse(&text) {
        Ok(template) => Some(Located {
            value: template,
            position: text.position,
        }),
        Err(why) => {
            problems.error(text.position, format!("in `{}`: {why}", text.value));
            None
        }
    }
}

fn strings_by_key(
    table: &mut Table,
    problems: &mut Problems,
    key: &'static str,
) -> Vec<(String, Located<String>)> {
    let what = format!("`{key}` of {}", table.what);
    let inner = table
        .take(problems, key)
        .and_then(|field| field.table(problems, &what));
    inner
        .map_or(Vec::new(), |inner| inner.fields(problems))
        .iter()
        .filter_map(|field| Some((field.key.to_owned(), field.string(problems)?)))
        .collect()
}

fn variables(table: &mut Table, problems: &mut Problems) -> BTreeMap<String, Located<Template>> {
    let mut variables = BTreeMap::new();
    for (name, value) in strings_by_key(table, problems, "variables") {
        if let Err(why) = names::variable(&name) {
            problems.error(
                value.position,
                format!("`{name}` is not a variable's name (lower_snake_case): {why}"),
            );
        }
        if let Some(value) = template(value, problems) {
            variables.insert(name, value);
        }
    }
    variables
}

fn environment(table: &mut Table, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    for (name, value) in strings_by_key(table, problems, "environment") {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            problems.error(
                value.position,
                format!("`{name}` cannot stand in an environment: a name has no `=`, and neither side a NUL"),
            );
        } else {
            environment.insert(name, value.value);
        }
    }
    environment
}

fn databases(table: &mut Table, problems: &mut Problems) -> Vec<Located<String>> {
    let labels = table.strings(problems, "sqlite_databases");
    for label in &labels {
        if let Err(why) = names::label(label) {
            problems.error(
                label.position,
                format!("`{}` is not the label of a database: {why}", label.value),
            );
        } else if label.value != "default" {
            problems.warning(
                label.position,
                format!(
                    "Spin 4.1 knows the database `{}` only with a --runtime-config-file that says what it is",
                    label.value
                ),
            );
        }
    }
    labels
}

/// Whether the path stays inside the folder it is relative to.
fn is_inside(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, PathPart::Normal(_) | PathPart::CurDir))
}

fn mount(field: &Field, problems: &mut Problems) -> Option<Located<FileMount>> {
    let (source, destination) = if field.is_string() {
        let path = field.string(problems)?.value;
        let last = path.rsplit('/').next().unwrap_or_default();
        if path.contains(['*', '?', '[', ']']) {
            problems.error(
                field.position,
                format!("wenzheng does not run patterns in `files` (`{path}`); name the file or the folder"),
            );
            return None;
        }
        if path.is_empty() || last == "." || last == ".." {
            problems.error(
                field.position,
                format!("`{path}` cannot stand in `files`; write {{ source = \"…\", destination = \"…\" }}"),
            );
            return None;
        }
        (path.clone(), path)
    } else {
        let mut table = field.table(problems, "an entry of `files`")?;
        let source = required_string(&mut table, problems, "source");
        let destination = required_string(&mut table, problems, "destination");
        table.finish(problems);
        (source?.value, destination?.value)
    };
    let source = PathBuf::from(source);
    let destination = destination.trim_start_matches('/').to_owned();
    if !is_inside(&source) || !is_inside(Path::new(&destination)) {
        problems.error(
            field.position,
            "an entry of `files` must stay inside the application's folder and the component's root",
        );
        return None;
    }
    Some(field.located(FileMount {
        source,
        destination,
    }))
}

fn build(field: &Field, problems: &mut Problems) -> Option<Build> {
    let mut table = field.table(problems, "a build")?;
    let commands = match table.take(problems, "command") {
        Some(field) if field.is_string() => field.string(problems).into_iter().collect(),
        Some(field) => field.strings(problems),
        None => {
            problems.error(table.position, "a build has no `command`");
            Vec::new()
        }
    };
    let build = Build {
        commands: commands.into_iter().map(|command| command.value).collect(),
        workdir: table
            .string(problems, "workdir")
            .map(|path| PathBuf::from(path.value)),
        watch: table
            .strings(problems, "watch")
            .into_iter()
            .map(|pattern| pattern.value)
            .collect(),
    };
    table.finish(problems);
    Some(build)
}

fn dependencies(table: &mut Table, problems: &mut Problems) -> Vec<Dependency> {
    let what = format!("the dependencies of {}", table.what);
    let inner = table
        .take(problems, "dependencies")
        .and_then(|field| field.table(problems, &what));
    inner
        .map_or(Vec::new(), |inner| inner.fields(problems))
        .iter()
        .filter_map(|field| dependency(field, problems))
        .collect()
}

const REGISTRY: &str = "wenzheng does not run dependencies from a registry or a URL; write { component = \"…\" } or { path = \"…\" }";

fn dependency(field: &Field, problems: &mut Problems) -> Option<Dependency> {
    let name = DependencyName::parse(field.key)
        .map_err(|why| {
            let message = format!("`{}` is not the name of a dependency: {why}", field.key);
            problems.error(field.position, message);
        })
        .ok();
    if field.is_string() {
        problems.error(field.position, REGISTRY);
        return None;
    }
    let mut table = field.table(problems, &format!("dependency `{}`", field.key))?;
    let component = table.string(problems, "component");
    let path = table.string(problems, "path");
    let export = table.string(problems, "export");
    table.refuse(
        problems,
        "inherit_configuration",
        "dependencies with capabilities",
        "remove it, a dependency may import nothing but types",
    );
    for key in ["version", "registry", "package", "url", "digest"] {
        if table.peek(key) {
            problems.error(field.position, REGISTRY);
            return None;
        }
    }
    let position = table.position;
    table.finish(problems);
    if let (
        Some(DependencyName::Package {
            interface: None, ..
        }),
        Some(export),
    ) = (&name, &export)
    {
        problems.error(
            export.position,
            "a dependency that is named after a whole package cannot have an `export`; name the interface",
        );
    }
    let source = match (component, path) {
        (Some(id), None) => DependencySource::Component(id.value),
        (None, Some(path)) => DependencySource::Path(PathBuf::from(path.value)),
        _ => {
            problems.error(
                position,
                format!(
                    "dependency `{}` needs either a `component` or a `path`",
                    field.key
                ),
            );
            return None;
        }
    };
    Some(Dependency {
        name: field.located(name?),
        source,
        export: export.map(|export| export.value),
    })
}

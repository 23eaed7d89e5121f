//! From TOML to a [`Manifest`]: fields and types; [`crate::validate`] checks what they refer to.

use crate::model::{
    Application, Manifest, StaticResponse, Target, Trigger, TriggerRoute, Variable,
};
use crate::names;
use crate::parse_component::component;
use crate::problem::{Located, Position, Problem};
use crate::reader::{Field, Problems, Source, Table};
use crate::route::Route;
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

/// Reads the text. What can be read is given back even if there are problems, so that all of them can be reported at
/// once; there is no manifest only if the text is not TOML.
pub(crate) fn parse(file: &Path, text: &str) -> (Option<Manifest>, Vec<Problem>) {
    let mut problems = Problems::new(Source::new(file, text));
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let at = match error.span() {
                Some(span) => problems.source.position(span.start),
                None => Position::default(),
            };
            problems.error(at, format!("this is not TOML: {}", error.message()));
        }
        return (None, problems.list);
    }
    let start = Position { line: 1, column: 1 };
    let mut root = Table::new("the manifest", start, root.get_ref());
    version(&mut root, &mut problems);
    let application = application(&mut root, &mut problems);
    let variables = variables(&mut root, &mut problems);
    let triggers = triggers(&mut root, &mut problems);
    let components = named_tables(&mut root, &mut problems, "component", "component")
        .into_iter()
        .filter_map(|(id, table)| {
            if let Err(why) = names::kebab(&id) {
                problems.error(
                    table.position,
                    format!("`{id}` is not a component id (kebab-case): {why}"),
                );
            }
            Some((id, component(table, &mut problems)?))
        })
        .collect();
    root.finish(&mut problems);
    let manifest = Manifest {
        file: file.to_owned(),
        warnings: Vec::new(),
        application,
        variables,
        triggers,
        components,
    };
    (Some(manifest), problems.list)
}

fn version(root: &mut Table, problems: &mut Problems) {
    match root.take(problems, "spin_manifest_version") {
        None => problems.error(root.position, "`spin_manifest_version = 2` is missing"),
        Some(field) => match field.integer(problems) {
            Some(2) | None => {}
            Some(other) => problems.error(
                field.position,
                format!("wenzheng does not run manifest version {other}; write version 2"),
            ),
        },
    }
}

fn application(root: &mut Table, problems: &mut Problems) -> Application {
    let Some(field) = root.take(problems, "application") else {
        problems.error(root.position, "`[application]` with a `name` is missing");
        return Application::default();
    };
    let Some(mut table) = field.table(problems, "[application]") else {
        return Application::default();
    };
    let name = required_string(&mut table, problems, "name");
    let application = Application {
        name: name.map(|name| name.value).unwrap_or_default(),
        version: text(&mut table, problems, "version"),
        description: text(&mut table, problems, "description"),
        authors: table
            .strings(problems, "authors")
            .into_iter()
            .map(|author| author.value)
            .collect(),
    };
    table.refuse(
        problems,
        "targets",
        "checks against target environments",
        "remove `targets`, `wenzheng check` checks against this runner",
    );
    table.refuse(
        problems,
        "trigger",
        "settings for all triggers of a type",
        "remove `application.trigger`",
    );
    table.take(problems, "tool");
    table.finish(problems);
    application
}

/// A required string that is not empty.
pub(crate) fn required_string(
    table: &mut Table,
    problems: &mut Problems,
    key: &'static str,
) -> Option<Located<String>> {
    let Some(field) = table.take(problems, key) else {
        problems.error(table.position, format!("{} has no `{key}`", table.what));
        return None;
    };
    let value = field.string(problems)?;
    if value.is_empty() {
        problems.error(value.position, format!("{} is empty", field.what));
        return None;
    }
    Some(value)
}

/// An optional string; empty if it is not there.
pub(crate) fn text(table: &mut Table, problems: &mut Problems, key: &'static str) -> String {
    table
        .string(problems, key)
        .map(|text| text.value)
        .unwrap_or_default()
}

/// The tables `[<key>.<name>]` in the order of the file.
fn named_tables<'t>(
    root: &mut Table<'t>,
    problems: &mut Problems,
    key: &'static str,
    noun: &str,
) -> Vec<(String, Table<'t>)> {
    let Some(all) = root
        .take(problems, key)
        .and_then(|field| field.table(problems, &format!("[{key}]")))
    else {
        return Vec::new();
    };
    all.fields(problems)
        .into_iter()
        .filter_map(|field| {
            let table = field.table(problems, &format!("{noun} `{}`", field.key))?;
            Some((field.key.to_owned(), table))
        })
        .collect()
}

fn variables(root: &mut Table, problems: &mut Problems) -> BTreeMap<String, Variable> {
    let mut variables = BTreeMap::new();
    for (name, mut table) in named_tables(root, problems, "variables", "variable") {
        if let Err(why) = names::variable(&name) {
            problems.error(
                table.position,
                format!("`{name}` is not a variable's name (lower_snake_case): {why}"),
            );
        }
        let default = table.take(problems, "default");
        let default_given = default.is_some();
        let default = default.and_then(|field| field.string(problems));
        let required = table.flag(problems, "required");
        if required == default_given {
            let message = if required {
                format!(
                    "variable `{name}` is required and has a default; it can have only one of them"
                )
            } else {
                format!("variable `{name}` needs a `default`, or `required = true`")
            };
            problems.error(table.position, message);
        }
        let variable = Variable {
            position: table.position,
            default: default.map(|default| default.value),
            secret: table.flag(problems, "secret"),
            description: text(&mut table, problems, "description"),
        };
        table.finish(problems);
        variables.insert(name, variable);
    }
    variables
}

fn triggers(root: &mut Table, problems: &mut Problems) -> Vec<Trigger> {
    let Some(types) = root
        .take(problems, "trigger")
        .and_then(|field| field.table(problems, "[[trigger]]"))
    else {
        return Vec::new();
    };
    let mut triggers = Vec::new();
    for field in types.fields(problems) {
        if field.key != "http" {
            problems.error(
                field.position,
                format!(
                    "wenzheng does not run triggers of type `{}`; only `[[trigger.http]]`",
                    field.key
                ),
            );
            continue;
        }
        for (index, field) in field.list(problems).iter().enumerate() {
            triggers.extend(trigger(index, field, problems));
        }
    }
    triggers
}

fn trigger(index: usize, field: &Field, problems: &mut Problems) -> Option<Trigger> {
    let mut table = field.table(problems, "an HTTP trigger")?;
    let id = table.string(problems, "id").map(|id| id.value);
    let component = table.take(problems, "component");
    let response = table.take(problems, "static_response");
    let target = match (component, response) {
        (Some(component), None) => component_reference(&component, problems).map(Target::Component),
        (None, Some(response)) => static_response(&response, problems).map(Target::Static),
        (Some(_), Some(response)) => {
            problems.error(
                response.position,
                "an HTTP trigger has a `component` or a `static_response`, not both",
            );
            None
        }
        (None, None) => {
            problems.error(
                table.position,
                "an HTTP trigger needs a `component` or a `static_response`",
            );
            None
        }
    };
    let route = match table.take(problems, "route") {
        Some(field) => route(&field, problems),
        None => {
            problems.error(
                table.position,
                "an HTTP trigger needs a `route`: a path, or { private = true }",
            );
            None
        }
    };
    executor(&mut table, problems);
    table.refuse(
        problems,
        "dependencies",
        "HTTP middleware",
        "call the other component from this one",
    );
    table.refuse(
        problems,
        "components",
        "triggers with several components",
        "name one `component`",
    );
    let position = table.position;
    table.finish(problems);
    Some(Trigger {
        position,
        id: id.unwrap_or_else(|| format!("http-{}", index + 1)),
        route: route?,
        target: target?,
    })
}

fn component_reference(field: &Field, problems: &mut Problems) -> Option<Located<String>> {
    if !field.is_string() {
        problems.error(
            field.position,
            "wenzheng does not run components written inside a trigger; write [component.<id>] and its id here",
        );
        return None;
    }
    field.string(problems)
}

fn route(field: &Field, problems: &mut Problems) -> Option<Located<TriggerRoute>> {
    if field.is_string() {
        let text = field.string(problems)?;
        return match Route::parse(&text) {
            Ok(route) => Some(field.located(TriggerRoute::Public(route))),
            Err(why) => {
                problems.error(text.position, format!("route `{}`: {why}", text.value));
                None
            }
        };
    }
    let mut table = field.table(problems, "the route")?;
    let private = table.flag(problems, "private");
    table.finish(problems);
    if !private {
        problems.error(field.position, "a route is a path, or { private = true }");
    }
    private.then(|| field.located(TriggerRoute::Private))
}

fn executor(table: &mut Table, problems: &mut Problems) {
    let Some(mut executor) = table
        .take(problems, "executor")
        .and_then(|field| field.table(problems, "the executor"))
    else {
        return;
    };
    // `spin` is what Spin itself still takes for `http`.
    let kind = text(&mut executor, problems, "type");
    if kind == "http" || kind == "spin" {
        executor.finish(problems);
    } else {
        problems.error(
            executor.position,
            format!("wenzheng does not run the executor `{kind}`; remove `executor`, components run as HTTP services"),
        );
    }
}

fn static_response(field: &Field, problems: &mut Problems) -> Option<StaticResponse> {
    let mut table = field.table(problems, "static_response")?;
    let mut status = 200;
    if let Some(field) = table.take(problems, "status_code")
        && let Some(code) = field.integer(problems)
    {
        match u16::try_from(code) {
            Ok(code) if (200..600).contains(&code) => status = code,
            _ => problems.error(
                field.position,
                format!("`status_code` must be from 200 to 599, not {code}"),
            ),
        }
    }
    let mut headers = Vec::new();
    let table_of_headers = table
        .take(problems, "headers")
        .and_then(|field| field.table(problems, "the headers"));
    for field in table_of_headers.map_or(Vec::new(), |table| table.fields(problems)) {
        let Some(value) = field.string(problems) else {
            continue;
        };
        if http::HeaderName::try_from(field.key).is_err() {
            problems.error(
                field.position,
                format!("`{}` is not the name of a header", field.key),
            );
        } else if http::HeaderValue::try_from(value.as_str()).is_err() {
            problems.error(
                field.position,
                format!(
                    "the value of the header `{}` has a character that headers cannot hold",
                    field.key
                ),
            );
        } else {
            headers.push((field.key.to_owned(), value.value));
        }
    }
    let body = table.string(problems, "body").map(|body| body.value);
    table.finish(problems);
    Some(StaticResponse {
        status,
        headers,
        body,
    })
}

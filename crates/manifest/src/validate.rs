//! Whether the parts of a manifest fit together.

use crate::hosts::AllowedHost;
use crate::model::{Component, DependencySource, Manifest, Target, TriggerRoute};
use crate::problem::{Located, Position, Problem};
use crate::template::Template;
use std::collections::HashMap;

/// Everything that does not fit.
pub(crate) fn validate(manifest: &Manifest) -> Vec<Problem> {
    let mut problems = Vec::new();
    triggers(manifest, &mut problems);
    routes(manifest, &mut problems);
    for (id, component) in &manifest.components {
        variables(manifest, component, &mut problems);
        hosts(manifest, component, &mut problems);
        dependencies(manifest, id, component, &mut problems);
        if !is_used(manifest, id) {
            problems.push(manifest.warning(
                component.position,
                format!("component `{id}` is used by no trigger and no dependency"),
            ));
        }
    }
    problems
}

fn triggers(manifest: &Manifest, problems: &mut Vec<Problem>) {
    let mut ids: HashMap<&str, Position> = HashMap::new();
    for trigger in &manifest.triggers {
        if let Some(first) = ids.insert(&trigger.id, trigger.position) {
            problems.push(manifest.error(
                trigger.position,
                format!(
                    "the trigger id `{}` stands on line {} already",
                    trigger.id, first.line
                ),
            ));
        }
        match &trigger.target {
            Target::Component(id) if !manifest.components.contains_key(&id.value) => {
                problems.push(manifest.error(id.position, unknown_component(manifest, id)));
            }
            Target::Static(_) if trigger.route.value == TriggerRoute::Private => {
                problems.push(manifest.warning(
                    trigger.position,
                    "nobody can reach a static response on a private route",
                ));
            }
            _ => {}
        }
    }
}

fn unknown_component(manifest: &Manifest, id: &str) -> String {
    let known: Vec<_> = manifest.components.keys().map(String::as_str).collect();
    if known.is_empty() {
        return format!("there is no component `{id}`, nor any other");
    }
    format!(
        "there is no component `{id}`; there are: {}",
        known.join(", ")
    )
}

/// Below this, Spin answers itself.
const RESERVED: &str = "/.well-known/spin";

fn routes(manifest: &Manifest, problems: &mut Vec<Problem>) {
    let mut shapes: HashMap<String, (&str, usize)> = HashMap::new();
    for trigger in &manifest.triggers {
        let TriggerRoute::Public(route) = &trigger.route.value else {
            continue;
        };
        let at = trigger.route.position;
        if let Some((first, line)) = shapes.get(&route.shape()) {
            problems.push(manifest.error(
                at,
                format!("route `{route}` matches the same paths as `{first}` on line {line}"),
            ));
        } else {
            shapes.insert(route.shape(), (route.as_str(), at.line));
        }
        if route.as_str() == RESERVED || route.as_str().starts_with(&format!("{RESERVED}/")) {
            problems.push(manifest.warning(
                at,
                format!("Spin 4.1 keeps {RESERVED}/health and {RESERVED}/info for itself"),
            ));
        }
    }
}

fn references(
    manifest: &Manifest,
    templates: &mut dyn Iterator<Item = &Located<Template>>,
    problems: &mut Vec<Problem>,
) {
    for template in templates {
        for name in template.variables() {
            if !manifest.variables.contains_key(name) {
                problems.push(manifest.error(
                    template.position,
                    format!(
                        "`{}` refers to the variable `{name}`, which is not in [variables]",
                        template.value
                    ),
                ));
            }
        }
    }
}

fn variables(manifest: &Manifest, component: &Component, problems: &mut Vec<Problem>) {
    references(manifest, &mut component.variables.values(), problems);
    references(
        manifest,
        &mut component.allowed_outbound_hosts.iter(),
        problems,
    );
}

fn hosts(manifest: &Manifest, component: &Component, problems: &mut Vec<Problem>) {
    for template in &component.allowed_outbound_hosts {
        // An entry whose variables have no defaults is checked when they are resolved.
        let Ok(entry) = template.render(|name| manifest.variables.get(name)?.default.as_deref())
        else {
            continue;
        };
        let host = match parse_host(template, &entry) {
            Ok(Some(host)) => host,
            Ok(None) => continue,
            Err(message) => {
                problems.push(manifest.error(template.position, message));
                continue;
            }
        };
        let Some(id) = host.component() else {
            continue;
        };
        if !manifest.components.contains_key(id) {
            let message = format!("in `{entry}`: {}", unknown_component(manifest, id));
            problems.push(manifest.error(template.position, message));
        } else if !manifest.has_trigger(id) {
            problems.push(manifest.error(
                template.position,
                format!("`{entry}` can never be called: component `{id}` has no HTTP trigger; give it one with route = {{ private = true }}"),
            ));
        } else if !host.is_http() {
            problems.push(manifest.error(
                template.position,
                format!("`{entry}` can never be called: components are called by http://"),
            ));
        }
    }
}

/// Reads an entry of `allowed_outbound_hosts` out of a template that was rendered. Variables may leave it empty, which
/// allows nothing.
pub(crate) fn parse_host(template: &Template, entry: &str) -> Result<Option<AllowedHost>, String> {
    if !template.is_literal() && ["", "http://", "https://"].contains(&entry) {
        return Ok(None);
    }
    AllowedHost::parse(entry)
        .map(Some)
        .map_err(|why| why.to_string())
}

fn dependencies(manifest: &Manifest, id: &str, component: &Component, problems: &mut Vec<Problem>) {
    for (index, dependency) in component.dependencies.iter().enumerate() {
        let at = dependency.name.position;
        for other in &component.dependencies[..index] {
            if dependency.name.overlaps(&other.name) {
                problems.push(manifest.error(
                    at,
                    format!(
                        "dependencies `{}` (line {}) and `{}` are for the same import",
                        other.name.value, other.name.position.line, dependency.name.value
                    ),
                ));
            } else if dependency.name.package().is_some()
                && dependency.name.package() == other.name.package()
            {
                problems.push(manifest.warning(
                    at,
                    format!(
                        "Spin 4.1 composes only one dependency per package, and `{}` (line {}) is of the same; there, use plain import names with `export`",
                        other.name.value, other.name.position.line
                    ),
                ));
            }
        }
        let DependencySource::Component(source) = &dependency.source else {
            continue;
        };
        let Some(plug) = manifest.components.get(source) else {
            problems.push(manifest.error(at, unknown_component(manifest, source)));
            continue;
        };
        if source == id {
            problems.push(manifest.error(
                at,
                format!("component `{id}` cannot be a dependency of itself"),
            ));
            continue;
        }
        let own = plug.own_capabilities();
        if !own.is_empty() {
            problems.push(manifest.error(
                at,
                format!(
                    "component `{source}` cannot be a dependency: it has {} of its own, and a dependency has nothing but its source",
                    own.join(", ")
                ),
            ));
        }
    }
}

fn is_used(manifest: &Manifest, id: &str) -> bool {
    manifest.has_trigger(id)
        || manifest.components.values().any(|component| {
            component.dependencies.iter().any(
                |dependency| matches!(&dependency.source, DependencySource::Component(source) if source == id),
            )
        })
}

//! spin.toml against what the rest of the project says.
#![allow(clippy::expect_used, missing_docs, reason = "a test may fail loudly")]

use case::lifecycle::TABLE;
use manifest::{Manifest, Router, Target, TriggerRoute};
use std::path::Path;

/// The stages that are woken by jobs.
const JOB_STAGES: [&str; 5] = ["classify", "route", "answer", "review", "publish"];

fn manifest() -> Manifest {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spin.toml");
    Manifest::load(file).expect("spin.toml is a manifest")
}

fn component(manifest: &Manifest, path: &str) -> Option<String> {
    let router = Router::of_triggers(&manifest.triggers);
    let found = router.lookup(path)?;
    match &manifest.triggers[found.trigger].target {
        Target::Component(id) => Some(id.value.clone()),
        Target::Static(_) => None,
    }
}

#[test]
fn it_has_no_warnings() {
    assert_eq!(
        manifest()
            .warnings()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        Vec::<String>::new()
    );
}

#[test]
fn every_action_of_the_life_cycle_has_its_route() {
    let manifest = manifest();
    for row in TABLE {
        let path = format!("/api/cases/YZ2026010100001/{}", row.resource);
        assert_eq!(
            component(&manifest, &path).as_deref(),
            Some(row.stage),
            "{}",
            row.name
        );
    }
    // And no other action has one.
    let actions = manifest
        .triggers
        .iter()
        .filter(|trigger| match &trigger.route.value {
            TriggerRoute::Public(route) => {
                route.as_str().starts_with("/api/cases/:number/")
                    && !route.as_str().contains("/attachments/")
            }
            TriggerRoute::Private => false,
        });
    assert_eq!(actions.count(), TABLE.len());
}

#[test]
fn stages_with_jobs_are_private_too_and_the_relay_may_wake_them() {
    let manifest = manifest();
    let relay: Vec<String> = manifest.components["relay"]
        .allowed_outbound_hosts
        .iter()
        .map(|host| host.value.to_string())
        .collect();
    for stage in JOB_STAGES {
        let private = manifest.triggers.iter().any(|trigger| {
            trigger.route.value == TriggerRoute::Private
                && matches!(&trigger.target, Target::Component(id) if id.value == stage)
        });
        assert!(private, "{stage} has no private route");
        assert!(
            relay.contains(&format!("http://{stage}.spin.internal")),
            "the relay may not call {stage}"
        );
    }
}

#[test]
fn every_stage_has_its_handler_and_its_digest() {
    let manifest = manifest();
    for stage in TABLE.iter().map(|row| row.stage) {
        let component = &manifest.components[stage];
        let dependency = component.dependencies.first().expect("a dependency");
        assert_eq!(
            dependency.name.value.to_string(),
            format!("wenzheng:handlers/{stage}@1.0.0")
        );
        let mount = component.files.first().expect("a folder with the digest");
        assert_eq!(mount.source, Path::new("target/handlers").join(stage));
    }
}

#[test]
fn secrets_reach_only_those_that_need_them() {
    let manifest = manifest();
    let holders = |variable: &str| -> Vec<&str> {
        let ids = manifest
            .components
            .iter()
            .filter(|(_, component)| component.variables.contains_key(variable));
        ids.map(|(id, _)| id.as_str()).collect()
    };
    assert_eq!(holders("relay_key"), ["relay"]);
    for stranger in [
        "answer", "classify", "registry", "relay", "review", "route", "survey",
    ] {
        assert!(
            !holders("secret_key").contains(&stranger),
            "{stranger} can read the secret key"
        );
    }
}

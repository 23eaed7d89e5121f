//! The description of the platform's HTTP interface: one OpenAPI 3.1 document.
//!
//! It is built rather than written, so that what has one source in the domain
//! (states, actions, roles, who may do what) stands here once, and so that
//! statuses which many operations share cannot be forgotten in one of them.
//! The tests in `tests/` hold every answer of the platform against it.

#![deny(missing_docs)]

mod actions;
mod cases;
mod handlers;
mod operation;
mod public;
mod schema;
mod schemas;
mod staff;

use serde_json::{Map, Value as Json, json};

/// The document. The same every time.
pub fn document() -> Json {
    let mut paths = Map::new();
    for operation in [
        cases::operations(),
        actions::operations(),
        public::operations(),
        staff::operations(),
        handlers::operations(),
    ]
    .concat()
    {
        let path = paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}));
        path[operation.method] = operation.json();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Wenzheng 问政",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A public-inquiry platform: from a citizen's message to a rated, published answer.",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": [
            { "name": "cases", "description": "Sending a message and following it." },
            { "name": "actions", "description": "What can be done to a case. Who may do what in which state is one table: `GET /api/lifecycle.json`." },
            { "name": "public", "description": "What everybody can read." },
            { "name": "staff", "description": "Sessions, accounts and the desk." },
            { "name": "departments", "description": "Departments' handlers: what decides, publishing, taking back." },
            { "name": "operation", "description": "For the machinery." },
        ],
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "schemas": schemas::all(),
            "responses": operation::shared_responses(),
        },
    })
}

const DESCRIPTION: &str = "\
Bodies are JSON in UTF-8; unknown fields are refused. Errors are problem details (RFC 9457) whose `type` ends in a \
stable code and whose `errors` name the fields. Texts come in Chinese or English by `Accept-Language`. Times are \
RFC 3339 to the second in the district's time. Lists go on with the `next` of the page before as `cursor`. A \
parameter of the query that is empty counts as left out. HEAD is \
answered wherever GET is. Lengths of texts are limits of the district, which `GET /api/district` tells; they count \
Unicode characters. Every answer carries `X-Request-Id`, the same through all stages.";

fn security_schemes() -> Json {
    json!({
        "session": { "type": "http", "scheme": "bearer", "description": "A member of staff: the token of `POST /api/session`." },
        "channel": { "type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The adapter of a channel." },
        "citizen": { "type": "apiKey", "in": "header", "name": "Query-Code", "description": "The citizen: the secret query code of the case." },
        "publisher": { "type": "apiKey", "in": "header", "name": "Publisher-Signature", "description": "A publisher of a department: an Ed25519 signature, with the public key in `Publisher-Key`." },
        "relay": { "type": "http", "scheme": "bearer", "description": "The caller of the sweep: the secret variable `relay_key`." },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::case::lifecycle::TABLE;

    fn references<'a>(value: &'a Json, found: &mut Vec<&'a str>) {
        match value {
            Json::Object(members) => {
                if let Some(Json::String(reference)) = members.get("$ref") {
                    found.push(reference);
                }
                members.values().for_each(|value| references(value, found));
            }
            Json::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_used() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in &found {
            let target = document.pointer(reference.trim_start_matches('#'));
            assert!(target.is_some(), "{reference} leads nowhere");
        }
        for part in ["schemas", "responses"] {
            for name in document["components"][part]
                .as_object()
                .into_iter()
                .flat_map(Map::keys)
            {
                let reference = format!("#/components/{part}/{name}");
                assert!(
                    found.contains(&reference.as_str()),
                    "nothing uses {reference}"
                );
            }
        }
    }

    #[test]
    fn every_action_has_an_operation() {
        let document = document();
        for row in TABLE {
            let path = format!("/api/cases/{{number}}/{}", row.resource);
            assert!(document["paths"][&path]["post"].is_object(), "{path}");
        }
    }

    #[test]
    fn operations_are_complete() {
        let document = document();
        let mut names = std::collections::BTreeSet::new();
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                let about = format!("{method} {path}");
                assert!(
                    names.insert(operation["operationId"].to_string()),
                    "{about}: the name is taken"
                );
                let responses = operation["responses"]
                    .as_object()
                    .map(|responses| responses.len());
                assert!(responses > Some(3), "{about}");
                for parameter in path.split('/').filter_map(|part| part.strip_prefix('{')) {
                    let name = parameter.trim_end_matches('}');
                    let listed = operation["parameters"].as_array().into_iter().flatten();
                    assert_eq!(
                        listed.filter(|other| other["name"] == name).count(),
                        1,
                        "{about}: {name}"
                    );
                }
                let secured = operation["security"]
                    .as_array()
                    .is_some_and(|options| !options.contains(&json!({})));
                assert!(
                    !secured || operation["responses"]["401"].is_object(),
                    "{about}: 401"
                );
                let body = operation["requestBody"].is_object();
                for status in ["415", "422"] {
                    assert!(
                        !body || operation["responses"][status].is_object(),
                        "{about}: {status}"
                    );
                }
            }
        }
    }
}

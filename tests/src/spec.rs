//! The platform's OpenAPI description, as the judge of its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::platform::Reply;

/// The methods that a path of the description may have.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The description, with what was seen of it.
#[derive(Default)]
pub struct Spec {
    document: Json,
    validators: Mutex<BTreeMap<String, std::sync::Arc<Validator>>>,
    seen: Mutex<BTreeSet<(String, String, u16)>>,
}

impl Spec {
    /// The description `document`.
    pub fn new(document: Json) -> Result<Spec> {
        let version = document["openapi"].as_str().unwrap_or_default();
        ensure!(
            version.starts_with("3.1."),
            "the description is of OpenAPI {version:?}"
        );
        Ok(Spec {
            document,
            ..Spec::default()
        })
    }

    /// The document itself.
    pub fn document(&self) -> &Json {
        &self.document
    }

    /// Every operation: method in small letters, and path with its parameters in braces.
    pub fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object();
        paths
            .into_iter()
            .flatten()
            .flat_map(|(path, item)| {
                METHODS
                    .iter()
                    .filter(|method| item.get(**method).is_some())
                    .map(|method| ((*method).to_owned(), path.clone()))
            })
            .collect()
    }

    /// The operations, and the statuses, that answers were seen of.
    pub fn seen(&self) -> BTreeSet<(String, String, u16)> {
        self.seen
            .lock()
            .map(|seen| seen.clone())
            .unwrap_or_default()
    }

    /// Fails unless `reply` is what the description says of the operation. What is not an operation of it passes.
    pub fn check(&self, method: &Method, path: &str, reply: &Reply) -> Result<()> {
        let Some(template) = self.template(path) else {
            return Ok(());
        };
        let method = method.as_str().to_ascii_lowercase();
        let operation = &self.document["paths"][template][&method];
        if operation.is_null() {
            return Ok(());
        }
        self.judge(template, &method, operation, reply)
            .with_context(|| {
                format!(
                    "{method} {template} answered {}: {}",
                    reply.status,
                    shortened(&reply.text)
                )
            })?;
        if let Ok(mut seen) = self.seen.lock() {
            seen.insert((method, template.to_owned(), reply.status));
        }
        Ok(())
    }

    fn judge(&self, template: &str, method: &str, operation: &Json, reply: &Reply) -> Result<()> {
        let status = reply.status.to_string();
        let response = &operation["responses"][&status];
        ensure!(!response.is_null(), "the status is not described");
        let mut pointer = format!("/paths/{}/{method}/responses/{status}", escaped(template));
        let mut response = response;
        if let Some(reference) = response["$ref"].as_str() {
            pointer = reference.trim_start_matches('#').to_owned();
            response = self
                .document
                .pointer(&pointer)
                .context("a reference leads nowhere")?;
        }
        let Some(content) = response["content"].as_object() else {
            ensure!(reply.text.is_empty(), "a body is not described");
            return Ok(());
        };
        let media_type = reply
            .headers
            .get("content-type")
            .context("there is no content type")?;
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        ensure!(
            content.contains_key(essence),
            "the content type {essence} is not described"
        );
        if !essence.ends_with("json") {
            return Ok(());
        }
        let body: Json = serde_json::from_str(&reply.text).context("the body is not JSON")?;
        let schema = format!("{pointer}/content/{}/schema", escaped(essence));
        ensure!(
            self.document.pointer(&schema).is_some(),
            "the body has no schema"
        );
        let wrong: Vec<String> = self
            .validator(&schema)?
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if !wrong.is_empty() {
            bail!("the body is not as described: {}", wrong.join("; "));
        }
        Ok(())
    }

    fn validator(&self, pointer: &str) -> Result<std::sync::Arc<Validator>> {
        let mut validators = self
            .validators
            .lock()
            .map_err(|_| anyhow::anyhow!("a test broke down"))?;
        if let Some(validator) = validators.get(pointer) {
            return Ok(validator.clone());
        }
        // The whole document is the root, so that its references lead somewhere; beside `$ref` it has no keyword.
        let mut root = self.document.clone();
        root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        root["$ref"] = json!(format!(
            "#{}",
            pointer.replace('{', "%7B").replace('}', "%7D")
        ));
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&root);
        let validator =
            std::sync::Arc::new(validator.map_err(|error| anyhow::anyhow!("{pointer}: {error}"))?);
        validators.insert(pointer.to_owned(), validator.clone());
        Ok(validator)
    }

    /// The path of the description that `path` is of; one without parameters goes before.
    fn template(&self, path: &str) -> Option<&str> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let fits = |template: &str| {
            let (mut left, mut right) = (template.split('/'), path.split('/'));
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return true,
                    (Some(left), Some(right))
                        if left == right || (left.starts_with('{') && !right.is_empty()) => {}
                    _ => return false,
                }
            }
        };
        let paths = self.document["paths"].as_object()?;
        let mut found: Vec<&str> = paths
            .keys()
            .map(String::as_str)
            .filter(|template| fits(template))
            .collect();
        found.sort_by_key(|template| template.matches('{').count());
        found.first().copied()
    }
}

/// A name as one step of a JSON pointer within a fragment.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn shortened(text: &str) -> String {
    text.chars().take(600).collect()
}

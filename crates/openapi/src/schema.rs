//! Making JSON schemas.

use serde_json::{Map, Value as Json, json};

/// An object that has exactly the members that are named.
#[derive(Default)]
pub(crate) struct Object {
    properties: Map<String, Json>,
    required: Vec<String>,
}

/// Begins an object.
pub(crate) fn object() -> Object {
    Object::default()
}

impl Object {
    /// A member that is always there.
    pub(crate) fn need(mut self, name: &str, schema: Json) -> Object {
        self.required.push(name.to_owned());
        self.properties.insert(name.to_owned(), schema);
        self
    }

    /// A member that may be missing.
    pub(crate) fn may(mut self, name: &str, schema: Json) -> Object {
        self.properties.insert(name.to_owned(), schema);
        self
    }

    /// The schema.
    pub(crate) fn json(self) -> Json {
        let mut schema = json!({ "type": "object", "properties": self.properties, "additionalProperties": false });
        if !self.required.is_empty() {
            schema["required"] = self.required.into();
        }
        schema
    }

    /// The schema of an object that may have more members.
    pub(crate) fn open(self) -> Json {
        let mut schema = self.json();
        schema["additionalProperties"] = true.into();
        schema
    }
}

/// A schema of `components`.
pub(crate) fn schema(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub(crate) fn text() -> Json {
    json!({ "type": "string" })
}

/// A text that a person writes and that says something.
pub(crate) fn written(description: &str) -> Json {
    json!({ "type": "string", "minLength": 1, "description": description })
}

pub(crate) fn flag() -> Json {
    json!({ "type": "boolean" })
}

pub(crate) fn count() -> Json {
    json!({ "type": "integer", "minimum": 0 })
}

/// A time to the second.
pub(crate) fn time() -> Json {
    json!({ "type": "string", "format": "date-time" })
}

pub(crate) fn date() -> Json {
    json!({ "type": "string", "format": "date" })
}

/// A share between 0 and 1.
pub(crate) fn share() -> Json {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

pub(crate) fn list(items: Json) -> Json {
    json!({ "type": "array", "items": items })
}

/// One of some names.
pub(crate) fn one_of(names: &[&str]) -> Json {
    json!({ "type": "string", "enum": names })
}

/// Exactly this text.
pub(crate) fn exactly(value: &str) -> Json {
    json!({ "type": "string", "const": value })
}

/// `schema`, or null.
pub(crate) fn nullable(schema: Json) -> Json {
    match schema.get("type") {
        Some(Json::String(kind))
            if schema.get("enum").is_none() && schema.get("const").is_none() =>
        {
            let mut schema = schema.clone();
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// The schema with a description.
pub(crate) fn described(mut schema: Json, description: &str) -> Json {
    schema["description"] = description.into();
    schema
}

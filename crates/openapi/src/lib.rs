//! The description of the platform's HTTP interface: one OpenAPI 3.1 document.

#![deny(missing_docs)]

/// The document.
pub fn document() -> serde_json::Value {
    serde_json::json!({ "openapi": "3.1.0" })
}

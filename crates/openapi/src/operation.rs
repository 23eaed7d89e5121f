//! Making operations.

use serde_json::{Map, Value as Json, json};

use crate::schema::schema;

/// One operation.
#[derive(Clone)]
pub(crate) struct Operation {
    /// `get`, `post` and so on.
    pub(crate) method: &'static str,
    /// The path with parameters in braces.
    pub(crate) path: String,
    id: String,
    tag: &'static str,
    summary: String,
    description: Option<String>,
    parameters: Vec<Json>,
    body: Option<Json>,
    responses: Map<String, Json>,
    security: Option<Json>,
}

/// The answers that any operation may give: the request cannot be read, the
/// method is another one, the body is too long or does not come, or the
/// platform cannot be reached just now.
const ALWAYS: [(&str, &str); 5] = [
    ("400", "BadRequest"),
    ("405", "MethodNotAllowed"),
    ("408", "Timeout"),
    ("413", "TooLarge"),
    ("503", "Unavailable"),
];

/// Problems that several operations answer.
const PROBLEMS: [(&str, &str, &str); 12] = [
    (
        "400",
        "BadRequest",
        "The request cannot be read: its address, its query or its JSON is malformed.",
    ),
    (
        "401",
        "Unauthorized",
        "Nobody is signed in, or the token or key is unknown or has expired.",
    ),
    (
        "403",
        "Forbidden",
        "Not with this role, not with this department, or not before the one-time password is changed.",
    ),
    (
        "404",
        "NotFound",
        "There is no such thing, or not for this caller, which looks the same.",
    ),
    ("405", "MethodNotAllowed", "The method is another one."),
    ("408", "Timeout", "The body did not arrive in time."),
    (
        "409",
        "Conflict",
        "What is stored stands against it; the code at the end of `type` says what.",
    ),
    ("413", "TooLarge", "The body is too long."),
    (
        "415",
        "MediaType",
        "The body is not `application/json`, or whatever the operation takes.",
    ),
    (
        "422",
        "Invalid",
        "Fields or parameters have wrong values; `errors` names them.",
    ),
    (
        "429",
        "TooMany",
        "Too many requests; try again after `Retry-After` seconds.",
    ),
    (
        "503",
        "Unavailable",
        "The platform or its database cannot be reached; try again after `Retry-After` seconds.",
    ),
];

/// The shared answers as components.
pub(crate) fn shared_responses() -> Json {
    PROBLEMS
        .iter()
        .map(|(status, name, description)| {
            let mut response = json!({
                "description": description,
                "content": { "application/problem+json": { "schema": schema("Problem") } },
            });
            match *status {
                "401" => response["headers"] = json!({ "WWW-Authenticate": { "schema": { "type": "string" } } }),
                "405" => response["headers"] = json!({ "Allow": { "schema": { "type": "string" } } }),
                "429" | "503" => {
                    response["headers"] =
                        json!({ "Retry-After": { "schema": { "type": "integer", "minimum": 1 }, "description": "Seconds." } });
                }
                _ => {}
            }
            ((*name).to_owned(), response)
        })
        .collect::<Map<_, _>>()
        .into()
}

impl Operation {
    pub(crate) fn new(
        method: &'static str,
        path: &str,
        id: &str,
        tag: &'static str,
        summary: &str,
    ) -> Operation {
        let mut operation = Operation {
            method,
            path: path.to_owned(),
            id: id.to_owned(),
            tag,
            summary: summary.to_owned(),
            description: None,
            parameters: Vec::new(),
            body: None,
            responses: Map::new(),
            security: None,
        };
        for (status, name) in ALWAYS {
            operation.responses.insert(status.to_owned(), shared(name));
        }
        operation
    }

    pub(crate) fn description(mut self, text: impl Into<String>) -> Operation {
        self.description = Some(text.into());
        self
    }

    /// A parameter of the path.
    pub(crate) fn path_parameter(
        mut self,
        name: &str,
        schema: Json,
        description: &str,
    ) -> Operation {
        self.parameters.push(
            json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": description }),
        );
        self.problem("404")
    }

    /// The case of the path.
    pub(crate) fn of_case(self) -> Operation {
        self.path_parameter("number", case_number(), "Number of the case.")
    }

    /// A parameter of the query, which may be empty, as forms send what is not filled in; with one, 422 is possible.
    pub(crate) fn query(mut self, name: &str, schema: Json, description: &str) -> Operation {
        self.parameters.push(json!({
            "name": name,
            "in": "query",
            "schema": schema,
            "allowEmptyValue": true,
            "description": description,
        }));
        self.problem("422")
    }

    /// `limit` and `cursor`.
    pub(crate) fn paged(self, default: u32, max: u32) -> Operation {
        let limit = json!({ "type": "integer", "minimum": 1, "maximum": max, "default": default });
        self.query("limit", limit, "Rows of a page.").query(
            "cursor",
            json!({ "type": "string" }),
            "The `next` of the page before.",
        )
    }

    /// An optional header.
    pub(crate) fn header(mut self, name: &str, schema: Json, description: &str) -> Operation {
        self.parameters.push(
            json!({ "name": name, "in": "header", "schema": schema, "description": description }),
        );
        self
    }

    /// The body, with an example.
    pub(crate) fn body(mut self, required: bool, schema: Json, example: Json) -> Operation {
        self.body = Some(json!({
            "required": required,
            "content": { "application/json": { "schema": schema, "example": example } },
        }));
        self.problem("415").problem("422")
    }

    /// A body that is not JSON.
    pub(crate) fn body_of(mut self, media_type: &str) -> Operation {
        self.body = Some(json!({ "required": true, "content": { media_type: {} } }));
        self.problem("415").problem("422")
    }

    /// A successful answer with JSON.
    pub(crate) fn answers(mut self, status: &str, description: &str, schema: Json) -> Operation {
        self.responses.insert(
            status.to_owned(),
            json!({ "description": description, "content": { "application/json": { "schema": schema } } }),
        );
        self
    }

    /// A successful answer of another kind; without media types it has no body.
    pub(crate) fn answers_raw(
        mut self,
        status: &str,
        description: &str,
        media_types: &[&str],
    ) -> Operation {
        let mut response = json!({ "description": description });
        if !media_types.is_empty() {
            response["content"] = media_types
                .iter()
                .map(|media_type| ((*media_type).to_owned(), json!({})))
                .collect::<Map<_, _>>()
                .into();
        }
        self.responses.insert(status.to_owned(), response);
        self
    }

    /// Headers of a successful answer.
    pub(crate) fn response_header(
        mut self,
        status: &str,
        name: &str,
        description: &str,
    ) -> Operation {
        self.responses[status]["headers"][name] =
            json!({ "schema": { "type": "string" }, "description": description });
        self
    }

    /// An answer that may be kept and asked for again with its entity tag.
    pub(crate) fn cacheable(self) -> Operation {
        self.header(
            "If-None-Match",
            json!({ "type": "string" }),
            "Entity tags that the caller has.",
        )
        .answers_raw("304", "The caller has it already.", &[])
        .response_header("200", "ETag", "Entity tag of the content.")
    }

    /// A problem that it may answer.
    pub(crate) fn problem(mut self, status: &str) -> Operation {
        if let Some((status, name, _)) = PROBLEMS.iter().find(|(other, ..)| *other == status) {
            self.responses.insert((*status).to_owned(), shared(name));
        }
        self
    }

    /// Whose credentials it takes; `anyone` lets it be called without.
    pub(crate) fn security(mut self, schemes: &[&str], anyone: bool) -> Operation {
        let mut options: Vec<Json> = schemes
            .iter()
            .map(|scheme| json!({ (*scheme): [] }))
            .collect();
        if anyone {
            options.push(json!({}));
        }
        self.security = Some(options.into());
        self.problem("401")
    }

    /// For staff with one of some roles.
    pub(crate) fn staff(self) -> Operation {
        self.security(&["session"], false).problem("403")
    }

    pub(crate) fn json(&self) -> Json {
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "security": self.security.clone().unwrap_or_else(|| json!([{}])),
        });
        if let Some(description) = &self.description {
            operation["description"] = description.as_str().into();
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.clone().into();
        }
        if let Some(body) = &self.body {
            operation["requestBody"] = body.clone();
        }
        let mut responses: Vec<(&String, &Json)> = self.responses.iter().collect();
        responses.sort_by_key(|(status, _)| *status);
        operation["responses"] = responses
            .into_iter()
            .map(|(status, response)| (status.clone(), response.clone()))
            .collect::<Map<_, _>>()
            .into();
        operation
    }
}

fn shared(name: &str) -> Json {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

/// The form of case numbers: prefix, day, random digits, check digit.
pub(crate) fn case_number() -> Json {
    json!({ "type": "string", "pattern": "^[A-Z]{1,8}[0-9]{8}-[0-9]{8}$", "examples": ["YZ20260901-00000000"] })
}

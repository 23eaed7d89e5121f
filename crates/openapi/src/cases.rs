//! Sending a message, and the page of a case.

use serde_json::{Value as Json, json};

use crate::operation::Operation;
use crate::schema::{described, flag, list, nullable, object, schema, text};

/// The operations.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("post", "/api/cases", "sendMessage", "cases", "Send a message")
            .description(
                "By citizens; by operators and the duty desk on a citizen's behalf; by the adapters of channels. \
                 The same message twice is one case: 409, or with a key the first answer again. 422 `key-reused` \
                 when the key came with another message before.",
            )
            .security(&["session", "channel"], true)
            .header(
                "Idempotency-Key",
                json!({ "type": "string", "pattern": "^[!-~]{1,255}$" }),
                "By what the message is known again.",
            )
            .body(true, message(), example())
            .answers("201", "The case is made. The query code is shown this once.", schema("Receipt"))
            .response_header("201", "Location", "The page of the case.")
            .response_header("201", "Idempotent-Replay", "`true` when this is the answer of an earlier request.")
            .problem("403")
            .problem("409")
            .problem("429"),
        Operation::new("get", "/api/cases/{number}", "showCase", "cases", "The page of a case")
            .description(
                "With the query code the citizen's own page, else the public copy. A case that is not public and one \
                 that does not exist look the same.",
            )
            .of_case()
            .header("Query-Code", json!({ "type": "string" }), "The citizen's secret query code.")
            .answers("200", "The page.", json!({ "oneOf": [schema("PublicCase"), schema("CitizenCase")] }))
            .cacheable(),
        Operation::new(
            "get",
            "/api/cases/{number}/attachments/{position}",
            "showAttachment",
            "cases",
            "A file that the citizen sent along",
        )
        .description("For the citizen, and for staff who see the case.")
        .of_case()
        .path_parameter("position", json!({ "type": "integer", "minimum": 1 }), "Its place among the files, from 1.")
        .security(&["session", "citizen"], false)
        .problem("403")
        .answers_raw("200", "The file, to be saved.", &["image/jpeg", "image/png", "image/webp", "application/pdf"])
        .response_header("200", "Content-Disposition", "The name of the file."),
    ]
}

fn message() -> Json {
    let place = object()
        .may(
            "division",
            nullable(described(
                text(),
                "A town or sub-district of `GET /api/district`.",
            )),
        )
        .may(
            "address",
            nullable(described(text(), "In the citizen's words.")),
        );
    let contact = object()
        .may("name", nullable(text()))
        .may("phone", nullable(text()))
        .may("email", nullable(text()));
    let consent = object().may(
        "publish",
        nullable(described(
            flag(),
            "To a redacted public copy of message and answer.",
        )),
    );
    let attachment = object()
        .need("name", described(text(), "Name of the file."))
        .need(
            "content",
            described(text(), "The file in base64: JPEG, PNG, WebP or PDF."),
        );
    let mut schema = object()
        .may(
            "subject",
            nullable(described(
                text(),
                "What it is about, in a line. Needed unless there is a body.",
            )),
        )
        .may("body", nullable(described(text(), "The message.")))
        .may("kind", nullable(schema("Kind")))
        .may(
            "language",
            nullable(described(
                text(),
                "BCP 47 tag; found from the text where it is left out.",
            )),
        )
        .may(
            "channel",
            nullable(described(
                text(),
                "By which channel it came; only staff may say another than their own.",
            )),
        )
        .may("place", nullable(place.json()))
        .may("contact", nullable(contact.json()))
        .may("consent", nullable(consent.json()))
        .may("attachments", nullable(list(attachment.json())))
        .may(
            "reference",
            nullable(described(
                text(),
                "The channel's own identifier of the message.",
            )),
        )
        .json();
    schema["description"] = "A subject or a body is needed.".into();
    schema
}

fn example() -> Json {
    json!({
        "subject": "路灯不亮",
        "body": "泰康中路的路灯坏了三天，晚上很黑。",
        "place": { "division": "zhonghe" },
        "consent": { "publish": true },
    })
}

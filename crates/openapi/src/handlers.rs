//! Departments' handlers: what decides, and publishing with a department's key.

use serde_json::{Value as Json, json};

use crate::operation::Operation;
use crate::schema::{
    Object, count, described, flag, list, nullable, object, one_of, schema, text, time,
};

const TAG: &str = "departments";

/// How the signed text looks; the same for a release and for an order.
const SIGNING: &str = "\
The signature is Ed25519, in base64, over these lines, each ended by a line feed: `wenzheng handler 1`, \
`department: ID`, `revision: N` (one more than now), `action: …` as the log will name it, `release: N` (0 for none), \
`share: N`, `sha256: …` of the release's component in hexadecimal (empty without one), `endpoint: …` (empty where the \
platform runs it). So it counts once, for this order and nothing else.";

/// The operations.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            "get",
            "/api/handlers",
            "listHandlers",
            TAG,
            "What decides for every department that ever published",
        )
        .answers(
            "200",
            "By department.",
            object().need("handlers", list(schema("HandlerStanding"))).json(),
        ),
        of_department(Operation::new(
            "get",
            "/api/departments/{department}/handler",
            "showHandler",
            TAG,
            "The handler of a department",
        ))
        .description(
            "Everybody sees what decides, what was published and the last 100 changes. A publisher of the department \
             who signs the request also sees every change with its signature, the keys, and what became of what was \
             handed in. The signature is then Ed25519, in base64, over the lines `wenzheng handler reading 1`, \
             `department: ID` and `time: …`, each ended by a line feed.",
        )
        .header("Publisher-Key", text(), "The Ed25519 public key of whoever asks, in base64.")
        .header("Publisher-Signature", text(), "Their signature.")
        .header(
            "Publisher-Time",
            text(),
            "The time that was signed, RFC 3339; at most five minutes from the platform's.",
        )
        .security(&["publisher"], true)
        .problem("403")
        .problem("422")
        .answers("200", "The handler.", schema("Handler")),
        signed(of_department(Operation::new(
            "post",
            "/api/departments/{department}/handler",
            "deliverHandler",
            TAG,
            "Hand in a release",
        )))
        .description(format!(
            "The component is stored and judged afterwards, by the platform's loader: whether it passed the gate and \
             is in force stands among the `deliveries` of `GET`, under its signature. {SIGNING} The action is \
             `publish`, or `propose` where the department wants two publishers. Nothing of the body is read before \
             the signature was found right."
        ))
        .header("Handler-Revision", count(), "The revision that was signed.")
        .header(
            "Handler-Share",
            json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
            "The share of the cases that it decides, in hundredths.",
        )
        .header("Content-Digest", text(), "`sha-256=:…:` of the body, as RFC 9530 has it.")
        .body_of("application/wasm")
        .answers("202", "It has arrived.", delivered()),
        signed(of_department(Operation::new(
            "post",
            "/api/departments/{department}/handler/order",
            "orderHandler",
            TAG,
            "Promote, roll back, disable, confirm, or say where the handler runs",
        )))
        .description(format!("Carried out at once. {SIGNING}"))
        .body(
            true,
            object()
                .need(
                    "order",
                    one_of(&["promote", "rollback", "disable", "endpoint", "confirm"]),
                )
                .need("revision", described(count(), "The revision that was signed."))
                .may(
                    "to",
                    nullable(described(
                        count(),
                        "For `rollback`: the release to go back to; without it, a release on trial or a proposal is \
                         taken back, or the current release for the one before.",
                    )),
                )
                .may(
                    "at",
                    nullable(described(
                        text(),
                        "For `endpoint`: where the handler runs as an application of its own.",
                    )),
                )
                .json(),
            json!({ "order": "rollback", "revision": 3 }),
        )
        .answers("200", "What decides now.", standing().need("action", text()).json()),
    ]
}

fn of_department(operation: Operation) -> Operation {
    operation.path_parameter(
        "department",
        json!({ "type": "string", "pattern": "^[a-z0-9-]+$" }),
        "Identifier of the department.",
    )
}

fn signed(operation: Operation) -> Operation {
    operation
        .header(
            "Publisher-Key",
            text(),
            "The Ed25519 public key of a publisher of the department, in base64.",
        )
        .header("Publisher-Signature", text(), "Their signature.")
        .security(&["publisher"], false)
        .problem("403")
        .problem("409")
        .problem("422")
}

fn release() -> Json {
    described(count(), "Number of a release of the department, from 1.")
}

fn hundredths() -> Json {
    json!({ "type": "integer", "minimum": 0, "maximum": 100, "description": "In hundredths of the cases." })
}

fn sha256() -> Json {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the component." })
}

fn delivered() -> Json {
    object()
        .need("department", text())
        .need("revision", count())
        .need("release", release())
        .need("share", hundredths())
        .need("sha256", sha256())
        .need("verdict", verdict())
        .need("detail", text())
        .json()
}

fn verdict() -> Json {
    one_of(&[
        "waiting",
        "published",
        "proposed",
        "refused",
        "overtaken",
        "replaced",
    ])
}

fn standing() -> Object {
    object()
        .need("department", text())
        .need(
            "revision",
            described(
                count(),
                "How often it was changed; 0 before the first time.",
            ),
        )
        .need(
            "current",
            nullable(described(
                count(),
                "The release that decides; null, and the platform's default does.",
            )),
        )
        .need(
            "candidate",
            nullable(described(
                count(),
                "A release on trial, which decides `share` of the cases.",
            )),
        )
        .need("share", hundredths())
        .need(
            "elsewhere",
            described(flag(), "It runs as an application of its own."),
        )
        .need(
            "two_publishers",
            described(flag(), "What is new needs a second publisher."),
        )
        .need(
            "waits",
            json!({
                "description": "What waits for the second publisher.",
                "anyOf": [
                    { "type": "null" },
                    { "type": "string", "const": "endpoint" },
                    object().need("release", release()).json(),
                ],
            }),
        )
}

/// What decides for a department.
pub(crate) fn handler_standing() -> Json {
    standing().json()
}

/// The handler of a department.
pub(crate) fn handler() -> Json {
    let published = object()
        .need("release", release())
        .need("name", text())
        .need("version", text())
        .need("sha256", sha256())
        .need("categories", list(text()))
        .need("published_at", time());
    let entry = object()
        .need("revision", count())
        .need("at", time())
        .need("action", text())
        .need("release", nullable(count()))
        .need("share", hundredths())
        .may(
            "signed",
            object()
                .need("endpoint", nullable(text()))
                .need("key", text())
                .need("signature", text())
                .json(),
        );
    let key = object()
        .need("key", text())
        .need("holder", text())
        .need("created_at", time())
        .need("revoked_at", nullable(time()));
    let delivery = object()
        .need(
            "signature",
            described(text(), "Of the order that came with it."),
        )
        .need("revision", count())
        .need("release", release())
        .need("share", hundredths())
        .need("sha256", sha256())
        .need("arrived_at", time())
        .need("verdict", verdict())
        .need("detail", described(text(), "What the verdict means."))
        .need("judged_at", nullable(time()))
        .need(
            "report",
            nullable(described(
                text(),
                "What the gate looked at and found, for the programmer.",
            )),
        );
    let notice = object()
        .need("at", time())
        .need("release", release())
        .need("what", one_of(&["rests", "recovered"]))
        .need("cause", nullable(text()));
    standing()
        .need("releases", list(published.json()))
        .need(
            "history",
            described(list(entry.json()), "Every change, the latest first."),
        )
        .may(
            "publishers",
            described(
                object()
                    .need("endpoint", nullable(text()))
                    .need("keys", list(key.json()))
                    .need("deliveries", list(delivery.json()))
                    .need("notices", list(notice.json()))
                    .json(),
                "For publishers of the department only.",
            ),
        )
        .json()
}

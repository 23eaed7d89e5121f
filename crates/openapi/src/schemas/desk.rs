//! The schemas of what staff see of a case.

use serde_json::{Value as Json, json};

use crate::schema::{
    Object, count, described, exactly, flag, list, nullable, object, one_of, schema, text, time,
};

/// What stands for the subject of a message that has none.
pub(crate) fn beginning() -> Json {
    described(
        nullable(text()),
        "The first words of a message without a subject, with what is personal covered; null where it has one.",
    )
}

pub(super) fn follow_up_row() -> Json {
    let follow_up = object()
        .need("due_at", time())
        .need("overdue", flag())
        .need("task", text());
    desk_row().need("follow_up", follow_up.json()).json()
}

pub(super) fn desk_row() -> Object {
    object()
        .need("number", text())
        .need("sequence", count())
        .need("subject", nullable(text()))
        .need("beginning", beginning())
        .need("state", schema("State"))
        .need("queue", nullable(schema("Queue")))
        .need("kind", schema("Kind"))
        .need("urgency", schema("Urgency"))
        .need("category", nullable(text()))
        .need("department", nullable(text()))
        .need("division", nullable(text()))
        .need("tell_supervisor", flag())
        .need("received_at", time())
        .need("updated_at", time())
        .need("due_at", nullable(time()))
        .need("lamp", nullable(schema("Lamp")))
}

pub(super) fn desk_case() -> Json {
    let source = object()
        .need("article", text())
        .need("title", text())
        .need("updated", text())
        .need("stale", flag());
    let draft = object()
        .need("sequence", count())
        .need("text", text())
        .need("sources", list(source.json()));
    let answer = object()
        .need("sequence", count())
        .need("at", time())
        .need("author", text())
        .need("author_name", text())
        .need("department", text())
        .need("department_name", text())
        .need("self_answered", flag())
        .need("text", nullable(text()))
        .need("basis", nullable(list(text())))
        .need("contact", nullable(text()));
    let span = json!({ "type": "array", "items": count(), "minItems": 2, "maxItems": 2 });
    let finding = object()
        .need("code", text())
        .need("severity", one_of(&["note", "warning", "blocking"]))
        .may("span", span);
    let personal = object()
        .need("kind", text())
        .need("field", text())
        .need("start", count())
        .need("end", count());
    let original = object()
        .need("subject", nullable(text()))
        .need("body", nullable(text()))
        .need("address", nullable(text()))
        .need("reference", nullable(text()))
        .need(
            "personal",
            described(nullable(list(personal.json())), "Spans in characters."),
        )
        .need(
            "raw",
            described(
                nullable(json!({ "type": "object" })),
                "The texts as they came, where they differ.",
            ),
        );
    let contact = object()
        .need(
            "on_request",
            described(
                flag(),
                "Whether `POST /api/desk/cases/{number}/contact` shows it in the clear.",
            ),
        )
        .need("name", nullable(text()))
        .need("phone", nullable(text()))
        .need("email", nullable(text()));
    let supplement = object()
        .need("sequence", count())
        .need("at", time())
        .need("text", text());
    let held = json!({ "anyOf": [
        { "type": "null" },
        exactly("spam"),
        object().need("no-dispatch", schema("NoDispatchReason")).json(),
    ] });
    let merged = object().need("into", text()).need("from", schema("State"));
    let similar = object()
        .need("number", text())
        .need("subject", nullable(text()))
        .need("beginning", beginning())
        .need("state", schema("State"))
        .need("state_name", text())
        .need("department", nullable(text()))
        .need("received_at", time())
        .need(
            "score",
            described(
                json!({ "type": "integer", "minimum": 0, "maximum": 10_000 }),
                "How likely it is about the same matter, in ten-thousandths.",
            ),
        );
    let other = object()
        .need("account", text())
        .need("name", text())
        .need("role", schema("Role"))
        .need("at", time());
    let rated = object()
        .need("grade", schema("Grade"))
        .need("solved", flag())
        .need("at", time());
    let extension = object()
        .need("pending", nullable(count()))
        .need("granted", count());
    let follow_up = object()
        .need("task", nullable(text()))
        .need("after_days", count())
        .need(
            "due_at",
            described(nullable(time()), "Null until the answer is published."),
        )
        .need("overdue", flag());
    object()
        .need("number", text())
        .need("sequence", count())
        .need("state", schema("State"))
        .need("state_name", text())
        .need("family", schema("Family"))
        .need("queue", nullable(schema("Queue")))
        .need("kind", schema("Kind"))
        .need("urgency", schema("Urgency"))
        .need("signals", list(text()))
        .need("language", text())
        .need("channel", text())
        .need("division", nullable(text()))
        .need("consent", object().need("publish", flag()).json())
        .need("public", flag())
        .need("received_at", time())
        .need("updated_at", time())
        .need("published_at", nullable(time()))
        .need("due_at", nullable(time()))
        .need("lamp", nullable(schema("Lamp")))
        .need("deadline", nullable(schema("Deadline")))
        .need("category", nullable(text()))
        .need("category_name", nullable(text()))
        .need("department", nullable(text()))
        .need("department_name", nullable(text()))
        .need("co_handling", list(text()))
        .need("responsibility", nullable(text()))
        .need("returned_by", list(text()))
        .need("disputed", flag())
        .need("binding", flag())
        .need("held", held)
        .need("explained", nullable(schema("NoDispatchReason")))
        .need("extension", extension.json())
        .need("reopened", count())
        .need("supervised", count())
        .need("tell_supervisor", flag())
        .need("merged", nullable(merged.json()))
        .need("similar", list(similar.json()))
        .need(
            "others",
            described(
                list(other.json()),
                "Who else opened the case a short while ago and may be at work on it.",
            ),
        )
        .need("reviewer", nullable(text()))
        .need(
            "self_answer",
            described(
                flag(),
                "The draft is good enough for the centre to answer with.",
            ),
        )
        .need("actions", list(schema("AllowedAction")))
        .need("original", original.json())
        .need("supplements", list(supplement.json()))
        .need("attachments", list(schema("Attachment")))
        .need("contact", nullable(contact.json()))
        .need("draft", nullable(draft.json()))
        .need("answer", nullable(answer.json()))
        .need("findings", list(finding.json()))
        .need("rating", nullable(rated.json()))
        .need("follow_up", nullable(follow_up.json()))
        .need("events", list(schema("Event")))
        .json()
}

pub(super) fn actor() -> Json {
    let staff = object()
        .need("type", exactly("staff"))
        .need("account", text())
        .need("name", described(text(), "The name as colleagues see it."))
        .need("role", schema("Role"))
        .may("department", text());
    json!({ "oneOf": [
        object().need("type", exactly("citizen")).json(),
        staff.json(),
        object().need("type", exactly("channel")).need("channel", text()).json(),
        object().need("type", exactly("system")).need("stage", text()).json(),
    ] })
}

pub(super) fn event() -> Json {
    let mut event = object()
        .need("sequence", count())
        .need("at", time())
        .need("actor", schema("Actor"))
        .need("request", text())
        .need("kind", text())
        .need("title", text())
        .may("text", described(text(), "What was written."))
        .may(
            "proposal",
            described(
                object().open(),
                "With `drafted` and `draft-refused`: what the department's own handler proposes to do with the case: `accept` into a section, `ask` the citizen, or `send-back`.",
            ),
        )
        .open();
    event["description"] =
        "An event with all that is recorded of it; the rest depends on the kind.".into();
    event
}

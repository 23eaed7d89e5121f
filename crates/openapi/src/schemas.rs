//! The schemas of `components`.

pub(crate) mod desk;

use case::event::{CaseKind, Urgency};
use case::lifecycle::TABLE;
use case::{Queue, Role, State};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::schema::{
    count, date, described, exactly, flag, list, nullable, object, one_of, schema, share, text,
    time,
};
use crate::{actions, handlers, public, staff};

const KINDS: [CaseKind; 5] = [
    CaseKind::Complaint,
    CaseKind::Consultation,
    CaseKind::Help,
    CaseKind::Report,
    CaseKind::Suggestion,
];
const URGENCIES: [Urgency; 3] = [Urgency::Normal, Urgency::Urgent, Urgency::Emergency];

/// One of the names that `values` have in JSON.
pub(crate) fn names(values: &[impl Serialize]) -> Json {
    let names: Vec<Json> = values
        .iter()
        .map(|value| serde_json::to_value(value).unwrap_or_default())
        .collect();
    json!({ "type": "string", "enum": names })
}

/// All of them, by name.
pub(crate) fn all() -> Json {
    let states: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
    let queues: Vec<&str> = Queue::ALL.iter().map(|queue| queue.name()).collect();
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    let actions: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    let schemas: Vec<(&str, Json)> = vec![
        ("Problem", problem()),
        ("State", one_of(&states)),
        ("Family", one_of(&["open", "solved", "not-solved"])),
        ("Queue", one_of(&queues)),
        ("Role", one_of(&roles)),
        ("Action", one_of(&actions)),
        ("Kind", names(&KINDS)),
        ("Urgency", names(&URGENCIES)),
        ("Grade", actions::grade()),
        ("NoDispatchReason", actions::outcome()),
        ("Lamp", one_of(&["green", "yellow", "red"])),
        ("Standing", standing()),
        ("HandlerStanding", handlers::handler_standing()),
        ("Handler", handlers::handler()),
        ("Receipt", receipt()),
        ("TimelineEntry", timeline_entry()),
        ("Deadline", deadline()),
        ("AllowedAction", allowed_action()),
        ("Attachment", attachment()),
        ("PublicCase", public_case()),
        ("CitizenCase", citizen_case()),
        ("Publication", publication()),
        ("ArticleSummary", public::article_summary()),
        ("Article", public::article()),
        ("District", district()),
        ("Lifecycle", lifecycle()),
        ("Statistics", statistics()),
        (
            "CountFigure",
            object()
                .need("value", count())
                .need("definition", text())
                .json(),
        ),
        ("ShareFigure", share_figure()),
        ("Account", staff::account()),
        ("DeskRow", desk::desk_row().json()),
        ("FollowUpRow", desk::follow_up_row()),
        ("DeskCase", desk::desk_case()),
        ("Actor", desk::actor()),
        ("Event", desk::event()),
    ];
    schemas
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect::<Map<_, _>>()
        .into()
}

fn problem() -> Json {
    let error = object()
        .need(
            "field",
            described(text(), "Path of the field, such as `contact.phone`."),
        )
        .need("code", described(text(), "Stable code."))
        .need("detail", described(text(), "What is wrong, for people."));
    object()
        .need(
            "type",
            described(
                text(),
                "Ends in a stable code: `urn:wenzheng:problem:stale`.",
            ),
        )
        .need("title", text())
        .need(
            "status",
            json!({ "type": "integer", "minimum": 400, "maximum": 599 }),
        )
        .may("detail", described(text(), "What to do about it."))
        .may(
            "request",
            described(text(), "Id of the request, to quote when asking for help."),
        )
        .may("errors", list(error.json()))
        .may("retry_after", described(count(), "Seconds."))
        .may("number", described(text(), "The case that it is about."))
        .may("state", schema("State"))
        .may("sequence", count())
        .open()
}

fn standing() -> Json {
    object()
        .need("number", text())
        .need("state", schema("State"))
        .need("family", schema("Family"))
        .need("sequence", count())
        .json()
}

fn receipt() -> Json {
    let advice = object().need("about", text()).need("text", text());
    let links = object().need("self", text()).need("publications", text());
    object()
        .need("number", text())
        .need(
            "query_code",
            described(text(), "Secret: with it the citizen follows the case."),
        )
        .need("status", schema("State"))
        .need("kind", schema("Kind"))
        .need("urgency", schema("Urgency"))
        .need("received_at", time())
        .need("due", nullable(time()))
        .need(
            "personal",
            described(
                count(),
                "Pieces of personal data found, which a public copy would not show.",
            ),
        )
        .need("missing", described(list(text()), "Facts that would help."))
        .need("links", links.json())
        .may(
            "advice",
            described(
                list(advice.json()),
                "What to do at once, and the wording of a proposed outcome.",
            ),
        )
        .json()
}

fn timeline_entry() -> Json {
    object()
        .need("sequence", count())
        .need("at", time())
        .need("kind", text())
        .need("title", text())
        .may("department", text())
        .may("department_name", text())
        .may(
            "text",
            described(text(), "What was written; on the citizen's own page only."),
        )
        .json()
}

fn deadline() -> Json {
    object()
        .need("duty", one_of(&["dispatch", "accept", "answer"]))
        .need("due_at", time())
        .need("lamp", schema("Lamp"))
        .need("standing_since", nullable(time()))
        .need("rule", text())
        .need(
            "explanation",
            described(list(text()), "The arithmetic, step by step."),
        )
        .json()
}

fn allowed_action() -> Json {
    object()
        .need("action", schema("Action"))
        .need("title", text())
        .need("href", text())
        .need("reason", described(flag(), "It needs a reason."))
        .json()
}

fn attachment() -> Json {
    object()
        .need("position", count())
        .need("name", text())
        .need("media_type", text())
        .need("bytes", count())
        .need("href", text())
        .json()
}

fn rating() -> Json {
    nullable(
        object()
            .need("grade", schema("Grade"))
            .need("solved", flag())
            .json(),
    )
}

fn public_case() -> Json {
    object()
        .need("visibility", exactly("public"))
        .need("number", text())
        .need("kind", schema("Kind"))
        .need("kind_name", text())
        .need("language", text())
        .need("channel", text())
        .need("category", nullable(text()))
        .need("category_name", nullable(text()))
        .need("department", described(text(), "Who answered."))
        .need("department_name", text())
        .need("division", nullable(text()))
        .need("received_at", time())
        .need("answered_at", time())
        .need("published_at", time())
        .need(
            "self_answered",
            described(flag(), "By the centre, out of the knowledge base."),
        )
        .need("subject", text())
        .need("body", text())
        .need("supplements", list(text()))
        .need("answer", text())
        .need("basis", list(text()))
        .need("answer_contact", nullable(text()))
        .need("rating", rating())
        .need("timeline", list(schema("TimelineEntry")))
        .json()
}

fn citizen_case() -> Json {
    let contact = object()
        .need("name", nullable(text()))
        .need("phone", nullable(text()))
        .need("email", nullable(text()));
    let supplement = object().need("at", time()).need("text", text());
    let explained = object()
        .need("reason", schema("NoDispatchReason"))
        .need("text", nullable(text()));
    let opened = object()
        .need("role", schema("Role"))
        .need("role_name", text())
        .need("count", count())
        .need("last_at", time());
    object()
        .need("visibility", exactly("citizen"))
        .need("number", text())
        .need("sequence", count())
        .need("state", schema("State"))
        .need("state_name", text())
        .need("family", schema("Family"))
        .need("kind", schema("Kind"))
        .need("kind_name", text())
        .need("urgency", schema("Urgency"))
        .need("language", text())
        .need("channel", text())
        .need("category", nullable(text()))
        .need("category_name", nullable(text()))
        .need("division", nullable(text()))
        .need(
            "department",
            described(
                text(),
                "Who holds it now; the centre before a department does.",
            ),
        )
        .need("department_name", text())
        .need("consent", object().need("publish", flag()).json())
        .need(
            "public",
            described(flag(), "A public copy stands on the site."),
        )
        .need("received_at", time())
        .need("updated_at", time())
        .need("published_at", nullable(time()))
        .need("subject", nullable(text()))
        .need("body", nullable(text()))
        .need("address", nullable(text()))
        .need("supplements", list(supplement.json()))
        .need("attachments", list(schema("Attachment")))
        .need("contact", described(nullable(contact.json()), "Masked."))
        .need("deadline", nullable(schema("Deadline")))
        .need("explained", nullable(explained.json()))
        .need("merged_into", nullable(text()))
        .need("answer", nullable(text()))
        .need("basis", list(text()))
        .need("answer_contact", nullable(text()))
        .need("answered_by", nullable(text()))
        .need("self_answered", flag())
        .need("rating", rating())
        .need("timeline", list(schema("TimelineEntry")))
        .need(
            "openings",
            described(
                list(opened.json()),
                "How often the staff opened the case, by role.",
            ),
        )
        .need("actions", list(schema("AllowedAction")))
        .json()
}

fn publication() -> Json {
    object()
        .need("number", text())
        .need("kind", schema("Kind"))
        .need("kind_name", text())
        .need("subject", text())
        .need("excerpt", text())
        .need("answer_excerpt", text())
        .need("category", nullable(text()))
        .need("category_name", nullable(text()))
        .need("department", text())
        .need("department_name", text())
        .need("division", nullable(text()))
        .need("received_at", time())
        .need("published_at", time())
        .need("href", text())
        .json()
}

fn named() -> crate::schema::Object {
    object()
        .need("id", text())
        .need("name", text())
        .need("name_en", text())
}

fn district() -> Json {
    let attachments = object()
        .need("max_files", count())
        .need("max_bytes", count())
        .need("total_bytes", count())
        .need("media_types", list(text()));
    let lengths = [
        "subject_max_chars",
        "body_max_chars",
        "address_max_chars",
        "name_max_chars",
        "phone_max_chars",
        "email_max_chars",
        "supplement_max_chars",
        "comment_max_chars",
        "search_max_chars",
    ];
    let limits = lengths
        .iter()
        .fold(object(), |limits, name| limits.need(name, count()))
        .need("attachments", attachments.json());
    let consent = object().need(
        "publish",
        object().need("text", text()).need("text_en", text()).json(),
    );
    let department = named()
        .need("short", text())
        .need(
            "kind",
            one_of(&[
                "department",
                "town",
                "subdistrict",
                "utility",
                "agency",
                "centre",
            ]),
        )
        .need("division", nullable(text()))
        .need("phone", nullable(text()));
    let division = named()
        .need("kind", one_of(&["town", "subdistrict"]))
        .need("department", text());
    let category = named()
        .need("parent", nullable(text()))
        .need("kinds", list(schema("Kind")));
    let channel = named()
        .need("kind", one_of(&["hotline", "platform", "own"]))
        .need("number", nullable(text()))
        .need("feedback", one_of(&["web", "phone", "api", "none"]));
    named()
        .need("phone", text())
        .need(
            "centre",
            described(text(), "The department that is the inquiry centre."),
        )
        .need("time_zone_minutes", json!({ "type": "integer" }))
        .need("divisions", list(division.json()))
        .need("departments", list(department.json()))
        .need("categories", list(category.json()))
        .need("channels", list(channel.json()))
        .need("kinds", list(named().json()))
        .need("grades", list(named().json()))
        .need("limits", limits.json())
        .need(
            "consent",
            described(consent.json(), "What a citizen is asked to agree to."),
        )
        .json()
}

fn lifecycle() -> Json {
    let state = object()
        .need("name", schema("State"))
        .need("family", schema("Family"))
        .need("title", text())
        .need("title_en", text());
    let transition = object()
        .need("action", schema("Action"))
        .need("name", schema("Action"))
        .need(
            "resource",
            described(
                text(),
                "Last segment of its address below `/api/cases/{number}/`.",
            ),
        )
        .need("stage", text())
        .need("from", list(schema("State")))
        .need(
            "to",
            described(text(), "A state, `same`, `before-merge` or `judged`."),
        )
        .need(
            "parties",
            described(list(text()), "Roles, `citizen`, `channel` or `system`."),
        )
        .need("clock", one_of(&["none", "stop", "run", "end", "restart"]))
        .need("own-department", flag())
        .need("reason", flag());
    object()
        .need("states", list(state.json()))
        .need("transitions", list(transition.json()))
        .json()
}

fn interval() -> Json {
    nullable(json!({ "type": "array", "items": share(), "minItems": 2, "maxItems": 2 }))
}

fn share_figure() -> Json {
    object()
        .need("value", nullable(share()))
        .need("numerator", count())
        .need("denominator", count())
        .need(
            "interval",
            described(interval(), "Wilson's interval at 95 %."),
        )
        .need("definition", text())
        .json()
}

fn statistics() -> Json {
    let figures = ["received", "published", "rated", "reopened"]
        .iter()
        .fold(object(), |figures, name| {
            figures.need(name, schema("CountFigure"))
        });
    let figures = ["self_answered", "satisfaction", "response_rate", "solved"]
        .iter()
        .fold(figures, |figures, name| {
            figures.need(name, schema("ShareFigure"))
        });
    let counts = [
        "dispatched",
        "returned",
        "published",
        "self_answered",
        "reopened",
        "rated",
        "good",
    ];
    let department = counts
        .iter()
        .fold(
            object().need("department", text()).need("name", text()),
            |row, name| row.need(name, count()),
        )
        .need("rank", nullable(json!({ "type": "integer", "minimum": 1 })))
        .need("satisfaction", nullable(share()))
        .need("interval", interval())
        .need("solved", nullable(share()));
    object()
        .need("from", date())
        .need("to", date())
        .need("figures", figures.json())
        .need(
            "departments",
            described(
                list(department.json()),
                "By rank; those with too few cases last.",
            ),
        )
        .need("rank_min_cases", count())
        .need("definitions", object().need("rank", text()).json())
        .json()
}

//! Sessions, accounts, the desk, and the sweep.

use serde_json::{Value as Json, json};

use crate::operation::Operation;
use crate::schema::{
    Object, count, described, flag, list, nullable, object, one_of, schema, text, time, written,
};
use crate::schemas::desk::beginning;

const TAG: &str = "staff";

/// The operations.
pub(crate) fn operations() -> Vec<Operation> {
    [session(), accounts(), desk(), relay()].concat()
}

fn session() -> Vec<Operation> {
    vec![
        Operation::new("post", "/api/session", "signIn", TAG, "Sign in")
            .body(
                true,
                object()
                    .need("account", text())
                    .need("password", text())
                    .json(),
                json!({ "account": "operator", "password": "correct horse battery staple" }),
            )
            .answers(
                "200",
                "The session begins.",
                view(Some(described(text(), "The bearer token."))),
            )
            .problem("401")
            .problem("429"),
        Operation::new(
            "get",
            "/api/session",
            "showSession",
            TAG,
            "Who is signed in",
        )
        .security(&["session"], false)
        .answers("200", "The session.", view(None)),
        Operation::new("delete", "/api/session", "signOut", TAG, "Sign out")
            .security(&["session"], false)
            .answers_raw("204", "The session has ended.", &[]),
        Operation::new(
            "post",
            "/api/session/password",
            "changePassword",
            TAG,
            "Another password",
        )
        .description("All other sessions of the account end.")
        .security(&["session"], false)
        .body(
            true,
            object()
                .need("current", text())
                .need(
                    "new",
                    described(text(), "At least 12 characters, and not easily guessed."),
                )
                .json(),
            json!({ "current": "7K2M-Q9XD-04TR", "new": "correct horse battery staple" }),
        )
        .answers_raw("204", "It is changed.", &[])
        .problem("409")
        .problem("429"),
        Operation::new(
            "get",
            "/api/session/filters",
            "listFilters",
            TAG,
            "One's kept filters of the list of cases",
        )
        .staff()
        .answers(
            "200",
            "By name.",
            object().need("filters", list(filter())).json(),
        ),
        Operation::new(
            "post",
            "/api/session/filters",
            "keepFilter",
            TAG,
            "Keep a filter",
        )
        .description("In the place of one of the same name; at most 20.")
        .staff()
        .body(
            true,
            object()
                .need(
                    "name",
                    described(written("What it is called."), "At most 40 characters."),
                )
                .may("queue", nullable(schema("Queue")))
                .may("state", nullable(schema("State")))
                .may("department", nullable(text()))
                .json(),
            json!({ "name": "急件", "queue": "answer" }),
        )
        .answers("201", "It is kept.", filter())
        .problem("409"),
        Operation::new(
            "delete",
            "/api/session/filters/{name}",
            "forgetFilter",
            TAG,
            "Forget a filter",
        )
        .staff()
        .path_parameter(
            "name",
            json!({ "type": "string", "minLength": 1 }),
            "Its name.",
        )
        .answers_raw("204", "It is forgotten.", &[])
        .problem("404"),
        Operation::new(
            "post",
            "/api/session/proof",
            "proveAgain",
            TAG,
            "Prove again who one is",
        )
        .description("What answers with the problem `prove-again` is possible for a while then.")
        .security(&["session"], false)
        .body(
            true,
            object().need("password", text()).json(),
            json!({ "password": "correct horse battery staple" }),
        )
        .answers("200", "It is proved.", view(None))
        .problem("429"),
        Operation::new(
            "post",
            "/api/session/provider",
            "leaveForProvider",
            TAG,
            "Begin a sign-in at the identity provider",
        )
        .description(
            "404 where none is configured. With a session, its owner proves again who they are.",
        )
        .security(&["session"], true)
        .answers(
            "200",
            "Where the browser goes, and what it keeps until it is back.",
            object()
                .need("address", described(text(), "An address of the provider."))
                .need(
                    "flow",
                    described(text(), "Sealed; good for ten minutes and one return."),
                )
                .json(),
        )
        .problem("403")
        .problem("404")
        .problem("503"),
        Operation::new(
            "post",
            "/api/session/provider/return",
            "returnFromProvider",
            TAG,
            "Sign in with what the identity provider sent back",
        )
        .description("404 where none is configured; 403 also where no account is linked.")
        .body(
            true,
            object()
                .need("flow", described(text(), "What the browser kept."))
                .need("state", text())
                .may("code", nullable(text()))
                .may("iss", nullable(described(text(), "As RFC 9207 has it.")))
                .may("error", nullable(text()))
                .json(),
            json!({ "flow": "AcH…", "state": "Jx3…", "code": "9fQ…", "iss": "https://id.example" }),
        )
        .answers(
            "200",
            "The session begins, or was proved again; then without a token.",
            returned(),
        )
        .problem("401")
        .problem("403")
        .problem("404")
        .problem("409")
        .problem("429")
        .problem("503"),
    ]
}

fn template() -> Object {
    object()
        .need("id", text())
        .need("department", nullable(text()))
        .need("title", text())
        .need("body", text())
}

fn filter() -> Json {
    object()
        .need("name", text())
        .need("queue", nullable(schema("Queue")))
        .need("state", nullable(schema("State")))
        .need("department", nullable(text()))
        .json()
}

fn returned() -> Json {
    session_members()
        .may("token", described(text(), "The bearer token."))
        .json()
}

fn view(token: Option<Json>) -> Json {
    let view = session_members();
    match token {
        Some(token) => view.need("token", token).json(),
        None => view.json(),
    }
}

fn session_members() -> Object {
    object()
        .need("account", schema("Account"))
        .need("expires_at", time())
        .need(
            "idle_seconds",
            described(count(), "Seconds without a request after which it ends."),
        )
        .need(
            "proof_ends_at",
            described(
                time(),
                "Until then contacts are shown in the clear, and accounts and keys can be changed.",
            ),
        )
}

fn accounts() -> Vec<Operation> {
    let id = || json!({ "type": "string", "pattern": "^[a-z0-9-]{1,40}$" });
    let channel = || json!({ "type": "string", "pattern": "^[a-z0-9-]+$" });
    vec![
        Operation::new("get", "/api/accounts", "listAccounts", TAG, "The accounts, by identifier")
            .staff()
            .query("role", schema("Role"), "The role.")
            .query("department", text(), "The department.")
            .query("disabled", flag(), "Those that can no longer sign in, or those that can.")
            .paged(200, 200)
            .answers(
                "200",
                "A page.",
                object().need("accounts", list(schema("Account"))).need("next", nullable(text())).json(),
            ),
        Operation::new("post", "/api/accounts", "makeAccount", TAG, "Make an account")
            .staff()
            .body(
                true,
                object()
                    .need("id", described(id(), "Chosen by the administrator."))
                    .need("name", written("Name as colleagues see it."))
                    .need("role", schema("Role"))
                    .may("department", nullable(described(text(), "The department of an officer; of nobody else.")))
                    .json(),
                json!({ "id": "li-si", "name": "李四", "role": "officer", "department": "public-security" }),
            )
            .answers("201", "The account with its one-time password, shown this once.", made(true)),
        Operation::new("get", "/api/accounts/{account}", "showAccount", TAG, "One account")
            .staff()
            .path_parameter("account", id(), "Identifier of the account.")
            .answers("200", "The account.", object().need("account", schema("Account")).json()),
        Operation::new("patch", "/api/accounts/{account}", "changeAccount", TAG, "Change an account")
            .description(
                "Whoever loses a role, a department, the link or the password is signed out. The last administrator \
                 who can sign in stays one: that is 409 `last-admin`.",
            )
            .staff()
            .path_parameter("account", id(), "Identifier of the account.")
            .body(
                true,
                object()
                    .may("name", nullable(written("Name as colleagues see it.")))
                    .may("role", nullable(schema("Role")))
                    .may("department", nullable(text()))
                    .may("disabled", nullable(flag()))
                    .may("reset_password", described(flag(), "Make a one-time password."))
                    .may("subject", nullable(described(text(), "The identity provider's name for the person; null ends the link.")))
                    .may("revision", nullable(described(count(), "The `revision` that the caller has seen; another one is 409 `stale-account`.")))
                    .json(),
                json!({ "disabled": true }),
            )
            .answers("200", "The account; with a new one-time password if one was asked for.", made(false))
            .problem("409"),
        Operation::new("post", "/api/channels/{channel}/keys", "makeChannelKey", TAG, "Make a key for a channel's adapter")
            .staff()
            .path_parameter("channel", channel(), "Identifier of the channel.")
            .answers(
                "201",
                "The key, shown this once.",
                object().need("channel", text()).need("key", text()).json(),
            ),
        Operation::new("delete", "/api/channels/{channel}/keys", "revokeChannelKeys", TAG, "Revoke all keys of a channel")
            .staff()
            .path_parameter("channel", channel(), "Identifier of the channel.")
            .answers(
                "200",
                "How many were revoked.",
                object().need("channel", text()).need("revoked", count()).json(),
            ),
    ]
}

fn made(always: bool) -> Json {
    let made = object().need("account", schema("Account"));
    let password = described(text(), "The one-time password.");
    if always {
        made.need("password", password).json()
    } else {
        made.may("password", password).json()
    }
}

fn desk() -> Vec<Operation> {
    let rows = || list(schema("DeskRow"));
    vec![
        Operation::new("get", "/api/desk/cases", "listDesk", TAG, "Cases that wait, by urgency and when they are due")
            .description(
                "Emergencies first, then what is urgent, each by when it is due. Officers see the cases that their department leads, reviewers those that wait for a review. With a \
                 state in which nobody has anything to do, those cases, changed last first. The counts stand beside \
                 the first page.",
            )
            .staff()
            .query("queue", schema("Queue"), "The queue.")
            .query("department", text(), "The department that leads.")
            .query("state", schema("State"), "The state.")
            .paged(50, 200)
            .answers(
                "200",
                "A page.",
                object()
                    .need("items", rows())
                    .need("next", nullable(text()))
                    .may(
                        "counts",
                        json!({
                            "type": "object",
                            "additionalProperties": { "type": "integer", "minimum": 0 },
                            "description": "Cases by queue, counted up to `counts_end_at`.",
                        }),
                    )
                    .may("counts_end_at", count())
                    .may(
                        "emergencies",
                        json!({
                            "type": "object",
                            "additionalProperties": { "type": "integer", "minimum": 1 },
                            "description": "How many of the cases counted are emergencies, by queue.",
                        }),
                    )
                    .json(),
            ),
        Operation::new("get", "/api/desk/emergencies", "watchEmergencies", TAG, "The emergencies that are open")
            .description(
                "For operators and the duty desk, to be asked every few seconds: with `If-None-Match` the answer is 304 \
                 as long as nothing is new. Asking does not keep a session from ending.",
            )
            .staff()
            .answers(
                "200",
                "How many wait, and which became one last; null where there is none.",
                object()
                    .need("count", count())
                    .need("counts_end_at", count())
                    .need("newest", nullable(object().need("number", text()).need("since", time()).json()))
                    .json(),
            ),
        Operation::new("post", "/api/desk/cases", "findByPhone", TAG, "The cases of a telephone number")
            .description("For operators and the duty desk. The number comes in the body, for addresses are logged.")
            .staff()
            .body(true, object().need("phone", text()).json(), json!({ "phone": "13900001111" }))
            .answers("200", "At most 50, the latest first.", object().need("items", rows()).json()),
        Operation::new("get", "/api/desk/cases/{number}", "showDeskCase", TAG, "A case whole")
            .description(
                "As far as the role goes: whoever has no business with the case gets 404. The contact is masked; \
                 operators, the duty desk and the department that leads are shown it in the clear when they ask for it. \
                 Reviewers do not see it at all.",
            )
            .staff()
            .of_case()
            .answers("200", "The case.", schema("DeskCase")),
        Operation::new("post", "/api/desk/cases/{number}/contact", "showContact", TAG, "The contact in the clear")
            .description(
                "Recorded as an opening with its purpose. 403 with `prove-again` where the last proof of identity is \
                 too old.",
            )
            .staff()
            .of_case()
            .body(
                true,
                object().need("purpose", one_of(&["call", "verify", "follow-up", "urgent"])).json(),
                json!({ "purpose": "call" }),
            )
            .answers(
                "200",
                "The contact.",
                object()
                    .need("name", nullable(text()))
                    .need("phone", nullable(text()))
                    .need("email", nullable(text()))
                    .json(),
            ),
        Operation::new("post", "/api/desk/cases/{number}/copy", "previewCopy", TAG, "The public copy before there is one")
            .description("Made now by the handler of the stage publish; nothing is kept of it.")
            .staff()
            .of_case()
            .body(
                false,
                object()
                    .may(
                        "cuts",
                        json!({
                            "type": "array",
                            "items": { "type": "string", "minLength": 2 },
                            "maxItems": 50,
                            "description": "Phrases to be cut beside what is found to be personal.",
                        }),
                    )
                    .json(),
                json!({ "cuts": ["小王便利店"] }),
            )
            .answers("200", "The copy, and what is cut.", copy()),
        Operation::new("get", "/api/desk/follow-ups", "listFollowUps", TAG, "What is to be done after answers, by when")
            .description(
                "What departments' handlers planned when answers were approved. Officers see those of their department; \
                 operators, the duty desk, supervisors and leaders all.",
            )
            .staff()
            .query("department", text(), "The department that leads.")
            .paged(50, 200)
            .answers(
                "200",
                "A page.",
                object().need("items", list(schema("FollowUpRow"))).need("next", nullable(text())).json(),
            ),
        Operation::new("get", "/api/desk/templates", "listTemplates", TAG, "Templates of answers")
            .description("Those for all and those of one's department; administrators see all. `own` says which ones one may change.")
            .staff()
            .answers(
                "200",
                "By title.",
                object()
                    .need("templates", list(template().need("own", flag()).need("changed_at", time()).json()))
                    .need("today", described(text(), "The date in the district, for the placeholder."))
                    .json(),
            ),
        Operation::new("put", "/api/desk/templates/{template}", "putTemplate", TAG, "Make or change a template")
            .description("Officers keep those of their department, administrators all. At most 100 of each department.")
            .staff()
            .path_parameter("template", json!({ "type": "string", "pattern": "^[a-z0-9-]{1,40}$" }), "Identifier.")
            .body(
                true,
                object()
                    .need("title", written("What it is called, at most 60 characters."))
                    .need("body", written("The text; {编号}, {标题}, {单位} and {日期} are filled in when it is used."))
                    .may("department", nullable(described(text(), "An officer's own; for all where an administrator leaves it out.")))
                    .json(),
                json!({ "title": "上门核实", "body": "您好！{编号}收到，工作人员将上门核实。{单位} {日期}" }),
            )
            .answers("200", "It is kept.", template().json())
            .problem("404")
            .problem("409"),
        Operation::new("delete", "/api/desk/templates/{template}", "deleteTemplate", TAG, "Delete a template")
            .staff()
            .path_parameter("template", json!({ "type": "string", "minLength": 1 }), "Identifier.")
            .answers_raw("204", "It is deleted.", &[])
            .problem("404"),
        Operation::new("get", "/api/desk/hot-issues", "listHotIssues", TAG, "Matters that many write about, those with most cases first")
            .staff()
            .answers(
                "200",
                "The hot issues. Nothing is merged: that is for a person to decide.",
                object()
                    .need("days", described(count(), "For so many days cases are compared."))
                    .need("hot_cases", described(count(), "So many cases are a hot issue."))
                    .need(
                        "items",
                        list(
                            object()
                                .need("number", described(text(), "The first case."))
                                .need("subject", nullable(text()))
                                .need("beginning", beginning())
                                .need("category", nullable(text()))
                                .need("division", nullable(text()))
                                .need("cases", count())
                                .need("open", count())
                                .need("first_at", time())
                                .need("last_at", time())
                                .need("numbers", list(text()))
                                .json(),
                        ),
                    )
                    .json(),
            ),
        Operation::new("get", "/api/desk/dead-letters", "listDeadLetters", TAG, "Jobs that failed for good, oldest first")
            .staff()
            .query(
                "limit",
                json!({ "type": "integer", "minimum": 1, "maximum": 500, "default": 100 }),
                "Rows of a page.",
            )
            .answers(
                "200",
                "The jobs.",
                object()
                    .need(
                        "items",
                        list(
                            object()
                                .need("stage", text())
                                .need("number", text())
                                .need("attempts", count())
                                .need("created_at", time())
                                .need("error", nullable(described(text(), "The last error, without personal data.")))
                                .json(),
                        ),
                    )
                    .json(),
            ),
        Operation::new("post", "/api/desk/dead-letters/{stage}/{number}", "reviveDeadLetter", TAG, "Try a job again")
            .staff()
            .path_parameter("stage", one_of(&STAGES), "The stage that failed.")
            .of_case()
            .answers_raw("204", "It is tried again at the next sweep.", &[]),
    ]
}

/// The copy.
fn copy() -> Json {
    let cut = object()
        .need("field", text())
        .need("start", count())
        .need("end", count())
        .need("kind", text())
        .need("replacement", text());
    object()
        .need("number", text())
        .need("sequence", count())
        .need("subject", text())
        .need("body", text())
        .need("supplements", list(text()))
        .need("answer", text())
        .need("basis", list(text()))
        .need("contact", nullable(text()))
        .need("cuts", list(cut.json()))
        .json()
}

/// Stages that have jobs.
const STAGES: [&str; 5] = ["classify", "route", "answer", "review", "publish"];

fn relay() -> Vec<Operation> {
    vec![
        Operation::new(
            "post",
            "/api/relay/sweep",
            "sweep",
            "operation",
            "Look for jobs that nobody was woken for",
        )
        .security(&["relay"], false)
        .answers(
            "200",
            "What was found.",
            object()
                .need("woken", list(text()))
                .need(
                    "down",
                    described(list(text()), "Stages that did not answer."),
                )
                .need("dead", described(count(), "Jobs set aside for good."))
                .need(
                    "forgotten",
                    described(count(), "Rows past their time that were deleted."),
                )
                .json(),
        ),
    ]
}

/// An account.
pub(crate) fn account() -> Json {
    object()
        .need("id", text())
        .need("name", text())
        .need("role", schema("Role"))
        .need("department", nullable(text()))
        .need(
            "must_change",
            described(flag(), "The password is a one-time password."),
        )
        .need("disabled", flag())
        .need(
            "link",
            nullable(described(
                object()
                    .need("issuer", text())
                    .need("subject", text())
                    .json(),
                "Who the person is at the identity provider.",
            )),
        )
        .need(
            "revision",
            described(
                count(),
                "How often it has been changed, its password included.",
            ),
        )
        .json()
}

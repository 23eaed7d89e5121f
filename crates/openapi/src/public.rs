//! What everybody can read.

use serde_json::{Value as Json, json};

use crate::operation::Operation;
use crate::schema::{
    count, date, described, exactly, flag, list, nullable, object, one_of, schema, text,
};

const TAG: &str = "public";

/// The operations.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        filtered(Operation::new(
            "get",
            "/api/publications",
            "listPublications",
            TAG,
            "Published cases, newest first",
        ))
        .paged(20, 100)
        .answers(
            "200",
            "A page.",
            object()
                .need("items", list(schema("Publication")))
                .need(
                    "next",
                    nullable(described(
                        text(),
                        "The cursor of the next page, if there is one.",
                    )),
                )
                .json(),
        )
        .cacheable(),
        filtered(Operation::new(
            "get",
            "/api/publications.atom",
            "feedPublications",
            TAG,
            "The latest as an Atom feed",
        ))
        .answers_raw(
            "200",
            "Atom 1.0, at most 50 entries.",
            &["application/atom+xml"],
        )
        .cacheable(),
        Operation::new(
            "get",
            "/api/knowledge",
            "listArticles",
            TAG,
            "The knowledge base",
        )
        .query("q", text(), "Words to look for; the 20 best articles.")
        .query("class", text(), "A class of the knowledge base.")
        .answers(
            "200",
            "Classes and articles.",
            object()
                .need("classes", list(class()))
                .need("items", list(schema("ArticleSummary")))
                .json(),
        )
        .cacheable(),
        Operation::new(
            "get",
            "/api/knowledge/{article}",
            "showArticle",
            TAG,
            "An article",
        )
        .path_parameter(
            "article",
            json!({ "type": "string", "pattern": "^[a-z0-9-]+$" }),
            "Identifier of the article.",
        )
        .answers("200", "The article.", schema("Article"))
        .cacheable(),
        Operation::new(
            "post",
            "/api/similar",
            "findSimilar",
            TAG,
            "Articles and published cases that are like a message",
        )
        .body(
            true,
            object()
                .may("subject", described(text(), "What it is about, in a line."))
                .may("body", described(text(), "The message. Nothing of it is kept."))
                .json(),
            json!({ "subject": "买房迁户口", "body": "外省户口，在鄞州买了房，怎么把户口迁过来？" }),
        )
        .answers(
            "200",
            "At most five of each, best first; none where nothing is alike.",
            object()
                .need("articles", list(schema("ArticleSummary")))
                .need("publications", list(schema("Publication")))
                .json(),
        ),
        Operation::new(
            "post",
            "/api/preview",
            "previewMessage",
            TAG,
            "How a message would stand in public",
        )
        .body(
            true,
            object()
                .may("subject", described(text(), "What it is about, in a line."))
                .may("body", described(text(), "The message. Nothing of it is kept."))
                .may("address", described(text(), "The place in the citizen's words."))
                .may("name", described(text(), "The citizen's name, to be cut out."))
                .may("phone", described(text(), "The telephone number, to be cut out."))
                .may("email", described(text(), "The e-mail address, to be cut out."))
                .json(),
            json!({ "subject": "路灯不亮", "body": "我是张三，电话13900001111，泰康中路的路灯坏了。", "name": "张三" }),
        )
        .answers(
            "200",
            "The texts without personal data; before publication, staff may cut more.",
            object()
                .need("subject", text())
                .need("body", text())
                .need("cuts", list(cut()))
                .json(),
        ),
        Operation::new(
            "get",
            "/api/district",
            "showDistrict",
            TAG,
            "The district: departments, categories, limits",
        )
        .answers(
            "200",
            "What a form and a page need to know.",
            schema("District"),
        )
        .cacheable(),
        Operation::new(
            "get",
            "/api/statistics",
            "showStatistics",
            TAG,
            "Figures with their definitions",
        )
        .query(
            "from",
            date(),
            "First day; 29 days before the last when left out.",
        )
        .query("to", date(), "Last day; today when left out.")
        .query(
            "department",
            text(),
            "One department alone: its figures, `received` being the cases that it was given, and its row without a rank.",
        )
        .answers("200", "The figures.", schema("Statistics"))
        .cacheable(),
        Operation::new(
            "get",
            "/api/lifecycle.json",
            "showLifecycle",
            TAG,
            "States and actions of a case",
        )
        .answers("200", "The table.", schema("Lifecycle"))
        .cacheable(),
        Operation::new(
            "get",
            "/api/openapi.json",
            "showDescription",
            TAG,
            "This document",
        )
        .answers(
            "200",
            "OpenAPI 3.1.",
            object()
                .need("openapi", exactly("3.1.0"))
                .need("info", json!({ "type": "object" }))
                .open(),
        )
        .cacheable(),
    ]
}

fn filtered(operation: Operation) -> Operation {
    operation
        .query(
            "q",
            text(),
            "Words to look for: each is found as it stands, and all are needed.",
        )
        .query("department", text(), "The department that answered.")
        .query(
            "category",
            text(),
            "A category, or one of the first level with all below it.",
        )
        .query("kind", schema("Kind"), "What the citizen wanted.")
        .query("division", text(), "Town or sub-district.")
        .query("from", date(), "Published on this day or later.")
        .query("to", date(), "Published on this day or before.")
}

fn class() -> Json {
    object()
        .need("id", text())
        .need("name", text())
        .need("name_en", text())
        .need("group", one_of(&["help", "policy"]))
        .json()
}

/// An article as lists show it.
pub(crate) fn article_summary() -> Json {
    object()
        .need("id", text())
        .need("class", text())
        .need("title", text())
        .need("title_en", text())
        .need("category", text())
        .need("department", text())
        .need("department_name", text())
        .need("updated", date())
        .need("review_by", date())
        .need(
            "stale",
            described(flag(), "Its date for revision has passed."),
        )
        .json()
}

/// An article whole.
pub(crate) fn article() -> Json {
    object()
        .need("id", text())
        .need("class", text())
        .need("title", text())
        .need("title_en", text())
        .need(
            "questions",
            described(list(text()), "Other ways in which citizens ask for it."),
        )
        .need("body", described(text(), "Markdown."))
        .need("body_en", nullable(text()))
        .need("basis", list(text()))
        .need("category", text())
        .need("department", text())
        .need("department_name", text())
        .need("updated", date())
        .need("review_by", date())
        .need("stale", flag())
        .json()
}

/// A stretch that was cut out of a text.
fn cut() -> Json {
    object()
        .need("field", one_of(&["subject", "body"]))
        .need(
            "start",
            described(
                count(),
                "Its first character in the text as it was sent, tidied.",
            ),
        )
        .need("end", described(count(), "The character after its last."))
        .need(
            "kind",
            described(text(), "What kind of personal data it was."),
        )
        .need("replacement", described(text(), "What stands there now."))
        .json()
}

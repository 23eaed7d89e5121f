//! The text of a draft.

use crate::{Article, Inquiry};

/// A polite answer: greeting, the article's words, its basis and its date.
/// Whom to ask stands in the article.
pub(crate) fn body(inquiry: &Inquiry, main: &Article, also: &[&Article]) -> String {
    let language = inquiry.language.split('-').next().unwrap_or_default();
    if language.eq_ignore_ascii_case("zh") || language.eq_ignore_ascii_case("und") {
        chinese(main, also)
    } else {
        english(main, also)
    }
}

fn chinese(main: &Article, also: &[&Article]) -> String {
    let mut text = format!(
        "您好！您咨询的“{}”，答复如下：\n\n{}\n",
        main.title,
        plain(&main.body)
    );
    let basis: Vec<&str> = given(&main.basis);
    if !basis.is_empty() {
        text.push_str(&format!("\n依据：{}。\n", basis.join("、")));
    }
    text.push_str(&format!(
        "\n来源：知识库《{}》（{}）",
        main.title,
        revised_zh(main)
    ));
    for article in also {
        text.push_str(&format!(
            "；另可参看《{}》（{}）",
            article.title,
            revised_zh(article)
        ));
    }
    text.push_str("。\n\n如果以上没有解答您的问题，请补充具体情况，我们继续为您办理。");
    text
}

fn english(main: &Article, also: &[&Article]) -> String {
    let mut text = match main
        .body_en
        .as_deref()
        .map(plain)
        .filter(|part| !part.is_empty())
    {
        Some(part) => format!("Hello,\n\nthank you for your question. Our answer:\n\n{part}\n"),
        // Half an answer in the right language is worse than a whole one in another.
        None => format!(
            "Hello,\n\nthank you for your question. We have the answer in Chinese so far:\n\n{}\n",
            plain(&main.body)
        ),
    };
    let basis: Vec<&str> = given(&main.basis);
    if !basis.is_empty() {
        text.push_str(&format!("\nBasis: {}.\n", basis.join(", ")));
    }
    text.push_str(&format!(
        "\nSource: knowledge base, “{}” ({})",
        title_en(main),
        revised_en(main)
    ));
    for article in also {
        text.push_str(&format!(
            "; see also “{}” ({})",
            title_en(article),
            revised_en(article)
        ));
    }
    text.push_str(
        ".\n\nIf this does not answer your question, please tell us more and we will go on.",
    );
    text
}

/// An article's Markdown as an answer has it, which is plain text: bold words
/// lose their marks; lists read well as they are.
fn plain(article: &str) -> String {
    article.trim().replace("**", "")
}

fn given(basis: &[String]) -> Vec<&str> {
    basis
        .iter()
        .map(|basis| basis.trim())
        .filter(|basis| !basis.is_empty())
        .collect()
}

fn title_en(article: &Article) -> &str {
    match article.title_en.trim() {
        "" => &article.title,
        title => title,
    }
}

/// When it was revised, and that it is due again where that is so.
fn revised_zh(article: &Article) -> String {
    let due = if article.stale {
        "，已到复核期，请以主管部门答复为准"
    } else {
        ""
    };
    format!("更新于{}{due}", article.updated)
}

fn revised_en(article: &Article) -> String {
    let due = if article.stale {
        "; due for revision, ask the department"
    } else {
        ""
    };
    format!("revised {}{due}", article.updated)
}

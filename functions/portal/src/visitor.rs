//! Who looks at a page of the citizens' site, and the frame around the content.

use std::ops::Deref;

use pages::api::{Api, Failure};
use pages::data::Article;
use pages::reader::Reader;
use web::{Context, Reply};

use crate::assets;
use crate::words::Words;

/// The reader of a page and what the frame of this site needs to know.
pub struct Visitor {
    /// Language, edition and colours.
    pub reader: Reader,
    /// The texts of the page.
    pub words: &'static Words,
    /// The section that is marked in the navigation.
    pub section: String,
}

impl Deref for Visitor {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Visitor {
    /// The reader that the cookies and `Accept-Language` tell of.
    pub fn of(context: &Context) -> Visitor {
        let mut reader = Reader::of(context);
        if context.method != http::Method::GET {
            reader.here = behind_form(context);
        }
        Visitor {
            words: Words::of(reader.language),
            reader,
            section: section(context),
        }
    }

    /// The same with the district in the frame.
    pub async fn with_district(mut self, api: &Api<'_>) -> Visitor {
        self.reader = self.reader.with_district(api).await;
        self
    }

    /// The title of an article.
    pub fn title<'n>(&self, article: &'n Article) -> &'n str {
        article.title(self.language)
    }

    /// Tag of the language that the title is in.
    pub fn title_language(&self, article: &Article) -> &'static str {
        article.title_language(self.language)
    }

    /// `aria-current` of the link to `section`.
    pub fn current(&self, section: &str) -> &'static str {
        if self.section == section {
            "page"
        } else {
            "false"
        }
    }

    /// Where the script is.
    pub fn script(&self) -> String {
        assets::OWN.address("site.js")
    }

    /// The page for what went wrong.
    pub fn refuse(&self, failure: &Failure) -> Reply {
        self.refusal(failure, &FailurePage { v: self, failure })
    }
}

#[derive(askama::Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    v: &'a Visitor,
    failure: &'a Failure,
}

/// The first segment of the path; a case whose code this browser keeps belongs
/// to what the reader follows.
fn section(context: &Context) -> String {
    match context.path.as_slice() {
        [first, number, ..] if first == "cases" && crate::case::is_kept(context, number) => {
            "follow".to_owned()
        }
        [first, ..] => first.clone(),
        [] => String::new(),
    }
}

/// What a form was sent to is no page of its own: the page that it stood on.
fn behind_form(context: &Context) -> String {
    match context.path.as_slice() {
        [first, number, ..] if first == "cases" && crate::case::is_number(number) => {
            format!("/cases/{number}")
        }
        [first] if first == "ask" || first == "follow" => format!("/{first}"),
        _ => "/".to_owned(),
    }
}

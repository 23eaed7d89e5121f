//! The knowledge base: `knowledge/`.

use serde::{Deserialize, Serialize};

/// The knowledge base of a district.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// The classes, as `knowledge/classes.toml` lists them.
    pub classes: Vec<Class>,
    /// The articles, by class and identifier.
    pub articles: Vec<Article>,
}

/// A class of the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// Identifier, the same as the folder's name.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Everyday help or policy.
    pub group: ClassGroup,
}

/// Which half of the knowledge base a class belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassGroup {
    /// 民生求助: everyday help.
    Help,
    /// 政策咨询: policy.
    Policy,
}

/// An article: `knowledge/<class>/<id>.md`, its front matter and its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Identifier, the same as the file's name, unique in the district.
    pub id: String,
    /// The class, the same as the folder's name.
    pub class: String,
    /// The question or matter that it answers, in Chinese.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// At least three ways in which citizens ask for it.
    pub questions: Vec<String>,
    /// The category it belongs to.
    pub category: String,
    /// The department that keeps it.
    pub department: String,
    /// Laws, rules and documents that it rests on.
    pub basis: Vec<String>,
    /// When it was last revised.
    pub updated: String,
    /// When it must be looked at again.
    pub review_by: String,
    /// Words for the search, beside those of the text.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The answer in Chinese, Markdown. It stands below the front matter.
    #[serde(default)]
    pub body: String,
    /// The answer in English, Markdown: what stands below the heading
    /// `## English`.
    #[serde(default)]
    pub body_en: Option<String>,
}

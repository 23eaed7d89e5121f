//! What the other functions answer, as far as pages show it.

use std::borrow::Cow;

use serde::Deserialize;
use web::language::Language;

/// Something with a name in both languages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    /// Identifier.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// What kind of thing it is, where there are kinds.
    pub kind: String,
    /// Identifier of what it belongs to.
    pub parent: Option<String>,
    /// Telephone number, of a department.
    pub phone: Option<String>,
    /// The group, of a class of articles.
    pub group: String,
}

impl Named {
    /// The name in `language`.
    pub fn name(&self, language: Language) -> &str {
        language.pick(
            &self.name,
            if self.name_en.is_empty() {
                &self.name
            } else {
                &self.name_en
            },
        )
    }
}

/// The district.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct District {
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// The telephone number for all questions.
    pub phone: String,
    /// Towns and sub-districts.
    pub divisions: Vec<Named>,
    /// Departments, towns and agencies that answer.
    pub departments: Vec<Named>,
    /// Categories of both levels.
    pub categories: Vec<Named>,
    /// Ways by which cases come in.
    pub channels: Vec<Named>,
    /// Kinds of cases.
    pub kinds: Vec<Named>,
    /// Grades of a rating, the worst first.
    pub grades: Vec<Named>,
    /// How much may be written.
    pub limits: Limits,
    /// What is agreed to.
    pub consent: Consents,
}

impl District {
    /// The name in `language`.
    pub fn name(&self, language: Language) -> &str {
        language.pick(&self.name, &self.name_en)
    }

    /// The name of the one of `list` with identifier `id`.
    pub fn name_of<'a>(list: &'a [Named], id: &'a str, language: Language) -> &'a str {
        list.iter()
            .find(|named| named.id == id)
            .map_or(id, |named| named.name(language))
    }
}

/// How much may be written, in characters, and attached.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// The subject.
    pub subject_max_chars: u32,
    /// The message.
    pub body_max_chars: u32,
    /// The address.
    pub address_max_chars: u32,
    /// The name.
    pub name_max_chars: u32,
    /// A supplement.
    pub supplement_max_chars: u32,
    /// The comment of a rating.
    pub comment_max_chars: u32,
    /// The words of a search.
    pub search_max_chars: u32,
    /// The files.
    pub attachments: AttachmentLimits,
}

/// How much may be attached.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AttachmentLimits {
    /// Number of files.
    pub max_files: u32,
    /// Bytes of one.
    pub max_bytes: u64,
    /// Bytes of all of a message together.
    pub total_bytes: u64,
    /// Media types.
    pub media_types: Vec<String>,
}

/// What is agreed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Consents {
    /// A public copy.
    pub publish: ConsentText,
}

/// The words that are agreed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConsentText {
    /// Chinese.
    pub text: String,
    /// English.
    pub text_en: String,
}

/// A page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listing {
    /// The rows.
    pub items: Vec<Row>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// A published case in a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Case number.
    pub number: String,
    /// Name of its kind.
    pub kind_name: String,
    /// What it is about.
    pub subject: String,
    /// The first words of the message.
    pub excerpt: String,
    /// The first words of the answer.
    pub answer_excerpt: String,
    /// Name of its category.
    pub category_name: Option<String>,
    /// Name of the department that answered.
    pub department_name: String,
    /// When the answer was published, in the district's time.
    pub published_at: Option<String>,
}

/// A case: the public copy, or the citizen's own page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Case {
    /// `public` or `citizen`.
    pub visibility: String,
    /// Case number.
    pub number: String,
    /// State; only on the citizen's own page.
    pub state: Option<String>,
    /// Name of the state.
    pub state_name: Option<String>,
    /// `open`, `solved` or `not-solved`.
    pub family: Option<String>,
    /// `normal`, `urgent` or `emergency`; only on the citizen's own page.
    pub urgency: String,
    /// Name of the kind.
    pub kind_name: String,
    /// BCP 47 tag of the language in which it was written.
    pub language: Option<String>,
    /// Identifier of the category.
    pub category: Option<String>,
    /// Its name.
    pub category_name: Option<String>,
    /// Town or sub-district.
    pub division: Option<String>,
    /// Identifier of the department.
    pub department: Option<String>,
    /// The department that holds it or answered.
    pub department_name: String,
    /// Whether the centre answered by itself.
    pub self_answered: bool,
    /// What the citizen agreed to.
    pub consent: Consent,
    /// Whether there is a public copy.
    pub public: Option<bool>,
    /// What it is about.
    pub subject: Option<String>,
    /// The message.
    pub body: Option<String>,
    /// The place in the citizen's words.
    pub address: Option<String>,
    /// What was added later.
    pub supplements: Vec<Supplement>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Name, telephone and e-mail, masked.
    pub contact: Option<Contact>,
    /// What is due when.
    pub deadline: Option<Deadline>,
    /// The outcome without dispatch.
    pub explained: Option<Explained>,
    /// The case in which this one goes on.
    pub merged_into: Option<String>,
    /// The rating of the answer that stands.
    pub rating: Option<Rating>,
    /// What happened.
    pub timeline: Vec<Entry>,
    /// How often the staff opened it, by role; only on the citizen's own page.
    pub openings: Vec<Opening>,
    /// What the citizen can do now.
    pub actions: Vec<Action>,
    /// The answer.
    pub answer: Option<String>,
    /// The law and rules it rests on.
    pub basis: Vec<String>,
    /// Whom to ask about the answer.
    pub answer_contact: Option<String>,
    /// When the message came.
    pub received_at: Option<String>,
    /// When the answer went out.
    pub published_at: Option<String>,
}

impl Case {
    /// Whether this is the citizen's own page.
    pub fn is_own(&self) -> bool {
        self.visibility == "citizen"
    }

    /// Whether it is handled as an emergency now.
    pub fn is_emergency(&self) -> bool {
        self.urgency == "emergency" && self.family.as_deref() == Some("open")
    }

    /// Whether the citizen can take `action` now.
    pub fn can(&self, action: &str) -> bool {
        self.actions.iter().any(|other| other.action == action)
    }

    /// The language of what was written.
    pub fn written_in(&self) -> &str {
        self.language.as_deref().unwrap_or("zh-CN")
    }
}

/// What the citizen agreed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// To a public copy.
    pub publish: bool,
}

/// A text that the citizen added: on the public copy without its time.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Supplement {
    /// As the public sees it.
    Text(String),
    /// As the citizen sees it.
    Dated {
        /// When.
        at: String,
        /// What.
        text: String,
    },
}

impl Supplement {
    /// What was added.
    pub fn text(&self) -> &str {
        match self {
            Supplement::Text(text) | Supplement::Dated { text, .. } => text,
        }
    }

    /// When, where it is known.
    pub fn at(&self) -> Option<&str> {
        match self {
            Supplement::Text(_) => None,
            Supplement::Dated { at, .. } => Some(at),
        }
    }
}

/// A file of the citizen's own page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Attachment {
    /// Its position in the case.
    pub position: i64,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// How the citizen can be reached, masked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// What is due when, and why then.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Deadline {
    /// `dispatch`, `accept` or `answer`.
    pub duty: String,
    /// The last moment, in the district's time.
    pub due_at: String,
    /// `green`, `yellow` or `red`.
    pub lamp: String,
    /// Since when the clock stands still, if it does.
    pub standing_since: Option<String>,
    /// The arithmetic, step by step.
    pub explanation: Vec<String>,
}

/// The public wording of an outcome without dispatch.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Explained {
    /// What the citizen is told.
    pub text: Option<String>,
}

/// The citizen's word on the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rating {
    /// One of the district's grades.
    pub grade: String,
    /// Whether the matter is solved.
    pub solved: bool,
}

/// One line of the timeline.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// When, in the district's time.
    pub at: String,
    /// Kind of event.
    pub kind: String,
    /// What happened.
    pub title: String,
    /// The department it is about.
    pub department_name: Option<String>,
    /// What was written to or by the citizen.
    pub text: Option<String>,
}

/// How often a role of the staff opened a case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Opening {
    /// Name of the role.
    pub role_name: String,
    /// How often.
    pub count: u32,
    /// When last, in the district's time.
    pub last_at: String,
}

/// What can be done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Action {
    /// Its name in the life-cycle.
    pub action: String,
}

/// The knowledge base.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Knowledge {
    /// Classes of articles.
    pub classes: Vec<Named>,
    /// Articles.
    pub items: Vec<Article>,
}

/// An article, or what a list says of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Article {
    /// Identifier.
    pub id: String,
    /// Class.
    pub class: String,
    /// Chinese title.
    pub title: String,
    /// English title.
    pub title_en: Option<String>,
    /// Chinese text in Markdown.
    pub body: String,
    /// English text in Markdown.
    pub body_en: Option<String>,
    /// The law and rules it rests on.
    pub basis: Vec<String>,
    /// The department that keeps it.
    pub department: String,
    /// Its name.
    pub department_name: String,
    /// Date of the last change.
    pub updated: String,
    /// Whether its review is overdue.
    pub stale: bool,
}

impl Article {
    /// The title in `language`, where there is one.
    pub fn title(&self, language: Language) -> &str {
        translated(&self.title, self.title_en.as_deref(), language).0
    }

    /// BCP 47 tag of the language that the title is in.
    pub fn title_language(&self, language: Language) -> &'static str {
        translated(&self.title, self.title_en.as_deref(), language)
            .1
            .tag()
    }

    /// The text in `language`, where there is one, and the language it is in.
    pub fn text(&self, language: Language) -> (&str, Language) {
        translated(&self.body, self.body_en.as_deref(), language)
    }
}

fn translated<'a>(
    chinese: &'a str,
    english: Option<&'a str>,
    language: Language,
) -> (&'a str, Language) {
    match (language, english.filter(|text| !text.is_empty())) {
        (Language::English, Some(english)) => (english, Language::English),
        _ => (chinese, Language::Chinese),
    }
}

/// The statistics of a stretch of days.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Statistics {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Figures of the district.
    pub figures: Figures,
    /// Departments by rank.
    pub departments: Vec<DepartmentFigures>,
    /// With how many answers a department is ranked.
    pub rank_min_cases: u32,
    /// What is behind the ranking.
    pub definitions: Definitions,
}

/// Figures of the district.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Messages taken in.
    pub received: Figure,
    /// Answers that went out.
    pub published: Figure,
    /// Ratings.
    pub rated: Figure,
    /// Cases that came back.
    pub reopened: Figure,
    /// Answers out of the knowledge base.
    pub self_answered: Figure,
    /// Good ratings.
    pub satisfaction: Figure,
    /// Rated answers.
    pub response_rate: Figure,
    /// Matters that were solved.
    pub solved: Figure,
}

/// One figure: a count or a share of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Figure {
    /// The count, or the share between 0 and 1; none without a whole.
    pub value: Option<f64>,
    /// The part, of a share.
    pub numerator: Option<i64>,
    /// The whole, of a share.
    pub denominator: Option<i64>,
    /// What is counted.
    pub definition: String,
}

impl Figure {
    /// As it is written: a count, or per cent with one decimal.
    pub fn shown(&self) -> Cow<'static, str> {
        match (self.value, self.denominator) {
            (None, _) => "—".into(),
            (Some(value), Some(_)) => percent(value).into(),
            (Some(value), None) => format!("{value:.0}").into(),
        }
    }
}

/// A share as per cent with one decimal, and none where there is no need of it.
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// Figures of a department.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DepartmentFigures {
    /// Identifier.
    pub department: String,
    /// Name.
    pub name: String,
    /// Rank; none with too few answers.
    pub rank: Option<u32>,
    /// Cases passed on to it.
    pub dispatched: i64,
    /// Answers that went out.
    pub published: i64,
    /// Cases that came back.
    pub reopened: i64,
    /// Ratings.
    pub rated: i64,
    /// Share of good ratings.
    pub satisfaction: Option<f64>,
    /// Share of matters that were solved.
    pub solved: Option<f64>,
}

impl DepartmentFigures {
    /// A share as it is written.
    pub fn share(value: &Option<f64>) -> Cow<'static, str> {
        value.map_or("—".into(), |value| percent(value).into())
    }
}

/// What is behind figures.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Definitions {
    /// The ranking.
    pub rank: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_a_decimal_where_it_says_something() {
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.9998), "100%");
        assert_eq!(percent(0.921), "92.1%");
        assert_eq!(percent(0.0), "0%");
        let none = Figure {
            denominator: Some(0),
            ..Figure::default()
        };
        assert_eq!(none.shown(), "—");
        let count = Figure {
            value: Some(1200.0),
            ..Figure::default()
        };
        assert_eq!(count.shown(), "1200");
    }

    #[test]
    fn null_members_and_both_forms_of_supplements_are_read() {
        let case: Case = serde_json::from_str(
            r#"{"number":"A","subject":null,"supplements":["x",{"at":"t","text":"y"}],"deadline":null}"#,
        )
        .unwrap_or_default();
        assert_eq!((case.number.as_str(), case.subject), ("A", None));
        let texts: Vec<&str> = case.supplements.iter().map(Supplement::text).collect();
        assert_eq!(texts, ["x", "y"]);
    }
}

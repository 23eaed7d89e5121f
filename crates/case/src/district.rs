//! A district as data: what the folder `districts/<id>/` says, as types.
//!
//! The native loader (`crates/district`) reads and checks the folder. It then
//! writes every part as one JSON document ([`District::documents`]), which the
//! functions read back; so each type here serialises to JSON and back without
//! loss, and unknown fields are passed over, for a function may be older than
//! the data that it reads.
//!
//! Identifiers are kebab-case ASCII, texts come in Chinese (`name`) and
//! English (`name_en`). Dates are `YYYY-MM-DD` and times of day `HH:MM`, both
//! in the district's own time. What each file is for, and how to make a new
//! district, stands in `districts/README.md`.

mod demo;
mod knowledge;
mod policy;

pub use demo::{DemoAccount, DemoCase, DemoContact, DemoScriptError, Step};
pub use knowledge::{Article, Class, ClassGroup, Knowledge};
pub use policy::{
    AnswerPolicy, AttachmentLimits, ClassifyPolicy, Flood, FloodScope, IntakePolicy, JobPolicy,
    LikenessPolicy, Limits, LoginLimits, Outcome, Policy, ProcedurePolicy, RoutePolicy,
    SessionLimits, Signal, SurveyPolicy, TextLimits,
};

use serde::{Deserialize, Serialize};

pub use crate::event::{CaseKind, NoDispatchReason, Urgency};

/// A district: the whole folder but for the knowledge base and the
/// demonstration data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct District {
    /// Who the district is.
    pub district: Identity,
    /// Its towns and sub-districts.
    pub divisions: Vec<Division>,
    /// What a case can be about: level 1, and level 2 below it.
    pub categories: Vec<Category>,
    /// The bodies that answer cases.
    pub departments: Vec<Department>,
    /// The ways by which cases come in.
    pub channels: Vec<Channel>,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Working days and working hours.
    pub calendar: Calendar,
    /// Sizes and rates that requests must keep to.
    pub limits: Limits,
    /// Thresholds, emergency signs and outcomes.
    pub policy: Policy,
}

impl District {
    /// The parts as named JSON documents, the way they are stored: one row of
    /// the table `settings` each, with the field's name as its key.
    ///
    /// # Errors
    /// When a part cannot be written as JSON, which no valid value causes.
    pub fn documents(&self) -> Result<Vec<(&'static str, String)>, serde_json::Error> {
        Ok(vec![
            ("district", serde_json::to_string(&self.district)?),
            ("divisions", serde_json::to_string(&self.divisions)?),
            ("categories", serde_json::to_string(&self.categories)?),
            ("departments", serde_json::to_string(&self.departments)?),
            ("channels", serde_json::to_string(&self.channels)?),
            ("deadlines", serde_json::to_string(&self.deadlines)?),
            ("calendar", serde_json::to_string(&self.calendar)?),
            ("limits", serde_json::to_string(&self.limits)?),
            ("policy", serde_json::to_string(&self.policy)?),
        ])
    }
}

/// Who the district is: the head of `district.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of the folder's format; this crate reads version 1.
    pub format: u32,
    /// Identifier, the same as the folder's name.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Capital letters that case numbers begin with.
    pub number_prefix: String,
    /// The telephone number that citizens call.
    pub phone: String,
    /// Minutes that local time is ahead of UTC, the whole year.
    pub time_zone_minutes: i32,
    /// The department that is the inquiry centre itself.
    pub centre: String,
}

/// A town or sub-district: one `[[division]]` of `district.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    /// Identifier.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Town or sub-district.
    pub kind: DivisionKind,
    /// The department that is this division's office.
    pub department: String,
    /// Other names that citizens use, such as villages and landmarks.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// What a division is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DivisionKind {
    /// 镇.
    Town,
    /// 街道.
    Subdistrict,
}

/// What a case can be about: one `[[category]]` of `categories.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Category {
    /// Identifier; `parent.child` on level 2.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The category of level 1 above this one; none on level 1.
    #[serde(default)]
    pub parent: Option<String>,
    /// The kinds of case that occur here; empty means all.
    #[serde(default)]
    pub kinds: Vec<CaseKind>,
    /// The deadline rule of this category, when it has one of its own.
    #[serde(default)]
    pub deadline: Option<String>,
    /// The entry of the responsibility list that applies unless the text or
    /// the place says otherwise.
    #[serde(default)]
    pub article: Option<String>,
    /// The office of the division where the matter lies takes part.
    #[serde(default)]
    pub by_place: bool,
    /// The label of the training data that means this category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Words of citizens that speak for the category.
    #[serde(default)]
    pub keywords: Vec<Keyword>,
}

/// A word that speaks for a category.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keyword {
    /// The word, as it stands in a normalised text.
    pub word: String,
    /// How much it says, 0.5 to 5.
    pub weight: f64,
}

/// A body that answers cases: one `[[department]]` of `departments.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Identifier.
    pub id: String,
    /// Full name in Chinese.
    pub name: String,
    /// The short name that stands in lists.
    pub short: String,
    /// Name in English.
    pub name_en: String,
    /// What sort of body it is.
    pub kind: DepartmentKind,
    /// The division whose office it is.
    #[serde(default)]
    pub division: Option<String>,
    /// A public telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// Other names that citizens use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Nothing new decides its cases before two of its publishers have signed it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub two_publishers: bool,
    /// Its duties in the words of citizens.
    pub duties: Vec<String>,
    /// Its entries in the responsibility list (责任清单).
    #[serde(default, rename = "responsibility")]
    pub responsibilities: Vec<Responsibility>,
}

impl Department {
    /// The names by which texts speak of it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name, &self.short]
            .into_iter()
            .chain(&self.aliases)
            .map(String::as_str)
    }
}

/// Whether the category `category` is `above` or below it: `labour.wages` lies
/// in `labour`.
pub fn lies_in(category: &str, above: &str) -> bool {
    category
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The bodies that a case may belong to: all, but of the offices of towns and
/// sub-districts only that of the `division` that the citizen chose, or, when
/// none was chosen, those that `texts` name.
pub fn candidates<'a>(
    departments: impl IntoIterator<Item = &'a Department>,
    division: Option<&str>,
    texts: &[&str],
) -> Vec<&'a Department> {
    let named = |department: &Department| {
        department
            .names()
            .any(|name| texts.iter().any(|text| text.contains(name)))
    };
    departments
        .into_iter()
        .filter(|department| match (&department.division, division) {
            (None, _) => true,
            (Some(own), Some(chosen)) => own == chosen,
            (Some(_), None) => named(department),
        })
        .collect()
}

/// What sort of body a department is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepartmentKind {
    /// A bureau or office of the district.
    Department,
    /// The office of a town.
    Town,
    /// The office of a sub-district.
    Subdistrict,
    /// A company that keeps the city going.
    Utility,
    /// Any other body: mass organisations, courts, bodies of the city or the
    /// state that act in the district.
    Agency,
    /// The inquiry centre itself.
    Centre,
}

/// One entry of the responsibility list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responsibility {
    /// Identifier, unique in the district.
    pub id: String,
    /// What the department answers for.
    pub title: String,
    /// The law or rule that makes it so.
    pub basis: String,
    /// The categories that fall under it.
    pub categories: Vec<String>,
    /// Whether the department leads.
    pub role: Role,
}

/// A department's part in a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It leads and answers.
    Lead,
    /// It takes part.
    Co,
}

/// A way by which cases come in: one `[[channel]]` of `channels.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Identifier.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Hotline, network platform or one of the centre's own.
    pub kind: ChannelKind,
    /// The number to call, for hotlines.
    #[serde(default)]
    pub number: Option<String>,
    /// How the result goes back.
    pub feedback: Feedback,
}

/// What a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// A telephone number of another body whose cases come here.
    Hotline,
    /// A network platform of another body.
    Platform,
    /// The centre's own entry.
    Own,
}

/// How the result of a case goes back to its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feedback {
    /// The citizen looks it up on the site.
    Web,
    /// A person calls back.
    Phone,
    /// The channel's interface is told.
    Api,
    /// There is no way back.
    None,
}

/// How long things may take: `deadlines.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// Version of the rules; it is written into the events that they decide.
    pub version: String,
    /// The rules. Of those that fit a case, the one with the highest
    /// `priority` applies; of equals, the first.
    #[serde(rename = "rule")]
    pub rules: Vec<DeadlineRule>,
}

/// One `[[rule]]` of `deadlines.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineRule {
    /// Identifier.
    pub id: String,
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The kinds of case it fits; empty means any.
    #[serde(default)]
    pub kinds: Vec<CaseKind>,
    /// The urgency it fits; none means any.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// The categories it fits, with those below them; empty means any.
    #[serde(default)]
    pub applies: Vec<String>,
    /// Which rule goes first when several fit: the higher number.
    #[serde(default)]
    pub priority: i32,
    /// From the receipt of the case to its passing to a department.
    pub dispatch: TimeLimit,
    /// From the passing to the department's acceptance or return.
    pub accept: TimeLimit,
    /// From the receipt of the case to the answer. Waiting for the citizen
    /// does not count.
    pub answer: TimeLimit,
    /// The longest that all extensions together may add; none means that the
    /// answer cannot be put off.
    #[serde(default)]
    pub max_extension: Option<TimeLimit>,
    /// The source of the numbers.
    pub basis: String,
}

/// A length of time: `{ amount = 3, unit = "working-day" }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeLimit {
    /// How many, at least 1.
    pub amount: u32,
    /// Of what.
    pub unit: TimeUnit,
}

/// The unit of a [`TimeLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeUnit {
    /// Minutes by the clock, day and night, holidays too.
    Minute,
    /// Hours by the clock, day and night, holidays too.
    Hour,
    /// Days on which offices work; the day of the start does not count and
    /// the limit is the end of the last day's working hours.
    WorkingDay,
    /// Days of the calendar; the day of the start does not count and the
    /// limit is the end of the last day.
    CalendarDay,
}

/// Working days and working hours: `calendar.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The years that are known, in order.
    #[serde(rename = "year")]
    pub years: Vec<CalendarYear>,
    /// The hours on a working day.
    pub hours: WorkingHours,
}

/// One `[[year]]` of `calendar.toml`. Saturdays, Sundays and the days of
/// `holidays` are free, but for those in `working`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// Whether the State Council has announced it.
    pub status: CalendarStatus,
    /// The announcement or rule that it rests on.
    pub source: String,
    /// The public holidays, in order.
    #[serde(rename = "holiday")]
    pub holidays: Vec<Holiday>,
    /// Make-up working days (调休): Saturdays and Sundays on which offices work.
    #[serde(default)]
    pub working: Vec<String>,
}

/// Whether a year of the calendar can still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalendarStatus {
    /// As announced.
    Final,
    /// Computed from the rule; the announcement has not been made.
    Provisional,
}

/// A public holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Name in Chinese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// First free day.
    pub from: String,
    /// Last free day, the same as `from` when it is one day.
    pub to: String,
}

/// The hours on a working day: start and end, each `HH:MM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingHours {
    /// Before the break.
    pub morning: [String; 2],
    /// After the break.
    pub afternoon: [String; 2],
}

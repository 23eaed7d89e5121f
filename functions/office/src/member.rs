//! Who is at the desk, and the frame around their pages.

use std::ops::Deref;

use ::case::Role;
use pages::api::{Api, Failure};
use pages::data::{District, Named};
use pages::reader::Reader;
use serde::Deserialize;
use web::{Context, Reply};

use crate::assets;
use crate::words::Words;

/// Whoever has a page of the desk before them, signed in or not.
pub struct Guest {
    /// Language and colours.
    pub reader: Reader,
    /// The texts of the pages.
    pub words: &'static Words,
}

impl Deref for Guest {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Guest {
    /// The reader with the texts of the desk.
    pub fn of(reader: Reader) -> Guest {
        Guest {
            words: Words::of(reader.language),
            reader,
        }
    }

    /// Where the style sheet of the desk is.
    pub fn office_style(&self) -> String {
        assets::OWN.address("office.css")
    }

    /// Where the script is.
    pub fn office_script(&self) -> String {
        assets::OWN.address("office.js")
    }

    /// Where the script is that announces emergencies.
    pub fn alarm_script(&self) -> String {
        assets::OWN.address("alarm.js")
    }

    /// Where the script is that says when to ask for them.
    pub fn watcher_script(&self) -> String {
        assets::OWN.address("watcher.js")
    }

    /// The page for what went wrong.
    pub fn refuse(&self, failure: &Failure) -> Reply {
        self.failed(failure, &[("/desk", self.words.to_queues)])
    }

    /// The page for what went wrong, with where one can go from there: addresses and their names.
    fn failed(&self, failure: &Failure, ways: &[(&str, &str)]) -> Reply {
        let page = FailurePage {
            v: self,
            failure,
            ways,
        };
        self.refusal(failure, &page)
    }

    /// The name of department `id`.
    pub fn department<'a>(&'a self, id: &'a str) -> &'a str {
        self.named(id, |district| &district.departments)
    }

    /// The departments of the district; none where they are not known.
    pub fn departments(&self) -> &[Named] {
        self.district
            .as_ref()
            .map_or(&[], |district| &district.departments)
    }

    /// The name of the state `id`.
    pub fn state<'a>(&self, id: &'a str) -> &'a str {
        web::catalogue::state(id, self.language)
    }

    /// The title of an article.
    pub fn article<'a>(&self, article: &'a pages::data::Article) -> &'a str {
        article.title(self.language)
    }

    /// The name of the role `id`.
    pub fn role<'a>(&self, id: &'a str) -> &'a str {
        web::catalogue::role(id, self.language)
    }

    /// The name of category `id`.
    pub fn category<'a>(&'a self, id: &'a str) -> &'a str {
        self.named(id, |district| &district.categories)
    }

    /// The name of the town or sub-district `id`.
    pub fn division<'a>(&'a self, id: &'a str) -> &'a str {
        self.named(id, |district| &district.divisions)
    }

    /// The name of the kind `id` of cases.
    pub fn kind<'a>(&'a self, id: &'a str) -> &'a str {
        self.named(id, |district| &district.kinds)
    }

    /// The name of a grade of a rating.
    pub fn grade<'a>(&'a self, id: &'a str) -> &'a str {
        self.named(id, |district| &district.grades)
    }

    fn named<'a>(&'a self, id: &'a str, list: impl Fn(&'a District) -> &'a Vec<Named>) -> &'a str {
        self.district.as_deref().map_or(id, |district| {
            District::name_of(list(district), id, self.language)
        })
    }
}

#[derive(askama::Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    v: &'a Guest,
    failure: &'a Failure,
    /// Where one can go from here: addresses and their names, the first above all.
    ways: &'a [(&'a str, &'a str)],
}

/// An account, as its session and administrators see it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// The department of an officer.
    pub department: Option<String>,
    /// The password is a one-time password.
    pub must_change: bool,
    /// It can no longer sign in.
    pub disabled: bool,
    /// Who it is at an identity provider.
    pub link: Option<Link>,
    /// How often it has been changed.
    pub revision: i64,
}

/// A person as an identity provider names them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    /// The provider's name for the person.
    pub subject: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Session {
    account: Account,
}

/// A member of the staff who is signed in.
pub struct Member<'a> {
    guest: &'a Guest,
    /// The account.
    pub account: Account,
    /// The role; none where this program does not know it.
    pub role: Option<Role>,
    /// The page that is marked in the navigation.
    pub section: String,
}

impl Deref for Member<'_> {
    type Target = Guest;

    fn deref(&self) -> &Guest {
        self.guest
    }
}

impl<'a> Member<'a> {
    /// Whose session it is.
    ///
    /// # Errors
    ///
    /// 401 where nobody is signed in.
    pub async fn of(
        api: &Api<'_>,
        guest: &'a Guest,
        context: &Context,
    ) -> Result<Member<'a>, Failure> {
        if api.token.is_none() {
            return Err(api.failure_of(&web::Problem::unauthorized()));
        }
        let session: Session = api.get("identity", "/api/session").await?;
        Ok(Member {
            guest,
            role: Role::from_name(&session.account.role),
            account: session.account,
            section: context.path.get(1).cloned().unwrap_or_default(),
        })
    }

    /// The page for what went wrong, which leads back to what the role has.
    pub fn refuse(&self, failure: &Failure) -> Reply {
        let words = self.words;
        let ways: &[(&str, &str)] = match self.role {
            Some(Role::Reporter) => &[
                ("/cases", words.public_cases),
                ("/statistics", words.footer_statistics),
            ],
            Some(Role::Admin) => &[
                ("/desk/accounts", words.nav_accounts),
                ("/desk/templates", words.nav_templates),
                ("/desk/letters", words.nav_letters),
            ],
            _ => &[("/desk", words.to_queues)],
        };
        self.failed(failure, ways)
    }

    /// Whether the role has a part in cases.
    pub fn has_cases(&self) -> bool {
        self.role
            .is_some_and(|role| !matches!(role, Role::Reporter | Role::Admin))
    }

    /// Whether the role keeps templates of answers.
    pub fn keeps_templates(&self) -> bool {
        matches!(self.role, Some(Role::Officer | Role::Admin))
    }

    /// Whether the role keeps accounts.
    pub fn keeps_accounts(&self) -> bool {
        self.role == Some(Role::Admin)
    }

    /// Whether the role takes messages in on behalf of citizens.
    pub fn takes_calls(&self) -> bool {
        matches!(self.role, Some(Role::Operator | Role::Duty))
    }

    /// Whether the role looks after the district as a whole.
    pub fn sees_issues(&self) -> bool {
        matches!(
            self.role,
            Some(Role::Operator | Role::Duty | Role::Supervisor | Role::Leader)
        )
    }

    /// Whether the role looks after what is done after answers.
    pub fn follows_up(&self) -> bool {
        matches!(self.role, Some(Role::Officer | Role::Supervisor))
    }

    /// Whether the role sees what the machinery could not do.
    pub fn sees_letters(&self) -> bool {
        matches!(self.role, Some(Role::Supervisor | Role::Admin))
    }

    /// `aria-current` of the link to `section`.
    pub fn current(&self, section: &str) -> &'static str {
        if self.section == section {
            "page"
        } else {
            "false"
        }
    }
}

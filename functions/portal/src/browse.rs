//! The list of published cases with its search, and the departments.

use std::rc::Rc;

use http::StatusCode;
use web::Reply;

use crate::visitor::Visitor;
use crate::words::Words;
use pages::api::{Api, Failure};
use pages::data::{District, Listing, Named};

/// What may be asked for, as the interface calls it.
const PARAMETERS: [&str; 7] = [
    "q",
    "department",
    "category",
    "kind",
    "division",
    "from",
    "to",
];

/// What a kind of departments is called.
pub fn kind(words: &Words, kind: &str) -> &'static str {
    match kind {
        "centre" => words.kind_centre,
        "subdistrict" => words.kind_subdistrict,
        "town" => words.kind_town,
        "agency" => words.kind_agency,
        "utility" => words.kind_utility,
        _ => words.kind_department,
    }
}

/// Kinds of departments in the order of the page.
const KINDS: [&str; 6] = [
    "centre",
    "department",
    "subdistrict",
    "town",
    "agency",
    "utility",
];

#[derive(askama::Template)]
#[template(path = "cases.html")]
struct CasesPage<'a> {
    v: &'a Visitor,
    district: Rc<District>,
    list: Listing,
    query: Query<'a>,
    /// What is wrong with the conditions.
    failure: Option<Failure>,
    /// The address of the next page.
    next: Option<String>,
}

/// What was asked for.
struct Query<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Query<'a> {
    fn of(api: &Api<'a>) -> Query<'a> {
        Query(
            PARAMETERS
                .iter()
                .filter_map(|name| Some((*name, api.context.parameter(name)?)))
                .collect(),
        )
    }

    /// The value of `name`, or nothing.
    fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(other, _)| *other == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether `name` is `value`.
    fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }

    /// Whether there is any condition beside the words.
    fn is_narrow(&self) -> bool {
        self.0.iter().any(|(name, _)| *name != "q")
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the query of an address, with where to begin.
    fn encoded(&self, cursor: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0);
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
        query.finish()
    }
}

/// `GET /cases`.
pub async fn show(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let district = api.district().await?;
    let query = Query::of(api);
    let path = format!(
        "/api/publications?{}",
        query.encoded(api.context.parameter("cursor"))
    );
    let (status, list, failure) = match api.get::<Listing>("publish", &path).await {
        Ok(list) => (StatusCode::OK, list, None),
        Err(failure) if failure.status == 422 => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Listing::default(),
            Some(failure),
        ),
        Err(failure) => return Err(failure),
    };
    let next = list
        .next
        .as_deref()
        .map(|cursor| format!("/cases?{}", query.encoded(Some(cursor))));
    let page = CasesPage {
        v: visitor,
        district,
        list,
        query,
        failure,
        next,
    };
    Ok(visitor.page(status, &page))
}

impl CasesPage<'_> {
    /// Categories of the first level, each with those below it.
    fn tops(&self) -> impl Iterator<Item = &Named> {
        self.district
            .categories
            .iter()
            .filter(|category| category.parent.is_none())
    }

    /// Categories below `top`.
    fn below(&self, top: &Named) -> impl Iterator<Item = &Named> {
        let top = top.id.clone();
        self.district
            .categories
            .iter()
            .filter(move |category| category.parent.as_deref() == Some(top.as_str()))
    }
}

#[derive(askama::Template)]
#[template(path = "departments.html")]
struct DepartmentsPage<'a> {
    v: &'a Visitor,
    groups: Vec<(&'static str, Vec<&'a Named>)>,
}

/// `GET /departments`.
pub async fn departments(api: &Api<'_>, visitor: &Visitor) -> Result<Reply, Failure> {
    let district = api.district().await?;
    let groups = KINDS
        .into_iter()
        .map(|id| {
            let members = district
                .departments
                .iter()
                .filter(|department| department.kind == id);
            (kind(visitor.words, id), members.collect::<Vec<_>>())
        })
        .filter(|(_, members)| !members.is_empty())
        .collect();
    Ok(visitor.page(StatusCode::OK, &DepartmentsPage { v: visitor, groups }))
}

//! `GET /api/statistics`: figures with their definitions.

use std::collections::BTreeMap;

use case::time::Date;
use serde_json::{Value as Json, json};
use store::tally::{self, measure};
use web::language::Language;
use web::rules::{self, Bodies, Rules};
use web::{Context, Database, Problem, Reply, view};

use crate::wilson;

/// Days shown when nothing is asked for, today included.
const DAYS: i32 = 30;

/// The longest stretch that can be asked for, in days: ten years.
const MAX_DAYS: i32 = 3660;

/// Seconds for which an answer may be kept.
const KEEP: u32 = 60;

/// Sums by measure.
type Sums = BTreeMap<String, i64>;

/// Answers the request.
pub async fn show(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let bodies = rules::bodies(&mut database, context.now).await?;
    let today = context.now.date(rules.offset);
    let to = date(context, "to")?.unwrap_or(today);
    let from = date(context, "from")?.unwrap_or(to.plus_days(1 - DAYS));
    if !(0..MAX_DAYS).contains(&from.days_until(to)) {
        return Err(Problem::invalid("from", "range"));
    }
    let department = context.parameter("department");
    if department.is_some_and(|id| !bodies.departments.contains_key(id)) {
        return Err(Problem::invalid("department", "department"));
    }
    let day = |date: Date| tally::day_of(date.start(rules.offset), rules.offset);
    let mut district = Sums::new();
    let mut departments: BTreeMap<String, Sums> = BTreeMap::new();
    for sum in tally::sums(&mut database, day(from), day(to), department).await? {
        *district.entry(sum.measure.clone()).or_default() += sum.count;
        if !sum.department.is_empty() {
            *departments
                .entry(sum.department)
                .or_default()
                .entry(sum.measure)
                .or_default() += sum.count;
        }
    }
    let mut figures = figures(&district, context.language);
    let mut rows = table(&departments, &rules, &bodies, context.language);
    if department.is_some() {
        // It takes in no messages, it is given them; and a rank takes the others.
        figures["received"] = count(
            "dispatched",
            get(&district, measure::DISPATCHED),
            context.language,
        );
        for row in &mut rows {
            row["rank"] = Json::Null;
        }
    }
    let body = json!({
        "from": from,
        "to": to,
        "figures": figures,
        "departments": rows,
        "rank_min_cases": rules.policy.survey.rank_min_cases,
        "definitions": definitions(context.language),
    });
    Ok(Reply::ok(&body).cacheable(context, KEEP))
}

fn date(context: &Context, name: &str) -> Result<Option<Date>, Problem> {
    context
        .parameter(name)
        .map(|text| text.parse().map_err(|_| Problem::invalid(name, "date")))
        .transpose()
}

fn get(sums: &Sums, measure: &str) -> i64 {
    sums.get(measure).copied().unwrap_or_default()
}

/// Ratings in all, and the good ones among them.
fn ratings(sums: &Sums) -> (i64, i64) {
    let grades = measure::RATED.map(|grade| get(sums, grade));
    (grades.iter().sum(), grades[2..].iter().sum())
}

fn figures(sums: &Sums, language: Language) -> Json {
    let (rated, good) = ratings(sums);
    let published = get(sums, measure::PUBLISHED);
    let count = |name: &str, value: i64| count(name, value, language);
    json!({
        "received": count("received", get(sums, measure::RECEIVED)),
        "published": count("published", published),
        "rated": count("rated", rated),
        "reopened": count("reopened", get(sums, measure::REOPENED)),
        "self_answered": share("self_answered", get(sums, measure::SELF_ANSWERED), published, language),
        "satisfaction": share("satisfaction", good, rated, language),
        "response_rate": share("response_rate", rated, published, language),
        "solved": share("solved", get(sums, measure::SOLVED), rated, language),
    })
}

fn count(name: &str, value: i64, language: Language) -> Json {
    json!({ "value": value, "definition": definition(name, language) })
}

/// A share with what it is made of; without a denominator there is no share.
fn share(name: &str, part: i64, whole: i64, language: Language) -> Json {
    let interval = wilson::interval(part, whole).map(|(low, high)| [rounded(low), rounded(high)]);
    json!({
        "value": (whole > 0).then(|| rounded(part as f64 / whole as f64)),
        "numerator": part,
        "denominator": whole,
        "interval": interval,
        "definition": definition(name, language),
    })
}

/// Four decimals: a hundredth of a per cent.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// The departments by rank; those with too few cases come last, without one.
fn table(
    departments: &BTreeMap<String, Sums>,
    rules: &Rules,
    bodies: &Bodies,
    language: Language,
) -> Vec<Json> {
    let enough = i64::from(rules.policy.survey.rank_min_cases);
    let bound = |sums: &Sums| {
        let (rated, good) = ratings(sums);
        wilson::interval(good, rated).map_or(0.0, |(low, _)| low)
    };
    let is_ranked = |sums: &Sums| get(sums, measure::PUBLISHED) >= enough && ratings(sums).0 > 0;
    let mut rows: Vec<(&String, &Sums)> = departments.iter().collect();
    rows.sort_by(|(_, left), (_, right)| {
        let order = is_ranked(right).cmp(&is_ranked(left));
        order.then_with(|| {
            if is_ranked(left) {
                bound(right).total_cmp(&bound(left))
            } else {
                std::cmp::Ordering::Equal
            }
        })
    });
    rows.iter()
        .enumerate()
        .map(|(index, (id, sums))| {
            let (rated, good) = ratings(sums);
            let figure = |part: i64, whole: i64| (whole > 0).then(|| rounded(part as f64 / whole as f64));
            json!({
                "department": id,
                "name": view::department(bodies, id, language),
                "rank": is_ranked(sums).then_some(index + 1),
                "dispatched": get(sums, measure::DISPATCHED),
                "returned": get(sums, measure::RETURNED),
                "published": get(sums, measure::PUBLISHED),
                "self_answered": get(sums, measure::SELF_ANSWERED),
                "reopened": get(sums, measure::REOPENED),
                "rated": rated,
                "good": good,
                "satisfaction": figure(good, rated),
                "interval": wilson::interval(good, rated).map(|(low, high)| [rounded(low), rounded(high)]),
                "solved": figure(get(sums, measure::SOLVED), rated),
            })
        })
        .collect()
}

/// What the figures mean: Chinese, then English.
#[rustfmt::skip]
const DEFINITIONS: &[(&str, &str, &str)] = &[
    ("received", "期间内收到的件数。", "Messages taken in during the period."),
    ("dispatched", "期间内交该单位办理的件数，包括转来和退回后重新交办的。", "Cases given to the department during the period, also those that came from another or after a return."),
    ("published", "期间内发出的答复数，包括不公开、只告知本人的答复；重新办理后再次答复的另计。", "Answers that went out during the period, also those that only the citizen sees; an answer after a reopening counts again."),
    ("rated", "期间内收到的评价数，每次答复只能评价一次。", "Ratings given during the period; one for each answer."),
    ("reopened", "期间内答复后重新办理的件数。", "Cases that came back after an answer during the period."),
    ("self_answered", "直接答复率：由中心依据知识库直接答复的件数÷发出的答复数。", "Answers that the centre gave out of its knowledge base, divided by all answers that went out."),
    ("satisfaction", "满意率：评为非常满意、满意、基本满意的评价数÷全部评价数；未评价的不计入。区间为95%威尔逊置信区间。", "Ratings of the grades fairly satisfied, satisfied and very satisfied, divided by all ratings; who did not rate is not counted. The interval is Wilson's at 95 %."),
    ("response_rate", "参评率：评价数÷发出的答复数。", "Ratings divided by answers that went out."),
    ("solved", "解决率：市民评价为已解决的件数÷全部评价数。", "Ratings that call the matter solved, divided by all ratings."),
    ("rank", "按满意率95%置信区间的下限排名；期间内答复少于最低件数的单位只列数据、不排名。", "Departments are ranked by the lower end of the interval of their satisfaction; those with fewer answers than the minimum are shown and not ranked."),
];

fn definition(name: &str, language: Language) -> &'static str {
    DEFINITIONS
        .iter()
        .find(|(other, ..)| *other == name)
        .map_or("", |(_, chinese, english)| language.pick(chinese, english))
}

fn definitions(language: Language) -> Json {
    json!({ "rank": definition("rank", language) })
}

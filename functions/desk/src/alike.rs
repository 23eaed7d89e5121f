//! Cases about the same matter.
//!
//! Nothing is merged here: what is shown helps a person to decide.

use std::collections::{BTreeMap, BTreeSet};

use case::{Case, Role, State};
use serde_json::{Value as Json, json};
use store::accounts::Account;
use store::{cases, likeness};
use text::likeness::Matter;
use web::rules::{self, Rules};
use web::{Context, Database, Problem, Reply, catalogue, identity, sight, view};

use crate::beginning;

/// Who looks after the district as a whole.
const ROLES: [Role; 4] = [Role::Operator, Role::Duty, Role::Supervisor, Role::Leader];
/// Cases that are compared with one.
const COMPARED: u32 = 64;
/// Similar cases that are shown: nobody reads more beside a case.
const SHOWN: usize = 10;
/// Pairs of bucket and case that hot issues are looked for in, the newest first.
const PAIRS: u32 = 20_000;
/// Cases whose words are compared for them.
const READ: usize = 1_000;
/// Hot issues of the list.
const ISSUES: usize = 50;

/// A case with what it is about.
struct Item {
    case: Case,
    subject: Json,
    beginning: Option<String>,
    matter: Matter,
}

impl Item {
    fn new((case, original): (Case, Json)) -> Self {
        Self {
            matter: matter(&original),
            subject: original["subject"].clone(),
            beginning: beginning::of(&original),
            case,
        }
    }
}

fn matter(original: &Json) -> Matter {
    let text = |name: &str| original[name].as_str().unwrap_or_default();
    Matter::of(text("subject"), text("body"))
}

/// How likely two cases are about the same matter: their words, and a bonus for the same category and the same
/// division; in ten-thousandths. Cases that have no words in common are not made alike by a bonus.
fn likeness_of(words: u16, one: &Case, other: &Case, bonus: u16) -> u16 {
    let same = |a: &Option<String>, b: &Option<String>| u16::from(a.is_some() && a == b);
    let bonuses = same(&one.category, &other.category) + same(&one.division, &other.division);
    match words {
        0 => 0,
        words => words
            .saturating_add(bonus.saturating_mul(bonuses))
            .min(10_000),
    }
}

/// Whether something is still to be done about a case.
fn is_open(state: State) -> bool {
    !matches!(
        state,
        State::ClosedSolved
            | State::ClosedUnsolved
            | State::Declined
            | State::Withdrawn
            | State::Merged
            | State::Explained
            | State::Published
    )
}

/// The open cases that are likely about the matter of `case`, most alike first, as far as `account` may see them.
pub async fn similar(
    database: &mut Database,
    account: &Account,
    case: &Case,
    original: &Json,
    rules: &Rules,
    context: &Context,
) -> Result<Vec<Json>, Problem> {
    let policy = rules.policy.likeness;
    let own = matter(original);
    let since = likeness::day(context.now.0) - i64::from(policy.days);
    let numbers = likeness::candidates(database, &own.buckets(), since, COMPARED).await?;
    let numbers: Vec<String> = numbers
        .into_iter()
        .filter(|number| *number != case.number)
        .collect();
    let mut found: Vec<(u16, Item)> = cases::load_many(database, &numbers)
        .await?
        .into_iter()
        .map(Item::new)
        .filter(|item| is_open(item.case.state) && sight::of(account, &item.case).is_some())
        .map(|item| {
            let words = own.likeness(&item.matter);
            (likeness_of(words, case, &item.case, policy.bonus), item)
        })
        .filter(|(score, _)| *score >= policy.threshold)
        .collect();
    found.sort_by(|a, b| (b.0, &a.1.case.number).cmp(&(a.0, &b.1.case.number)));
    found.truncate(SHOWN);
    let row = |(score, item): (u16, Item)| {
        json!({
            "number": item.case.number,
            "subject": item.subject,
            "beginning": item.beginning,
            "state": item.case.state,
            "state_name": catalogue::state(item.case.state.name(), context.language),
            "department": item.case.department,
            "received_at": view::time(item.case.received_at, rules.offset),
            "score": score,
        })
    };
    Ok(found.into_iter().map(row).collect())
}

/// `GET /api/desk/hot-issues`, those with most cases first.
pub async fn hot(context: &Context) -> Result<Reply, Problem> {
    let mut database = Database::open().await?;
    identity::require(context, &mut database, &ROLES).await?;
    let rules = rules::rules(&mut database, context.now).await?;
    let policy = rules.policy.likeness;
    let since = likeness::day(context.now.0) - i64::from(policy.days);
    let pairs = likeness::shared(&mut database, since, PAIRS).await?;

    let mut seen = BTreeSet::new();
    let numbers: Vec<String> = pairs
        .iter()
        .filter(|(_, number)| seen.insert(number.as_str()))
        .take(READ)
        .map(|(_, number)| number.clone())
        .collect();
    let mut items: Vec<Item> = cases::load_many(&mut database, &numbers)
        .await?
        .into_iter()
        .map(Item::new)
        // Who withdrew did not report it, and a declined message was none.
        .filter(|item| !matches!(item.case.state, State::Declined | State::Withdrawn))
        .collect();
    items.sort_by(|a, b| {
        (a.case.received_at, &a.case.number).cmp(&(b.case.received_at, &b.case.number))
    });
    let at: BTreeMap<&str, usize> = items
        .iter()
        .enumerate()
        .map(|(index, item)| (item.case.number.as_str(), index))
        .collect();
    let mut buckets: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (bucket, number) in &pairs {
        if let Some(index) = at.get(number.as_str()) {
            buckets.entry(*bucket).or_default().push(*index);
        }
    }
    let alike = |one: usize, other: usize| {
        let (one, other): (&Item, &Item) = (&items[one], &items[other]);
        let words = one.matter.likeness(&other.matter);
        likeness_of(words, &one.case, &other.case, policy.bonus) >= policy.threshold
    };
    let mut groups = groups(items.len(), buckets.into_values(), alike);
    groups.retain(|group| group.len() >= policy.hot_cases as usize);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups.truncate(ISSUES);

    let issue = |group: &Vec<usize>| {
        let of = |index: usize| &items[index].case;
        let first = of(group[0]);
        let last = of(group[group.len() - 1]);
        json!({
            "number": first.number,
            "subject": items[group[0]].subject,
            "beginning": items[group[0]].beginning,
            "category": first.category,
            "division": first.division,
            "cases": group.len(),
            "open": group.iter().filter(|index| is_open(of(**index).state)).count(),
            "first_at": view::time(first.received_at, rules.offset),
            "last_at": view::time(last.received_at, rules.offset),
            "numbers": group.iter().map(|index| &of(*index).number).collect::<Vec<_>>(),
        })
    };
    Ok(Reply::ok(&json!({
        "days": policy.days,
        "hot_cases": policy.hot_cases,
        "items": groups.iter().map(issue).collect::<Vec<_>>(),
    })))
}

/// Groups the items `0..count`: who shares a bucket with an earlier item and is alike joins it. Each group is in
/// ascending order; so are the groups by their first items.
fn groups(
    count: usize,
    buckets: impl Iterator<Item = Vec<usize>>,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..count).collect();
    for mut bucket in buckets {
        bucket.sort_unstable();
        // Each with the first of every matter in the bucket, not all with all.
        let mut heads: Vec<usize> = Vec::new();
        for item in bucket {
            match heads.iter().position(|head| {
                root(&mut parent, *head) == root(&mut parent, item) || alike(*head, item)
            }) {
                Some(at) => {
                    let (one, other) = (root(&mut parent, heads[at]), root(&mut parent, item));
                    parent[one.max(other)] = one.min(other);
                }
                None => heads.push(item),
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for item in 0..count {
        groups
            .entry(root(&mut parent, item))
            .or_default()
            .push(item);
    }
    groups.into_values().collect()
}

/// The first item of the group of `item`; shortens the way there.
fn root(parent: &mut [usize], mut item: usize) -> usize {
    while parent[item] != item {
        parent[item] = parent[parent[item]];
        item = parent[item];
    }
    item
}

#[cfg(test)]
mod tests {
    use super::groups;

    #[test]
    fn who_shares_a_bucket_and_is_alike_is_one_group() {
        let same = |one: usize, other: usize| one % 2 == other % 2;
        let buckets = vec![vec![4, 0, 1], vec![5, 1], vec![2, 4], vec![3, 2]];
        assert_eq!(
            groups(7, buckets.into_iter(), same),
            [vec![0, 2, 4], vec![1, 5], vec![3], vec![6]]
        );
        assert!(groups(0, std::iter::empty(), same).is_empty());
    }

    #[test]
    fn who_shares_no_bucket_is_alone() {
        assert_eq!(groups(2, std::iter::empty(), |_, _| true), [[0], [1]]);
    }
}

//! Which rule applies.

use crate::district::{CaseKind, DeadlineRule, Urgency, lies_in};

/// What the choice of a rule depends on.
#[derive(Clone, Copy, Debug)]
pub struct Matter<'a> {
    /// What the citizen wants.
    pub kind: CaseKind,
    /// How soon it must be dealt with.
    pub urgency: Urgency,
    /// The case's category, once it has one.
    pub category: Option<&'a str>,
    /// The rule that the category names as its own, if it does.
    pub named: Option<&'a str>,
}

/// The rule that applies to a matter; none when none fits.
///
/// A rule fits when its kinds, its urgency and its categories (each with those
/// below it) fit, or are left open. Of those that fit, the one with the highest
/// `priority` applies; of equals, the more specific one: first the one that
/// states the urgency, then the one that the category names or whose category
/// is nearest, then the one that states kinds. Of those that are still equal,
/// the first.
pub fn select_rule<'a>(rules: &'a [DeadlineRule], matter: &Matter<'_>) -> Option<&'a DeadlineRule> {
    let mut best: Option<(&DeadlineRule, Specificity)> = None;
    for rule in rules {
        if let Some(specificity) = fit(rule, matter)
            && best.is_none_or(|(_, other)| specificity > other)
        {
            best = Some((rule, specificity));
        }
    }
    best.map(|(rule, _)| rule)
}

/// Priority, states the urgency, nearness of the category, states kinds.
type Specificity = (i32, bool, usize, bool);

fn fit(rule: &DeadlineRule, matter: &Matter<'_>) -> Option<Specificity> {
    let kinds = rule.kinds.is_empty() || rule.kinds.contains(&matter.kind);
    let urgency = rule.urgency.is_none_or(|urgency| urgency == matter.urgency);
    if !kinds || !urgency {
        return None;
    }
    let nearness = if matter.named == Some(rule.id.as_str()) {
        usize::MAX
    } else if rule.applies.is_empty() {
        0
    } else {
        let category = matter.category?;
        rule.applies
            .iter()
            .filter(|above| lies_in(category, above))
            .map(|above| depth(above))
            .max()?
    };
    Some((
        rule.priority,
        rule.urgency.is_some(),
        nearness,
        !rule.kinds.is_empty(),
    ))
}

/// The level of a category: 1, 2 …
fn depth(category: &str) -> usize {
    1 + category.matches('.').count()
}

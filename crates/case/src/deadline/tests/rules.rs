//! Which rule applies.

use super::*;

#[test]
#[rustfmt::skip]
fn which_rule_applies() {
    let base = rule(limit(7, WorkingDay), None);
    let make = |id: &str, priority, kinds: &[CaseKind], urgency, applies: &[&str]| DeadlineRule {
        id: id.into(),
        priority,
        kinds: kinds.to_vec(),
        urgency,
        applies: applies.iter().map(|&id| id.to_owned()).collect(),
        ..base.clone()
    };
    let rules = [
        make("general", 0, &[], None, &[]),
        make("general-again", 0, &[], None, &[]),
        make("consultation", 0, &[CaseKind::Consultation], None, &[]),
        make("police", 0, &[], None, &["public-security"]),
        make("household", 0, &[], None, &["public-security.household"]),
        make("household-question", 0, &[CaseKind::Consultation], None, &["traffic", "public-security.household"]),
        make("urgent", 0, &[], Some(Urgency::Urgent), &[]),
        make("urgent-traffic", 0, &[], Some(Urgency::Urgent), &["traffic"]),
        make("emergency", 100, &[], Some(Urgency::Emergency), &[]),
        make("discipline", 50, &[CaseKind::Complaint, CaseKind::Report], None, &["discipline"]),
        make("named", 0, &[CaseKind::Help], None, &["elsewhere"]),
    ];
    use CaseKind::*;
    use Urgency::*;
    for (kind, urgency, category, named, expected) in [
        (Suggestion, Normal, None, None, "general"),
        (Suggestion, Normal, Some("housing"), None, "general"),
        (Consultation, Normal, Some("housing"), None, "consultation"),
        (Consultation, Normal, Some("public-security.fire"), None, "police"),
        (Help, Normal, Some("public-security"), None, "police"),
        (Help, Normal, Some("public-security-training"), None, "general"),
        (Help, Normal, Some("public-security.household"), None, "household"),
        (Help, Normal, Some("public-security.household.move"), None, "household"),
        (Consultation, Normal, Some("public-security.household"), None, "household-question"),
        (Help, Urgent, Some("public-security.household"), None, "urgent"),
        (Help, Urgent, Some("traffic.bus"), None, "urgent-traffic"),
        (Help, Emergency, Some("discipline"), None, "emergency"),
        (Report, Emergency, Some("discipline"), None, "emergency"),
        (Report, Urgent, Some("discipline"), None, "discipline"),
        (Suggestion, Normal, Some("discipline"), None, "general"),
        (Help, Normal, Some("public-security.household"), Some("named"), "named"),
        (Help, Normal, None, Some("named"), "named"),
        (Report, Normal, Some("housing"), Some("named"), "general"),
        (Help, Emergency, Some("housing"), Some("named"), "emergency"),
        (Help, Normal, Some("housing"), Some("no-such-rule"), "general"),
    ] {
        let matter = Matter { kind, urgency, category, named };
        assert_eq!(select_rule(&rules, &matter).map(|rule| rule.id.as_str()), Some(expected), "{matter:?}");
    }
    let matter = Matter { kind: Help, urgency: Normal, category: None, named: None };
    assert_eq!(select_rule(&rules[3..], &matter), None);
}

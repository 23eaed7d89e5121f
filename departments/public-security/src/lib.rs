//! The handler of the public-security department: household registration (户口).
//!
//! It takes what belongs to the household window, asks for the facts without which nobody can answer, sends traffic
//! fines back, and drafts answers out of the window's own table of matters (`table.rs`).

mod table;

use table::{MATTERS, Matter};
use wenzheng_handler::{
    AnswerText, Article, Department, Description, Draft, Error, Finding, FollowUp, Inquiry,
    ReturnReason, Severity, Triage,
};

/// The section that keeps the household registers.
const SECTION: &str = "户籍管理";
/// A phrase of the table is rare enough to be sure of what is asked, in ten-thousandths.
const SURE: u16 = 8_500;

/// What the household window decides.
pub struct PublicSecurity;

impl Department for PublicSecurity {
    fn describe() -> Description {
        Description::new(
            "public-security-household",
            env!("CARGO_PKG_VERSION"),
            "public-security",
        )
        .for_categories(&["public-security.household"])
    }

    fn triage(inquiry: &Inquiry) -> Result<Option<Triage>, Error> {
        if inquiry.mentions_any(&["公积金", "社保卡", "不动产登记"]) && matter(inquiry).is_none()
        {
            return Ok(Some(Triage::SendBack(ReturnReason {
                reason: "所问事项不属于户籍管理".into(),
                basis: "《中华人民共和国户口登记条例》第三条".into(),
                suggested: None,
            })));
        }
        let Some(matter) = matter(inquiry) else {
            return Ok(None);
        };
        let missing: Vec<String> = matter
            .facts
            .iter()
            .filter(|fact| !inquiry.mentions_any(fact.signs))
            .map(|fact| fact.question.to_owned())
            .collect();
        Ok(Some(if missing.is_empty() {
            Triage::Accept(SECTION.into())
        } else {
            Triage::Ask(missing)
        }))
    }

    fn draft(inquiry: &Inquiry, _articles: &[Article]) -> Result<Option<Draft>, Error> {
        Ok(matter(inquiry).map(|matter| {
            let body = format!(
                "您好！关于“{}”，答复如下：\n\n{}\n\n依据：{}。\n\n如有疑问，请拨打 81812345 或到住所所在地派出所户籍窗口咨询。",
                matter.title, matter.answer, matter.basis
            );
            Draft::from_table(body, SURE, matter.id, matter.title, matter.updated)
        }))
    }

    fn check(_inquiry: &Inquiry, answer: &AnswerText) -> Result<Vec<Finding>, Error> {
        let mut findings = Vec::new();
        if answer.body.contains("收费") && !answer.body.contains("不收费") {
            // Moving a registration costs nothing: an answer that speaks of a fee is wrong or about something else.
            findings.push(Finding::at("fee-named", Severity::Warning, answer, "收费"));
        }
        if !answer.body.contains("派出所") && !answer.body.contains("浙里办") {
            findings.push(Finding::new("no-place", Severity::Note));
        }
        Ok(findings)
    }

    fn follow_up(inquiry: &Inquiry, _answer: &AnswerText) -> Result<Option<FollowUp>, Error> {
        Ok(matter(inquiry)
            .and_then(|matter| matter.follow_up)
            .map(|(days, task)| FollowUp::after_days(days, task)))
    }
}

wenzheng_handler::export!(PublicSecurity);

/// What the inquiry is about: the matter of which the most signs are named; of several, the first in the table.
fn matter(inquiry: &Inquiry) -> Option<&'static Matter> {
    let score = |matter: &Matter| {
        matter
            .signs
            .iter()
            .filter(|sign| inquiry.mentions(sign))
            .count()
    };
    MATTERS
        .iter()
        .rev()
        .max_by_key(|matter| score(matter))
        .filter(|matter| score(matter) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_asked_for_once() {
        let mut inquiry = Inquiry::asking("想把户口迁到鄞州", "请问怎么办理户口迁入？");
        let asked = PublicSecurity::triage(&inquiry).expect("a result");
        assert!(matches!(asked, Some(Triage::Ask(questions)) if questions.len() == 2));
        inquiry
            .supplements
            .push("从安徽迁来，因为在鄞州买房了".into());
        let taken = PublicSecurity::triage(&inquiry).expect("a result");
        assert_eq!(taken, Some(Triage::Accept(SECTION.into())));
    }

    #[test]
    fn every_matter_is_found_by_each_of_its_own_signs() {
        for matter in MATTERS {
            for sign in matter.signs {
                let found = super::matter(&Inquiry::asking(sign, "")).expect("a matter");
                assert_eq!(found.id, matter.id, "{sign}");
            }
        }
    }
}

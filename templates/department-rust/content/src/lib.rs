//! The handler of the department `{{department}}`.

use wenzheng_handler::{
    Article, Department, Description, Draft, Error, Inquiry, Triage,
};

struct Handler;

impl Department for Handler {
    fn describe() -> Description {
        Description::new("{{department}}-handler", env!("CARGO_PKG_VERSION"), "{{department}}")
    }

    /// Asks for the place where one is needed; what else there is to decide, the platform decides.
    fn triage(inquiry: &Inquiry) -> Result<Option<Triage>, Error> {
        if inquiry.mentions("路灯") && inquiry.address.is_none() {
            return Ok(Some(Triage::Ask(vec!["是哪条路、哪个路口附近的路灯？".into()])));
        }
        Ok(None)
    }

    /// Drafts out of the department's own words where it has some.
    fn draft(inquiry: &Inquiry, _articles: &[Article]) -> Result<Option<Draft>, Error> {
        if !inquiry.mentions("路灯") {
            return Ok(None);
        }
        let body = "您好！路灯故障我们会安排人员检查，处理结果另行告知。".to_owned();
        Ok(Some(Draft::from_table(body, 7_000, "street-lamp", "路灯故障", "2026-11-20")))
    }
}

wenzheng_handler::export!(Handler);

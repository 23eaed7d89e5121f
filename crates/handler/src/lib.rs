//! A department's own handler in about twenty lines.
//!
//! A handler is a component that imports nothing: it gets an inquiry and says what the department makes of it. It has
//! no clock, no network, no files and no randomness, so that the same inquiry gives the same answer tomorrow, and so
//! that it can harm nobody. Write a type, implement [`Department`] for it, and name it in [`export!`]:
//!
//! ```
//! use wenzheng_handler::{Department, Description, Error, Inquiry, Triage};
//!
//! struct Parks;
//!
//! impl Department for Parks {
//!     fn describe() -> Description {
//!         Description::new("parks", env!("CARGO_PKG_VERSION"), "parks")
//!     }
//!
//!     fn triage(inquiry: &Inquiry) -> Result<Option<Triage>, Error> {
//!         if inquiry.mentions("树") && inquiry.address.is_none() {
//!             return Ok(Some(Triage::Ask(vec!["树在哪条路、哪个门牌附近？".into()])));
//!         }
//!         Ok(None)
//!     }
//! }
//!
//! wenzheng_handler::export!(Parks);
//! ```
//!
//! What a method does not decide (`Ok(None)`, the default of every method) the platform decides as for any other
//! department. `wenzheng handler build`, `test`, `check` and `publish` take it from there; `docs/departments.md` has
//! the way from nothing to a published handler.
//!
//! The types are those of `wit/types.wit` and `wit/department.wit`, and what stands there holds here: spans count
//! characters, confidence is in ten-thousandths, categories and departments are the district's identifiers.

#![deny(missing_docs)]

#[doc(hidden)]
#[allow(
    missing_docs,
    reason = "generated; the documentation is in wit/department.wit"
)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "department-handler",
        pub_export_macro: true,
        export_macro_name: "export_department",
        additional_derives: [PartialEq],
    });
}

mod helpers;

pub use bindings::exports::wenzheng::handlers::department::{
    Description, FollowUp, ReturnReason, Triage,
};
pub use bindings::wenzheng::handlers::types::{
    About, AnswerText, Article, CaseKind, Draft, Error, Field, Finding, Inquiry, Severity, Source,
    Span, Urgency,
};

/// What a department's handler says. Every method but [`Department::describe`] may be left out.
///
/// A method must depend on its arguments alone. An [`Error`] means that the handler has no result; the platform then
/// goes on as if there were no handler, and tells the department.
pub trait Department {
    /// Who this is and which categories it wants to see. Read once, when the handler is published.
    fn describe() -> Description;

    /// What to do with an inquiry that has just come to the department: take it, send it back, or ask the citizen.
    ///
    /// # Errors
    /// When the handler has no result.
    fn triage(inquiry: &Inquiry) -> Result<Option<Triage>, Error> {
        let _ = inquiry;
        Ok(None)
    }

    /// A draft of the answer, out of the department's own tables and the `articles` of the knowledge base that were
    /// found for it. A person always decides whether a draft goes out.
    ///
    /// # Errors
    /// When the handler has no result.
    fn draft(inquiry: &Inquiry, articles: &[Article]) -> Result<Option<Draft>, Error> {
        let _ = (inquiry, articles);
        Ok(None)
    }

    /// What a reviewer of `answer` should look at, beside what the platform finds itself.
    ///
    /// # Errors
    /// When the handler has no result.
    fn check(inquiry: &Inquiry, answer: &AnswerText) -> Result<Vec<Finding>, Error> {
        let _ = (inquiry, answer);
        Ok(Vec::new())
    }

    /// What is to be done after `answer` went out.
    ///
    /// # Errors
    /// When the handler has no result.
    fn follow_up(inquiry: &Inquiry, answer: &AnswerText) -> Result<Option<FollowUp>, Error> {
        let _ = (inquiry, answer);
        Ok(None)
    }
}

/// Makes the crate's component out of a type that implements [`Department`]. Once in a crate whose `crate-type` is
/// `cdylib`; it does nothing where the crate is built for another target, so that its tests run natively.
#[macro_export]
macro_rules! export {
    ($department:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::exports::wenzheng::handlers::department as contract;
            use $crate::bindings::wenzheng::handlers::types;

            struct Component;

            impl contract::Guest for Component {
                fn describe() -> contract::Description {
                    <$department as $crate::Department>::describe()
                }

                fn triage_inquiry(
                    inquiry: types::Inquiry,
                ) -> Result<Option<contract::Triage>, types::Error> {
                    <$department as $crate::Department>::triage(&inquiry)
                }

                fn draft_answer(
                    inquiry: types::Inquiry,
                    articles: Vec<types::Article>,
                ) -> Result<Option<types::Draft>, types::Error> {
                    <$department as $crate::Department>::draft(&inquiry, &articles)
                }

                fn check(
                    inquiry: types::Inquiry,
                    answer: types::AnswerText,
                ) -> Result<Vec<types::Finding>, types::Error> {
                    <$department as $crate::Department>::check(&inquiry, &answer)
                }

                fn plan_follow_up(
                    inquiry: types::Inquiry,
                    answer: types::AnswerText,
                ) -> Result<Option<contract::FollowUp>, types::Error> {
                    <$department as $crate::Department>::follow_up(&inquiry, &answer)
                }
            }

    $crate::bindings::export_department!(Component with_types_in $crate::bindings);
        };
    };
}

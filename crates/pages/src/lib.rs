//! What the functions that serve HTML pages share: the citizens' site and the
//! staff's desk.
//!
//! - [`api`]: asking the other functions, through the same interface as any
//!   other client;
//! - [`form`], [`origin`]: forms as browsers send them, and whether a page of
//!   this site sent them;
//! - [`reader`]: language, edition and colours of whoever reads, and the
//!   headers of a page;
//! - [`data`]: what the other functions answer;
//! - [`assets`]: style sheets and scripts under names that change with them;
//! - [`words`]: texts in two languages; `templates/base.html` is the frame.

pub mod api;
pub mod assets;
pub mod data;
pub mod form;
pub mod origin;
pub mod reader;
pub mod words;

pub use api::{Api, Failure};
pub use form::Form;
pub use reader::Reader;

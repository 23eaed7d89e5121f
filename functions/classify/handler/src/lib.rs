//! classify
#![allow(missing_docs)]
wit_bindgen::generate!({ path: "../../../wit", world: "intake-handler" });

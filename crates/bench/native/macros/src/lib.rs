//! What stands in for the macros of spin-sdk and wit-bindgen where a function
//! is linked into a native program: the same source, no component around it.

#![deny(missing_docs)]

use proc_macro::{TokenStream, TokenTree};

/// Where the contract is.
const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../wit");

/// In place of `spin_sdk::http_service`: leaves the function as it is and adds
/// `native`, by which [the server](../native_functions/index.html) calls it.
#[proc_macro_attribute]
pub fn http_service(_: TokenStream, item: TokenStream) -> TokenStream {
    let name = item
        .clone()
        .into_iter()
        .skip_while(|token| token.to_string() != "fn")
        .nth(1)
        .map(|token| token.to_string())
        .unwrap_or_default();
    let entry = format!(
        "#[doc(hidden)] pub async fn native(request: ::spin_sdk::http::Request) -> ::web::Answer {{ {name}(request).await }}"
    );
    let mut tokens = item;
    tokens.extend(parsed(&entry));
    tokens
}

/// In place of `wit_bindgen::generate`: the types of the contract are made by
/// wit-bindgen itself; an imported handler becomes a call of the linked one.
#[proc_macro]
pub fn generate(input: TokenStream) -> TokenStream {
    let world = world(input.clone());
    match world.strip_suffix("-function") {
        Some(stage) => parsed(&format!(
            "pub mod wenzheng {{ pub mod handlers {{ pub use ::handlers::{stage}; }} }}"
        )),
        None => {
            let runtime = format!("{WIT:?}, runtime_path: \"::real_wit_bindgen::rt\"");
            let arguments = input.to_string().replace("\"../../wit\"", &runtime);
            parsed(&format!("::real_wit_bindgen::generate!({arguments});"))
        }
    }
}

/// The value of `world:` in the arguments of [`generate`].
fn world(input: TokenStream) -> String {
    let flat: Vec<TokenTree> = input
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => group.stream().into_iter().collect(),
            other => vec![other],
        })
        .collect();
    let value = flat
        .windows(3)
        .find(|tokens| tokens[0].to_string() == "world")
        .map(|tokens| tokens[2].to_string());
    value.unwrap_or_default().trim_matches('"').to_owned()
}

fn parsed(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|_| {
        "compile_error!(\"this function cannot be linked natively\");"
            .parse()
            .unwrap_or_default()
    })
}

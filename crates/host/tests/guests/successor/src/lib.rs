//! What replaces another component in the reload test: it answers everything with its own name.

use spin_sdk::http::{IntoResponse, Request};

#[spin_sdk::http_service]
async fn handle(_: Request) -> impl IntoResponse {
    "successor"
}

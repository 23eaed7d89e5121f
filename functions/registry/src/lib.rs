//! The registry of departments' handlers: publishing and taking back without
//! access to the platform's machine or database, signed with a key of the
//! department's.
//!
//! - `GET /api/handlers`: what decides for every department;
//! - `GET /api/departments/{department}/handler`: what decides, what was
//!   published, every change; for its publishers also who signed what, and
//!   what became of what they handed in;
//! - `POST /api/departments/{department}/handler`: a component, to be
//!   published. It is stored, and nothing of it is compiled or run here: the
//!   loader of the runner puts it to the gate and writes the verdict;
//! - `POST /api/departments/{department}/handler/order`: promote, roll back,
//!   disable, say where it runs, confirm. Carried out at once, by the same code
//!   as the command `wenzheng handler`.

mod deliver;
mod order;
mod publisher;
mod show;

use http::{Method, Request};
use http_body_util::BodyExt;
use spin_sdk::http_service;
use web::{Answer, Context, Problem, Reply, view};

/// The longest order in bytes.
const ORDER_LIMIT: usize = 16 * 1024;

#[http_service]
async fn handle(request: spin_sdk::http::Request) -> Answer {
    serve(request).await
}

async fn serve<B>(request: Request<B>) -> Answer
where
    B: BodyExt<Data = bytes::Bytes> + Unpin,
    B::Error: std::fmt::Debug + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let limit = match request.uri().path().ends_with("/order") {
        true => ORDER_LIMIT,
        false => publishing::MAX_SIZE,
    };
    web::serve_unread("registry", limit, request, route).await
}

async fn route<B>(context: &mut Context, body: B) -> Result<Reply, Problem>
where
    B: BodyExt<Data = bytes::Bytes> + Unpin,
    B::Error: std::fmt::Debug + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (method, path) = (view::method(context).clone(), context.path.clone());
    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
    match (&method, segments.as_slice()) {
        (&Method::GET, ["api", "handlers"]) => show::all(context).await,
        (&Method::GET, ["api", "departments", department, "handler"]) => {
            show::one(context, department).await
        }
        (&Method::POST, ["api", "departments", department, "handler"]) => {
            deliver::receive(context, department, body).await
        }
        (&Method::POST, ["api", "departments", department, "handler", "order"]) => {
            context.read_body(body, ORDER_LIMIT).await?;
            order::take(context, department).await
        }
        (_, ["api", "handlers"]) => Err(context.method_not_allowed("GET, HEAD")),
        (_, ["api", "departments", _, "handler"]) => {
            Err(context.method_not_allowed("GET, HEAD, POST"))
        }
        (_, ["api", "departments", _, "handler", "order"]) => {
            Err(context.method_not_allowed("POST"))
        }
        _ => Err(Problem::not_found()),
    }
}

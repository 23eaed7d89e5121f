//! What search engines read.

use http::StatusCode;
use web::Reply;

use pages::api::{Api, Failure};
use pages::data::{Knowledge, Listing};

/// Published cases that the sitemap names: the newest, in so many pages of
/// the list. Older ones are found through the list itself.
const PAGES: usize = 5;

/// Cases of one page of the list.
const PAGE: u32 = 100;

/// Seconds for which an answer may be kept.
const KEEP: u32 = 600;

async fn base() -> String {
    let url = web::variables::get("public_url").await.unwrap_or_default();
    url.trim_end_matches('/').to_owned()
}

/// `GET /robots.txt`: everything that is public may be found.
pub async fn robots(api: &Api<'_>) -> Result<Reply, Failure> {
    let base = base().await;
    let text = format!(
        "User-agent: *\nDisallow: /api/\nDisallow: /ask/\nDisallow: /preferences\n\nSitemap: {base}/sitemap.xml\n"
    );
    Ok(
        Reply::bytes(StatusCode::OK, "text/plain; charset=utf-8", text)
            .cacheable(api.context, KEEP),
    )
}

/// `GET /sitemap.xml`.
pub async fn sitemap(api: &Api<'_>) -> Result<Reply, Failure> {
    let base = base().await;
    let mut urls: Vec<(String, Option<String>)> = [
        "/",
        "/cases",
        "/departments",
        "/knowledge",
        "/statistics",
        "/ask",
        "/follow",
    ]
    .map(|path| (path.to_owned(), None))
    .into();
    let knowledge: Knowledge = api.get("publish", "/api/knowledge").await?;
    urls.extend(
        knowledge
            .items
            .into_iter()
            .map(|item| (format!("/knowledge/{}", item.id), Some(item.updated))),
    );
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let from = cursor
            .as_deref()
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let list: Listing = api
            .get("publish", &format!("/api/publications?limit={PAGE}{from}"))
            .await?;
        urls.extend(
            list.items
                .into_iter()
                .map(|row| (format!("/cases/{}", row.number), row.published_at)),
        );
        cursor = list.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for (path, changed) in urls {
        let changed = changed
            .map(|date| format!("<lastmod>{}</lastmod>", text(&date)))
            .unwrap_or_default();
        xml.push_str(&format!(
            "<url><loc>{}{}</loc>{changed}</url>\n",
            text(&base),
            text(&path)
        ));
    }
    xml.push_str("</urlset>\n");
    Ok(
        Reply::bytes(StatusCode::OK, "application/xml; charset=utf-8", xml)
            .cacheable(api.context, KEEP),
    )
}

/// Text as XML has it.
fn text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

//! What search engines read: an index, a list of the pages that stay, and a
//! list for each day on which something was published. Days that are past
//! hardly change, so that a search engine reads again what is new only.

use ::case::time::Date;
use http::StatusCode;
use web::{Problem, Reply};

use pages::api::{Api, Failure};
use pages::data::{Knowledge, Listing, Row};

/// Cases of one page of the list.
const PAGE: u32 = 100;

/// Cases of one day at most; a sitemap may hold 50,000 addresses
/// (sitemaps.org), and so many calls for one answer would be too many.
const DAY: usize = 5_000;

/// Days that the index goes back at most, about twenty years: it may name
/// 50,000 lists.
const DAYS: i32 = 7_300;

/// Seconds for which an answer may be kept.
const KEEP: u32 = 600;

/// Pages that are always there.
const PAGES: [&str; 7] = [
    "/",
    "/cases",
    "/departments",
    "/knowledge",
    "/statistics",
    "/ask",
    "/follow",
];

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

/// `GET /sitemap.xml`: the index.
pub async fn index(api: &Api<'_>) -> Result<Reply, Failure> {
    let base = base().await;
    let mut entries = vec![(format!("{base}/sitemaps/pages.xml"), None)];
    if let Some((oldest, newest)) = days(api).await? {
        let mut day = newest;
        while day >= oldest {
            entries.push((format!("{base}/sitemaps/{day}.xml"), Some(day.to_string())));
            day = day.previous();
        }
    }
    Ok(xml(api, "sitemapindex", "sitemap", entries))
}

/// `GET /sitemaps/{name}`: `pages.xml`, or a day such as `2026-02-13.xml`.
pub async fn list(api: &Api<'_>, name: &str) -> Result<Reply, Failure> {
    let missing = || Failure::of(&Problem::not_found(), api.language, &api.context.request);
    let base = base().await;
    let entries = match name.strip_suffix(".xml").ok_or_else(missing)? {
        "pages" => {
            let knowledge: Knowledge = api.get("publish", "/api/knowledge").await?;
            let district = api.district().await?;
            let departments = district
                .departments
                .iter()
                .map(|department| (format!("{base}/departments/{}", department.id), None));
            let pages = PAGES.map(|path| (format!("{base}{path}"), None));
            let articles = knowledge.items.into_iter().map(|article| {
                let address = format!("{base}/knowledge/{}", article.id);
                (address, Some(article.updated))
            });
            pages
                .into_iter()
                .chain(departments)
                .chain(articles)
                .collect()
        }
        day => {
            let day: Date = day.parse().map_err(|_| missing())?;
            published(api, day)
                .await?
                .into_iter()
                .map(|row| (format!("{base}/cases/{}", row.number), row.published_at))
                .collect()
        }
    };
    Ok(xml(api, "urlset", "url", entries))
}

/// The first and the last day on which something that is public still was
/// published.
async fn days(api: &Api<'_>) -> Result<Option<(Date, Date)>, Failure> {
    let newest: Listing = api.get("publish", "/api/publications?limit=1").await?;
    let Some(newest) = newest.items.first().and_then(day_of) else {
        return Ok(None);
    };
    // Halving finds the first day: up to a day there is something, or there is not.
    let (mut nothing, mut something) = (-DAYS, 0);
    while something - nothing > 1 {
        let middle = nothing + (something - nothing) / 2;
        let path = format!("/api/publications?limit=1&to={}", newest.plus_days(middle));
        let list: Listing = api.get("publish", &path).await?;
        match list.items.is_empty() {
            true => nothing = middle,
            false => something = middle,
        }
    }
    Ok(Some((newest.plus_days(something), newest)))
}

fn day_of(row: &Row) -> Option<Date> {
    row.published_at.as_deref()?.get(..10)?.parse().ok()
}

/// What was published on `day`, newest first.
async fn published(api: &Api<'_>, day: Date) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    while rows.len() < DAY {
        let path = format!("/api/publications?limit={PAGE}&from={day}&to={day}{cursor}");
        let list: Listing = api.get("publish", &path).await?;
        rows.extend(list.items);
        match list.next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(rows)
}

/// A list of addresses with the dates on which they changed.
fn xml(api: &Api<'_>, list: &str, item: &str, entries: Vec<(String, Option<String>)>) -> Reply {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{list} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for (address, changed) in entries {
        let changed = changed
            .map(|date| format!("<lastmod>{}</lastmod>", text(&date)))
            .unwrap_or_default();
        xml.push_str(&format!(
            "<{item}><loc>{}</loc>{changed}</{item}>\n",
            text(&address)
        ));
    }
    xml.push_str(&format!("</{list}>\n"));
    Reply::bytes(StatusCode::OK, "application/xml; charset=utf-8", xml).cacheable(api.context, KEEP)
}

/// Text as XML has it.
fn text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

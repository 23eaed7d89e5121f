//! A browser without JavaScript.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::header::SET_COOKIE;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};

use crate::platform::Platform;

/// A browser: it keeps cookies and follows no redirect by itself.
pub struct Browser {
    client: Client,
    url: String,
    /// What it keeps.
    pub cookies: BTreeMap<String, String>,
    language: &'static str,
}

/// What a browser got.
pub struct Page {
    /// The status.
    pub status: u16,
    /// The headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub html: String,
}

impl Browser {
    /// A browser that prefers `language`.
    pub fn new(platform: &Platform, language: &'static str) -> Result<Browser> {
        Browser::from(platform, language, None)
    }

    /// A browser at a network address of its own.
    pub fn from(
        platform: &Platform,
        language: &'static str,
        address: Option<IpAddr>,
    ) -> Result<Browser> {
        Ok(Browser {
            client: Client::builder()
                .redirect(Policy::none())
                .timeout(Duration::from_secs(60))
                .local_address(address)
                .build()?,
            url: platform.url().to_owned(),
            cookies: BTreeMap::new(),
            language,
        })
    }

    /// Sends a request; what comes back must have the headers of a page.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(String, String)>,
    ) -> Result<Page> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .header("accept-language", self.language);
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", pairs.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).body(body);
        }
        let response = request.send().await?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str()?;
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').context("a cookie without a value")?;
            ensure!(
                attributes.contains("HttpOnly") && attributes.contains("Path=/"),
                "{cookie}"
            );
            if name.starts_with("__Host-") {
                ensure!(
                    attributes.contains("Secure") && attributes.contains("SameSite=Strict"),
                    "{cookie}"
                );
            }
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let page = Page {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                })
                .collect(),
            html: response.text().await?,
        };
        page.check(path)?;
        Ok(page)
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Result<Page> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends a form whose values are plain.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        self.post_with(path, fields, &[("sec-fetch-site", "same-origin")])
            .await
    }

    /// The same with other headers.
    pub async fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Page> {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        let media_type = "application/x-www-form-urlencoded".to_owned();
        self.send(
            Method::POST,
            path,
            headers,
            Some((media_type, body.join("&"))),
        )
        .await
    }

    /// Sends the form of `/ask`.
    pub async fn ask(&mut self, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Result<Page> {
        let boundary = "----a-boundary-of-the-tests";
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
        ));
        let media_type = format!("multipart/form-data; boundary={boundary}");
        self.send(Method::POST, "/ask", headers, Some((media_type, body)))
            .await
    }
}

impl Page {
    /// What must hold of every answer: the headers, and a page that runs and
    /// styles nothing but this site's own files.
    fn check(&self, path: &str) -> Result<()> {
        let header = |name: &str| self.headers.get(name).map_or("", String::as_str);
        ensure!(
            header("x-content-type-options") == "nosniff",
            "{path}: {:?}",
            self.headers
        );
        if !header("content-type").starts_with("text/html") {
            return Ok(());
        }
        let policy = header("content-security-policy");
        ensure!(policy.contains("default-src 'none'"), "{path}: {policy}");
        ensure!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        ensure!(!policy.contains("unsafe"), "{path}: {policy}");
        ensure!(
            header("referrer-policy") == "same-origin",
            "{path}: {:?}",
            self.headers
        );
        ensure!(
            header("cache-control").contains("no-store"),
            "{path}: {:?}",
            self.headers
        );
        ensure!(
            !self.html.contains("style=\"") && !self.html.contains("<style"),
            "{path}: a style"
        );
        let scripts = self.html.matches("<script").count();
        ensure!(
            scripts
                == self.html.matches("<script src=\"/assets/").count()
                    + self.html.matches("<script src=\"/desk/assets/").count(),
            "{path}: a script in the page"
        );
        ensure!(
            self.html.len() < 60_000,
            "{path}: {} bytes",
            self.html.len()
        );
        Ok(())
    }

    /// The same, if it has this status.
    pub fn expect(self, status: u16) -> Result<Page> {
        ensure!(
            self.status == status,
            "expected {status}, got {}: {}",
            self.status,
            self.html
        );
        Ok(self)
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers.get("location").map_or("", String::as_str)
    }

    /// The text between `before` and the next `after`.
    pub fn between(&self, before: &str, after: &str) -> Result<&str> {
        let (_, rest) = self
            .html
            .split_once(before)
            .with_context(|| format!("no {before:?} in {}", self.html))?;
        rest.split_once(after)
            .map(|(found, _)| found)
            .context("the page ends early")
    }
}

/// `text` percent-encoded.
pub fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

//! The platform under test, and who talks to it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use case::Role;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value as Json, json};
use tokio::sync::Mutex;

use crate::spec::Spec;

/// How long a test waits for the pipeline before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a member of staff is there for: the role, the department, and the
/// number among those who have the same.
type Post = (Role, Option<String>, u32);

/// The platform under test.
pub struct Platform {
    client: Client,
    url: String,
    relay_key: String,
    admin: Staff,
    channel_key: String,
    staff: Mutex<BTreeMap<Post, Staff>>,
    spec: Spec,
}

/// A member of staff who is signed in.
#[derive(Clone, Debug)]
pub struct Staff {
    /// The account.
    pub account: String,
    /// The session's token.
    pub token: String,
}

/// Who makes a request.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// Nobody in particular.
    Anyone,
    /// The citizen with the query code.
    Citizen(&'a str),
    /// A member of staff.
    Staff(&'a Staff),
    /// The adapter of a channel.
    Channel,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub text: String,
}

impl Reply {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or(Json::Null)
    }

    /// The last part of a problem's type.
    pub fn problem(&self) -> String {
        let body = self.json();
        body["type"]
            .as_str()
            .and_then(|kind| kind.rsplit(':').next())
            .unwrap_or_default()
            .to_owned()
    }

    /// Fails unless the status is `status`.
    pub fn expect(self, status: u16) -> Result<Reply> {
        if self.status != status {
            bail!("expected {status}, got {}: {}", self.status, self.text);
        }
        Ok(self)
    }
}

impl Platform {
    /// The platform that the environment names. Each test connects for
    /// itself: tests run in runtimes of their own.
    pub async fn connect() -> Result<Platform> {
        let variable = |name: &str| {
            std::env::var(name)
                .with_context(|| format!("{name} is not set; run the suite with cargo xtask test"))
        };
        let url = variable("WENZHENG_URL")?;
        let accounts: Json =
            serde_json::from_str(&std::fs::read_to_string(variable("WENZHENG_ACCOUNTS")?)?)?;
        let admin = accounts["accounts"]
            .as_array()
            .and_then(|accounts| accounts.iter().find(|account| account["role"] == "admin"))
            .context("the accounts file has no administrator")?;
        let text = |name: &str| admin[name].as_str().unwrap_or_default();
        Platform::at(
            &url,
            &variable("WENZHENG_RELAY_KEY")?,
            text("id"),
            text("password"),
        )
        .await
    }

    /// The platform at `url`, with an administrator who can sign in.
    pub async fn at(url: &str, relay_key: &str, admin: &str, password: &str) -> Result<Platform> {
        let mut platform = Platform {
            client: Client::builder().timeout(Duration::from_secs(60)).build()?,
            url: url.trim_end_matches('/').to_owned(),
            relay_key: relay_key.to_owned(),
            admin: Staff {
                account: String::new(),
                token: String::new(),
            },
            channel_key: String::new(),
            staff: Mutex::default(),
            spec: Spec::default(),
        };
        platform.admin = platform.sign_in(admin, password).await?;
        let key = platform
            .post(
                Caller::Staff(&platform.admin),
                "/api/channels/web/keys",
                &json!({}),
            )
            .await?
            .expect(201)?;
        platform.channel_key = key.json()["key"]
            .as_str()
            .context("no channel key")?
            .to_owned();
        Ok(platform)
    }

    /// The platform at `url` with an administrator who has a one-time password still: it is replaced.
    pub async fn at_first(
        url: &str,
        relay_key: &str,
        admin: &str,
        one_time: &str,
    ) -> Result<Platform> {
        let password = format!("long enough {}", unique());
        let change = json!({ "current": one_time, "new": password });
        let body = json!({ "account": admin, "password": one_time });
        let client = Client::builder().timeout(Duration::from_secs(60)).build()?;
        let session: Json = client
            .post(format!("{url}/api/session"))
            .json(&body)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let token = session["token"].as_str().context("no token")?;
        client
            .post(format!("{url}/api/session/password"))
            .bearer_auth(token)
            .json(&change)
            .send()
            .await?
            .error_for_status()?;
        Platform::at(url, relay_key, admin, &password).await
    }

    /// The address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key of the sweep.
    pub fn relay_key(&self) -> &str {
        &self.relay_key
    }

    /// The administrator.
    pub fn admin(&self) -> &Staff {
        &self.admin
    }

    /// The API description that every answer is held against from now on.
    pub async fn hold_to_description(&mut self) -> Result<()> {
        let document = self
            .get(Caller::Anyone, "/api/openapi.json")
            .await?
            .expect(200)?
            .json();
        self.spec = Spec::new(document)?;
        Ok(())
    }

    /// The description, as far as [`Platform::hold_to_description`] has read it.
    pub fn description(&self) -> &Spec {
        &self.spec
    }

    /// Begins a session.
    pub async fn sign_in(&self, account: &str, password: &str) -> Result<Staff> {
        let body = json!({ "account": account, "password": password });
        let session = self
            .post(Caller::Anyone, "/api/session", &body)
            .await?
            .expect(200)?;
        let token = session.json()["token"]
            .as_str()
            .context("no token")?
            .to_owned();
        Ok(Staff {
            account: account.to_owned(),
            token,
        })
    }

    /// The `index`-th member of staff with `role`, made when first asked for.
    pub async fn staff(&self, role: Role, department: Option<&str>, index: u32) -> Result<Staff> {
        let key = (role, department.map(str::to_owned), index);
        let mut staff = self.staff.lock().await;
        if let Some(known) = staff.get(&key) {
            return Ok(known.clone());
        }
        let (member, _) = self.recruit(role, department).await?;
        staff.insert(key, member.clone());
        Ok(member)
    }

    /// Makes an account, and returns it with its one-time password.
    pub async fn hire(&self, role: Role, department: Option<&str>) -> Result<(String, String)> {
        let account = format!("test-{}", unique());
        let body =
            json!({ "id": account, "name": "测试", "role": role.name(), "department": department });
        let made = self
            .post(Caller::Staff(&self.admin), "/api/accounts", &body)
            .await?
            .expect(201)?;
        let one_time = made.json()["password"]
            .as_str()
            .context("no one-time password")?
            .to_owned();
        Ok((account, one_time))
    }

    /// GET.
    pub async fn get(&self, caller: Caller<'_>, path: &str) -> Result<Reply> {
        self.send(caller, Method::GET, path, &[], None).await
    }

    /// POST of JSON.
    pub async fn post(&self, caller: Caller<'_>, path: &str, body: &Json) -> Result<Reply> {
        let headers = [("content-type", "application/json".to_owned())];
        self.send(
            caller,
            Method::POST,
            path,
            &headers,
            Some(body.to_string().into_bytes()),
        )
        .await
    }

    /// Anything.
    pub async fn send(
        &self,
        caller: Caller<'_>,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<Vec<u8>>,
    ) -> Result<Reply> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.url));
        request = match caller {
            Caller::Anyone => request,
            Caller::Citizen(code) => request.header("query-code", code),
            Caller::Staff(staff) => request.bearer_auth(&staff.token),
            Caller::Channel => request.header("x-api-key", &self.channel_key),
        };
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let text = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        let reply = Reply {
            status: status.as_u16(),
            headers,
            text,
        };
        self.spec.check(&method, path, &reply)?;
        Ok(reply)
    }

    /// Lets the relay look for jobs that nobody was woken for.
    pub async fn sweep(&self) -> Result<()> {
        let headers = [("authorization", format!("Bearer {}", self.relay_key))];
        self.send(
            Caller::Anyone,
            Method::POST,
            "/api/relay/sweep",
            &headers,
            None,
        )
        .await?
        .expect(200)?;
        Ok(())
    }

    /// Asks `look` until it has an answer; fails when the patience is at its end.
    pub async fn eventually<T>(
        &self,
        what: &str,
        look: impl AsyncFn() -> Result<Option<T>>,
    ) -> Result<T> {
        let begin = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(5);
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if begin.elapsed() > PATIENCE {
                bail!("waited in vain: {what}");
            }
            tokio::time::sleep(pause).await;
            if pause > Duration::from_millis(300) {
                self.sweep().await?;
            } else {
                pause *= 2;
            }
        }
    }
}

/// A text that no other call of any test gives.
pub fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    format!(
        "{nanos:x}-{:x}-{:x}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Whether a status is a success.
pub fn is_success(status: u16) -> bool {
    StatusCode::from_u16(status).is_ok_and(|status| status.is_success())
}

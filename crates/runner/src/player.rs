//! Citizens and staff, played through the platform's HTTP interface.

use crate::client::{Caller, Client, is_status};
use crate::demo::Logins;
use anyhow::{Context, Result, bail};
use case::Role;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long to wait for the platform's own steps.
const PATIENCE: Duration = Duration::from_secs(120);

/// The first and the longest pause between two looks at a case.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// Who can be played.
pub(crate) struct Player {
    client: Client,
    logins: Logins,
    /// The inquiry centre, for which operators answer.
    centre: String,
    /// Tokens by account.
    tokens: Mutex<HashMap<String, String>>,
    /// Officers by department, made here where the logins have none.
    officers: Mutex<HashMap<String, String>>,
}

/// A case that was taken in.
#[derive(Clone, Debug)]
pub(crate) struct Submitted {
    pub(crate) number: String,
    pub(crate) code: String,
}

/// A case as the desk sees it, as far as playing needs it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct View {
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) department: Option<String>,
    #[serde(default)]
    pub(crate) self_answer: bool,
    #[serde(default)]
    pub(crate) held: Json,
    #[serde(default)]
    pub(crate) disputed: bool,
    pub(crate) events: Vec<Event>,
}

/// One event of a [`View`].
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) kind: String,
    /// When, in milliseconds since 1970 UTC.
    #[serde(default)]
    pub(crate) millis: Option<i64>,
}

impl View {
    /// Whether an event of that kind has happened.
    pub(crate) fn has(&self, kind: &str) -> bool {
        self.events.iter().any(|event| event.kind == kind)
    }

    /// Whether the platform itself has nothing more to do: it is a person's turn.
    pub(crate) fn is_a_persons_turn(&self) -> bool {
        match self.state.as_str() {
            "received" => {
                !self.held.is_null()
                    || self.is_after(
                        &["classification-abstained"],
                        &["received", "admitted", "reconsidered"],
                    )
            }
            "classified" => self.disputed || self.is_after(&["routing-abstained"], &["classified"]),
            "assigned" => self.is_after(
                &["drafted", "draft-refused"],
                &["assigned", "transferred", "adjudicated"],
            ),
            "answered" => self.is_after(&["examined"], &["answered"]),
            "reviewed" => false,
            _ => true,
        }
    }

    /// Whether one of the kinds `later` has happened since the last of the kinds `earlier`.
    fn is_after(&self, later: &[&str], earlier: &[&str]) -> bool {
        let last = |kinds: &[&str]| {
            self.events
                .iter()
                .rposition(|event| kinds.contains(&event.kind.as_str()))
        };
        last(later) > last(earlier)
    }
}

impl Player {
    pub(crate) async fn new(client: Client, logins: Logins) -> Result<Player> {
        let district = client
            .get(Caller::Anyone, "/api/district")
            .await
            .context("the district")?;
        let centre = district["centre"]
            .as_str()
            .context("the district has no inquiry centre")?
            .to_owned();
        Ok(Player {
            client,
            logins,
            centre,
            tokens: Mutex::default(),
            officers: Mutex::default(),
        })
    }

    /// Sends a message as the adapter of `channel` does. The same `key` gives the same case.
    pub(crate) async fn submit(
        &self,
        channel: &str,
        key: &str,
        message: &Json,
    ) -> Result<Submitted> {
        let adapter = self
            .logins
            .channels
            .get(channel)
            .with_context(|| format!("there is no key for the channel {channel}"))?;
        let made = self
            .client
            .post(Caller::Channel(adapter, key), "/api/cases", message)
            .await?;
        let text = |name: &str| {
            made[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("the answer has no {name}"))
        };
        Ok(Submitted {
            number: text("number")?,
            code: text("query_code")?,
        })
    }

    /// The case as the desk sees it.
    pub(crate) async fn view(&self, number: &str) -> Result<View> {
        let token = self.token_of_role(Role::Supervisor).await?;
        let view = self
            .client
            .get(Caller::Staff(&token), &format!("/api/desk/cases/{number}"))
            .await?;
        serde_json::from_value(view).context("the desk's view of a case")
    }

    /// Waits until `ready` says so.
    pub(crate) async fn until(
        &self,
        number: &str,
        what: &str,
        ready: impl Fn(&View) -> bool,
    ) -> Result<View> {
        let begin = Instant::now();
        let mut pause = PAUSE.0;
        loop {
            let view = self.view(number).await?;
            if ready(&view) {
                return Ok(view);
            }
            if begin.elapsed() > PATIENCE {
                bail!(
                    "case {number} is {} after {} s, and not {what}",
                    view.state,
                    PATIENCE.as_secs()
                );
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    /// Waits until the platform's own steps are done.
    pub(crate) async fn settled(&self, number: &str) -> Result<View> {
        self.until(number, "a person's turn", View::is_a_persons_turn)
            .await
    }

    /// An action of staff of a role.
    pub(crate) async fn act_as(
        &self,
        role: Role,
        number: &str,
        resource: &str,
        body: &Json,
    ) -> Result<Json> {
        let token = self.token_of_role(role).await?;
        self.act(Caller::Staff(&token), number, resource, body)
            .await
    }

    /// An action of the department that leads the case.
    pub(crate) async fn act_for(
        &self,
        department: &str,
        number: &str,
        resource: &str,
        body: &Json,
    ) -> Result<Json> {
        let token = self.token_of_department(department).await?;
        self.act(Caller::Staff(&token), number, resource, body)
            .await
    }

    /// An action of the citizen.
    pub(crate) async fn act_as_citizen(
        &self,
        case: &Submitted,
        resource: &str,
        body: &Json,
    ) -> Result<Json> {
        self.act(Caller::Citizen(&case.code), &case.number, resource, body)
            .await
    }

    async fn act(
        &self,
        caller: Caller<'_>,
        number: &str,
        resource: &str,
        body: &Json,
    ) -> Result<Json> {
        self.client
            .post(caller, &format!("/api/cases/{number}/{resource}"), body)
            .await
    }

    async fn token_of_role(&self, role: Role) -> Result<String> {
        let login = self
            .logins
            .accounts
            .iter()
            .find(|login| login.role == role.name());
        let login =
            login.with_context(|| format!("there is no login with the role {}", role.name()))?;
        self.token(&login.id, &login.password).await
    }

    async fn token(&self, account: &str, password: &str) -> Result<String> {
        // Held while signing in, so that nobody signs in twice.
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.get(account) {
            return Ok(token.clone());
        }
        let token = self.client.sign_in(account, password).await?;
        tokens.insert(account.to_owned(), token.clone());
        Ok(token)
    }

    async fn token_of_department(&self, department: &str) -> Result<String> {
        if department == self.centre {
            return self.token_of_role(Role::Operator).await;
        }
        let login = self
            .logins
            .accounts
            .iter()
            .find(|login| login.department.as_deref() == Some(department));
        if let Some(login) = login {
            return self.token(&login.id, &login.password).await;
        }
        let mut officers = self.officers.lock().await;
        if let Some(token) = officers.get(department) {
            return Ok(token.clone());
        }
        let token = self.make_officer(department).await?;
        officers.insert(department.to_owned(), token.clone());
        Ok(token)
    }

    /// An officer of a department for which the logins have none.
    async fn make_officer(&self, department: &str) -> Result<String> {
        let admin = self.token_of_role(Role::Admin).await?;
        let suffix = seal::hex(&seal::random::<3>()?);
        let id = format!(
            "{}-{suffix}",
            department.chars().take(33).collect::<String>()
        );
        let account =
            json!({ "id": id, "name": "经办", "role": "officer", "department": department });
        let made = self
            .client
            .post(Caller::Staff(&admin), "/api/accounts", &account)
            .await?;
        let one_time = made["password"]
            .as_str()
            .context("the new account has no one-time password")?;
        let first = self.client.sign_in(&id, one_time).await?;
        let password = seal::token()?;
        let change = json!({ "current": one_time, "new": password });
        self.client
            .post(Caller::Staff(&first), "/api/session/password", &change)
            .await?;
        self.client.sign_in(&id, &password).await
    }

    /// The inquiry centre.
    pub(crate) fn centre(&self) -> &str {
        &self.centre
    }
}

/// Whether a step was refused because somebody, or the platform, was faster.
pub(crate) fn is_conflict(error: &anyhow::Error) -> bool {
    is_status(error, StatusCode::CONFLICT)
}

#[cfg(test)]
mod tests {
    use super::View;
    use serde_json::json;

    fn view(state: &str, kinds: &[&str]) -> View {
        let events: Vec<_> = kinds.iter().map(|kind| json!({ "kind": kind })).collect();
        serde_json::from_value(json!({ "state": state, "events": events })).expect("a view")
    }

    #[test]
    fn the_platform_has_its_turn_first() {
        let persons_turn = |state: &str, kinds: &[&str]| view(state, kinds).is_a_persons_turn();
        assert!(!persons_turn("received", &["received"]));
        assert!(persons_turn(
            "received",
            &["received", "classification-abstained", "supplemented"]
        ));
        assert!(!persons_turn(
            "received",
            &[
                "received",
                "classification-abstained",
                "explained",
                "reconsidered"
            ]
        ));
        assert!(!persons_turn("classified", &["received", "classified"]));
        assert!(persons_turn(
            "classified",
            &["received", "classified", "routing-abstained"]
        ));
        assert!(!persons_turn(
            "assigned",
            &["received", "classified", "assigned"]
        ));
        assert!(persons_turn(
            "assigned",
            &["received", "classified", "assigned", "drafted"]
        ));
        assert!(!persons_turn(
            "assigned",
            &["received", "assigned", "drafted", "transferred"]
        ));
        assert!(!persons_turn(
            "answered",
            &["answered", "examined", "sent-back", "answered"]
        ));
        assert!(!persons_turn(
            "reviewed",
            &["answered", "examined", "approved"]
        ));
        assert!(persons_turn("published", &["published"]));
    }
}

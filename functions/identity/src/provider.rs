//! Signing in at an identity provider (OpenID Connect), beside local accounts.
//!
//! Nothing is written when a flow begins: what must be remembered goes to the
//! browser, sealed, so that nobody can fill a table by beginning again and
//! again. Only the return is noted, so that each flow is finished once.

use std::cell::RefCell;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use oidc::token::{self, Expected};
use oidc::{Answer, Client, Flow, Keys, Provider, Refusal};
use serde::Deserialize;
use serde_json::json;
use store::accounts::{self, Account, Link};
use store::counters::{self, Count};
use store::transaction;
use web::{Context, Database, Problem, Reply, identity, rules, variables};

use crate::fetch;
use crate::guard::Guard;
use crate::session::{self, digest, session_view};

/// For how long an instance believes what a provider said of itself, in milliseconds.
const BELIEVED: i64 = 10 * 60 * 1000;

/// What the flow is sealed for.
const SEALED_FOR: &str = "sign-in at the provider";

/// Longest sealed flow in bytes; longer ones are not ours.
const FLOW_MAX: usize = 2048;

/// What the manifest's variables say of the provider.
pub struct Settings {
    /// The provider's name for itself.
    pub issuer: String,
    client: String,
    secret: String,
    redirect: String,
}

impl Settings {
    /// The settings; none where no provider is configured.
    pub async fn read() -> Result<Option<Settings>, Problem> {
        let issuer = variables::get("oidc_issuer").await?;
        let client = variables::get("oidc_client_id").await?;
        if issuer.is_empty() || client.is_empty() {
            return Ok(None);
        }
        let public_url = variables::get("public_url").await?;
        Ok(Some(Settings {
            issuer,
            client,
            secret: variables::get("oidc_client_secret").await?,
            // Of the configuration, never of the request: a stranger may send any `Host`.
            redirect: format!("{}/desk/sign-in/return", public_url.trim_end_matches('/')),
        }))
    }

    fn client(&self) -> Client<'_> {
        Client {
            id: &self.client,
            secret: &self.secret,
            redirect: &self.redirect,
        }
    }
}

/// A provider and its keys.
struct Known {
    provider: Provider,
    keys: Keys,
}

thread_local! {
    static KNOWN: RefCell<Option<(i64, Rc<Known>)>> = const { RefCell::new(None) };
}

/// What the provider says of itself: as this instance knows it, or `anew`.
async fn known(context: &Context, settings: &Settings, anew: bool) -> Result<Rc<Known>, Problem> {
    let now = context.now.0;
    let remembered = KNOWN.with_borrow(|known| {
        known
            .as_ref()
            .filter(|(at, known)| {
                !anew && now - at < BELIEVED && known.provider.issuer == settings.issuer
            })
            .map(|(_, known)| known.clone())
    });
    if let Some(known) = remembered {
        return Ok(known);
    }
    let description = fetch::get(&Provider::description(&settings.issuer)).await;
    let description = description.map_err(|why| away(context, why))?;
    let provider = Provider::read(&settings.issuer, &description)
        .map_err(|refusal| away(context, &refusal.to_string()))?;
    let keys = fetch::get(&provider.keys).await;
    let keys = keys.map_err(|why| away(context, why))?;
    let keys = Keys::read(&keys).map_err(|refusal| away(context, &refusal.to_string()))?;
    let known = Rc::new(Known { provider, keys });
    KNOWN.set(Some((now, known.clone())));
    Ok(known)
}

/// The provider cannot be used now.
fn away(context: &Context, why: &str) -> Problem {
    context.log("error", &json!({ "event": "provider-away", "why": why }));
    Problem {
        retry_after: Some(30),
        ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "provider-away")
    }
}

/// `POST /api/session/provider`: where the browser goes, and what it must
/// bring back. With a session, its owner proves again who they are.
pub async fn begin(context: &Context) -> Result<Reply, Problem> {
    let settings = Settings::read().await?.ok_or_else(Problem::not_found)?;
    let mut session = None;
    if context.bearer().is_some() {
        let database = &mut Database::open().await?;
        identity::staff(context, database)
            .await?
            .ok_or_else(Problem::unauthorized)?;
        session = Some(seal::hex(&digest(context)));
    }
    let known = known(context, &settings, false).await?;
    let secret = || seal::token().map_err(|error| Problem::internal(error.to_string()));
    let flow = Flow {
        state: secret()?,
        nonce: secret()?,
        verifier: secret()?,
        began_at: context.now.0,
        session,
    };
    let plain = serde_json::to_vec(&flow).map_err(|error| Problem::internal(error.to_string()))?;
    let sealed = variables::keys()
        .await?
        .seal(SEALED_FOR, &plain)
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Reply::ok(&json!({
        "address": flow.address(&known.provider, settings.client()),
        "flow": URL_SAFE_NO_PAD.encode(sealed),
    })))
}

/// What the browser brought back, with what it kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {
    flow: String,
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// `POST /api/session/provider/return`: begins a session, or notes that the
/// owner of one has proved who they are.
pub async fn finish(context: &Context) -> Result<Reply, Problem> {
    let input: Return = context.json()?;
    let settings = Settings::read().await?.ok_or_else(Problem::not_found)?;
    let flow = opened(&input.flow).await?;
    let answer = Answer {
        state: input.state,
        code: input.code,
        iss: input.iss,
        error: input.error,
    };
    let database = &mut Database::open().await?;
    let rules = rules::rules(database, context.now).await?;
    let keys = variables::keys().await?;
    let guard = Guard::of_client(context, &keys, rules.limits.login);
    guard.check(database).await?;
    let known = known(context, &settings, false).await?;
    let found = async {
        let code = flow
            .code(&known.provider, &answer, context.now.0)
            .map_err(|refusal| refused(context, &refusal))?;
        once(database, &keys.index("flow", &flow.state), &flow).await?;
        let token = token(context, &settings, &known.provider, code, &flow.verifier).await?;
        subject(context, &settings, &known, &token, &flow).await
    };
    let found = match found.await {
        Ok(subject) => of_subject(context, database, &settings, subject).await,
        Err(problem) => Err(problem),
    };
    let account = match found {
        Ok(account) => account,
        Err(problem) => {
            // A provider that is away is nobody's failed attempt.
            if problem.status != StatusCode::SERVICE_UNAVAILABLE {
                guard.fail(database).await?;
            }
            return Err(problem);
        }
    };
    match &flow.session {
        None => session::begin(context, database, &account, true, &rules).await,
        Some(session) => prove(context, database, &account, session, &rules).await,
    }
}

/// The flow that `sealed` holds.
async fn opened(sealed: &str) -> Result<Flow, Problem> {
    let expired = || Problem::conflict("sign-in-expired");
    if sealed.len() > FLOW_MAX {
        return Err(expired());
    }
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| expired())?;
    let plain = variables::keys()
        .await?
        .open(SEALED_FOR, &sealed)
        .map_err(|_| expired())?;
    serde_json::from_slice(&plain).map_err(|_| expired())
}

/// Notes that the flow was used; 409 for the second time.
async fn once(database: &mut Database, key: &[u8], flow: &Flow) -> Result<(), Problem> {
    transaction::begin(database).await?;
    counters::hold(database, key).await?;
    let used = !counters::since(database, key, 0).await?.is_empty();
    let count = Count {
        key: key.to_vec(),
        window_start: flow.ends_at(),
    };
    counters::count_up(database, &[count]).await?;
    transaction::commit(database).await?;
    if used {
        return Err(Problem::conflict("sign-in-expired"));
    }
    Ok(())
}

/// The ID token for `code`.
async fn token(
    context: &Context,
    settings: &Settings,
    provider: &Provider,
    code: &str,
    verifier: &str,
) -> Result<String, Problem> {
    #[derive(Deserialize)]
    struct Tokens {
        id_token: String,
    }
    let exchange = provider.exchange(settings.client(), code, verifier);
    let answer = fetch::post(&provider.token, exchange).await;
    let answer = answer.map_err(|why| away(context, why))?;
    let tokens = answer.and_then(|body| serde_json::from_slice::<Tokens>(&body).ok());
    tokens
        .map(|tokens| tokens.id_token)
        .ok_or_else(|| refused(context, &Refusal::NoCode))
}

/// Whom `token` names. A key that is not known yet may be a new one.
async fn subject(
    context: &Context,
    settings: &Settings,
    provider: &Known,
    token: &str,
    flow: &Flow,
) -> Result<String, Problem> {
    let expected = Expected {
        issuer: &settings.issuer,
        client: &settings.client,
        nonce: &flow.nonce,
        proved_since: flow.session.as_ref().map(|_| flow.began_at / 1000),
    };
    let now = context.now.0 / 1000;
    let mut found = token::verify(token, &provider.keys, expected, now);
    if found == Err(Refusal::NoKey) {
        let anew = known(context, settings, true).await?;
        found = token::verify(token, &anew.keys, expected, now);
    }
    found.map_err(|refusal| refused(context, &refusal))
}

/// The account that an administrator has linked with `subject`.
async fn of_subject(
    context: &Context,
    database: &mut Database,
    settings: &Settings,
    subject: String,
) -> Result<Account, Problem> {
    let link = Link {
        issuer: settings.issuer.clone(),
        subject,
    };
    let account = accounts::linked(database, &link)
        .await?
        .filter(|account| !account.disabled);
    account.ok_or_else(|| {
        failed(context, "no account");
        Problem::new(StatusCode::FORBIDDEN, "unknown-subject").with("subject", link.subject)
    })
}

/// Notes that the owner of `session` has proved who they are, if it is theirs.
async fn prove(
    context: &Context,
    database: &mut Database,
    account: &Account,
    session: &str,
    rules: &rules::Rules,
) -> Result<Reply, Problem> {
    let token = unhex(session).ok_or_else(|| Problem::conflict("sign-in-expired"))?;
    if !accounts::prove_session(database, &token, &account.id, context.now.0).await? {
        failed(context, "another account");
        return Err(Problem::new(StatusCode::FORBIDDEN, "identity-refused"));
    }
    context.log(
        "info",
        &json!({ "event": "proved", "account": account.id, "way": "provider" }),
    );
    let session = accounts::session(database, &token)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    Ok(Reply::ok(&session_view(&session, rules)))
}

/// The bytes of lower-case hexadecimal.
fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

fn failed(context: &Context, why: &str) {
    context.log(
        "warn",
        &json!({ "event": "sign-in-failed", "way": "provider", "why": why }),
    );
}

/// The problem that a refusal becomes.
fn refused(context: &Context, refusal: &Refusal) -> Problem {
    failed(context, &refusal.to_string());
    match refusal {
        Refusal::State | Refusal::Expired => Problem::conflict("sign-in-expired"),
        Refusal::Denied => Problem::new(StatusCode::FORBIDDEN, "provider-denied"),
        _ => Problem::new(StatusCode::FORBIDDEN, "identity-refused"),
    }
}

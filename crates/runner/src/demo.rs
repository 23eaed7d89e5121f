//! The demonstration: logins, keys of channels, and cases that are played once.

use crate::client::Client;
use crate::database::{Connection, Database};
use crate::district_data::sentence;
use crate::place::Target;
use crate::player::{Player, Submitted, View};
use crate::{password, prepare};
use anyhow::{Context, Result};
use case::Role;
use case::district::{DemoCase, Step};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::console::{self, NewAccount};
use store::{settings, transaction};

/// The file with the logins, in the folder of the runner.
const FILE: &str = "demo-accounts.json";

/// The row of `settings` that says that the cases were played.
const PLAYED: &str = "demo";

/// Logins and keys, as the file has them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Logins {
    pub(crate) accounts: Vec<Login>,
    /// Keys by channel.
    pub(crate) channels: BTreeMap<String, String>,
}

/// One login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) department: Option<String>,
    pub(crate) password: String,
}

/// A demonstration that is ready to be played.
pub(crate) struct Demo {
    logins: Logins,
    file: PathBuf,
    /// None when they were played before.
    cases: Option<Vec<DemoCase>>,
}

impl Logins {
    /// Reads a file that an earlier start made.
    pub(crate) fn read(file: &Path) -> Result<Logins> {
        let text = fs::read_to_string(file).with_context(|| {
            format!(
                "{} cannot be read: start the platform with `wenzheng up --demo`, which makes it",
                file.display()
            )
        })?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is not a file of logins", file.display()))
    }

    fn write(&self, file: &Path) -> Result<()> {
        let unfinished = file.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = serde_json::to_string_pretty(self)?;
        options
            .open(&unfinished)
            .and_then(|mut open| open.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&unfinished, file))
            .with_context(|| format!("{} cannot be written", file.display()))
    }
}

impl Demo {
    /// Makes the accounts and keys of the district's demonstration, or takes those of an earlier start.
    pub(crate) async fn prepare(
        database: &Database,
        district: &Path,
        state_dir: &Path,
    ) -> Result<Demo> {
        let data = district::demo(district).map_err(|problems| sentence(district, &problems))?;
        let file = state_dir.join(FILE);
        let mut logins = if file.exists() {
            Logins::read(&file)?
        } else {
            Logins::default()
        };
        let mut connection = database.connection().await?;
        let known = console::account_ids(&mut connection).await?;
        for account in &data.accounts {
            if logins.accounts.iter().any(|login| login.id == account.id) {
                continue;
            }
            if known.contains(&account.id) {
                eprintln!(
                    "The account {0} exists already; `wenzheng account password {0}` gives it a new password.",
                    account.id
                );
            } else {
                logins.accounts.push(Login {
                    id: account.id.clone(),
                    name: account.name.clone(),
                    role: account.role.clone(),
                    department: account.department.clone(),
                    password: password::generate()?,
                });
            }
        }
        let channels: BTreeSet<&str> = data
            .cases
            .iter()
            .map(|case| case.channel.as_str())
            .collect();
        for channel in channels {
            if !logins.channels.contains_key(channel) {
                logins.channels.insert(channel.to_owned(), seal::token()?);
            }
        }
        // Before the database has them: what is printed later must be what is stored.
        logins.write(&file)?;
        store_logins(&mut connection, &logins, &known).await?;
        let played: Option<Json> = settings::load(&mut connection, PLAYED).await?;
        Ok(Demo {
            logins,
            file,
            cases: played.is_none().then_some(data.cases),
        })
    }

    /// Plays the cases, unless that was done before.
    pub(crate) async fn play(&self, url: &str, target: &Target) -> Result<()> {
        let Some(cases) = &self.cases else {
            return Ok(());
        };
        let player = Player::new(Client::new(url)?, self.logins.clone()).await?;
        let progress = ProgressBar::new(cases.len() as u64).with_style(
            ProgressStyle::with_template("Playing the demonstration {bar:30} {pos}/{len} {msg}")?,
        );
        for (index, case) in cases.iter().enumerate() {
            progress.set_message(case.subject.clone());
            play_case(&player, index, case)
                .await
                .with_context(|| format!("demonstration case {} ({})", index + 1, case.subject))?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        eprintln!("Played {} demonstration cases.", cases.len());
        let mut connection = Database::open(target).await?.connection().await?;
        settings::save(
            &mut connection,
            PLAYED,
            &json!({ "cases": cases.len() }).to_string(),
        )
        .await?;
        Ok(())
    }

    /// Prints who can sign in.
    pub(crate) fn print_logins(&self) {
        println!("\nDemonstration logins (in {}):", self.file.display());
        for login in &self.logins.accounts {
            let department = login.department.as_deref().unwrap_or_default();
            println!(
                "   {:<18} {:<16} {:<11} {department}",
                login.id, login.password, login.role
            );
        }
    }
}

/// Prints what a newcomer can try.
pub(crate) fn print_examples(url: &str, demo: &Demo) {
    let operator = demo
        .logins
        .accounts
        .iter()
        .find(|login| login.role == Role::Operator.name());
    let (id, password) = operator.map_or(("operator", "..."), |login| {
        (login.id.as_str(), login.password.as_str())
    });
    println!("\nTry:");
    println!(
        "   curl -s {url}/api/cases -H 'Content-Type: application/json' -d '{{\"subject\":\"路灯不亮\",\"body\":\"中河街道泰康中路的路灯坏了三天，晚上很黑。\",\"consent\":{{\"publish\":true}}}}'"
    );
    println!("   curl -s {url}/api/publications");
    println!(
        "   curl -s {url}/api/session -H 'Content-Type: application/json' -d '{{\"account\":\"{id}\",\"password\":\"{password}\"}}'"
    );
}

/// Stores the logins and keys that the database does not have.
async fn store_logins(
    connection: &mut Connection,
    logins: &Logins,
    known: &[String],
) -> Result<()> {
    let mut new = Vec::new();
    for login in logins
        .accounts
        .iter()
        .filter(|login| !known.contains(&login.id))
    {
        let role =
            Role::from_name(&login.role).with_context(|| format!("the role {}", login.role))?;
        new.push((login, role, password::hash(&login.password)?));
    }
    transaction::begin(connection).await?;
    for (login, role, hash) in &new {
        let account = NewAccount {
            id: &login.id,
            name: &login.name,
            role: *role,
            department: login.department.as_deref(),
            password: hash,
            must_change: false,
            now: prepare::now(),
        };
        console::insert_account(connection, account).await?;
    }
    for (channel, key) in &logins.channels {
        let digest = seal::token_digest(key);
        if store::accounts::channel_of_key(connection, &digest)
            .await?
            .is_none()
        {
            console::insert_channel_key(connection, &digest, channel, prepare::now()).await?;
        }
    }
    transaction::commit(connection).await?;
    Ok(())
}

async fn play_case(player: &Player, index: usize, case: &DemoCase) -> Result<()> {
    let submitted = player
        .submit(
            &case.channel,
            &format!("demonstration-{index}"),
            &message(case),
        )
        .await?;
    let mut view = player.settled(&submitted.number).await?;
    let steps = case.steps()?;
    // An earlier start was interrupted in the middle of it.
    if view.has("accepted") || view.has("answered") {
        return Ok(());
    }
    if !matches!(steps.first(), Some(Step::Decline(_))) {
        view = decide_where_the_platform_did_not(player, case, &submitted, view).await?;
    }
    for step in &steps {
        play_step(player, case, &submitted, step, &view)
            .await
            .with_context(|| format!("step {step:?}"))?;
        view = player.settled(&submitted.number).await?;
    }
    Ok(())
}

fn message(case: &DemoCase) -> Json {
    let mut message = json!({
        "subject": case.subject,
        "body": case.body,
        "consent": { "publish": case.publish },
    });
    if let Some(kind) = case.kind {
        message["kind"] = json!(kind);
    }
    let mut place = serde_json::Map::new();
    for (name, value) in [("division", &case.division), ("address", &case.address)] {
        if let Some(value) = value {
            place.insert(name.to_owned(), json!(value));
        }
    }
    if !place.is_empty() {
        message["place"] = Json::Object(place);
    }
    if let Some(contact) = &case.contact {
        let mut given = serde_json::Map::new();
        for (name, value) in [
            ("name", &contact.name),
            ("phone", &contact.phone),
            ("email", &contact.email),
        ] {
            if let Some(value) = value {
                given.insert(name.to_owned(), json!(value));
            }
        }
        message["contact"] = Json::Object(given);
    }
    message
}

/// Category and department as the script has them, where the platform left it to a person or decided otherwise.
async fn decide_where_the_platform_did_not(
    player: &Player,
    case: &DemoCase,
    submitted: &Submitted,
    mut view: View,
) -> Result<View> {
    let number = &submitted.number;
    if view.state == "received" {
        if !view.held.is_null() {
            player
                .act_as(Role::Operator, number, "admission", &json!({}))
                .await?;
            view = player.settled(number).await?;
        }
        if view.state == "received" {
            player
                .act_as(
                    Role::Operator,
                    number,
                    "classification",
                    &json!({ "category": case.category }),
                )
                .await?;
            view = player.settled(number).await?;
        }
    }
    if view.state == "classified" {
        player
            .act_as(
                Role::Operator,
                number,
                "assignment",
                &json!({ "department": case.department }),
            )
            .await?;
        view = player.settled(number).await?;
    }
    if view.state == "assigned" && view.department.as_ref() != Some(&case.department) {
        let body = json!({ "department": case.department, "reason": "按职责分工改派" });
        player
            .act_as(Role::Operator, number, "transfer", &body)
            .await?;
        view = player.settled(number).await?;
    }
    Ok(view)
}

async fn play_step(
    player: &Player,
    case: &DemoCase,
    submitted: &Submitted,
    step: &Step,
    view: &View,
) -> Result<()> {
    let number = submitted.number.as_str();
    let department = view.department.as_deref().unwrap_or(&case.department);
    let nothing = json!({});
    match step {
        Step::Accept => {
            player
                .act_for(department, number, "acceptance", &nothing)
                .await?
        }
        Step::Return(reason) => {
            let body = json!({ "reason": reason, "basis": "部门责任清单" });
            player.act_for(department, number, "return", &body).await?
        }
        Step::Route { department, reason } => {
            let resource = match view.state.as_str() {
                "classified" if view.disputed => "adjudication",
                "classified" => "assignment",
                _ => "transfer",
            };
            let mut body = json!({ "department": department });
            if resource != "assignment" {
                body["reason"] = json!(reason);
            }
            player
                .act_as(Role::Supervisor, number, resource, &body)
                .await?
        }
        Step::Ask(text) => {
            player
                .act_for(department, number, "question", &json!({ "text": text }))
                .await?
        }
        Step::Supplement(text) => {
            let resource = if view.state == "waiting-citizen" {
                "reply"
            } else {
                "supplement"
            };
            player
                .act_as_citizen(submitted, resource, &json!({ "text": text }))
                .await?
        }
        Step::Extend {
            working_days,
            reason,
        } => {
            let body = json!({ "working_days": working_days, "reason": reason });
            player
                .act_for(department, number, "extension-request", &body)
                .await?;
            player
                .act_as(Role::Supervisor, number, "extension-grant", &nothing)
                .await?
        }
        Step::Answer(text) => {
            player
                .act_for(department, number, "answer", &json!({ "text": text }))
                .await?
        }
        Step::SelfAnswer(text) => {
            let body = if view.self_answer {
                json!({ "adopt_draft": true })
            } else {
                json!({ "text": text })
            };
            match view.self_answer {
                true => {
                    player
                        .act_as(Role::Operator, number, "answer", &body)
                        .await?
                }
                false => player.act_for(department, number, "answer", &body).await?,
            }
        }
        Step::SendBack(reason) => {
            player
                .act_as(
                    Role::Reviewer,
                    number,
                    "send-back",
                    &json!({ "reason": reason }),
                )
                .await?
        }
        Step::Approve => {
            player
                .act_as(Role::Reviewer, number, "approval", &nothing)
                .await?
        }
        Step::Decline(outcome) => {
            player
                .act_as(
                    Role::Operator,
                    number,
                    "explanation",
                    &json!({ "reason": outcome }),
                )
                .await?
        }
        Step::Withdraw => {
            player
                .act_as_citizen(submitted, "withdrawal", &nothing)
                .await?
        }
        Step::Rate {
            grade,
            solved,
            comment,
        } => {
            let mut body = json!({ "grade": grade_name(*grade), "solved": solved });
            if !comment.is_empty() {
                body["comment"] = json!(comment);
            }
            player.act_as_citizen(submitted, "rating", &body).await?
        }
    };
    Ok(())
}

/// A grade from 1 to 5 as the interface has it.
fn grade_name(grade: u8) -> &'static str {
    match grade {
        1 => "very-dissatisfied",
        2 => "dissatisfied",
        3 => "fairly-satisfied",
        4 => "satisfied",
        _ => "very-satisfied",
    }
}

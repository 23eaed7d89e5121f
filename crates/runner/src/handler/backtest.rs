//! `wenzheng handler backtest`: a candidate on the department's last cases, beside what decides now.

mod effect;
mod report;

use crate::account::connect;
use crate::archive;
use crate::database::Connection;
use crate::handler::gate;
use crate::handler::past::{Past, date, offered};
use crate::handler::project::Project;
use crate::place::{Place, StateDir};
use crate::{prepare, rules};
use anyhow::{Context, Result, ensure};
use case::district::{Policy, lies_in};
use case::time::{Offset, Timestamp};
use case::{Case, EventData};
use effect::{Effect, Side, Word};
use host::answer::Outcome;
use host::department::contract::{AnswerText, Article, Draft, Inquiry};
use host::department::{Called, Cost, DepartmentHandler};
use host::{AnswerHandler, HandlerLimits};
use indicatif::{ProgressBar, ProgressStyle};
use manifest::{Manifest, component_bytes};
use report::{Party, Report, Row};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use store::{cases, handlers, publications};

/// The default handler is the platform's own: what breaks this is a failure of the platform.
const DEFAULT_LIMITS: HandlerLimits = HandlerLimits {
    memory: 64 << 20,
    time: Duration::from_secs(5),
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The department's folder with the built candidate, or a component's file.
    #[arg(default_value = ".", value_name = "FOLDER|FILE")]
    candidate: PathBuf,
    /// The department whose cases are taken; else the one that the candidate names.
    #[arg(long)]
    department: Option<String>,
    /// How many cases: the last that came in.
    #[arg(long, value_name = "N", default_value_t = 100)]
    last: u32,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Write the report as a page for the browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Show the citizens' own subjects, and the texts of drafts and questions, which may name people. Without it a
    /// report has the numbers of cases and what is public.
    #[arg(long)]
    originals: bool,
    #[command(flatten)]
    state: StateDir,
    #[command(flatten)]
    place: Place,
}

/// What decides about a case: a department's handler over the platform's default.
struct Judge {
    handler: Option<DepartmentHandler>,
    /// The categories that the handler wants to see; empty for all.
    categories: Vec<String>,
}

/// What both sides are shown of one case.
struct Matter {
    number: String,
    subject: Option<String>,
    public: Option<String>,
    inquiry: Inquiry,
    articles: Vec<Article>,
    answer: Option<AnswerText>,
    default: Option<Draft>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let manifest = arguments.place.manifest()?;
    let mut connection = connect(&arguments.place).await?;
    let connection = &mut connection;
    let (wasm, cache) = (candidate(&arguments.candidate)?, arguments.state.cache());
    let handler = gate::ready(&wasm, &cache).map_err(anyhow::Error::msg)?;
    let description = handler.describe().0?;
    let department = arguments
        .department
        .clone()
        .unwrap_or_else(|| description.department.clone());
    let candidate = Party {
        name: description.about.name,
        version: description.about.version,
        release: None,
        sha256: seal::hex(&seal::digest(&[&wasm])),
    };
    let after = Judge {
        handler: Some(handler),
        categories: description.categories,
    };
    let (before, current) = current(connection, &department, &cache).await?;
    let mut default = default_handler(&manifest, &cache)?;

    let numbers = cases::last_of(connection, &department, arguments.last).await?;
    ensure!(
        !numbers.is_empty(),
        "{department} has no case yet; `wenzheng handler test` tries the sample cases"
    );
    let progress = ProgressBar::new(numbers.len() as u64).with_style(ProgressStyle::with_template(
        "{spinner} {pos} of {len} cases",
    )?);
    let policy: Policy = rules::part(connection, "policy").await?;
    let offset = rules::offset(connection).await?;
    let mut rows = Vec::new();
    let mut erased = 0;
    for number in &numbers {
        progress.inc(1);
        let seen = Seen {
            department: &department,
            policy: &policy,
            offset,
        };
        let Some(matter) = seen.matter(connection, number, default.as_mut()).await? else {
            erased += 1;
            continue;
        };
        rows.push(Row {
            effect: Effect::between(before.side(&matter), after.side(&matter)),
            number: matter.number,
            subject: if arguments.originals {
                matter.subject
            } else {
                matter.public
            },
        });
    }
    progress.finish_and_clear();
    let report = Report {
        department,
        at: Timestamp(prepare::now()).local(offset).to_string(),
        candidate,
        current,
        erased,
        originals: arguments.originals,
        rows,
    };
    if let Some(file) = &arguments.html {
        fs::write(file, report.html()?)
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report.json())?);
    } else {
        print!("{}", report.text());
        if let Some(file) = &arguments.html {
            println!("\nThe report as a page: {}", file.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The candidate's component.
fn candidate(path: &Path) -> Result<Vec<u8>> {
    if path.is_dir() {
        let folder = path.to_owned();
        return Project { folder }.read();
    }
    let wasm = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(component_bytes(&wasm)?.into_owned())
}

/// What decides for the department now.
async fn current(
    connection: &mut Connection,
    department: &str,
    cache: &Path,
) -> Result<(Judge, Option<Party>)> {
    let standing = handlers::standing(connection, department).await?;
    let Some(number) = standing.and_then(|standing| standing.current) else {
        let judge = Judge {
            handler: None,
            categories: Vec::new(),
        };
        return Ok((judge, None));
    };
    let releases = handlers::releases(connection, department).await?;
    let release = releases
        .into_iter()
        .find(|release| release.release == number)
        .with_context(|| format!("release {number} of {department} is not in the database"))?;
    let wasm = handlers::component(connection, &release.sha256)
        .await?
        .with_context(|| format!("the component of release {number} is not in the archive"))?;
    let handler = gate::ready(&wasm, cache).map_err(anyhow::Error::msg)?;
    let party = Party {
        name: release.name,
        version: release.version,
        release: Some(number),
        sha256: seal::hex(&release.sha256),
    };
    let judge = Judge {
        handler: Some(handler),
        categories: release.categories,
    };
    Ok((judge, Some(party)))
}

/// The platform's default at the stage answer; none where it is not built.
fn default_handler(manifest: &Manifest, cache: &Path) -> Result<Option<AnswerHandler>> {
    let Some(component) = manifest.components.get("answer-handler") else {
        return Ok(None);
    };
    let file = manifest.base_dir().join(&component.source.value);
    if !archive::defaults(manifest).contains(&file) {
        return Ok(None);
    }
    let Ok(wasm) = fs::read(&file) else {
        return Ok(None);
    };
    Ok(Some(AnswerHandler::new(&wasm, cache, DEFAULT_LIMITS)?))
}

/// How cases are looked at.
struct Seen<'a> {
    department: &'a str,
    policy: &'a Policy,
    offset: Offset,
}

impl Seen<'_> {
    /// The case `number` as it was when the department's handler is asked; none where its message was erased.
    async fn matter(
        &self,
        connection: &mut Connection,
        number: &str,
        default: Option<&mut AnswerHandler>,
    ) -> Result<Option<Matter>> {
        let Some(past) = Past::read(connection, number).await? else {
            return Ok(None);
        };
        let Some(last) = past.events.last() else {
            return Ok(None);
        };
        // The last time that the stage answer decided while the department led; else the case as it stands.
        let decided = past.events.iter().rev().find(|event| {
            matches!(
                event.data,
                EventData::Drafted { .. } | EventData::DraftRefused { .. }
            ) && past
                .before(event.sequence)
                .is_ok_and(|case| case.department.as_deref() == Some(self.department))
        });
        let (case, event) = match decided {
            Some(event) => (past.before(event.sequence)?, event),
            None => (Case::fold(number, &past.events)?, last),
        };
        let Some(inquiry) = past.inquiry(&case, past.supplements(&case)) else {
            return Ok(None);
        };
        let policy = self.policy.answer;
        let today = date(event, self.offset);
        let articles = offered(connection, &inquiry, policy.max_articles, &today).await?;
        let default = default.and_then(|handler| {
            match handler.draft(&inquiry, &articles, policy.threshold) {
                Ok(Ok(drafting)) => match drafting.outcome {
                    Outcome::Drafted(draft) => Some(draft),
                    Outcome::Refused(_) => None,
                },
                _ => None,
            }
        });
        let now = Case::fold(number, &past.events)?;
        let public = publications::get(connection, number).await?;
        Ok(Some(Matter {
            number: number.to_owned(),
            subject: Some(inquiry.subject.clone()),
            public: public.and_then(|copy| copy["subject"].as_str().map(str::to_owned)),
            answer: past.answer(&now),
            inquiry,
            articles,
            default,
        }))
    }
}

impl Judge {
    /// What becomes of a case under this judge.
    fn side(&self, matter: &Matter) -> Side {
        let mut side = Side {
            draft: matter.default.clone(),
            ..Side::default()
        };
        let Some(handler) = &self.handler else {
            return side;
        };
        let category = matter.inquiry.category.as_deref();
        let wanted = self.categories.is_empty()
            || category.is_some_and(|category| {
                self.categories
                    .iter()
                    .any(|wanted| lies_in(category, wanted))
            });
        if !wanted {
            return side;
        }
        side.asked = true;
        if let Some(triage) = side.take("triage", handler.triage(&matter.inquiry)) {
            side.triage = triage;
        }
        let drafted = handler.draft(&matter.inquiry, &matter.articles);
        if let Some(Some(draft)) = side.take("draft", drafted) {
            side.draft = Some(draft);
            side.own_draft = true;
        }
        if let Some(answer) = &matter.answer {
            let found = handler.check(&matter.inquiry, answer);
            side.findings = side.take("check", found).unwrap_or_default();
        }
        side
    }
}

impl Side {
    /// The result of a call; what came to nothing is noted.
    fn take<T>(
        &mut self,
        part: &'static str,
        called: Called<Result<T, host::department::contract::Error>>,
    ) -> Option<T> {
        let (said, cost) = called;
        self.cost = Cost {
            time: self.cost.time + cost.time,
            memory: self.cost.memory.max(cost.memory),
        };
        match said {
            Ok(Ok(said)) => return Some(said),
            Ok(Err(_)) => self.trouble.push(Word::new(part, "error")),
            Err(error) => self.trouble.push(Word::new(part, error.name())),
        }
        None
    }
}

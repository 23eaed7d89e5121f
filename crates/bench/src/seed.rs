//! A database with as many cases as one likes: whole lives, written in bulk
//! through `crates/store`, such that `wenzheng verify` finds nothing.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use case::calendar::Calendar;
use case::district::{Category, Department, Role as Part};
use case::due::DeadlineBasis;
use case::event::{CaseKind, Consequence, Grade, Judgement, Source, Urgency};
use case::time::{DAY, HOUR, MINUTE, Offset, SECOND, Timestamp};
use case::{Actor, Case, Event, EventData, Role};
use seal::Keys;
use serde_json::{Value as Json, json};
use sql::{Durability, SqliteConnection, SqliteDatabase, SqliteOptions};
use store::contacts::{self, Contact};
use store::publications::{self, Publication};
use store::{Change, change, settings, transaction};

use crate::words::{ANSWER, Dice, Message, message};

/// Cases of one transaction.
const BATCH: u64 = 100;

/// The departments in which the seeded backlog waits: others than those that
/// the messages of the measurement come to.
const BACKLOG: [&str; 2] = ["health", "commerce"];

/// Days over which the seeded cases are spread.
const DAYS: u64 = 300;

/// The query code of a seeded case.
pub fn code(number: &str) -> String {
    seal::hex(&seal::digest(&[b"bench", number.as_bytes()])[..6])
}

/// What the seeded cases are made with.
struct Plan {
    offset: Offset,
    calendar: Calendar,
    deadlines: case::district::Deadlines,
    categories: BTreeMap<String, Category>,
    departments: Vec<Department>,
    centre: String,
    divisions: Vec<String>,
    keys: Keys,
    now: i64,
}

/// Writes `cases` cases into the database `file`, which has its district.
pub async fn fill(file: &Path, secret_key: &str, cases: u64) -> Result<()> {
    let options = SqliteOptions {
        create: false,
        durability: Durability::Off,
        writers_cache_kib: 65_536,
        ..SqliteOptions::default()
    };
    let database = SqliteDatabase::open(file, options).await?;
    let connection = &mut database.connection().await?;
    let plan = Plan::load(connection, secret_key).await?;
    let backlog = (cases / 50).clamp(150.min(cases), 2000);
    let mut index = 0;
    while index < cases {
        let end = (index + BATCH).min(cases);
        let mut lives = Vec::new();
        for index in index..end {
            lives.push(if index % cases.div_ceil(backlog) == 0 {
                plan.waiting(index)?
            } else {
                plan.finished(index)?
            });
        }
        write(connection, &plan, lives).await?;
        // No statement above waits for anything; the task that empties the log needs a turn.
        tokio::task::yield_now().await;
        index = end;
        if index % 10_000 == 0 {
            eprint!("\r{index} of {cases} cases");
        }
    }
    eprintln!();
    // The planner's statistics, as a database of that age has them.
    connection.execute("ANALYZE", Vec::new()).await?;
    Ok(())
}

/// A case with what stands beside it.
struct Life {
    change: Change,
    message: Message,
}

async fn write(connection: &mut SqliteConnection, plan: &Plan, lives: Vec<Life>) -> Result<()> {
    transaction::begin(connection).await?;
    let (changes, messages): (Vec<Change>, Vec<Message>) = lives
        .into_iter()
        .map(|life| (life.change, life.message))
        .unzip();
    if !change::write(connection, &changes, plan.offset)
        .await?
        .is_empty()
    {
        bail!("the database has cases already");
    }
    for (change, message) in changes.iter().zip(&messages) {
        let number = change.case.number.as_str();
        contacts::insert(connection, number, &plan.contact(number, message)?).await?;
        if change.case.public {
            publish(connection, change, message).await?;
        }
    }
    transaction::commit(connection).await?;
    Ok(())
}

impl Plan {
    async fn load(connection: &mut SqliteConnection, secret_key: &str) -> Result<Plan> {
        let district = district::load_from(connection).await?;
        let offset =
            Offset::from_minutes(district.identity.time_zone_minutes).context("the time zone")?;
        Ok(Plan {
            offset,
            calendar: Calendar::new(&district.calendar, offset).context("the calendar")?,
            deadlines: district.deadlines,
            categories: district
                .categories
                .into_iter()
                .map(|category| (category.id.clone(), category))
                .collect(),
            departments: district.departments,
            centre: district.identity.centre,
            divisions: district
                .divisions
                .into_iter()
                .map(|division| division.id)
                .collect(),
            keys: Keys::new(secret_key, "").context("the key")?,
            now: crate::now(),
        })
    }

    fn department(&self, category: &str) -> &str {
        let leads = |department: &&Department| {
            let mut entries = department
                .responsibilities
                .iter()
                .filter(|entry| entry.role == Part::Lead);
            entries.any(|entry| entry.categories.iter().any(|other| other == category))
        };
        self.departments
            .iter()
            .find(leads)
            .map_or(&self.centre, |department| &department.id)
    }

    /// A case that a citizen has rated; one in ten without a public copy.
    fn finished(&self, index: u64) -> Result<Life> {
        let message = message(index);
        let mut dice = Dice(index ^ 0x5eed);
        let age = 3 * DAY + (dice.roll() % (DAYS * DAY as u64)) as i64;
        let department = self.department(message.topic.category).to_owned();
        let consent = dice.below(10) > 0;
        let mut life = self.received(index, &message, self.now - age, consent, &mut dice)?;
        life.routed(message.topic.category, &department)?;
        let officer = staff(Role::Officer, Some(&department));
        life.step(20 * MINUTE, &officer, EventData::Accepted, None)?;
        let answer = json!({ "text": ANSWER, "basis": [], "contact": "81812345" });
        let answered = EventData::Answered {
            department,
            adopted: false,
            self_answered: false,
        };
        life.step(3 * HOUR, &officer, answered, Some(answer))?;
        let examined = EventData::Examined {
            findings: Vec::new(),
            judgement: judgement("review", Json::Null),
        };
        life.step(SECOND, &system("review"), examined, None)?;
        life.step(
            HOUR,
            &staff(Role::Reviewer, None),
            EventData::Approved,
            None,
        )?;
        let passages = json!({
            "subject": message.subject, "body": message.body, "supplements": [], "answer": ANSWER, "basis": [], "contact": "81812345",
        });
        let copy = consent.then(|| json!({ "passages": passages, "cuts": [] }));
        let published = EventData::Published {
            public: consent,
            judgement: judgement("publish", json!({ "cuts": 0 })),
        };
        life.step(SECOND, &system("publish"), published, copy)?;
        let rated = EventData::Rated {
            grade: Grade::Satisfied,
            solved: true,
            consequence: Consequence::CloseSolved,
            tell_supervisor: false,
            reason: "satisfied".to_owned(),
            judgement: judgement("survey", Json::Null),
        };
        life.step(DAY, &Actor::Citizen, rated, None)?;
        Ok(life.end(self, message))
    }

    /// A case that waits for its department.
    fn waiting(&self, index: u64) -> Result<Life> {
        let message = message(index);
        let mut dice = Dice(index ^ 0x5eed);
        let age = (dice.roll() % (4 * HOUR as u64)) as i64;
        let department = *dice.pick(&BACKLOG);
        let mut life = self.received(index, &message, self.now - HOUR - age, true, &mut dice)?;
        life.routed(message.topic.category, department)?;
        Ok(life.end(self, message))
    }

    fn received(
        &self,
        index: u64,
        message: &Message,
        at: i64,
        publish: bool,
        dice: &mut Dice,
    ) -> Result<Making> {
        let (year, month, day) = Timestamp(at).date(self.offset).ymd();
        // The index keeps the numbers apart, and shuffled they come as drawn ones do.
        let number = format!(
            "YZ{year:04}{month:02}{day:02}-{:08}",
            index.wrapping_mul(48_271) % 100_000_000
        );
        let kind: CaseKind =
            serde_json::from_value(message.topic.kind.into()).context("the kind")?;
        let event = Event {
            sequence: 1,
            at: Timestamp(at),
            actor: Actor::Channel {
                channel: "web".to_owned(),
            },
            request: format!("{index:016x}"),
            data: EventData::Received {
                channel: "web".to_owned(),
                case_kind: kind,
                language: "zh".to_owned(),
                urgency: Urgency::Normal,
                signals: Vec::new(),
                division: Some(dice.pick(&self.divisions).clone()),
                publish,
                missing: Vec::new(),
                attachments: 0,
                held: None,
                judgement: judgement("intake", Json::Null),
            },
        };
        let case = Case::open(&number, &event)?;
        let original = json!({ "subject": message.subject, "body": message.body, "personal": [] });
        Ok(Making {
            case,
            events: vec![event],
            documents: vec![(1, original)],
        })
    }

    fn contact(&self, number: &str, message: &Message) -> Result<Contact> {
        let plain =
            json!({ "name": message.name, "phone": message.phone, "email": null }).to_string();
        Ok(Contact {
            code: seal::query_code_digest(number, &code(number)).to_vec(),
            sealed: Some(self.keys.seal(number, plain.as_bytes())?),
            phone: Some(self.keys.index("phone", &message.phone).to_vec()),
            email: None,
        })
    }

    fn due_at(&self, case: &Case) -> Option<i64> {
        let basis = DeadlineBasis {
            deadlines: &self.deadlines,
            calendar: &self.calendar,
            categories: &self.categories,
        };
        case.deadline(&basis)
            .filter(|deadline| deadline.standing_since.is_none())
            .map(|deadline| deadline.due.0)
    }
}

/// A case that is being made.
struct Making {
    case: Case,
    events: Vec<Event>,
    documents: Vec<(u32, Json)>,
}

impl Making {
    /// Adds what happened `later` milliseconds after the last event.
    fn step(
        &mut self,
        later: i64,
        actor: &Actor,
        data: EventData,
        document: Option<Json>,
    ) -> Result<()> {
        let event = Event {
            sequence: self.case.sequence + 1,
            at: Timestamp(self.case.updated_at.0 + later),
            actor: actor.clone(),
            request: self.events[0].request.clone(),
            data,
        };
        self.case.apply(&event)?;
        self.documents
            .extend(document.map(|document| (event.sequence, document)));
        self.events.push(event);
        Ok(())
    }

    /// From intake to the department's desk.
    fn routed(&mut self, category: &str, department: &str) -> Result<()> {
        let spans = json!([{ "field": "body", "start": 20, "end": 24 }, { "field": "body", "start": 40, "end": 43 }]);
        let ranked =
            json!({ "ranked": [{ "category": category, "confidence": 9000, "spans": spans }] });
        let judged = Some(judgement("classify", ranked));
        let classified = EventData::Classified {
            category: category.to_owned(),
            judgement: judged,
        };
        self.step(20, &system("classify"), classified, None)?;
        let ranked = json!({ "ranked": [{ "department": department, "confidence": 9000, "reasons": ["category"] }] });
        let assigned = EventData::Assigned {
            department: department.to_owned(),
            co_handling: Vec::new(),
            responsibility: None,
            judgement: Some(judgement("route", ranked)),
        };
        self.step(20, &system("route"), assigned, None)?;
        let source = Source {
            article: "public-service-01".to_owned(),
            title: "办事指南".to_owned(),
            updated: "2026-01-01".to_owned(),
            stale: false,
        };
        let draft = json!({ "text": ANSWER, "sources": [source] });
        let drafted = EventData::Drafted {
            sources: vec![source],
            self_answer: false,
            judgement: judgement("answer", Json::Null),
        };
        self.step(20, &system("answer"), drafted, Some(draft))
    }

    fn end(self, plan: &Plan, message: Message) -> Life {
        let due_at = plan.due_at(&self.case);
        let change = Change {
            case: self.case,
            due_at,
            events: self.events,
            documents: self.documents,
            next: None,
            done: None,
            buckets: Vec::new(),
            copy: None,
        };
        Life { change, message }
    }
}

fn system(stage: &str) -> Actor {
    Actor::System {
        stage: stage.to_owned(),
    }
}

fn staff(role: Role, department: Option<&str>) -> Actor {
    Actor::Staff {
        account: format!("seed-{}", role.name()),
        role,
        department: department.map(str::to_owned),
    }
}

fn judgement(stage: &str, evidence: Json) -> Judgement {
    Judgement {
        handler: format!("wenzheng-{stage}"),
        version: "0.1.0".to_owned(),
        sha256: seal::hex(&seal::digest(&[stage.as_bytes()])),
        input: seal::hex(&seal::digest(&[stage.as_bytes(), b"input"])),
        confidence: Some(9000),
        evidence,
    }
}

/// The public copy, as the stage publish writes it.
async fn publish(
    connection: &mut SqliteConnection,
    change: &Change,
    message: &Message,
) -> Result<()> {
    let case = &change.case;
    let answer = case.answer.as_ref().context("no answer")?;
    let published_at = case.published_at.context("not published")?;
    let excerpt = |text: &str| text.chars().take(120).collect::<String>();
    let summary = json!({
        "number": case.number, "kind": case.kind, "subject": message.subject, "excerpt": excerpt(&message.body),
        "answer_excerpt": excerpt(ANSWER), "category": case.category, "department": answer.department,
        "division": case.division, "received_at": case.received_at, "published_at": published_at,
    });
    let data = json!({
        "number": case.number, "kind": case.kind, "language": case.language, "channel": case.channel,
        "category": case.category, "department": answer.department, "division": case.division,
        "received_at": case.received_at, "answered_at": answer.at, "published_at": published_at,
        "self_answered": false, "subject": message.subject, "body": message.body, "supplements": [],
        "answer": ANSWER, "basis": [], "answer_contact": "81812345",
    });
    let searched = [&message.subject, &message.body, ANSWER, "81812345"].join("\n");
    let publication = Publication {
        number: case.number.clone(),
        published_at: published_at.0,
        category: case.category.clone(),
        department: answer.department.clone(),
        division: case.division.clone(),
        kind: message.topic.kind.to_owned(),
        summary,
        data,
        terms: text::search_terms(&searched),
        replaces: false,
    };
    Ok(publications::put(connection, &publication).await?)
}

/// The district's data in the database.
mod district {
    use super::*;
    use case::district::{Deadlines, Division, Identity};

    pub(super) struct District {
        pub(super) identity: Identity,
        pub(super) calendar: case::district::Calendar,
        pub(super) deadlines: Deadlines,
        pub(super) categories: Vec<Category>,
        pub(super) departments: Vec<Department>,
        pub(super) divisions: Vec<Division>,
    }

    pub(super) async fn load_from(connection: &mut SqliteConnection) -> Result<District> {
        Ok(District {
            identity: part(connection, "district").await?,
            calendar: part(connection, "calendar").await?,
            deadlines: part(connection, "deadlines").await?,
            categories: part(connection, "categories").await?,
            departments: part(connection, "departments").await?,
            divisions: part(connection, "divisions").await?,
        })
    }

    async fn part<T: serde::de::DeserializeOwned>(
        connection: &mut SqliteConnection,
        name: &str,
    ) -> Result<T> {
        settings::load(connection, name)
            .await?
            .with_context(|| format!("the database has no {name}"))
    }
}

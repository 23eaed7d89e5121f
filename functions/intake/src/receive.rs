//! A message becomes a case.

use case::event::{Hold, Judgement};
use case::{Case, Event, EventData, Role};
use seal::Keys;
use serde_json::{Value as Json, json};
use store::contacts::Contact;
use store::files::File;
use store::{Change, intake};
use web::rules::{self, Rules};
use web::text::Checks;
use web::{
    Context, Database, Problem, Reply, chain, contract, identity, sender as senders, step,
    variables,
};

use crate::examine::{self, Examination};
use crate::message::{Message, given};
use crate::number;
use crate::repeat::{self, Memory};
use crate::sender::{self, Sender};

/// How often a number is drawn when it is taken already.
const DRAWS: usize = 8;

/// Takes a message in.
pub async fn receive(context: &Context) -> Result<Reply, Problem> {
    let message: Message = context.json()?;
    let database = &mut Database::open().await?;
    let sender = identify(context, database).await?;
    let rules = rules::rules(database, context.now).await?;
    let bodies = rules::bodies(database, context.now).await?;

    let mut checks = Checks::default();
    let kind = message.check(&rules.limits, &bodies, &mut checks);
    let files = message.files(&rules.limits.attachments, &mut checks);
    let channel = sender.channel(message.channel.as_deref(), &bodies.channels);
    if channel.is_none() {
        checks.add("channel", "unknown-value", None);
    }
    checks.finish()?;

    let keys = variables::keys().await?;
    let (found, judgement) =
        examine::examine(&message, channel.as_deref().unwrap_or_default(), kind)?;
    let memory = Memory::of(
        context,
        &sender,
        &message,
        &found,
        rules.limits.duplicate_window_seconds,
        &keys,
    )?;
    let received = Received {
        hold: examine::hold(&found, &rules.policy.intake),
        channel: channel.unwrap_or_default(),
        public_url: variables::get("public_url").await?,
        context,
        rules: &rules,
        sender: &sender,
        message: &message,
        found: &found,
        judgement,
        keys: &keys,
        files: files.len(),
    };
    store(database, &received, &memory, &files).await
}

/// Who makes the request. Of staff, only those who talk with citizens may.
async fn identify(context: &Context, database: &mut Database) -> Result<Sender, Problem> {
    if let Some(account) = identity::staff(context, database).await? {
        return match account.role {
            Role::Operator | Role::Duty => Ok(Sender::Staff(account)),
            _ => Err(Problem::forbidden()),
        };
    }
    if let Some(channel) = identity::channel(context, database).await? {
        return Ok(Sender::Channel(channel));
    }
    Ok(Sender::Client(senders::network(context)))
}

/// Writes the case, unless the message came before or is one too many.
async fn store(
    database: &mut Database,
    received: &Received<'_>,
    memory: &Memory,
    files: &[File],
) -> Result<Reply, Problem> {
    let Received {
        context,
        rules,
        sender,
        keys,
        ..
    } = *received;
    let now = context.now.0;
    for _ in 0..DRAWS {
        let number = number::draw(&rules.identity.number_prefix, context.now, rules.offset)
            .map_err(random)?;
        let code = seal::query_code().map_err(random)?;
        let change = received.change(&number)?;
        let response = received.response(&change.case, &code).to_string();
        let part = number.bytes().next_back().unwrap_or_default().into();
        let limits = sender.limits(&rules.limits.flood, &received.contacts(), keys, now, part);
        let message = intake::Message {
            contact: received.contact(&number, &code)?,
            submission: memory.submission(keys, &number, &response, now)?,
            since: memory.since,
            limits: &limits,
            files,
            change,
        };
        match intake::receive(database, &message, rules.offset).await? {
            intake::Outcome::Received => {}
            intake::Outcome::Repeated(earlier) => return memory.repeated(keys, sender, &earlier),
            intake::Outcome::TooMany(counted) => {
                let seconds = sender::wait(&limits, &counted, now).unwrap_or(1);
                return Err(Problem::too_many(seconds));
            }
            intake::Outcome::NumberTaken => continue,
        }
        let change = message.change;
        context.log(
            "info",
            &json!({ "event": "received", "number": number, "channel": received.channel,
                "urgency": change.case.urgency, "held": change.case.held }),
        );
        if let Some(stage) = change.next {
            chain::wake(stage, &context.request);
        }
        return Ok(repeat::created(&number, response));
    }
    Err(Problem::internal("no case number is free"))
}

fn random(error: seal::RandomError) -> Problem {
    Problem::internal(error.to_string())
}

/// A message that has been examined.
struct Received<'a> {
    context: &'a Context,
    rules: &'a Rules,
    sender: &'a Sender,
    message: &'a Message,
    found: &'a Examination,
    keys: &'a Keys,
    judgement: Judgement,
    channel: String,
    public_url: String,
    hold: Option<Hold>,
    files: usize,
}

impl Received<'_> {
    /// What is written of the case `number`.
    fn change(&self, number: &str) -> Result<Change, Problem> {
        let event = Event {
            sequence: 1,
            at: self.context.now,
            actor: self.sender.actor(),
            request: self.context.request.clone(),
            data: EventData::Received {
                channel: self.channel.clone(),
                case_kind: contract::kind_of(self.found.kind),
                language: self.found.language.clone(),
                urgency: contract::urgency_of(self.found.urgency),
                signals: self
                    .found
                    .signals
                    .iter()
                    .map(|signal| signal.id.clone())
                    .collect(),
                division: self
                    .message
                    .place
                    .as_ref()
                    .and_then(|place| place.division.clone()),
                publish: self
                    .message
                    .consent
                    .as_ref()
                    .is_some_and(|consent| consent.publish == Some(true)),
                missing: self.found.missing.clone(),
                attachments: u16::try_from(self.files).unwrap_or(u16::MAX),
                held: self.hold.clone(),
                judgement: self.judgement.clone(),
            },
        };
        let case =
            Case::open(number, &event).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Change {
            due_at: step::due_at(&case, self.rules),
            events: vec![event],
            documents: vec![(1, self.document())],
            next: self.hold.is_none().then_some("classify"),
            done: None,
            buckets: Vec::new(),
            copy: None,
            case,
        })
    }

    /// The original. The text as it came is kept beside the normalised one
    /// where the two differ.
    fn document(&self) -> Json {
        let found = self.found;
        let mut document = json!({
            "subject": found.subject,
            "body": found.body,
            "personal": found.personal.iter().map(examine::personal).collect::<Vec<_>>(),
        });
        if let Some(address) = &found.address {
            document["address"] = address.as_str().into();
        }
        if let Some(reference) = given(&self.message.reference) {
            document["reference"] = reference.into();
        }
        let address = self
            .message
            .place
            .as_ref()
            .and_then(|place| place.address.as_deref());
        let mut raw = serde_json::Map::new();
        for (name, came, kept) in [
            (
                "subject",
                self.message.subject.as_deref(),
                found.subject.as_str(),
            ),
            ("body", self.message.body.as_deref(), found.body.as_str()),
            (
                "address",
                address,
                found.address.as_deref().unwrap_or_default(),
            ),
        ] {
            if let Some(came) = came.filter(|came| *came != kept) {
                raw.insert(name.to_owned(), came.into());
            }
        }
        if !raw.is_empty() {
            document["raw"] = Json::Object(raw);
        }
        document
    }

    /// The sealed contact with its indexes, and the digest of the query code.
    fn contact(&self, number: &str, code: &str) -> Result<Contact, Problem> {
        let contact = self.message.contact.as_ref();
        let field = |pick: fn(&crate::message::Contact) -> &Option<String>| {
            contact.and_then(|contact| given(pick(contact)))
        };
        let (name, phone, email) = (field(|c| &c.name), field(|c| &c.phone), field(|c| &c.email));
        let sealed = match (name, phone, email) {
            (None, None, None) => None,
            _ => {
                let plain = json!({ "name": name, "phone": phone, "email": email }).to_string();
                Some(self.keys.seal(number, plain.as_bytes()).map_err(random)?)
            }
        };
        let index = |domain, value: Option<String>| {
            value.map(|value| self.keys.index(domain, &value).to_vec())
        };
        Ok(Contact {
            code: seal::query_code_digest(number, code).to_vec(),
            sealed,
            phone: index("phone", phone.and_then(senders::phone)),
            email: index("email", email.and_then(senders::email)),
        })
    }

    /// Telephone number and e-mail address in the form under which they are
    /// indexed.
    fn contacts(&self) -> Vec<String> {
        let contact = self.message.contact.as_ref();
        let phone = contact
            .and_then(|contact| given(&contact.phone))
            .and_then(senders::phone);
        let email = contact
            .and_then(|contact| given(&contact.email))
            .and_then(senders::email);
        phone.into_iter().chain(email).collect()
    }

    /// What the sender is told.
    fn response(&self, case: &Case, code: &str) -> Json {
        let rules = self.rules;
        let due = case
            .deadline(&step::basis(rules))
            .map(|deadline| deadline.due.local(rules.offset));
        let url = self.public_url.trim_end_matches('/');
        let mut response = json!({
            "number": case.number,
            "query_code": code,
            "status": case.state,
            "kind": case.kind,
            "urgency": case.urgency,
            "received_at": case.received_at.local(rules.offset),
            "due": due,
            "personal": self.found.personal.len(),
            "missing": self.found.missing,
            "links": {
                "self": format!("{url}/api/cases/{}", case.number),
                "publications": format!("{url}/api/publications"),
            },
        });
        let advice = self.advice();
        if !advice.is_empty() {
            response["advice"] = advice.into();
        }
        response
    }

    /// What the sender should do at once: the advice for each sign of an
    /// emergency, and the public wording of a proposed outcome.
    fn advice(&self) -> Vec<Json> {
        let language = self.context.language;
        let policy = &self.rules.policy;
        let mut advice: Vec<Json> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for found in &self.found.signals {
            let Some(signal) = policy.signals.iter().find(|signal| signal.id == found.id) else {
                continue;
            };
            if !seen.contains(&signal.id.as_str()) {
                seen.push(&signal.id);
                advice.push(json!({ "about": signal.id, "text": language.pick(&signal.advice, &signal.advice_en) }));
            }
        }
        if let Some(Hold::NoDispatch(reason)) = &self.hold
            && let Some(outcome) = policy.outcomes.iter().find(|outcome| outcome.id == *reason)
        {
            advice.push(json!({ "about": outcome.id, "text": language.pick(&outcome.text, &outcome.text_en) }));
        }
        advice
    }
}

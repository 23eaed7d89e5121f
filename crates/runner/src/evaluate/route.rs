//! The stage route: the family of the first department and of the first three, and what it costs.
//!
//! As on the platform, the category comes from the handler that classifies and the candidates are those that the
//! function offers. What is right is a family of bodies, for replies of other cities name no department of the district.

use super::{Arguments, LIMITS, Shipped, inquiry, list, median, round};
use crate::candidate;
use anyhow::{Context, Result, ensure};
use case::district::District;
use district::Family;
use host::classify::Inquiry;
use host::route::{Candidate, Routing};
use host::{ClassifyHandler, RouteHandler};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default)]
    id: String,
    #[serde(alias = "title")]
    subject: String,
    #[serde(alias = "question")]
    body: String,
    #[serde(default)]
    family: Option<String>,
    #[serde(default, alias = "answer")]
    reply: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let route = arguments.handler("route")?;
    let classify = arguments.handler("classify")?;
    let (folder, district) = arguments.district(&route)?;
    let families = district::families(&folder).map_err(list)?;
    let rows: Vec<Row> = arguments.rows()?;
    let mut outcome = Outcome::new(&families);
    let mut pipeline = Pipeline::new(&classify, &route, &district)?;
    for row in &rows {
        outcome.add(&families, row, &mut pipeline)?;
    }
    outcome.memory = pipeline.route.peak_memory();
    outcome.component = route.wasm.len();
    ensure!(
        outcome.counted().count() > 0,
        "no row has a family: its column family is empty, or its reply names none"
    );
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&outcome.json())?);
    } else {
        print!("{}", outcome.text());
    }
    Ok(match outcome.failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The two handlers, one after the other.
struct Pipeline<'a> {
    classify: ClassifyHandler,
    route: RouteHandler,
    district: &'a District,
}

impl<'a> Pipeline<'a> {
    fn new(classify: &Shipped, route: &Shipped, district: &'a District) -> Result<Self> {
        let cache = route.manifest.base_dir().join(".wenzheng/cache");
        Ok(Self {
            classify: ClassifyHandler::new(&classify.wasm, &cache, LIMITS)?,
            route: RouteHandler::new(&route.wasm, &cache, LIMITS)?,
            district,
        })
    }

    /// What the handler says, and the microseconds that it took.
    fn judge(&mut self, row: &Row) -> Result<(Routing, f64)> {
        let mut inquiry = inquiry(&row.subject, &row.body);
        let threshold = self.district.policy.classify.threshold;
        // Where the handler abstains, a person would decide; its first word has to do here.
        inquiry.category = self
            .classify
            .classify(&inquiry, threshold)?
            .ok()
            .and_then(|found| found.ranked.into_iter().next())
            .map(|first| first.category);
        let candidates = candidates(self.district, &inquiry);
        let start = Instant::now();
        let routing =
            self.route
                .route(&inquiry, &candidates, self.district.policy.route.threshold)?;
        let micros = start.elapsed().as_secs_f64() * 1_000_000.0;
        let routing = routing.ok().context("the handler refused the input")?;
        Ok((routing, micros))
    }
}

/// The candidates that the function offers.
fn candidates(district: &District, inquiry: &Inquiry) -> Vec<Candidate> {
    let texts = [inquiry.subject.as_str(), inquiry.body.as_str()];
    let mut offered = case::district::candidates(&district.departments, None, &texts);
    offered.sort_by(|a, b| a.id.cmp(&b.id));
    offered.into_iter().map(candidate::of).collect()
}

/// Rows of one family, or of all: how many there are, and in how many the family is the first, or among the first three.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    rows: usize,
    first: usize,
    three: usize,
}

impl Count {
    fn add(&mut self, place: Option<usize>) {
        self.rows += 1;
        self.first += usize::from(place == Some(0));
        self.three += usize::from(place.is_some_and(|place| place < 3));
    }

    fn top1(&self) -> f64 {
        self.first as f64 / self.rows.max(1) as f64
    }

    fn top3(&self) -> f64 {
        self.three as f64 / self.rows.max(1) as f64
    }
}

/// What came of all rows.
struct Outcome {
    family_of: BTreeMap<String, usize>,
    names: Vec<String>,
    counts: Vec<Count>,
    all: Count,
    /// The same where any of the families that the reply names on the same ground counts as right.
    any: Count,
    /// By what the label rests on.
    grounds: BTreeMap<&'static str, Count>,
    /// Rows whose family the place decides, which the messages do not say.
    by_place: usize,
    unlabelled: usize,
    /// A person decides.
    abstained: usize,
    /// The first department is right among those that no person decides.
    sure: usize,
    micros: Vec<f64>,
    failures: usize,
    memory: usize,
    component: usize,
}

impl Outcome {
    fn new(families: &[Family]) -> Self {
        let family_of = families
            .iter()
            .enumerate()
            .flat_map(|(at, family)| family.departments.iter().map(move |id| (id.clone(), at)))
            .collect();
        Self {
            family_of,
            names: families.iter().map(|family| family.id.clone()).collect(),
            counts: vec![Count::default(); families.len()],
            all: Count::default(),
            any: Count::default(),
            grounds: BTreeMap::new(),
            by_place: 0,
            unlabelled: 0,
            abstained: 0,
            sure: 0,
            micros: Vec::new(),
            failures: 0,
            memory: 0,
            component: 0,
        }
    }

    fn add(&mut self, families: &[Family], row: &Row, pipeline: &mut Pipeline<'_>) -> Result<()> {
        let Some((family, others, ground)) = truth(families, row)? else {
            self.unlabelled += 1;
            return Ok(());
        };
        if families[family].by_place {
            self.by_place += 1;
            return Ok(());
        }
        let (routing, micros) = match pipeline.judge(row) {
            Ok(judged) => judged,
            Err(error) => {
                eprintln!("{}: {error:#}", row.id);
                self.failures += 1;
                return Ok(());
            }
        };
        self.micros.push(micros);
        let mut said: Vec<usize> = Vec::new();
        for ranked in &routing.ranked {
            if let Some(family) = self.family_of.get(&ranked.department)
                && !said.contains(family)
            {
                said.push(*family);
            }
        }
        let place = said.iter().position(|said| *said == family);
        let any = said
            .iter()
            .position(|said| *said == family || others.contains(said));
        self.counts[family].add(place);
        self.all.add(place);
        self.any.add(any);
        self.grounds.entry(ground).or_default().add(place);
        if routing.person_decides {
            self.abstained += 1;
        } else {
            self.sure += usize::from(place == Some(0));
        }
        Ok(())
    }

    /// The families with rows.
    fn counted(&self) -> impl Iterator<Item = (&String, &Count)> {
        self.names
            .iter()
            .zip(&self.counts)
            .filter(|(_, count)| count.rows > 0)
    }

    /// How often the first is right where no person decides.
    fn decided_right(&self) -> f64 {
        self.sure as f64 / (self.all.rows - self.abstained).max(1) as f64
    }

    fn json(&self) -> Json {
        let figures = |count: &Count| json!({ "n": count.rows, "top1": round(count.top1()), "top3": round(count.top3()) });
        let table: Map<String, Json> = self
            .counted()
            .map(|(name, count)| (name.clone(), figures(count)))
            .collect();
        let grounds: Map<String, Json> = self
            .grounds
            .iter()
            .map(|(name, count)| ((*name).to_owned(), figures(count)))
            .collect();
        json!({
            "n": self.all.rows,
            "top1": round(self.all.top1()),
            "top3": round(self.all.top3()),
            "any_named": figures(&self.any),
            "abstained": self.abstained,
            "decided_right": round(self.decided_right()),
            "by_place": self.by_place,
            "unlabelled": self.unlabelled,
            "families": table,
            "grounds": grounds,
            "us_per_message": (median(&self.micros) * 10.0).round() / 10.0,
            "peak_memory_bytes": self.memory,
            "component_bytes": self.component,
            "failures": self.failures,
        })
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!("rows with a family  {}", self.all.rows),
            format!(
                "left out            {} by place, {} without a label",
                self.by_place, self.unlabelled
            ),
            format!("top 1               {:.4}", self.all.top1()),
            format!("top 3               {:.4}", self.all.top3()),
            format!(
                "any named family    {:.4} and {:.4}",
                self.any.top1(),
                self.any.top3()
            ),
            format!(
                "a person decides    {}; of the others {:.4} right",
                self.abstained,
                self.decided_right()
            ),
            format!("median call         {:.1} µs", median(&self.micros)),
            format!(
                "peak memory         {:.1} MiB; component {:.2} MiB; failures {}",
                self.memory as f64 / f64::from(1 << 20),
                self.component as f64 / f64::from(1 << 20),
                self.failures
            ),
            "\n rows   top 1   top 3".to_owned(),
        ];
        let line = |name: &str, count: &Count| {
            format!(
                "{:>5}  {:.4}  {:.4}  {name}",
                count.rows,
                count.top1(),
                count.top3()
            )
        };
        lines.extend(self.counted().map(|(name, count)| line(name, count)));
        lines.extend(self.grounds.iter().map(|(name, count)| line(name, count)));
        lines.join("\n") + "\n"
    }
}

/// The family that a row has, the others that its reply names on the same ground, and the ground.
fn truth(families: &[Family], row: &Row) -> Result<Option<(usize, Vec<usize>, &'static str)>> {
    if let Some(name) = row.family.as_deref().filter(|name| !name.is_empty()) {
        let family = families
            .iter()
            .position(|family| family.id == name || family.name == name)
            .with_context(|| format!("{}: there is no family `{name}`", row.id))?;
        return Ok(Some((family, Vec::new(), "given")));
    }
    let reply = row.reply.as_deref().unwrap_or_default();
    Ok(district::label(families, reply)
        .map(|label| (label.family, label.others, label.ground.name())))
}

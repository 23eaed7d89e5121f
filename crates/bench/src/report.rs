//! Medians, goals and tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::machine::Machine;
use crate::run::{ENDPOINTS, Extent, Figure, Round, Share};
use crate::server::{Kind, Memory};

/// Everything that was measured.
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// The command.
    pub command: String,
    /// How long and how much.
    pub extent: Extent,
    /// Rounds by stored cases and server.
    pub rounds: BTreeMap<(u64, Kind), Vec<Round>>,
}

/// The medians of the rounds of one server at one number of stored cases.
struct Medians {
    endpoints: BTreeMap<(&'static str, usize), Figure>,
    lives: f64,
    life_processor: f64,
    shares: BTreeMap<String, Share>,
    memory: Memory,
    warm: Option<f64>,
    cold: Option<f64>,
}

/// A goal of the project and how far it is reached.
struct Goal {
    what: String,
    goal: String,
    value: String,
    met: bool,
}

fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        count if count % 2 == 1 => Some(values[count / 2]),
        count => Some((values[count / 2 - 1] + values[count / 2]) / 2.0),
    }
}

impl Medians {
    fn of(rounds: &[Round]) -> Medians {
        let of = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value)).unwrap_or(0.0);
        let mut endpoints = BTreeMap::new();
        for key in rounds
            .first()
            .into_iter()
            .flat_map(|round| round.endpoints.keys())
        {
            let figure = |value: fn(&Figure) -> f64| {
                median(
                    rounds
                        .iter()
                        .filter_map(|round| round.endpoints.get(key))
                        .map(value),
                )
                .unwrap_or(0.0)
            };
            let medians = Figure {
                rate: figure(|figure| figure.rate),
                p50: figure(|figure| figure.p50),
                p99: figure(|figure| figure.p99),
                processor: figure(|figure| figure.processor),
                statements: figure(|figure| figure.statements),
            };
            endpoints.insert(*key, medians);
        }
        Medians {
            endpoints,
            lives: of(&|round| round.lives),
            life_processor: of(&|round| round.life_processor),
            // The last round's: they hardly differ.
            shares: rounds
                .last()
                .map(|round| round.shares.clone())
                .unwrap_or_default(),
            memory: Memory {
                resident: of(&|round| round.memory.resident),
                // What no round may exceed, the first one included, which compiles.
                peak: rounds
                    .iter()
                    .map(|round| round.memory.peak)
                    .fold(0.0, f64::max),
            },
            warm: median(
                rounds
                    .iter()
                    .filter(|round| !round.cold)
                    .map(|round| round.start),
            ),
            cold: median(
                rounds
                    .iter()
                    .filter(|round| round.cold)
                    .map(|round| round.start),
            ),
        }
    }

    fn json(&self) -> Json {
        let endpoints: Vec<Json> = self
            .endpoints
            .iter()
            .map(|((endpoint, connections), figure)| {
                json!({
                    "endpoint": endpoint, "connections": connections, "requests_per_second": figure.rate,
                    "p50_ms": figure.p50, "p99_ms": figure.p99, "server_processor_us": figure.processor, "statements": figure.statements,
                })
            })
            .collect();
        json!({
            "complete_cases_per_second": self.lives, "server_processor_us_per_case": self.life_processor,
            "components_per_case": self.shares, "memory_mib": self.memory, "start_warm_s": self.warm, "start_cold_s": self.cold, "endpoints": endpoints,
        })
    }
}

impl Report {
    fn medians(&self) -> BTreeMap<(u64, Kind), Medians> {
        self.rounds
            .iter()
            .map(|(key, rounds)| (*key, Medians::of(rounds)))
            .collect()
    }

    fn sizes(&self) -> Vec<u64> {
        let mut sizes: Vec<u64> = self.rounds.keys().map(|(cases, _)| *cases).collect();
        sizes.dedup();
        sizes
    }

    /// The report as JSON.
    pub fn json(&self) -> Json {
        let results: Vec<Json> = self
            .medians()
            .iter()
            .map(|((cases, kind), medians)| {
                json!({ "stored_cases": cases, "server": kind, "rounds": self.rounds[&(*cases, *kind)].len(), "medians": medians.json() })
            })
            .collect();
        let goals: Vec<Json> = self
            .goals()
            .iter()
            .map(|goal| json!({ "what": goal.what, "goal": goal.goal, "value": goal.value, "met": goal.met }))
            .collect();
        json!({
            "command": self.command, "machine": self.machine, "extent": self.extent, "results": results, "goals": goals,
        })
    }

    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Machine {
            processors,
            model,
            kernel,
            memory,
            fdatasync,
        } = &self.machine;
        writeln!(text, "# What the platform costs\n")?;
        writeln!(text, "`{}`\n", self.command)?;
        writeln!(
            text,
            "{processors} processors ({model}), {memory} MiB of memory, Linux {kernel}; fdatasync {fdatasync} µs. \
             The load comes from the same machine. SQLite, durable commits on both sides. Medians of the rounds, \
             which took turns.\n"
        )?;
        writeln!(
            text,
            "Runner: `wenzheng up`. Native: the same functions and handlers without WebAssembly, on axum.\n"
        )?;
        let medians = self.medians();
        for cases in self.sizes() {
            writeln!(text, "## {cases} stored cases\n")?;
            let (Some(runner), Some(native)) = (
                medians.get(&(cases, Kind::Runner)),
                medians.get(&(cases, Kind::Native)),
            ) else {
                for kind in [Kind::Runner, Kind::Native] {
                    if let Some(medians) = medians.get(&(cases, kind)) {
                        compare(text, (&format!("{kind:?}"), medians), None)?;
                    }
                }
                continue;
            };
            compare(text, ("Runner", runner), Some(native))?;
        }
        self.growth(text, &medians)?;
        writeln!(
            text,
            "## Goals\n\n| | goal | measured | |\n|---|---|---|---|"
        )?;
        for goal in self.goals() {
            let met = if goal.met { "met" } else { "**not met**" };
            writeln!(
                text,
                "| {} | {} | {} | {met} |",
                goal.what, goal.goal, goal.value
            )?;
        }
        Ok(())
    }

    /// How the figures change with the number of stored cases.
    fn growth(
        &self,
        text: &mut String,
        medians: &BTreeMap<(u64, Kind), Medians>,
    ) -> std::fmt::Result {
        let sizes = self.sizes();
        let [small, .., large] = sizes.as_slice() else {
            return Ok(());
        };
        writeln!(text, "## {large} cases against {small}\n")?;
        writeln!(
            text,
            "Time for one request, {large} cases divided by {small}: 1 is no change.\n"
        )?;
        writeln!(
            text,
            "| endpoint | connections | runner | native |\n|---|---|---|---|"
        )?;
        for endpoint in ENDPOINTS {
            for connections in &self.extent.connections {
                let ratio =
                    |kind| growth_of(medians, kind, *small, *large, (endpoint, *connections));
                let show = |ratio: Option<f64>| {
                    ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"))
                };
                let (runner, native) = (show(ratio(Kind::Runner)), show(ratio(Kind::Native)));
                writeln!(text, "| {endpoint} | {connections} | {runner} | {native} |")?;
            }
        }
        writeln!(text)
    }

    fn goals(&self) -> Vec<Goal> {
        let medians = self.medians();
        let mut goals = Vec::new();
        for cases in self.sizes() {
            let Some(runner) = medians.get(&(cases, Kind::Runner)) else {
                continue;
            };
            let at = |what: &str| format!("{what}, {cases} stored cases");
            if let Some(native) = medians.get(&(cases, Kind::Native)) {
                let ratio = runner.lives / native.lives;
                goals.push(Goal::new(
                    at("complete cases, share of native"),
                    "≥ 0.50",
                    format!("{ratio:.2}"),
                    ratio >= 0.5,
                ));
                let shares = runner.endpoints.iter().filter_map(|(key, figure)| {
                    native
                        .endpoints
                        .get(key)
                        .map(|native| (figure.rate / native.rate, *key))
                });
                if let Some((ratio, (endpoint, connections))) =
                    shares.min_by(|a, b| a.0.total_cmp(&b.0))
                {
                    let value = format!("{ratio:.2} ({endpoint}, {connections} connections)");
                    goals.push(Goal::new(
                        at("slowest endpoint, share of native"),
                        "≥ 0.50",
                        value,
                        ratio >= 0.5,
                    ));
                }
            }
            let lives = runner.lives;
            goals.push(Goal::new(
                at("complete cases a second"),
                "≥ 400",
                format!("{lives:.0}"),
                lives >= 400.0,
            ));
            if let Some(figure) = runner.endpoints.get(&(ENDPOINTS[0], 16)) {
                let p99 = figure.p99;
                goals.push(Goal::new(
                    at("p99 of POST /api/cases, 16 connections"),
                    "< 25 ms",
                    format!("{p99:.1} ms"),
                    p99 < 25.0,
                ));
            }
            let peak = runner.memory.peak;
            goals.push(Goal::new(
                at("memory at most"),
                "< 400 MiB",
                format!("{peak:.0} MiB"),
                peak < 400.0,
            ));
            if let Some(start) = runner.warm {
                goals.push(Goal::new(
                    at("next start"),
                    "< 3 s",
                    format!("{start:.2} s"),
                    start < 3.0,
                ));
            }
        }
        if let [small, .., large] = self.sizes().as_slice() {
            let worst = ENDPOINTS
                .iter()
                .flat_map(|endpoint| {
                    self.extent
                        .connections
                        .iter()
                        .map(move |connections| (*endpoint, *connections))
                })
                .filter_map(|key| {
                    growth_of(&medians, Kind::Runner, *small, *large, key).map(|ratio| (ratio, key))
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((ratio, (endpoint, connections))) = worst {
                let value = format!("{ratio:.2} ({endpoint}, {connections} connections)");
                goals.push(Goal::new(
                    format!("worst endpoint, {large} cases against {small}"),
                    "≤ 1.30",
                    value,
                    ratio <= 1.3,
                ));
            }
            let lives = |cases: u64| {
                medians
                    .get(&(cases, Kind::Runner))
                    .map(|medians| medians.lives)
            };
            if let (Some(few), Some(many)) = (lives(*small), lives(*large)) {
                let ratio = few / many;
                goals.push(Goal::new(
                    format!("complete cases, {large} cases against {small}"),
                    "≤ 1.30",
                    format!("{ratio:.2}"),
                    ratio <= 1.3,
                ));
            }
        }
        goals
    }
}

impl Goal {
    fn new(what: String, goal: &str, value: String, met: bool) -> Goal {
        Goal {
            what,
            goal: goal.to_owned(),
            value,
            met,
        }
    }
}

fn growth_of(
    medians: &BTreeMap<(u64, Kind), Medians>,
    kind: Kind,
    small: u64,
    large: u64,
    key: (&'static str, usize),
) -> Option<f64> {
    let rate = |cases| Some(medians.get(&(cases, kind))?.endpoints.get(&key)?.rate);
    Some(rate(small)? / rate(large)?)
}

/// One server beside the other.
fn compare(
    text: &mut String,
    (name, runner): (&str, &Medians),
    native: Option<&Medians>,
) -> std::fmt::Result {
    writeln!(
        text,
        "| endpoint | connections | {name} requests/s | native | share | p50 ms | native | p99 ms | native | processor µs | native |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    let row = |text: &mut String,
               name: &str,
               connections: &str,
               runner: Figure,
               native: Option<Figure>| {
        let beside = |value: fn(&Figure) -> f64, digits: usize| {
            native.as_ref().map_or("–".to_owned(), |native| {
                format!("{:.digits$}", value(native))
            })
        };
        let share = native.as_ref().map_or("–".to_owned(), |native| {
            format!("{:.2}", runner.rate / native.rate)
        });
        writeln!(
            text,
            "| {name} | {connections} | {:.0} | {} | {share} | {:.2} | {} | {:.2} | {} | {:.0} | {} | {:.1} |",
            runner.rate,
            beside(|figure| figure.rate, 0),
            runner.p50,
            beside(|figure| figure.p50, 2),
            runner.p99,
            beside(|figure| figure.p99, 2),
            runner.processor,
            beside(|figure| figure.processor, 0),
            runner.statements,
        )
    };
    for endpoint in ENDPOINTS {
        for ((_, connections), figure) in runner
            .endpoints
            .iter()
            .filter(|((name, _), _)| *name == endpoint)
        {
            let beside =
                native.and_then(|native| native.endpoints.get(&(endpoint, *connections)).copied());
            row(text, endpoint, &connections.to_string(), *figure, beside)?;
        }
    }
    let life = |medians: &Medians| (medians.lives, medians.life_processor);
    let (rate, processor) = life(runner);
    let beside = native.map(life);
    let show = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.0}"));
    writeln!(
        text,
        "| **complete cases** | | **{rate:.0}** | {} | {} | | | | | {processor:.0} | {} | {:.1} |\n",
        show(beside.map(|beside| beside.0)),
        beside.map_or("–".to_owned(), |beside| format!("{:.2}", rate / beside.0)),
        show(beside.map(|beside| beside.1)),
        runner
            .shares
            .values()
            .map(|share| share.statements)
            .sum::<f64>(),
    )?;
    if !runner.shares.is_empty() {
        writeln!(
            text,
            "For one complete case, reading the queues and lists included:\n"
        )?;
        writeln!(
            text,
            "| component | statements | their time, waiting included, µs | calls of other stages |\n|---|--:|--:|--:|"
        )?;
        for (component, share) in runner
            .shares
            .iter()
            .filter(|(_, share)| share.statements > 0.0)
        {
            writeln!(
                text,
                "| {component} | {:.2} | {:.0} | {:.3} |",
                share.statements, share.statement_time, share.chained
            )?;
        }
        writeln!(text)?;
    }
    for (name, medians) in [(name, Some(runner)), ("Native", native)] {
        let Some(medians) = medians else { continue };
        let start = |name: &str, value: Option<f64>| {
            value.map_or(String::new(), |value| {
                format!(", {name} start {value:.2} s")
            })
        };
        writeln!(
            text,
            "{name}: {:.0} MiB resident, {:.0} MiB at most{}{}.\n",
            medians.memory.resident,
            medians.memory.peak,
            start("first", medians.cold),
            start("next", medians.warm),
        )?;
    }
    Ok(())
}

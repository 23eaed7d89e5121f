//! Learns whose a case is: families of bodies, by the words of messages.
//!
//! The labels are what official replies say of who dealt with a case
//! (`district::label`), which is little and noisy; so the district's own words,
//! the duties, the responsibility list and the keywords of the categories that
//! a body leads in, are learned from as well, as short messages that weigh less.

use crate::calibrate::{Calibration, best};
use crate::labels::Labels;
use crate::ridge::{Linear, weighted};
use crate::rows::{Line, Row, Rows, hex};
use crate::space::{Space, View};
use crate::study::{FOLDS, parallel};
use crate::{Arguments, problems, write};
use anyhow::{Context, Result, ensure};
use case::district::{District, Role};
use district::{Family, Ground};
use model::measure::{Figures, Prediction, measure};
use model::{Grams, Model, ModelBuilder};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// A gram counts that stands in so many questions: rarer ones made the file
/// larger and nothing better.
const LEAST: u32 = 3;
/// What a keyword of the weight 1 weighs beside a message, before the setting.
const KEYWORD: f64 = 1.0 / 3.0;

/// A line of answers.csv.
#[derive(Deserialize)]
struct Answered {
    subject: String,
    question: String,
    answer: String,
}

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    /// Times the squares of the weights.
    penalty: f64,
    /// How heavy the district's own words are beside a message; 0 leaves them out.
    words: f64,
}

const VIEW: View = View {
    pairs: true,
    subject: 0.8,
};

fn grid() -> Vec<Settings> {
    let mut grid = Vec::new();
    for words in [0.3, 0.6] {
        for penalty in [0.6, 1.0] {
            grid.push(Settings { penalty, words });
        }
    }
    grid
}

/// A phrase of the district, with its family and weight.
struct Phrase {
    row: Row,
    weight: f64,
}

/// What a label rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    /// The reply says it.
    Reply(Ground),
    /// A person chose the department, or it accepted, in use.
    Decided,
}

impl Basis {
    /// All, in the order of the card.
    fn all() -> impl Iterator<Item = Self> {
        let replies = Ground::ALL.into_iter().map(Self::Reply);
        replies.chain([Self::Decided])
    }

    /// Its place in that order.
    fn place(self) -> usize {
        match self {
            Self::Reply(ground) => ground as usize,
            Self::Decided => Ground::ALL.len(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Reply(ground) => ground.name(),
            Self::Decided => "decided in use",
        }
    }
}

/// Everything that is learned from.
struct Data {
    /// All questions, those without a label too: which grams there are, and
    /// how rare, is learned from them as well.
    rows: Rows,
    /// What the label of each rests on; none without a label.
    bases: Vec<Option<Basis>>,
    /// Whether the reply names other families on the same ground.
    several: Vec<bool>,
    phrases: Vec<Phrase>,
    by_place: usize,
}

impl Data {
    fn read(arguments: &Arguments, labels: &Labels) -> Result<Self> {
        let district = district::load(&arguments.district).map_err(problems)?;
        let families = district::families(&arguments.district).map_err(problems)?;
        let file = arguments.data.join("answers.csv");
        let bytes =
            fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let answered: Vec<Answered> = csv::Reader::from_reader(bytes.as_slice())
            .deserialize()
            .collect::<Result<_, _>>()
            .with_context(|| format!("{}: subject, question, answer", file.display()))?;
        // In the order of the alphabet, as the file of the model has them.
        let mut classes: Vec<String> = families
            .iter()
            .filter(|family| !family.by_place)
            .map(|family| family.id.clone())
            .collect();
        classes.sort();
        let (mut lines, mut bases, mut several) = (Vec::new(), Vec::new(), Vec::new());
        let mut by_place = 0;
        for row in answered {
            let found = district::label(&families, &row.answer);
            let label = found.filter(|label| {
                !families[label.family].by_place || {
                    by_place += 1;
                    false
                }
            });
            bases.push(label.as_ref().map(|label| Basis::Reply(label.ground)));
            several.push(label.as_ref().is_some_and(|label| !label.others.is_empty()));
            lines.push(Line {
                subject: row.subject,
                body: row.question,
                label: label.map_or_else(String::new, |label| families[label.family].id.clone()),
            });
        }
        let replied = lines.len();
        for line in &labels.departments {
            let family = families
                .iter()
                .find(|family| !family.by_place && family.departments.contains(&line.label));
            if let Some(family) = family {
                bases.push(Some(Basis::Decided));
                several.push(false);
                lines.push(Line {
                    subject: line.subject.clone(),
                    body: line.body.clone(),
                    label: family.id.clone(),
                });
            }
        }
        let phrases = phrases(&district, &families, &classes);
        let decided = lines.len() - replied;
        Ok(Self {
            rows: Rows::of(&lines, classes, &bytes, decided),
            bases,
            several,
            phrases,
            by_place,
        })
    }

    fn labelled(&self, of: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.rows.rows.len())
            .filter(|at| self.bases[*at].is_some() && of(*at))
            .collect()
    }

    fn truths(&self, places: &[usize]) -> Vec<usize> {
        places.iter().map(|at| self.rows.rows[*at].class).collect()
    }
}

/// The district's words of each family.
fn phrases(district: &District, families: &[Family], classes: &[String]) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let keywords: BTreeMap<&str, _> = district
        .categories
        .iter()
        .map(|category| (category.id.as_str(), &category.keywords))
        .collect();
    for body in &district.departments {
        let family = families
            .iter()
            .find(|family| family.departments.contains(&body.id));
        let Some(class) =
            family.and_then(|family| classes.iter().position(|class| *class == family.id))
        else {
            continue;
        };
        let mut add = |text: &str, weight: f64| {
            phrases.push(Phrase {
                row: Row {
                    subject: Grams::new(text),
                    body: Grams::default(),
                    class,
                    group: 0,
                },
                weight,
            });
        };
        for duty in &body.duties {
            add(duty, 1.0);
        }
        for entry in &body.responsibilities {
            add(&entry.title, 1.0);
            let leads = entry.categories.iter().filter(|_| entry.role == Role::Lead);
            for keyword in leads
                .filter_map(|id| keywords.get(id.as_str()))
                .copied()
                .flatten()
            {
                add(&keyword.word, keyword.weight * KEYWORD);
            }
        }
    }
    phrases
}

/// A classifier that has learned.
struct Learned {
    space: Space,
    linear: Linear,
}

impl Learned {
    /// Learns from the labelled rows at `places`; `seen` are the rows whose
    /// grams may be known.
    fn from(data: &Data, places: &[usize], seen: &[usize], settings: Settings) -> Self {
        let count = data.rows.classes.len();
        let space = Space::with(&data.rows.at(seen), VIEW, LEAST);
        let mut rows = data.rows.at(places);
        let mut bias = vec![0f64; count];
        for row in &rows {
            bias[row.class] += 1.0 / rows.len() as f64;
        }
        // Families with few rows count for more, but by the square root only:
        // their labels are the least sure.
        let mut penalties: Vec<f64> = rows
            .iter()
            .map(|row| settings.penalty * (bias[row.class] * count as f64).sqrt())
            .collect();
        if settings.words > 0.0 {
            for phrase in &data.phrases {
                rows.push(&phrase.row);
                penalties.push(settings.penalty / (settings.words * phrase.weight));
            }
        }
        let classes: Vec<usize> = rows.iter().map(|row| row.class).collect();
        let linear = weighted(&space.matrix(&rows), &classes, bias, &penalties);
        Self { space, linear }
    }

    fn scores(&self, data: &Data, places: &[usize]) -> Vec<Vec<f32>> {
        self.linear
            .scores(&self.space.matrix(&data.rows.at(places)))
    }
}

/// How often the truth has the greatest score, and one of the three greatest.
#[derive(Clone, Copy, Debug, Default)]
struct Tops {
    rows: usize,
    first: usize,
    three: usize,
}

impl Tops {
    fn add(&mut self, scores: &[f32], truth: usize) {
        let above = scores
            .iter()
            .enumerate()
            .filter(|(class, score)| {
                **score > scores[truth] || (**score == scores[truth] && *class < truth)
            })
            .count();
        self.rows += 1;
        self.first += usize::from(above == 0);
        self.three += usize::from(above < 3);
    }

    fn line(self, name: &str) -> String {
        let part = |count: usize| count as f64 / self.rows.max(1) as f64;
        format!(
            "| {name} | {} | {:.3} | {:.3} |\n",
            self.rows,
            part(self.first),
            part(self.three)
        )
    }
}

/// What a nested cross-validation found.
struct Nested {
    all: Tops,
    by_class: Vec<Tops>,
    by_basis: Vec<Tops>,
    one: Tops,
    several: Tops,
    chosen: Vec<Settings>,
    figures: Figures,
}

fn nested(
    data: &Data,
    folds: &[usize],
    grid: &[Settings],
    learnable: impl Fn(usize) -> bool + Sync,
) -> Nested {
    let count = data.rows.classes.len();
    let outer = parallel(FOLDS, |fold| {
        let inner = (fold + 1) % FOLDS;
        let test = data.labelled(|at| folds[at] == fold);
        let learn = data.labelled(|at| folds[at] != fold && learnable(at));
        let known = data.labelled(|at| folds[at] != fold && folds[at] != inner && learnable(at));
        let unknown = data.labelled(|at| folds[at] == inner);
        let seen = |of: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..folds.len()).filter(|at| of(*at)).collect()
        };
        let outside = seen(&|at| folds[at] != fold);
        let inside = seen(&|at| folds[at] != fold && folds[at] != inner);
        let truths = data.truths(&unknown);
        let mut best: Option<(Tops, Settings, Calibration)> = None;
        for settings in grid {
            let scores = Learned::from(data, &known, &inside, *settings).scores(data, &unknown);
            let mut tops = Tops::default();
            for (scores, truth) in scores.iter().zip(&truths) {
                tops.add(scores, *truth);
            }
            let better = best
                .as_ref()
                .is_none_or(|(most, ..)| tops.first + tops.three > most.first + most.three);
            if better {
                best = Some((tops, *settings, Calibration::fit(&scores, &truths)));
            }
        }
        best.map(|(_, settings, calibration)| {
            let scores = Learned::from(data, &learn, &outside, settings).scores(data, &test);
            (settings, calibration, test, scores)
        })
    });
    let mut found = Nested {
        all: Tops::default(),
        by_class: vec![Tops::default(); count],
        by_basis: vec![Tops::default(); Basis::all().count()],
        one: Tops::default(),
        several: Tops::default(),
        chosen: Vec::new(),
        figures: measure(&[], count),
    };
    let mut predictions: Vec<Prediction> = Vec::new();
    for (settings, calibration, test, scores) in outer.into_iter().flatten() {
        found.chosen.push(settings);
        for (at, scores) in test.iter().zip(&scores) {
            let truth = data.rows.rows[*at].class;
            found.all.add(scores, truth);
            found.by_class[truth].add(scores, truth);
            if let Some(basis) = data.bases[*at] {
                found.by_basis[basis.place()].add(scores, truth);
            }
            let names = if data.several[*at] {
                &mut found.several
            } else {
                &mut found.one
            };
            names.add(scores, truth);
            predictions.push(calibration.predict(scores, truth));
        }
    }
    found.figures = measure(&predictions, count);
    found
}

/// The file: learned from the rows that `learnable` lets be learned from,
/// calibrated on scores of rows by classifiers that had not seen them.
fn build(
    data: &Data,
    folds: &[usize],
    settings: Settings,
    learnable: impl Fn(usize) -> bool + Sync,
) -> Result<Vec<u8>> {
    let all: Vec<usize> = (0..folds.len()).filter(|at| learnable(*at)).collect();
    let parts = parallel(FOLDS, |fold| {
        let test = data.labelled(|at| folds[at] == fold && learnable(at));
        let learn = data.labelled(|at| folds[at] != fold && learnable(at));
        let outside: Vec<usize> = all
            .iter()
            .copied()
            .filter(|at| folds[*at] != fold)
            .collect();
        let scores = if test.is_empty() {
            Vec::new()
        } else {
            Learned::from(data, &learn, &outside, settings).scores(data, &test)
        };
        (scores, data.truths(&test))
    });
    let (scores, truths): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let calibration = Calibration::fit(&scores.concat(), &truths.concat());
    let learned = Learned::from(data, &data.labelled(&learnable), &all, settings);
    let (space, mut weights) = (learned.space, learned.linear.weights);
    let mut subject = weights.split_off(space.grams() * data.rows.classes.len());
    for weight in &mut subject {
        *weight *= VIEW.subject;
    }
    Ok(ModelBuilder {
        classes: data.rows.classes.clone(),
        bias: learned.linear.bias,
        steepness: calibration.steepness,
        curve: calibration.curve,
        singles: space.singles,
        pairs: space.pairs,
        rarity: space.rarity,
        weights: [weights, subject],
    }
    .bytes())
}

/// Trains, measures, and writes the model with its card.
pub(crate) fn train(arguments: &Arguments, labels: &Labels) -> Result<()> {
    let data = Data::read(arguments, labels)?;
    let folds = data.rows.folds(FOLDS, arguments.seed);
    let labelled = data.labelled(|_| true).len();
    ensure!(labelled > 100, "too few replies name a body");
    eprintln!(
        "{} questions, {labelled} with a family, {} phrases of the district",
        folds.len(),
        data.phrases.len()
    );
    if let Some(part) = arguments.leave_out {
        ensure!(part < FOLDS, "--leave-out {part}: there are {FOLDS} parts");
        let bytes = build(&data, &folds, grid()[0], |at| folds[at] != part)?;
        let left: String = (0..folds.len())
            .filter(|at| folds[*at] == part)
            .map(|at| format!("{at}\n"))
            .collect();
        return write(
            &arguments.out,
            &[
                ("route.bin", bytes),
                ("route-left-out.txt", left.into_bytes()),
            ],
        );
    }
    let main = nested(&data, &folds, &grid(), |_| true);
    let mut compared = vec![main.all.line("this model")];
    let mut curve = String::new();
    if !arguments.quick {
        let alone = [0.3, 0.6].map(|penalty| Settings {
            penalty,
            words: 0.0,
        });
        let alone = nested(&data, &folds, &alone, |_| true);
        compared.push(alone.all.line("without the district's words"));
        let only = nested(&data, &folds, &grid()[..1], |_| false);
        compared.push(only.all.line("from the district's words alone"));
        // Twenty tiers, drawn apart from the folds.
        let tiers = data.rows.folds(20, arguments.seed.wrapping_add(1));
        for below in [5, 10, 15] {
            let part = nested(&data, &folds, &grid()[..1], |at| tiers[at] < below);
            curve.push_str(&part.all.line(&format!("{} % of four fifths", 5 * below)));
        }
        curve.push_str(&main.all.line("100 % of four fifths"));
    }
    let votes = |settings: &Settings| {
        main.chosen
            .iter()
            .filter(|chosen| *chosen == settings)
            .count()
    };
    let grid = grid();
    let settings = *grid
        .iter()
        .rev()
        .max_by_key(|settings| votes(settings))
        .unwrap_or(&grid[0]);
    let bytes = build(&data, &folds, settings, |_| true)?;
    let model = Model::new(&bytes)?;
    model.check()?;
    eprintln!("{}route.bin: {} bytes", main.all.line("route"), bytes.len());
    let card = card(
        arguments,
        (&data, labels),
        &main,
        (&compared, &curve),
        settings,
        &bytes,
        refit(&model, &data),
    );
    write(
        &arguments.out,
        &[("route.bin", bytes), ("route.md", card.into_bytes())],
    )
}

/// How many of the rows that it has learned from the file gets right.
fn refit(model: &Model<'_>, data: &Data) -> f64 {
    let places = data.labelled(|_| true);
    let right = data
        .rows
        .at(&places)
        .into_iter()
        .filter(|row| {
            let judgement = model.judge(&row.subject, std::slice::from_ref(&row.body));
            best(&judgement.shares) == row.class
        })
        .count();
    right as f64 / places.len() as f64
}

/// What is known of the model, for people.
fn card(
    arguments: &Arguments,
    (data, labels): (&Data, &Labels),
    main: &Nested,
    (compared, curve): (&[String], &str),
    settings: Settings,
    bytes: &[u8],
    refit: f64,
) -> String {
    let head = "| | rows | top 1 | top 3 |\n|---|---|---|---|\n";
    let labelled = main.all.rows;
    let several = data.several.iter().filter(|several| **several).count();
    let mut out = format!(
        "# The model `route.bin`\n\n\
         Made by `cargo xtask train --only route --data DIR --date {} --seed {}`; do not edit: this card is made with it.\n\n\
         - Data: {} answered questions, of which {labelled} have a label, and {} phrases of the district (duties, titles of the responsibility list, keywords of the categories that a body leads in); SHA-256 of answers.csv {}{}\n\
         - Classes: {} families of bodies, as `districts/yinzhou/families.toml` has them. `districts/README.md` says what a family is and which family is the label of a reply. {} replies name only the office of a town or sub-district: the place decides those, which the coded messages do not say, and they are left out\n\
         - Method: least squares against one-of-all targets, penalty {}, families weighed by the inverse square root of their rows, phrases of the district {} as heavy as a message; characters and pairs that stand in at least {LEAST} questions; weights in 8 bits\n\
         - File: {} bytes, SHA-256 {}; right on {:.3} of the rows that it has learned from\n\
         - Licence: the questions and replies are public data of a contest of 2020 without a stated licence and are not part of this project; the model holds weights of single characters and pairs. The model is licensed like the project (Apache-2.0)\n\n\
         ## Measured\n\n\
         Nested five-fold cross-validation over groups of equal text: no tested row had a say in weights, settings or calibration. The model alone, without the handler's own points:\n\n{head}",
        arguments.date,
        arguments.seed,
        data.rows.rows.len() - data.rows.decided,
        data.phrases.len(),
        data.rows.sha256,
        labels.sentence(data.rows.decided),
        data.rows.classes.len(),
        data.by_place,
        settings.penalty,
        settings.words,
        bytes.len(),
        hex(&Sha256::digest(bytes)),
        refit,
    );
    compared.iter().for_each(|line| out.push_str(line));
    let _ = write!(
        out,
        "\nCalibration error of the first family's confidence: {:.4}; the surest 80 % are right at {:.3}.\n\n{head}",
        main.figures.ece,
        main.figures
            .coverage
            .last()
            .map_or(0.0, |(_, right)| *right),
    );
    for (name, tops) in data.rows.classes.iter().zip(&main.by_class) {
        out.push_str(&tops.line(name));
    }
    let _ = write!(out, "\n## Learning curve\n\n{head}{curve}");
    let _ = write!(
        out,
        "\n## Noise of the labels\n\n{several} of {labelled} replies name other families on the same ground. By what the label rests on, and by whether other families are named:\n\n{head}"
    );
    for (basis, tops) in Basis::all().zip(&main.by_basis) {
        if tops.rows > 0 || basis != Basis::Decided {
            out.push_str(&tops.line(basis.name()));
        }
    }
    out.push_str(&main.one.line("one family named"));
    out.push_str(&main.several.line("several named"));
    out.push_str(include_str!("route_labels.in"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_count_the_places_of_the_truth() {
        let mut tops = Tops::default();
        for truth in 0..4 {
            tops.add(&[0.4, 0.3, 0.2, 0.1], truth);
        }
        tops.add(&[0.5, 0.5], 1);
        assert_eq!((tops.rows, tops.first, tops.three), (5, 1, 4));
    }

    #[test]
    fn the_districts_words_have_families() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../districts/yinzhou");
        let district = district::load(folder.as_ref()).expect("the district");
        let families = district::families(folder.as_ref()).expect("its families");
        let classes: Vec<String> = families.iter().map(|family| family.id.clone()).collect();
        let phrases = phrases(&district, &families, &classes);
        assert!(phrases.len() > 1000);
        assert!(phrases.iter().all(|phrase| phrase.weight > 0.0));
    }
}

//! Learns what an emergency sounds like, as a second ear beside the words that
//! the district lists.
//!
//! Emergencies are lists of plain sentences that were written for this
//! project, list by list; ordinary are lists of the same kind, and what
//! citizens wrote to authorities, part by part as the handler judges it. In
//! turn a fifth of the lists is left out and a fifth of the messages with it,
//! so that what is measured is sentences that nobody had seen.

use crate::ridge::{Linear, weighted};
use crate::rows::{Line, Rows, hex};
use crate::space::Matrix;
use crate::study::{FOLDS, parallel};
use crate::{Arguments, write};
use anyhow::{Context, Result, ensure};
use model::alarm::{Alarm, AlarmBuilder, BRIEF, LATIN, PLACES, USUAL, WINDOW, rise, values};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use text::{Language, View};

/// Times the squares of the weights.
const PENALTY: f64 = 3.0;
/// How heavy a listed sentence is, beside one of a message.
const LISTED: f64 = 20.0;
/// How heavy a sentence of a message is.
const SAID: f64 = 0.3;
/// Of the ordinary lists, at most this part may alarm as brief messages.
const BRIEF_ALARMS: f64 = 0.08;
/// Of the messages that are not brief, at most this part may alarm.
const LONG_ALARMS: f64 = 0.010;
/// Of the listed emergencies, at most this part may sound so calm that no word
/// in them alarms.
const CALMED: f64 = 0.02;

/// What other methods gave.
const COMPARED: &str = "\n## Compared\n\n\
Tried in 2026-11 outside of the project, lists -10 to -12 left out in turn: the part of their emergencies that the model alone caught at the threshold that 5 % or 8 % of their ordinary sentences reach.\n\n\
| method | at 5 % | at 8 % |\n|---|---|---|\n\
| least squares, penalty 3, pairs, ends (this one) | 0.916 | 0.945 |\n\
| the same without ends | 0.910 | 0.934 |\n\
| the same, penalty 1 | 0.885 | 0.922 |\n\
| logistic regression, pairs, C 1 | 0.879 | 0.925 |\n\
| logistic regression, pairs, C 3 | 0.890 | 0.924 |\n\
| support vectors, pairs, C 0.3 | 0.889 | 0.931 |\n\
| support vectors, pairs and ends, C 0.3 | 0.892 | 0.940 |\n\
| support vectors, up to triples, C 0.3 | 0.881 | 0.920 |\n";

/// A line of the lists.
#[derive(Debug, Deserialize)]
struct Listed {
    text: String,
    urgent: u8,
    list: String,
}

/// Which part of the data a sentence belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A list, by its number.
    List(usize),
    /// A fifth of the messages.
    Messages(usize),
}

/// A sentence to learn from.
#[derive(Debug)]
struct Sentence {
    values: Vec<(u32, f32)>,
    urgent: bool,
    part: Part,
}

/// A list of sentences of one kind.
#[derive(Debug)]
struct List {
    name: String,
    urgent: bool,
}

/// A text in the clauses that its windows are made of.
#[derive(Debug)]
struct Clauses {
    chars: Vec<char>,
    /// Of each sentence, the clauses.
    sentences: Vec<Vec<Range<usize>>>,
    /// The most characters of a window.
    most: usize,
}

impl Clauses {
    /// Those of `sentences` of each of the views.
    fn of<'v>(
        views: impl IntoIterator<Item = (&'v View, Vec<text::Sentence>)>,
        latin: bool,
    ) -> Self {
        let mut all = Self {
            chars: Vec::new(),
            sentences: Vec::new(),
            most: if latin { WINDOW * LATIN } else { WINDOW },
        };
        for (view, sentences) in views {
            let before = all.chars.len();
            all.sentences.extend(sentences.into_iter().map(|sentence| {
                text::clauses(view, sentence, 0)
                    .into_iter()
                    .map(|clause| before + clause.start..before + clause.end)
                    .collect()
            }));
            all.chars.extend(view.chars());
        }
        all
    }

    /// The greatest score of its windows.
    fn loudest(&self, model: &Alarm<'_>) -> f32 {
        let mut most = f32::MIN;
        for sentence in &self.sentences {
            let clauses = model.listen(&self.chars, sentence.iter().cloned());
            for (_, score) in model.windows(&clauses, self.most) {
                most = most.max(score);
            }
        }
        most
    }
}

/// A message, by the numbers of its sentences.
#[derive(Debug)]
struct Message {
    sentences: Range<usize>,
    fold: usize,
    brief: bool,
    clauses: Clauses,
    /// Its characters, as [`rise`] counts them.
    length: usize,
}

/// Scores by models that had not seen what they judge.
#[derive(Debug)]
struct Scores {
    /// Of each sentence.
    sentences: Vec<f32>,
    /// Of the loudest window of each listed sentence.
    within: Vec<f32>,
    /// Of each message: the greatest of its parts if it is brief; otherwise of its windows, less what its length raises the
    /// threshold by.
    messages: Vec<f32>,
}

/// Everything that is learned from.
#[derive(Debug)]
struct Data {
    lists: Vec<List>,
    sentences: Vec<Sentence>,
    /// Of each listed sentence, which are the first of `sentences`, the clauses.
    listed: Vec<Clauses>,
    messages: Vec<Message>,
    /// Of the file of lists, and of messages.csv.
    sha256: [String; 2],
}

impl Data {
    fn read(arguments: &Arguments) -> Result<Self> {
        let (lines, lists_sha256): (Vec<Listed>, _) = read(&arguments.lists)?;
        let mut names: BTreeMap<(bool, &str), usize> = BTreeMap::new();
        for line in &lines {
            ensure!(
                line.urgent <= 1,
                "{}: urgent is 1 or 0",
                arguments.lists.display()
            );
            names.insert((line.urgent == 1, &line.list), 0);
        }
        for (number, place) in (0..).zip(names.values_mut()) {
            *place = number;
        }
        let lists: Vec<List> = names
            .keys()
            .map(|(urgent, name)| List {
                name: (*name).to_owned(),
                urgent: *urgent,
            })
            .collect();
        ensure!(
            lists.iter().filter(|list| list.urgent).count() > 1
                && lists.iter().filter(|list| !list.urgent).count() > 1,
            "two lists of emergencies and two of ordinary sentences are needed"
        );
        let mut sentences: Vec<Sentence> = lines
            .iter()
            .map(|line| Sentence {
                values: values(View::new(&line.text).chars()),
                urgent: line.urgent == 1,
                part: Part::List(names[&(line.urgent == 1, line.list.as_str())]),
            })
            .collect();

        let listed = lines
            .iter()
            .map(|line| {
                let view = View::new(&line.text);
                let latin = text::language(&line.text) == Language::English;
                Clauses::of([(&view, text::sentences(&view))], latin)
            })
            .collect();

        let file = arguments.data.join("messages.csv");
        let (lines, messages_sha256): (Vec<Line>, _) = read(&file)?;
        let bytes = fs::read(&file)?;
        let mut classes: Vec<String> = lines.iter().map(|line| line.label.clone()).collect();
        classes.sort();
        classes.dedup();
        let folds = Rows::of(&lines, classes, &bytes, 0).folds(FOLDS, arguments.seed);
        let mut messages = Vec::with_capacity(lines.len());
        for (line, fold) in lines.iter().zip(folds) {
            let from = sentences.len();
            let read = Read::of(&line.subject, &line.body);
            sentences.extend(read.parts.into_iter().map(|values| Sentence {
                values,
                urgent: false,
                part: Part::Messages(fold),
            }));
            messages.push(Message {
                sentences: from..sentences.len(),
                fold,
                brief: read.brief,
                clauses: read.clauses,
                length: read.length,
            });
        }
        Ok(Self {
            lists,
            sentences,
            listed,
            messages,
            sha256: [lists_sha256, messages_sha256],
        })
    }

    /// What is left out in turn `number`: a fifth of the messages and of the
    /// lists. Lists of one number have one author and are left out together.
    fn left_out(&self, number: usize) -> Vec<Part> {
        let turn = |list: &List| {
            let digits = list.name.trim_start_matches(|c: char| !c.is_ascii_digit());
            digits.parse::<usize>().map_or(0, |number| number % FOLDS)
        };
        let lists = (0..self.lists.len()).filter(|at| turn(&self.lists[*at]) == number);
        let mut parts: Vec<Part> = lists.map(Part::List).collect();
        parts.push(Part::Messages(number));
        parts
    }

    /// Learns from all sentences but those of the parts `without`.
    fn learn(&self, without: &[Part]) -> Linear {
        let mut matrix = Matrix {
            columns: PLACES,
            ..Matrix::default()
        };
        matrix.starts.push(0);
        let (mut classes, mut penalties) = (Vec::new(), Vec::new());
        for sentence in &self.sentences {
            if without.contains(&sentence.part) {
                continue;
            }
            for (place, value) in &sentence.values {
                matrix.indices.push(*place);
                matrix.values.push(*value);
            }
            matrix.starts.push(matrix.indices.len());
            classes.push(usize::from(sentence.urgent));
            penalties.push(match sentence.part {
                Part::List(_) => PENALTY / LISTED,
                Part::Messages(_) => PENALTY / SAID,
            });
        }
        let urgent = classes.iter().sum::<usize>() as f64 / classes.len() as f64;
        weighted(&matrix, &classes, vec![1.0 - urgent, urgent], &penalties)
    }

    /// The scores of everything by models that had not seen it.
    fn unseen(&self) -> Result<Scores> {
        let turns = parallel(FOLDS, |turn| {
            let without = self.left_out(turn);
            let model = builder(&self.learn(&without), Thresholds::default());
            (without, model)
        });
        let bytes: Vec<Vec<u8>> = turns.iter().map(|(_, model)| model.bytes()).collect();
        let models = bytes
            .iter()
            .map(|bytes| Alarm::new(bytes))
            .collect::<Result<Vec<_>, _>>()?;
        // Every part is left out in one turn.
        let turn = |part: Part| {
            turns
                .iter()
                .position(|(without, _)| without.contains(&part))
                .unwrap_or(0)
        };
        let sentences: Vec<f32> = self
            .sentences
            .iter()
            .map(|sentence| score(&turns[turn(sentence.part)].1, &sentence.values))
            .collect();
        let within = self.sentences.iter().zip(&self.listed);
        let within = within
            .map(|(sentence, clauses)| clauses.loudest(&models[turn(sentence.part)]))
            .collect();
        let messages = self
            .messages
            .iter()
            .map(|message| {
                if message.brief {
                    let scores = &sentences[message.sentences.clone()];
                    return scores.iter().copied().fold(f32::MIN, f32::max);
                }
                let model = &models[turn(Part::Messages(message.fold))];
                message.clauses.loudest(model) - rise(message.length)
            })
            .collect();
        Ok(Scores {
            sentences,
            within,
            messages,
        })
    }

    /// Those of `scores`, which stand in the order of the sentences, that belong to a list.
    fn of_list<'d>(&'d self, number: usize, scores: &'d [f32]) -> impl Iterator<Item = f32> + 'd {
        let of = move |(sentence, _): &(&Sentence, &f32)| sentence.part == Part::List(number);
        self.sentences
            .iter()
            .zip(scores)
            .filter(of)
            .map(|(_, score)| *score)
    }

    /// The score of each message that is brief, or of each that is not.
    fn of_messages(&self, brief: bool, scores: &Scores) -> Vec<f32> {
        self.messages
            .iter()
            .zip(&scores.messages)
            .filter(|(message, _)| message.brief == brief)
            .map(|(_, score)| *score)
            .collect()
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &std::path::Path) -> Result<(Vec<T>, String)> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let lines = csv::Reader::from_reader(bytes.as_slice())
        .deserialize()
        .collect::<Result<_, _>>()
        .with_context(|| format!("{} has other columns", file.display()))?;
    Ok((lines, hex(&Sha256::digest(&bytes))))
}

/// A message as it is learned from and as the handler judges it.
#[derive(Debug)]
struct Read {
    /// The grams of subject and body if it is brief; otherwise of parts of at most [`BRIEF`] characters, or a clause each.
    parts: Vec<Vec<(u32, f32)>>,
    clauses: Clauses,
    brief: bool,
    length: usize,
}

impl Read {
    fn of(subject: &str, body: &str) -> Self {
        let (subject, body) = (
            View::new(&text::tidy_line(subject)),
            View::new(&text::tidy(body)),
        );
        let language = text::language(&body.chars().iter().collect::<String>());
        let times = match language {
            Language::English => LATIN,
            _ => 1,
        };
        let length = subject.chars().len() + body.chars().len();
        let brief = length <= BRIEF * times;
        let all = |view: &View| text::Sentence {
            start: 0,
            end: view.chars().len(),
        };
        let sentences = match brief {
            true => vec![all(&body)],
            false => text::sentences(&body),
        };
        let views = [(&subject, vec![all(&subject)]), (&body, sentences)];
        let most = if brief { usize::MAX } else { BRIEF * times };
        let mut parts = Vec::new();
        for (view, sentences) in &views {
            for sentence in sentences {
                let parts_of = text::clauses(view, *sentence, most);
                let grams = |part: text::Sentence| values(&view.chars()[part.start..part.end]);
                parts.extend(parts_of.into_iter().map(grams));
            }
        }
        parts.retain(|values| !values.is_empty());
        Self {
            parts,
            clauses: Clauses::of(views, times == LATIN),
            brief,
            length: length / times,
        }
    }
}

/// From, or up to, which score on what; see [`AlarmBuilder`].
#[derive(Clone, Copy, Debug, Default)]
struct Thresholds {
    brief: f32,
    long: f32,
    quiet: f32,
}

impl Thresholds {
    fn of(data: &Data, scores: &Scores) -> Self {
        let listed = |urgent: bool| {
            (0..data.lists.len())
                .filter(|list| data.lists[*list].urgent == urgent)
                .flat_map(|list| data.of_list(list, &scores.sentences))
                .collect::<Vec<f32>>()
        };
        // The scores upside down: the fewest emergencies below.
        let calm = listed(true).into_iter().map(|score| -score).collect();
        Self {
            brief: threshold(listed(false), BRIEF_ALARMS),
            long: threshold(data.of_messages(false, scores), LONG_ALARMS),
            quiet: -threshold(calm, CALMED),
        }
    }
}

fn builder(linear: &Linear, thresholds: Thresholds) -> AlarmBuilder {
    AlarmBuilder {
        bias: linear.bias[1],
        brief: thresholds.brief,
        long: thresholds.long,
        quiet: thresholds.quiet,
        weights: linear.weights.iter().skip(1).step_by(2).copied().collect(),
    }
}

fn score(model: &AlarmBuilder, values: &[(u32, f32)]) -> f32 {
    let sum: f32 = values
        .iter()
        .map(|(place, value)| value * model.weights[*place as usize])
        .sum();
    model.bias + sum
}

/// The score that at most `part` of `scores` reach.
fn threshold(mut scores: Vec<f32>, part: f64) -> f32 {
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    let first = (scores.len() as f64 * part) as usize;
    // Just above the first that must not alarm.
    scores.get(first).map_or(f32::MAX, |score| score.next_up())
}

/// How many of `scores` alarm from `threshold` on, and how many there are.
fn alarms(scores: impl IntoIterator<Item = f32>, threshold: f32) -> (usize, usize) {
    scores.into_iter().fold((0, 0), |(alarms, all), score| {
        (alarms + usize::from(score >= threshold), all + 1)
    })
}

/// Trains, measures, and writes the model with its card.
pub(crate) fn train(arguments: &Arguments) -> Result<()> {
    let data = Data::read(arguments)?;
    eprintln!(
        "{} lists, {} sentences with those of {} messages",
        data.lists.len(),
        data.sentences.len(),
        data.messages.len()
    );
    let scores = data.unseen()?;
    let thresholds = Thresholds::of(&data, &scores);
    if let Some(file) = &arguments.scores {
        fs::write(file, unseen_csv(&data, &scores))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    let bytes = builder(&data.learn(&[]), thresholds).bytes();
    Alarm::new(&bytes)?;
    let card = card(arguments, &data, &scores, thresholds, &bytes);
    eprint!("{}", &card[card.find("## Measured").unwrap_or(0)..]);
    write(
        &arguments.out,
        &[("urgency.bin", bytes), ("urgency.md", card.into_bytes())],
    )
}

/// The scores by models that had not seen the row, as CSV: those of the lists
/// line by line, as a brief message and within one of the usual length, and
/// those of each message.
fn unseen_csv(data: &Data, scores: &Scores) -> String {
    let mut out = String::from("row,part,brief,score\n");
    let listed = data.sentences.iter().zip(&scores.sentences);
    for (at, ((sentence, score), within)) in listed.zip(&scores.within).enumerate() {
        if let Part::List(list) = sentence.part {
            let name = &data.lists[list].name;
            let _ = writeln!(out, "{},{name},true,{score}", at + 1);
            let _ = writeln!(out, "{},{name},false,{within}", at + 1);
        }
    }
    for (at, (message, score)) in data.messages.iter().zip(&scores.messages).enumerate() {
        let _ = writeln!(out, "{},messages,{},{score}", at + 1, message.brief);
    }
    out
}

fn card(
    arguments: &Arguments,
    data: &Data,
    scores: &Scores,
    Thresholds { brief, long, quiet }: Thresholds,
    bytes: &[u8],
) -> String {
    let mut out = String::new();
    let listed = |urgent: bool| {
        data.sentences
            .iter()
            .filter(|sentence| sentence.urgent == urgent && matches!(sentence.part, Part::List(_)))
            .count()
    };
    let _ = write!(
        out,
        "# The model `urgency.bin`\n\n\
         Made by `cargo xtask train --only urgency --data DIR --date {} --seed {}`; do not edit: this card is made with it.\n\n\
         - What for: a second ear beside the words of `signs.toml`: for emergencies that nobody has put into words, and against words in sentences that sound like everyday life; the handler of the stage intake asks it\n\
         - Rows: {} emergencies and {} ordinary sentences, written for this project (`tests/data/urgency_development.csv`, SHA-256 {}); {} sentences of {} messages to authorities, all taken as ordinary (messages.csv, SHA-256 {}); the shipped weights come from all of them, the thresholds from scores of models that had not seen the row\n\
         - Method: least squares, penalty {PENALTY}; single words or characters and pairs of them, those that the text begins and ends with once more, in {PLACES} places by their hash; a listed sentence weighs {LISTED}, one of a message {SAID}; weights in 8 bits\n\
         - Thresholds: {brief:.3} for a message of at most {BRIEF} characters ({} % of the ordinary lists may alarm), {long:.3} for a window of one of {USUAL}, which is clauses of at most {WINDOW}, more in longer ones and less in shorter ones ({} % of the messages may alarm); below {quiet:.3} no word alarms ({} % of the emergencies may be below)\n\
         - File: {} bytes, SHA-256 {}\n\
         - Licence: the messages are public data of a contest of 2020 without a stated licence and are not part of this project; no message can be read from the weights. The model is licensed like the project (Apache-2.0).\n\n\
         ## Measured\n\n\
         The model alone, without the words. A fifth of the lists was left out in turn, those of one author together, and a fifth of the messages with it. All lists have few authors, so a stranger's sentences are caught less often.\n\n\
         | list | sentences | alarms | part |\n|---|---|---|---|\n",
        arguments.date,
        arguments.seed,
        listed(true),
        listed(false),
        data.sha256[0],
        data.sentences.len() - listed(true) - listed(false),
        data.messages.len(),
        data.sha256[1],
        BRIEF_ALARMS * 100.0,
        LONG_ALARMS * 100.0,
        CALMED * 100.0,
        bytes.len(),
        hex(&Sha256::digest(bytes)),
    );
    let mut line = |name: &str, (alarms, all): (usize, usize)| {
        let part = alarms as f64 / all.max(1) as f64;
        let _ = writeln!(out, "| {name} | {all} | {alarms} | {part:.4} |");
    };
    for urgent in [true, false] {
        let (mut sum, mut late) = ((0, 0), 0);
        for (number, list) in data.lists.iter().enumerate() {
            if list.urgent == urgent {
                let found = alarms(data.of_list(number, &scores.sentences), brief);
                sum = (sum.0 + found.0, sum.1 + found.1);
                line(&list.name, found);
                late += alarms(data.of_list(number, &scores.within), long).0;
            }
        }
        let name = if urgent {
            "emergencies"
        } else {
            "ordinary sentences"
        };
        line(&format!("**all {name}**"), sum);
        line(
            &format!("all {name}, each within a message of {USUAL} characters"),
            (late, sum.1),
        );
    }
    line(
        "brief messages",
        alarms(data.of_messages(true, scores), brief),
    );
    line(
        "longer messages",
        alarms(data.of_messages(false, scores), long),
    );
    out.push_str(COMPARED);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_lets_no_more_than_its_part_alarm() {
        let scores: Vec<f32> = (0..100).map(|at| at as f32 / 100.0).collect();
        let at = threshold(scores.clone(), 0.03);
        assert_eq!(alarms(scores.clone(), at), (3, 100));
        assert_eq!(alarms(scores, threshold(vec![], 0.03)), (0, 100));
        let equal = vec![0.5; 10];
        assert_eq!(alarms(equal.clone(), threshold(equal, 0.2)).0, 0);
    }

    #[test]
    fn a_brief_message_is_judged_as_one() {
        let brief = Read::of("", "救命！着火了。");
        assert!(brief.brief && brief.parts.len() == 1);
        let long = Read::of("路灯", &"路灯坏了，请来修。".repeat(6));
        assert!(!long.brief && long.parts.len() == 7);
        let clauses: Vec<usize> = long.clauses.sentences.iter().map(Vec::len).collect();
        assert_eq!(clauses, [1, 2, 2, 2, 2, 2, 2]);
        let last = long.clauses.sentences[6][1].clone();
        assert_eq!(
            long.clauses.chars[last].iter().collect::<String>(),
            "请来修。"
        );
    }
}

//! A second ear for emergencies, beside the words that a district lists: how
//! much a sentence sounds like those that people wrote in danger.
//!
//! It has a say in both directions: a sentence that sounds dangerous alarms
//! without a word of the district's, and one that sounds like everyday life
//! does not alarm because of a word alone.
//!
//! Linear over words of one and two characters, and those that the text begins
//! and ends with, each counted in one of [`PLACES`] places by its hash: no list
//! of them has to be kept. The trainer (`crates/train`) and the handler of the
//! stage intake use the same code.
//!
//! A brief message is judged as one ([`Alarm::score`]). Of a longer one, every
//! run of neighbouring clauses is ([`Alarm::windows`]): many people write
//! nothing but commas, and the one clause that matters must be heard among
//! them. Each clause is read once ([`Alarm::listen`]); what a window scores
//! comes out of its clauses' sums.
//!
//! The file, little-endian: the eight bytes of [`MAGIC`]; the score of a
//! sentence without any gram, from which score on a brief message and a window
//! of one of [`USUAL`] characters alarm, and up to which score a word does not
//! alarm (f32 each); the greatest weight (f32); the weights of the places (i8
//! each, see [`expand`]).

use std::ops::Range;

use crate::file::{FileError, compress, expand};
use crate::judge::log_count;

/// The id of the signal that the model raises. A district without a signal of
/// this id does without the model.
pub const SIGNAL: &str = "possible-emergency";
/// Places that grams are counted in.
pub const PLACES: usize = 1 << 18;
/// A message of at most as many characters is one cry and judged as one; a
/// Latin one may be [`LATIN`] times longer, and so may [`WINDOW`] and [`USUAL`].
pub const BRIEF: usize = 45;
/// Clauses are judged together that are at most as many characters long.
pub const WINDOW: usize = 30;
/// The length of a message at which the threshold for its windows stands in
/// the file.
pub const USUAL: usize = 200;
/// Latin words are about as many times longer than Chinese ones.
pub const LATIN: usize = 3;

/// What a file begins with; the digit is the format's version.
const MAGIC: &[u8; 8] = b"wzalarm3";
const HEAD: usize = 28;
/// How much higher the threshold for windows is with every e-fold of the
/// message's length: one of very many windows sounds like danger by chance.
const RISE: f32 = 0.08;
/// A window of fewer units says too little to be judged, unless it is the
/// whole sentence.
const LEAST: u32 = 5;
/// The most letters of an anonymised place before its 市, 区 or 县.
const PLACE_LETTERS: usize = 4;

/// A model, read where it lies.
#[derive(Clone, Debug)]
pub struct Alarm<'a> {
    bias: f32,
    brief: f32,
    long: f32,
    quiet: f32,
    most: f32,
    weights: &'a [u8],
}

impl<'a> Alarm<'a> {
    /// Reads the model in `bytes`.
    ///
    /// # Errors
    /// When the bytes are not a model.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FileError> {
        let (head, weights) = bytes.split_at_checked(HEAD).ok_or(FileError::Length)?;
        if &head[..8] != MAGIC {
            return Err(FileError::Magic);
        }
        if weights.len() != PLACES {
            return Err(FileError::Length);
        }
        let number =
            |at: usize| f32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let model = Self {
            bias: number(8),
            brief: number(12),
            long: number(16),
            quiet: number(20),
            most: number(24),
            weights,
        };
        let finite = [model.bias, model.brief, model.long, model.quiet, model.most]
            .iter()
            .all(|value| value.is_finite());
        if finite {
            Ok(model)
        } else {
            Err(FileError::Content("a number is not finite"))
        }
    }

    /// How much the folded characters `chars` sound like danger, judged as one:
    /// about 0 for what people write every day, about 1 for a cry for help.
    pub fn score(&self, chars: &[char]) -> f32 {
        let mut sum = 0.0;
        for (place, value) in values(chars) {
            sum += value * expand(self.weights[place as usize] as i8, self.most);
        }
        self.bias + sum
    }

    /// Reads each of the `clauses` of a sentence of the folded characters
    /// `chars`.
    pub fn listen(
        &self,
        chars: &[char],
        clauses: impl IntoIterator<Item = Range<usize>>,
    ) -> Vec<Clause> {
        let listen = |range: Range<usize>| {
            let mut clause = Clause {
                start: range.start,
                end: range.end,
                ..Clause::default()
            };
            clause.units = grams(&chars[range], |place, stands| {
                let weight = expand(self.weights[place as usize] as i8, self.most);
                clause.sums[stands as usize] += weight;
                clause.counts[stands as usize] += 1;
            });
            clause
        };
        clauses.into_iter().map(listen).collect()
    }

    /// Every window of the `clauses` of a sentence with its score: each run of
    /// neighbours of at most `most` characters, and each clause that is longer.
    ///
    /// The score is [`Alarm::score`]'s, but that a gram counts in full as often
    /// as it occurs: so much, sums can say.
    pub fn windows(
        &self,
        clauses: &[Clause],
        most: usize,
    ) -> impl Iterator<Item = (Range<usize>, f32)> {
        (0..clauses.len()).flat_map(move |first| {
            let (begin, mut units, mut sum, mut count) = (&clauses[first], 0, 0.0, 0);
            clauses[first..]
                .iter()
                .enumerate()
                .take_while(move |(at, end)| *at == 0 || end.end - begin.start <= most)
                .filter_map(move |(at, end)| {
                    units += end.units;
                    sum += end.sums[Anywhere as usize];
                    count += end.counts[Anywhere as usize];
                    let whole = at + 1 == clauses.len();
                    if units == 0 || units < LEAST && !whole {
                        return None;
                    }
                    let sum = sum + begin.sums[Begins as usize] + end.sums[Ends as usize];
                    let count = count + begin.counts[Begins as usize] + end.counts[Ends as usize];
                    let score = self.bias + sum / (count as f32).sqrt();
                    Some((begin.start..end.end, score))
                })
        })
    }

    /// Whether a brief message with `score` alarms.
    pub fn hears(&self, score: f32) -> bool {
        score >= self.brief
    }

    /// From which score on a window alarms, of a message of `length` characters
    /// that is not brief; of Latin ones, [`LATIN`] count as one.
    pub fn threshold(&self, length: usize) -> f32 {
        self.long + rise(length)
    }

    /// Whether a text with `score` sounds so much like everyday life that a
    /// word in it is no sign of danger.
    pub fn calms(&self, score: f32) -> bool {
        score < self.quiet
    }
}

/// How much louder a window has to be in a message of `length` characters than
/// in one of [`USUAL`] length; negative in shorter ones.
pub fn rise(length: usize) -> f32 {
    RISE * libm::logf(length.max(1) as f32 / USUAL as f32)
}

/// What a model has heard of a clause.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clause {
    start: usize,
    end: usize,
    units: u32,
    /// Of the weights of the grams, by [`Stands`].
    sums: [f32; 3],
    counts: [u32; 3],
}

/// What a file is made of.
#[derive(Clone, Debug)]
pub struct AlarmBuilder {
    /// The score of a text without grams.
    pub bias: f32,
    /// From which score on a brief message alarms.
    pub brief: f32,
    /// From which score on a window of a message of [`USUAL`] length alarms.
    pub long: f32,
    /// Up to which score a word does not alarm.
    pub quiet: f32,
    /// The weight of each of the [`PLACES`] places.
    pub weights: Vec<f32>,
}

impl AlarmBuilder {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        let most = self
            .weights
            .iter()
            .fold(0.0f32, |most, weight| most.max(weight.abs()));
        let mut out = MAGIC.to_vec();
        for number in [self.bias, self.brief, self.long, self.quiet, most] {
            out.extend(number.to_le_bytes());
        }
        out.extend(
            self.weights
                .iter()
                .map(|weight| compress(*weight, most) as u8),
        );
        out
    }
}

/// The places of the grams of `chars`, in order, with what each counts: more
/// with every time it occurs, but less than twice as much for two; the squares
/// add up to one.
pub fn values(chars: &[char]) -> Vec<(u32, f32)> {
    let mut places = Vec::with_capacity(2 * chars.len() + 4);
    grams(chars, |place, _| places.push(place));
    places.sort_unstable();
    let mut values: Vec<(u32, f32)> = places
        .chunk_by(|a, b| a == b)
        .map(|run| (run[0], log_count(run.len() as u32)))
        .collect();
    let square: f32 = values.iter().map(|(_, value)| value * value).sum();
    if square > 0.0 {
        let factor = 1.0 / square.sqrt();
        for (_, value) in &mut values {
            *value *= factor;
        }
    }
    values
}

/// Where a gram counts.
#[derive(Clone, Copy)]
enum Stands {
    Anywhere,
    /// Where a text begins only.
    Begins,
    /// Where it ends only.
    Ends,
}
use Stands::{Anywhere, Begins, Ends};

/// What keeps the hashes of the grams apart, beside that of a single unit.
const PAIR: char = '|';
const BEGIN: char = '<';
const END: char = '>';

/// Hands on the place of every gram: of each unit, of each with the one before,
/// and once more of the unit and the pair that the text begins and ends with.
/// Returns the number of units.
///
/// A unit is a Chinese character, a Latin word or a number, whichever it is.
/// No pair reaches over a sign. Anonymised names of places (`A3区`) count for
/// nothing: they stand in the messages that models learn from, and in no
/// citizen's.
fn grams(chars: &[char], mut take: impl FnMut(u32, Stands)) -> u32 {
    // The last unit, and the one before it if they are joined.
    let mut last: Option<(u32, Option<u32>)> = None;
    let mut units = 0;
    // Whether the unit before is a Latin word, and where it ends.
    let (mut was_latin, mut ended) = (false, 0);
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let (end, latin) = match c {
            'a'..='z' => {
                if let Some(length) = place(&chars[at..]) {
                    at += length;
                    continue;
                }
                (at + run(&chars[at..], |c| c.is_ascii_lowercase()), true)
            }
            '0'..='9' => (at + run(&chars[at..], |c| c.is_ascii_digit()), false),
            _ => (at + 1, false),
        };
        if !text::is_alphanumeric(c) {
            at = end;
            continue;
        }
        let unit = if c.is_ascii_digit() {
            hash(START, '0')
        } else {
            chars[at..end].iter().fold(START, |sum, c| hash(sum, *c))
        };
        let joined = ended == at || latin && was_latin && ended + 1 == at && chars[ended] == ' ';
        let before = last.map(|(unit, _)| unit).filter(|_| joined);
        take(fold(unit), Anywhere);
        if units == 0 {
            take(fold(hash(unit, BEGIN)), Begins);
        }
        if let Some(before) = before {
            take(fold(both(before, unit, PAIR)), Anywhere);
            if units == 1 {
                take(fold(both(before, unit, BEGIN)), Begins);
            }
        }
        units += 1;
        last = Some((unit, before));
        (was_latin, ended, at) = (latin, end, end);
    }
    if let Some((unit, before)) = last {
        take(fold(hash(unit, END)), Ends);
        if let Some(before) = before {
            take(fold(both(before, unit, END)), Ends);
        }
    }
    units
}

/// The hash of two in order; `sign` says what they are to each other.
fn both(first: u32, second: u32, sign: char) -> u32 {
    // The sign keeps "ab" apart from "a" beside "b".
    (first.rotate_left(15) ^ hash(second, sign)).wrapping_mul(PRIME)
}

/// The 32-bit offset and prime of FNV-1a.
const START: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

fn hash(sum: u32, c: char) -> u32 {
    (c as u32).to_le_bytes().iter().fold(sum, |sum, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(PRIME)
    })
}

/// The place of a hash: all its bits have a say.
fn fold(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 15).wrapping_mul(0x2c1b_3c6d);
    (hash ^ hash >> 16) & (PLACES as u32 - 1)
}

/// The length of the anonymised place that `chars` begin with, its 市, 区 or 县
/// included.
fn place(chars: &[char]) -> Option<usize> {
    let length = 1 + run(&chars[1..], |c| c.is_ascii_digit());
    (length <= PLACE_LETTERS && matches!(chars.get(length), Some('市' | '区' | '县')))
        .then_some(length + 1)
}

fn run(chars: &[char], of: impl Fn(char) -> bool) -> usize {
    chars.iter().take_while(|c| of(**c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use text::View;

    fn of(text: &str) -> Vec<u32> {
        let mut places = Vec::new();
        grams(View::new(text).chars(), |place, _| places.push(place));
        places
    }

    /// A model that hears fire.
    fn bytes() -> Vec<u8> {
        let mut weights = vec![0.0; PLACES];
        for place in of("着火") {
            weights[place as usize] = 1.0;
        }
        AlarmBuilder {
            bias: 0.1,
            brief: 0.5,
            long: 2.0,
            quiet: 0.2,
            weights,
        }
        .bytes()
    }

    #[test]
    fn words_numbers_and_characters_are_one_each() {
        assert_eq!(of("着火"), of(" 着火！"));
        // Two units, their pair, and each end with one and two units.
        assert_eq!(of("着火").len(), 7);
        assert_eq!(of("着，火").len(), 4, "no pair reaches over a comma");
        assert_eq!(of("on fire").len(), 7);
        // A third unit brings itself and a pair.
        assert_eq!(of("着火了").len(), 9);
        assert_eq!(of("着火，了").len(), 7);
        assert_eq!(of("3楼"), of("１２楼"));
        assert_eq!(of("A3区着火"), of("着火"));
        assert!(of(" 。!?").is_empty());
        assert!(!of("a b").contains(&of("ab")[0]), "a word is not two");
        let shared = |a: &str, b: &str| of(a).iter().filter(|place| of(b).contains(place)).count();
        assert_eq!(shared("着火", "火着"), 2, "order counts");
    }

    #[test]
    fn is_read_as_written() {
        let bytes = bytes();
        let model = Alarm::new(&bytes).expect("a model");
        let score = |text: &str| model.score(View::new(text).chars());
        assert_eq!(score(""), 0.1);
        assert!(model.hears(score("着火")));
        assert!(score("着火") > score("隔壁着火了"));
        assert!(!model.hears(score("路灯")));
        assert!(model.calms(score("路灯")) && !model.calms(score("着火")));
        assert_eq!(Alarm::new(&bytes[1..]).err(), Some(FileError::Magic));
        assert_eq!(Alarm::new(&bytes[..PLACES]).err(), Some(FileError::Length));
    }

    /// The windows of `text`, whose clauses end at commas, with their scores.
    fn windows(text: &str, most: usize) -> Vec<(String, f32)> {
        let bytes = bytes();
        let model = Alarm::new(&bytes).expect("a model");
        let view = View::new(text);
        let chars = view.chars();
        let mut start = 0;
        let clauses = chars.split_inclusive(|c| *c == ',').map(|clause| {
            let from = start;
            start += clause.len();
            from..start
        });
        let clauses = model.listen(chars, clauses);
        let text = |range: Range<usize>| chars[range].iter().collect();
        model
            .windows(&clauses, most)
            .map(|(range, score)| (text(range), score))
            .collect()
    }

    #[test]
    fn windows_are_runs_of_clauses() {
        let texts = |text: &str, most: usize| -> Vec<String> {
            windows(text, most)
                .into_iter()
                .map(|(text, _)| text)
                .collect()
        };
        assert_eq!(
            texts("路灯坏了,没有人来修理,快来人", 13),
            [
                "路灯坏了,没有人来修理,",
                "没有人来修理,",
                "没有人来修理,快来人"
            ]
        );
        // What is longer is judged alone, and what says little if it is all that is said.
        assert_eq!(texts("路灯坏了没有人,灯", 3), ["路灯坏了没有人,"]);
        assert_eq!(texts("着火", 3), ["着火"]);
        assert!(texts("!,?", 3).is_empty());
    }

    #[test]
    fn a_clause_is_heard_among_others() {
        let bytes = bytes();
        let model = Alarm::new(&bytes).expect("a model");
        let most = |text: &str| {
            windows(text, 12)
                .into_iter()
                .map(|(_, score)| score)
                .fold(f32::MIN, f32::max)
        };
        let loud = most("物业说没人管,着火,请来看看路灯的事");
        assert!(loud > most("物业说没人管,路灯,请来看看路灯的事"));
        // The longer the message, the louder it has to be.
        assert_eq!(model.threshold(USUAL), 2.0);
        assert!(model.threshold(USUAL / 2) < 2.0 && model.threshold(USUAL * 2) > 2.0);
    }

    proptest! {
        #[test]
        fn a_window_scores_as_its_text(text in "[着火灯a1]{2,3}( [着火b2]{2,3})?,[水电路]{3,5},?") {
            // In which no gram occurs twice, or it counts more.
            let bytes = bytes();
            let model = Alarm::new(&bytes).expect("a model");
            for (part, score) in windows(&text, 30) {
                let view = View::new(&part);
                let places = of(&part);
                let mut once = places.clone();
                once.sort_unstable();
                once.dedup();
                if once.len() == places.len() {
                    prop_assert!((score - model.score(view.chars())).abs() < 1e-4, "{}", part);
                }
            }
        }

        #[test]
        fn any_text_has_values_of_length_one(text in any::<String>()) {
            let values = values(View::new(&text).chars());
            let square: f32 = values.iter().map(|(_, value)| value * value).sum();
            prop_assert!(values.is_empty() || (square - 1.0).abs() < 1e-3);
            prop_assert!(values.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(values.iter().all(|(place, _)| (*place as usize) < PLACES));
        }
    }
}

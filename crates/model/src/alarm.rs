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
//! The file, little-endian: the eight bytes of [`MAGIC`]; the score of a
//! sentence without any gram, from which score on a brief message and a part
//! of a longer one alarm, and up to which score a word does not alarm (f32
//! each); the greatest weight (f32); the weights of the places (i8 each, see
//! [`expand`]).

use crate::file::{FileError, compress, expand};
use crate::judge::log_count;

/// The id of the signal that the model raises. A district without a signal of
/// this id does without the model.
pub const SIGNAL: &str = "possible-emergency";
/// Places that grams are counted in.
pub const PLACES: usize = 1 << 18;
/// A message of at most as many characters is one cry and judged as one, and
/// longer sentences are judged in parts of at most as many; Latin ones may be
/// [`LATIN`] times longer.
pub const BRIEF: usize = 45;
/// Latin words are about as many times longer than Chinese ones.
pub const LATIN: usize = 3;

/// What a file begins with; the digit is the format's version.
const MAGIC: &[u8; 8] = b"wzalarm2";
const HEAD: usize = 28;
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

    /// How much the folded characters `chars` sound like danger: about 0 for
    /// what people write every day, about 1 for a cry for help.
    pub fn score(&self, chars: &[char]) -> f32 {
        let mut sum = 0.0;
        for (place, value) in values(chars) {
            sum += value * expand(self.weights[place as usize] as i8, self.most);
        }
        self.bias + sum
    }

    /// Whether a text with `score` alarms; `brief` says that it is a whole
    /// message of at most [`BRIEF`] characters.
    pub fn hears(&self, score: f32, brief: bool) -> bool {
        score >= if brief { self.brief } else { self.long }
    }

    /// Whether a text with `score` sounds so much like everyday life that a
    /// word in it is no sign of danger.
    pub fn calms(&self, score: f32) -> bool {
        score < self.quiet
    }
}

/// What a file is made of.
#[derive(Clone, Debug)]
pub struct AlarmBuilder {
    /// The score of a text without grams.
    pub bias: f32,
    /// From which score on a brief message alarms.
    pub brief: f32,
    /// From which score on a part of a longer message alarms.
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
    let mut places = places(chars);
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

/// What keeps the hashes of the grams apart, beside that of a single unit.
const PAIR: char = '|';
const BEGIN: char = '<';
const END: char = '>';

/// The place of every gram: of each unit, of each with the one before, and
/// once more of the unit and the pair that the text begins and ends with.
///
/// A unit is a Chinese character, a Latin word or a number, whichever it is.
/// No pair reaches over a sign. Anonymised names of places (`A3区`) count for
/// nothing: they stand in the messages that models learn from, and in no
/// citizen's.
fn places(chars: &[char]) -> Vec<u32> {
    let mut places = Vec::with_capacity(2 * chars.len() + 4);
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
        if !c.is_alphanumeric() {
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
        places.push(fold(unit));
        if units == 0 {
            places.push(fold(hash(unit, BEGIN)));
        }
        if let Some(before) = before {
            places.push(fold(both(before, unit, PAIR)));
            if units == 1 {
                places.push(fold(both(before, unit, BEGIN)));
            }
        }
        units += 1;
        last = Some((unit, before));
        (was_latin, ended, at) = (latin, end, end);
    }
    if let Some((unit, before)) = last {
        places.push(fold(hash(unit, END)));
        places.extend(before.map(|before| fold(both(before, unit, END))));
    }
    places
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
        places(View::new(text).chars())
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
        let mut weights = vec![0.0; PLACES];
        for place in of("着火") {
            weights[place as usize] = 1.0;
        }
        let builder = AlarmBuilder {
            bias: 0.1,
            brief: 0.5,
            long: 3.0,
            quiet: 0.2,
            weights,
        };
        let bytes = builder.bytes();
        let model = Alarm::new(&bytes).expect("a model");
        let score = |text: &str| model.score(View::new(text).chars());
        assert_eq!(score(""), 0.1);
        assert!(model.hears(score("着火"), true));
        assert!(!model.hears(score("着火"), false));
        assert!(score("着火") > score("隔壁着火了"));
        assert!(!model.hears(score("路灯"), true));
        assert!(model.calms(score("路灯")) && !model.calms(score("着火")));
        assert_eq!(Alarm::new(&bytes[1..]).err(), Some(FileError::Magic));
        assert_eq!(Alarm::new(&bytes[..PLACES]).err(), Some(FileError::Length));
    }

    proptest! {
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

//! The file of a trained model.
//!
//! Little-endian, in this order: the eight bytes of [`MAGIC`]; the number of
//! classes (u32) and each with its length (u32) and UTF-8; the bias of each
//! class (f32); the steepness of the shares (f32); the points of the curve of
//! confidence (u32, then pairs of f32); the number of characters (u32) and of
//! pairs (u32); the characters in order (u32 each); where the pairs of each
//! begin and the last end (u32 each); the second characters of the pairs (u16
//! each, index into the characters); then for each of the two blocks the
//! rarity of each gram (u8, see [`RARITY`]), the greatest weight (f32) and
//! the weights (i8 for each gram and class, see [`expand`]).

use crate::Block;

/// What a file begins with; the digit is the format's version.
const MAGIC: &[u8; 8] = b"wzmodel1";
/// Steps of rarity in one unit of inverse document frequency.
pub(crate) const RARITY: f32 = 24.0;
/// The most classes that a file may have.
const CLASSES: usize = 64;

/// Why a file is not a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It does not begin like one.
    #[error("it is not a model of this format")]
    Magic,
    /// It ends too early, or goes on too long.
    #[error("its length does not fit what it says")]
    Length,
    /// Its content breaks a rule of the format.
    #[error("{0}")]
    Content(&'static str),
}

/// A model, read where it lies.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    pub(crate) classes: Vec<&'a str>,
    pub(crate) bias: Vec<f32>,
    pub(crate) steepness: f32,
    curve: Vec<(f32, f32)>,
    chars: &'a [u8],
    starts: &'a [u8],
    seconds: &'a [u8],
    rarity: [&'a [u8]; 2],
    weights: [&'a [u8]; 2],
    values: [Vec<f32>; 2],
}

impl<'a> Model<'a> {
    /// Reads the model in `bytes`. Takes a time that does not depend on its
    /// size; [`Model::check`] looks at the rest.
    ///
    /// # Errors
    /// When the bytes are not a model.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FileError> {
        let mut reader = Reader(bytes);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(FileError::Magic);
        }
        let count = reader.u32()?;
        if !(2..=CLASSES).contains(&count) {
            return Err(FileError::Content("it has too few or too many classes"));
        }
        let mut classes = Vec::with_capacity(count);
        for _ in 0..count {
            let length = reader.u32()?;
            let name = std::str::from_utf8(reader.take(length)?)
                .map_err(|_| FileError::Content("the name of a class is not UTF-8"))?;
            classes.push(name);
        }
        let bias = (0..count).map(|_| reader.f32()).collect::<Result<_, _>>()?;
        let steepness = reader.f32()?;
        let points = reader.u32()?;
        if points == 0 || points > 1000 {
            return Err(FileError::Content(
                "the curve of confidence has too few or too many points",
            ));
        }
        let curve = (0..points)
            .map(|_| Ok((reader.f32()?, reader.f32()?)))
            .collect::<Result<_, FileError>>()?;
        let (singles, pairs) = (reader.u32()?, reader.u32()?);
        let grams = singles.checked_add(pairs).ok_or(FileError::Length)?;
        let chars = reader.list(singles, 4)?;
        let starts = reader.list(singles + 1, 4)?;
        let seconds = reader.list(pairs, 2)?;
        let (mut rarity, mut weights) = ([chars; 2], [chars; 2]);
        let mut values = [Vec::new(), Vec::new()];
        for block in 0..Block::ALL.len() {
            rarity[block] = reader.take(grams)?;
            let most = reader.f32()?;
            values[block] = (i8::MIN..=i8::MAX).map(|byte| expand(byte, most)).collect();
            weights[block] = reader.list(grams, count)?;
        }
        if !reader.0.is_empty() {
            return Err(FileError::Length);
        }
        Ok(Self {
            classes,
            bias,
            steepness,
            curve,
            chars,
            starts,
            seconds,
            rarity,
            weights,
            values,
        })
    }

    /// Looks at everything that [`Model::new`] leaves out: that what must be
    /// in order is, and that every number is finite.
    ///
    /// # Errors
    /// Names the first rule that is broken.
    pub fn check(&self) -> Result<(), FileError> {
        let rule = |holds: bool, what| {
            if holds {
                Ok(())
            } else {
                Err(FileError::Content(what))
            }
        };
        let singles = self.singles();
        let ordered = (1..singles).all(|at| self.char(at - 1) < self.char(at));
        rule(ordered, "the characters are not in order")?;
        let starts = (0..=singles).map(|at| self.start(at));
        rule(
            starts.is_sorted() && self.start(0) == 0 && self.start(singles) == self.pairs(),
            "the pairs do not fit the characters",
        )?;
        let pairs = (0..singles).all(|at| {
            let (from, to) = (self.start(at), self.start(at + 1));
            (from + 1..to).all(|pair| self.second(pair - 1) < self.second(pair))
        });
        rule(pairs, "the pairs are not in order")?;
        rule(
            (0..self.pairs()).all(|pair| self.second(pair) < singles),
            "a pair ends in no character",
        )?;
        let finite = self
            .bias
            .iter()
            .chain(self.values.iter().flatten())
            .all(|value| value.is_finite());
        rule(
            finite && self.steepness.is_finite() && self.steepness > 0.0,
            "a number is not finite",
        )?;
        let curve = self
            .curve
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let within = self
            .curve
            .iter()
            .all(|(x, y)| (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y));
        rule(curve && within, "the curve of confidence does not rise")
    }

    /// The names of the classes, in the order of the shares.
    pub fn classes(&self) -> &[&'a str] {
        &self.classes
    }

    /// How many grams it knows.
    pub fn grams(&self) -> usize {
        self.singles() + self.pairs()
    }

    /// How often a first class with `share` is right, from 0 to 1.
    pub fn confidence(&self, share: f32) -> f32 {
        on_curve(&self.curve, share)
    }

    /// The index of a single character.
    pub(crate) fn single(&self, c: char) -> Option<usize> {
        let (mut low, mut high) = (0, self.singles());
        while low < high {
            let middle = (low + high) / 2;
            match self.char(middle).cmp(&(c as u32)) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The index of a pair, given those of its characters; indices of pairs
    /// follow those of single characters.
    pub(crate) fn pair(&self, first: usize, second: usize) -> Option<usize> {
        let (mut low, mut high) = (self.start(first), self.start(first + 1).min(self.pairs()));
        while low < high {
            let middle = (low + high) / 2;
            match self.second(middle).cmp(&second) {
                std::cmp::Ordering::Equal => return Some(self.singles() + middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Whether gram `index` is a pair.
    pub(crate) fn is_pair(&self, index: usize) -> bool {
        index >= self.singles()
    }

    pub(crate) fn rarity(&self, block: Block, index: usize) -> f32 {
        f32::from(self.rarity[block as usize][index]) / RARITY
    }

    /// The weights of gram `index` for each class.
    pub(crate) fn weights(&self, block: Block, index: usize) -> impl Iterator<Item = f32> + '_ {
        let count = self.classes.len();
        let values = &self.values[block as usize];
        self.weights[block as usize][index * count..(index + 1) * count]
            .iter()
            .map(|byte| values[usize::from(byte.wrapping_add(0x80))])
    }

    fn singles(&self) -> usize {
        self.chars.len() / 4
    }

    fn pairs(&self) -> usize {
        self.seconds.len() / 2
    }

    fn char(&self, at: usize) -> u32 {
        number(self.chars, at)
    }

    fn start(&self, at: usize) -> usize {
        number(self.starts, at) as usize
    }

    fn second(&self, at: usize) -> usize {
        usize::from(u16::from_le_bytes([
            self.seconds[2 * at],
            self.seconds[2 * at + 1],
        ]))
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let at = 4 * at;
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The weight that `byte` stands for, when 127 stands for `most`: its square
/// keeps its sign, so that small weights, of which there are many, are kept
/// more exactly than great ones.
pub fn expand(byte: i8, most: f32) -> f32 {
    let part = f32::from(byte) / 127.0;
    part * part.abs() * most
}

/// The byte that [`expand`] makes nearly `weight` of.
pub fn compress(weight: f32, most: f32) -> i8 {
    if most <= 0.0 {
        return 0;
    }
    let part = (weight.abs() / most).min(1.0).sqrt() * 127.0;
    // Halves go up, which no machine does differently.
    let byte = (part + 0.5) as i8;
    if weight < 0.0 { -byte } else { byte }
}

/// The height at `x` of the straight lines between the points of `curve`, which
/// has at least one and is in order; it goes on level at both ends.
pub fn on_curve(curve: &[(f32, f32)], x: f32) -> f32 {
    let after = curve.partition_point(|(at, _)| *at <= x);
    let (x0, y0) = curve[after.max(1) - 1];
    match curve.get(after) {
        Some((x1, y1)) if after > 0 => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        _ => y0,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], FileError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(FileError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn list(&mut self, count: usize, each: usize) -> Result<&'a [u8], FileError> {
        self.take(count.checked_mul(each).ok_or(FileError::Length)?)
    }

    fn u32(&mut self) -> Result<usize, FileError> {
        Ok(number(self.take(4)?, 0) as usize)
    }

    fn f32(&mut self) -> Result<f32, FileError> {
        Ok(f32::from_bits(number(self.take(4)?, 0)))
    }
}

/// What a file is made of.
#[derive(Clone, Debug, Default)]
pub struct ModelBuilder {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// The bias of each class.
    pub bias: Vec<f32>,
    /// What scores are multiplied by before shares are made of them.
    pub steepness: f32,
    /// Share of the first class, and how often it is right: both rising.
    pub curve: Vec<(f32, f32)>,
    /// Single characters, in order.
    pub singles: Vec<char>,
    /// Pairs as indices into `singles`, in order.
    pub pairs: Vec<(u16, u16)>,
    /// For each block and gram: inverse document frequency in steps of [`RARITY`].
    pub rarity: [Vec<u8>; 2],
    /// For each block: the weights of each gram, class by class.
    pub weights: [Vec<f32>; 2],
}

impl ModelBuilder {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let u32 = |out: &mut Vec<u8>, value: usize| out.extend((value as u32).to_le_bytes());
        u32(&mut out, self.classes.len());
        for class in &self.classes {
            u32(&mut out, class.len());
            out.extend(class.as_bytes());
        }
        for bias in &self.bias {
            out.extend(bias.to_le_bytes());
        }
        out.extend(self.steepness.to_le_bytes());
        u32(&mut out, self.curve.len());
        for (x, y) in &self.curve {
            out.extend(x.to_le_bytes());
            out.extend(y.to_le_bytes());
        }
        u32(&mut out, self.singles.len());
        u32(&mut out, self.pairs.len());
        for c in &self.singles {
            u32(&mut out, *c as usize);
        }
        for first in 0..=self.singles.len() {
            u32(
                &mut out,
                self.pairs
                    .partition_point(|pair| usize::from(pair.0) < first),
            );
        }
        for (_, second) in &self.pairs {
            out.extend(second.to_le_bytes());
        }
        for block in 0..Block::ALL.len() {
            out.extend(&self.rarity[block]);
            let weights = &self.weights[block];
            let most = weights
                .iter()
                .fold(0.0f32, |most, weight| most.max(weight.abs()));
            out.extend(most.to_le_bytes());
            out.extend(weights.iter().map(|weight| compress(*weight, most) as u8));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn small() -> ModelBuilder {
        ModelBuilder {
            classes: vec!["水".into(), "火".into()],
            bias: vec![0.1, -0.1],
            steepness: 4.0,
            curve: vec![(0.5, 0.5), (1.0, 0.9)],
            singles: vec!['水', '火', '管'],
            pairs: vec![(0, 2), (1, 0), (1, 2)],
            rarity: [vec![24; 6], vec![48; 6]],
            weights: [(0..12).map(|w| w as f32 - 6.0).collect(), vec![0.0; 12]],
        }
    }

    #[test]
    fn is_read_as_written() {
        let bytes = small().bytes();
        let model = Model::new(&bytes).expect("a model");
        model.check().expect("in order");
        assert_eq!(model.classes(), ["水", "火"]);
        assert_eq!(model.single('管'), Some(2));
        assert_eq!(model.single('官'), None);
        assert_eq!(model.pair(1, 2), Some(5));
        assert_eq!(model.pair(2, 1), None);
        let weights: Vec<f32> = model.weights(Block::Whole, 0).collect();
        assert_eq!(weights[0], -6.0);
        assert!((weights[1] + 5.0).abs() < 0.05);
        assert_eq!(model.rarity(Block::Subject, 3), 2.0);
        assert_eq!(model.confidence(0.2), 0.5);
        assert!((model.confidence(0.75) - 0.7).abs() < 1e-6);
        assert_eq!(model.confidence(1.0), 0.9);
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = small().bytes();
        for end in 0..bytes.len() {
            assert!(Model::new(&bytes[..end]).is_err());
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Model::new(&longer).err(), Some(FileError::Length));
        let mut disordered = small();
        disordered.singles.reverse();
        let bytes = disordered.bytes();
        assert!(Model::new(&bytes).is_ok_and(|model| model.check().is_err()));
    }

    proptest! {
        #[test]
        fn compressing_is_the_reverse_of_expanding(byte in -127i8..=127) {
            prop_assert_eq!(compress(expand(byte, 3.0), 3.0), byte);
        }
    }
}

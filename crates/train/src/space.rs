//! From grams to numbers: which grams count, how rare they are, and the rows
//! of a matrix that training works on.

use crate::rows::Row;
use model::{Block, Gram, log_count};
use std::collections::BTreeMap;

/// Steps of rarity in one unit, as the model's file keeps it.
const RARITY: f64 = 24.0;

/// A gram as a key: single characters come before pairs.
type Key = (Option<char>, char);

fn key(gram: &Gram) -> Key {
    match gram.second {
        None => (None, gram.first),
        Some(second) => (Some(gram.first), second),
    }
}

/// What a classifier sees of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    /// Whether pairs of characters count, or single ones alone.
    pub(crate) pairs: bool,
    /// How much the subject counts beside subject and body together.
    pub(crate) subject: f32,
}

/// The grams that training rows have, with their rarity.
#[derive(Debug)]
pub(crate) struct Space {
    view: View,
    grams: BTreeMap<Key, u32>,
    /// Single characters, in order.
    pub(crate) singles: Vec<char>,
    /// Pairs as indices into `singles`, in order.
    pub(crate) pairs: Vec<(u16, u16)>,
    /// For each block and gram: rarity in steps.
    pub(crate) rarity: [Vec<u8>; 2],
}

impl Space {
    /// The grams that stand in at least two of `rows`.
    pub(crate) fn of(rows: &[&Row], view: View) -> Self {
        Self::with(rows, view, 2)
    }

    /// The grams that stand in at least `least` of `rows`.
    pub(crate) fn with(rows: &[&Row], view: View, least: u32) -> Self {
        let mut seen: BTreeMap<Key, [u32; 2]> = BTreeMap::new();
        for row in rows {
            for (key, counts) in count(row, view) {
                let seen = seen.entry(key).or_default();
                seen[0] += 1;
                seen[1] += u32::from(counts[1] > 0);
            }
        }
        seen.retain(|_, rows| rows[0] >= least);
        let singles: Vec<char> = seen
            .keys()
            .filter(|key| key.0.is_none())
            .map(|key| key.1)
            .collect();
        let place = |c: char| singles.partition_point(|single| *single < c) as u16;
        let pairs = seen
            .keys()
            .filter_map(|(first, second)| first.map(|first| (place(first), place(*second))))
            .collect();
        let rare = |of: u32| {
            let idf = libm::log(f64::from(1 + rows.len() as u32) / f64::from(1 + of)) + 1.0;
            libm::round(idf * RARITY).min(255.0) as u8
        };
        let rarity = [0, 1].map(|block| seen.values().map(|rows| rare(rows[block])).collect());
        Self {
            view,
            grams: seen.into_keys().zip(0..).collect(),
            singles,
            pairs,
            rarity,
        }
    }

    /// How many grams there are.
    pub(crate) fn grams(&self) -> usize {
        self.grams.len()
    }

    /// The rows as a matrix: those of the whole, each of length one, and
    /// behind them those of the subject.
    pub(crate) fn matrix(&self, rows: &[&Row]) -> Matrix {
        let mut matrix = Matrix {
            columns: 2 * self.grams(),
            ..Matrix::default()
        };
        matrix.starts.push(0);
        for row in rows {
            let counts: Vec<(u32, [u32; 2])> = count(row, self.view)
                .into_iter()
                .filter_map(|(key, counts)| Some((*self.grams.get(&key)?, counts)))
                .collect();
            for block in Block::ALL {
                let weight = if block == Block::Whole {
                    1.0
                } else {
                    self.view.subject
                };
                if weight == 0.0 {
                    continue;
                }
                let values: Vec<(u32, f32)> = counts
                    .iter()
                    .filter(|(_, counts)| counts[block as usize] > 0)
                    .map(|(gram, counts)| {
                        let rarity =
                            f32::from(self.rarity[block as usize][*gram as usize]) / RARITY as f32;
                        (*gram, log_count(counts[block as usize]) * rarity)
                    })
                    .collect();
                let square: f32 = values.iter().map(|(_, value)| value * value).sum();
                let factor = if square > 0.0 {
                    weight / square.sqrt()
                } else {
                    0.0
                };
                let offset = (block as usize * self.grams()) as u32;
                for (gram, value) in values {
                    matrix.indices.push(offset + gram);
                    matrix.values.push(value * factor);
                }
            }
            matrix.starts.push(matrix.indices.len());
        }
        matrix
    }
}

/// How often each gram stands in the whole and in the subject of a row.
fn count(row: &Row, view: View) -> BTreeMap<Key, [u32; 2]> {
    let mut counts: BTreeMap<Key, [u32; 2]> = BTreeMap::new();
    for (subject, grams) in [(true, &row.subject), (false, &row.body)] {
        for gram in grams
            .iter()
            .filter(|gram| view.pairs || gram.second.is_none())
        {
            let counts = counts.entry(key(&gram)).or_default();
            counts[0] += 1;
            counts[1] += u32::from(subject);
        }
    }
    counts
}

/// A sparse matrix, row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) starts: Vec<usize>,
    pub(crate) indices: Vec<u32>,
    pub(crate) values: Vec<f32>,
    pub(crate) columns: usize,
}

impl Matrix {
    /// How many rows it has.
    pub(crate) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// The entries of a row: column and value.
    pub(crate) fn row(&self, at: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let range = self.starts[at]..self.starts[at + 1];
        self.indices[range.clone()]
            .iter()
            .map(|index| *index as usize)
            .zip(self.values[range].iter().copied())
    }
}

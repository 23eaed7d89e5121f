//! Judging a text.

use crate::{Block, Grams, Model};

/// How often a gram counts that occurs `count` times: less with every time.
pub fn log_count(count: u32) -> f32 {
    1.0 + libm::logf(count as f32)
}

/// The shares that `scores` give, each multiplied by `steepness`; they add up
/// to one.
pub fn shares(scores: &[f32], steepness: f32) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut shares: Vec<f32> = scores
        .iter()
        .map(|score| libm::expf((score - most) * steepness))
        .collect();
    let sum: f32 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    shares
}

/// A stretch of a text that speaks for a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Which text: 0 is the subject, the others follow as they were given.
    pub text: usize,
    /// Index of its first character.
    pub start: u32,
    /// Index after its last character.
    pub end: u32,
    /// How much it adds to the class over the average of all classes.
    pub weight: f32,
}

/// What a model says of a text.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The share of each class, in the model's order; they add up to one.
    pub shares: Vec<f32>,
    /// How many pairs of characters the message has.
    pub pairs: usize,
    /// How many of them the model knows.
    pub known: usize,
    found: Vec<Found>,
    /// What a count of one adds, by block.
    factors: [f32; 2],
}

/// A known gram in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    gram: u32,
    text: u32,
    start: u32,
    end: u32,
}

impl Model<'_> {
    /// Judges a message by the grams of its subject and of its other texts.
    pub fn judge(&self, subject: &Grams, others: &[Grams]) -> Judgement {
        let found = self.find(subject, others);
        let mut scores = self.bias.clone();
        let mut factors = [0.0; 2];
        let mut known = 0;
        for block in Block::ALL {
            let mut sums = vec![0.0f32; scores.len()];
            let mut square = 0.0f32;
            for run in found.chunk_by(|a, b| a.gram == b.gram) {
                let count = count(run, block);
                let gram = run[0].gram as usize;
                if block == Block::Whole {
                    known += if self.is_pair(gram) { run.len() } else { 0 };
                }
                if count == 0 {
                    continue;
                }
                let value = log_count(count) * self.rarity(block, gram);
                square += value * value;
                for (sum, weight) in sums.iter_mut().zip(self.weights(block, gram)) {
                    *sum += value * weight;
                }
            }
            if square > 0.0 {
                let factor = 1.0 / square.sqrt();
                factors[block as usize] = factor;
                for (score, sum) in scores.iter_mut().zip(&sums) {
                    *score += sum * factor;
                }
            }
        }
        Judgement {
            shares: shares(&scores, self.steepness),
            pairs: std::iter::once(subject)
                .chain(others)
                .map(Grams::pairs)
                .sum(),
            known,
            found,
            factors,
        }
    }

    fn find(&self, subject: &Grams, others: &[Grams]) -> Vec<Found> {
        let mut found = Vec::new();
        for (text, grams) in (0..).zip(std::iter::once(subject).chain(others)) {
            // A pair follows the single character that it ends in.
            let (mut before, mut last) = (None, None);
            for gram in grams.iter() {
                let index = if gram.second.is_none() {
                    (before, last) = (last, self.single(gram.first));
                    last
                } else {
                    before
                        .zip(last)
                        .and_then(|(first, second)| self.pair(first, second))
                };
                if let Some(index) = index {
                    found.push(Found {
                        gram: index as u32,
                        text,
                        start: gram.start,
                        end: gram.end,
                    });
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// The stretches of the text that speak most for class `class`, strongest
    /// first, at most `most`. Neighbouring grams are one stretch; a gram counts
    /// where it stands first.
    pub fn pieces(&self, judgement: &Judgement, class: usize, most: usize) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = judgement
            .found
            .chunk_by(|a, b| a.gram == b.gram)
            .map(|run| {
                let gram = run[0].gram as usize;
                let weight = Block::ALL
                    .into_iter()
                    .filter_map(|block| {
                        Some((block, count(run, block))).filter(|(_, count)| *count > 0)
                    })
                    .map(|(block, count)| {
                        let value = log_count(count)
                            * self.rarity(block, gram)
                            * judgement.factors[block as usize];
                        let weights: Vec<f32> = self.weights(block, gram).collect();
                        let mean = weights.iter().sum::<f32>() / weights.len() as f32;
                        value * (weights[class] - mean)
                    })
                    .sum();
                Piece {
                    text: run[0].text as usize,
                    start: run[0].start,
                    end: run[0].end,
                    weight,
                }
            })
            .filter(|piece| piece.weight > 0.0)
            .collect();
        // Only the strongest grow together; else a whole sentence would.
        pieces.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        pieces.truncate(2 * most);
        pieces.sort_unstable_by_key(|piece| (piece.text, piece.start, piece.end));
        let mut merged: Vec<Piece> = Vec::new();
        for piece in pieces {
            match merged.last_mut() {
                Some(last) if last.text == piece.text && piece.start < last.end => {
                    last.end = last.end.max(piece.end);
                    last.weight += piece.weight;
                }
                _ => merged.push(piece),
            }
        }
        merged.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        merged.truncate(most);
        merged
    }
}

/// How often a gram counts in `block`.
fn count(run: &[Found], block: Block) -> u32 {
    match block {
        Block::Whole => run.len() as u32,
        Block::Subject => run.partition_point(|found| found.text == 0) as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ModelBuilder;

    fn bytes() -> Vec<u8> {
        ModelBuilder {
            classes: vec!["水".into(), "火".into()],
            bias: vec![0.0, 0.0],
            steepness: 2.0,
            curve: vec![(0.5, 0.5), (1.0, 0.9)],
            singles: vec!['水', '火', '管'],
            pairs: vec![(0, 2)],
            rarity: [vec![24; 4], vec![24; 4]],
            weights: [
                vec![0.5, -0.5, -0.5, 0.5, 0.0, 0.0, 1.0, -1.0],
                vec![0.2, -0.2, -0.2, 0.2, 0.0, 0.0, 0.0, 0.0],
            ],
        }
        .bytes()
    }

    #[test]
    fn the_subject_counts_twice_over() {
        let bytes = bytes();
        let model = Model::new(&bytes).expect("a model");
        let judge =
            |subject: &str, body: &str| model.judge(&Grams::new(subject), &[Grams::new(body)]);
        let subject = judge("水", "");
        let body = judge("", "水");
        assert!(subject.shares[0] > body.shares[0] && body.shares[0] > 0.5);
        assert_eq!((subject.pairs, subject.known), (0, 0));
        let pair = judge("", "水管坏了，水管");
        assert_eq!((pair.pairs, pair.known), (4, 2));
        let pieces = model.pieces(&pair, 0, 5);
        assert_eq!((pieces[0].text, pieces[0].start, pieces[0].end), (1, 0, 2));
        let nothing = judge("", "");
        assert_eq!(nothing.shares, [0.5, 0.5]);
        assert!(model.pieces(&nothing, 0, 5).is_empty());
    }

    #[test]
    fn shares_add_up() {
        let all = shares(&[1.0, 2.0, 700.0], 3.0);
        assert!((all.iter().sum::<f32>() - 1.0).abs() < 1e-6 && all[2] > 0.99);
        assert_eq!(log_count(1), 1.0);
    }
}

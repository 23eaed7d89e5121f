//! Making confidence mean what it says.

use model::measure::Prediction;
use model::{on_curve, shares};

/// Points of the curve before falling ones are made one.
const POINTS: usize = 24;

/// How scores become confidence.
#[derive(Clone, Debug)]
pub(crate) struct Calibration {
    pub(crate) steepness: f32,
    pub(crate) curve: Vec<(f32, f32)>,
}

impl Calibration {
    /// Fits to the scores of rows that the classifier has not seen: the
    /// steepness by the likelihood of the truths, the curve of the first
    /// class's confidence by isotonic regression.
    pub(crate) fn fit(scores: &[Vec<f32>], truths: &[usize]) -> Self {
        let loss = |steepness: f32| -> f64 {
            scores
                .iter()
                .zip(truths)
                .map(|(scores, truth)| {
                    -libm::log(f64::from(shares(scores, steepness)[*truth]).max(1e-9))
                })
                .sum()
        };
        let steepness = (4..=60)
            .map(|step| step as f32 / 4.0)
            .min_by(|a, b| loss(*a).total_cmp(&loss(*b)))
            .unwrap_or(1.0);
        let mut seen: Vec<(f32, bool)> = scores
            .iter()
            .zip(truths)
            .map(|(scores, truth)| {
                let shares = shares(scores, steepness);
                let class = best(&shares);
                (shares[class], class == *truth)
            })
            .collect();
        seen.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self {
            steepness,
            curve: curve(&seen),
        }
    }

    /// What the scores of one row say.
    pub(crate) fn predict(&self, scores: &[f32], truth: usize) -> Prediction {
        let shares = shares(scores, self.steepness);
        let class = best(&shares);
        Prediction {
            truth,
            class,
            confidence: on_curve(&self.curve, shares[class]),
        }
    }
}

/// The class with the greatest share; of equals the first.
pub(crate) fn best(shares: &[f32]) -> usize {
    (0..shares.len()).fold(
        0,
        |best, at| if shares[at] > shares[best] { at } else { best },
    )
}

/// Isotonic regression (pool adjacent violators) over equally many rows each.
fn curve(seen: &[(f32, bool)]) -> Vec<(f32, f32)> {
    let mut pools: Vec<(f64, f64, f64)> = Vec::new();
    for chunk in seen.chunks(seen.len().div_ceil(POINTS).max(1)) {
        let x: f64 = chunk.iter().map(|(share, _)| f64::from(*share)).sum();
        let right = chunk.iter().filter(|(_, right)| *right).count() as f64;
        pools.push((x, right, chunk.len() as f64));
        while let [.., before, last] = pools.as_slice() {
            if before.1 / before.2 < last.1 / last.2 {
                break;
            }
            let merged = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            pools.truncate(pools.len() - 2);
            pools.push(merged);
        }
    }
    let mut curve: Vec<(f32, f32)> = pools
        .iter()
        // One right and one wrong beside what was seen: nothing is certain.
        .map(|(x, right, all)| ((x / all) as f32, ((right + 1.0) / (all + 2.0)) as f32))
        .collect();
    // The ends rise too, so that more and less sure can be told apart there.
    let (first, last) = (curve[0], curve[curve.len() - 1]);
    curve.insert(0, (0.0, first.1 * 0.5));
    curve.push((1.0, (1.0 + last.1) / 2.0));
    for at in 1..curve.len() {
        curve[at].1 = curve[at].1.max(curve[at - 1].1);
    }
    curve.dedup_by(|a, b| a.0 <= b.0);
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_rises_and_means_what_it_says() {
        // The first class is right in three of four rows, whatever the scores.
        let scores: Vec<Vec<f32>> = (0..400)
            .map(|at| vec![1.0 + (at % 10) as f32 / 100.0, 0.0])
            .collect();
        let truths: Vec<usize> = (0..400).map(|at| usize::from(at % 4 == 0)).collect();
        let calibration = Calibration::fit(&scores, &truths);
        let prediction = calibration.predict(&scores[3], 0);
        assert!(
            (prediction.confidence - 0.75).abs() < 0.03,
            "{prediction:?}"
        );
        assert!(
            calibration
                .curve
                .windows(2)
                .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1)
        );
        assert_eq!(best(&[0.2, 0.4, 0.4]), 1);
    }
}

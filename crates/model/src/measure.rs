//! How good predictions are.

/// The parts of the messages, most confident first, whose accuracy is told.
const COVERAGES: [f64; 5] = [1.0, 0.95, 0.921, 0.9, 0.8];
/// Bands of confidence that the calibration error is taken over.
const BANDS: usize = 10;

/// A prediction with its truth.
#[derive(Clone, Copy, Debug)]
pub struct Prediction {
    /// What is right.
    pub truth: usize,
    /// What was predicted.
    pub class: usize,
    /// How sure, from 0 to 1.
    pub confidence: f32,
}

/// Figures of a set of predictions.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Mean of the classes' F1.
    pub macro_f1: f64,
    /// Part of all that is right.
    pub accuracy: f64,
    /// Part of the messages and the accuracy there.
    pub coverage: Vec<(f64, f64)>,
    /// Expected calibration error over ten equally wide bands.
    pub ece: f64,
    /// Rows are truths, columns are predictions.
    pub confusion: Vec<Vec<usize>>,
}

/// Measures `predictions` of `count` classes, of which all that occur as a
/// truth enter the mean of F1. There may be classes that only predictions
/// have: they are wrong everywhere.
pub fn measure(predictions: &[Prediction], count: usize) -> Figures {
    let mut confusion = vec![vec![0usize; count]; count];
    for prediction in predictions {
        confusion[prediction.truth][prediction.class] += 1;
    }
    let f1 = |class: usize| {
        let right = confusion[class][class] as f64;
        let truths: usize = confusion[class].iter().sum();
        let said: usize = confusion.iter().map(|row| row[class]).sum();
        2.0 * right / (truths + said).max(1) as f64
    };
    let mut ordered: Vec<&Prediction> = predictions.iter().collect();
    ordered.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let coverage = COVERAGES
        .into_iter()
        .map(|part| {
            let taken = (part * ordered.len() as f64 + 0.5) as usize;
            (part, accuracy(ordered[..taken].iter().copied()))
        })
        .collect();
    let occurring: Vec<usize> = (0..count)
        .filter(|class| confusion[*class].iter().sum::<usize>() > 0)
        .collect();
    let sum: f64 = occurring.iter().map(|class| f1(*class)).sum();
    Figures {
        macro_f1: sum / occurring.len().max(1) as f64,
        accuracy: accuracy(predictions.iter()),
        coverage,
        ece: calibration_error(predictions),
        confusion,
    }
}

fn accuracy<'a>(predictions: impl Iterator<Item = &'a Prediction>) -> f64 {
    let (mut all, mut right) = (0, 0);
    for prediction in predictions {
        all += 1;
        right += u32::from(prediction.truth == prediction.class);
    }
    f64::from(right) / f64::from(all.max(1))
}

fn calibration_error(predictions: &[Prediction]) -> f64 {
    let gaps: f64 = bands(predictions)
        .iter()
        .map(|band| (band.sure - band.right as f64).abs())
        .sum();
    gaps / predictions.len().max(1) as f64
}

/// The predictions of one band of confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Band {
    /// How many there are.
    pub count: usize,
    /// The sum of their confidence.
    pub sure: f64,
    /// How many are right.
    pub right: usize,
}

/// The predictions in ten equally wide bands of confidence.
pub fn bands(predictions: &[Prediction]) -> [Band; BANDS] {
    let mut bands = [Band::default(); BANDS];
    for prediction in predictions {
        let band = ((prediction.confidence * BANDS as f32) as usize).min(BANDS - 1);
        bands[band].count += 1;
        bands[band].sure += f64::from(prediction.confidence);
        bands[band].right += usize::from(prediction.truth == prediction.class);
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_four() {
        let of = |truth, class, confidence| Prediction {
            truth,
            class,
            confidence,
        };
        let figures = measure(
            &[of(0, 0, 0.9), of(0, 1, 0.5), of(1, 1, 0.8), of(1, 1, 0.7)],
            2,
        );
        assert_eq!(figures.accuracy, 0.75);
        assert!((figures.macro_f1 - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-12);
        assert_eq!(figures.coverage[4], (0.8, 1.0));
        assert!((figures.ece - (0.1 + 0.5 + 0.2 + 0.3) / 4.0).abs() < 1e-6);
        assert_eq!(figures.confusion, [[1, 1], [0, 2]]);
    }
}

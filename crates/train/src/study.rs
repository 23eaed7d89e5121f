//! What is learned, from which rows, and how it is measured.
//!
//! Figures come from nested cross-validation: in each of five parts that are
//! tested in turn, settings and calibration are chosen on an inner part of
//! the other four, so that no tested row has had a say in anything.

use crate::calibrate::Calibration;
use crate::ridge::{Linear, complement_bayes, ridge};
use crate::rows::{Row, Rows};
use crate::space::{Space, View};
use model::measure::{Figures, Prediction, measure};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Parts of the cross-validation.
pub(crate) const FOLDS: usize = 5;

/// A way to learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// Least squares with this penalty.
    Ridge {
        /// Times the squares of the weights.
        penalty: f64,
    },
    /// Complement naive Bayes with this smoothing.
    Bayes {
        /// Added to every count.
        alpha: f64,
    },
}

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) view: View,
    pub(crate) way: Way,
}

/// A classifier that has learned.
#[derive(Debug)]
pub(crate) struct Learned {
    pub(crate) space: Space,
    pub(crate) linear: Linear,
}

impl Learned {
    /// Learns from `rows`.
    pub(crate) fn from(rows: &[&Row], count: usize, settings: Settings) -> Self {
        let space = Space::of(rows, settings.view);
        let matrix = space.matrix(rows);
        let classes: Vec<usize> = rows.iter().map(|row| row.class).collect();
        let linear = match settings.way {
            Way::Ridge { penalty } => ridge(&matrix, &classes, count, penalty),
            Way::Bayes { alpha } => complement_bayes(&matrix, &classes, count, alpha),
        };
        Self { space, linear }
    }

    fn scores(&self, rows: &[&Row]) -> Vec<Vec<f32>> {
        self.linear.scores(&self.space.matrix(rows))
    }
}

/// The settings that are tried; the first is the default.
pub(crate) fn grid() -> Vec<Settings> {
    let mut grid = Vec::new();
    for subject in [0.85, 0.6] {
        for penalty in [0.15, 0.3, 0.08] {
            grid.push(Settings {
                view: View {
                    pairs: true,
                    subject,
                },
                way: Way::Ridge { penalty },
            });
        }
    }
    grid
}

/// What a nested cross-validation found.
#[derive(Debug)]
pub(crate) struct Nested {
    pub(crate) figures: Figures,
    /// The settings that each outer part chose.
    pub(crate) chosen: Vec<Settings>,
    /// The parts' macro-F1, to show the spread.
    pub(crate) parts: Vec<f64>,
    /// The predictions, row by row.
    pub(crate) predictions: Vec<Prediction>,
}

/// Measures what learning with the best of `grid` gives, from those rows that
/// `learnable` lets be learned from.
pub(crate) fn nested(
    rows: &Rows,
    folds: &[usize],
    grid: &[Settings],
    learnable: impl Fn(usize) -> bool + Sync,
) -> Nested {
    let count = rows.classes.len();
    let pick = |of: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..rows.rows.len()).filter(|at| of(*at)).collect()
    };
    let outer = parallel(FOLDS, |fold| {
        // One of the other parts chooses and calibrates.
        let inner = (fold + 1) % FOLDS;
        let test = pick(&|at| folds[at] == fold);
        let learn = rows.at(&pick(&|at| folds[at] != fold && learnable(at)));
        let known = rows.at(&pick(&|at| {
            folds[at] != fold && folds[at] != inner && learnable(at)
        }));
        let unknown = rows.at(&pick(&|at| folds[at] == inner));
        let truths: Vec<usize> = unknown.iter().map(|row| row.class).collect();
        let mut best: Option<(f64, Settings, Calibration)> = None;
        for settings in grid {
            let scores = Learned::from(&known, count, *settings).scores(&unknown);
            let calibration = Calibration::fit(&scores, &truths);
            let predictions: Vec<Prediction> = scores
                .iter()
                .zip(&truths)
                .map(|(scores, truth)| calibration.predict(scores, *truth))
                .collect();
            let f1 = measure(&predictions, count).macro_f1;
            if best.as_ref().is_none_or(|(most, ..)| f1 > *most) {
                best = Some((f1, *settings, calibration));
            }
        }
        best.map(|(_, settings, calibration)| {
            let scores = Learned::from(&learn, count, settings).scores(&rows.at(&test));
            let predictions: Vec<(usize, Prediction)> = test
                .iter()
                .zip(&scores)
                .map(|(at, scores)| (*at, calibration.predict(scores, rows.rows[*at].class)))
                .collect();
            (settings, predictions)
        })
    });
    let mut predictions = Vec::new();
    let (mut chosen, mut parts) = (Vec::new(), Vec::new());
    for (settings, part) in outer.into_iter().flatten() {
        let only: Vec<Prediction> = part.iter().map(|(_, prediction)| *prediction).collect();
        parts.push(measure(&only, count).macro_f1);
        chosen.push(settings);
        predictions.extend(part);
    }
    predictions.sort_by_key(|(at, _)| *at);
    let predictions: Vec<Prediction> = predictions
        .into_iter()
        .map(|(_, prediction)| prediction)
        .collect();
    Nested {
        figures: measure(&predictions, count),
        chosen,
        parts,
        predictions,
    }
}

/// The scores of every row by a classifier that has not seen it, for the
/// calibration of the one that has seen all.
pub(crate) fn unseen_scores(rows: &Rows, folds: &[usize], settings: Settings) -> Vec<Vec<f32>> {
    let parts = parallel(FOLDS, |fold| {
        let (test, learn): (Vec<usize>, Vec<usize>) =
            (0..rows.rows.len()).partition(|at| folds[*at] == fold);
        let scores =
            Learned::from(&rows.at(&learn), rows.classes.len(), settings).scores(&rows.at(&test));
        test.into_iter().zip(scores).collect::<Vec<_>>()
    });
    let mut all: Vec<(usize, Vec<f32>)> = parts.into_iter().flatten().collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, scores)| scores).collect()
}

impl Rows {
    pub(crate) fn at(&self, places: &[usize]) -> Vec<&Row> {
        places.iter().map(|at| &self.rows[*at]).collect()
    }
}

/// Does `work` for each number below `count`, two at a time; the results are
/// in order and do not depend on which was done when.
pub(crate) fn parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let result = work(number);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

//! Linear classifiers: least squares with a penalty on the weights, and
//! complement naive Bayes to compare with.

use crate::space::Matrix;

/// The weights of a linear classifier.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    /// Column by column, the weights of all classes.
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Linear {
    /// The scores of every row, class by class.
    pub(crate) fn scores(&self, matrix: &Matrix) -> Vec<Vec<f32>> {
        let count = self.bias.len();
        (0..matrix.rows())
            .map(|row| {
                let mut scores = self.bias.clone();
                for (column, value) in matrix.row(row) {
                    let weights = &self.weights[column * count..(column + 1) * count];
                    for (score, weight) in scores.iter_mut().zip(weights) {
                        *score += value * weight;
                    }
                }
                scores
            })
            .collect()
    }
}

/// Solutions are as exact as this part of the target's length.
const EXACT: f64 = 2e-4;
/// More steps than any solution took.
const STEPS: usize = 400;

/// Least squares against one-of-all targets, with the squares of the weights
/// times `penalty`, every class as heavy as the others however many rows it
/// has; solved in the rows by conjugate gradients.
pub(crate) fn ridge(matrix: &Matrix, classes: &[usize], count: usize, penalty: f64) -> Linear {
    let rows = matrix.rows();
    let mut bias = vec![0f64; count];
    for class in classes {
        bias[*class] += 1.0 / rows as f64;
    }
    // A row of a class with few rows is missed at a lower price.
    let penalties: Vec<f64> = classes
        .iter()
        .map(|class| penalty * bias[*class] * count as f64)
        .collect();
    weighted(matrix, classes, bias, &penalties)
}

/// Least squares like [`ridge`], with the `bias` of each class and a penalty
/// for each row: the inverse of how heavy the row is.
pub(crate) fn weighted(
    matrix: &Matrix,
    classes: &[usize],
    bias: Vec<f64>,
    penalties: &[f64],
) -> Linear {
    let (rows, count) = (matrix.rows(), bias.len());
    let mut rest = vec![0f64; rows * count];
    for (row, class) in classes.iter().enumerate() {
        for (at, mean) in bias.iter().enumerate() {
            rest[row * count + at] = f64::from(u8::from(at == *class)) - mean;
        }
    }
    let mut solution = vec![0f64; rows * count];
    let mut direction = rest.clone();
    let mut length = squares(&rest, count);
    let goal: Vec<f64> = length.iter().map(|length| length * EXACT * EXACT).collect();
    for _ in 0..STEPS {
        if length
            .iter()
            .zip(&goal)
            .all(|(length, goal)| length <= goal)
        {
            break;
        }
        let mut image = forth(matrix, &back(matrix, &direction, count), count);
        for (place, image) in image.iter_mut().enumerate() {
            *image += penalties[place / count] * direction[place];
        }
        let mut along = vec![0f64; count];
        for (image, direction) in image.chunks_exact(count).zip(direction.chunks_exact(count)) {
            for at in 0..count {
                along[at] += image[at] * direction[at];
            }
        }
        // A class that is solved already stands still.
        let step: Vec<f64> = (0..count)
            .map(|at| {
                if length[at] > goal[at] {
                    length[at] / along[at]
                } else {
                    0.0
                }
            })
            .collect();
        for (place, value) in rest.iter_mut().enumerate() {
            solution[place] += step[place % count] * direction[place];
            *value -= step[place % count] * image[place];
        }
        let next = squares(&rest, count);
        for (place, value) in direction.iter_mut().enumerate() {
            let at = place % count;
            if step[at] > 0.0 {
                *value = rest[place] + next[at] / length[at] * *value;
            }
        }
        length = next;
    }
    Linear {
        weights: back(matrix, &solution, count),
        bias: bias.into_iter().map(|bias| bias as f32).collect(),
    }
}

fn squares(values: &[f64], count: usize) -> Vec<f64> {
    let mut sums = vec![0f64; count];
    for values in values.chunks_exact(count) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value * value;
        }
    }
    sums
}

/// The transposed matrix times `values`.
fn back(matrix: &Matrix, values: &[f64], count: usize) -> Vec<f32> {
    let mut out = vec![0f32; matrix.columns * count];
    for (row, values) in values.chunks_exact(count).enumerate() {
        for (column, entry) in matrix.row(row) {
            for (out, value) in out[column * count..(column + 1) * count]
                .iter_mut()
                .zip(values)
            {
                *out += entry * *value as f32;
            }
        }
    }
    out
}

/// The matrix times `values`.
fn forth(matrix: &Matrix, values: &[f32], count: usize) -> Vec<f64> {
    let mut out = vec![0f64; matrix.rows() * count];
    for (row, out) in out.chunks_exact_mut(count).enumerate() {
        for (column, entry) in matrix.row(row) {
            for (out, value) in out
                .iter_mut()
                .zip(&values[column * count..(column + 1) * count])
            {
                *out += f64::from(entry * value);
            }
        }
    }
    out
}

/// Complement naive Bayes (Rennie and others, 2003) with smoothing `alpha`.
pub(crate) fn complement_bayes(
    matrix: &Matrix,
    classes: &[usize],
    count: usize,
    alpha: f64,
) -> Linear {
    let mut sums = vec![0f64; matrix.columns * count];
    for (row, class) in classes.iter().enumerate() {
        for (column, value) in matrix.row(row) {
            sums[column * count + class] += f64::from(value);
        }
    }
    let totals: Vec<f64> = sums
        .chunks_exact(count)
        .map(|sums| sums.iter().sum())
        .collect();
    let all: f64 = totals.iter().sum();
    let mut own = vec![0f64; count];
    for sums in sums.chunks_exact(count) {
        for (own, sum) in own.iter_mut().zip(sums) {
            *own += sum;
        }
    }
    let columns = matrix.columns as f64;
    let mut weights = vec![0f32; sums.len()];
    for (column, total) in totals.iter().enumerate() {
        for class in 0..count {
            let others = total - sums[column * count + class] + alpha;
            weights[column * count + class] =
                -libm::log(others / (all - own[class] + alpha * columns)) as f32;
        }
    }
    Linear {
        weights,
        bias: vec![0.0; count],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_squares_of_a_small_matrix() {
        // Two rows at right angles: each weight is 0.5 / (1 + penalty).
        let matrix = Matrix {
            starts: vec![0, 1, 2],
            indices: vec![0, 1],
            values: vec![1.0, 1.0],
            columns: 2,
        };
        let solved = ridge(&matrix, &[0, 1], 2, 1.0);
        assert_eq!(solved.bias, [0.5, 0.5]);
        for (weight, expected) in solved.weights.iter().zip([0.25, -0.25, -0.25, 0.25]) {
            assert!((weight - expected).abs() < 1e-6, "{weight}");
        }
        let scores = solved.scores(&matrix);
        assert!(scores[0][0] > scores[0][1] && scores[1][1] > scores[1][0]);
        let bayes = complement_bayes(&matrix, &[0, 1], 2, 0.1).scores(&matrix);
        assert!(bayes[0][0] > bayes[0][1] && bayes[1][1] > bayes[1][0]);
    }
}

//! From the vectors of a text's tokens to the one vector of the text.

use super::LANES;
use super::lanes::{chunks, chunks_mut, sum};

/// Writes the mean of the rows, scaled to unit norm, into `out`.
///
/// `rows` is row-major `(n_tokens, out.len())`. Returns whether the mean has a direction at all: a
/// zero or non-finite mean leaves `out` unscaled.
pub(crate) fn mean_unit(rows: &[f32], out: &mut [f32]) -> bool {
    out.fill(0.0);
    // The mean and the sum have the same direction, and only that is left after scaling.
    for row in rows.chunks_exact(out.len()) {
        for (out, x) in chunks_mut(out).iter_mut().zip(chunks(row)) {
            for i in 0..LANES {
                out[i] += x[i];
            }
        }
    }
    unit(out)
}

/// Writes the largest value of each component among the rows, scaled to unit norm, into `out`.
///
/// Shapes and result are those of [`mean_unit`]; a component that is no number in a row is passed over there.
pub(crate) fn max_unit(rows: &[f32], out: &mut [f32]) -> bool {
    out.fill(f32::NEG_INFINITY);
    for row in rows.chunks_exact(out.len()) {
        for (out, x) in chunks_mut(out).iter_mut().zip(chunks(row)) {
            for i in 0..LANES {
                out[i] = out[i].max(x[i]);
            }
        }
    }
    unit(out)
}

/// Writes the first row, scaled to unit norm, into `out`; shapes and result are those of [`mean_unit`].
pub(crate) fn first_unit(rows: &[f32], out: &mut [f32]) -> bool {
    match rows.split_at_checked(out.len()) {
        Some((first, _)) => out.copy_from_slice(first),
        None => out.fill(0.0),
    }
    unit(out)
}

/// Scales a vector to unit norm and returns whether it had a direction; one that had none stays as it is.
fn unit(out: &mut [f32]) -> bool {
    let mut squares = [0.0; LANES];
    for x in chunks(out) {
        for i in 0..LANES {
            squares[i] += x[i] * x[i];
        }
    }
    let norm = sum(squares).sqrt();
    let has_direction = norm.is_normal();
    if has_direction {
        out.iter_mut().for_each(|x| *x /= norm);
    }
    has_direction
}

#[cfg(test)]
mod tests {
    use super::{first_unit, max_unit, mean_unit};

    #[test]
    fn points_along_the_mean_with_unit_norm() {
        let mut rows = vec![0.0; 3 * 32];
        rows[0] = 2.0;
        rows[32] = 4.0;
        rows[64 + 17] = 8.0;
        let mut out = vec![0.0; 32];
        assert!(mean_unit(&rows, &mut out));
        assert!((out[0] - 0.6).abs() < 1e-7);
        assert!((out[17] - 0.8).abs() < 1e-7);
    }

    #[test]
    fn takes_the_largest_of_each_component_or_the_first_row() {
        let mut rows = vec![0.0; 2 * 32];
        (rows[0], rows[1], rows[32]) = (3.0, 2.0, -8.0);
        (rows[33], rows[32 + 31]) = (4.0, -1.0);
        let mut out = vec![9.0; 32];
        assert!(max_unit(&rows, &mut out));
        // Largest values: 3, 4, and 0 in all other components.
        assert!((out[0] - 0.6).abs() < 1e-7 && (out[1] - 0.8).abs() < 1e-7);
        assert_eq!(out[31], 0.0);
        assert!(first_unit(&rows, &mut out));
        let norm = 13f32.sqrt();
        assert!((out[0] - 3.0 / norm).abs() < 1e-7 && (out[1] - 2.0 / norm).abs() < 1e-7);
        assert!(!max_unit(&[], &mut out) && !first_unit(&[], &mut out));
    }

    #[test]
    fn says_when_there_is_no_direction() {
        assert!(!mean_unit(&[0.0; 64], &mut [1.0; 32]));
        assert!(!mean_unit(&[f32::NAN; 64], &mut [1.0; 32]));
    }
}

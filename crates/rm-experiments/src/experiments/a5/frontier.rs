//! Which points no other beats.

/// Tells whether a point with costs `a` beats one with costs `b`: worse in nothing and better in something.
pub(super) fn beats<const N: usize>(a: &[f64; N], b: &[f64; N]) -> bool {
    let no_worse = a.iter().zip(b).all(|(a, b)| a <= b);
    no_worse && a.iter().zip(b).any(|(a, b)| a < b)
}

/// Tells for each point whether no other beats it (Pareto); every cost is the better the smaller it is.
pub(super) fn not_beaten<const N: usize>(costs: &[[f64; N]]) -> Vec<bool> {
    costs
        .iter()
        .map(|point| !costs.iter().any(|other| beats(other, point)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_the_shadow_of_another_is_beaten() {
        let costs = [[1.0, 5.0], [2.0, 3.0], [3.0, 3.0], [4.0, 1.0], [5.0, 5.0]];
        assert_eq!(not_beaten(&costs), [true, true, false, true, false]);
    }

    #[test]
    fn equals_do_not_beat_each_other() {
        assert_eq!(not_beaten(&[[1.0, 1.0], [1.0, 1.0]]), [true, true]);
    }

    #[test]
    fn a_third_cost_can_save_a_point() {
        let costs = [[1.0, 1.0, 9.0], [2.0, 2.0, 3.0]];
        assert_eq!(not_beaten(&costs), [true, true]);
        assert!(beats(&[1.0, 1.0, 3.0], &costs[1]));
    }
}

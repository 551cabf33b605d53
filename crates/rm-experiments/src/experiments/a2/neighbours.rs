//! What the turns before and after one say about it.

/// Adds to each score the share `share` of the scores beside it in the same session.
///
/// `sessions` holds the session of each turn, in the order the turns were said.
pub(super) fn with_neighbours(scores: &[f32], sessions: &[usize], share: f32) -> Vec<f32> {
    let beside = |at: usize, other: Option<usize>| {
        other
            .filter(|other| sessions.get(*other) == sessions.get(at))
            .and_then(|other| scores.get(other))
            .map_or(0.0, |score| share * score)
    };
    (0..scores.len())
        .map(|at| scores[at] + beside(at, at.checked_sub(1)) + beside(at, Some(at + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::with_neighbours;

    #[test]
    fn a_session_ends_at_its_last_turn() {
        let scores = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(
            with_neighbours(&scores, &[0, 0, 0, 1], 0.5),
            [2.0, 4.5, 5.0, 8.0]
        );
        assert_eq!(with_neighbours(&scores, &[0, 0, 0, 1], 0.0), scores);
        assert!(with_neighbours(&[], &[], 0.5).is_empty());
    }
}

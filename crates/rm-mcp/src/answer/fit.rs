//! How many memories an answer has room for, and how much of each.

use serde::Serialize;

use super::cost;

/// Least that a memory is cut to before others are left out.
const LEAST: usize = 400;

/// What stands around the parts of an answer.
const AROUND: usize = 250;

/// Is something that can be told in fewer words.
pub(crate) trait Cuttable {
    /// Returns what it costs.
    fn cost(&self) -> usize;

    /// Makes it cost no more than this, as far as that goes, and says in it that it was cut.
    fn cut(&mut self, budget: usize);
}

/// Is what is left of the budget of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room(usize);

impl Room {
    /// Is the budget of a whole answer, less what stands around its parts.
    pub(crate) fn of(answer_tokens: usize) -> Self {
        Self(answer_tokens.saturating_sub(AROUND))
    }

    /// Takes what this costs, and returns whether there was as much.
    pub(crate) fn take(&mut self, part: &impl Serialize) -> bool {
        let part = serde_json::to_value(part).unwrap_or_default();
        self.take_tokens(cost(&part) + 2)
    }

    /// Takes so many tokens, and returns whether there were as many.
    pub(crate) fn take_tokens(&mut self, tokens: usize) -> bool {
        let left = self.0.checked_sub(tokens);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// Returns how many tokens are left.
    pub(crate) fn left(&self) -> usize {
        self.0
    }
}

/// Cuts the longest of some parts until all have room; where each would be left too little, the last ones are left out. Returns how
/// many were.
///
/// So one long memory takes no room from short ones: each has as much as it needs, or as much as any other that was cut.
pub(crate) fn fit<T: Cuttable>(parts: &mut Vec<T>, room: Room) -> usize {
    let costs: Vec<usize> = parts.iter().map(|part| part.cost() + 2).collect();
    let level = level(&costs, room.left()).max(LEAST.min(room.left()));
    let mut room = room;
    let all = parts.len();
    let mut kept = 0;
    for (part, cost) in parts.iter_mut().zip(costs) {
        let mut cost = cost;
        if cost > level {
            part.cut(level.saturating_sub(2));
            cost = part.cost() + 2;
        }
        if !room.take_tokens(cost) {
            break;
        }
        kept += 1;
    }
    parts.truncate(kept);
    all - kept
}

/// Returns the most that each may cost for all to cost no more than `room`.
fn level(costs: &[usize], room: usize) -> usize {
    let mut sorted = costs.to_vec();
    sorted.sort_unstable();
    let mut left = room;
    for (at, cost) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - at);
        if *cost > share {
            return share;
        }
        left -= cost;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Part(usize);

    impl Cuttable for Part {
        fn cost(&self) -> usize {
            self.0
        }

        fn cut(&mut self, budget: usize) {
            self.0 = self.0.min(budget);
        }
    }

    fn fitted(costs: &[usize], room: usize) -> (Vec<usize>, usize) {
        let mut parts: Vec<Part> = costs.iter().map(|cost| Part(*cost)).collect();
        let left_out = fit(&mut parts, Room(room));
        (parts.into_iter().map(|Part(cost)| cost).collect(), left_out)
    }

    #[test]
    fn what_has_room_stays_as_it_is() {
        assert_eq!(fitted(&[500, 1, 900], 2_000), (vec![500, 1, 900], 0));
        assert_eq!(fitted(&[], 0), (vec![], 0));
    }

    #[test]
    fn the_longest_are_cut_first() {
        assert_eq!(fitted(&[9_000, 98, 5_000], 2_100), (vec![998, 98, 998], 0));
    }

    #[test]
    fn the_last_are_left_out_where_each_would_have_too_little() {
        assert_eq!(fitted(&[9_000; 10], 1_000), (vec![398, 398], 8));
    }
}

//! ADWIN, adaptive windowing (Bifet and Gavaldà, 2007).

use std::collections::VecDeque;

/// Buckets of one size that are kept before two are joined, as in the paper.
const BUCKETS_A_SIZE: usize = 5;
/// Fewest values on either side of a cut, as in the authors' implementation.
const FEWEST: f64 = 5.0;

/// Keeps a window that shrinks whenever two parts of it have means too far apart to be chance.
///
/// The window is held as an exponential histogram: buckets of 1, 2, 4, ... values, at most five of each.
#[derive(Debug, Clone)]
pub(super) struct Adwin {
    delta: f64,
    /// Buckets of `2^row` values, newest last.
    rows: Vec<VecDeque<Sums>>,
    window: Sums,
}

/// Sums of some values.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn of(value: f64) -> Self {
        Self {
            count: 1.0,
            sum: value,
            squares: value * value,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            count: self.count - other.count,
            sum: self.sum - other.sum,
            squares: self.squares - other.squares,
        }
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }
}

impl Adwin {
    /// Makes an empty window; `delta` bounds the probability of seeing a change where there is none.
    pub(super) fn new(delta: f64) -> Self {
        Self {
            delta,
            rows: Vec::new(),
            window: Sums::default(),
        }
    }

    /// Takes one value in [0, 1] and returns whether the mean was found to have risen.
    pub(super) fn record(&mut self, value: f64) -> bool {
        self.insert(Sums::of(value));
        let mut rose = false;
        while let Some(change) = self.change() {
            rose |= change > 0.0;
            self.drop_oldest();
        }
        rose
    }

    fn insert(&mut self, mut bucket: Sums) {
        self.window = self.window.plus(bucket);
        for row in 0.. {
            if self.rows.len() == row {
                self.rows.push(VecDeque::new());
            }
            let buckets = &mut self.rows[row];
            buckets.push_back(bucket);
            if buckets.len() <= BUCKETS_A_SIZE {
                return;
            }
            let pair = (buckets.pop_front(), buckets.pop_front());
            let (Some(oldest), Some(next)) = pair else {
                return;
            };
            bucket = oldest.plus(next);
        }
    }

    /// Returns newer less older mean at the first cut, oldest first, where they differ by more than chance.
    fn change(&self) -> Option<f64> {
        let n = self.window.count;
        if n < 2.0 * FEWEST {
            return None;
        }
        let variance = (self.window.squares / n - self.window.mean().powi(2)).max(0.0);
        let confidence = (2.0 * n.ln() / self.delta).ln().max(0.0);
        let mut older = Sums::default();
        for bucket in self.rows.iter().rev().flatten() {
            older = older.plus(*bucket);
            let newer = self.window.minus(older);
            if newer.count < FEWEST {
                return None;
            }
            if older.count < FEWEST {
                continue;
            }
            let inverse = 1.0 / older.count + 1.0 / newer.count;
            let bound =
                (2.0 * inverse * variance * confidence).sqrt() + 2.0 / 3.0 * inverse * confidence;
            let change = newer.mean() - older.mean();
            if change.abs() > bound {
                return Some(change);
            }
        }
        None
    }

    fn drop_oldest(&mut self) {
        let oldest = self.rows.iter_mut().rev().find_map(VecDeque::pop_front);
        self.window = self.window.minus(oldest.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(adwin: &Adwin) -> f64 {
        adwin.window.count
    }

    #[test]
    fn equal_values_fill_the_window() {
        let mut adwin = Adwin::new(0.01);
        assert!((0..100).all(|_| !adwin.record(0.5)));
        assert_eq!(count(&adwin), 100.0);
        let held: f64 = adwin.rows.iter().flatten().map(|b| b.count).sum();
        assert_eq!(held, 100.0);
        assert!(adwin.rows.iter().all(|row| row.len() <= BUCKETS_A_SIZE));
    }

    #[test]
    fn a_rise_is_told_and_what_was_before_is_forgotten() {
        let mut adwin = Adwin::new(0.01);
        (0..64).for_each(|_| assert!(!adwin.record(0.2)));
        let risen: Vec<usize> = (1..=64).filter(|_| adwin.record(0.8)).collect();
        // At 64 old and 16 new values the bound is 0.5999, just below the rise; one value earlier it is 0.6200.
        assert_eq!(risen.first(), Some(&16), "{risen:?}");
        assert!(count(&adwin) < 80.0, "{}", count(&adwin));
        assert!((adwin.window.mean() - 0.8).abs() < 0.1);
    }

    #[test]
    fn a_fall_shrinks_the_window_without_an_alarm() {
        let mut adwin = Adwin::new(0.01);
        assert!((0..64).all(|_| !adwin.record(0.8)));
        assert!((0..64).all(|_| !adwin.record(0.2)));
        assert!(count(&adwin) < 80.0);
    }

    #[test]
    fn a_cut_is_found_where_the_bound_says() {
        // Six values of 0 and six of 1, at whose border two buckets meet: variance 1/4, 1/n0 + 1/n1 = 1/3,
        // c = ln(2 ln 12 / delta). The bound is sqrt(c / 6) + 2 c / 9; at c = 1.9 it is 0.985, at c = 2 it is 1.022.
        let at = |c: f64| 2.0 * 12f64.ln() / c.exp();
        for (c, expected) in [(1.9, true), (2.0, false)] {
            let mut adwin = Adwin::new(at(c));
            (0..6).for_each(|_| assert!(!adwin.record(0.0)));
            let risen: Vec<bool> = (0..6).map(|_| adwin.record(1.0)).collect();
            assert_eq!(
                risen,
                [false, false, false, false, false, expected],
                "c = {c}"
            );
        }
    }
}

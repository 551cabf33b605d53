//! The two times of an item.

/// Says which time of an item its age is counted from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ItemTime {
    /// When it was first added: what was learnt last is newest.
    #[default]
    Created,
    /// When it was last changed: what was confirmed or corrected last is newest.
    Updated,
}

impl ItemTime {
    /// Chooses between the two.
    pub(crate) fn of(self, created_at_ms: i64, updated_at_ms: i64) -> i64 {
        match self {
            Self::Created => created_at_ms,
            Self::Updated => updated_at_ms,
        }
    }
}

/// Returns how long ago a time was, in milliseconds; 0 for one in the future, since two clocks rarely agree.
pub(crate) fn age_ms(at_ms: i64, now_ms: i64) -> u64 {
    if at_ms < now_ms {
        now_ms.abs_diff(at_ms)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::age_ms;

    #[test]
    fn ages_at_the_ends_of_time() {
        assert_eq!(age_ms(1_000, 1_500), 500);
        assert_eq!(age_ms(1_500, 1_000), 0);
        assert_eq!(age_ms(i64::MIN, i64::MAX), u64::MAX);
        assert_eq!(age_ms(i64::MAX, i64::MIN), 0);
    }
}

//! What was forgotten, or would be.

use std::fmt;

/// Says why an item is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ForgetReason {
    /// Its own time to live is over.
    Expired,
    /// It is older than the policy allows.
    TooOld,
    /// It is less important than the policy asks for.
    Unimportant,
    /// There are more items than the policy allows, and it is among the least valuable.
    OverCount,
}

impl ForgetReason {
    /// All reasons, in the order they are looked at.
    pub const ALL: [Self; 4] = [
        Self::Expired,
        Self::TooOld,
        Self::Unimportant,
        Self::OverCount,
    ];
}

impl fmt::Display for ForgetReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::TooOld => "too old",
            Self::Unimportant => "not important enough",
            Self::OverCount => "one too many",
        })
    }
}

/// Is one item that is forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: ForgetReason,
}

/// Tells what a retention policy has removed, or would remove.
///
/// ```
/// use rm_memory::{ForgetReason, Forgotten, RetentionReport};
///
/// let report = RetentionReport {
///     forgotten: vec![Forgotten { id: "a".into(), reason: ForgetReason::Expired }],
///     kept: 7,
///     pinned: 2,
///     dry_run: true,
/// };
/// assert_eq!(report.count(ForgetReason::Expired), 1);
/// assert_eq!(report.ids().collect::<Vec<_>>(), ["a"]);
/// assert_eq!(report.to_string(), "would forget 1 of 8 items (1 expired); 2 are pinned");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionReport {
    /// What is forgotten: by reason, in the order of [`ForgetReason::ALL`], and the least valuable first.
    pub forgotten: Vec<Forgotten>,
    /// Number of items that stay, the pinned ones included.
    pub kept: usize,
    /// Number of items that are pinned.
    pub pinned: usize,
    /// Whether nothing was removed, because what would be was all that was asked.
    pub dry_run: bool,
}

impl RetentionReport {
    /// Returns how many items are forgotten for a reason.
    #[must_use]
    pub fn count(&self, reason: ForgetReason) -> usize {
        let of_reason = |forgotten: &&Forgotten| forgotten.reason == reason;
        self.forgotten.iter().filter(of_reason).count()
    }

    /// Iterates over the ids of what is forgotten.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.forgotten.iter().map(|forgotten| forgotten.id.as_str())
    }
}

impl fmt::Display for RetentionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = if self.dry_run {
            "would forget"
        } else {
            "forgot"
        };
        let n_forgotten = self.forgotten.len();
        write!(
            f,
            "{said} {n_forgotten} of {} items",
            n_forgotten + self.kept
        )?;
        let counts = ForgetReason::ALL.map(|reason| (self.count(reason), reason));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(n, reason)| format!("{n} {reason}")).collect();
        if !counts.is_empty() {
            write!(f, " ({})", counts.join(", "))?;
        }
        write!(f, "; {} are pinned", self.pinned)
    }
}

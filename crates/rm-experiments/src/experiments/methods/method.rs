//! What a memory is searched with.

use rm_core::Fusion;
use serde::Deserialize;

/// Is one way of searching.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::experiments) enum Method {
    /// Exact search by vector.
    Dense,
    /// The lists of the `n_probes` nearest centroids.
    Routed {
        /// Lists scanned.
        n_probes: usize,
    },
    /// BM25 with k1 = 1.2 and b = 0.75 over words as they stand.
    PlainBm25,
    /// BM25 of SQLite's FTS5 over words that its Porter stemmer reduced, without the question's stop words.
    Fts5,
    /// BM25 of `rm-core` as it comes.
    Bm25,
    /// Words joined with exact search, or with that of the `n_probes` nearest lists.
    Hybrid {
        /// Lists scanned; `None` means all.
        n_probes: Option<usize>,
        /// How scores are joined.
        fusion: Fusion,
    },
}

impl Method {
    /// RM's hybrid search with all its defaults but the number of probes.
    pub(in crate::experiments) fn hybrid(n_probes: Option<usize>) -> Self {
        Self::Hybrid {
            n_probes,
            fusion: Fusion::default(),
        }
    }

    /// Returns the name in tables and plots.
    pub(in crate::experiments) fn label(self) -> String {
        match self {
            Self::Dense => "dense, exact".to_owned(),
            Self::Routed { n_probes } => format!("RM, n = {n_probes}"),
            Self::PlainBm25 => "BM25, plain words".to_owned(),
            Self::Fts5 => "BM25 of FTS5, porter".to_owned(),
            Self::Bm25 => "BM25".to_owned(),
            Self::Hybrid { n_probes, fusion } => {
                let name = match fusion {
                    fusion if fusion == Fusion::default() => "hybrid".to_owned(),
                    fusion => format!("hybrid by {}", FusionRule::of(fusion).label()),
                };
                n_probes.map_or_else(
                    || format!("{name}, exact"),
                    |n| format!("{name}, RM n = {n}"),
                )
            }
        }
    }

    /// Returns the number of lists scanned, where lists are.
    pub(in crate::experiments) fn n_probes(self) -> Option<usize> {
        match self {
            Self::Routed { n_probes } => Some(n_probes),
            Self::Hybrid { n_probes, .. } => n_probes,
            Self::Dense | Self::PlainBm25 | Self::Fts5 | Self::Bm25 => None,
        }
    }
}

/// Writes a [`Fusion`] in a definition: `{ rule = "z-score", parameter = 1.0 }`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::experiments) struct FusionRule {
    pub(in crate::experiments) rule: RuleName,
    /// Weight of the lexical side, or the k of reciprocal ranks.
    pub(in crate::experiments) parameter: f32,
}

/// Names a [`Fusion`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::experiments) enum RuleName {
    MaxNormalised,
    ZScore,
    MinMax,
    ReciprocalRank,
}

impl RuleName {
    pub(in crate::experiments) fn name(self) -> &'static str {
        match self {
            Self::MaxNormalised => "max-normalised",
            Self::ZScore => "z-score",
            Self::MinMax => "min-max",
            Self::ReciprocalRank => "reciprocal rank",
        }
    }
}

impl FusionRule {
    /// Describes a fusion.
    pub(in crate::experiments) fn of(fusion: Fusion) -> Self {
        let (rule, parameter) = match fusion {
            Fusion::ZScore { weight } => (RuleName::ZScore, weight),
            Fusion::MinMax { weight } => (RuleName::MinMax, weight),
            Fusion::ReciprocalRank { k } => (RuleName::ReciprocalRank, k),
            Fusion::MaxNormalised { weight } => (RuleName::MaxNormalised, weight),
            // `Fusion` may grow; a rule that is not compared here has no parameter to name.
            _ => (RuleName::MaxNormalised, f32::NAN),
        };
        Self { rule, parameter }
    }

    /// Returns the fusion.
    pub(in crate::experiments) fn fusion(self) -> Fusion {
        let weight = self.parameter;
        match self.rule {
            RuleName::MaxNormalised => Fusion::MaxNormalised { weight },
            RuleName::ZScore => Fusion::ZScore { weight },
            RuleName::MinMax => Fusion::MinMax { weight },
            RuleName::ReciprocalRank => Fusion::ReciprocalRank { k: weight },
        }
    }

    /// Returns the rule with its parameter, for people.
    pub(in crate::experiments) fn label(self) -> String {
        format!("{} {}", self.rule.name(), self.parameter)
    }
}

#[cfg(test)]
mod tests {
    use super::{FusionRule, Method};
    use rm_core::Fusion;

    #[test]
    fn a_rule_reads_as_the_fusion_it_names() -> anyhow::Result<()> {
        let rule: FusionRule = toml::from_str("rule = \"z-score\"\nparameter = 0.75")?;
        assert_eq!(rule.fusion(), Fusion::ZScore { weight: 0.75 });
        assert_eq!(FusionRule::of(rule.fusion()), rule);
        let method = Method::Hybrid {
            n_probes: Some(4),
            fusion: rule.fusion(),
        };
        assert_eq!(method.label(), "hybrid by z-score 0.75, RM n = 4");
        assert_eq!(Method::hybrid(None).label(), "hybrid, exact");
        Ok(())
    }
}

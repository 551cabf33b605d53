//! How our figure stands beside the published one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Says which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better: recall, fidelity.
    Higher,
    /// Less is better: latency, Gini coefficient.
    Lower,
}

/// Holds a published number and how to read it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The number as published.
    pub value: f64,
    /// Half a unit of the last digit that was printed: what the number may differ by and still be
    /// the same figure.
    pub tolerance: f64,
    /// Which way is better.
    pub better: Better,
}

/// Says how our figure stands beside the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Our whole interval lies on the better side of the published figure.
    #[serde(rename = "better")]
    Better,
    /// The published figure, as far as its printed digits tell, lies within our interval.
    #[serde(rename = "reproduced")]
    Reproduced,
    /// Our whole interval lies on the worse side of the published figure.
    #[serde(rename = "below")]
    Below,
    /// Nothing was published for this setting.
    #[serde(rename = "no published figure")]
    NoPublishedFigure,
}

impl Verdict {
    /// Compares the interval `[low, high]` of our figure with the published one.
    ///
    /// The published figure stands for every number that rounds to it, `value ± tolerance`. Where
    /// that stretch and our interval have a point in common the figure is reproduced; otherwise the
    /// side on which ours lies decides. A figure without an interval is the interval of one point.
    #[must_use]
    pub fn of(published: Figure, low: f64, high: f64) -> Self {
        let above = low > published.value + published.tolerance;
        let beneath = high < published.value - published.tolerance;
        let (ahead, behind) = match published.better {
            Better::Higher => (above, beneath),
            Better::Lower => (beneath, above),
        };
        match (ahead, behind) {
            (true, _) => Self::Better,
            (_, true) => Self::Below,
            _ => Self::Reproduced,
        }
    }

    /// Turns the answer to a published claim that is no number ("sqrt(N) has the lowest Gini") into
    /// a verdict.
    #[must_use]
    pub fn of_claim(holds: bool) -> Self {
        if holds { Self::Reproduced } else { Self::Below }
    }

    /// Returns the word that tables show.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Reproduced => "reproduced",
            Self::Below => "below",
            Self::NoPublishedFigure => "no published figure",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Published: 0.9916, printed with four digits, so it stands for [0.99155, 0.99165].
    const RECALL: Figure = Figure {
        value: 0.9916,
        tolerance: 0.000_05,
        better: Better::Higher,
    };
    // Published: 11 episodes until the alarm, so it stands for [10.5, 11.5].
    const LATENCY: Figure = Figure {
        value: 11.0,
        tolerance: 0.5,
        better: Better::Lower,
    };

    #[test]
    fn higher_is_better() {
        assert_eq!(Verdict::of(RECALL, 0.9920, 0.9950), Verdict::Better);
        assert_eq!(Verdict::of(RECALL, 0.9900, 0.9950), Verdict::Reproduced);
        assert_eq!(Verdict::of(RECALL, 0.9800, 0.9910), Verdict::Below);
    }

    #[test]
    fn lower_is_better() {
        assert_eq!(Verdict::of(LATENCY, 7.0, 9.0), Verdict::Better);
        assert_eq!(Verdict::of(LATENCY, 9.0, 12.0), Verdict::Reproduced);
        assert_eq!(Verdict::of(LATENCY, 12.0, 14.0), Verdict::Below);
    }

    #[test]
    fn an_interval_that_touches_the_rounding_is_reproduced() {
        // 0.99163 rounds to 0.9916; 0.99166 rounds to 0.9917.
        assert_eq!(Verdict::of(RECALL, 0.991_63, 0.995), Verdict::Reproduced);
        assert_eq!(Verdict::of(RECALL, 0.991_66, 0.995), Verdict::Better);
        // 10.4 episodes are fewer than what 11 may stand for; 10.6 are not.
        assert_eq!(Verdict::of(LATENCY, 10.4, 10.4), Verdict::Better);
        assert_eq!(Verdict::of(LATENCY, 10.6, 10.6), Verdict::Reproduced);
    }

    #[test]
    fn a_single_point_is_an_interval() {
        assert_eq!(Verdict::of(RECALL, 0.9916, 0.9916), Verdict::Reproduced);
        assert_eq!(Verdict::of(RECALL, 1.0, 1.0), Verdict::Better);
        assert_eq!(Verdict::of(RECALL, 0.0, 0.0), Verdict::Below);
    }

    #[test]
    fn a_claim_holds_or_does_not() {
        assert_eq!(Verdict::of_claim(true), Verdict::Reproduced);
        assert_eq!(Verdict::of_claim(false), Verdict::Below);
    }
}

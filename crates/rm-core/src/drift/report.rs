//! What a monitor tells, and what it needs to go on after a restart.

/// Is one alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftAlarm {
    /// Time of the query that raised it, in milliseconds since 1970.
    pub at_ms: i64,
    /// Number of that query, counted from 1.
    pub episode: u64,
    /// Recent error over baseline.
    pub ratio: f64,
}

/// Is something a query made the monitor notice.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum DriftEvent {
    /// The recent error is far above the baseline.
    Alarm(DriftAlarm),
    /// The recent error is back below the alarm ratio.
    Recovered {
        /// Number of the query, counted from 1.
        episode: u64,
        /// Recent error over baseline.
        ratio: f64,
    },
}

/// Sums up what a monitor has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftStats {
    /// Queries recorded.
    pub episodes: u64,
    /// Mean quantisation error of the baseline, once there is one.
    pub baseline_qerr: Option<f64>,
    /// Mean margin of the baseline, once there is one.
    pub baseline_margin: Option<f64>,
    /// Mean quantisation error of the window, 0 for fewer than five queries.
    pub recent_qerr: f64,
    /// Mean margin of the window, 0 for fewer than five queries.
    pub recent_margin: f64,
    /// Recent over baseline error, 0 without a baseline.
    pub ratio: f64,
    /// Whether the last ratio was at or above the alarm ratio.
    pub in_drift: bool,
    /// Alarms raised.
    pub alarms: u64,
}

/// Is all that a monitor needs to go on where another one stopped, but for the alarms it kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DriftState {
    /// Quantisation error and margin of the last queries, oldest first.
    pub recent: Vec<(f64, f64)>,
    /// Sums of both over the first queries, until they are the baseline.
    pub first: (f64, f64),
    /// Number of queries in those sums.
    pub learned: u64,
    /// Mean error and margin of the baseline.
    pub baseline: Option<(f64, f64)>,
    /// Queries recorded.
    pub episodes: u64,
    /// Number of the query that raised the last alarm.
    pub last_alarm: Option<u64>,
    /// Alarms raised.
    pub alarms: u64,
    /// Whether the last comparison found drift.
    pub in_drift: bool,
}

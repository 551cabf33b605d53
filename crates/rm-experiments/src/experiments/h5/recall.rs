//! What drift costs in recall, and what adaptation gives back.

use anyhow::{Context as _, Result};
use rm_core::Index;
use serde::Serialize;

use super::Parameters;
use super::shift::{Done, Method, Searched, Shift};
use super::world::{World, WorldName};
use crate::metrics::{Bootstrap, Interval, mean};
use crate::output::Table;
use crate::suite::{Context, TextKind};

/// Says when recall was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// The old domain alone is stored, under its own codebook.
    Before,
    /// The new domain's items have been added to that codebook.
    During,
    /// The codebook has been adapted.
    After,
}

/// Is one line of `recall.csv`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RecallRow {
    pub(super) world: WorldName,
    pub(super) text_kind: TextKind,
    pub(super) phase: Phase,
    pub(super) method: Method,
    /// Whether questions are about the new domain.
    pub(super) about_new: bool,
    pub(super) shifts: usize,
    pub(super) n_items: usize,
    /// Mean over shifts.
    pub(super) k: f64,
    pub(super) n_queries: usize,
    pub(super) n_probes: usize,
    pub(super) top_k: usize,
    pub(super) recall_vs_dense: f64,
    pub(super) ci_low: f64,
    pub(super) ci_high: f64,
    pub(super) share_scanned: f64,
    /// Recall where as many items are compared as without adaptation.
    pub(super) recall_at_equal_share: f64,
    pub(super) equal_share_ci_low: f64,
    pub(super) equal_share_ci_high: f64,
    /// Share of items compared there.
    pub(super) equal_share: f64,
    /// Gain of that recall over no adaptation, over the same questions.
    pub(super) gain_at_equal_share: f64,
    pub(super) gain_ci_low: f64,
    pub(super) gain_ci_high: f64,
    pub(super) gold_recall_at_10: Option<f64>,
    pub(super) gold_ci_low: Option<f64>,
    pub(super) gold_ci_high: Option<f64>,
    pub(super) dense_gold_recall_at_10: Option<f64>,
    pub(super) items_moved: f64,
    pub(super) fidelity: f64,
}

/// Is one line of `adaptation_timing.csv`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TimingRow {
    pub(super) world: WorldName,
    pub(super) text_kind: TextKind,
    pub(super) method: Method,
    pub(super) n_items: usize,
    pub(super) shifts: usize,
    /// Mean over shifts, on all cores, vectors given and nothing stored.
    pub(super) adapt_ms: f64,
}

/// Holds everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Recall {
    pub(super) rows: Vec<RecallRow>,
    pub(super) timing: Vec<TimingRow>,
}

/// The tables of this part.
pub(super) struct Tables {
    recall: Table<RecallRow>,
    timing: Table<TimingRow>,
}

impl Tables {
    pub(super) fn create(context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            recall: context.table("recall")?,
            timing: context.timing_table("adaptation")?,
        })
    }

    pub(super) fn finish(self) -> Result<()> {
        self.recall.finish()?;
        self.timing.finish()
    }
}

/// Collects one line's figures over shifts.
#[derive(Debug, Default)]
struct Sums {
    recall: Vec<f64>,
    shares: Vec<f64>,
    equal: Vec<f64>,
    equal_shares: Vec<f64>,
    /// Recall without adaptation of the same questions at the same share.
    nothing: Vec<f64>,
    gold: Vec<f64>,
    dense_gold: Vec<f64>,
    ks: Vec<f64>,
    n_items: usize,
    moved: Vec<f64>,
    fidelity: Vec<f64>,
    adapt_ms: Vec<f64>,
}

/// The lines of one world: before, and each method, about the old and about the new domain.
struct Lines(Vec<(Phase, Method, bool, Sums)>);

impl Lines {
    fn of(&mut self, phase: Phase, method: Method, about_new: bool) -> &mut Sums {
        let key = |line: &(Phase, Method, bool, Sums)| (line.0, line.1, line.2);
        let wanted = (phase, method, about_new);
        let at = self.0.iter().position(|line| key(line) == wanted);
        let at = at.unwrap_or_else(|| {
            self.0.push((phase, method, about_new, Sums::default()));
            self.0.len() - 1
        });
        &mut self.0[at].3
    }
}

/// Measures recall round shifts between the domains of one world.
pub(super) fn measure(
    context: &Context<'_>,
    p: &Parameters,
    world: &World,
    tables: &mut Tables,
    recall: &mut Recall,
) -> Result<()> {
    let pairs = shifts_of(world, p);
    let label = format!("H5 {}: shifts", world.name);
    let task = context
        .progress()
        .task(&label, pairs.len() as u64, "shifts");
    let mut lines = Lines(Vec::new());
    for &(old, new) in &pairs {
        let (old, new) = (&world.domains[old], &world.domains[new]);
        one_shift(&Shift::new(old, new, context.seed(), p)?, p, &mut lines)?;
        task.advance(1);
    }
    for (phase, method, about_new, sums) in lines.0 {
        if about_new {
            let row = TimingRow {
                world: world.name,
                text_kind: world.name.kind(),
                method,
                n_items: sums.n_items,
                shifts: pairs.len(),
                adapt_ms: mean(&sums.adapt_ms).unwrap_or(0.0),
            };
            tables.timing.write(&row)?;
            recall.timing.push(row);
        }
        let Some(row) = row(world, p, phase, method, about_new, pairs.len(), &sums)? else {
            continue;
        };
        tables.recall.write(&row)?;
        recall.rows.push(row);
    }
    Ok(())
}

/// Returns the shifts that are measured: from each domain to the next, or to each other one; Reddit goes
/// forward in time alone.
fn shifts_of(world: &World, p: &Parameters) -> Vec<(usize, usize)> {
    let n = world.domains.len();
    if world.name == WorldName::RedditByTime {
        return vec![(0, 1)];
    }
    let wanted = |(old, new): &(usize, usize)| p.all_shifts || *new == (old + 1) % n;
    world.pairs().filter(wanted).collect()
}

fn one_shift(shift: &Shift, p: &Parameters, lines: &mut Lines) -> Result<()> {
    let before = shift.before()?;
    let searched = shift.search(&before, shift.asked(false), p)?;
    let nothing_done = Done {
        items_moved: 0,
        adapt_ms: 0.0,
    };
    let sums = lines.of(Phase::Before, Method::Nothing, false);
    sums.take(
        p,
        &before,
        shift.n_old(),
        &searched,
        &searched,
        nothing_done,
    )?;
    let during = shift.during(before)?;
    let baseline = [false, true].map(|about_new| shift.search(&during, shift.asked(about_new), p));
    let [about_old, about_new] = baseline;
    let baseline = [about_old?, about_new?];
    for method in Method::ALL {
        let mut index = during.clone();
        let done = shift.adapt(&mut index, method)?;
        let phase = if method == Method::Nothing {
            Phase::During
        } else {
            Phase::After
        };
        for (about_new, baseline) in [false, true].into_iter().zip(&baseline) {
            let searched = shift.search(&index, shift.asked(about_new), p)?;
            let sums = lines.of(phase, method, about_new);
            sums.take(p, &index, shift.n_items(), &searched, baseline, done)?;
        }
    }
    Ok(())
}

impl Sums {
    fn take(
        &mut self,
        p: &Parameters,
        index: &Index,
        n_items: usize,
        searched: &Searched,
        baseline: &Searched,
        done: Done,
    ) -> Result<()> {
        let n = p.published_n_probes;
        let missing = || format!("n_probes lacks {n}");
        let fixed = searched.at(n).with_context(missing)?;
        let nothing = baseline.at(n).with_context(missing)?;
        let equal = searched.at_share(nothing.share).with_context(missing)?;
        self.recall.extend(&fixed.recall);
        self.gold.extend(&fixed.gold);
        self.shares.push(fixed.share);
        self.equal_shares.push(equal.share);
        self.equal.extend(equal.recall);
        self.nothing.extend(&nothing.recall);
        self.dense_gold.extend(&searched.dense_gold);
        self.ks.push(index.k() as f64);
        self.n_items = self.n_items.max(n_items);
        self.moved.push(done.items_moved as f64);
        self.adapt_ms.push(done.adapt_ms);
        self.fidelity.push(index.stats().fidelity);
        Ok(())
    }
}

/// Averages the figures of one line; `None` where there was no question.
fn row(
    world: &World,
    p: &Parameters,
    phase: Phase,
    method: Method,
    about_new: bool,
    shifts: usize,
    sums: &Sums,
) -> Result<Option<RecallRow>> {
    if sums.recall.is_empty() {
        return Ok(None);
    }
    let bootstrap = Bootstrap::default();
    let recall = bootstrap.mean(&sums.recall)?;
    let equal = bootstrap.mean(&sums.equal)?;
    let gain = bootstrap.paired_difference(&sums.equal, &sums.nothing)?;
    let gold: Option<Interval> = bootstrap.mean(&sums.gold).ok();
    let average = |values: &[f64]| mean(values).unwrap_or(0.0);
    Ok(Some(RecallRow {
        world: world.name,
        text_kind: world.name.kind(),
        phase,
        method,
        about_new,
        shifts,
        n_items: sums.n_items,
        k: average(&sums.ks),
        n_queries: sums.recall.len(),
        n_probes: p.published_n_probes,
        top_k: p.top_k,
        recall_vs_dense: recall.estimate,
        ci_low: recall.low,
        ci_high: recall.high,
        share_scanned: average(&sums.shares),
        recall_at_equal_share: equal.estimate,
        equal_share_ci_low: equal.low,
        equal_share_ci_high: equal.high,
        equal_share: average(&sums.equal_shares),
        gain_at_equal_share: gain.estimate,
        gain_ci_low: gain.low,
        gain_ci_high: gain.high,
        gold_recall_at_10: gold.map(|gold| gold.estimate),
        gold_ci_low: gold.map(|gold| gold.low),
        gold_ci_high: gold.map(|gold| gold.high),
        dense_gold_recall_at_10: mean(&sums.dense_gold),
        items_moved: average(&sums.moved),
        fidelity: average(&sums.fidelity),
    }))
}

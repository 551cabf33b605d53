//! The plots of A5.

use anyhow::{Context as _, Result};

use super::Parameters;
use super::frontier::not_beaten;
use super::point::{Method, Point};
use super::report::Found;
use crate::experiments::chart::series_of;
use crate::output::text::grouped;
use crate::plots::{Axis, AxisScale, LineChart, PlotFile, Point as Dot, Reference, Series};
use crate::suite::Context;

/// Grey dots between points, which no series of a method has.
const FRONTIER_LOOK: usize = 27;

/// Draws recall over time and over vectors compared for one data set.
pub(super) fn plots(
    context: &Context<'_>,
    parameters: &Parameters,
    found: &Found<'_>,
) -> Result<Vec<PlotFile>> {
    let figure = context.definition().published.figure();
    let ms = parameters.published_p50_ms;
    let by_time = Drawing {
        stem: "recall-over-time",
        title: "Recall over search time",
        axis: "median time of a search on one core (ms)",
        caption: "What recall costs in time, vector given; the stairs lead over the points that no other beats",
        reference: figure.map(|f| {
            let label = format!("published: {} at {ms} ms, N = 100,000", f.value);
            Reference::new(&label, f.value).at(ms)
        }),
        cost: |point| point.latency.p50,
    };
    let by_work = Drawing {
        stem: "recall-over-work",
        title: "Recall over vectors compared",
        axis: "vectors compared by a search, centroids included",
        caption: "What recall costs in dot products, the same on every machine; the stairs lead over the points \
                  that no other beats",
        reference: figure.map(|f| Reference::new(&format!("published: {}", f.value), f.value)),
        cost: |point| point.compared.estimate,
    };
    [by_time, by_work]
        .into_iter()
        .map(|drawing| drawing.save(context, parameters, found))
        .collect()
}

/// Says what one plot shows.
struct Drawing {
    stem: &'static str,
    title: &'static str,
    axis: &'static str,
    caption: &'static str,
    reference: Option<Reference>,
    cost: fn(&Point) -> f64,
}

impl Drawing {
    fn save(
        self,
        context: &Context<'_>,
        parameters: &Parameters,
        found: &Found<'_>,
    ) -> Result<PlotFile> {
        let (dataset, n_items) = (found.dataset, grouped(found.n_items as u64));
        let mut labelled: Vec<(String, &Point)> = found
            .points
            .iter()
            .map(|point| (label(&point.method), *point))
            .collect();
        labelled.sort_by_key(|(_, point)| match point.method {
            Method::Graph { .. } => 0,
            Method::Routing { .. } => 1,
            Method::Exact => 2,
        });
        let dots = labelled.iter().map(|(label, point)| {
            let dot = Dot::new((self.cost)(point), point.recall.estimate);
            let recall = point.recall;
            (label.as_str(), dot.with_interval(recall.low, recall.high))
        });
        let mut chart = LineChart::new(
            &format!("{}, {dataset}, {n_items} items", self.title),
            Axis::new(self.axis, AxisScale::Log10),
            Axis::linear(&format!("R@{} vs dense", parameters.top_k)),
        );
        for series in series_of(dots) {
            chart = chart.series(series);
        }
        let stairs = Series::new("beaten by no other point", self.frontier(&found.points));
        chart = chart.series(stairs.without_markers().with_look(FRONTIER_LOOK));
        if let Some(reference) = self.reference {
            chart = chart.reference(reference);
        }
        let stem = format!("{}-{dataset}", self.stem);
        chart
            .save(context.folder(), &stem, self.caption)
            .with_context(|| format!("cannot draw {stem}"))
    }

    /// Returns a staircase with a corner at each point that no other beats, from the cheapest on.
    fn frontier(&self, points: &[&Point]) -> Vec<Dot> {
        let cost = |point: &&Point| [1.0 - point.recall.estimate, (self.cost)(point)];
        let costs: Vec<[f64; 2]> = points.iter().map(cost).collect();
        let kept = costs
            .iter()
            .zip(not_beaten(&costs))
            .filter(|(_, kept)| *kept);
        let mut kept: Vec<[f64; 2]> = kept.map(|(cost, _)| *cost).collect();
        kept.sort_unstable_by(|a, b| a[1].total_cmp(&b[1]));
        let mut stairs: Vec<Dot> = Vec::new();
        let mut reached = None;
        for [missed, cost] in kept {
            stairs.extend(reached.map(|recall| Dot::new(cost, recall)));
            stairs.push(Dot::new(cost, 1.0 - missed));
            reached = Some(1.0 - missed);
        }
        stairs
    }
}

fn label(method: &Method) -> String {
    match method {
        Method::Exact => "exact search".to_owned(),
        Method::Routing {
            k_rule,
            k,
            list_bits,
            ..
        } => match list_bits {
            32 => format!("routing, K by {k_rule} = {k}"),
            bits => format!("routing, K by {k_rule} = {k}, {bits} bits"),
        },
        Method::Graph { .. } => "graph (HNSW)".to_owned(),
    }
}

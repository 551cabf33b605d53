//! The plots of A5.

use anyhow::{Context as _, Result};

use super::Parameters;
use super::frontier::not_beaten;
use super::point::{Method, Point};
use super::report::Found;
use crate::ListCoding;
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
        axis: "vectors compared by a search, centroids and codes included",
        caption: "What recall costs in vectors compared, the same on every machine, a code counted by its bytes; \
                  the stairs lead over the points that no other beats",
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
        let labelled = self.labelled(parameters, found);
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

    /// Lists the points that are drawn, each with the name of its line: of routing the original's, and for each coding those
    /// that no other of it beats, whatever their K.
    fn labelled<'a>(&self, parameters: &Parameters, found: &Found<'a>) -> Vec<(String, &'a Point)> {
        let named = |name: &str, points: Vec<&'a Point>| {
            let name = name.to_owned();
            points.into_iter().map(move |point| (name.clone(), point))
        };
        let of = |is_wanted: &dyn Fn(&Method) -> bool| -> Vec<&'a Point> {
            let points = found.points.iter().copied();
            points.filter(|point| is_wanted(&point.method)).collect()
        };
        let mut all = Vec::new();
        let graph = of(&|method| matches!(method, Method::Graph { .. }));
        all.extend(named("graph (HNSW)", graph));
        for &coding in &parameters.codings {
            let of_coding = of(&|method| method.coding() == Some(coding));
            let label = format!("routing, {}, best K and n", coding.in_words());
            all.extend(named(&label, self.unbeaten(&of_coding)));
        }
        let original = of(&|method| is_originals(parameters, method));
        let label = format!(
            "routing, exact lists, the original's K by {}",
            parameters.published_k_rule
        );
        all.extend(named(&label, original));
        let exact = of(&|method| matches!(method, Method::Exact));
        all.extend(named("exact search", exact));
        all
    }

    /// Returns recall, as what is missed, and the cost that is drawn.
    fn costs(&self, points: &[&Point]) -> Vec<[f64; 2]> {
        let cost = |point: &&Point| [1.0 - point.recall.estimate, (self.cost)(point)];
        points.iter().map(cost).collect()
    }

    /// Returns the points that no other of `points` beats, the cheapest first.
    fn unbeaten<'a>(&self, points: &[&'a Point]) -> Vec<&'a Point> {
        let kept = not_beaten(&self.costs(points));
        let kept = points.iter().zip(kept).filter(|(_, kept)| *kept);
        let mut kept: Vec<&Point> = kept.map(|(point, _)| *point).collect();
        kept.sort_by(|a, b| (self.cost)(a).total_cmp(&(self.cost)(b)));
        kept
    }

    /// Returns a staircase with a corner at each point that no other beats, from the cheapest on.
    fn frontier(&self, points: &[&Point]) -> Vec<Dot> {
        let mut stairs: Vec<Dot> = Vec::new();
        let mut reached = None;
        for point in self.unbeaten(points) {
            let (recall, cost) = (point.recall.estimate, (self.cost)(point));
            stairs.extend(reached.map(|recall| Dot::new(cost, recall)));
            stairs.push(Dot::new(cost, recall));
            reached = Some(recall);
        }
        stairs
    }
}

/// Returns whether K and lists are the original's.
fn is_originals(parameters: &Parameters, method: &Method) -> bool {
    matches!(
        method,
        Method::Routing { k_rule, coding: ListCoding::Exact, .. } if *k_rule == parameters.published_k_rule
    )
}

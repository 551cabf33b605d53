//! Routing beside the graph at equal recall.

use super::point::Point;
use crate::ListCoding;

/// Is one width of the graph, and the fastest routing of one coding that finds no less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) graph: &'a Point,
    pub(super) routing: Option<&'a Point>,
}

impl Beside<'_> {
    /// Returns how many times as fast routing is; `None` where none measured finds as much.
    pub(super) fn speed(&self) -> Option<f64> {
        let routing = self.routing?;
        Some(self.graph.latency.p50 / routing.latency.p50)
    }

    /// Says how the two stand.
    pub(super) fn in_words(&self) -> String {
        let (graph, setting) = (self.graph, self.graph.method.setting());
        let first = format!(
            "{setting} R@5 {:.4} in {:.3} ms",
            graph.recall.estimate, graph.latency.p50
        );
        match self.routing {
            Some(routing) => format!(
                "{first}, {} {:.4} in {:.3}",
                routing.method.setting(),
                routing.recall.estimate,
                routing.latency.p50
            ),
            None => format!("{first}, no routing measured finds as much"),
        }
    }
}

/// Sets the fastest routing of `coding` beside every width of the graph.
pub(super) fn beside_graph<'a>(points: &[&'a Point], coding: ListCoding) -> Vec<Beside<'a>> {
    let of_coding = |point: &&&'a Point| point.method.coding() == Some(coding);
    let beside = |graph: &'a Point| {
        let routings = points.iter().filter(of_coding).copied();
        let enough = routings.filter(|p| p.recall.estimate >= graph.recall.estimate);
        Beside {
            graph,
            routing: enough.min_by(|a, b| a.latency.p50.total_cmp(&b.latency.p50)),
        }
    };
    let graphs = points.iter().copied();
    let graphs = graphs.filter(|point| point.method.name() == "graph");
    graphs.map(beside).collect()
}

/// Returns at how many widths routing is faster.
pub(super) fn wins(beside: &[Beside<'_>]) -> usize {
    let speeds = beside.iter().filter_map(Beside::speed);
    speeds.filter(|speed| *speed > 1.0).count()
}

/// Returns the least and the most times as fast that routing is, where some finds as much.
pub(super) fn speeds(beside: &[Beside<'_>]) -> Option<(f64, f64)> {
    let speeds: Vec<f64> = beside.iter().filter_map(Beside::speed).collect();
    let least = speeds.iter().copied().min_by(f64::total_cmp)?;
    let most = speeds.iter().copied().max_by(f64::total_cmp)?;
    Some((least, most))
}

#[cfg(test)]
mod tests {
    use super::super::point::Method;
    use super::*;
    use crate::corpora::Dataset;
    use crate::metrics::{Interval, Percentiles};
    use crate::suite::TextKind;

    fn point(method: Method, recall: f64, p50: f64) -> Point {
        let exactly = |value| Interval {
            estimate: value,
            low: value,
            high: value,
        };
        Point {
            dataset: Dataset::Reddit,
            text_kind: TextKind::Real,
            n_items: 100,
            n_queries: 10,
            method,
            recall: exactly(recall),
            gold: exactly(0.0),
            compared: exactly(0.0),
            bytes_per_item: 0.0,
            latency: Percentiles {
                p50,
                p95: p50,
                p99: p50,
            },
        }
    }

    fn routing(n_probes: usize, coding: ListCoding) -> Method {
        Method::Routing {
            k_rule: "10".to_owned(),
            k: 10,
            n_probes,
            coding,
        }
    }

    #[test]
    fn the_fastest_routing_that_finds_no_less_stands_beside_each_width() {
        let points = [
            point(Method::Graph { ef: 10 }, 0.90, 2.0),
            point(Method::Graph { ef: 20 }, 0.95, 3.0),
            point(Method::Graph { ef: 40 }, 0.999, 4.0),
            point(routing(1, ListCoding::OneBit), 0.89, 0.1),
            point(routing(2, ListCoding::OneBit), 0.92, 1.0),
            point(routing(4, ListCoding::OneBit), 0.96, 4.0),
            point(routing(4, ListCoding::Exact), 0.999, 1.0),
        ];
        let points: Vec<&Point> = points.iter().collect();
        let beside = beside_graph(&points, ListCoding::OneBit);
        let found: Vec<Option<f64>> = beside.iter().map(Beside::speed).collect();
        assert_eq!(found, [Some(2.0), Some(0.75), None]);
        assert_eq!(wins(&beside), 1);
        assert_eq!(speeds(&beside), Some((0.75, 2.0)));
    }
}

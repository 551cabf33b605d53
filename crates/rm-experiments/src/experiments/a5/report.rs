//! What A5 makes of its measurements: rows and words.

use anyhow::Result;

use super::beside_graph::{Beside, beside_graph, speeds, wins};
use super::frontier::beats;
use super::plots::plots;
use super::point::{Method, Point};
use super::{Measured, Parameters};
use crate::ListCoding;
use crate::corpora::Dataset;
use crate::output::text::grouped;
use crate::suite::{
    Better, Context, Figure, Measured as Value, Outcome, ResultRow, RowBuilder, Setting, Verdict,
};

pub(super) fn outcome(
    context: &Context<'_>,
    parameters: &Parameters,
    measured: &Measured,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut answers = Vec::new();
    for dataset in datasets(measured) {
        let found = Found::of(context, parameters, measured, dataset);
        outcome.rows.extend(rows(context, parameters, &found)?);
        outcome.plots.extend(plots(context, parameters, &found)?);
        let Some([routing, graph]) = answer(parameters, measured, &found) else {
            continue;
        };
        answers.push(format!("{routing} {graph}"));
        let notes = &mut outcome.notes;
        if notes.gains.is_empty() {
            notes.gains.push(routing);
            let beside = found.beside_graph(parameters.reported_coding);
            if 2 * wins(&beside) > beside.len() {
                notes.gains.push(graph);
            } else {
                notes.losses.push(graph);
            }
        }
    }
    outcome.notes.answer = answers.join(" ");
    outcome.notes.settings = settings(parameters);
    outcome.notes.remarks = remarks();
    Ok(outcome)
}

fn settings(parameters: &Parameters) -> Vec<Setting> {
    let graph = &parameters.graph;
    let codings = parameters.codings.iter().map(|coding| coding.in_words());
    vec![
        Setting::new("items", parameters.n_items),
        Setting::new("queries at most", parameters.n_queries),
        Setting::new("K rules", parameters.k_rules.join(", ")),
        Setting::new(
            "probes n",
            format!(
                "{:?}; exact lists to {}",
                parameters.n_probes, parameters.most_probes_exact
            ),
        ),
        Setting::new("lists", codings.collect::<Vec<_>>().join("; ")),
        Setting::new(
            "graph",
            format!(
                "HNSW of the crate hnsw-stable, M = {}, efConstruction = {}, ef = {:?}, linked one item after the \
                 other",
                graph.m, graph.ef_construction, graph.efs
            ),
        ),
        Setting::new(
            "timed queries",
            format!(
                "{} at most, one at a time on one core, vector given",
                parameters.n_timed
            ),
        ),
        Setting::new(
            "bytes",
            "vectors (4 x 384) and ids (8) of every method; centroids, list heads and codes of routing, as the index \
             counts them; links and levels of the graph; not counted: tables that find an item by its id, locks and marks \
             of the graph's crate",
        ),
    ]
}

fn remarks() -> Vec<String> {
    [
        "Where lists have codes, a code that is scanned counts among the vectors compared as the share of a vector's bytes \
         that it takes.",
        "All three methods compute scores with the same dot product over the same vectors, and each was built on \
         one thread.",
        "Which point beats which is decided on the means alone: points whose intervals overlap may change places \
         with other queries.",
        "Reddit's gold means \"same post\", not a human judgement, and only titles that share two content words \
         with their body were taken.",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn datasets(measured: &Measured) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = Vec::new();
    for point in &measured.points {
        if !datasets.contains(&point.dataset) {
            datasets.push(point.dataset);
        }
    }
    datasets
}

/// Holds the points of one data set and those that the rows are about.
pub(super) struct Found<'a> {
    pub(super) dataset: Dataset,
    pub(super) points: Vec<&'a Point>,
    pub(super) n_items: usize,
    /// Routing with the published K rule and number of probes.
    at_published: Option<&'a Point>,
    /// Routing that surely reaches the published recall and compares the fewest vectors.
    least_work: Option<&'a Point>,
    exact: Option<&'a Point>,
    /// Routing that surely reaches the published recall in the least time.
    pub(super) fastest: Option<&'a Point>,
    /// The graph that does.
    pub(super) fastest_graph: Option<&'a Point>,
    /// Routing that claims not to be beaten, one for each coding.
    claims: Vec<Claim>,
    published_recall: f64,
    published_n_probes: usize,
}

/// Is how much of routing from the published number of probes on other methods beat.
struct Claim {
    coding: ListCoding,
    settings: usize,
    beaten_in_work: usize,
    beaten_in_time: usize,
}

impl Claim {
    fn of(parameters: &Parameters, points: &[&Point], coding: ListCoding) -> Self {
        let (claiming, others): (Vec<&Point>, Vec<&Point>) = {
            let routing = points.iter().copied().filter(|point| {
                point.method.coding() == Some(coding)
                    && n_probes(point) >= Some(parameters.published_n_probes)
            });
            let others = points
                .iter()
                .copied()
                .filter(|p| p.method.coding().is_none());
            (routing.collect(), others.collect())
        };
        let beaten = |is_beaten: &dyn Fn(&Point, &Point) -> bool| {
            let beaten = claiming
                .iter()
                .filter(|point| others.iter().any(|other| is_beaten(other, point)));
            beaten.count()
        };
        Self {
            coding,
            settings: claiming.len(),
            beaten_in_work: beaten(&|other, point| beats(&other.work(), &point.work())),
            beaten_in_time: beaten(&|other, point| beats(&other.time(), &point.time())),
        }
    }
}

impl<'a> Found<'a> {
    /// Sets the fastest routing of a coding beside each width of the graph.
    fn beside_graph(&self, coding: ListCoding) -> Vec<Beside<'a>> {
        beside_graph(&self.points, coding)
    }

    fn of(
        context: &Context<'_>,
        parameters: &Parameters,
        measured: &'a Measured,
        dataset: Dataset,
    ) -> Self {
        let figure = context.definition().published.figure();
        let wanted = figure.map_or(1.0, |figure| figure.value);
        let points = measured.points.iter().filter(|p| p.dataset == dataset);
        let points: Vec<&Point> = points.collect();
        let of = |name: &'static str| {
            points
                .iter()
                .copied()
                .filter(move |p| p.method.name() == name)
        };
        let reach = |name| of(name).filter(move |point| point.recall.low >= wanted);
        let by_time = |a: &&Point, b: &&Point| a.latency.p50.total_cmp(&b.latency.p50);
        Self {
            dataset,
            n_items: points.first().map_or(0, |point| point.n_items),
            at_published: of("routing").find(|point| is_published(parameters, point)),
            least_work: reach("routing")
                .min_by(|a, b| a.compared.estimate.total_cmp(&b.compared.estimate)),
            exact: of("exact").next(),
            fastest: reach("routing").min_by(by_time),
            fastest_graph: reach("graph").min_by(by_time),
            claims: {
                let claim = |&coding| Claim::of(parameters, &points, coding);
                parameters.codings.iter().map(claim).collect()
            },
            published_recall: wanted,
            published_n_probes: parameters.published_n_probes,
            points,
        }
    }
}

fn n_probes(point: &Point) -> Option<usize> {
    match point.method {
        Method::Routing { n_probes, .. } => Some(n_probes),
        _ => None,
    }
}

fn is_published(parameters: &Parameters, point: &Point) -> bool {
    matches!(
        &point.method,
        Method::Routing { k_rule, n_probes, coding: ListCoding::Exact, .. }
            if *k_rule == parameters.published_k_rule && *n_probes == parameters.published_n_probes
    )
}

fn rows(
    context: &Context<'_>,
    parameters: &Parameters,
    found: &Found<'_>,
) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    // At another size the published figures are no figures of this setting.
    let is_published_size = found.n_items == parameters.published_n_items;
    let figure = context.definition().published.figure();
    if let Some(point) = found.at_published {
        let row = recall_row(context, parameters, point)?;
        let row = row.against(figure.filter(|_| is_published_size));
        let why = why_at_published(row.verdict(), found, point);
        rows.push(row.because(&why)?);
    }
    if let Some(point) = found.least_work {
        let why = format!(
            "{}: of the settings that pass the published figure the one that compares least, {:.1}% of the items \
             and centroids, in {:.0} bytes an item",
            point.method.setting(),
            100.0 * point.compared.estimate / found.n_items as f64,
            point.bytes_per_item
        );
        rows.push(recall_row(context, parameters, point)?.because(&why)?);
    }
    rows.extend(claim_rows(context, parameters, found)?);
    rows.extend(beside_graph_rows(context, parameters, found)?);
    let published_p50 = Figure {
        value: parameters.published_p50_ms,
        tolerance: parameters.published_p50_tolerance_ms,
        better: Better::Lower,
    };
    if let Some(point) = found.fastest {
        let row = time_row(context, "p50_ms of routing", point)?;
        let row = row.against(Some(published_p50).filter(|_| is_published_size));
        let why = format!(
            "{}: the fastest that passes the published recall; the published machine is not stated; in this run \
             {}",
            point.method.setting(),
            rivals(found)
        );
        rows.push(row.because(&why)?);
    }
    if let Some(point) = found.fastest_graph {
        let why = format!(
            "{}, R@{} {:.3}: the fastest graph that passes the published recall; it compares {:.0} vectors and \
             takes {:.0} bytes an item",
            point.method.setting(),
            parameters.top_k,
            point.recall.estimate,
            point.compared.estimate,
            point.bytes_per_item
        );
        rows.push(time_row(context, "p50_ms of the graph", point)?.because(&why)?);
    }
    Ok(rows)
}

fn why_at_published(verdict: Verdict, found: &Found<'_>, point: &Point) -> String {
    let compared = 100.0 * point.compared.estimate / found.n_items as f64;
    let per_list = match point.method {
        Method::Routing { k, .. } => found.n_items / k.max(1),
        _ => 0,
    };
    match (verdict, found.least_work) {
        (Verdict::NoPublishedFigure, _) => format!(
            "the published figure is for 100,000 items, which --scale paper runs; here {compared:.1}% of {} items \
             and centroids were compared",
            grouped(found.n_items as u64)
        ),
        (Verdict::Below, Some(other)) => format!(
            "neighbours are spread over more than {} lists of {per_list} items: {} is the least that reaches it",
            found.published_n_probes,
            other.method.setting()
        ),
        (Verdict::Below, None) => {
            format!(
                "neighbours are spread over more lists of {per_list} items than any setting measured visits"
            )
        }
        _ => format!(
            "{compared:.1}% of the items and centroids were compared, {per_list} items a list"
        ),
    }
}

/// Says whether routing is dominant from the published number of probes on, by work and by time; with the published
/// lists first.
fn claim_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    found: &Found<'_>,
) -> Result<Vec<ResultRow>> {
    let n = parameters.published_n_probes;
    let mut rows = Vec::new();
    let Some(point) = found.at_published else {
        return Ok(rows);
    };
    for claim in found.claims.iter().filter(|claim| claim.settings > 0) {
        for (cost, beaten) in [
            ("vectors compared", claim.beaten_in_work),
            ("time", claim.beaten_in_time),
        ] {
            let share = (claim.settings - beaten) as f64 / claim.settings as f64;
            let metric = claim.coding.behind(&format!(
                "share of settings from n = {n} on that no other method beats in recall and {cost}"
            ));
            let mut row = context.row(&metric, Value::exact(share)?);
            row = row.on(point.dataset.name(), point.text_kind, point.n_items as u64);
            if cost == "time" {
                row = row.timing();
            }
            let why = format!(
                "\"dominant from n >= {n}\": of {} routing settings the graph or exact search beats {beaten}",
                claim.settings
            );
            rows.push(row.claim(beaten == 0).because(&why)?);
        }
    }
    Ok(rows)
}

/// Says at how many widths of the graph routing is faster at no less recall, for each coding.
fn beside_graph_rows(
    context: &Context<'_>,
    parameters: &Parameters,
    found: &Found<'_>,
) -> Result<Vec<ResultRow>> {
    let mut rows = Vec::new();
    for &coding in &parameters.codings {
        let beside = found.beside_graph(coding);
        let Some(first) = beside.first() else {
            continue;
        };
        let share = wins(&beside) as f64 / beside.len() as f64;
        let metric = format!(
            "share of the graph's widths at which routing over {} is faster at no less recall",
            coding.in_words()
        );
        let row = context.row(&metric, Value::exact(share)?).timing();
        let point = first.graph;
        let row = row.on(point.dataset.name(), point.text_kind, point.n_items as u64);
        let words: Vec<String> = beside.iter().map(Beside::in_words).collect();
        rows.push(row.because(&words.join("; "))?);
    }
    Ok(rows)
}

fn rivals(found: &Found<'_>) -> String {
    let exact = found
        .exact
        .map(|point| format!("exact search took {:.2} ms", point.latency.p50));
    let graph = found.fastest_graph.map(|point| {
        format!(
            "the graph {:.2} ms for R@5 {:.3}",
            point.latency.p50, point.recall.estimate
        )
    });
    let rivals: Vec<String> = exact.into_iter().chain(graph).collect();
    rivals.join(", ")
}

fn recall_row(context: &Context<'_>, parameters: &Parameters, point: &Point) -> Result<RowBuilder> {
    let recall = point.recall;
    let value = Value::with_interval(recall.estimate, recall.low, recall.high)?;
    let metric = format!("R@{} vs dense", parameters.top_k);
    Ok(placed(context.row(&metric, value), point))
}

fn time_row(context: &Context<'_>, metric: &str, point: &Point) -> Result<RowBuilder> {
    let value = Value::exact(point.latency.p50)?;
    Ok(placed(context.row(metric, value).timing(), point))
}

fn placed(row: RowBuilder, point: &Point) -> RowBuilder {
    let row = row.on(point.dataset.name(), point.text_kind, point.n_items as u64);
    match point.method {
        Method::Routing { k, n_probes, .. } => row.k(k as u64).n_probes(n_probes as u64),
        _ => row,
    }
}

/// Says in two sentences what routing reaches and how it stands beside the graph at equal recall.
fn answer(parameters: &Parameters, measured: &Measured, found: &Found<'_>) -> Option<[String; 2]> {
    let (routing, exact) = (found.fastest?, found.exact?);
    let published = found.at_published?;
    let first = format!(
        "Among {} texts ({}) the original's setting finds {:.1}% of exact search's top five, and the fastest \
         routing that surely finds the published {:.1}% takes {:.2} ms ({}), {:.1} times less than exact search.",
        grouped(found.n_items as u64),
        found.dataset,
        100.0 * published.recall.estimate,
        100.0 * found.published_recall,
        routing.latency.p50,
        routing.method.setting(),
        exact.latency.p50 / routing.latency.p50
    );
    Some([first, compared_with_graph(parameters, measured, found)])
}

/// Says at how many widths of the graph routing is faster, with the reported coding and without codes, and what either
/// takes in bytes and in building.
fn compared_with_graph(parameters: &Parameters, measured: &Measured, found: &Found<'_>) -> String {
    let coding = parameters.reported_coding;
    let beside = found.beside_graph(coding);
    let times = speeds(&beside).map_or(String::new(), |(least, most)| {
        format!(" ({least:.1} to {most:.1} times as fast)")
    });
    let uncoded = match coding {
        ListCoding::Exact => String::new(),
        _ => format!(
            ", over exact lists at {}",
            wins(&found.beside_graph(ListCoding::Exact))
        ),
    };
    let verdict = format!(
        "At equal recall routing over {} is faster than a graph index (HNSW) at {} of its {} widths{times}{uncoded}",
        coding.in_words(),
        wins(&beside),
        beside.len(),
    );
    let most_searched = beside
        .iter()
        .rev()
        .find_map(|b| Some((b.routing?, b.graph)));
    let Some((routing, graph)) = most_searched else {
        return format!("{verdict}.");
    };
    let build_s = |method: &str, k: Option<usize>, coding: Option<ListCoding>| {
        let mut rows = measured.build.iter();
        let row = rows.find(|row| {
            (row.dataset, row.method, row.k) == (found.dataset, method, k) && row.coding == coding
        });
        row.map_or(0.0, |row| row.build_s)
    };
    let routing_k = match routing.method {
        Method::Routing { k, .. } => Some(k),
        _ => None,
    };
    format!(
        "{verdict}; an item takes {:.0} bytes against {:.0}, and building on one core {:.1} s against {:.0} s.",
        routing.bytes_per_item,
        graph.bytes_per_item,
        build_s("routing", routing_k, Some(coding)),
        build_s("graph", None, None),
    )
}

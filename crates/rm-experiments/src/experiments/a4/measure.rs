//! Measures one size of one data set: trains once for each K rule, and searches its lists with and without codes.

use std::slice;
use std::time::Instant;

use anyhow::Result;
use rm_core::{Index, KRule};

use super::super::latency::LatencyRow;
use super::super::probing::{build, every_score};
use super::super::recall::{RecallMeter, RecallRow};
use super::super::resident::{BytesRow, IndexColumns, ResidentBytes};
use super::super::targeted::Wanted;
use super::{BuildRow, FileRow, Measured, Parameters, file};
use crate::ListCoding;
use crate::corpora::EmbeddedCorpus;
use crate::output::Table;
use crate::suite::Context;

/// Holds the tables that grow as sizes are measured.
pub(super) struct Tables {
    recall: Table<RecallRow>,
    latency: Table<LatencyRow>,
    bytes: Table<BytesRow>,
    build: Table<BuildRow>,
    file: Table<FileRow>,
}

impl Tables {
    /// Starts all tables.
    pub(super) fn create(context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            recall: context.table("recall")?,
            latency: context.timing_table("latency")?,
            bytes: context.table("bytes")?,
            build: context.timing_table("build")?,
            file: context.timing_table("file")?,
        })
    }

    /// Ends all tables.
    pub(super) fn finish(self) -> Result<()> {
        self.recall.finish()?;
        self.latency.finish()?;
        self.bytes.finish()?;
        self.build.finish()?;
        self.file.finish()
    }
}

/// Measures all K rules and codings.
pub(super) fn corpus(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    tables: &mut Tables,
    measured: &mut Measured,
) -> Result<()> {
    let (dataset, n_items) = (corpus.corpus.dataset, corpus.items.len());
    let label = format!("A4 {dataset}, {n_items} items");
    let indexes = |rule: &String| parameters.codings_of(rule).count() as u64;
    let steps = parameters.k_rules.iter().map(indexes).sum();
    let task = context.progress().task(&label, steps, "indexes");
    let meter = RecallMeter::of(corpus, slice::from_ref(&parameters.top_k))?;
    let exact = LatencyRow::exact(corpus, parameters.top_k, parameters.n_timed)?;
    tables.latency.write(&exact)?;
    measured.latency.push(exact);
    for rule in &parameters.k_rules {
        let started = Instant::now();
        let mut index = build(corpus, rule.parse::<KRule>()?, context.seed())?;
        let train_and_route_s = started.elapsed().as_secs_f64();
        let is_target = *rule == parameters.target_k_rule;
        for coding in parameters.codings_of(rule) {
            let started = Instant::now();
            index = index.with_coding(coding.drawn_by(context.seed()));
            let built = BuildRow {
                dataset,
                n_items,
                k_rule: rule.clone(),
                coding,
                k: index.k(),
                train_and_route_s,
                code_s: started.elapsed().as_secs_f64(),
            };
            tables.build.write(&built)?;
            measured.build.push(built);
            fixed_probes(parameters, corpus, &index, rule, &meter, tables, measured)?;
            if is_target && coding.lists_of_an_item() == 1 {
                let wanted = Wanted {
                    top_k: parameters.top_k,
                    targets: &parameters.recall_targets,
                    n_timed: parameters.n_timed,
                };
                let targeted = &mut measured.targeted;
                targeted.measure(&index, corpus, &meter.dense, rule, wanted)?;
            }
            task.advance(1);
        }
        if is_target {
            let codings = parameters.codings.iter().copied();
            let once = codings.filter(|coding| coding.lists_of_an_item() == 1);
            let codings: Vec<ListCoding> = once.collect();
            let files = file::measure(corpus, index, rule, &codings, context.seed())?;
            tables.file.write_all(&files)?;
            measured.file.extend(files);
        }
    }
    Ok(())
}

/// Measures every number of probes on one index, and its bytes.
fn fixed_probes(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    index: &Index,
    rule: &str,
    meter: &RecallMeter<'_>,
    tables: &mut Tables,
    measured: &mut Measured,
) -> Result<()> {
    let bytes = (
        IndexColumns::of(corpus, index, rule),
        ResidentBytes::of(index),
    );
    tables.bytes.write(&bytes)?;
    measured.bytes.push(bytes);
    let (top_k, n_timed) = (parameters.top_k, parameters.n_timed);
    let coding = ListCoding::of(index);
    let probes = parameters.n_probes.iter().copied();
    for n_probes in probes.filter(|&n| n <= index.k() && parameters.is_measured(coding, n)) {
        let rows = meter.measure(index, rule, n_probes)?;
        tables.recall.write_all(&rows)?;
        measured.recall.extend(rows);
        let retriever = every_score(n_probes, top_k);
        let time = LatencyRow::routed(corpus, index, rule, n_probes, &retriever, n_timed)?;
        tables.latency.write(&time)?;
        measured.latency.push(time);
    }
    Ok(())
}

//! Trains a codebook for every K that a rule names and measures it.

use std::time::Instant;

use anyhow::{Context as _, Result};
use rm_core::{KRule, Trainer, train};

use super::super::probing::route;
use super::super::reach::{Depth, Reach, exact_answers};
use super::{
    AtBudget, AtRecall, BudgetRow, BuildRow, CodebookRow, Parameters, Point, RuleRow, Tables,
    WorkRow,
};
use crate::corpora::EmbeddedCorpus;
use crate::metrics::{Bootstrap, Interval};
use crate::suite::Context;

/// Name under which the rule that looks at the data stands beside the others.
pub(super) const TUNED: &str = "tuned";

/// Is what the trainings of one K gave.
struct Codebooks {
    k: usize,
    seeds: Vec<Measured>,
    /// Vectors compared for the neighbours of stored items, with the first seed.
    tuning_work: Option<f64>,
}

/// Is what one training gave.
struct Measured {
    gini: f64,
    dead_share: f64,
    fidelity: f64,
    build_s: f64,
    /// For each budget, the number of lists and the recall of every query.
    budgets: Vec<Option<(f64, Vec<f64>)>>,
    /// For each target recall, the number of lists and the vectors compared.
    works: Vec<Option<(f64, f64)>>,
}

/// Returns every K that some rule names for `n_items`, each once, rising.
pub(super) fn ks(parameters: &Parameters, n_items: usize) -> Result<Vec<usize>> {
    let rules = parameters.k_rules.iter().chain(&parameters.tuned_from);
    let mut ks: Vec<usize> = rules
        .map(|rule| k_of(rule, n_items))
        .collect::<Result<_>>()?;
    ks.sort_unstable();
    ks.dedup();
    Ok(ks)
}

fn k_of(rule: &str, n_items: usize) -> Result<usize> {
    Ok(rule.parse::<KRule>()?.k(n_items))
}

/// Measures all rules on one data set of one size.
pub(super) fn corpus(
    context: &Context<'_>,
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    tables: &mut Tables,
) -> Result<Vec<Point>> {
    let n_items = corpus.items.len();
    let ks = ks(parameters, n_items)?;
    let label = format!("H4 {}, {n_items} items", corpus.corpus.dataset);
    let n_seeds = parameters.seeds(n_items);
    let steps: usize = ks.iter().sum::<usize>() * n_seeds as usize;
    let task = context.progress().task(&label, steps as u64, "centroids");
    let questions = Questions::of(parameters, corpus)?;
    let mut codebooks = Vec::new();
    for k in ks {
        let mut trained = Codebooks {
            k,
            seeds: Vec::new(),
            tuning_work: None,
        };
        for seed in (0..n_seeds).map(|at| context.seed().wrapping_add(at)) {
            questions.train_one(parameters, corpus, &mut trained, seed, tables)?;
            task.advance(k as u64);
        }
        codebooks.push(trained);
    }
    drop(task);
    points(parameters, corpus, &codebooks, tables)
}

/// Holds what is asked of every codebook of a corpus.
struct Questions {
    answers: Vec<Vec<usize>>,
    /// Stored items whose neighbours are sought, and those neighbours.
    tuning: (Vec<usize>, Vec<Vec<usize>>),
}

impl Questions {
    fn of(parameters: &Parameters, corpus: &EmbeddedCorpus) -> Result<Self> {
        let n_items = corpus.items.len();
        let n_tuning = parameters.n_tuning_items.clamp(1, n_items);
        let asked: Vec<usize> = (0..n_tuning).map(|at| at * n_items / n_tuning).collect();
        let found = exact_answers(
            &corpus.items,
            &corpus.items.gather(&asked),
            parameters.top_k + 1,
        )?;
        let neighbours = asked.iter().zip(found).map(|(item, mut found)| {
            found.retain(|other| other != item);
            found.truncate(parameters.top_k);
            found
        });
        let neighbours = neighbours.collect();
        Ok(Self {
            answers: exact_answers(&corpus.items, &corpus.queries, parameters.top_k)?,
            tuning: (asked, neighbours),
        })
    }

    fn train_one(
        &self,
        parameters: &Parameters,
        corpus: &EmbeddedCorpus,
        codebooks: &mut Codebooks,
        seed: u64,
        tables: &mut Tables,
    ) -> Result<()> {
        let (dataset, n_items) = (corpus.corpus.dataset, corpus.items.len());
        let started = Instant::now();
        let trained = train(&corpus.items, codebooks.k, &Trainer::default(), seed)?;
        let train_s = started.elapsed().as_secs_f64();
        let index = route(corpus, trained.codebook)?;
        let build_s = started.elapsed().as_secs_f64();
        let stats = index.stats();
        tables.build.write(&BuildRow {
            dataset,
            n_items,
            k: stats.k,
            seed,
            train_s,
            route_s: build_s - train_s,
        })?;
        tables.codebooks.write(&CodebookRow {
            dataset,
            text_kind: corpus.corpus.kind(),
            n_items,
            k: stats.k,
            seed,
            gini: stats.gini,
            dead_codes: stats.dead_codes,
            largest_list: stats.sizes.iter().copied().max().unwrap_or(0),
            fidelity: stats.fidelity,
        })?;
        if codebooks.tuning_work.is_none() {
            let (asked, neighbours) = &self.tuning;
            let reach = Reach::of(&index, &corpus.items.gather(asked), neighbours)?;
            let target = parameters.target_recalls.first().copied().unwrap_or(1.0);
            codebooks.tuning_work = reach.at_recall(target).map(|depth| reach.mean_work(depth));
        }
        let reach = Reach::of(&index, &corpus.queries, &self.answers)?;
        let lists = |depth: Depth| depth.lists().unwrap_or_default();
        let budgets = parameters.work_budgets.iter().map(|share| {
            let depth = reach.at_work(share * n_items as f64)?;
            Some((lists(depth), reach.recalls(depth)))
        });
        let works = parameters.target_recalls.iter().map(|&recall| {
            let depth = reach.at_recall(recall)?;
            Some((lists(depth), reach.mean_work(depth)))
        });
        codebooks.seeds.push(Measured {
            gini: stats.gini,
            dead_share: stats.dead_codes as f64 / stats.k as f64,
            fidelity: stats.fidelity,
            build_s,
            budgets: budgets.collect(),
            works: works.collect(),
        });
        Ok(())
    }
}

/// Averages over the seeds, rule by rule.
fn points(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    codebooks: &[Codebooks],
    tables: &mut Tables,
) -> Result<Vec<Point>> {
    let n_items = corpus.items.len();
    let with = |k: usize| {
        let found = codebooks.iter().find(|codebooks| codebooks.k == k);
        found.with_context(|| format!("no codebook of {k} centroids was trained"))
    };
    let published = with(k_of(&parameters.published_k_rule, n_items)?)?;
    let mut rules: Vec<(&str, &Codebooks)> = Vec::new();
    for rule in &parameters.k_rules {
        rules.push((rule, with(k_of(rule, n_items)?)?));
    }
    let mut tuned: Vec<&Codebooks> = Vec::new();
    for rule in &parameters.tuned_from {
        tuned.push(with(k_of(rule, n_items)?)?);
    }
    rules.extend(least_work(&tuned).map(|codebooks| (TUNED, codebooks)));
    let mut points = Vec::new();
    for (rule, codebooks) in rules {
        let mut point = point(parameters, corpus, rule, codebooks, published)?;
        if rule == TUNED {
            // It has to train every one of them to choose.
            point.build_s = tuned.iter().map(|c| mean(c, |m| m.build_s)).sum();
        }
        write(parameters, corpus, &point, tables)?;
        points.push(point);
    }
    Ok(points)
}

/// Returns the codebooks that compared the fewest vectors for the neighbours of stored items.
fn least_work<'a>(codebooks: &[&'a Codebooks]) -> Option<&'a Codebooks> {
    let work = |c: &Codebooks| c.tuning_work.unwrap_or(f64::INFINITY);
    codebooks
        .iter()
        .copied()
        .min_by(|a, b| work(a).total_cmp(&work(b)))
}

fn point(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    rule: &str,
    codebooks: &Codebooks,
    published: &Codebooks,
) -> Result<Point> {
    let bootstrap = Bootstrap::default();
    let ginis = |c: &Codebooks| c.seeds.iter().map(|m| m.gini).collect::<Vec<f64>>();
    let budgets = (0..parameters.work_budgets.len()).map(|at| {
        let Some((n_probes, recalls)) = over_seeds(codebooks, at) else {
            return Ok(None);
        };
        let theirs = over_seeds(published, at);
        let difference = theirs.map(|(_, theirs)| bootstrap.paired_difference(&recalls, &theirs));
        Ok(Some(AtBudget {
            n_probes,
            recall: bootstrap.mean(&recalls)?,
            difference: difference.transpose()?,
        }))
    });
    let works = (0..parameters.target_recalls.len()).map(|at| {
        let found: Option<Vec<(f64, f64)>> = codebooks.seeds.iter().map(|m| m.works[at]).collect();
        let Some(found) = found else { return Ok(None) };
        let works: Vec<f64> = found.iter().map(|(_, work)| *work).collect();
        Ok(Some(AtRecall {
            n_probes: found.iter().map(|(lists, _)| lists).sum::<f64>() / found.len() as f64,
            work: bootstrap.mean(&works)?,
        }))
    });
    Ok(Point {
        dataset: corpus.corpus.dataset,
        n_items: corpus.items.len(),
        n_queries: corpus.queries.len(),
        rule: rule.to_owned(),
        k: codebooks.k,
        n_seeds: codebooks.seeds.len(),
        gini: bootstrap.mean(&ginis(codebooks))?,
        gini_difference: bootstrap.paired_difference(&ginis(codebooks), &ginis(published))?,
        dead_share: mean(codebooks, |m| m.dead_share),
        fidelity: mean(codebooks, |m| m.fidelity),
        budgets: budgets.collect::<Result<_>>()?,
        works: works.collect::<Result<_>>()?,
        build_s: mean(codebooks, |m| m.build_s),
    })
}

/// Returns the mean number of lists and, for every query, its mean recall, where every seed meets the budget.
fn over_seeds(codebooks: &Codebooks, budget: usize) -> Option<(f64, Vec<f64>)> {
    let n_seeds = codebooks.seeds.len() as f64;
    let mut lists = 0.0;
    let mut recalls: Vec<f64> = Vec::new();
    for measured in &codebooks.seeds {
        let (n_probes, found) = measured.budgets[budget].as_ref()?;
        lists += n_probes / n_seeds;
        recalls.resize(found.len(), 0.0);
        for (sum, recall) in recalls.iter_mut().zip(found) {
            *sum += recall / n_seeds;
        }
    }
    Some((lists, recalls))
}

fn mean(codebooks: &Codebooks, value: impl Fn(&Measured) -> f64) -> f64 {
    codebooks.seeds.iter().map(value).sum::<f64>() / codebooks.seeds.len().max(1) as f64
}

fn write(
    parameters: &Parameters,
    corpus: &EmbeddedCorpus,
    point: &Point,
    tables: &mut Tables,
) -> Result<()> {
    let text_kind = corpus.corpus.kind();
    let Point {
        dataset,
        n_items,
        n_queries,
        k,
        ..
    } = *point;
    let k_rule = &point.rule;
    tables.rules.write(&RuleRow {
        dataset,
        text_kind,
        n_items,
        k_rule: k_rule.clone(),
        k,
        n_seeds: point.n_seeds,
        gini: point.gini.estimate,
        gini_ci_low: point.gini.low,
        gini_ci_high: point.gini.high,
        dead_share: point.dead_share,
        fidelity: point.fidelity,
    })?;
    for (&work_share, at) in parameters.work_budgets.iter().zip(&point.budgets) {
        let recall = |end: fn(Interval) -> f64| at.map(|at| end(at.recall));
        let difference = |end: fn(Interval) -> f64| at.and_then(|at| at.difference).map(end);
        tables.budgets.write(&BudgetRow {
            dataset,
            text_kind,
            n_items,
            n_queries,
            k_rule: k_rule.clone(),
            k,
            work_share,
            n_probes: at.map(|at| at.n_probes),
            recall_vs_dense: recall(|i| i.estimate),
            ci_low: recall(|i| i.low),
            ci_high: recall(|i| i.high),
            less_published_rule_low: difference(|i| i.low),
            less_published_rule_high: difference(|i| i.high),
        })?;
    }
    for (&target_recall, at) in parameters.target_recalls.iter().zip(&point.works) {
        let Some(AtRecall { n_probes, work }) = *at else {
            continue;
        };
        tables.works.write(&WorkRow {
            dataset,
            text_kind,
            n_items,
            n_queries,
            k_rule: k_rule.clone(),
            k,
            target_recall,
            n_probes,
            compared_vectors: work.estimate,
            ci_low: work.low,
            ci_high: work.high,
            work_share: work.estimate / n_items as f64,
        })?;
    }
    Ok(())
}

//! `rmem stats`: sums up the memory.

use std::fs;

use anyhow::Result;
use serde::Serialize;

use super::drift::DriftJson;
use crate::arguments::Shared;
use crate::open::open_without_model;
use crate::output::{Out, grouped, human_bytes, one_line};

pub(crate) const AFTER: &str = "\
Examples:
  rmem stats
  rmem stats --namespace acme --json

Bytes in RAM are those that a search needs; the file holds texts and vectors as well.";

/// Is what `stats` prints as JSON.
#[derive(Serialize)]
struct Stats {
    db: String,
    file_bytes: u64,
    namespace: String,
    namespaces: Vec<Namespace>,
    items: usize,
    k: usize,
    dim: usize,
    code_bits: u32,
    resident_bytes: Resident,
    cache_bytes: usize,
    queries: u64,
    drift: DriftJson,
}

#[derive(Serialize)]
struct Namespace {
    name: String,
    items: u64,
}

#[derive(Serialize)]
struct Resident {
    centroids: usize,
    vectors: usize,
    codes: usize,
    ids: usize,
    places: usize,
    lists: usize,
    total: usize,
}

/// Sums up the memory.
pub(crate) fn run(shared: &Shared) -> Result<()> {
    let memory = open_without_model(shared)?;
    let path = shared.database()?;
    let namespaces = memory.namespaces()?.into_iter();
    let stats = memory.stats();
    let stats = Stats {
        file_bytes: fs::metadata(&path).map_or(0, |about| about.len()),
        db: path.display().to_string(),
        namespace: memory.name().to_owned(),
        namespaces: namespaces
            .map(|(name, items)| Namespace { name, items })
            .collect(),
        items: stats.items,
        k: stats.k,
        dim: stats.dim,
        code_bits: stats.code_bits,
        resident_bytes: Resident {
            centroids: stats.resident.centroids,
            vectors: stats.resident.vectors,
            codes: stats.resident.codes,
            ids: stats.resident.ids,
            places: stats.resident.places,
            lists: stats.resident.lists,
            total: stats.resident.total(),
        },
        cache_bytes: stats.cache_bytes,
        queries: stats.queries,
        drift: DriftJson::from(stats.drift),
    };
    if shared.json {
        return Out::json(&stats);
    }
    stats.write()
}

impl Stats {
    fn write(&self) -> Result<()> {
        let mut rows = vec![
            ("file", self.db.clone()),
            ("size", human_bytes(self.file_bytes)),
            ("namespace", named(&self.namespace)),
            ("items", grouped(self.items as u64)),
            ("buckets", grouped(self.k as u64)),
            ("in RAM", human_bytes(self.resident_bytes.total as u64)),
            ("questions", grouped(self.queries)),
        ];
        let all = self.namespaces.iter();
        let all = all.map(|it| format!("{} {}", named(&it.name), grouped(it.items)));
        let all: Vec<String> = all.collect();
        if !all.is_empty() {
            rows.push(("namespaces", all.join(", ")));
        }
        let mut out = Out::new();
        out.table(&rows)?;
        out.end()
    }
}

fn named(namespace: &str) -> String {
    if namespace.is_empty() {
        "(default)".to_owned()
    } else {
        one_line(namespace)
    }
}

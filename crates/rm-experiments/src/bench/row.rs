//! What one setting came to.

use serde::Serialize;

use crate::output::text::grouped;

/// Is one line of what `bench` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchRow {
    /// What was searched, with what was set when it was built.
    pub index: String,
    /// What was set for the search.
    pub setting: String,
    /// Share of the exact k nearest that were found, mean over the queries.
    pub recall: f64,
    /// Median time of a search, one at a time on one thread.
    pub p50_ms: f64,
    /// Time that 95% of the searches do not exceed.
    pub p95_ms: f64,
    /// Time that 99% of the searches do not exceed.
    pub p99_ms: f64,
    /// Bytes held in memory over the number of items.
    pub bytes_per_item: f64,
    /// Seconds to train, route and code.
    pub build_s: f64,
    /// Most bytes that the process held in memory so far, where the system tells.
    pub peak_bytes: Option<u64>,
    /// Items compared with a query, exactly or by their codes, mean.
    pub candidates: f64,
    /// Items whose exact score was computed, mean.
    pub reranked: f64,
}

/// Lays rows out for a reader.
#[must_use]
pub fn table(rows: &[BenchRow]) -> String {
    let heads = [
        "index",
        "setting",
        "recall",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "bytes/item",
        "build s",
        "compared",
        "exact",
    ];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(|row| {
        let whole = |value: f64| grouped(value.round() as u64);
        vec![
            row.index.clone(),
            row.setting.clone(),
            format!("{:.4}", row.recall),
            format!("{:.3}", row.p50_ms),
            format!("{:.3}", row.p95_ms),
            format!("{:.3}", row.p99_ms),
            whole(row.bytes_per_item),
            format!("{:.2}", row.build_s),
            whole(row.candidates),
            whole(row.reranked),
        ]
    }));
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            lines
                .iter()
                .map(|line| line[column].len())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |cells: &Vec<String>| {
        let cells = cells.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, &width))| match column {
            0 | 1 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        let line = cells.collect::<Vec<String>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let row = BenchRow {
            index: "RM exact, K=4".to_owned(),
            setting: "n=1".to_owned(),
            recall: 0.75,
            p50_ms: 0.0123,
            p95_ms: 0.02,
            p99_ms: 1.0,
            bytes_per_item: 1_600.4,
            build_s: 0.5,
            peak_bytes: None,
            candidates: 25.0,
            reranked: 25.0,
        };
        let table = table(&[row]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines[0].find("recall").map(|at| at + 6),
            lines[1].find("0.7500").map(|at| at + 6)
        );
        assert!(lines[1].contains("RM exact, K=4  n=1"), "{table}");
        assert!(lines[1].contains(" 1,600 "), "{table}");
    }
}

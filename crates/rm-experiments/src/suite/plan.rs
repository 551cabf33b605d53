//! What a run is about to do and how long it may take.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::progress::human_duration;
use super::{DataChoice, Entry, Estimate, Options, Registry};
use crate::output::text::pluralised;

/// Lists the experiments of a run with their estimates; its `Display` is shown before work starts.
#[derive(Debug)]
pub struct Plan {
    head: String,
    lines: Vec<Line>,
    footer: String,
}

#[derive(Debug)]
struct Line {
    name: String,
    estimate: Option<Estimate>,
}

impl Plan {
    /// Asks every experiment that `options` selects for its estimate.
    ///
    /// # Errors
    /// When a definition lacks parameters of the scale.
    pub fn new(registry: &Registry, options: &Options) -> Result<Self> {
        let line = |entry: &Entry| -> Result<Line> {
            let definition = entry.definition();
            let estimate = entry
                .experiment()
                .map(|experiment| experiment.estimate(definition, options.scale))
                .transpose()
                .with_context(|| format!("cannot plan experiment {}", entry.id()))?;
            Ok(Line {
                name: format!("{}  {}", entry.id(), definition.title),
                estimate,
            })
        };
        let selected = registry.iter().filter(|entry| options.selects(entry.id()));
        Ok(Self {
            head: format!(
                "Plan: scale {}, seed {}, text: {}",
                options.scale,
                options.seed,
                described(&options.data)
            ),
            lines: selected.map(line).collect::<Result<_>>()?,
            footer: format!("Results go to {}/.", options.out.display()),
        })
    }

    /// Returns the sum of all estimates.
    #[must_use]
    pub fn total(&self) -> Estimate {
        let estimates = self.lines.iter().filter_map(|line| line.estimate);
        estimates.fold(Estimate::default(), |sum, one| Estimate {
            texts_to_embed: sum.texts_to_embed + one.texts_to_embed,
            seconds: sum.seconds + one.seconds,
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.head)?;
        for Line { name, estimate } in &self.lines {
            let cost = estimate.map_or_else(|| "not yet built".to_owned(), cost);
            writeln!(formatter, "  {name:<32}  {cost}")?;
        }
        let total = self.total();
        if total != Estimate::default() {
            writeln!(formatter, "  {:<32}  {}", "all", cost(total))?;
            writeln!(
                formatter,
                "Times hold for two cores and an empty embedding cache; cached texts cost next to nothing."
            )?;
        }
        writeln!(formatter, "{}", self.footer)
    }
}

fn cost(estimate: Estimate) -> String {
    let texts = pluralised(estimate.texts_to_embed, "text", "texts");
    let time = Duration::try_from_secs_f64(estimate.seconds).unwrap_or_default();
    format!("{texts:>16} to embed, about {}", human_duration(time))
}

fn described(data: &DataChoice) -> String {
    match data {
        DataChoice::Auto => "real where found, generated where not".to_owned(),
        DataChoice::Generated => "generated".to_owned(),
        DataChoice::Dir(path) => format!("real, from {}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_read_well() {
        let estimate = Estimate {
            texts_to_embed: 110_000,
            seconds: 642.0,
        };
        assert_eq!(
            cost(estimate),
            "   110,000 texts to embed, about 10 min 42 s"
        );
    }
}

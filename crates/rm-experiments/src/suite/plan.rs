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
                "Plan: scale {}, seed {}, model computing in {}, text: {}",
                options.scale,
                options.seed,
                options.precision,
                described(&options.data)
            ),
            lines: selected.map(line).collect::<Result<_>>()?,
            footer: format!("Results go to {}/.", options.out.display()),
        })
    }

    /// Returns the sum of all estimates, which counts a text that experiments share more than once.
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
            if let Some(estimate) = estimate {
                writeln!(formatter, "  {name:<32}  {}", cost(*estimate))?;
            }
        }
        let unbuilt = self.lines.iter().filter(|line| line.estimate.is_none());
        let unbuilt: Vec<&str> = unbuilt.map(|line| line.name.as_str()).collect();
        let n_built = self.lines.len() - unbuilt.len();
        if n_built > 1 {
            writeln!(formatter, "  {:<32}  {}", "at most", cost(self.total()))?;
        }
        if n_built > 0 {
            writeln!(
                formatter,
                "Times hold for two cores and an empty embedding cache; texts that are cached, or shared by experiments, \
                 are not embedded again."
            )?;
        }
        if !unbuilt.is_empty() {
            writeln!(
                formatter,
                "Not yet built, left out:\n  {}",
                unbuilt.join("\n  ")
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
    use rm_embed::Precision;

    use super::*;
    use crate::suite::{Context, Definition, Experiment, ExperimentId, Outcome, Scale};

    struct Priced;

    impl Experiment for Priced {
        fn id(&self) -> ExperimentId {
            ExperimentId::H2
        }

        fn estimate(&self, _definition: &Definition, scale: Scale) -> Result<Estimate> {
            let seconds = if scale == Scale::Smoke { 5.0 } else { 90.0 };
            Ok(Estimate {
                texts_to_embed: 1_200,
                seconds,
            })
        }

        fn run(&self, _context: &Context<'_>) -> Result<Outcome> {
            Ok(Outcome::default())
        }
    }

    #[test]
    fn the_plan_prices_what_is_built_and_names_what_is_not() -> Result<()> {
        let registry = Registry::new(vec![Box::new(Priced)])?;
        let options = Options {
            select: Some([ExperimentId::H2, ExperimentId::H3].into()),
            scale: Scale::Smoke,
            seed: 42,
            out: "results".into(),
            data: DataChoice::Auto,
            precision: Precision::F32,
            cache: None,
            threads: None,
            encoders: None,
        };
        let plan = Plan::new(&registry, &options)?;
        assert_eq!(
            plan.total(),
            Estimate {
                texts_to_embed: 1_200,
                seconds: 5.0
            }
        );
        let expected = "\
Plan: scale smoke, seed 42, model computing in f32, text: real where found, generated where not
  H2  Retrieval quality                  1,200 texts to embed, about 5.0 s
Times hold for two cores and an empty embedding cache; texts that are cached, or shared by experiments, are not embedded again.
Not yet built, left out:
  H3  Score filtering
Results go to results/.
";
        assert_eq!(plan.to_string(), expected);
        Ok(())
    }

    #[test]
    fn several_experiments_have_a_sum() -> Result<()> {
        let line = |name: &str| Line {
            name: name.to_owned(),
            estimate: Some(Estimate {
                texts_to_embed: 500,
                seconds: 45.0,
            }),
        };
        let plan = Plan {
            head: "Plan".to_owned(),
            lines: vec![line("H1  One"), line("H2  Two")],
            footer: "End".to_owned(),
        };
        let text = plan.to_string();
        let sum = text.lines().nth(3).unwrap_or_default();
        assert!(sum.starts_with("  at most  "), "{text}");
        assert!(
            sum.ends_with("1,000 texts to embed, about 1 min 30 s"),
            "{text}"
        );
        Ok(())
    }

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

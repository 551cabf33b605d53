//! The definitions of the experiments: what each asks, what was published, and its parameters at
//! each scale.

use anyhow::{Context as _, Result, anyhow, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{Better, ExperimentId, Figure, Scale};

/// Holds one experiment's definition, as its file in `experiments/` states it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Which experiment this is.
    pub id: ExperimentId,
    /// Its name in a few words.
    pub title: String,
    /// What it asks, as one sentence.
    pub question: String,
    /// What is expected, and by that what would refute it.
    pub hypothesis: String,
    /// What the original's authors published.
    pub published: Published,
    /// Parameters that hold at every scale.
    #[serde(default)]
    parameters: Table,
    /// Parameters of each scale.
    scales: Scales,
}

/// Holds what was published about one experiment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// What was measured.
    pub metric: String,
    /// The result as people read it, `59.1% at tau 0.7`.
    pub text: String,
    /// The setting as far as it was published.
    pub setting: String,
    /// The result as a number, in the unit of our metric; missing where the claim is no number.
    pub value: Option<f64>,
    /// Half a unit of the last published digit; present where `value` is.
    pub tolerance: Option<f64>,
    /// Which way is better; present where `value` is.
    pub better: Option<Better>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scales {
    smoke: Table,
    standard: Table,
    paper: Table,
}

impl Definition {
    /// Reads the definition of experiment `id`, which is part of the program.
    ///
    /// # Errors
    /// When the file does not hold what a definition must hold.
    pub fn of(id: ExperimentId) -> Result<Self> {
        let file = format!("experiments/{}.toml", id.folder());
        let definition = Self::parse(text_of(id)).with_context(|| format!("cannot read {file}"))?;
        ensure!(
            definition.id == id,
            "{file} holds the definition of {}, expected {id}",
            definition.id
        );
        Ok(definition)
    }

    /// Reads a definition from TOML.
    ///
    /// # Errors
    /// When a field is missing, unknown or of the wrong type, a parameter is given twice, or a
    /// published number lacks its tolerance or direction.
    pub fn parse(text: &str) -> Result<Self> {
        let definition: Self = toml::from_str(text)?;
        let published = &definition.published;
        ensure!(
            published.value.is_some() == published.tolerance.is_some()
                && published.value.is_some() == published.better.is_some(),
            "published: expected value, tolerance and better together, or none of them"
        );
        for scale in Scale::ALL {
            definition.table(scale)?;
        }
        Ok(definition)
    }

    /// Returns the parameters of `scale`, those that hold at every scale included, as the
    /// experiment's own type.
    ///
    /// The type should carry `#[serde(deny_unknown_fields)]`, so that a misspelt parameter is an
    /// error.
    ///
    /// # Errors
    /// When a parameter is missing, unknown to the type, or of the wrong type; the message names
    /// file, scale and parameter.
    pub fn parameters<T: DeserializeOwned>(&self, scale: Scale) -> Result<T> {
        let table = Value::Table(self.table(scale)?);
        T::deserialize(table).map_err(|error| {
            let file = self.id.folder();
            anyhow!(
                "experiments/{file}.toml, scale {scale}: {}",
                error.to_string().trim_end()
            )
        })
    }

    fn table(&self, scale: Scale) -> Result<Table> {
        let own = match scale {
            Scale::Smoke => &self.scales.smoke,
            Scale::Standard => &self.scales.standard,
            Scale::Paper => &self.scales.paper,
        };
        let mut table = self.parameters.clone();
        for (name, value) in own {
            let earlier = table.insert(name.clone(), value.clone());
            ensure!(
                earlier.is_none(),
                "parameter {name} is given for every scale and again for {scale}; keep one of the two"
            );
        }
        Ok(table)
    }
}

impl Published {
    /// Returns the published number with its tolerance and direction, where there is one.
    #[must_use]
    pub fn figure(&self) -> Option<Figure> {
        Some(Figure {
            value: self.value?,
            tolerance: self.tolerance?,
            better: self.better?,
        })
    }
}

fn text_of(id: ExperimentId) -> &'static str {
    match id {
        ExperimentId::H1 => include_str!("../../../../experiments/h1.toml"),
        ExperimentId::H2 => include_str!("../../../../experiments/h2.toml"),
        ExperimentId::H3 => include_str!("../../../../experiments/h3.toml"),
        ExperimentId::H4 => include_str!("../../../../experiments/h4.toml"),
        ExperimentId::H5 => include_str!("../../../../experiments/h5.toml"),
        ExperimentId::H6 => include_str!("../../../../experiments/h6.toml"),
        ExperimentId::H7 => include_str!("../../../../experiments/h7.toml"),
        ExperimentId::A1 => include_str!("../../../../experiments/a1.toml"),
        ExperimentId::A2 => include_str!("../../../../experiments/a2.toml"),
        ExperimentId::A3 => include_str!("../../../../experiments/a3.toml"),
        ExperimentId::A4 => include_str!("../../../../experiments/a4.toml"),
        ExperimentId::A5 => include_str!("../../../../experiments/a5.toml"),
        ExperimentId::A6 => include_str!("../../../../experiments/a6.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        id = "H1"
        title = "t"
        question = "q"
        hypothesis = "h"
        [published]
        metric = "m"
        text = "0.5"
        setting = "s"
        value = 0.5
        tolerance = 0.05
        better = "higher"
        [parameters]
        ks = [8, 16]
        [scales.smoke]
        n_items = 10
        [scales.standard]
        n_items = 100
        [scales.paper]
        n_items = 1000
    "#;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Parameters {
        ks: Vec<usize>,
        n_items: usize,
    }

    #[test]
    fn every_definition_parses_at_every_scale() -> Result<()> {
        for id in ExperimentId::ALL {
            let definition = Definition::of(id)?;
            for scale in Scale::ALL {
                definition.parameters::<Table>(scale)?;
            }
            for text in [
                &definition.title,
                &definition.question,
                &definition.hypothesis,
            ] {
                assert!(!text.trim().is_empty(), "{id}");
            }
        }
        Ok(())
    }

    #[test]
    fn parameters_of_a_scale_join_those_of_all() -> Result<()> {
        let parameters: Parameters = Definition::parse(TEXT)?.parameters(Scale::Standard)?;
        assert_eq!(
            parameters,
            Parameters {
                ks: vec![8, 16],
                n_items: 100
            }
        );
        Ok(())
    }

    #[test]
    fn a_misspelt_parameter_is_named() -> Result<()> {
        let definition = Definition::parse(&TEXT.replace("n_items = 100\n", "n_itmes = 100\n"))?;
        let error = definition
            .parameters::<Parameters>(Scale::Standard)
            .map_err(|e| e.to_string());
        let message = error.err().unwrap_or_default();
        assert!(
            message.contains("experiments/h1.toml, scale standard"),
            "{message}"
        );
        assert!(message.contains("n_itmes"), "{message}");
        Ok(())
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let twice = TEXT.replace("[scales.smoke]", "[scales.smoke]\nks = [1]");
        let message = Definition::parse(&twice).map_err(|error| error.to_string());
        assert!(message.is_err_and(|text| text.contains("ks") && text.contains("smoke")));
    }

    #[test]
    fn a_published_number_needs_its_tolerance() {
        let text = TEXT.replace("tolerance = 0.05", "");
        assert!(Definition::parse(&text).is_err());
    }
}

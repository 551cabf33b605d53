//! The shape of the network, and the check that a `config.json` describes it.

use serde::Deserialize;

/// Components of a token's vector, and of a text's.
pub(crate) const HIDDEN: usize = 384;
/// Components between the two products of a feed-forward block.
pub(crate) const INTERMEDIATE: usize = 1536;
/// Attention heads; each has `HIDDEN / N_HEADS` components.
pub(crate) const N_HEADS: usize = 12;
/// Transformer layers.
pub(crate) const N_LAYERS: usize = 6;
/// Word pieces that the model knows.
pub(crate) const VOCAB_SIZE: usize = 30_522;
/// Tokens of a text that the model reads, `[CLS]` and `[SEP]` included; what is past them is cut off.
pub(crate) const MAX_TOKENS: usize = 256;

/// What a BERT `config.json` says about the network, in the words of that file.
///
/// The file is checked by its meaning and not by its bytes: copies of it differ in fields that do
/// not touch the result.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct BertConfig {
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    hidden_act: String,
    layer_norm_eps: f64,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

impl BertConfig {
    /// Reads a `config.json` and says in one sentence what is wrong with it, if anything is.
    pub(crate) fn check(json: &[u8]) -> Result<Self, String> {
        let found: Self = serde_json::from_slice(json)
            .map_err(|error| format!("expected the configuration of a BERT model: {error}"))?;
        let expected = Self::minilm();
        if found == expected {
            Ok(found)
        } else {
            Err(format!(
                "expected the configuration {expected:?}, found {found:?}"
            ))
        }
    }

    /// Reads a `config.json` of a network that may differ from MiniLM in its number of layers alone, and returns that
    /// number beside it, or says in one sentence what is wrong.
    pub(crate) fn check_any_depth(json: &[u8]) -> Result<(Self, usize), String> {
        let found: Self = serde_json::from_slice(json)
            .map_err(|error| format!("expected the configuration of a BERT model: {error}"))?;
        let n_layers = found.num_hidden_layers;
        let expected = Self {
            num_hidden_layers: n_layers,
            ..Self::minilm()
        };
        if found == expected && n_layers > 0 {
            Ok((found, n_layers))
        } else {
            Err(format!(
                "expected the configuration {expected:?} with at least one layer, found {found:?}"
            ))
        }
    }

    /// Returns what is added to a variance before its root is taken.
    pub(crate) fn layer_norm_eps(&self) -> f32 {
        self.layer_norm_eps as f32
    }

    fn minilm() -> Self {
        Self {
            hidden_size: HIDDEN,
            intermediate_size: INTERMEDIATE,
            num_attention_heads: N_HEADS,
            num_hidden_layers: N_LAYERS,
            vocab_size: VOCAB_SIZE,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            hidden_act: "gelu".to_owned(),
            layer_norm_eps: 1e-12,
            position_embedding_type: absolute(),
        }
    }
}

fn absolute() -> String {
    "absolute".to_owned()
}

#[cfg(test)]
mod tests {
    use super::BertConfig;

    const MINILM: &str = r#"{"hidden_size": 384, "intermediate_size": 1536, "vocab_size": 30522,
        "num_attention_heads": 12, "num_hidden_layers": 6, "max_position_embeddings": 512,
        "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "use_cache": true}"#;

    #[test]
    fn takes_minilm_whatever_else_the_file_says() {
        assert_eq!(
            BertConfig::check(MINILM.as_bytes()),
            Ok(BertConfig::minilm())
        );
    }

    #[test]
    fn refuses_a_network_of_another_depth_and_says_both() {
        let deeper = MINILM.replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 12");
        let problem =
            BertConfig::check(deeper.as_bytes()).expect_err("twelve layers are not MiniLM");
        assert!(problem.contains("num_hidden_layers: 6"), "{problem}");
        assert!(problem.contains("num_hidden_layers: 12"), "{problem}");
    }

    #[test]
    fn takes_any_depth_where_that_is_allowed_and_nothing_else() {
        let deeper = MINILM.replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 12");
        let checked = BertConfig::check_any_depth(deeper.as_bytes());
        assert_eq!(checked.map(|(_, n_layers)| n_layers), Ok(12));
        let wider = deeper.replace("\"hidden_size\": 384", "\"hidden_size\": 768");
        assert!(BertConfig::check_any_depth(wider.as_bytes()).is_err());
        let none = MINILM.replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 0");
        assert!(BertConfig::check_any_depth(none.as_bytes()).is_err());
    }

    #[test]
    fn refuses_half_a_file() {
        let problem = BertConfig::check(&MINILM.as_bytes()[..80]).expect_err("half a file");
        assert!(problem.contains("BERT"), "{problem}");
    }
}

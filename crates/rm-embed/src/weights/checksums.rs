//! The checksums of the model's files. The build script of `rm-cli` reads this file as well.

/// Checksum of `model.safetensors`, which also names the model in fingerprints.
pub(crate) const WEIGHTS_SHA256: &str =
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";

/// Checksum of `tokenizer.json`.
pub(crate) const TOKENIZER_SHA256: &str =
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";

//! With the feature `embedded-model`: finds the model's files, checks them, and says where they are.

#[cfg(feature = "embedded-model")]
#[path = "../rm-embed/src/weights/checksums.rs"]
mod checksums;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "embedded-model")]
    embedded::find();
}

#[cfg(feature = "embedded-model")]
mod embedded {
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use sha2::{Digest as _, Sha256};

    use crate::checksums::{TOKENIZER_SHA256, WEIGHTS_SHA256};

    /// Where the files are looked for, as `rm_embed::ModelSource` does, but that nothing is fetched.
    const VARIABLES: [&str; 4] = ["RM_MODEL_DIR", "RM_CACHE_DIR", "XDG_CACHE_HOME", "HOME"];

    /// Gives the folder to `src/model.rs`, or ends the build with what to do.
    pub(crate) fn find() {
        for variable in VARIABLES {
            println!("cargo:rerun-if-env-changed={variable}");
        }
        let folder = folder().and_then(|folder| fs::canonicalize(folder).ok());
        let Some(folder) = folder else {
            panic!(
                "embedded-model: the model is not on this machine; run `cargo run -p rm-cli -- doctor`, which fetches it, or \
                 name its folder in RM_MODEL_DIR"
            );
        };
        check(&folder, "model.safetensors", Some(WEIGHTS_SHA256));
        check(&folder, "tokenizer.json", Some(TOKENIZER_SHA256));
        // Checked by the program when it loads the model: what counts is the shape of the network.
        check(&folder, "config.json", None);
        println!("cargo:rustc-env=RMEM_MODEL_FOLDER={}", folder.display());
    }

    fn folder() -> Option<PathBuf> {
        let variable = |name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache = || {
            let user = || variable("XDG_CACHE_HOME").or(Some(variable("HOME")?.join(".cache")));
            variable("RM_CACHE_DIR").or_else(|| Some(user()?.join("routing-memory")))
        };
        variable("RM_MODEL_DIR").or_else(|| Some(cache()?.join("all-MiniLM-L6-v2")))
    }

    fn check(folder: &Path, name: &str, expected: Option<&str>) {
        let path = folder.join(name);
        println!("cargo:rerun-if-changed={}", path.display());
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => panic!("embedded-model: cannot read {}: {error}", path.display()),
        };
        let digest = Sha256::digest(&bytes);
        let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            panic!(
                "embedded-model: {} is not the right file: expected sha256 {expected}, found {found}",
                path.display()
            );
        }
    }
}

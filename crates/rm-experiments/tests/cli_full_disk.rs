//! A disk that fills up while experiments run: a clear message, status 1, and earlier results as they were.
//!
//! A limit on the size of files, set from outside once the run has begun, stands in for the disk: it refuses writes
//! as a full disk does, and needs no rights. The signal that comes with it is ignored, as a full disk sends none.
#![cfg(target_os = "linux")]

mod cli_command;

use std::process::Command;

use cli_command::{
    MEASURING, Result, Running, command, contents, names, shared_cache, small_run, succeed,
};

#[test]
fn what_cannot_be_written_is_named_and_earlier_results_stay() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (out, cache) = (folder.path().join("results"), shared_cache());
    let words = small_run(&out, &cache);
    let output = command().args(&words).output()?;
    assert!(output.status.success(), "{output:?}");
    let before = contents(&out)?;

    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    shell.arg(env!("CARGO_BIN_EXE_rm-experiments")).args(&words);
    shell.current_dir(env!("CARGO_TARGET_TMPDIR"));
    let mut run = Running::start(shell)?;
    run.wait_for(MEASURING)?;
    succeed(Command::new("prlimit").args(["--fsize=64", "--pid", &run.id()]))?;
    let (code, stdout, stderr) = run.end()?;

    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("A4  FAILED: cannot write "), "{stdout}");
    assert!(
        stdout.contains("the report could not be written: "),
        "{stdout}"
    );
    assert_eq!(names(&out)?, ["README.md", "a4"]);
    assert!(contents(&out)? == before, "the results have changed");
    Ok(())
}

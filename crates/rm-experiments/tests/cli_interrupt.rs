//! A run that is stopped at any point says what is kept, and leaves nothing half done that looks whole.
#![cfg(unix)]

mod cli_command;

use cli_command::{MEASURING, Result, Running, command, contents, names, shared_cache, small_run};

#[test]
fn ctrl_c_while_embedding_ends_with_130_and_leaves_no_results() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("results");
    let mut run = Running::small(&out, &folder.path().join("vectors"))?;
    run.wait_for("embed agent-memories: ")?;
    run.signal("INT")?;
    let (code, stdout, stderr) = run.end()?;
    assert_eq!(code, Some(130), "{stderr}");
    assert!(
        stderr.contains("interrupted: no experiment had ended"),
        "{stderr}"
    );
    assert!(
        stderr.contains("cargo run -p rm-experiments -- --select A4 --scale smoke"),
        "{stderr}"
    );
    assert!(!stdout.contains("Summary"), "{stdout}");
    assert_eq!(names(&out)?, [""; 0]);
    Ok(())
}

#[test]
fn whatever_stops_a_run_earlier_results_stay() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (out, cache) = (folder.path().join("results"), shared_cache());
    let whole = || -> Result<()> {
        let output = command().args(small_run(&out, &cache)).output()?;
        assert!(output.status.success(), "{output:?}");
        assert_eq!(names(&out)?, ["README.md", "a4"]);
        Ok(())
    };
    whole()?;
    let before = contents(&out)?;
    for (signals, code, left) in [
        (&["TERM"][..], Some(143), vec!["README.md", "a4"]),
        (&["INT", "INT"], Some(130), vec!["README.md", "a4"]),
        // Nothing can be cleared up then; the next run does it.
        (&["KILL"], None, vec![".a4.partial", "README.md", "a4"]),
    ] {
        let mut run = Running::small(&out, &cache)?;
        run.wait_for(MEASURING)?;
        for signal in signals {
            run.signal(signal)?;
        }
        let (ended, _, stderr) = run.end()?;
        assert_eq!(ended, code, "{signals:?}: {stderr}");
        // A second signal may come before all is cleared up.
        let mut found = names(&out)?;
        if signals.len() == 2 {
            found.retain(|name| name != ".a4.partial");
        }
        assert_eq!(found, left, "{signals:?}");
        let mut now = contents(&out)?;
        now.retain(|path, _| !path.starts_with(".a4.partial"));
        assert!(now == before, "{signals:?} changed the results");
    }
    whole()
}

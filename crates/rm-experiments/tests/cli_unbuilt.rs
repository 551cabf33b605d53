//! An experiment that is not yet built is never shown as done, and asking for it by name is a
//! failure.

mod cli_command;

use cli_command::{Result, output};

#[test]
fn naming_an_unbuilt_experiment_fails_and_writes_nothing() -> Result<()> {
    let (_, listing, _) = output(&["--list"])?;
    let unbuilt: Vec<&str> = listing
        .lines()
        .filter(|line| line.ends_with("(not yet built)"))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let out = tempfile::tempdir()?;
    let results = out.path().join("results");
    for id in unbuilt {
        let words = [
            "--select",
            &id.to_lowercase(),
            "--out",
            &results.to_string_lossy(),
        ];
        let (code, stdout, _) = output(&words)?;
        assert_eq!(code, Some(1), "{id}");
        assert!(
            stdout.contains(&format!("  {id}  not yet built")),
            "{stdout}"
        );
        assert!(!stdout.contains("done"), "{stdout}");
        assert!(!results.exists());
    }
    Ok(())
}

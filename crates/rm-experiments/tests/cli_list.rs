//! `--list` names all thirteen experiments, in order, with what they ask.

mod cli_command;

use std::process::Stdio;

use cli_command::{Result, command, output};

#[test]
fn all_thirteen_are_listed_in_order() -> Result<()> {
    let (code, stdout, _) = output(&["--list"])?;
    assert_eq!(code, Some(0));
    let ids: Vec<&str> = stdout
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let expected = [
        "H1", "H2", "H3", "H4", "H5", "H6", "H7", "A1", "A2", "A3", "A4", "A5", "A6",
    ];
    assert_eq!(ids, expected);
    assert!(stdout.contains("published: 0.9916 at n = 4, 5K items"));
    Ok(())
}

#[test]
fn a_reader_that_goes_away_is_no_error() -> Result<()> {
    let mut child = command()
        .arg("--list")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

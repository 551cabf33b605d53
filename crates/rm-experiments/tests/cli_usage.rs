//! A command line that cannot be understood ends with status 2 and says what would be understood.

mod cli_command;

use cli_command::{Result, output};

#[test]
fn an_unknown_experiment_lists_the_known_ones() -> Result<()> {
    for words in [["--select", "H9"], ["--select", "h1,x2"]] {
        let (code, stdout, stderr) = output(&words)?;
        assert_eq!(code, Some(2), "{words:?}");
        assert!(
            stderr.contains("H1, H2, H3, H4, H5, H6, H7, A1, A2, A3, A4, A5, A6"),
            "{stderr}"
        );
        assert_eq!(stdout, "");
    }
    Ok(())
}

#[test]
fn a_data_folder_that_is_missing_is_named() -> Result<()> {
    let (code, _, stderr) = output(&["--select", "H1", "--data", "/no/such/folder"])?;
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("/no/such/folder") && stderr.contains("data/README.md"),
        "{stderr}"
    );
    Ok(())
}

#[test]
fn an_unknown_scale_lists_the_known_ones() -> Result<()> {
    let (code, _, stderr) = output(&["--scale", "huge"])?;
    assert_eq!(code, Some(2));
    assert!(stderr.contains("smoke, standard, paper"), "{stderr}");
    Ok(())
}

#[test]
fn an_unknown_precision_lists_the_known_ones() -> Result<()> {
    for command in [vec![], vec!["embed", "--dataset", "reddit"]] {
        let words = [&command[..], &["--precision", "fp16"]].concat();
        let (code, stdout, stderr) = output(&words)?;
        assert_eq!(code, Some(2), "{words:?}");
        assert!(
            stderr.contains("expected the precision f32 or int8, found \"fp16\""),
            "{stderr}"
        );
        assert_eq!(stdout, "");
    }
    Ok(())
}

#[test]
fn help_names_every_option() -> Result<()> {
    let (code, stdout, _) = output(&["--help"])?;
    assert_eq!(code, Some(0));
    for option in [
        "--list",
        "--select",
        "--scale",
        "--seed",
        "--out",
        "--data",
        "--precision",
        "--cache",
        "--threads",
    ] {
        assert!(stdout.contains(option), "{option}");
    }
    Ok(())
}

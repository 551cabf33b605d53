//! A data set counts as found only where all its files are.

use std::error::Error;
use std::fs;

use rm_experiments::datasets::{DataRoot, DatasetError, Domains, Locomo, Reddit};

#[path = "fixtures/datasets/mod.rs"]
mod fixture;

type TestResult = Result<(), Box<dyn Error>>;

#[test]
fn a_folder_with_only_a_readme_holds_nothing() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("README.md"), "# Data\n")?;
    let error = Reddit::open(&DataRoot::at(folder.path())).err();
    let Some(DatasetError::Missing { data_set, tried }) = &error else {
        return Err(format!("expected a missing data set, got {error:?}").into());
    };
    assert_eq!(*data_set, "reddit");
    assert_eq!(tried.len(), 1);
    assert_eq!(tried[0].folder, folder.path());
    assert_eq!(tried[0].lacks, Reddit::FILES);
    assert!(error.is_some_and(|error| error.is_missing()));
    Ok(())
}

#[test]
fn half_a_data_set_is_missing_and_the_message_names_the_other_half() -> TestResult {
    let folder = fixture::install()?;
    fs::remove_file(folder.path().join("reddit/queries.tsv.gz"))?;
    let root = DataRoot::at(folder.path());
    let message = Reddit::open(&root)
        .map_err(|error| error.to_string())
        .err()
        .unwrap_or_default();
    let place = format!("{} lacks reddit/queries.tsv.gz;", folder.path().display());
    assert!(message.contains(&place), "{message}");
    assert!(message.contains("data/README.md"), "{message}");
    // The other sets of the same folder are not affected.
    assert!(Locomo::open(&root).is_ok());
    Ok(())
}

#[test]
fn a_folder_in_place_of_a_file_is_no_file() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("domains.tsv.gz"))?;
    let error = Domains::open(&DataRoot::at(folder.path())).err();
    assert!(
        matches!(error, Some(DatasetError::Missing { .. })),
        "got {error:?}"
    );
    Ok(())
}

#[test]
fn a_file_in_place_of_the_folder_is_missing_too() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("data");
    fs::write(&file, "not a folder")?;
    let error = Domains::open(&DataRoot::at(&file)).err();
    assert!(
        matches!(error, Some(DatasetError::Missing { .. })),
        "got {error:?}"
    );
    Ok(())
}

#[test]
fn the_default_places_include_data_in_the_workspace() {
    // The test runs inside the workspace, so its own data folder is among the places.
    let root = DataRoot::find();
    assert!(
        root.folders().iter().any(|folder| folder.ends_with("data")
            && folder
                .parent()
                .is_some_and(|parent| parent.join("Cargo.toml").is_file())),
        "{:?}",
        root.folders()
    );
}

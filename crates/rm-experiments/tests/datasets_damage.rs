//! A damaged file is an error that names file and place, and never a panic.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use rm_experiments::datasets::{
    DataRoot, DatasetError, Domains, Enrichment, Locomo, MsMarco, Reddit, SquadShifts, TextForm,
};

#[path = "fixtures/datasets/mod.rs"]
mod fixture;

type TestResult = Result<(), Box<dyn Error>>;

/// Reads every record of the data set that `file` belongs to.
fn read_all(folder: &Path, file: &str) -> Result<(), DatasetError> {
    let root = DataRoot::at(folder);
    match file.split('/').next().unwrap_or_default() {
        "reddit" => {
            let reddit = Reddit::open(&root)?;
            reddit.titles(usize::MAX)?;
            reddit.queries()?;
        }
        "msmarco" => {
            let msmarco = MsMarco::open(&root)?;
            msmarco.passages()?;
            msmarco.queries()?;
            msmarco.qrels()?;
        }
        "squadshifts" => {
            let squadshifts = SquadShifts::open(&root)?;
            squadshifts.passages()?;
            squadshifts.questions()?;
        }
        "enrichment" => {
            let enrichment = Enrichment::open(&root)?;
            for form in TextForm::ALL {
                enrichment.passages(form)?;
            }
            enrichment.queries()?;
            enrichment.qrels()?;
        }
        "locomo" => {
            Locomo::open(&root)?.conversations()?;
        }
        _ => {
            Domains::open(&root)?.texts()?;
        }
    }
    Ok(())
}

fn all_files() -> Vec<&'static str> {
    let sets: [&[&'static str]; 6] = [
        &Reddit::FILES,
        &MsMarco::FILES,
        &Locomo::FILES,
        &SquadShifts::FILES,
        &Domains::FILES,
        &Enrichment::FILES,
    ];
    sets.concat()
}

/// Overwrites `file` with `bytes`, compressed if its name says so.
fn replace(folder: &Path, file: &str, bytes: &[u8]) -> io::Result<()> {
    let target = fs::File::create(folder.join(file))?;
    if file.ends_with(".gz") {
        let mut encoder = GzEncoder::new(target, Compression::fast());
        encoder.write_all(bytes)?;
        encoder.finish()?;
        return Ok(());
    }
    { target }.write_all(bytes)
}

/// Reads the set of `file` after its text was replaced, and returns the error.
fn error_of(file: &str, bytes: &[u8]) -> Result<DatasetError, Box<dyn Error>> {
    let folder = fixture::install()?;
    replace(folder.path(), file, bytes)?;
    read_all(folder.path(), file)
        .err()
        .ok_or_else(|| format!("{file} was accepted").into())
}

#[test]
fn every_fixture_is_sound_before_it_is_damaged() -> TestResult {
    let folder = fixture::install()?;
    for file in all_files() {
        read_all(folder.path(), file)?;
    }
    Ok(())
}

#[test]
fn every_file_must_be_utf8() -> TestResult {
    for file in all_files() {
        let error = error_of(file, b"[\n\xff")?;
        let (line, valid) = match &error {
            DatasetError::NotUtf8 {
                line, valid_bytes, ..
            } => (*line, *valid_bytes),
            // Line readers meet the first line's wrong shape before the second line's bytes.
            DatasetError::FieldCount { line: 1, .. } | DatasetError::Json { line: 1, .. } => (2, 0),
            _ => return Err(format!("{file}: got {error:?}").into()),
        };
        assert_eq!((line, valid), (2, 0), "{file}: {error}");
        assert!(error.to_string().contains(file), "{error}");
        if !file.ends_with("json") {
            let error = error_of(file, b"ab\xff")?;
            assert!(
                matches!(
                    error,
                    DatasetError::NotUtf8 {
                        line: 1,
                        valid_bytes: 2,
                        ..
                    }
                ),
                "{file}: got {error:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn every_compressed_file_must_be_whole_gzip() -> TestResult {
    for file in all_files().into_iter().filter(|file| file.ends_with(".gz")) {
        let folder = fixture::install()?;
        let path = folder.path().join(file);
        let whole = fs::read(&path)?;
        for damaged in [
            &whole[..whole.len() - 9],
            &whole[..20],
            b"plain\ttext\n",
            b"",
        ] {
            fs::write(&path, damaged)?;
            let error = read_all(folder.path(), file).err();
            assert!(
                matches!(error, Some(DatasetError::Gzip { .. })),
                "{file}: got {error:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn every_tab_separated_file_has_its_number_of_fields() -> TestResult {
    for file in all_files().into_iter().filter(|file| file.contains(".tsv")) {
        for text in ["one field\n", "\n", "a\tb\tc\td\te\n"] {
            let error = error_of(file, text.as_bytes())?;
            let DatasetError::FieldCount {
                path,
                line: 1,
                expected,
                got,
            } = &error
            else {
                return Err(format!("{file}: got {error:?}").into());
            };
            assert!(path.ends_with(file));
            assert_ne!(expected.len(), *got);
        }
    }
    Ok(())
}

#[test]
fn a_wrong_value_names_its_field_and_line() -> TestResult {
    let cases = [
        (
            "reddit/titles.tsv.gz",
            "a\tb\t1\tt\na\tb\t1.5\tt\n",
            "created_utc",
            2,
        ),
        (
            "reddit/titles.tsv.gz",
            "a\tb\t99999999999999999999\tt\n",
            "created_utc",
            1,
        ),
        ("reddit/titles.tsv.gz", "a\tb\t1\t \n", "title", 1),
        ("reddit/queries.tsv.gz", "\tb\tbody\n", "id", 1),
        ("msmarco/passages.tsv.gz", "1\t\n", "text", 1),
        ("msmarco/queries.tsv", "1\tdl22\ttext\n", "split", 1),
        (
            "msmarco/qrels.tsv",
            "1\t2\t1\tdev\n1\t2\t-1\tdev\n",
            "grade",
            2,
        ),
        ("msmarco/qrels.tsv", "1\t2\t4\tdev\n", "grade", 1),
        ("msmarco/qrels.tsv", "1\t2\t1\tDEV\n", "split", 1),
        ("squadshifts/passages.tsv.gz", "1\tnyt\ttext\n", "domain", 1),
        (
            "squadshifts/queries.tsv.gz",
            "1\tnew_wiki\t \ttext\n",
            "pid",
            1,
        ),
        ("domains.tsv.gz", "reuters\tx\ttext\n", "source", 1),
        ("enrichment/qrels.tsv", "1\t0\t2\tyes\n", "grade", 1),
        (
            "enrichment/passages.jsonl.gz",
            "{\"id\": \"1\", \"contents\": \"\"}\n",
            "contents",
            1,
        ),
    ];
    for (file, text, expected_field, expected_line) in cases {
        let error = error_of(file, text.as_bytes())?;
        let DatasetError::InvalidField { field, line, .. } = &error else {
            return Err(format!("{file}: {text:?}: got {error:?}").into());
        };
        assert_eq!((*field, *line), (expected_field, expected_line), "{error}");
    }
    Ok(())
}

#[test]
fn a_json_line_must_be_a_whole_record() -> TestResult {
    for text in [
        "{\"id\": \"1\"}\n",
        "{\"id\": \"1\", \"contents\": \"x\"\n",
        "[]\n",
        "\n",
    ] {
        let error = error_of("enrichment/summaries.jsonl.gz", text.as_bytes())?;
        assert!(
            matches!(error, DatasetError::Json { line: 1, .. }),
            "{text:?}: got {error:?}"
        );
    }
    Ok(())
}

#[test]
fn a_conversation_that_contradicts_itself_is_refused() -> TestResult {
    let file = "locomo/locomo10.json";
    let folder = fixture::install()?;
    let sound = fs::read_to_string(folder.path().join(file))?;
    let cases = [
        (
            "\"dia_id\": \"D1:2\"",
            "\"dia_id\": \"D1-2\"",
            "session_1, turn 2",
        ),
        ("\"dia_id\": \"D1:2\"", "\"dia_id\": \"D1:1\"", "D1:1 twice"),
        ("Lovely. Which colour?", " ", "session_1, turn 2"),
        (
            "\"session_2_date_time\"",
            "\"session_9_date_time\"",
            "session_2_date_time",
        ),
        (
            "\"session_2_date_time\"",
            "\"session_two_date\"",
            "session_two_date",
        ),
        (
            "\"session_2_observation\"",
            "\"session_3_observation\"",
            "session_3_observation",
        ),
        ("\"events_session_2\"", "\"events_2\"", "events_2"),
        ("\"category\": 5", "\"category\": 6", "qa 6"),
        ("\"6:40 pm on 17 March, 2024\"", "17", "session_2_date_time"),
    ];
    for (from, to, place) in cases {
        let damaged = sound.replacen(from, to, 1);
        assert_ne!(damaged, sound, "{from} is not in the fixture");
        let error = error_of(file, damaged.as_bytes())?;
        assert!(
            matches!(error, DatasetError::Conversation { .. }),
            "{to}: got {error:?}"
        );
        let message = error.to_string();
        assert!(
            message.contains("conv-1") && message.contains(place),
            "{to}: {message}"
        );
    }
    Ok(())
}

#[test]
fn a_conversation_file_of_another_shape_is_refused() -> TestResult {
    for text in ["{}", "[{\"sample_id\": 3}]", "[", ""] {
        let error = error_of("locomo/locomo10.json", text.as_bytes())?;
        assert!(
            matches!(error, DatasetError::Json { .. }),
            "{text:?}: got {error:?}"
        );
    }
    Ok(())
}

#[test]
fn titles_reads_no_further_than_asked() -> TestResult {
    let folder = fixture::install()?;
    replace(
        folder.path(),
        "reddit/titles.tsv.gz",
        b"a\tb\t1\tone\na\tb\t2\ttwo\nbroken\n",
    )?;
    let reddit = Reddit::open(&DataRoot::at(folder.path()))?;
    assert_eq!(reddit.titles(2)?.len(), 2);
    assert!(matches!(
        reddit.titles(3),
        Err(DatasetError::FieldCount {
            line: 3,
            got: 1,
            ..
        })
    ));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>(),
            prop::sample::select(&b"\t\n\r{}[]\":,D0 "[..]),
        ], 0..200),
        compressed in any::<bool>(),
        index in any::<prop::sample::Index>(),
    ) {
        let files = all_files();
        let file = files[index.index(files.len())];
        let folder = fixture::install()?;
        if compressed {
            replace(folder.path(), file, &bytes)?;
        } else {
            fs::write(folder.path().join(file), &bytes)?;
        }
        if let Err(error) = read_all(folder.path(), file) {
            prop_assert!(!error.is_missing());
            prop_assert!(error.to_string().contains(file), "{}", error);
        }
    }
}

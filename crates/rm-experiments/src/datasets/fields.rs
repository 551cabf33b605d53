//! The fields of one line: tab-separated or JSON, each checked.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{DatasetError, excerpt};
use super::lines::Line;
use super::passage::Passage;

impl<'a> Line<'a> {
    /// Splits the line at tabs into exactly the fields `names`, none of them blank.
    pub(super) fn fields<const N: usize>(
        &self,
        names: &'static [&'static str; N],
    ) -> Result<[&'a str; N], DatasetError> {
        let mut fields = [""; N];
        let mut got = 0;
        for field in self.text.split('\t') {
            if let Some(slot) = fields.get_mut(got) {
                *slot = field;
            }
            got += 1;
        }
        if got != N {
            return Err(DatasetError::FieldCount {
                path: self.path.to_path_buf(),
                line: self.number,
                expected: names,
                got,
            });
        }
        for (name, field) in names.iter().zip(fields) {
            self.not_blank(name, field)?;
        }
        Ok(fields)
    }

    /// Reads one field as a number.
    pub(super) fn number<T: FromStr>(
        &self,
        field: &'static str,
        text: &str,
        expected: &'static str,
    ) -> Result<T, DatasetError> {
        text.parse()
            .map_err(|_| self.invalid(field, text, expected))
    }

    /// Reads a relevance grade, 0 to 3.
    pub(super) fn grade(&self, text: &str) -> Result<u8, DatasetError> {
        const EXPECTED: &str = "a whole number from 0 to 3";
        let grade = self.number("grade", text, EXPECTED)?;
        if grade > 3 {
            return Err(self.invalid("grade", text, EXPECTED));
        }
        Ok(grade)
    }

    /// Reads one field as a name from a closed list.
    pub(super) fn name<T>(
        &self,
        field: &'static str,
        text: &str,
        expected: &'static str,
        from_name: fn(&str) -> Option<T>,
    ) -> Result<T, DatasetError> {
        from_name(text).ok_or_else(|| self.invalid(field, text, expected))
    }

    /// Reads the line as a JSON object `{"id": .., "contents": ..}`, both texts and neither blank.
    pub(super) fn identified_text(&self) -> Result<Passage, DatasetError> {
        #[derive(Deserialize)]
        struct Identified {
            id: String,
            contents: String,
        }
        let record: Identified = self.json("an object {\"id\": text, \"contents\": text}")?;
        self.not_blank("id", &record.id)?;
        self.not_blank("contents", &record.contents)?;
        Ok(Passage {
            id: record.id,
            text: record.contents,
        })
    }

    fn invalid(&self, field: &'static str, got: &str, expected: &'static str) -> DatasetError {
        DatasetError::InvalidField {
            path: self.path.to_path_buf(),
            line: self.number,
            field,
            expected,
            got: excerpt(got),
        }
    }

    fn json<T: DeserializeOwned>(&self, expected: &'static str) -> Result<T, DatasetError> {
        serde_json::from_str(self.text).map_err(|source| DatasetError::Json {
            path: self.path.to_path_buf(),
            line: self.number,
            expected,
            source,
        })
    }

    fn not_blank(&self, field: &'static str, text: &str) -> Result<(), DatasetError> {
        if text.trim().is_empty() {
            return Err(self.invalid(field, text, "text that is not blank"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const NAMES: [&str; 3] = ["qid", "pid", "grade"];

    fn line(text: &str) -> Line<'_> {
        Line {
            path: Path::new("qrels.tsv"),
            number: 7,
            text,
        }
    }

    #[test]
    fn a_line_of_the_right_shape_is_split() -> Result<(), DatasetError> {
        assert_eq!(
            line("q\tp with spaces \t2").fields(&NAMES)?,
            ["q", "p with spaces ", "2"]
        );
        Ok(())
    }

    #[test]
    fn too_few_and_too_many_fields_are_counted() {
        for (text, expected) in [("", 1), ("q\tp", 2), ("q\tp\t2\tx\ty", 5)] {
            let error = line(text).fields(&NAMES).err();
            assert!(
                matches!(error, Some(DatasetError::FieldCount { line: 7, got, .. }) if got == expected),
                "{text:?}: got {error:?}"
            );
        }
    }

    #[test]
    fn messages_name_file_line_expected_and_got() {
        let text = line("q\tp")
            .fields(&NAMES)
            .map_err(|error| error.to_string());
        assert_eq!(
            text.err().as_deref(),
            Some(
                "qrels.tsv:7: expected 3 tab-separated fields (qid, pid, grade), got 2; compare the \
                 file with its format in data/README.md"
            )
        );
        let number = line("").number::<u8>("grade", "two", "a whole number");
        assert_eq!(
            number.map_err(|error| error.to_string()).err().as_deref(),
            Some(
                "qrels.tsv:7: expected a whole number in field grade, got \"two\"; compare the file \
                 with its format in data/README.md"
            )
        );
    }

    #[test]
    fn a_blank_field_is_refused_by_name() {
        let error = line("q\t \t2").fields(&NAMES).err();
        assert!(
            matches!(error, Some(DatasetError::InvalidField { field: "pid", .. })),
            "got {error:?}"
        );
    }

    #[test]
    fn json_lines_need_both_members() {
        assert!(
            line(r#"{"id": "1", "contents": "text"}"#)
                .identified_text()
                .is_ok()
        );
        for bad in [
            r#"{"id": "1"}"#,
            r#"{"id": 1, "contents": "text"}"#,
            "",
            "[]",
        ] {
            let error = line(bad).identified_text().err();
            assert!(
                matches!(error, Some(DatasetError::Json { line: 7, .. })),
                "{bad}: {error:?}"
            );
        }
        let blank = line(r#"{"id": "1", "contents": " "}"#)
            .identified_text()
            .err();
        assert!(matches!(
            blank,
            Some(DatasetError::InvalidField {
                field: "contents",
                ..
            })
        ));
    }
}

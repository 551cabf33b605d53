//! SQLite's own search by words, the rival.

use anyhow::{Context as _, Result};
use rusqlite::{Connection, params};

/// Holds texts in an FTS5 table in RAM; its BM25 fixes k1 = 1.2 and b = 0.75, and knows no stop words.
#[derive(Debug)]
pub(super) struct Fts5 {
    connection: Connection,
}

impl Fts5 {
    /// Indexes texts, stemmed by Porter's first algorithm, under their positions.
    pub(super) fn of(texts: &[String]) -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        let create =
            "CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='porter unicode61')";
        connection
            .execute_batch(create)
            .context("cannot make an FTS5 table")?;
        let transaction = connection.transaction()?;
        {
            let mut insert =
                transaction.prepare("INSERT INTO texts (rowid, text) VALUES (?1, ?2)")?;
            for (at, text) in (1i64..).zip(texts) {
                insert.execute(params![at, text])?;
            }
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    /// Returns the positions of the `k` best texts that share a word with the question, best first.
    pub(super) fn search(&self, question: &str, k: usize) -> Result<Vec<usize>> {
        let Some(query) = any_word_of(question) else {
            return Ok(Vec::new());
        };
        let select = "SELECT rowid FROM texts WHERE texts MATCH ?1 ORDER BY rank, rowid LIMIT ?2";
        let mut select = self.connection.prepare_cached(select)?;
        let rows = select.query_map(params![query, k as i64], |row| row.get::<_, i64>(0))?;
        rows.map(|at| Ok(usize::try_from(at? - 1)?)).collect()
    }
}

/// Writes the query that any word of a text matches; `None` where there is no word.
fn any_word_of(text: &str) -> Option<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let quoted: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::Fts5;

    #[test]
    fn a_question_finds_the_stems_of_its_words() -> anyhow::Result<()> {
        let texts = [
            "She went hiking",
            "Tea for two",
            "They hiked; \"quoted\" OR not",
        ];
        let fts5 = Fts5::of(&texts.map(str::to_owned))?;
        assert_eq!(fts5.search("Who hikes?", 10)?, [0, 2]);
        assert_eq!(fts5.search("\"AND\" NEAR( tea*", 10)?, [1]);
        assert!(fts5.search("?!", 10)?.is_empty());
        Ok(())
    }
}

//! SQLite's own search by words, the rival.

use anyhow::{Context as _, Result};
use rm_core::Analyser;
use rusqlite::{Connection, params};

/// Holds texts in an FTS5 table in RAM; its BM25 fixes k1 = 1.2 and b = 0.75.
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

    /// Returns the positions of the `k` best texts that share a word with the question that is no stop word, best
    /// first.
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

/// Writes the query that any word of a question matches; `None` where there are stop words alone.
///
/// FTS5 knows no stop words; with them in the query nearly every text would match, and be scored.
fn any_word_of(question: &str) -> Option<String> {
    let words = Analyser::default().stemming(false).terms(question);
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
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
        assert_eq!(fts5.search("\"AND\" NEAR( don't tea*", 10)?, [1]);
        assert!(fts5.search("What did they do?!", 10)?.is_empty());
        Ok(())
    }
}

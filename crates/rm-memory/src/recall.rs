//! Recall targets: each search scans as many lists as a wanted recall takes, as sample questions have shown.

use std::sync::Arc;

use rm_core::{Index, ItemId, RecallCalibration, Vectors};
use rm_store::Changes;
use serde_json::{Value, json};

use crate::{DEFAULT_MIN_CANDIDATES, Query, Result, RoutingMemory};

/// Setting that holds what was found to be needed, as JSON; empty where it belongs to a codebook that is no more.
pub(crate) const FITTED: &str = "recall_calibration";

/// Setting that holds the sample questions: a line for each, two hexadecimal digits a component.
const QUESTIONS: &str = "recall_questions";

/// Nearest items that a recall target is about.
pub const RECALL_TOP_K: usize = 10;

/// Sample questions that are used at most: they vouch for targets up to 0.995, and cost as many searches.
pub const MAX_RECALL_QUESTIONS: usize = 200;

/// How far the number of items, or of lists, may grow or shrink before a calibration is made anew.
const OUTGROWN: f64 = 1.5;

/// Says what recall targets were calibrated to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationReport {
    /// Number of sample questions.
    pub questions: usize,
    /// Nearest items that a target is about.
    pub top_k: usize,
    /// The highest target that so many questions vouch for; a search for a higher one scans all lists.
    pub highest_target: f64,
}

/// Is a calibration and what it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    calibration: Arc<RecallCalibration>,
    k: usize,
    items: usize,
}

impl Fitted {
    fn is_good_for(&self, index: &Index) -> bool {
        let near = |a: usize, b: usize| a.max(b) as f64 <= OUTGROWN * a.min(b).max(1) as f64;
        near(self.k, index.k()) && near(self.items, index.len())
    }

    /// Writes it down; minus infinity, the lag of a list that is never passed over, becomes null.
    fn to_json(&self) -> String {
        json!({
            "k": self.k,
            "items": self.items,
            "top_k": self.calibration.top_k(),
            "lags": self.calibration.lags(),
        })
        .to_string()
    }

    /// Reads it back; `None` where it cannot have been written so, which is as good as none.
    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let number = |key: &str| usize::try_from(value.get(key)?.as_u64()?).ok();
        let lags = value.get("lags")?.as_array()?.iter();
        let lag = |lag: &Value| match lag {
            Value::Null => Some(f32::NEG_INFINITY),
            other => other.as_f64().map(|lag| lag as f32),
        };
        let lags = lags.map(lag).collect::<Option<Vec<f32>>>()?;
        let calibration = RecallCalibration::from_parts(number("top_k")?, lags).ok()?;
        Some(Self {
            calibration: Arc::new(calibration),
            k: number("k")?,
            items: number("items")?,
        })
    }
}

impl RoutingMemory {
    /// Has [recall targets](crate::MemoryBuilder::recall_target) hold for questions such as these, of which the first
    /// [`MAX_RECALL_QUESTIONS`] count: 19 vouch for a target of 0.95, 99 for 0.99.
    ///
    /// The vectors of the questions are stored, so that the calibration is made anew when the memory has outgrown it. Costs an exact search
    /// for each question, in which other changes wait.
    ///
    /// ```no_run
    /// # use rm_memory::{Query, RoutingMemory};
    /// let memory = RoutingMemory::open("agent.db")?;
    /// # let asked: Vec<String> = Vec::new();
    /// memory.calibrate_recall(asked)?;
    /// let found = memory.search(Query::text("when is the project due?").recall_target(0.95))?;
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// For a question that a search would refuse, without questions or items, and when the store cannot be read or written; what was
    /// calibrated before holds then.
    pub fn calibrate_recall<Q: Into<Query>>(
        &self,
        questions: impl IntoIterator<Item = Q>,
    ) -> Result<CalibrationReport> {
        let questions = questions.into_iter().take(MAX_RECALL_QUESTIONS);
        let rows = questions.map(|question| self.query_vector(&question.into().subject));
        let rows = rows.collect::<Result<Vec<Vec<f32>>>>()?.concat();
        let questions = Vectors::from_rows(self.embedder().dim(), rows)?;
        let turn = self.turn()?;
        let fitted = {
            let slot = self.read_index();
            let index = slot.as_ref().ok_or(rm_core::Error::NoVectors {
                operation: "calibrating a recall target",
            })?;
            fit(index, Some(&questions))?
        };
        let mut changes = Changes::new();
        changes.set(QUESTIONS, to_hex(&questions));
        changes.set(FITTED, fitted.to_json());
        turn.write(&changes)?.done();
        let report = CalibrationReport {
            questions: fitted.calibration.n_queries(),
            top_k: fitted.calibration.top_k(),
            highest_target: fitted.calibration.highest_target(),
        };
        self.lock_observer().recall = Some(fitted);
        Ok(report)
    }

    /// Returns the recall that a query asks for, unless the memory is so small that it is searched whole.
    pub(crate) fn wanted_recall(&self, query: &Query, index: &Index) -> Option<f64> {
        let target = self.target_of(query);
        target.filter(|_| index.len() > DEFAULT_MIN_CANDIDATES)
    }

    /// Returns the recall that a query asks for, whatever it is asked of.
    fn target_of(&self, query: &Query) -> Option<f64> {
        let target = query.recall_target.or(self.config().recall_target);
        target.filter(|_| query.n_probes.is_none())
    }

    /// Returns what a query's recall target takes, once that was [made sure of](Self::make_sure_of_recall).
    pub(crate) fn calibration(
        &self,
        query: &Query,
        index: &Index,
    ) -> Option<(f64, Arc<RecallCalibration>)> {
        let target = self.wanted_recall(query, index)?;
        let fitted = self.lock_observer().recall.clone()?;
        Some((target, fitted.calibration))
    }

    /// Makes sure that it is known what a query's recall target takes: as it was stored, or else calibrated anew.
    ///
    /// Nobody may hold the lock of the index and wait here.
    pub(crate) fn make_sure_of_recall(&self, query: &Query) -> Result<()> {
        if let Some(target) = query.recall_target {
            RecallCalibration::check_target(target)?;
        }
        if !self.lacks_calibration(query)? {
            return Ok(());
        }
        let turn = self.turn()?;
        if !self.lacks_calibration(query)? {
            // Another thread was sooner.
            return Ok(());
        }
        let questions = self.store().setting(QUESTIONS)?;
        let questions = questions.and_then(|hex| from_hex(self.embedder().dim(), &hex));
        let fitted = match self.read_index().as_ref() {
            Some(index) => fit(index, questions.as_ref())?,
            None => return Ok(()),
        };
        let mut changes = Changes::new();
        changes.set(FITTED, fitted.to_json());
        self.lock_observer().recall = Some(fitted);
        // A file that cannot be written now is searched all the same.
        if let Ok(written) = turn.write(&changes) {
            written.done();
        }
        Ok(())
    }

    /// Returns whether a query needs a calibration, and neither RAM nor the store has one.
    fn lacks_calibration(&self, query: &Query) -> Result<bool> {
        if self.target_of(query).is_none() {
            return Ok(false);
        }
        let slot = self.read_index();
        let searched = slot.as_ref();
        let Some(index) = searched.filter(|index| self.wanted_recall(query, index).is_some())
        else {
            return Ok(false);
        };
        let known = self.lock_observer().recall.clone();
        if known.is_some_and(|fitted| fitted.is_good_for(index)) {
            return Ok(false);
        }
        let stored = self.store().setting(FITTED)?;
        let stored = stored.and_then(|text| Fitted::parse(&text));
        let stored = stored.filter(|fitted| fitted.is_good_for(index));
        let lacks = stored.is_none();
        self.lock_observer().recall = stored;
        Ok(lacks)
    }
}

/// Calibrates to questions, or where there are none to items, which ask for each other.
fn fit(index: &Index, questions: Option<&Vectors>) -> Result<Fitted> {
    let calibration = match questions {
        Some(questions) => {
            let top_k = RECALL_TOP_K.min(index.len());
            RecallCalibration::fit_to_queries(index, questions, top_k)?
        }
        None => {
            let step = index.len().div_ceil(MAX_RECALL_QUESTIONS).max(1);
            let ids = index.lists().flat_map(|(_, list)| list.ids());
            let items: Vec<ItemId> = ids.step_by(step).copied().collect();
            RecallCalibration::fit_to_items(index, &items, RECALL_TOP_K)?
        }
    };
    Ok(Fitted {
        calibration: Arc::new(calibration),
        k: index.k(),
        items: index.len(),
    })
}

/// Writes vectors down in 255 steps a component, which tells as well as they do how far a search must go.
fn to_hex(vectors: &Vectors) -> String {
    let mut lines = String::new();
    for row in vectors.iter() {
        let largest = row
            .iter()
            .fold(f32::MIN_POSITIVE, |most, x| x.abs().max(most));
        for x in row {
            let steps = (x / largest * 127.0).round() as i8;
            lines.push_str(&format!("{:02x}", steps.cast_unsigned()));
        }
        lines.push('\n');
    }
    lines
}

/// Reads vectors back; `None` where they are none of this dimension.
fn from_hex(dim: usize, lines: &str) -> Option<Vectors> {
    let mut rows = Vec::new();
    for line in lines.lines() {
        let digits: Option<Vec<u8>> = line.chars().map(|c| Some(c.to_digit(16)? as u8)).collect();
        let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
        if pairs.len() != dim || !rest.is_empty() {
            return None;
        }
        let steps = pairs
            .iter()
            .map(|[high, low]| (high << 4 | low).cast_signed());
        rows.extend(steps.map(f32::from));
    }
    let vectors = Vectors::from_rows(dim, rows).ok()?;
    (!vectors.is_empty()).then_some(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_survive_in_255_steps() -> Result<()> {
        let vectors = Vectors::from_rows(3, vec![0.6, 0.0, -0.8, 0.0, 1.0, 0.0])?;
        let lines = to_hex(&vectors);
        assert_eq!(lines, "5f0081\n007f00\n");
        let back = from_hex(3, &lines).expect("three components a line");
        let pairs = back.as_slice().iter().zip(vectors.as_slice());
        assert!(
            pairs.into_iter().all(|(a, b)| (a - b).abs() < 0.005),
            "{back:?}"
        );
        for bad in ["", "5f00\n", "5f008g\n", "000000\n", "5f00811\n"] {
            assert!(from_hex(3, bad).is_none(), "{bad:?}");
        }
        Ok(())
    }

    #[test]
    fn a_calibration_is_read_back_as_it_was() -> Result<()> {
        let lags = vec![f32::NEG_INFINITY, -0.1, 0.25, 0.5];
        let fitted = Fitted {
            calibration: Arc::new(RecallCalibration::from_parts(2, lags)?),
            k: 7,
            items: 100,
        };
        let back = Fitted::parse(&fitted.to_json()).expect("what was written");
        assert_eq!(back.calibration, fitted.calibration);
        assert_eq!((back.k, back.items), (7, 100));
        for bad in ["", "{}", r#"{"k":1,"items":1,"top_k":2,"lags":[0.5]}"#] {
            assert!(Fitted::parse(bad).is_none(), "{bad:?}");
        }
        Ok(())
    }
}

//! Verification of everything that a memory holds, on disk and in RAM.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use rm_core::{CentroidId, Codebook, DriftMonitor, Index, ItemId, Vectors, check_unit};
use rm_store::{View, settings};

use crate::observer::Observer;
use crate::space::Space;
use crate::vectors_in_store::AT_ONCE;
use crate::{Result, RoutingMemory};

/// Findings that are told at most.
const MOST_FINDINGS: usize = 1_000;

/// Tells what a check has looked at and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Namespaces with items.
    pub namespaces: usize,
    /// Items in them.
    pub items: u64,
    /// What is wrong; empty where all is well.
    pub findings: Vec<Finding>,
    /// Number of findings that are left out because there are more than a thousand.
    pub omitted: u64,
}

impl CheckReport {
    /// Returns whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, namespace: Option<&str>, what: impl fmt::Display) {
        if self.findings.len() == MOST_FINDINGS {
            self.omitted += 1;
            return;
        }
        self.findings.push(Finding {
            namespace: namespace.map(str::to_owned),
            what: what.to_string(),
        });
    }

    /// Passes on what could be read, and notes what stood in the way; gives up only where others were in the way.
    fn note<T, E>(
        &mut self,
        namespace: Option<&str>,
        read: std::result::Result<T, E>,
    ) -> Result<Option<T>>
    where
        E: Into<crate::Error>,
    {
        match read.map_err(Into::into) {
            Ok(read) => Ok(Some(read)),
            Err(busy @ crate::Error::Store(rm_store::Error::Busy { .. })) => Err(busy),
            // Which file that is, is known; and the same fault can stand in the way of more than one look.
            Err(crate::Error::Store(rm_store::Error::Damaged { what, .. })) => {
                let is_told = self.findings.iter().any(|told| told.what == what);
                if !is_told {
                    self.add(namespace, what);
                }
                Ok(None)
            }
            Err(error) => {
                self.add(namespace, error);
                Ok(None)
            }
        }
    }
}

/// Is one thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The namespace, `None` for what concerns the file.
    pub namespace: Option<String>,
    /// What is wrong, and where.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(name) if !name.is_empty() => write!(f, "namespace {name:?}: {}", self.what),
            _ => self.what.fmt(f),
        }
    }
}

impl RoutingMemory {
    /// Verifies everything: the file's structure, every row with its checksum, the model, that every vector is a unit vector of the
    /// model's dimension, that every item is in the list it is routed to, and that the index holds what the file does, codes
    /// included.
    ///
    /// Changes nothing, and goes on after a fault as far as it can. Reads everything, and compares every item with every centroid. Others
    /// go on searching; who changes something waits while the index of a namespace is compared with the file.
    ///
    /// ```no_run
    /// # use rm_memory::RoutingMemory;
    /// let memory = RoutingMemory::open("agent.db")?;
    /// let report = memory.check()?;
    /// for finding in &report.findings {
    ///     eprintln!("{finding}");
    /// }
    /// println!("{} items, {} findings", report.items, report.findings.len());
    /// # Ok::<(), rm_memory::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the store is in use by others for longer than the busy timeout; whatever else is wrong is in the report.
    pub fn check(&self) -> Result<CheckReport> {
        let mut report = CheckReport::default();
        for fault in report
            .note(None, self.store().faults())?
            .unwrap_or_default()
        {
            report.add(None, fault);
        }
        report.note(None, self.check_model())?;
        let mut names = Vec::new();
        let mut busy = Ok(());
        let viewed = self.store().view(&mut |view| {
            busy = self.check_state(view, &mut names, &mut report);
            Ok(())
        });
        report.note(None, viewed)?;
        busy?;
        for name in names {
            let checked = self.check_index_of(&name, &mut report);
            report.note(Some(&name), checked)?;
        }
        Ok(report)
    }

    /// Checks what is stored in each namespace, and collects their names.
    fn check_state(
        &self,
        view: &dyn View,
        names: &mut Vec<String>,
        report: &mut CheckReport,
    ) -> Result<()> {
        let all = report.note(None, view.namespaces())?.unwrap_or_default();
        for (name, items) in all {
            report.namespaces += 1;
            report.items += items;
            let checked = self.check_vectors(view, &name, report);
            report.note(Some(&name), checked)?;
            names.push(name);
        }
        let model = report.note(None, view.setting("", settings::MODEL_FINGERPRINT))?;
        if model == Some(None) {
            report.add(None, "it does not say which model made its vectors");
        }
        Ok(())
    }

    /// Checks the vectors of a namespace, and that each is in the list that it is routed to.
    fn check_vectors(&self, view: &dyn View, name: &str, report: &mut CheckReport) -> Result<()> {
        let dim = self.embedder().dim();
        let codebook = match view.routing(name)? {
            None => None,
            Some(routing) => Some(Codebook::from_rows(routing.dim, routing.centroids)?),
        };
        if codebook.is_none() {
            report.add(Some(name), "it has items and no codebook");
        }
        let mut batch = Routed::new(dim);
        let mut outcome = Ok(());
        view.for_each_vector(name, &mut |key, centroid, vector| {
            match check_unit(dim, vector) {
                Ok(Cow::Borrowed(_)) => {}
                Ok(Cow::Owned(_)) => report.add(
                    Some(name),
                    format!("the vector of item {key} is no unit vector"),
                ),
                Err(error) => report.add(Some(name), format!("the vector of item {key}: {error}")),
            }
            // One that has no list yet gets it when the memory is opened.
            if let (Some(codebook), Some(centroid)) = (&codebook, centroid)
                && vector.len() == codebook.dim()
            {
                outcome = batch.push(codebook, key, centroid, vector, name, report);
            }
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome?;
        match &codebook {
            Some(codebook) => batch.compare(codebook, name, report),
            None => Ok(()),
        }
    }

    /// Holds the index of a namespace against what is stored, in a turn in which nobody changes it.
    fn check_index_of(&self, name: &str, report: &mut CheckReport) -> Result<()> {
        let memory = match self.family.loaded(name) {
            Some(space) => Self::of(&self.family, space),
            None => {
                // Is loaded for this, and changes nothing.
                let store = self.store().in_namespace(name)?;
                let drift = DriftMonitor::new(self.config().drift.clone())?;
                let space = Space::new(store, Observer::new(drift));
                Self::of(&self.family, Arc::new(space))
            }
        };
        let _turn = memory.turn()?;
        let slot = memory.read_index();
        let Some(index) = slot.as_ref() else {
            return Ok(());
        };
        let mut seen = 0;
        memory
            .store()
            .for_each_vector(&mut |key, centroid, vector| {
                seen += 1;
                if let Some(fault) = fault_in(index, key, centroid, vector) {
                    report.add(Some(name), fault);
                }
                ControlFlow::Continue(())
            })?;
        if seen != index.len() {
            let held = index.len();
            report.add(
                Some(name),
                format!("its index holds {held} items, the file {seen}"),
            );
        }
        for item in index.miscoded()? {
            report.add(
                Some(name),
                format!("the code of item {item} is not that of its vector"),
            );
        }
        Ok(())
    }
}

/// Says what an index has wrong of an item, if anything.
fn fault_in(
    index: &Index,
    key: ItemId,
    stored: Option<CentroidId>,
    vector: &[f32],
) -> Option<String> {
    let Ok(held) = index.centroid_of(key) else {
        return Some(format!("item {key} is not in the index"));
    };
    if let Some(stored) = stored.filter(|stored| *stored != held) {
        return Some(format!(
            "item {key} is in list {held}, and list {stored} in the file"
        ));
    }
    if index.has_vectors_elsewhere() {
        return None;
    }
    let is_unit = matches!(check_unit(index.dim(), vector), Ok(Cow::Borrowed(_)));
    match index.vector(key) {
        Ok(held) if is_unit && *held != *vector => {
            Some(format!("the vector of item {key} is not the stored one"))
        }
        Ok(_) => None,
        Err(error) => Some(format!("the vector of item {key}: {error}")),
    }
}

/// Is items with their lists, to be compared with where they are routed to.
struct Routed {
    dim: usize,
    items: Vec<(ItemId, CentroidId)>,
    rows: Vec<f32>,
}

impl Routed {
    fn new(dim: usize) -> Self {
        Self {
            dim,
            items: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn push(
        &mut self,
        codebook: &Codebook,
        key: ItemId,
        centroid: CentroidId,
        vector: &[f32],
        name: &str,
        report: &mut CheckReport,
    ) -> Result<()> {
        self.dim = vector.len();
        self.items.push((key, centroid));
        self.rows.extend_from_slice(vector);
        match self.items.len() {
            AT_ONCE => self.compare(codebook, name, report),
            _ => Ok(()),
        }
    }

    fn compare(&mut self, codebook: &Codebook, name: &str, report: &mut CheckReport) -> Result<()> {
        let vectors = Vectors::from_rows(self.dim, std::mem::take(&mut self.rows))?;
        let routed = codebook.encode_batch(&vectors)?;
        for ((key, centroid), routed) in std::mem::take(&mut self.items).into_iter().zip(routed) {
            if routed.centroid != centroid {
                let to = routed.centroid;
                report.add(
                    Some(name),
                    format!("item {key} is in list {centroid}, and routed to {to}"),
                );
            }
        }
        Ok(())
    }
}

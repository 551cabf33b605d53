//! What keeps an interruption and a change of the results folder apart.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::suite::ExperimentId;

/// Lets changes of the results folder through one at a time, and none once the run is being interrupted.
///
/// Clones share one gate: the run holds one, what listens for Ctrl-C another. Without it an interruption could
/// clear a folder away while that folder is being given its name, and half of it would look whole.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<RunState>>,
}

/// Holds what an interruption has to know of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunState {
    /// The results folder, once the run has it for itself.
    pub folder: Option<PathBuf>,
    /// The experiments whose results this run has put in place.
    pub done: Vec<ExperimentId>,
}

/// Allows to change the results folder until it is dropped.
#[derive(Debug)]
pub struct Passage<'a> {
    state: MutexGuard<'a, RunState>,
}

impl Gate {
    /// Waits until no other change is under way; on a closed gate that is for as long as the process lives.
    #[must_use]
    pub fn pass(&self) -> Passage<'_> {
        Passage { state: self.lock() }
    }

    /// Waits for the change that is under way, lets none through after it, and tells how far the run has come.
    #[must_use]
    pub fn close(&self) -> RunState {
        let guard = self.lock();
        let state = guard.clone();
        // Never unlocked again, which is what keeps the gate closed.
        std::mem::forget(guard);
        state
    }

    fn lock(&self) -> MutexGuard<'_, RunState> {
        // A panic during a change leaves a folder that the next run clears up, and a state that is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passage<'_> {
    pub(super) fn opened(&mut self, folder: PathBuf) {
        self.state.folder = Some(folder);
    }

    pub(super) fn done(&mut self, id: ExperimentId) {
        self.state.done.push(id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_change_under_way_ends_before_the_gate_closes() {
        let gate = Gate::default();
        let mut passage = gate.pass();
        let (closed, state) = channel();
        let other = gate.clone();
        thread::spawn(move || closed.send(other.close()));
        passage.opened("results".into());
        passage.done(ExperimentId::H1);
        drop(passage);
        let expected = RunState {
            folder: Some("results".into()),
            done: vec![ExperimentId::H1],
        };
        assert_eq!(state.recv(), Ok(expected));
    }

    #[test]
    fn nothing_passes_a_closed_gate() {
        let gate = Gate::default();
        assert_eq!(gate.close(), RunState::default());
        let (passed, through) = channel();
        // This thread waits for ever and ends with the process.
        thread::spawn(move || passed.send(gate.pass().state.done.len()));
        let waited = through.recv_timeout(Duration::from_millis(50));
        assert_eq!(waited, Err(RecvTimeoutError::Timeout));
    }
}

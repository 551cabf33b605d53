//! Carrying out what a search has led to: a cycle of adaptation, or a training.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use rm_core::AdaptationReport;

use crate::observer::Due;
use crate::space::Space;
use crate::{RefitReport, RoutingMemory};

/// Is what was done before the search that led to it returned.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub(crate) adaptation: Option<AdaptationReport>,
    pub(crate) refit: Option<RefitReport>,
}

/// Says that a thread in the background is done, be it by a panic.
struct Done(Arc<Space>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.responding.store(false, Ordering::Release);
    }
}

impl RoutingMemory {
    /// Carries out what is due, or has a thread do so where the policy says that.
    ///
    /// Where a thread is at it already, nothing more is done: the next cycle comes by itself, and an alarm is raised again while drift
    /// lasts.
    pub(crate) fn respond(&self, due: Due) -> Response {
        if !self.config().adaptation.in_background {
            return self.carry_out(due);
        }
        if self.space.responding.swap(true, Ordering::AcqRel) {
            return Response::default();
        }
        let done = Done(Arc::clone(&self.space));
        let memory = self.clone();
        let work = move || {
            memory.carry_out_alone(due);
            // The handle goes first: it may be the last, which saves.
            drop(memory);
            drop(done);
        };
        match thread::Builder::new().name("rm-adapt".into()).spawn(work) {
            Ok(_) => Response::default(),
            // No thread can be had: then it is this one.
            Err(_) => self.carry_out(due),
        }
    }

    /// Carries it out on one thread: in the pool that all share, a question that is to be embedded would wait for its turn.
    fn carry_out_alone(&self, due: Due) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        match pool {
            Ok(pool) => pool.install(|| self.carry_out(due)),
            Err(_) => self.carry_out(due),
        };
    }

    /// The answer is there already: a full disk must not take it away, and what fails is tried again when it is due again.
    fn carry_out(&self, due: Due) -> Response {
        match due {
            Due::Cycle { alarmed } => Response {
                adaptation: self.adapt_after_query(alarmed).unwrap_or(None),
                refit: None,
            },
            Due::Refit => Response {
                adaptation: None,
                refit: self.refit_after_alarm().unwrap_or(None),
            },
        }
    }
}

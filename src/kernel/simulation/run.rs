//! The loop that runs a model with its kernel.

use super::{Class, Kernel, Model, Payload};
use crate::kernel::{Budget, Context, Stop};

/// A model and its kernel; see the [module](crate::kernel) for an example.
#[derive(Clone, Debug)]
pub struct Simulation<M: Model> {
    /// The kernel, which decides what happens next.
    pub kernel: Kernel<M::Payload>,
    /// The model, which handles it.
    pub model: M,
}

/// After how many occurrences it is checked again how much a model keeps.
const KEPT_EVERY: u64 = 256;

impl<M: Model> Simulation<M> {
    /// Delivers one occurrence; whether there was one.
    #[inline]
    pub fn step(&mut self) -> bool {
        let Some(delivery) = self.kernel.next() else { return false };
        let (node, step, kind) = (delivery.to, delivery.step, delivery.payload.kind());
        self.model.handle(delivery, &mut Context::new(&mut self.kernel, node, step, kind));
        true
    }

    /// Runs until the model is at rest, stuck or stops the run, or the budget runs out.
    pub fn run(&mut self, budget: &Budget) -> Stop {
        loop {
            if let Some(stop) = self.model.stopped() {
                return stop;
            }
            if *self.kernel.pending_of(Class::Work) == 0 && self.kernel.held.is_empty() {
                if self.model.idle() {
                    return Stop::AtRest;
                }
                let only_polls = self.kernel.pending() == *self.kernel.pending_of(Class::Poll);
                if only_polls && !self.model.found_by_polls() {
                    return Stop::Stuck;
                }
                self.skip_idle_polls();
            } else {
                self.kernel.idle_for = 0;
            }
            if self.kernel.steps() >= budget.occurrences {
                return Stop::OutOfOccurrences;
            }
            if self.kernel.pending() > budget.pending || self.kernel.refused {
                return Stop::TooManyPending;
            }
            if self.kernel.steps().is_multiple_of(KEPT_EVERY) && self.model.kept() > budget.kept {
                return Stop::TooMuchKept;
            }
            self.kernel.put_back();
            if self.kernel.queue.next_at().is_some_and(|at| at > budget.until) {
                return Stop::OutOfTime;
            }
            if !self.step() {
                // The last pending occurrences were lost.
                return if self.model.idle() { Stop::AtRest } else { Stop::Stuck };
            }
        }
    }
}

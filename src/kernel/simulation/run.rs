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
        self.kernel.put_back();
        self.step_in_place()
    }

    #[inline]
    fn step_in_place(&mut self) -> bool {
        let Some(delivery) = self.kernel.next_in_place() else { return false };
        let (node, step, kind) = (delivery.to, delivery.step, delivery.payload.kind());
        self.model.handle(delivery, &mut Context::new(&mut self.kernel, node, step, kind));
        true
    }

    /// Runs until the model is at rest, stuck or stops the run, or the budget runs out.
    pub fn run(&mut self, budget: &Budget) -> Stop {
        loop {
            if let Some(stop) = self.advance(budget) {
                return stop;
            }
        }
    }

    /// Runs until so many occurrences were delivered; why not, if it stopped before. It can be continued as if it
    /// had not paused.
    pub fn run_up_to(&mut self, occurrences: u64, budget: &Budget) -> Option<Stop> {
        while self.kernel.steps() < occurrences {
            if let Some(stop) = self.advance(budget) {
                return Some(stop);
            }
        }
        None
    }

    /// Delivers one occurrence, or says why the run stops.
    #[inline]
    fn advance(&mut self, budget: &Budget) -> Option<Stop> {
        if let Some(stop) = self.model.stopped() {
            return Some(stop);
        }
        if *self.kernel.pending_of(Class::Work) == 0 && self.kernel.held.is_empty() {
            if self.model.idle() {
                return Some(Stop::AtRest);
            }
            let only_polls = self.kernel.pending() == *self.kernel.pending_of(Class::Poll);
            if only_polls && !self.finds_by_polls() {
                return Some(Stop::Stuck);
            }
            self.skip_idle_polls();
        } else {
            self.kernel.idle_for = 0;
        }
        if self.kernel.steps() >= budget.occurrences {
            return Some(Stop::OutOfOccurrences);
        }
        if self.kernel.pending() > budget.pending || self.kernel.refused {
            return Some(Stop::TooManyPending);
        }
        if self.kernel.steps().is_multiple_of(KEPT_EVERY) && self.model.kept() > budget.kept {
            return Some(Stop::TooMuchKept);
        }
        self.kernel.put_back();
        if self.kernel.queue.next_at().is_some_and(|at| at > budget.until) {
            return Some(Stop::OutOfTime);
        }
        if self.step_in_place() {
            return None;
        }
        // The last pending occurrences were lost.
        Some(if self.model.idle() { Stop::AtRest } else { Stop::Stuck })
    }
}

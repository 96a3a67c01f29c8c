//! Runs that depart from their seed.

use super::Choices;
use crate::kernel::Step;

/// From `step` on, everything is drawn from another seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The first occurrence that is drawn from the other seed.
    pub step: Step,
    /// The other seed.
    pub seed: u64,
}

impl Choices {
    /// The same choices, drawn from other seeds from the steps of `branches` on. Of two branches at one step
    /// the last one counts.
    #[must_use]
    pub fn with_branches(mut self, branches: &[Branch]) -> Self {
        self.ahead = branches.to_vec();
        self.ahead.sort_by_key(|branch| std::cmp::Reverse(branch.step));
        self
    }

    /// Whether the run departs from its seed in a later step.
    pub(in crate::kernel) fn has_branches(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// The step of the next branch; no step is as late if there is none.
    pub(in crate::kernel) fn next_branch(&self) -> Step {
        self.ahead.last().map_or(Step(u64::MAX), |branch| branch.step)
    }

    /// Takes the branches up to `step`: what follows is drawn from the seed of the last of them.
    pub(in crate::kernel) fn branch(&mut self, step: Step) {
        while let Some(branch) = self.ahead.pop_if(|branch| branch.step <= step) {
            self.policy = self.policy.reseeded(branch.seed);
        }
    }
}

//! The phases of something that only moves forward, and when each began.

use crate::kernel::Step;

/// When each phase began, by number. A phase ends all before it.
#[derive(Clone, Copy, Debug)]
pub struct Phases<const N: usize>([Option<Step>; N]);

impl<const N: usize> Default for Phases<N> {
    fn default() -> Self {
        Self([None; N])
    }
}

impl<const N: usize> Phases<N> {
    /// A phase begins.
    pub const fn begin(&mut self, phase: usize, step: Step) {
        self.0[phase] = Some(step);
    }

    /// When a phase began, if it did.
    pub const fn began(&self, phase: usize) -> Option<Step> {
        self.0[phase]
    }

    /// Whether this is the current phase.
    pub fn is(&self, phase: usize) -> bool {
        self.0[phase].is_some() && self.0[phase + 1..].iter().all(Option::is_none)
    }

    /// Whether it was in this phase at any moment from `since` on.
    pub fn was(&self, phase: usize, since: Step) -> bool {
        self.0[phase].is_some() && self.lasted(phase + 1, since)
    }

    /// Whether at any moment from `since` on no phase had begun.
    pub fn was_none(&self, since: Step) -> bool {
        self.lasted(0, since)
    }

    /// Whether this phase and those after it began at `since` or later, if at all.
    fn lasted(&self, phase: usize, since: Step) -> bool {
        self.0[phase..].iter().flatten().all(|&began| began >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_lasts_until_a_later_one_begins() {
        let mut phases = Phases::<3>::default();
        assert!(phases.was_none(Step(9)));
        phases.begin(0, Step(10));
        phases.begin(2, Step(20));
        assert!(phases.was_none(Step(10)) && !phases.was_none(Step(11)));
        assert!(phases.was(0, Step(20)) && !phases.was(0, Step(21)));
        assert!(phases.was(2, Step(99)) && !phases.was(1, Step(0)));
        assert!(phases.is(2) && !phases.is(0));
        assert_eq!(phases.began(1), None);
    }
}

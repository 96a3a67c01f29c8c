//! The lateness of messages, as the schedules of [`order`](crate::kernel::scheduler) decide it.

use super::{ChoiceKey, Choices, Decision, Schedule, Space};

impl Choices {
    /// How the order of deliveries is drawn, and a random word for it.
    pub(in crate::kernel) const fn schedule(&self) -> (Schedule, u64) {
        self.policy.schedule()
    }

    /// The random bits from which a choice would be made; reading them is no choice.
    pub(in crate::kernel) fn bits(&self, key: &ChoiceKey) -> u64 {
        self.policy.bits(key)
    }

    /// Makes a choice whose value a schedule has drawn, unless another value is forced.
    pub(in crate::kernel) fn propose(&mut self, key: ChoiceKey, space: Space, value: u64) -> u64 {
        if space.max() == 0 { 0 } else { self.settle(key, space, Some(value)) }
    }

    /// Whether a choice is forced.
    pub(in crate::kernel) fn is_forced(&self, key: &ChoiceKey) -> bool {
        self.overrides.get(key).is_some()
    }

    /// Changes a choice that a schedule has made before. The search of the log is short: such a choice is
    /// about a message that is still on its way.
    pub(in crate::kernel) fn amend(&mut self, key: &ChoiceKey, value: u64) {
        let log = self.log.iter_mut().flatten().rev();
        if let Some(decision) = { log }.find(|Decision { key: about, .. }| about == key) {
            decision.value = value;
        }
    }
}

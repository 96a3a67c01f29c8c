//! What an enumeration tries.

use crate::kernel::{ChoiceKey, Entity, Fault, LINK_JITTER};
use crate::platform::SETTING_SMALL;

/// What an enumeration tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The faults.
    pub faults: Vec<&'static Fault>,
    /// Whether messages are delivered after others that they would have preceded.
    pub order: bool,
    /// Whether settings are made small, one deviation each.
    pub settings: bool,
    /// The one thing that everything tried is about, apart from settings; `None` for no such limit.
    pub about: Option<Entity>,
    /// Whether deviations that by themselves change nothing but times are not combined with others. What only such
    /// a combination shows is missed then.
    pub skips: bool,
}

impl Scope {
    /// What is tried at a choice.
    pub(super) fn tried(&self, key: &ChoiceKey) -> Option<Tried> {
        if key.site == SETTING_SMALL {
            return (self.settings && key.entity != Entity(0)).then_some(Tried::Setting);
        }
        if self.about.is_some_and(|about| about != key.entity) {
            return None;
        }
        if key.site == LINK_JITTER {
            return self.order.then_some(Tried::Order);
        }
        self.faults.iter().any(|fault| fault.site == key.site).then_some(Tried::Fault)
    }
}

/// What is tried at a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// Every size of a fault.
    Fault,
    /// The small value of a setting.
    Setting,
    /// Every delivery at the same node that a message can come after.
    Order,
}

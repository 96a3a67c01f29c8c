//! Choices that are forced, whatever the policy would have drawn.

use std::collections::BTreeMap;

use super::ChoiceKey;

/// Forced values by key: what a capsule holds of the choices that are not benign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<ChoiceKey, u64>);

impl Overrides {
    /// Whether nothing is forced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value forced for `key`.
    pub fn get(&self, key: &ChoiceKey) -> Option<u64> {
        self.0.get(key).copied()
    }

    /// The sites at which something is forced, as a set of bits.
    pub(in crate::kernel) fn sites(&self) -> u128 {
        self.0.keys().fold(0, |sites, key| sites | 1 << key.site.index())
    }

    /// Forces `key` to be `value`; the value it was forced to before, if any.
    pub fn force(&mut self, key: ChoiceKey, value: u64) -> Option<u64> {
        self.0.insert(key, value)
    }
}

impl FromIterator<(ChoiceKey, u64)> for Overrides {
    fn from_iter<I: IntoIterator<Item = (ChoiceKey, u64)>>(forced: I) -> Self {
        Self(forced.into_iter().collect())
    }
}

//! Choices whose values are forced.

use std::collections::BTreeMap;

use super::ChoiceKey;

/// Forced values by key. A capsule holds those of all choices that are not benign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<ChoiceKey, u64>);

impl Overrides {
    /// The forced value of `key`.
    #[inline]
    pub(super) fn get(&self, key: &ChoiceKey) -> Option<u64> {
        self.0.get(key).copied()
    }

    /// The sites at which a choice is forced, as a set of bits.
    pub(in crate::kernel) fn sites(&self) -> u128 {
        self.0.keys().fold(0, |sites, key| sites | 1 << key.site.index())
    }
}

impl FromIterator<(ChoiceKey, u64)> for Overrides {
    fn from_iter<I: IntoIterator<Item = (ChoiceKey, u64)>>(forced: I) -> Self {
        Self(forced.into_iter().collect())
    }
}

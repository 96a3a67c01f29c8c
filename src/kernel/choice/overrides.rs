//! Choices whose values are forced.

use std::collections::BTreeMap;

use super::{ChoiceKey, Site};

/// Forced values by key. A capsule holds those of all choices that are not benign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    forced: BTreeMap<ChoiceKey, Forced>,
    /// The values of all other choices at a site.
    others: Vec<(Site, u64)>,
}

/// A forced value, and whether the choice was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Forced {
    value: u64,
    drawn: bool,
}

impl Overrides {
    /// Forces all choices at a site that are not forced by key.
    #[must_use]
    pub fn with_others(mut self, site: Site, value: u64) -> Self {
        self.others.push((site, value));
        self
    }

    /// The forced value of `key`.
    #[inline]
    pub(super) fn get(&self, key: &ChoiceKey) -> Option<u64> {
        self.forced.get(key).map(|forced| forced.value).or_else(|| self.of_others(key))
    }

    /// The forced value of `key`, which is drawn now.
    #[inline]
    pub(super) fn take(&mut self, key: &ChoiceKey) -> Option<u64> {
        // Nothing is forced in most runs.
        if self.forced.is_empty() && self.others.is_empty() { None } else { self.look_up(key) }
    }

    #[inline(never)]
    fn look_up(&mut self, key: &ChoiceKey) -> Option<u64> {
        if let Some(forced) = self.forced.get_mut(key) {
            forced.drawn = true;
            return Some(forced.value);
        }
        self.of_others(key)
    }

    #[inline]
    fn of_others(&self, key: &ChoiceKey) -> Option<u64> {
        self.others.iter().find(|(site, _)| *site == key.site).map(|(_, value)| *value)
    }

    /// The keys whose choice was never drawn.
    pub(in crate::kernel) fn undrawn(&self) -> impl Iterator<Item = ChoiceKey> + '_ {
        self.forced.iter().filter(|(_, forced)| !forced.drawn).map(|(key, _)| *key)
    }

    /// The sites at which a choice is forced, as a set of bits.
    pub(in crate::kernel) fn sites(&self) -> u128 {
        let others = self.others.iter().map(|(site, _)| site);
        self.forced.keys().map(|key| &key.site).chain(others).fold(0, |all, s| all | 1 << s.index())
    }
}

impl FromIterator<(ChoiceKey, u64)> for Overrides {
    fn from_iter<I: IntoIterator<Item = (ChoiceKey, u64)>>(forced: I) -> Self {
        let forced = forced.into_iter();
        let forced = forced.map(|(key, value)| (key, Forced { value, drawn: false }));
        Self { forced: forced.collect(), others: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Actor, Entity, NodeId};

    const SITE: Site = Site::new(40, "test.site");

    fn key(nth: u32) -> ChoiceKey {
        ChoiceKey { site: SITE, actor: Actor::node(NodeId(0)), entity: Entity(0), nth }
    }

    #[test]
    fn what_was_never_drawn_is_known() {
        let mut forced = Overrides::from_iter([(key(0), 5), (key(7), 6)]);
        assert_eq!((forced.take(&key(0)), forced.take(&key(1))), (Some(5), None));
        assert_eq!(forced.undrawn().collect::<Vec<_>>(), [key(7)]);
    }

    #[test]
    fn others_of_a_site_take_its_value() {
        let mut forced = Overrides::from_iter([(key(0), 0)]).with_others(SITE, 1);
        assert_eq!((forced.take(&key(0)), forced.take(&key(1))), (Some(0), Some(1)));
        assert_eq!(forced.sites(), 1 << SITE.index());
    }
}

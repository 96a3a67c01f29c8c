//! Choices whose values are forced.

use std::collections::BTreeMap;

use super::{ChoiceKey, Site};
use crate::collections::Table;

/// Forced values by key. A capsule holds those of all choices that are not benign.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// In order of their keys.
    forced: Vec<(ChoiceKey, Forced)>,
    /// The place of each key in `forced`: it is looked up at every draw.
    places: Table<ChoiceKey, usize>,
    /// The values of all other choices at a site.
    others: Vec<(Site, u64)>,
    /// The sites at which choices are counted even if nothing is forced, as a set of bits.
    counted: u128,
}

/// The places follow from the keys.
impl PartialEq for Overrides {
    fn eq(&self, other: &Self) -> bool {
        let Self { forced, places: _, others, counted } = self;
        (forced, others, counted) == (&other.forced, &other.others, &other.counted)
    }
}

impl Eq for Overrides {}

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

    /// Counts the choices at a site also if nothing is forced there, so that a choice that is forced later has the
    /// same key as if it had been forced from the beginning.
    #[must_use]
    pub fn counting(mut self, site: Site) -> Self {
        self.counted |= 1 << site.index();
        self
    }

    /// The same choices by key and one more; at other choices of a site nothing is forced and nothing counted.
    #[must_use]
    pub fn and(&self, key: ChoiceKey, value: u64) -> Self {
        let mut forced = self.forced.clone();
        match forced.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => forced[at].1.value = value,
            Err(at) => forced.insert(at, (key, Forced { value, drawn: false })),
        }
        Self::of(forced)
    }

    /// These choices, in order of their keys.
    fn of(forced: Vec<(ChoiceKey, Forced)>) -> Self {
        let mut places = Table::default();
        forced.iter().enumerate().for_each(|(place, (key, _))| places.insert(*key, place));
        Self { forced, places, others: Vec::new(), counted: 0 }
    }

    /// The forced value of `key`.
    #[inline]
    pub(super) fn get(&self, key: &ChoiceKey) -> Option<u64> {
        let forced = self.places.get(key).map(|place| self.forced[*place].1.value);
        forced.or_else(|| self.of_others(key))
    }

    /// The forced value of `key`, which is drawn now.
    #[inline]
    pub(super) fn take(&mut self, key: &ChoiceKey) -> Option<u64> {
        // Nothing is forced in most runs.
        if self.forced.is_empty() && self.others.is_empty() { None } else { self.look_up(key) }
    }

    #[inline(never)]
    fn look_up(&mut self, key: &ChoiceKey) -> Option<u64> {
        if let Some(place) = self.places.get(key) {
            let forced = &mut self.forced[*place].1;
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

    /// The sites at which a choice is forced or all are counted, as a set of bits.
    pub(in crate::kernel) fn sites(&self) -> u128 {
        let others = self.others.iter().map(|(site, _)| site);
        let forced = self.forced.iter().map(|(key, _)| &key.site);
        forced.chain(others).fold(self.counted, |all, s| all | 1 << s.index())
    }
}

impl FromIterator<(ChoiceKey, u64)> for Overrides {
    fn from_iter<I: IntoIterator<Item = (ChoiceKey, u64)>>(forced: I) -> Self {
        // Of several values of a key the last one counts.
        let forced: BTreeMap<ChoiceKey, u64> = forced.into_iter().collect();
        let forced = forced.into_iter().map(|(key, value)| (key, Forced { value, drawn: false }));
        Self::of(forced.collect())
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
    fn one_more_keeps_what_is_known_of_the_others() {
        let mut forced = Overrides::from_iter([(key(0), 5), (key(7), 6)]).with_others(SITE, 1);
        forced.take(&key(0));
        let more = forced.and(key(3), 9);
        assert_eq!([0, 3, 7, 8].map(|nth| more.get(&key(nth))), [Some(5), Some(9), Some(6), None]);
        assert_eq!(more.undrawn().collect::<Vec<_>>(), [key(3), key(7)]);
        assert_eq!(more.and(key(3), 2).get(&key(3)), Some(2), "the last value counts");
    }

    #[test]
    fn others_of_a_site_take_its_value() {
        let mut forced = Overrides::from_iter([(key(0), 0)]).with_others(SITE, 1);
        assert_eq!((forced.take(&key(0)), forced.take(&key(1))), (Some(0), Some(1)));
        assert_eq!(forced.sites(), 1 << SITE.index());
    }

    #[test]
    fn where_choices_are_counted_nothing_is_forced() {
        let mut counted = Overrides::default().counting(SITE);
        assert_eq!((counted.take(&key(0)), counted.sites()), (None, 1 << SITE.index()));
        assert_eq!(counted.and(key(0), 1).sites(), 1 << SITE.index(), "that of the choice");
        assert_ne!(counted, Overrides::default());
    }
}

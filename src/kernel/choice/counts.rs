//! Counters by 64-bit key, in open-addressing tables.
//!
//! Keys are well mixed, so their bits are the index and nothing is hashed again. Two things whose keys
//! collide share a counter, which is as deterministic as having one each. The tables are never iterated.
//!
//! A run counts about as many things as it sends messages, and forgets none. From hundreds of thousands of keys on, new
//! ones are kept with the others of their entity: what is counted together is about one entity, and lies together.

mod groups;

use groups::Groups;

use crate::kernel::name::Entity;

const EMPTY: u64 = 0;

/// The number of slots at first, enough for the shortest runs, so that few tables grow.
const FEW: usize = 256;
/// Up to how many slots the first table grows, to four times its size, which takes more memory and less time.
const SOME: usize = 1 << 18;

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    slots: Vec<(u64, u32)>,
    used: usize,
    /// The counters for which the first table has no room, and those that have moved from there.
    others: Option<Box<Groups>>,
}

impl Counts {
    /// Counts `key`, which is about `entity`; how often it was counted before.
    #[inline]
    pub(crate) fn next(&mut self, entity: Entity, key: u64) -> u32 {
        let key = if key == EMPTY { 1 } else { key };
        if self.is_full() {
            if self.slots.len() >= SOME {
                return self.next_of_many(entity, key);
            }
            self.grow();
        }
        let at = self.find(key);
        let before = self.slots[at].1;
        self.used += usize::from(before == 0);
        self.slots[at] = (key, before.saturating_add(1));
        before
    }

    /// Counts a key when the first table is full. One that is there moves to its entity.
    fn next_of_many(&mut self, entity: Entity, key: u64) -> u32 {
        let mut others = self.others.take().unwrap_or_default();
        let before = others.next(entity, key, || self.slots[self.find(key)].1);
        self.others = Some(others);
        before
    }

    const fn is_full(&self) -> bool {
        self.used * 4 >= self.slots.len() * 3
    }

    /// The place of `key`, or the empty one in which it belongs.
    #[inline]
    fn find(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at].0 != key && self.slots[at].0 != EMPTY {
            at = (at + 1) & mask;
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        let slots = (self.slots.len() * 4).max(FEW);
        let old = std::mem::replace(&mut self.slots, vec![(EMPTY, 0); slots]);
        for (key, count) in old.into_iter().filter(|(key, _)| *key != EMPTY) {
            let at = self.find(key);
            self.slots[at] = (key, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(nth: u64) -> u64 {
        nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 << 60
    }

    /// Counts the nth key; about ten keys are about one entity.
    fn next(counts: &mut Counts, nth: u64) -> u32 {
        counts.next(Entity(key(nth / 10)), key(nth))
    }

    #[test]
    fn each_key_counts_for_itself_through_growth() {
        let mut counts = Counts::default();
        for round in 0..3 {
            for nth in 0..1000 {
                assert_eq!(next(&mut counts, nth), round);
            }
        }
    }

    #[test]
    fn each_key_counts_for_itself_beyond_the_first_table() {
        let mut counts = Counts::default();
        for nth in 0..2000 {
            assert_eq!(next(&mut counts, nth), 0);
        }
        assert!(counts.others.is_none());
        for round in 0..3 {
            for nth in 2000..400_000 {
                assert_eq!(next(&mut counts, nth), round);
            }
        }
        assert!(counts.others.is_some());
        assert!((0..2000).all(|nth| next(&mut counts, nth) == 1), "of the first table");
    }

    #[test]
    fn a_counter_goes_on_when_it_moves_and_may_be_greater_than_a_byte() {
        for begun in [0, 100, 700] {
            let mut counts = Counts::default();
            (0..begun).for_each(|round| assert_eq!(next(&mut counts, 0), round));
            (1..300_000).for_each(|nth| assert_eq!(next(&mut counts, nth), 0));
            (begun..1000).for_each(|round| assert_eq!(next(&mut counts, 0), round));
            (300_000..400_000).for_each(|nth| assert_eq!(next(&mut counts, nth), 0));
            (1000..2000).for_each(|round| assert_eq!(next(&mut counts, 0), round));
        }
    }
}

//! Counters by 64-bit key, in open-addressing tables.
//!
//! Keys are well mixed, so their bits are the index and nothing is hashed again. Two things whose keys
//! collide share a counter, which is as deterministic as having one each. The tables are never iterated.
//!
//! A run counts about as many things as it sends messages, and forgets none. From hundreds of thousands of keys on they are
//! spread over many small tables, which together take eleven bytes a key and never grow by much at once.

use crate::collections::Table;

const EMPTY: u64 = 0;

/// The number of slots at first: enough for the shortest runs, so that few tables grow.
const FEW: usize = 256;
/// Up to how many slots the first table grows, to four times its size, which takes more memory and less time.
const SOME: usize = 1 << 18;

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    slots: Vec<(u64, u32)>,
    used: usize,
    /// The tables that take the place of the first one.
    many: Option<Box<Many>>,
}

/// A table for each value of the first byte of a key.
#[derive(Clone, Debug)]
struct Many {
    shards: [Shard; 256],
    /// By how much counters are greater than what fits into a slot.
    over: Table<u64, u32>,
}

/// Each slot has the last seven bytes of a key and a byte that counts; it is empty if that is 0.
#[derive(Clone, Debug, Default)]
struct Shard {
    slots: Vec<u64>,
    used: usize,
}

/// How often a key is counted in its slot.
const IN_SLOT_MAX: u64 = 0xFF;

impl Counts {
    /// Counts `key`; how often it was counted before.
    #[inline]
    pub(crate) fn next(&mut self, key: u64) -> u32 {
        let key = if key == EMPTY { 1 } else { key };
        if let Some(many) = &mut self.many {
            return many.next(key);
        }
        if self.used * 4 >= self.slots.len() * 3 {
            self.grow();
            return self.next(key);
        }
        let slot = self.slot_of(key);
        let before = slot.1;
        *slot = (key, before.saturating_add(1));
        self.used += usize::from(before == 0);
        before
    }

    /// The slot of `key`, or the empty one in which it belongs.
    #[inline]
    fn slot_of(&mut self, key: u64) -> &mut (u64, u32) {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at].0 != key && self.slots[at].0 != EMPTY {
            at = (at + 1) & mask;
        }
        &mut self.slots[at]
    }

    #[cold]
    fn grow(&mut self) {
        let slots = self.slots.len();
        let old = std::mem::take(&mut self.slots);
        let old = old.into_iter().filter(|(key, _)| *key != EMPTY);
        if slots >= SOME {
            let mut many = Many::new();
            old.for_each(|(key, count)| many.set(key, count));
            self.many = Some(Box::new(many));
        } else {
            self.slots = vec![(EMPTY, 0); (slots * 4).max(FEW)];
            old.for_each(|(key, count)| *self.slot_of(key) = (key, count));
        }
    }
}

impl Many {
    fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Shard::default()), over: Table::default() }
    }

    #[inline]
    fn next(&mut self, key: u64) -> u32 {
        let slot = self.shards[(key >> 56) as usize].slot(key);
        let before = *slot & IN_SLOT_MAX;
        if before == IN_SLOT_MAX {
            return self.next_over(key);
        }
        *slot = key << 8 | (before + 1);
        before as u32
    }

    #[cold]
    fn next_over(&mut self, key: u64) -> u32 {
        let over = self.over.get_or_insert_with(key, || 0);
        let before = over.saturating_add(IN_SLOT_MAX as u32);
        *over = over.saturating_add(1);
        before
    }

    /// Sets a counter that is at least 1.
    fn set(&mut self, key: u64, count: u32) {
        let in_slot = u64::from(count).min(IN_SLOT_MAX);
        *self.shards[(key >> 56) as usize].slot(key) = key << 8 | in_slot;
        if u64::from(count) > in_slot {
            self.over.insert(key, count - in_slot as u32);
        }
    }
}

impl Shard {
    /// The slot of `key`, or an empty one that it gets now.
    #[inline]
    fn slot(&mut self, key: u64) -> &mut u64 {
        if self.used * 6 >= self.slots.len() * 5 {
            self.grow();
        }
        let at = self.find(key);
        self.used += usize::from(self.slots[at] == EMPTY);
        &mut self.slots[at]
    }

    /// The place of `key`, or where it belongs.
    #[inline]
    fn find(&self, key: u64) -> usize {
        let mut at = (((key & 0xFFFF_FFFF) * self.slots.len() as u64) >> 32) as usize;
        while self.slots[at] >> 8 != key << 8 >> 8 && self.slots[at] != EMPTY {
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        let slots = (self.slots.len() + self.slots.len() / 4).max(32);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        for slot in old.into_iter().filter(|slot| *slot != EMPTY) {
            let at = self.find(slot >> 8);
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(nth: u64) -> u64 {
        nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 << 60
    }

    #[test]
    fn each_key_counts_for_itself_through_growth() {
        let mut counts = Counts::default();
        for round in 0..3 {
            for nth in 0..1000 {
                assert_eq!(counts.next(key(nth)), round);
            }
        }
    }

    #[test]
    fn each_key_counts_for_itself_in_many_tables() {
        let mut counts = Counts::default();
        for nth in 0..2000 {
            assert_eq!(counts.next(key(nth)), 0);
        }
        assert!(counts.many.is_none());
        for round in 0..3 {
            for nth in 2000..300_000 {
                assert_eq!(counts.next(key(nth)), round);
            }
        }
        assert!(counts.many.is_some());
        assert!((0..2000).all(|nth| counts.next(key(nth)) == 1), "of the first table");
    }

    #[test]
    fn a_counter_may_grow_beyond_its_slot() {
        for before in [0, 300_000] {
            let mut counts = Counts::default();
            (0..700).for_each(|round| assert_eq!(counts.next(0), round));
            (1..before).for_each(|nth| assert_eq!(counts.next(key(nth)), 0));
            (700..2000).for_each(|round| assert_eq!(counts.next(0), round));
        }
    }
}

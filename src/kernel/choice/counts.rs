//! Counters by 64-bit key, in an open-addressing table.
//!
//! Keys are well mixed, so their low bits are the index and nothing is hashed again. Two things whose keys
//! collide share a counter, which is as deterministic as having one each. The table is never iterated.

const EMPTY: u64 = 0;

/// The number of slots at first: enough for the shortest runs, so that few tables grow.
const FEW: usize = 256;
/// Up to how many slots a table grows to four times its size, which takes more memory and less time.
const SOME: usize = 4096;

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Counts {
    /// Counts `key`; how often it was counted before.
    #[inline]
    pub(crate) fn next(&mut self, key: u64) -> u32 {
        let key = if key == EMPTY { 1 } else { key };
        if self.used * 4 >= self.slots.len() * 3 {
            self.grow();
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
        let capacity = (slots * if slots < SOME { 4 } else { 2 }).max(FEW);
        let old = std::mem::replace(&mut self.slots, vec![(EMPTY, 0); capacity]);
        for (key, count) in old.into_iter().filter(|(key, _)| *key != EMPTY) {
            *self.slot_of(key) = (key, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_counts_for_itself_through_growth() {
        let mut counts = Counts::default();
        for round in 0..3 {
            for key in 0..1000_u64 {
                assert_eq!(counts.next(key.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 << 60), round);
            }
        }
    }
}

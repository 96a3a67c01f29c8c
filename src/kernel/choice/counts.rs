//! How often each thing was counted: an open-addressing table from a mixed key to a number.
//!
//! Keys arrive well mixed, so the low bits index and nothing is hashed again. Two things whose 64-bit
//! keys collide would share a counter, which is as deterministic as having one each. The table is
//! never iterated.

const EMPTY: u64 = 0;

/// Counters by mixed key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Counts {
    /// The number of times `key` was counted before this time.
    #[inline]
    pub(crate) fn next(&mut self, key: u64) -> u32 {
        let key = if key == EMPTY { 1 } else { key };
        if self.used * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.0 == key {
                let before = slot.1;
                slot.1 = before.saturating_add(1);
                return before;
            }
            if slot.0 == EMPTY {
                *slot = (key, 1);
                self.used += 1;
                return 0;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let capacity = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![(EMPTY, 0); capacity]);
        let mask = capacity - 1;
        for (key, count) in old {
            if key == EMPTY {
                continue;
            }
            let mut at = key as usize & mask;
            while self.slots[at].0 != EMPTY {
                at = (at + 1) & mask;
            }
            self.slots[at] = (key, count);
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

//! Keys: due time, creation number and slot of a payload, in 128 bits.

use super::MAX_PENDING;
use crate::kernel::time::Instant;

const SLOT_BITS: u32 = MAX_PENDING.ilog2();
const SEQ_BITS: u32 = 64 - SLOT_BITS;

/// Due time (64 bits), creation number (40) and slot (24): one comparison of integers is the whole order.
/// The slot never decides, because no two keys have the same creation number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    /// Greater than every key; fills the empty places of a heap.
    pub(super) const NONE: Self = Self(u128::MAX);

    /// The key of a payload in `slot`, with a creation number that no other key has.
    #[inline]
    pub(super) fn new(at: Instant, seq: u64, slot: u32) -> Self {
        assert!(seq < (1 << SEQ_BITS) - 1, "fewer than 2^40 occurrences in one run");
        let low = seq << SLOT_BITS | u64::from(slot);
        Self(u128::from(at.as_nanos()) << 64 | u128::from(low))
    }

    /// The same key with another due time.
    pub(super) fn moved(self, at: Instant) -> Self {
        Self(u128::from(at.as_nanos()) << 64 | u128::from(self.0 as u64))
    }

    pub(super) const fn at(self) -> u64 {
        (self.0 >> 64) as u64
    }

    pub(super) const fn slot(self) -> u32 {
        (self.0 as u64 & ((1 << SLOT_BITS) - 1)) as u32
    }
}
